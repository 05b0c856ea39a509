"""Activation functions: each a named pair of the function and its derivative, in one table.

Both are given as bound calls on buffers of shape (n_units, n_samples): a training step is a list of such calls, made once, and
allocates nothing. Most derivatives are written in terms of the activation `a` itself; where that does not determine them (GELU,
SiLU: the function is not one-to-one) they need the pre-activation `z`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.normal_distribution import normal_cdf_calls
from engine.number_cell import cell

Array = NDArray[np.floating[Any]]
Calls = list[Callable[[], Any]]
"""Bound calls without arguments, to be made in their order."""

LEAKY_SLOPE = 0.01
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
"""Klambauer, Unterthiner, Mayr and Hochreiter (2017), "Self-normalizing neural networks", eq. 14."""

GELU_CUBIC = 0.044715
"""Hendrycks and Gimpel (2016), "Gaussian error linear units", section 2."""

FEW_ELEMENTS = 2048
"""Up to here np.sign is the fastest way to the slope of ReLU; it is slow per element, but one call."""


@dataclass(frozen=True)
class Activation:
    """A function of a unit and its derivative.

    Attributes
    ----------
    name, title : str
        `title` is for display.
    formula, derivative_formula : str
        For display: a as a function of z, and da/dz.
    calls : callable (z, out) -> Calls
        Bound calls that write a = f(z) into `out`; `out` may be `z`.
    derivative_calls : callable (source, out) -> Calls
        Bound calls that write f'(z) into `out`, another array; `source` is z where `needs_pre_activation`, else a.
    needs_pre_activation : bool
    """

    name: str
    title: str
    formula: str
    derivative_formula: str
    calls: Callable[[Array, Array], Calls]
    derivative_calls: Callable[[Array, Array], Calls]
    needs_pre_activation: bool = False

    def apply(self, z: Array, out: Array) -> None:
        """Write a = f(z) into `out`, which may be `z`."""
        with np.errstate(
            over="ignore", invalid="ignore"
        ):  # an overflow inside gives the right limit, as in exp(-z) for sigmoid
            for call in self.calls(z, out):
                call()


def _identity(z: Array, out: Array) -> Calls:
    return [] if out is z else [partial(np.copyto, out, z)]


def _one(a: Array, out: Array) -> Calls:
    return [partial(out.fill, 1.0)]


def _tanh(z: Array, out: Array) -> Calls:
    return [partial(np.tanh, z, out)]


def _tanh_derivative(a: Array, out: Array) -> Calls:
    return [partial(np.multiply, a, a, out), partial(np.subtract, np.ones_like(a), out, out)]


def _sigmoid(z: Array, out: Array) -> Calls:
    """Compute 1 / (1 + exp(-z)): exact on both sides, and where exp(-z) overflows its limit 0."""
    return [
        partial(np.negative, z, out),
        partial(np.exp, out, out),
        partial(np.add, out, cell(1.0, z), out),
        partial(np.reciprocal, out, out),
    ]


def _sigmoid_derivative(a: Array, out: Array) -> Calls:
    return [partial(np.multiply, a, a, out), partial(np.subtract, a, out, out)]


def _relu(z: Array, out: Array) -> Calls:
    return [partial(np.maximum, z, np.zeros_like(z), out=out)]


def _relu_derivative(a: Array, out: Array) -> Calls:
    """At the kink the slope is 0, as torch has it."""
    if a.size <= FEW_ELEMENTS:
        return [partial(np.sign, a, out)]
    positive = np.empty(a.shape, dtype=bool)
    return [partial(np.greater, a, cell(0.0, a), positive), partial(np.copyto, out, positive)]


def _leaky_relu(z: Array, out: Array) -> Calls:
    low = np.empty_like(z)
    return [partial(np.multiply, z, cell(LEAKY_SLOPE, z), low), partial(np.maximum, z, low, out=out)]


def _leaky_relu_derivative(a: Array, out: Array) -> Calls:
    positive = np.empty(a.shape, dtype=bool)
    return [
        partial(np.greater, a, cell(0.0, a), positive),
        partial(np.copyto, out, positive),
        partial(np.maximum, out, cell(LEAKY_SLOPE, a), out=out),
    ]


def _exponential_unit(z: Array, out: Array, gain: float, alpha: float) -> Calls:
    """Compute gain (max(z, 0) + alpha (exp(min(z, 0)) - 1))."""
    low, zero = np.empty_like(z), cell(0.0, z)
    calls: Calls = [
        partial(np.minimum, z, zero, out=low),
        partial(np.expm1, low, low),
        partial(np.maximum, z, zero, out=out),
    ]
    if alpha != 1.0:
        calls.append(partial(np.multiply, low, cell(alpha, z), low))
    calls.append(partial(np.add, out, low, out))
    if gain != 1.0:
        calls.append(partial(np.multiply, out, cell(gain, z), out))
    return calls


def _exponential_unit_derivative(a: Array, out: Array, gain: float, alpha: float) -> Calls:
    """Write the slope: a + gain alpha below 0 and `gain` above."""
    positive = np.empty(a.shape, dtype=bool)
    return [
        partial(np.greater, a, cell(0.0, a), positive),
        partial(np.add, a, cell(gain * alpha, a), out),
        partial(np.copyto, out, cell(gain, a), where=positive),
    ]


def _gelu(z: Array, out: Array) -> Calls:
    share = np.empty_like(z)
    return [*normal_cdf_calls(z, share), partial(np.multiply, z, share, out)]


def _gelu_derivative(z: Array, out: Array) -> Calls:
    density = np.empty_like(z)
    return [
        *normal_cdf_calls(z, out),
        partial(np.multiply, z, z, density),
        partial(np.multiply, density, cell(-0.5, z), density),
        partial(np.exp, density, density),
        partial(np.multiply, density, cell(1.0 / sqrt(2.0 * pi), z), density),
        partial(np.multiply, density, z, density),
        partial(np.add, out, density, out),
    ]


def _gelu_tanh_calls(z: Array, t: Array) -> Calls:
    """Write t = tanh(sqrt(2 / pi) (z + 0.044715 z^3))."""
    return [
        partial(np.multiply, z, z, t),
        partial(np.multiply, t, cell(GELU_CUBIC, z), t),
        partial(np.add, t, cell(1.0, z), t),
        partial(np.multiply, t, z, t),
        partial(np.multiply, t, cell(sqrt(2.0 / pi), z), t),
        partial(np.tanh, t, t),
    ]


def _gelu_tanh(z: Array, out: Array) -> Calls:
    t = np.empty_like(z)
    return [
        *_gelu_tanh_calls(z, t),
        partial(np.add, t, cell(1.0, z), t),
        partial(np.multiply, t, z, t),
        partial(np.multiply, t, cell(0.5, z), out),
    ]


def _gelu_tanh_derivative(z: Array, out: Array) -> Calls:
    """da/dz = (1 + t) / 2 + z (1 - t^2) u' / 2 with u' = sqrt(2 / pi) (1 + 3 * 0.044715 z^2)."""
    t, slope = np.empty_like(z), np.empty_like(z)
    one = cell(1.0, z)
    return [
        *_gelu_tanh_calls(z, t),
        partial(np.multiply, z, z, slope),
        partial(np.multiply, slope, cell(3.0 * GELU_CUBIC, z), slope),
        partial(np.add, slope, one, slope),
        partial(np.multiply, slope, cell(sqrt(2.0 / pi), z), slope),
        partial(np.multiply, slope, z, slope),
        partial(np.multiply, t, t, out),
        partial(np.subtract, one, out, out),
        partial(np.multiply, out, slope, out),
        partial(np.add, out, t, out),
        partial(np.add, out, one, out),
        partial(np.multiply, out, cell(0.5, z), out),
    ]


def _silu(z: Array, out: Array) -> Calls:
    share = np.empty_like(z)
    return [*_sigmoid(z, share), partial(np.multiply, z, share, out)]


def _silu_derivative(z: Array, out: Array) -> Calls:
    """da/dz = s (1 + z (1 - s))."""
    share, one = np.empty_like(z), cell(1.0, z)
    return [
        *_sigmoid(z, share),
        partial(np.subtract, one, share, out),
        partial(np.multiply, out, z, out),
        partial(np.add, out, one, out),
        partial(np.multiply, out, share, out),
    ]


def _softplus(z: Array, out: Array) -> Calls:
    return [partial(np.logaddexp, z, cell(0.0, z), out)]


def _softplus_derivative(a: Array, out: Array) -> Calls:
    """da/dz = 1 - exp(-a), the sigmoid of z."""
    return [partial(np.negative, a, out), partial(np.expm1, out, out), partial(np.negative, out, out)]


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("tanh", "tanh", "tanh(z)", "1 - a²", _tanh, _tanh_derivative),
        Activation("relu", "ReLU", "max(z, 0)", "1 if a > 0 else 0", _relu, _relu_derivative),
        Activation("sigmoid", "sigmoid", "1 / (1 + exp(-z))", "a (1 - a)", _sigmoid, _sigmoid_derivative),
        Activation("identity", "identity", "z", "1", _identity, _one),
        Activation("leaky_relu", "leaky ReLU", "max(z, 0.01 z)", "1 if a > 0 else 0.01", _leaky_relu, _leaky_relu_derivative),
        Activation(
            "elu",
            "ELU",
            "z if z > 0 else exp(z) - 1",
            "1 if a > 0 else a + 1",
            partial(_exponential_unit, gain=1.0, alpha=1.0),
            partial(_exponential_unit_derivative, gain=1.0, alpha=1.0),
        ),
        Activation(
            "selu",
            "SELU",
            "1.0507 (z if z > 0 else 1.6733 (exp(z) - 1))",
            "1.0507 if a > 0 else a + 1.7581",
            partial(_exponential_unit, gain=SELU_SCALE, alpha=SELU_ALPHA),
            partial(_exponential_unit_derivative, gain=SELU_SCALE, alpha=SELU_ALPHA),
        ),
        Activation("gelu", "GELU", "z Φ(z)", "Φ(z) + z φ(z)", _gelu, _gelu_derivative, needs_pre_activation=True),
        Activation(
            "gelu_tanh",
            "GELU (tanh form)",
            "z (1 + tanh(√(2/π) (z + 0.044715 z³))) / 2",
            "(1 + t + z (1 - t²) √(2/π) (1 + 0.134145 z²)) / 2",
            _gelu_tanh,
            _gelu_tanh_derivative,
            needs_pre_activation=True,
        ),
        Activation(
            "silu",
            "SiLU",
            "z s, s = 1 / (1 + exp(-z))",
            "s (1 + z (1 - s))",
            _silu,
            _silu_derivative,
            needs_pre_activation=True,
        ),
        Activation("softplus", "softplus", "log(1 + exp(z))", "1 - exp(-a)", _softplus, _softplus_derivative),
    )
}
