"""Adadelta: steps in the unit of the parameters, from the sizes of earlier steps and gradients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from engine.number_cell import cell
from engine.optimizers.update import Array, ElementwiseOptimizer, Evaluate, StateVector, Update, set_learning_rate


@dataclass(frozen=True)
class Adadelta(ElementwiseOptimizer):
    """Adaptive learning rates per dimension, as torch.optim.Adadelta.

    v ← rho v + (1 − rho) g²
    d = g √(u + ε) / √(v + ε)
    u ← rho u + (1 − rho) d²
    p ← p − η d

    References
    ----------
    Zeiler (2012), "ADADELTA: an adaptive learning rate method", algorithm 1.
    """

    rho: float = 0.9
    epsilon: float = 1e-6

    work_slots: ClassVar[int] = 3

    @property
    def state_vectors(self) -> tuple[StateVector, ...]:
        """The mean squared gradient and the mean squared step."""
        return (
            StateVector("mean of squared gradients", 1.0 - self.rho),
            StateVector("mean of squared steps", 1.0 - self.rho),
        )

    def bind(self, parameters: Array, work: Array, state: Array, evaluate: Evaluate) -> Update:
        """Return the update that works on these vectors.

        Both means are kept as sums, v / (1 - rho) and u / (1 - rho); with epsilon divided alike their quotient is the same.
        """
        gradient, step, scratch = work.reshape(self.work_slots, -1)
        both = work[len(parameters) :]
        squares, steps = state.reshape(self.slots, -1)
        rate, rho = cell(0.0, parameters), cell(self.rho, parameters)
        epsilon = cell(self.epsilon / (1.0 - self.rho), parameters)
        return Update(
            set_learning_rate(rate),
            [
                partial(np.multiply, gradient, gradient, step),
                partial(np.multiply, squares, rho, squares),
                partial(np.add, squares, step, squares),
                partial(np.add, state, epsilon, both),
                partial(np.sqrt, both, both),
                partial(np.divide, scratch, step, step),
                partial(np.multiply, step, gradient, step),
                partial(np.multiply, step, step, scratch),
                partial(np.multiply, steps, rho, steps),
                partial(np.add, steps, scratch, steps),
                partial(np.multiply, step, rate, step),
                partial(np.subtract, parameters, step, parameters),
            ],
        )
