"""The words above a drawing: what is missing before it can be trained on, its classes with their counts, its bounds."""

from __future__ import annotations

from engine.data.examples.drawn import MOST_CLASSES, DrawnKind, class_name
from gui.theme import Theme
from gui.views.caption_strip import CaptionEntry
from gui.views.drawing_points import MOST_POINTS, DrawingPoints, Range
from gui.views.number_text import with_minus
from gui.views.prediction_points import class_colour, class_marker, train_style

AXES: dict[DrawnKind, tuple[str, str]] = {"classes": ("x1", "x2"), "curve": ("x", "y")}
"""What the axes of each kind of drawing are called."""


def caption(theme: Theme, drawing: DrawingPoints, n_classes: int, *, is_predicted: bool) -> list[CaptionEntry]:
    """Return the entries above a drawing.

    Parameters
    ----------
    theme : Theme
    drawing : DrawingPoints
    n_classes : int
        How many classes the colours are of.
    is_predicted : bool
        Whether the network's prediction is drawn, too.
    """
    lack, curve = drawing.drawn.lack, drawing.kind == "curve"
    entries = [CaptionEntry(lack, colour=theme.text)] if lack else []
    entries += [_curve_entry(theme, drawing)] if curve else _class_entries(theme, drawing, n_classes)
    if drawing.is_full:
        entries.append(CaptionEntry(f"full: {MOST_POINTS:,} points at most", colour=theme.danger))
    entries.append(CaptionEntry(bounds(AXES[drawing.kind], drawing.state.plane)))
    if is_predicted:
        entries.append(CaptionEntry(f"{'line' if curve else 'shaded'}: the network's prediction"))
    return entries


def bounds(names: tuple[str, str], plane: tuple[Range, Range]) -> str:
    """Say where a plane ends.

    Examples
    --------
    >>> bounds(("x", "y"), ((0.0, 1.0), (-0.5, 2.0)))
    'x from 0 to 1, y from −0.5 to 2'
    """
    (left, right), (low, high) = ((with_minus(f"{end:g}") for end in ends) for ends in plane)
    if (left, right) == (low, high):
        return f"{names[0]} and {names[1]} from {left} to {right}"
    return f"{names[0]} from {left} to {right}, {names[1]} from {low} to {high}"


def _curve_entry(theme: Theme, drawing: DrawingPoints) -> CaptionEntry:
    return CaptionEntry("points", f"{len(drawing):,}", train_style(theme, theme.train, "o"))


def _class_entries(theme: Theme, drawing: DrawingPoints, n_classes: int) -> list[CaptionEntry]:
    counts = ((label, drawing.count(label)) for label in range(MOST_CLASSES))
    return [
        CaptionEntry(
            class_name(label),
            f"{count:,}",
            train_style(theme, class_colour(theme, label, n_classes), class_marker(label, n_classes)),
        )
        for label, count in counts
        if count
    ]
