"""An axis of the scatter: where rows stand along a column, and the words at its ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns.column import Column
from engine.data.columns.dates import date_text
from gui.views.data_cells import ColumnCells
from gui.views.framed_plot import padded
from gui.views.ticks import linear_ticks

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Ticks = list[tuple[float, str]]

MAX_LEVELS = 100
"""Columns of text with more levels than this are no axis."""

FEW_VALUES = 12
"""Numbers of so few different values have ticks at these, and may be spread."""

MASS_ROWS, MASS = 50, 5
"""From so many rows on, and so many at one place on the average, numbers are spread: all others stand where they are."""

JITTER = 0.34
"""How far rows of one value are drawn apart to each side, as a share of the least distance of two values."""

_SPREADS = {"x": 0.7548776662466927, "y": 0.5698402909980532}
"""The two irrational steps of the R2 sequence, by which the rows of a category fill its band evenly.

References
----------
Roberts, M. (2018). The unreasonable effectiveness of quasirandom sequences.
"""

_LONGEST_LABEL = 14
_DAY, _YEAR, _MONTH = 1.0, 365.25, 30.44


def can_be_an_axis(column: Column) -> bool:
    """Return whether rows can be placed along a column: numbers, dates, or not too many categories; not an empty one."""
    if isinstance(column.values, CodedText):
        return column.kind not in ("text", "identifier", "empty") and len(column.values.levels) <= MAX_LEVELS
    return column.present > 0


class ScatterAxis:
    """The places of rows along a column.

    Parameters
    ----------
    column : Column
        One for which `can_be_an_axis` holds.
    side : {"x", "y"}
        Along which axis rows of equal value are spread.

    Attributes
    ----------
    name : str
    is_class : bool
        Whether it holds categories, or yes and no.
    few_values : bool
        Whether it holds numbers of few values, each of many rows.
    spreads : bool
        Whether rows of equal value are drawn apart, which the picture has to say. Of a new axis, categories that hold more
        than one row are; numbers where `spread_masses` finds need.
    reach : float
        How far to each side; less than half of the way to the next value.
    """

    def __init__(self, column: Column, side: str) -> None:
        self.column, self.name = column, column.name
        self.cells = ColumnCells(column)
        self._spread = _SPREADS[side]
        self._steps: Ticks = []
        values = column.values
        self.is_class = isinstance(values, CodedText) or column.kind in ("boolean", "category")
        repeats = column.present >= MASS_ROWS and column.present >= MASS * column.distinct
        self.few_values = 1 < column.distinct <= FEW_VALUES and column.unit in ("", "years") and repeats and not self.is_class
        if isinstance(values, CodedText):
            levels = sorted(values.levels)
            self._steps = [(float(place), level) for place, level in enumerate(levels)]
            self._places = np.full(len(values.levels) + 1, np.nan)  # the last one is for the code -1
            self._places[: len(values.levels)] = [levels.index(level) for level in values.levels]
        elif self.is_class or self.few_values:
            steps = np.unique(values[np.isfinite(values)])
            self._steps = [(float(step), self.cells.value_text(float(step))) for step in steps]
        self._gap = min(np.diff([place for place, _ in self._steps]), default=1.0)
        self.reach = float(JITTER * self._gap)
        self.spreads = self.is_class and column.present > column.distinct

    def values(self, rows: Rows | Sequence[int]) -> Floats:
        """Return where rows are drawn, shape (n_rows,); NaN where the value is missing."""
        rows = np.asarray(rows, dtype=np.int64)
        places = self.places(rows)
        return places + (((rows + 1) * self._spread) % 1.0 * 2.0 - 1.0) * self.reach if self.spreads else places

    def places(self, rows: Rows) -> Floats:
        """Return where rows stand by their values alone, shape (n_rows,); NaN where the value is missing."""
        values = self.column.values
        return self._places[values.codes[rows]] if isinstance(values, CodedText) else values[rows]

    def window(self) -> tuple[float, float]:
        """Return the ends of the axis, with some room around all values."""
        if self._steps:
            return self._steps[0][0] - 0.5 * self._gap, self._steps[-1][0] + 0.5 * self._gap
        values = self.column.values
        assert not isinstance(values, CodedText)
        known = values[np.isfinite(values)]
        return padded(float(known.min()), float(known.max()), 0.04) if len(known) else (0.0, 1.0)

    def ticks(self, n_most: int) -> Ticks | None:
        """Return at most `n_most` places with their words, None where plain numbers do."""
        if self._steps:
            every = max(1, math.ceil(len(self._steps) / max(n_most, 1)))
            return [(place, _short(words)) for place, words in self._steps[::every]]
        if self.column.unit in ("days", "times"):
            return date_ticks(*self.window(), n_most, times=self.column.unit == "times")
        return None


def spread_masses(across: ScatterAxis, up: ScatterAxis, rows: Rows) -> None:
    """Let two axes of few numbers spread where many rows have the very same place, which would look like one row.

    Where one axis holds categories, their bands part the rows already; where one holds numbers of many values, few coincide.
    """
    if not (across.few_values and up.few_values) or across.name == up.name:
        return
    places = np.stack([across.places(rows), up.places(rows)], axis=1)
    places = places[np.isfinite(places).all(axis=1)]
    if len(places) >= max(MASS_ROWS, MASS * len(np.unique(places, axis=0))):
        across.spreads = up.spreads = True


def date_ticks(low: float, high: float, n_most: int, *, times: bool = False) -> Ticks:
    """Return ticks at the beginnings of years, months or days, or at whole hours, between two days since 1970-01-01."""
    span, n_most = high - low, max(n_most, 2)
    if times or span < n_most * _DAY:
        places = [hour / 24.0 for hour in linear_ticks(low * 24.0, high * 24.0, n_most)]
        return [(place, date_text(place, "times" if times else "days")) for place in places]
    unit: Any = next(unit for unit, days in (("Y", _YEAR), ("M", _MONTH), ("D", _DAY)) if span >= 2.0 * days)
    first, last = (np.datetime64(math.floor(day), "D").astype(f"datetime64[{unit}]") for day in (low, high))
    moments = np.arange(first, last + 1)
    step = max(1, math.ceil(len(moments) / n_most))
    days = moments[::step].astype("datetime64[D]")
    return [
        (float(day.astype(np.int64)), str(moment))
        for day, moment in zip(days, moments[::step], strict=True)
        if low <= day.astype(np.int64) <= high
    ]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
