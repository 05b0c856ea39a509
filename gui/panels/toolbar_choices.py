"""What the tool bar offers: speeds, learning rates, batch sizes and optimizers."""

from __future__ import annotations

from engine.settings import Settings
from gui.panels.choice_box import choice_label
from gui.panels.number_field import number_text

SPEEDS: tuple[float | None, ...] = (1, 2, 3, 5, 10, 20, 30, 60, 100, 200, 300, 600, 1000, 2000, 5000, None)
"""Steps per second the speed slider offers; None is full speed."""

LEARNING_RATES: tuple[float, ...] = (*(m * 10.0**e for e in range(-5, 1) for m in (1, 1.5, 2, 3, 5, 7)), 10.0)
"""Learning rates the slider stops at; any other can be typed."""

BATCH_SIZES: tuple[int | str, ...] = (1, 8, 10, 32, 64, 128, "full")

OPTIMIZERS: tuple[dict[str, object], ...] = (
    {"optimizer": "sgd", "momentum": 0.0},
    {"optimizer": "sgd", "momentum": 0.9},
    {"optimizer": "adam"},
)
"""What the optimizer menu asks for."""


def optimizer_label(settings: Settings) -> str:
    """Return the optimizer in force in a few letters: "Adam", "SGD", "Momentum 0.9"."""
    if settings.optimizer == "sgd" and settings.momentum > 0:
        return f"Momentum {number_text(settings.momentum)}"
    return choice_label(settings.optimizer)


def optimizer_choice(settings: Settings) -> dict[str, object] | None:
    """Return the line of the optimizer menu that is in force, None where none is."""
    return next(
        (change for change in OPTIMIZERS if all(getattr(settings, name) == value for name, value in change.items())), None
    )
