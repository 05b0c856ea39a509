"""Activation functions: each a named pair of the function and its derivative, in one table.

All work in place on buffers of shape (n_units, n_samples), so that a training step allocates nothing.
Derivatives are written in terms of the activation `a` itself, which every function of this table allows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Activation:
    """A function of a unit and its derivative.

    Attributes
    ----------
    name : str
    formula : str
        For display: a as a function of z.
    derivative_formula : str
        For display: da/dz in terms of a.
    function : callable (z, out) -> None
        Write a = f(z) into `out`; `out` may be `z`.
    multiply_by_derivative : callable (a, delta, scratch) -> None
        Multiply `delta` (dL/da) by f'(z) in place, given a = f(z); it then is dL/dz.
    """

    name: str
    formula: str
    derivative_formula: str
    function: Callable[[Array, Array], Any]
    multiply_by_derivative: Callable[[Array, Array, Array], Any]


def _identity(z: Array, out: Array) -> None:
    if out is not z:
        np.copyto(out, z)


def _identity_derivative(a: Array, delta: Array, scratch: Array) -> None:
    """da/dz = 1: nothing to multiply."""


def _sigmoid(z: Array, out: Array) -> None:
    """Compute a = 1 / (1 + exp(-z)) through tanh, so that no exponential can overflow."""
    np.multiply(z, 0.5, out)
    np.tanh(out, out)
    np.multiply(out, 0.5, out)
    np.add(out, 0.5, out)


def _sigmoid_derivative(a: Array, delta: Array, scratch: Array) -> None:
    """da/dz = a (1 - a), as delta a - delta a a: a number in a call costs more than a small array."""
    np.multiply(delta, a, scratch)
    np.multiply(scratch, a, delta)
    np.subtract(scratch, delta, delta)


def _tanh_derivative(a: Array, delta: Array, scratch: Array) -> None:
    """da/dz = 1 - a^2, as delta - delta a a: a number in a call costs more than a small array."""
    np.multiply(delta, a, scratch)
    np.multiply(scratch, a, scratch)
    np.subtract(delta, scratch, delta)


def _relu(z: Array, out: Array) -> None:
    np.maximum(z, 0.0, out=out)


def _relu_derivative(a: Array, delta: Array, scratch: Array) -> None:
    """da/dz = 1 where a > 0, else 0; at the kink itself 0, as torch has it."""
    np.greater(a, 0.0, out=scratch)
    np.multiply(delta, scratch, delta)


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("tanh", "tanh(z)", "1 - a²", np.tanh, _tanh_derivative),
        Activation("relu", "max(z, 0)", "1 if a > 0 else 0", _relu, _relu_derivative),
        Activation("sigmoid", "1 / (1 + exp(-z))", "a (1 - a)", _sigmoid, _sigmoid_derivative),
        Activation("identity", "z", "1", _identity, _identity_derivative),
    )
}
