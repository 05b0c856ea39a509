"""Columns of dates: from text, and from numbers that are years or written without marks."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText, number_text
from engine.data.columns.column import Column, by_code, column_of, count_distinct, unread
from engine.data.columns.dates import compact_days, is_called_a_date, read_dates
from engine.data.import_spec import ImportSpec

__all__ = ["MOST", "column_of_compact_dates", "date_column", "hold_calendar_years"]

MOST = 0.95
"""Share of the cells with a value that must be dates where nobody says that the column holds them."""
MAX_YEARS = 30
YEARS = (1900.0, 2100.0)
_YEAR_NAME = re.compile(r"year|yr\b|built|jahr", re.IGNORECASE)


def date_column(name: str, cells: CodedText, spec: ImportSpec, *, said: bool = False) -> Column | None:
    """Return text as a column of dates; None where it holds none, or where fewer than 95 % are and nobody says that all are."""
    order = "day" if spec.date_order == "year" and spec.decimal == "," else spec.date_order
    dates = read_dates(cells.levels, order, said=said, named=is_called_a_date(name))
    if dates is None:
        return None
    values = by_code(cells, dates.values)
    present = np.count_nonzero(cells.codes >= 0)
    if not said and np.count_nonzero(~np.isnan(values)) < MOST * present:
        return None
    words = ("time of day", "times of day") if dates.unit == "times" else ("date", "dates")
    note = " ".join(filter(None, [*dates.notes, unread(cells, np.isnan(dates.values), *words)]))
    return column_of(name, "date", values, unit=dates.unit, note=note, date_order=dates.order)


def column_of_compact_dates(name: str, cells: NDArray[np.float64]) -> Column | None:
    """Return numbers such as 20211231 as a column of dates; None where fewer than 95 % are such dates."""
    present = ~np.isnan(cells)
    values = compact_days(np.where(present, cells, 0.0))
    wrong = np.flatnonzero(present & np.isnan(values))
    if not present.any() or len(wrong) > (1.0 - MOST) * np.count_nonzero(present):
        return None
    values.flags.writeable = False
    shown = number_text(float(cells[wrong[0]])) if len(wrong) else ""
    count = "1 cell is no date" if len(wrong) == 1 else f"{len(wrong):,} cells are no dates"
    return column_of(name, "date", values, unit="days", note=f"{count} ({shown}): read as missing." if len(wrong) else "")


def hold_calendar_years(name: str, whole: NDArray[np.float64]) -> bool:
    """Say whether whole numbers not called a year are a few calendar years: when something was done or known."""
    if _YEAR_NAME.search(name) is not None:
        return False
    years = whole[(whole >= YEARS[0]) & (whole <= YEARS[1])]
    return len(years) >= MOST * len(whole) and 2 < count_distinct(years) <= MAX_YEARS
