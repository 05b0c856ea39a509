"""Gradient clipping: by the norm of the whole gradient, and entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.settings import Settings

Array = NDArray[np.floating[Any]]
Call = Callable[[], Any]

NORM_GUARD = 1e-6
"""Added to the norm before the division, as torch.nn.utils.clip_grad_norm_ does."""


def clip_calls(gradient: Array, settings: Settings) -> list[Call]:
    """Return the calls that clip a gradient in place: first by norm, then by value; none where both are off.

    By norm, as torch.nn.utils.clip_grad_norm_: g <- g min(1, clip_norm / (|g| + 1e-6)).
    By value, as torch.nn.utils.clip_grad_value_: every entry between -clip_value and clip_value.

    Parameters
    ----------
    gradient : ndarray of shape (n_parameters,)
    settings : Settings

    References
    ----------
    Pascanu, Mikolov and Bengio (2013), "On the difficulty of training recurrent neural networks", algorithm 1.
    """
    calls: list[Call] = []
    if settings.clip_norm is not None:
        calls.append(partial(_clip_norm, gradient, settings.clip_norm))
    if settings.clip_value is not None:
        lowest, highest = (np.array(bound, dtype=gradient.dtype) for bound in (-settings.clip_value, settings.clip_value))
        calls.append(partial(np.minimum, gradient, highest, out=gradient))
        calls.append(partial(np.maximum, gradient, lowest, out=gradient))
    return calls


def _clip_norm(gradient: Array, longest: float) -> None:
    """Scale a gradient that is too long; one that is not finite stays as it is, for whoever looks for it."""
    share = longest / (_norm(gradient) + NORM_GUARD)
    if 0.0 < share < 1.0:
        np.multiply(gradient, share, gradient)


def _norm(gradient: Array) -> float:
    """Return the Euclidean norm, also where the sum of squares overflows; nan where an entry is not finite."""
    square = float(gradient.dot(gradient))
    if isfinite(square):
        return sqrt(square)
    largest = float(np.abs(gradient).max())
    scaled = gradient / largest
    return largest * sqrt(float(scaled.dot(scaled)))
