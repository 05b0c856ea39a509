"""Loss functions: each a named pair of the loss and its derivative, in one table.

Outputs and targets have the shape (n_outputs, n_samples). Losses are means over the samples of a batch; binary and
softmax cross-entropy start from the logits z, so that no probability is ever rounded to 0 or 1 on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Loss:
    """A loss and its derivative.

    Attributes
    ----------
    name : str
    title : str
        For display.
    display_activation : str or None
        For losses from logits (the output layer's z) the function that turns them into the probabilities shown; None for losses
        that take the output layer's activation a, which is shown as it is.
    value_and_delta : callable (output, targets, delta, scratch) -> float
        Return the mean loss and write dL/d(output) into `delta`.
    per_sample : callable (output, targets) -> ndarray of shape (n_samples,)
        The loss of each sample.
    """

    name: str
    title: str
    display_activation: str | None
    value_and_delta: Callable[[Array, Array, Array, Array], float]
    per_sample: Callable[[Array, Array], Array]


def _mse(output: Array, targets: Array, delta: Array, scratch: Array) -> float:
    """L = mean (a - y)^2 over samples and outputs; dL/da = 2 (a - y) / count."""
    np.subtract(output, targets, delta)
    flat = delta.ravel()
    value = float(flat.dot(flat)) / delta.size
    np.multiply(delta, 2.0 / delta.size, delta)
    return value


def _mse_per_sample(output: Array, targets: Array) -> Array:
    losses: Array = np.square(output - targets).mean(axis=0)
    return losses


def _bce(output: Array, targets: Array, delta: Array, scratch: Array) -> float:
    """L = mean softplus(u) with u = (1 - 2 y) z for labels y of 0 and 1; dL/dz = (1 - 2 y) sigmoid(u) / n.

    The sign is taken into u so that a small loss is small from the start: softplus(z) - y z would cancel. logaddexp(0, u) is
    softplus(u), and sigmoid(u) = exp(u - softplus(u)) never overflows.
    """
    np.multiply(targets, -2.0, delta)
    np.add(delta, 1.0, delta)
    np.multiply(delta, output, scratch)
    losses = np.logaddexp(0.0, scratch)
    np.subtract(scratch, losses, scratch)
    np.exp(scratch, scratch)
    np.multiply(delta, scratch, delta)
    np.multiply(delta, 1.0 / delta.size, delta)
    return float(np.add.reduce(losses, None)) / delta.size


def _bce_per_sample(output: Array, targets: Array) -> Array:
    losses: Array = np.logaddexp(0.0, (1.0 - 2.0 * targets) * output).mean(axis=0)
    return losses


def _cross_entropy(output: Array, targets: Array, delta: Array, scratch: Array) -> float:
    """L = mean -sum_k y_k log softmax(z)_k; dL/dz = (softmax(z) - y) / n, for targets that sum to 1."""
    np.subtract(output, np.maximum.reduce(output, 0), scratch)
    np.exp(scratch, delta)
    totals = np.add.reduce(delta, 0)
    np.divide(delta, totals, delta)
    np.subtract(delta, targets, delta)
    n_samples = output.shape[1]
    value = float(np.log(totals).sum()) - float(targets.ravel().dot(scratch.ravel()))
    np.multiply(delta, 1.0 / n_samples, delta)
    return value / float(n_samples)


def _cross_entropy_per_sample(output: Array, targets: Array) -> Array:
    shifted = output - output.max(axis=0)
    losses: Array = np.log(np.exp(shifted).sum(axis=0)) - (targets * shifted).sum(axis=0)
    return losses


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("mse", "mean squared error", None, _mse, _mse_per_sample),
        Loss("bce", "binary cross-entropy", "sigmoid", _bce, _bce_per_sample),
        Loss("cross_entropy", "softmax cross-entropy", "softmax", _cross_entropy, _cross_entropy_per_sample),
    )
}


def softmax(z: Array, out: Array) -> None:
    """Write softmax over the outputs (axis 0) into `out`, shifted by the maximum so that it can't overflow."""
    np.subtract(z, z.max(axis=0), out)
    np.exp(out, out)
    np.divide(out, out.sum(axis=0), out)
