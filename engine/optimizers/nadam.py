"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import ClassVar

import numpy as np

from engine.number_cell import cell
from engine.optimizers.moments import moment_calls, moment_vectors
from engine.optimizers.update import Array, Call, ElementwiseOptimizer, Evaluate, StateVector, Update

MOMENTUM_DECAY = 4e-3
"""How fast the momentum grows to beta_1; torch's default."""


@dataclass(frozen=True)
class NAdam(ElementwiseOptimizer):
    """Adam with Nesterov's momentum, as torch.optim.NAdam.

    m ← β₁ m + (1 − β₁) g
    v ← β₂ v + (1 − β₂) g²
    μₜ = β₁ (1 − 0.5 · 0.96^(0.004 t))
    p ← p − η (μₜ₊₁ m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ) g / (1 − μ₁⋯μₜ)) / (√(v / (1 − β₂ᵗ)) + ε)

    References
    ----------
    Dozat (2016), "Incorporating Nesterov momentum into Adam", algorithm 2.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    work_slots: ClassVar[int] = 3

    @property
    def state_vectors(self) -> tuple[StateVector, ...]:
        """The two moments."""
        return moment_vectors(self.beta_1, self.beta_2)

    def bind(self, parameters: Array, work: Array, state: Array, evaluate: Evaluate) -> Update:
        """Return the update that works on these vectors: as Adam's, with share * M + g in place of M."""
        gradient, root, change = work.reshape(self.work_slots, -1)
        first, second = state.reshape(self.slots, -1)
        epsilon, share, rate = (cell(0.0, parameters) for _ in range(3))
        calls: list[Call] = [
            *moment_calls(work[: 2 * len(parameters)], state, self.beta_1, self.beta_2),
            partial(np.sqrt, second, root),
            partial(np.add, root, epsilon, root),
            partial(np.multiply, first, share, change),
            partial(np.add, change, gradient, change),
            partial(np.divide, change, root, change),
            partial(np.multiply, change, rate, change),
            partial(np.subtract, parameters, change, parameters),
        ]
        return Update(self._prepare(epsilon, share, rate), calls)

    def _prepare(self, epsilon_cell: Array, share_cell: Array, rate_cell: Array) -> Callable[[int, float], None]:
        unit_1, unit_2 = 1.0 - self.beta_1, 1.0 - self.beta_2
        product_until = momentum_product(self.beta_1)

        def prepare(n_updates: int, learning_rate: float) -> None:
            root = sqrt((1.0 - self.beta_2**n_updates) / unit_2)
            product = product_until(n_updates)
            now, ahead = momentum_at(n_updates, self.beta_1), momentum_at(n_updates + 1, self.beta_1)
            of_gradient = (1.0 - now) / (1.0 - product)
            of_mean = unit_1 * ahead / (1.0 - product * ahead)
            epsilon_cell[()] = self.epsilon * root
            share_cell[()] = of_mean / of_gradient
            rate_cell[()] = learning_rate * root * of_gradient

        return prepare


def momentum_at(n_updates: int, beta_1: float) -> float:
    """Return the momentum of an update, counted from 1: mu_t = beta_1 (1 - 0.5 * 0.96^(0.004 t))."""
    return beta_1 * (1.0 - 0.5 * float(0.96 ** (n_updates * MOMENTUM_DECAY)))


def momentum_product(beta_1: float) -> Callable[[int], float]:
    """Return the function t -> mu_1 mu_2 ... mu_t.

    It goes on from the last value asked for, and starts again when asked for an earlier one: always the same multiplications in
    the same order, so the product follows from t alone and need not be kept in the state. It is exactly 0 after some 1,500.
    """
    done, product = 0, 1.0

    def until(n_updates: int) -> float:
        nonlocal done, product
        if n_updates < done:
            done, product = 0, 1.0
        while done < n_updates and product > 0.0:
            done += 1
            product *= momentum_at(done, beta_1)
        return product

    return until
