"""Losses of stacks of networks, summed over samples: by the engine's own formulas in float64, by fast ones in float32."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.landscape.kernels import softplus
from engine.losses import LossOptions, losses_per_sample, sample_weights
from engine.network import NetworkSpec

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]

LossSums = Callable[[Array], Float64Array]
"""Take outputs of shape (n_points, n_outputs, n_samples), which may be overwritten; return one sum per point."""

Values = Callable[[Array, Array, LossOptions], Array]
"""Write into the outputs, or return anew, values of shape (n_points, n, n_samples) whose mean over n is each sample's loss."""


def loss_sums_for(spec: NetworkSpec, targets: Array) -> LossSums:
    """Return the function from outputs to sums of the loss over samples, class weights included.

    Parameters
    ----------
    targets : ndarray of shape (n_outputs, n_samples)
        In the precision of the outputs to come.
    """
    name, options = spec.loss, spec.loss_options
    if targets.dtype == np.float32 and name in FAST_LOSSES:
        weights = sample_weights(name, targets, options) if options.class_weights else None
        return partial(_fast_sums, FAST_LOSSES[name], targets, options, weights)
    return partial(_exact_sums, name, targets, options)


def _exact_sums(name: str, targets: Array, options: LossOptions, output: Array) -> Float64Array:
    """Return the sums by the engine's own formula, whose first axis is that of the outputs."""
    per_sample = losses_per_sample(name, np.moveaxis(output, 1, 0), targets[:, None, :], options)
    return np.asarray(per_sample.sum(axis=-1), dtype=np.float64)


def _fast_sums(values: Values, targets: Array, options: LossOptions, weights: Array | None, output: Array) -> Float64Array:
    losses = values(output, targets, options)
    if weights is not None:
        losses *= weights
    return np.asarray(losses.reshape(len(losses), -1).sum(axis=1), dtype=np.float64) / float(losses.shape[1])


def _mse(output: Array, targets: Array, options: LossOptions) -> Array:
    np.subtract(output, targets, out=output)
    return np.square(output, out=output)


def _mae(output: Array, targets: Array, options: LossOptions) -> Array:
    np.subtract(output, targets, out=output)
    return np.abs(output, out=output)


def _bce(output: Array, signs: Array, options: LossOptions) -> Array:
    """Write softplus(u) - (e / 2) u with u = s z and the label smoothing e."""
    np.multiply(output, signs, out=output)
    smoothed = output * output.dtype.type(0.5 * options.label_smoothing) if options.label_smoothing else None
    softplus(output)
    if smoothed is not None:
        output -= smoothed
    return output


def _cross_entropy(output: Array, targets: Array, options: LossOptions) -> Array:
    """Return log(sum_k exp(z_k)) - sum_k y_k z_k, shifted by the largest z so that it can't overflow."""
    output -= output.max(axis=1, keepdims=True)
    right = (output * targets).sum(axis=1, keepdims=True)
    np.exp(output, out=output)
    per_sample: Array = np.log(output.sum(axis=1, keepdims=True))
    per_sample -= right
    return per_sample


FAST_LOSSES: dict[str, Values] = {"mse": _mse, "mae": _mae, "bce": _bce, "cross_entropy": _cross_entropy}
