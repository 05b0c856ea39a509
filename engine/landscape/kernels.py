"""Activations of stacks of networks, shape (n_points, n_units, n_samples): exact in float64, fast in float32.

The exact kernels are the engine's own functions. Most fast ones rest on one exponential. With s(x) = 1 / (1 + exp(x)),
    tanh(z) = 2 s(-2 z) - 1,   sigmoid(z) = s(-z),   SiLU(z) = z s(-z),   GELU in its tanh form = z s(-2 u(z)),
and ELU and SELU take exp(min(z, 0)). Factors go into the layer's own matrix, gain and offset into the next one's: all this is
linear in the parameters, so it is done once for a plane's three vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS, GELU_CUBIC, LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE
from engine.network import NetworkSpec

Array = NDArray[np.floating[Any]]
Apply = Callable[[Array], Any]

ERF_DECAY = 0.3275911
ERF_COEFFICIENTS = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
"""Of 1 - erf(x) = (a1 t + ... + a5 t^5) exp(-x^2) with t = 1 / (1 + p x), a5 first; right to 1.5e-7 for x >= 0.

References
----------
Abramowitz and Stegun (1964), "Handbook of mathematical functions", 7.1.26.
"""


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


def zeros_below(z: Array) -> Array:
    """Return zeros to compare with: NumPy is three times faster with an array of them than with a scalar."""
    return np.zeros(z.shape[-1], z.dtype)


def relu(z: Array) -> None:
    """Replace z by max(z, 0)."""
    np.maximum(z, zeros_below(z), out=z)


def _leaky_relu(z: Array) -> None:
    np.maximum(z, z * z.dtype.type(LEAKY_SLOPE), out=z)


def _exponential_unit(z: Array, alpha: float) -> None:
    """Replace z by max(z, 0) + alpha exp(min(z, 0))."""
    low = np.minimum(z, zeros_below(z))
    np.exp(low, out=low)
    if alpha != 1.0:
        low *= alpha
    relu(z)
    z += low


def _over_successor_of_exponential(x: Array, exponent: Array) -> None:
    """Replace x by x / (1 + exp(exponent)); `exponent` is overwritten."""
    np.exp(exponent, out=exponent)
    exponent += 1.0
    np.divide(x, exponent, out=x)


def _negative_silu(x: Array) -> None:
    """Replace x = -z by -z / (1 + exp(-z))."""
    _over_successor_of_exponential(x, x.copy())


def _gelu_tanh(z: Array) -> None:
    """Replace z by z / (1 + exp(-2 u)) with u = sqrt(2 / pi) (z + 0.044715 z^3)."""
    factor = -2.0 * sqrt(2.0 / pi)
    exponent = np.square(z)
    exponent *= factor * GELU_CUBIC
    exponent += factor
    exponent *= z
    _over_successor_of_exponential(z, exponent)


def _gelu(z: Array) -> None:
    """Replace z by z Phi(z) = max(z, 0) - |z| (1 - Phi(|z|)), the last factor being (1 - erf(|z| / sqrt(2))) / 2."""
    size = np.abs(z)
    t = size * z.dtype.type(ERF_DECAY / sqrt(2.0))
    t += 1.0
    np.divide(1.0, t, out=t)
    beyond = t * z.dtype.type(0.5 * ERF_COEFFICIENTS[0])
    for coefficient in ERF_COEFFICIENTS[1:]:
        beyond += 0.5 * coefficient
        beyond *= t
    np.square(z, out=t)
    t *= -0.5
    np.exp(t, out=t)
    beyond *= t
    beyond *= size
    relu(z)
    z -= beyond


def log_1_plus(e: Array) -> Array:
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


def softplus(z: Array) -> None:
    """Replace z by log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|))."""
    small = np.copysign(z, -1.0)
    np.exp(small, out=small)
    small = log_1_plus(small)
    relu(z)
    z += small


def _in_place(name: str) -> Apply:
    activation = ACTIVATIONS[name]
    return lambda z: activation.apply(z, z)


def _nothing(z: Array) -> None:
    """Leave z as it is."""


FAST_KERNELS: dict[str, Kernel] = {
    "tanh": Kernel(_logistic_of_negative, _reciprocal_of_successor, scale=-2.0, gain=2.0, offset=-1.0),
    "sigmoid": Kernel(_logistic_of_negative, _reciprocal_of_successor, scale=-1.0),
    "relu": Kernel(relu),
    "identity": Kernel(_nothing),
    "leaky_relu": Kernel(_leaky_relu),
    "elu": Kernel(partial(_exponential_unit, alpha=1.0), offset=-1.0),
    "selu": Kernel(partial(_exponential_unit, alpha=SELU_ALPHA), gain=SELU_SCALE, offset=-SELU_SCALE * SELU_ALPHA),
    "silu": Kernel(_negative_silu, scale=-1.0, gain=-1.0),
    "gelu": Kernel(_gelu),
    "gelu_tanh": Kernel(_gelu_tanh),
    "softplus": Kernel(softplus),
}


def kernels_for(spec: NetworkSpec, dtype: np.dtype[Any]) -> list[Kernel]:
    """Return one kernel per layer: the engine's own functions in float64 and for activations without a fast form."""
    fast = FAST_KERNELS if dtype == np.float32 else {}
    return [fast.get(name) or Kernel(_in_place(name)) for name in spec.activations]
