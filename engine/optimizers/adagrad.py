"""Adagrad: a learning rate of its own for every parameter, from all its gradients so far."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.number_cell import cell
from engine.optimizers.update import Array, ElementwiseOptimizer, Evaluate, StateVector, Update, set_learning_rate


@dataclass(frozen=True)
class Adagrad(ElementwiseOptimizer):
    """Adaptive gradient descent, as torch.optim.Adagrad.

    v ← v + g²
    p ← p − η g / (√v + ε)

    References
    ----------
    Duchi, Hazan and Singer (2011), "Adaptive subgradient methods for online learning and stochastic optimization", eq. 1.
    """

    epsilon: float = 1e-10

    @property
    def state_vectors(self) -> tuple[StateVector, ...]:
        """The sum of all squared gradients."""
        return (StateVector("sum of squared gradients"),)

    def bind(self, parameters: Array, work: Array, state: Array, evaluate: Evaluate) -> Update:
        """Return the update that works on these vectors."""
        gradient, change = work.reshape(self.work_slots, -1)
        rate = cell(0.0, parameters)
        return Update(
            set_learning_rate(rate),
            [
                partial(np.multiply, gradient, gradient, change),
                partial(np.add, state, change, state),
                partial(np.sqrt, state, change),
                partial(np.add, change, cell(self.epsilon, parameters), change),
                partial(np.divide, gradient, change, change),
                partial(np.multiply, change, rate, change),
                partial(np.subtract, parameters, change, parameters),
            ],
        )
