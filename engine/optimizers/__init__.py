"""Optimizers: the rules that turn gradients into updates, with the semantics of torch.optim, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.optimizers.adadelta import Adadelta
from engine.optimizers.adagrad import Adagrad
from engine.optimizers.adam import Adam
from engine.optimizers.lbfgs import LBFGS
from engine.optimizers.lion import Lion
from engine.optimizers.nadam import NAdam
from engine.optimizers.rmsprop import RMSprop
from engine.optimizers.sgd import SGD
from engine.optimizers.state_carried_over import carried_state
from engine.optimizers.update import Call, Optimizer, Update
from engine.optimizers.weight_decay import weight_decay, weight_decay_rate
from engine.settings import Settings

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "Call",
    "Lion",
    "NAdam",
    "Optimizer",
    "OptimizerEntry",
    "RMSprop",
    "Update",
    "carried_state",
    "optimizer_for",
    "weight_decay",
    "weight_decay_rate",
]


class OptimizerEntry(NamedTuple):
    """An optimizer as it is offered.

    Attributes
    ----------
    title : str
        For display.
    formula : str
        For display: g gradient, p parameter, η learning rate, t number of the update.
    uses : tuple of str
        The settings it uses, besides learning_rate and weight_decay.
    make : callable (Settings) -> Optimizer
    """

    title: str
    formula: str
    uses: tuple[str, ...]
    make: Callable[[Settings], Optimizer]


def optimizer_for(settings: Settings) -> Optimizer:
    """Return the optimizer that `settings` ask for."""
    return OPTIMIZERS[settings.optimizer].make(settings)


def _given(**values: Any) -> dict[str, Any]:
    """Leave out what is None: the optimizer's own default."""
    return {name: value for name, value in values.items() if value is not None}


def _adam(settings: Settings) -> Adam:
    given = _given(beta_1=settings.beta_1, beta_2=settings.beta_2, epsilon=settings.epsilon)
    return Adam(amsgrad=settings.amsgrad, **given)


_ADAM_STEP = "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\np ← p − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)"

OPTIMIZERS: dict[str, OptimizerEntry] = {
    "sgd": OptimizerEntry(
        "SGD",
        "b ← momentum b + g\np ← p − η b; with Nesterov p ← p − η (g + momentum b)",
        ("momentum", "nesterov"),
        lambda settings: SGD(settings.momentum, settings.nesterov),
    ),
    "adagrad": OptimizerEntry(
        "Adagrad",
        "v ← v + g²\np ← p − η g / (√v + ε)",
        ("epsilon",),
        lambda settings: Adagrad(**_given(epsilon=settings.epsilon)),
    ),
    "rmsprop": OptimizerEntry(
        "RMSprop",
        "v ← rho v + (1 − rho) g²\nb ← momentum b + g / (√v + ε)\np ← p − η b",
        ("rho", "epsilon", "momentum"),
        lambda settings: RMSprop(momentum=settings.momentum, **_given(rho=settings.rho, epsilon=settings.epsilon)),
    ),
    "adadelta": OptimizerEntry(
        "Adadelta",
        "v ← rho v + (1 − rho) g²\nd = g √(u + ε) / √(v + ε)\nu ← rho u + (1 − rho) d²\np ← p − η d",
        ("rho", "epsilon"),
        lambda settings: Adadelta(**_given(rho=settings.rho, epsilon=settings.epsilon)),
    ),
    "adam": OptimizerEntry("Adam", _ADAM_STEP, ("beta_1", "beta_2", "epsilon", "amsgrad"), _adam),
    "adamw": OptimizerEntry(
        "AdamW", f"p ← p − η · weight decay · p\n{_ADAM_STEP}", ("beta_1", "beta_2", "epsilon", "amsgrad"), _adam
    ),
    "nadam": OptimizerEntry(
        "NAdam",
        "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\nμₜ = β₁ (1 − 0.5 · 0.96^(0.004 t))\n"
        "p ← p − η (μₜ₊₁ m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ) g / (1 − μ₁⋯μₜ)) / (√(v / (1 − β₂ᵗ)) + ε)",
        ("beta_1", "beta_2", "epsilon"),
        lambda settings: NAdam(**_given(beta_1=settings.beta_1, beta_2=settings.beta_2, epsilon=settings.epsilon)),
    ),
    "lion": OptimizerEntry(
        "Lion",
        "p ← p − η sign(β₁ m + (1 − β₁) g)\nm ← β₂ m + (1 − β₂) g",
        ("beta_1", "beta_2"),
        lambda settings: Lion(**_given(beta_1=settings.beta_1, beta_2=settings.beta_2)),
    ),
    "lbfgs": OptimizerEntry(
        "L-BFGS",
        "H ≈ inverse Hessian, from the last 10 pairs s = Δp, y = Δg\np ← p − λ H g, λ by a line search that starts at η",
        (),
        lambda settings: LBFGS(),
    ),
}
"""All optimizers by the name they have in the settings."""
