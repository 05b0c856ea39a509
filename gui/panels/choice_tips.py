"""What stands in the tool tips of choices: full names and formulas, as the engine's tables have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.activations import ACTIVATIONS, Activation
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES

_TABLES: dict[str, Mapping[str, Any]] = {
    "activation": ACTIVATIONS,
    "output_activation": ACTIVATIONS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}


def choice_tips(name: str) -> dict[str, str]:
    """Return the full name and the formula of each choice of a setting, none where the engine has no table of them."""
    return {choice: "\n".join((entry.title, *_formulas(entry))) for choice, entry in _TABLES.get(name, {}).items()}


def _formulas(entry: Any) -> tuple[str, ...]:
    """Return the formula, and for an activation function that of its slope."""
    if isinstance(entry, Activation):
        return f"a = {entry.formula}", f"da/dz = {entry.derivative_formula}"
    return (entry.formula,)
