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
"""Numbers of so few different values are spread as categories are: their rows would hide one another."""

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
    spreads : bool
        Whether rows of equal value are drawn apart, which the picture has to say: categories, and numbers of few values.
    """

    def __init__(self, column: Column, side: str) -> None:
        self.column, self.name = column, column.name
        self.cells = ColumnCells(column)
        self._spread = _SPREADS[side]
        self._steps: Ticks = []
        values = column.values
        if isinstance(values, CodedText):
            levels = sorted(values.levels)
            self._steps = [(float(place), level) for place, level in enumerate(levels)]
            self._places = np.full(len(values.levels) + 1, np.nan)  # the last one is for the code -1
            self._places[: len(values.levels)] = [levels.index(level) for level in values.levels]
        elif 1 < column.distinct <= FEW_VALUES and column.unit in ("", "years"):
            steps = np.unique(values[np.isfinite(values)])
            self._steps = [(float(step), self.cells.value_text(float(step))) for step in steps]
        places = [place for place, _ in self._steps]
        self._gap = min(np.diff(places), default=1.0)
        self.spreads = bool(places)

    def values(self, rows: Rows | Sequence[int]) -> Floats:
        """Return where rows stand, shape (n_rows,); NaN where the value is missing."""
        rows = np.asarray(rows, dtype=np.int64)
        values = self.column.values
        places: Floats = self._places[values.codes[rows]] if isinstance(values, CodedText) else values[rows]
        if not self.spreads:
            return places
        return places + (((rows + 1) * self._spread) % 1.0 * 2.0 - 1.0) * JITTER * self._gap

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
