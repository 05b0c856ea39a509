"""Lion: steps of one size, of which momentum decides nothing but the sign."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.number_cell import cell
from engine.optimizers.update import Array, ElementwiseOptimizer, Evaluate, StateVector, Update, set_learning_rate


@dataclass(frozen=True)
class Lion(ElementwiseOptimizer):
    """Evolved sign momentum.

    p ← p − η sign(β₁ m + (1 − β₁) g)
    m ← β₂ m + (1 − β₂) g

    References
    ----------
    Chen et al. (2023), "Symbolic discovery of optimization algorithms", algorithm 2; defaults from section 5.
    """

    beta_1: float = 0.9
    beta_2: float = 0.99

    @property
    def state_vectors(self) -> tuple[StateVector, ...]:
        """The mean gradient."""
        return (StateVector("mean of gradients", 1.0 - self.beta_2),)

    def bind(self, parameters: Array, work: Array, state: Array, evaluate: Evaluate) -> Update:
        """Return the update that works on these vectors: the sign is that of (beta_1 / (1 - beta_1)) m + g."""
        gradient, change = work.reshape(self.work_slots, -1)
        rate, beta_2 = cell(0.0, parameters), cell(self.beta_2, parameters)
        share = cell(self.beta_1 / (1.0 - self.beta_1) * (1.0 - self.beta_2), parameters)
        return Update(
            set_learning_rate(rate),
            [
                partial(np.multiply, state, share, change),
                partial(np.add, change, gradient, change),
                partial(np.sign, change, change),
                partial(np.multiply, change, rate, change),
                partial(np.subtract, parameters, change, parameters),
                partial(np.multiply, state, beta_2, state),
                partial(np.add, state, gradient, state),
            ],
        )
