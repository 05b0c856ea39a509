"""The lines of the tool bar's optimizer menu: every optimizer, plain gradient descent with and without momentum."""

from __future__ import annotations

from engine.settings import Settings, choices
from gui.panels.toolbar_choices import OPTIMIZERS as USUAL

OPTIMIZER_LINES: tuple[dict[str, object], ...] = (
    *USUAL,
    *({"optimizer": name} for name in choices("optimizer") if name not in {line["optimizer"] for line in USUAL}),
)
"""What each line asks for, the usual ones first."""


def optimizer_line(settings: Settings) -> dict[str, object] | None:
    """Return the line of the menu that is in force, None where none is."""
    return next(
        (line for line in OPTIMIZER_LINES if all(getattr(settings, name) == value for name, value in line.items())), None
    )
