"""Stochastic gradient descent, plain, with momentum, and with Nesterov's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.number_cell import cell
from engine.optimizers.update import Array, Call, ElementwiseOptimizer, Evaluate, StateVector, Update, set_learning_rate


@dataclass(frozen=True)
class SGD(ElementwiseOptimizer):
    """Stochastic gradient descent, as torch.optim.SGD without dampening.

    b ← momentum b + g
    p ← p − η b; with Nesterov p ← p − η (g + momentum b)

    References
    ----------
    Polyak (1964), "Some methods of speeding up the convergence of iteration methods", eq. 9.
    Sutskever, Martens, Dahl and Hinton (2013), "On the importance of initialization and momentum in deep learning", eq. 3-4.
    """

    momentum: float = 0.0
    nesterov: bool = False

    @property
    def state_vectors(self) -> tuple[StateVector, ...]:
        """The velocity with momentum, nothing without."""
        return (StateVector("velocity"),) if self.momentum else ()

    def bind(self, parameters: Array, work: Array, state: Array, evaluate: Evaluate) -> Update:
        """Return the update that works on these vectors."""
        gradient, change = work.reshape(self.work_slots, -1)
        rate = cell(0.0, parameters)
        calls: list[Call] = []
        direction = gradient
        if self.momentum:
            momentum = cell(self.momentum, parameters)
            direction = velocity = state
            calls += [partial(np.multiply, velocity, momentum, velocity), partial(np.add, velocity, gradient, velocity)]
            if self.nesterov:
                direction = change
                calls += [partial(np.multiply, velocity, momentum, change), partial(np.add, change, gradient, change)]
        calls += [partial(np.multiply, direction, rate, change), partial(np.subtract, parameters, change, parameters)]
        return Update(set_learning_rate(rate), calls)
