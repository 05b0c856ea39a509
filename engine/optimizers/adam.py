"""Adam, with AMSGrad when asked for; AdamW is Adam with decoupled weight decay before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np

from engine.number_cell import cell
from engine.optimizers.moments import moment_calls, moment_vectors
from engine.optimizers.update import Array, ElementwiseOptimizer, Evaluate, StateVector, Update


@dataclass(frozen=True)
class Adam(ElementwiseOptimizer):
    """Adaptive moment estimation, as torch.optim.Adam.

    m ← β₁ m + (1 − β₁) g
    v ← β₂ v + (1 − β₂) g²
    p ← p − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)

    With AMSGrad the largest v so far takes the place of v in the last line.

    References
    ----------
    Kingma and Ba (2015), "Adam: a method for stochastic optimization", algorithm 1.
    Reddi, Kale and Kumar (2018), "On the convergence of Adam and beyond", algorithm 2.
    Loshchilov and Hutter (2019), "Decoupled weight decay regularization", algorithm 2 (AdamW).
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    amsgrad: bool = False

    @property
    def state_vectors(self) -> tuple[StateVector, ...]:
        """The two moments; with AMSGrad the largest second moment."""
        first, second = moment_vectors(self.beta_1, self.beta_2)
        return (
            (first, second, StateVector("largest mean of squared gradients", second.unit)) if self.amsgrad else (first, second)
        )

    def bind(self, parameters: Array, work: Array, state: Array, evaluate: Evaluate) -> Update:
        """Return the update that works on these vectors.

        The factors of the means and the corrections for their zero start are moved out of the vectors into epsilon and the
        learning rate: with r = sqrt((1 - beta_2^t) / (1 - beta_2)) the change is

            [learning_rate r (1 - beta_1) / (1 - beta_1^t)] M / (sqrt(V) + epsilon r)
        """
        change = work.reshape(self.work_slots, -1)[1]
        first, second, *largest = state.reshape(self.slots, -1)
        epsilon, rate = cell(0.0, parameters), cell(0.0, parameters)
        calls = moment_calls(work, state[: 2 * len(parameters)], self.beta_1, self.beta_2)
        if largest:
            calls.append(partial(np.maximum, largest[0], second, out=largest[0]))
            second = largest[0]
        calls += [
            partial(np.sqrt, second, change),
            partial(np.add, change, epsilon, change),
            partial(np.divide, first, change, change),
            partial(np.multiply, change, rate, change),
            partial(np.subtract, parameters, change, parameters),
        ]
        return Update(self._prepare(epsilon, rate), calls)

    def _prepare(self, epsilon_cell: Array, rate_cell: Array) -> Callable[[int, float], None]:
        beta_1, beta_2, epsilon = self.beta_1, self.beta_2, self.epsilon
        unit_1, unit_2 = 1.0 - beta_1, 1.0 - beta_2

        def prepare(n_updates: int, learning_rate: float) -> None:
            root = sqrt((1.0 - beta_2**n_updates) / unit_2)
            epsilon_cell[()] = epsilon * root
            rate_cell[()] = learning_rate * root * unit_1 / (1.0 - beta_1**n_updates)

        return prepare
