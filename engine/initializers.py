"""Distributions the first weights are drawn from, in one table. Biases start at 0.

References
----------
Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks", eq. 16 (uniform) and
eq. 12. He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", eq. 10.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.network import NetworkSpec

Draw = Callable[[Generator, int, int], NDArray[np.float64]]


def _glorot_uniform(generator: Generator, fan_in: int, fan_out: int) -> NDArray[np.float64]:
    """U(-l, l) with l = sqrt(6 / (fan_in + fan_out))."""
    limit = sqrt(6.0 / (fan_in + fan_out))
    return generator.uniform(-limit, limit, (fan_in, fan_out))


def _glorot_normal(generator: Generator, fan_in: int, fan_out: int) -> NDArray[np.float64]:
    """N(0, 2 / (fan_in + fan_out))."""
    return generator.normal(0.0, sqrt(2.0 / (fan_in + fan_out)), (fan_in, fan_out))


def _he_uniform(generator: Generator, fan_in: int, fan_out: int) -> NDArray[np.float64]:
    """U(-l, l) with l = sqrt(6 / fan_in)."""
    limit = sqrt(6.0 / fan_in)
    return generator.uniform(-limit, limit, (fan_in, fan_out))


def _he_normal(generator: Generator, fan_in: int, fan_out: int) -> NDArray[np.float64]:
    """N(0, 2 / fan_in)."""
    return generator.normal(0.0, sqrt(2.0 / fan_in), (fan_in, fan_out))


INITIALIZERS: dict[str, Draw] = {
    "glorot_uniform": _glorot_uniform,
    "glorot_normal": _glorot_normal,
    "he_uniform": _he_uniform,
    "he_normal": _he_normal,
}


def initial_parameters(spec: NetworkSpec, name: str, generator: Generator) -> NDArray[np.float64]:
    """Return the first parameters as a flat vector of shape (n_parameters,), always drawn in float64.

    The numbers drawn do not depend on the precision of training, so float32 and float64 runs start from the same weights.
    """
    parameters = np.zeros(spec.n_parameters)
    for layer in spec.views(parameters):
        fan_in, fan_out = layer.weights.shape
        layer.weights[...] = INITIALIZERS[name](generator, fan_in, fan_out)
    return parameters
