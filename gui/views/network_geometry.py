"""Where things stand in the network diagram: columns of units, their labels, and the curves between them. No painting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

MARGIN = 12
LABEL_GAP = 8
CAPTION_LINE = 16
CAPTION_BOTTOM = 6
HIDDEN_LINE = 14
"""Height of the line that counts the hidden units of a wide layer."""

CURVE_POINTS = 17
"""Points a link's curve is flattened to, to find what is under the mouse."""

SMALLEST_UNIT = 4
LARGEST_UNIT = 84
NAME_LINE = 13
"""Least distance of two units whose names can stand beside them."""

_LABEL_SHARE, _LEAST_LABEL = 0.2, 72.0
_UNIT_SHARE_OF_HEIGHT = 0.125
_UNIT_SHARE_OF_SPACING = 0.45
_INPUT_SIZE, _OUTPUT_SIZE = 1.1, 1.3
"""Inputs and outputs beside hidden units: there are fewer of them, and they are what one looks for."""

_LOOSEST_PITCH = 1.95
_GAP_SHARE = 0.12
_SMALLEST_GAP = 4

TextWidth = Callable[[str], float]


class UnitId(NamedTuple):
    """A unit of the network: layer 0 are the inputs; `unit` counts from 0."""

    layer: int
    unit: int


class LinkId(NamedTuple):
    """A weight of layer `layer` (from 1): from unit `source` of the layer before to its unit `unit`, both counted from 0."""

    layer: int
    source: int
    unit: int


@dataclass(frozen=True)
class ColumnPlan:
    """What a column has to hold.

    Attributes
    ----------
    units : tuple of int
        The units drawn, top to bottom.
    n_units : int
        All units of the layer.
    captions : tuple of str
        What stands below it, from the longest wording to the shortest.
    names : tuple of str
        Names beside the units; empty for hidden layers.
    """

    units: tuple[int, ...]
    n_units: int
    captions: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def n_hidden(self) -> int:
        """Units that are not drawn."""
        return self.n_units - len(self.units)


@dataclass(frozen=True)
class Column:
    """A column in place, in pixels.

    Attributes
    ----------
    x : float
        Its centre.
    size : int
        Side of a unit.
    tops : tuple of int
        Upper edge of each unit.
    pitch : float
        Distance between two units.
    """

    x: float
    size: int
    tops: tuple[int, ...]
    pitch: float

    @property
    def left(self) -> int:
        """Left edge of its units."""
        return round(self.x - self.size / 2)

    @property
    def right(self) -> int:
        """Right edge of its units."""
        return self.left + self.size

    @property
    def centres(self) -> FloatArray:
        """Vertical centres of its units."""
        return np.asarray(self.tops, dtype=np.float64) + self.size / 2

    @property
    def bottom(self) -> float:
        """Lower edge of its last unit."""
        return self.tops[-1] + self.size


@dataclass(frozen=True)
class Layout:
    """Everything in place.

    Attributes
    ----------
    plans, columns : tuple
        One per layer, inputs first.
    caption_level, hidden_level : int
        Which wording of the captions, and of the counts of hidden units, fits.
    caption_y : float
        Upper edge of the captions' line.
    left_room, right_room : float
        Width for the names of inputs and outputs, 0 where they don't fit.
    """

    width: int
    height: int
    plans: tuple[ColumnPlan, ...]
    columns: tuple[Column, ...]
    caption_level: int
    hidden_level: int
    caption_y: float
    left_room: float
    right_room: float

    def hidden_text(self, plan: ColumnPlan) -> str:
        """Return what stands below a column about the units that are not drawn; empty where all are."""
        return hidden_wordings(plan)[self.hidden_level]

    def unit_at(self, x: float, y: float, slack: float = 2.0) -> UnitId | None:
        """Return the unit under a point."""
        for layer, (plan, column) in enumerate(zip(self.plans, self.columns, strict=True)):
            if not column.left - slack <= x <= column.right + slack:
                continue
            for unit, top in zip(plan.units, column.tops, strict=True):
                if top - slack <= y <= top + column.size + slack:
                    return UnitId(layer, unit)
        return None

    def unit_box(self, unit: UnitId) -> tuple[int, int, int] | None:
        """Return left, top and side of a unit, None where it is not drawn."""
        units, column = self.plans[unit.layer].units, self.columns[unit.layer]
        return (column.left, column.tops[units.index(unit.unit)], column.size) if unit.unit in units else None


def arrange(
    width: int, height: int, plans: Sequence[ColumnPlan], text_width: TextWidth, legend: tuple[float, float] = (0.0, 0.0)
) -> Layout:
    """Return the diagram's layout in a panel.

    Parameters
    ----------
    width, height : int
        Of the panel, in pixels.
    plans : sequence of ColumnPlan
        One per layer, inputs first.
    text_width : callable
        Width of a text in the label's typeface.
    legend : tuple of float
        Right and lower edge of the legend in the upper left corner; units keep clear of it.
    """
    caption_y = height - CAPTION_BOTTOM - CAPTION_LINE
    bottom = caption_y - LABEL_GAP
    rooms = [_name_room(plan, width, text_width) for plan in (plans[0], plans[-1])]
    rooms = [
        room if _pitch_limit(plan, top, bottom) >= NAME_LINE else 0.0
        for room, plan, top in zip(rooms, (plans[0], plans[-1]), (max(legend[1], MARGIN), MARGIN), strict=True)
    ]
    largest = _largest_sizes(width - sum(rooms), height, len(plans))
    xs = _column_centres(width, rooms, largest)
    columns = []
    for number, (plan, x, size) in enumerate(zip(plans, xs, largest, strict=True)):
        under_legend = number == 0 or x - size / 2 < legend[0] + LABEL_GAP
        top = max(MARGIN, legend[1] + LABEL_GAP) if under_legend and legend[1] > 0 else MARGIN
        columns.append(_column(plan, x, size, top, bottom))
    captions, hidden = (_fitting(texts, xs, width, text_width) for texts in (_caption_wordings(plans), _hidden_wordings(plans)))
    return Layout(width, height, tuple(plans), tuple(columns), captions, hidden, caption_y, rooms[0], rooms[1])


def curves(layout: Layout, layer: int) -> FloatArray:
    """Return the curves of all drawn links into a layer, source by source.

    A cubic with horizontal ends, as wide as the gap between the columns.

    Returns
    -------
    ndarray of shape (n_sources * n_units, CURVE_POINTS, 2)
    """
    before, column = layout.columns[layer - 1], layout.columns[layer]
    start = np.repeat(before.centres, len(column.tops))
    stop = np.tile(column.centres, len(before.tops))
    return cubic(before.right, start, column.left, stop, np.linspace(0.0, 1.0, CURVE_POINTS))


def cubic(
    x_start: FloatArray | float, y_start: FloatArray, x_stop: FloatArray | float, y_stop: FloatArray, t: FloatArray
) -> FloatArray:
    """Return points of cubic Bézier curves whose two inner control points lie half way, level with the ends.

    Returns
    -------
    ndarray of shape (n_curves, len(t), 2)
    """
    x_share = 1.5 * t * (1.0 - t) + t**3
    y_share = t * t * (3.0 - 2.0 * t)
    x_start, x_stop = np.broadcast_to(x_start, y_start.shape), np.broadcast_to(x_stop, y_start.shape)
    x = x_start[:, None] + (x_stop - x_start)[:, None] * x_share
    y = y_start[:, None] + (y_stop - y_start)[:, None] * y_share
    return np.stack([x, y], axis=2)


def _name_room(plan: ColumnPlan, width: int, text_width: TextWidth) -> float:
    widest = max((text_width(name) for name in plan.names), default=0.0)
    return float(min(np.ceil(widest), max(_LABEL_SHARE * width, _LEAST_LABEL)))


def _pitch_limit(plan: ColumnPlan, top: float, bottom: float) -> float:
    return (bottom - top - (HIDDEN_LINE if plan.n_hidden else 0)) / len(plan.units)


def _largest_sizes(width: float, height: int, n_columns: int) -> list[float]:
    """Return the largest side of a unit for every column."""
    spacing = (width - 2 * MARGIN) / n_columns
    hidden = min(_UNIT_SHARE_OF_HEIGHT * height, _UNIT_SHARE_OF_SPACING * spacing, LARGEST_UNIT)
    return [hidden * _INPUT_SIZE, *[hidden] * (n_columns - 2), hidden * _OUTPUT_SIZE]


def _column_centres(width: int, rooms: Sequence[float], sizes: Sequence[float]) -> FloatArray:
    left, right = (MARGIN + (room + LABEL_GAP if room else 0.0) for room in rooms)
    return np.linspace(left + sizes[0] / 2, width - right - sizes[-1] / 2, len(sizes))


def _column(plan: ColumnPlan, x: float, largest: float, top: float, bottom: float) -> Column:
    n_units = len(plan.units)
    bottom -= HIDDEN_LINE if plan.n_hidden else 0
    pitch = max(1.0, min((bottom - top) / n_units, _LOOSEST_PITCH * largest))
    size = max(SMALLEST_UNIT, int(min(largest, pitch - max(_SMALLEST_GAP, _GAP_SHARE * pitch))))
    middle = (MARGIN + bottom) / 2
    start = min(max(top, middle - n_units * pitch / 2), bottom - n_units * pitch)
    tops = tuple(round(start + (place + 0.5) * pitch - size / 2) for place in range(n_units))
    return Column(float(x), size, tops, pitch)


def _fitting(wordings: Sequence[Sequence[str]], xs: FloatArray, width: int, text_width: TextWidth) -> int:
    """Return the longest wording (wordings[level] has a text per column) at which no two texts of a line touch."""
    for level, texts in enumerate(wordings):
        spans = [caption_span(text, x, width, text_width) for text, x in zip(texts, xs, strict=True) if text]
        if all(right + LABEL_GAP <= left for (_, right), (left, _) in pairwise(spans)):
            return level
    return len(wordings) - 1


def _caption_wordings(plans: Sequence[ColumnPlan]) -> list[list[str]]:
    return [[caption_of(plan, level) for plan in plans] for level in range(max(len(plan.captions) for plan in plans))]


def _hidden_wordings(plans: Sequence[ColumnPlan]) -> list[list[str]]:
    return [[hidden_wordings(plan)[level] for plan in plans] for level in range(3)]


def hidden_wordings(plan: ColumnPlan) -> tuple[str, str, str]:
    """Return how many units of a layer are not drawn, longest wording first; empty where all are."""
    return (f"+ {plan.n_hidden:,} not drawn", f"+{plan.n_hidden:,}", "+") if plan.n_hidden else ("", "", "")


def caption_of(plan: ColumnPlan, level: int) -> str:
    """Return a column's caption in one of its wordings, the shortest it has beyond that."""
    return plan.captions[min(level, len(plan.captions) - 1)]


def caption_span(text: str, x: float, width: int, text_width: TextWidth) -> tuple[float, float]:
    """Return left and right edge of a caption centred on a column, kept inside the panel."""
    room = text_width(text)
    left = min(max(x - room / 2, LABEL_GAP), width - LABEL_GAP - room)
    return left, left + room
