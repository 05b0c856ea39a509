"""Normalisation of a hidden layer's pre-activations, over the batch or over the layer's units, for training and for evaluation.

    x = (z - mean) / sqrt(variance + epsilon),   y = scale x + shift

Batch normalisation takes mean and variance over the samples of the batch, unit by unit, and keeps running averages of them for
evaluation; layer normalisation takes them over the units, sample by sample, always.

References
----------
Ioffe and Szegedy (2015), "Batch normalization: accelerating deep network training by reducing internal covariate shift",
algorithms 1 and 2. Ba, Kiros and Hinton (2016), "Layer normalization", eq. 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.activations import Calls
from engine.number_cell import cell

Array = NDArray[np.floating[Any]]

EPSILON = 1e-5
RUNNING_SHARE = 0.1
"""Share of the running averages that a batch replaces; both numbers as torch has them."""


class NormalizationView(NamedTuple):
    """Views of one layer's normalisation in a flat vector, each of shape (n_units,); the running averages only for batches."""

    scale: Array
    shift: Array
    running_mean: Array | None
    running_variance: Array | None


def n_vectors(normalization: str) -> int:
    """Return how many numbers per unit a normalisation keeps in the flat vector."""
    return {"none": 0, "layer": 2, "batch": 4}[normalization]


def normalized(z: Array, view: NormalizationView) -> Array:
    """Return y for evaluation: batch normalisation with its running averages.

    Parameters
    ----------
    z : ndarray of shape (n_units, n_samples)
    """
    if view.running_mean is None or view.running_variance is None:
        x = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + z.dtype.type(EPSILON))
    else:
        deviation = np.sqrt(view.running_variance + z.dtype.type(EPSILON))
        x = (z - view.running_mean[:, None]) / deviation[:, None]
    y: Array = view.scale[:, None] * x + view.shift[:, None]
    return y


@dataclass(frozen=True)
class NormalizationCalls:
    """The bound calls of one layer.

    Attributes
    ----------
    forward : list of callables
        Write y into the buffer that held z.
    backward : list of callables
        Turn dL/dy in the delta into dL/dz, and write the gradient of scale and shift.
    x : ndarray of shape (n_units, n_samples)
        The normalised values.
    """

    forward: Calls
    backward: Calls
    x: Array


def batch_calls(z: Array, delta: Array, parameters: NormalizationView, gradient: NormalizationView) -> NormalizationCalls:
    """Bind batch normalisation in training.

    A batch of a single row, the rest of an epoch, has no variance: it goes by the running averages and leaves them alone.

    Parameters
    ----------
    z, delta : ndarray of shape (n_units, n_samples)
    parameters, gradient : NormalizationView
    """
    assert parameters.running_mean is not None
    assert parameters.running_variance is not None
    x, product = np.empty_like(z), np.empty_like(z)
    mean, variance, factor = (np.empty(len(z), dtype=z.dtype) for _ in range(3))
    n_samples = z.shape[1]
    means = np.full(n_samples, 1.0 / n_samples, dtype=z.dtype)
    if n_samples == 1:
        forward: Calls = [
            partial(np.subtract, z, parameters.running_mean[:, None], x),
            partial(np.copyto, variance, parameters.running_variance),
        ]
    else:
        forward = [
            partial(z.dot, means, mean),
            partial(np.subtract, z, mean[:, None], x),
            partial(np.multiply, x, x, product),
            partial(product.dot, means, variance),
            *_moving(parameters.running_mean, mean, 1.0),
            *_moving(parameters.running_variance, variance, n_samples / (n_samples - 1.0)),
        ]
    forward += [
        partial(np.add, variance, cell(EPSILON, z), variance),
        partial(np.sqrt, variance, variance),
        partial(np.divide, x, variance[:, None], x),
        *_scaled(x, parameters, z),
    ]
    backward: Calls = _parameter_gradients(x, delta, product, gradient)
    if n_samples > 1:
        share = cell(1.0 / n_samples, z)
        backward += [
            partial(np.multiply, gradient.scale, share, factor),
            partial(np.multiply, x, factor[:, None], product),
            partial(np.subtract, delta, product, delta),
            partial(np.multiply, gradient.shift, share, factor),
            partial(np.subtract, delta, factor[:, None], delta),
        ]
    backward += [partial(np.divide, parameters.scale, variance, factor), partial(np.multiply, delta, factor[:, None], delta)]
    return NormalizationCalls(forward, backward, x)


def layer_calls(z: Array, delta: Array, parameters: NormalizationView, gradient: NormalizationView) -> NormalizationCalls:
    """Bind layer normalisation, the same in training and evaluation.

    Parameters
    ----------
    z, delta : ndarray of shape (n_units, n_samples)
    parameters, gradient : NormalizationView
    """
    n_units, n_samples = z.shape
    x, product = np.empty_like(z), np.empty_like(z)
    mean, deviation = (np.empty((1, n_samples), dtype=z.dtype) for _ in range(2))
    means = np.full((1, n_units), 1.0 / n_units, dtype=z.dtype)
    forward: Calls = [
        partial(means.dot, z, mean),
        partial(np.subtract, z, mean, x),
        partial(np.multiply, x, x, product),
        partial(means.dot, product, deviation),
        partial(np.add, deviation, cell(EPSILON, z), deviation),
        partial(np.sqrt, deviation, deviation),
        partial(np.divide, x, deviation, x),
        *_scaled(x, parameters, z),
    ]
    backward: Calls = [
        *_parameter_gradients(x, delta, product, gradient),
        partial(np.multiply, delta, parameters.scale[:, None], delta),
        partial(np.multiply, delta, x, product),
        partial(means.dot, product, mean),
        partial(np.multiply, x, mean, product),
        partial(means.dot, delta, mean),
        partial(np.subtract, delta, mean, delta),
        partial(np.subtract, delta, product, delta),
        partial(np.divide, delta, deviation, delta),
    ]
    return NormalizationCalls(forward, backward, x)


def _moving(average: Array, value: Array, factor: float) -> Calls:
    """Move an average a tenth of the way to `factor` times a value."""
    change = np.empty_like(value)
    return [
        partial(np.multiply, value, cell(RUNNING_SHARE * factor, value), change),
        partial(np.multiply, average, cell(1.0 - RUNNING_SHARE, value), average),
        partial(np.add, average, change, average),
    ]


def _scaled(x: Array, parameters: NormalizationView, y: Array) -> Calls:
    return [partial(np.multiply, x, parameters.scale[:, None], y), partial(np.add, y, parameters.shift[:, None], y)]


def _parameter_gradients(x: Array, delta: Array, product: Array, gradient: NormalizationView) -> Calls:
    """Write dL/dscale = sum over samples of dL/dy x, and dL/dshift = sum over samples of dL/dy."""
    ones = np.ones(delta.shape[1], dtype=delta.dtype)
    return [
        partial(np.multiply, x, delta, product),
        partial(product.dot, ones, gradient.scale),
        partial(delta.dot, ones, gradient.shift),
    ]
