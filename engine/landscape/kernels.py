"""Activations and losses for stacks of networks, shape (n_points, n_units, n_samples): exact in float64, fast in float32.

The exact kernels are the engine's own functions. The fast ones rest on one identity,
    tanh(z) = 2 s(-2 z) - 1   and   sigmoid(z) = s(-z)   with   s(x) = 1 / (1 + exp(x)),
so that both cost one exponential, one addition and one division in place: the factors go into the layer's own matrix, gain
and offset into the next one's. All this is linear in the parameters, so it is done once for a plane's three vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.losses import LOSSES
from engine.network import NetworkSpec

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]
Apply = Callable[[Array], Any]
LossSums = Callable[[Array, Array], Float64Array]


@dataclass(frozen=True)
class Kernel:
    """An activation split into factors for the matrices around it and a function in place between them.

    a = gain * r + offset, where r is `apply` on scale * z. Where `after_exponential` is given, it does the same to
    exp(scale * z).
    """

    apply: Apply
    after_exponential: Apply | None = None
    scale: float = 1.0
    gain: float = 1.0
    offset: float = 0.0


def _logistic_of_negative(x: Array) -> None:
    """Replace x by 1 / (1 + exp(x)); an exponential that overflows gives the right limit, 0."""
    np.exp(x, out=x)
    _reciprocal_of_successor(x)


def _reciprocal_of_successor(e: Array) -> None:
    """Replace e by 1 / (1 + e)."""
    np.add(e, 1.0, out=e)
    np.divide(1.0, e, out=e)


def _relu(z: Array) -> None:
    """Replace z by max(z, 0); NumPy is three times faster with an array of zeros than with a scalar."""
    np.maximum(z, np.zeros(z.shape[-1], z.dtype), out=z)


def _in_place(name: str) -> Apply:
    function = ACTIVATIONS[name].function
    return lambda z: function(z, z)


def _nothing(z: Array) -> None:
    """Leave z as it is."""


FAST_KERNELS: dict[str, Kernel] = {
    "tanh": Kernel(_logistic_of_negative, _reciprocal_of_successor, scale=-2.0, gain=2.0, offset=-1.0),
    "sigmoid": Kernel(_logistic_of_negative, _reciprocal_of_successor, scale=-1.0),
    "relu": Kernel(_relu),
    "identity": Kernel(_nothing),
}


def kernels_for(spec: NetworkSpec, dtype: np.dtype[Any]) -> list[Kernel]:
    """Return one kernel per layer: the engine's own functions in float64 and for activations without a fast form."""
    fast = FAST_KERNELS if dtype == np.float32 else {}
    return [fast.get(name) or Kernel(_in_place(name)) for name in spec.activations]


def folded_stacks(spec: NetworkSpec, vectors: Sequence[Array], kernels: list[Kernel]) -> list[Float64Array]:
    """Return every layer's matrices in all `vectors`, with the kernels' factors put in.

    Returns
    -------
    list of ndarray of shape (n_vectors, fan_in + 1, fan_out)
        One per layer, bias last. Linear in the vectors, so directions are folded as parameters are.
    """
    stacks = []
    gain, offset = 1.0, 0.0
    for layer, kernel in enumerate(kernels):
        stack = np.stack([spec.views(vector)[layer].matrix for vector in vectors]).astype(np.float64, copy=False)
        if (gain, offset) != (1.0, 0.0):
            stack[:, -1] += offset * stack[:, :-1].sum(axis=1)
            stack[:, :-1] *= gain
        if kernel.scale != 1.0:
            stack *= kernel.scale
        stacks.append(stack)
        gain, offset = kernel.gain, kernel.offset
    return stacks


def _exact_sums(name: str, output: Array, targets: Array) -> Float64Array:
    """Return the sums over samples by the engine's own formula, whose first axis is that of the outputs."""
    per_sample = LOSSES[name].per_sample(np.moveaxis(output, 1, 0), targets[:, None, :])
    return np.asarray(per_sample.sum(axis=-1), dtype=np.float64)


def _sums(values: Array) -> Float64Array:
    """Return one sum per point, over all other axes."""
    return np.asarray(values.reshape(len(values), -1).sum(axis=1), dtype=np.float64)


def _mse_sums(output: Array, targets: Array) -> Float64Array:
    np.subtract(output, targets, out=output)
    np.square(output, out=output)
    return _sums(output) / float(output.shape[1])


def _log_1_plus(e: Array) -> Array:
    """Return log(1 + e) for e in [0, 1], right to the last digits, three times faster than `np.log1p`.

    With u = 1 + e rounded, log(1 + e) = log(u) + (e - (u - 1)) / u to first order in what rounding lost. That counts only where
    e is small; there u is 1 and need not be divided by.
    """
    u = e + 1.0
    lost = u - 1.0
    np.subtract(e, lost, out=lost)
    np.log(u, out=u)
    u += lost
    return u


def _bce_sums(output: Array, targets: Array) -> Float64Array:
    """Sum softplus(z) - y z with softplus(z) = max(z, 0) + log(1 + exp(-|z|))."""
    softplus = np.copysign(output, -1.0)
    np.exp(softplus, out=softplus)
    softplus = _log_1_plus(softplus)
    linear = np.multiply(output, targets)
    _relu(output)
    np.subtract(output, linear, out=output)
    np.add(output, softplus, out=output)
    return _sums(output) / float(output.shape[1])


def _cross_entropy_sums(output: Array, targets: Array) -> Float64Array:
    """Sum log(sum_k exp(z_k)) - sum_k y_k z_k, shifted by the largest z so that it can't overflow."""
    output -= output.max(axis=1, keepdims=True)
    right = (output * targets).sum(axis=1)
    np.exp(output, out=output)
    per_sample = np.log(output.sum(axis=1))
    per_sample -= right
    return _sums(per_sample)


FAST_LOSSES: dict[str, LossSums] = {"mse": _mse_sums, "bce": _bce_sums, "cross_entropy": _cross_entropy_sums}


def loss_sums_for(spec: NetworkSpec, dtype: np.dtype[Any]) -> LossSums:
    """Return the function (output, targets) -> sums of the loss over samples, shape (n_points,); it may overwrite `output`.

    `output` has the shape (n_points, n_outputs, n_samples), `targets` (n_outputs, n_samples).
    """
    if dtype == np.float32 and spec.loss in FAST_LOSSES:
        return FAST_LOSSES[spec.loss]
    return partial(_exact_sums, spec.loss)
