"""The lines of the tool bar's optimizer menu: every optimizer, plain gradient descent with and without momentum."""

from __future__ import annotations

from engine.settings import Settings, choices
from gui.panels.choice_box import choice_label
from gui.panels.number_field import number_text

_USUAL: tuple[dict[str, object], ...] = (
    {"optimizer": "sgd", "momentum": 0.0},
    {"optimizer": "sgd", "momentum": 0.9},
    {"optimizer": "adam"},
)

OPTIMIZER_LINES: tuple[dict[str, object], ...] = (
    *_USUAL,
    *({"optimizer": name} for name in choices("optimizer") if name not in {line["optimizer"] for line in _USUAL}),
)
"""What each line asks for, the usual ones first."""


def optimizer_line(settings: Settings) -> dict[str, object] | None:
    """Return the line of the menu that is in force, None where none is."""
    return next(
        (line for line in OPTIMIZER_LINES if all(getattr(settings, name) == value for name, value in line.items())), None
    )


def optimizer_label(settings: Settings) -> str:
    """Return the optimizer in force in a few letters: "Adam", "SGD", "Momentum 0.9"."""
    if settings.optimizer == "sgd" and settings.momentum > 0:
        return f"Momentum {number_text(settings.momentum)}"
    return choice_label(settings.optimizer)
