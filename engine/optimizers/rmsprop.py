"""RMSprop: gradients divided by the root of their mean square, with or without momentum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np

from engine.number_cell import cell
from engine.optimizers.update import Array, Call, ElementwiseOptimizer, Evaluate, StateVector, Update


@dataclass(frozen=True)
class RMSprop(ElementwiseOptimizer):
    """Root mean square propagation, as torch.optim.RMSprop (which calls rho alpha), not centred.

    v ← rho v + (1 − rho) g²
    b ← momentum b + g / (√v + ε)
    p ← p − η b

    References
    ----------
    Tieleman and Hinton (2012), "Lecture 6.5 - rmsprop", COURSERA: Neural networks for machine learning.
    """

    rho: float = 0.99
    epsilon: float = 1e-8
    momentum: float = 0.0

    @property
    def state_vectors(self) -> tuple[StateVector, ...]:
        """The mean squared gradient; with momentum the velocity."""
        mean_square = StateVector("mean of squared gradients", 1.0 - self.rho)
        if not self.momentum:
            return (mean_square,)
        return mean_square, StateVector("velocity", 1.0 / sqrt(1.0 - self.rho))

    def bind(self, parameters: Array, work: Array, state: Array, evaluate: Evaluate) -> Update:
        """Return the update that works on these vectors.

        With V = v / (1 - rho) the divisor is sqrt(1 - rho) (sqrt(V) + epsilon / sqrt(1 - rho)): its first factor goes into the
        learning rate.
        """
        unit = sqrt(1.0 - self.rho)
        gradient, change = work.reshape(self.work_slots, -1)
        squares, *velocity = state.reshape(self.slots, -1)
        rate = cell(0.0, parameters)

        def prepare(n_updates: int, learning_rate: float) -> None:
            rate[()] = learning_rate / unit

        calls: list[Call] = [
            partial(np.multiply, gradient, gradient, change),
            partial(np.multiply, squares, cell(self.rho, parameters), squares),
            partial(np.add, squares, change, squares),
            partial(np.sqrt, squares, change),
            partial(np.add, change, cell(self.epsilon / unit, parameters), change),
            partial(np.divide, gradient, change, change),
        ]
        direction = change
        if velocity:
            (direction,) = velocity
            calls += [
                partial(np.multiply, direction, cell(self.momentum, parameters), direction),
                partial(np.add, direction, change, direction),
            ]
        calls += [partial(np.multiply, direction, rate, change), partial(np.subtract, parameters, change, parameters)]
        return Update(prepare, calls)
