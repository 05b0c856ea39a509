"""The decaying means of the gradient and of its square, which Adam and NAdam share."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.optimizers.update import Array, Call, StateVector


def moment_vectors(beta_1: float, beta_2: float) -> tuple[StateVector, StateVector]:
    """Return what the two vectors of the state are."""
    return StateVector("mean of gradients", 1.0 - beta_1), StateVector("mean of squared gradients", 1.0 - beta_2)


def moment_calls(gradient_and_square: Array, moments: Array, beta_1: float, beta_2: float) -> list[Call]:
    """Return the calls that take the gradient into both means.

    They are kept as sums, M <- beta_1 M + g and V <- beta_2 V + g^2, which are m / (1 - beta_1) and v / (1 - beta_2) of the
    textbook. Both have the same form, so they move as one vector of length 2 n_parameters: two calls for both.

    Parameters
    ----------
    gradient_and_square : ndarray of shape (2 * n_parameters,)
        The gradient, and behind it place for its square.
    moments : ndarray of shape (2 * n_parameters,)
    """
    gradient, square = gradient_and_square.reshape(2, -1)
    betas = np.repeat(np.array([beta_1, beta_2], dtype=moments.dtype), len(gradient))
    return [
        partial(np.multiply, gradient, gradient, square),
        partial(np.multiply, moments, betas, moments),
        partial(np.add, moments, gradient_and_square, moments),
    ]
