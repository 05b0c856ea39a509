"""Distributions the first weights are drawn from, in one table. Biases start at one number, the scales of a normalisation at 1.

References
----------
Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks", eq. 16 (uniform) and
eq. 12. He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", eq. 10. LeCun, Bottou, Orr and Müller (1998), "Efficient
BackProp", eq. 16. Saxe, McClelland and Ganguli (2014), "Exact solutions to the nonlinear dynamics of learning in deep linear
neural networks", section 3 (orthogonal).
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.network import NetworkSpec
from engine.settings import Settings

Draw = Callable[[Generator, int, int, float], NDArray[np.float64]]
"""(generator, fan_in, fan_out, size) -> weights of shape (fan_in, fan_out)."""


def _uniform(generator: Generator, fan_in: int, fan_out: int, limit: float) -> NDArray[np.float64]:
    """U(-limit, limit)."""
    return generator.uniform(-limit, limit, (fan_in, fan_out))


def _normal(generator: Generator, fan_in: int, fan_out: int, deviation: float) -> NDArray[np.float64]:
    """N(0, deviation^2)."""
    return generator.normal(0.0, deviation, (fan_in, fan_out))


def _constant(generator: Generator, fan_in: int, fan_out: int, value: float) -> NDArray[np.float64]:
    """All weights alike: every unit of a layer then stays like its neighbours, which shows the symmetry problem."""
    return np.full((fan_in, fan_out), value)


def _orthogonal(generator: Generator, fan_in: int, fan_out: int, size: float) -> NDArray[np.float64]:
    """Orthonormal rows or columns, whichever are fewer, uniform over all such matrices (Mezzadri 2007, section 5)."""
    tall = generator.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    q = q * np.where(np.diag(r) < 0.0, -1.0, 1.0)
    return q if fan_in >= fan_out else np.ascontiguousarray(q.T)


def _scaled(draw: Draw, size_for: Callable[[int, int], float]) -> Draw:
    """Return `draw` with the size that the layer's fan-in and fan-out ask for."""
    return lambda generator, fan_in, fan_out, size: draw(generator, fan_in, fan_out, size_for(fan_in, fan_out))


INITIALIZERS: dict[str, Draw] = {
    "glorot_uniform": _scaled(_uniform, lambda fan_in, fan_out: sqrt(6.0 / (fan_in + fan_out))),
    "glorot_normal": _scaled(_normal, lambda fan_in, fan_out: sqrt(2.0 / (fan_in + fan_out))),
    "he_uniform": _scaled(_uniform, lambda fan_in, fan_out: sqrt(6.0 / fan_in)),
    "he_normal": _scaled(_normal, lambda fan_in, fan_out: sqrt(2.0 / fan_in)),
    "lecun_uniform": _scaled(_uniform, lambda fan_in, fan_out: sqrt(3.0 / fan_in)),
    "lecun_normal": _scaled(_normal, lambda fan_in, fan_out: sqrt(1.0 / fan_in)),
    "orthogonal": _orthogonal,
    "uniform": _uniform,
    "normal": _normal,
    "constant": _constant,
    "zeros": _scaled(_constant, lambda fan_in, fan_out: 0.0),
}


def initial_parameters(spec: NetworkSpec, settings: Settings, generator: Generator) -> NDArray[np.float64]:
    """Return the first parameters as a flat vector of shape (n_parameters,), always drawn in float64.

    The numbers drawn do not depend on the precision of training, so float32 and float64 runs start from the same weights.
    """
    parameters = np.zeros(spec.n_parameters)
    for layer in spec.views(parameters):
        fan_in, fan_out = layer.weights.shape
        layer.weights[...] = INITIALIZERS[settings.init](generator, fan_in, fan_out, settings.init_scale)
        layer.bias[...] = settings.init_bias
        if layer.normalization is not None:
            layer.normalization.scale[...] = 1.0
            if layer.normalization.running_variance is not None:
                layer.normalization.running_variance[...] = 1.0
    return parameters
