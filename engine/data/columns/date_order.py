"""Which number of a date is the day and which the month, decided from the whole column."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.date_forms import MONTH_NAMES
from engine.data.columns.date_parts import ABSENT, DateParts, calendar_days
from engine.data.import_spec import DateOrder

__all__ = ["settle_centuries", "settle_open", "settle_short"]

LAST_YEAR_OF_2000 = 68
"""Two-digit years up to this one belong to 2000, later ones to 1900, as in POSIX."""
SURE_YEARS_OF_2000 = 29
"""Spreadsheets switch here: up to this year, and after the one above, both conventions agree."""

_PLACES: Mapping[DateOrder, tuple[str, str, str]] = {
    "day": ("three", "two", "one"),
    "month": ("three", "one", "two"),
    "year": ("one", "two", "three"),
}


def settle_open(parts: DateParts, order: DateOrder, notes: list[str]) -> DateOrder | None:
    """Decide which of the two numbers before a four-digit year is the day; return None where there are no such dates."""
    is_open = parts.these("open")
    if not is_open.any():
        return None
    one, two = parts["one"], parts["two"]
    day_first, month_first = (int(np.count_nonzero(is_open & (number > 12))) for number in (one, two))
    chosen = _likely(order, parts.marks) if day_first == month_first else "day" if day_first > month_first else "month"
    _take(parts, is_open, {"day": "one", "month": "two"} if chosen == "day" else {"day": "two", "month": "one"})
    either = np.flatnonzero(is_open & (one != two) & (one <= 12) & (two <= 12))
    if len(either) and (day_first > 0) == (month_first > 0):
        why = "some dates have the day first and some the month" if day_first else "no date of the column decides"
        notes.append(f"Dates are read {chosen} first, {_example(parts, int(either[0]))}: {why}.")
    return chosen


def settle_short(parts: DateParts, order: DateOrder, notes: list[str], *, said: bool) -> DateOrder | None:
    """Decide which of three two-digit numbers is the year, the month and the day; where it is open they are no dates."""
    short = parts.these("short")
    if not short.any():
        return None
    # Nobody writes a year of two digits before points.
    possible: tuple[DateOrder, ...] = ("day", "month") if parts.marks == {"."} else ("day", "month", "year")
    readable = {candidate: _n_readable(parts, short, _PLACES[candidate]) for candidate in possible}
    n_short = int(np.count_nonzero(short))
    only = [candidate for candidate, count in readable.items() if count == n_short]
    if len(only) != 1 and not said:
        parts.drop(short)
        return None
    likely = _likely(order, parts.marks)
    chosen = max(readable, key=lambda candidate: (readable[candidate], candidate == likely))
    year, month, day = _PLACES[chosen]
    _take(parts, short, {"short_year": year, "month": month, "day": day})
    if len(only) != 1:
        example = _example(parts, int(np.flatnonzero(short)[0]))
        notes.append(f"Dates are read {chosen} first, {example}: no date of the column decides.")
    return chosen


def settle_centuries(parts: DateParts, notes: list[str], *, said: bool) -> None:
    """Give two-digit years their century; where it is open and nobody says that these are dates, they are none."""
    short = (parts["short_year"] != ABSENT) & parts.are_dates
    if not short.any():
        return
    years = parts["short_year"][short]
    if not said and bool(np.any((years > SURE_YEARS_OF_2000) & (years <= LAST_YEAR_OF_2000))):
        parts.drop(short)
        return
    parts["year"][short] = _full_years(years)
    notes.append(f"Two-digit years are read as {1901 + LAST_YEAR_OF_2000} to {2000 + LAST_YEAR_OF_2000}.")


def _likely(order: DateOrder, marks: set[str]) -> DateOrder:
    """Return what comes first where nothing decides: as said, or as is usual with the mark between the numbers."""
    if order != "year":
        return order
    return "month" if marks == {"/"} else "day"


def _n_readable(parts: DateParts, rows: NDArray[np.bool_], places: tuple[str, str, str]) -> int:
    year, month, day = (parts[place][rows] for place in places)
    return int(np.count_nonzero(~np.isnan(calendar_days(_full_years(year), month, day))))


def _full_years(years: NDArray[np.int32]) -> NDArray[np.int32]:
    return years + np.where(years <= LAST_YEAR_OF_2000, 2000, 1900)


def _take(parts: DateParts, rows: NDArray[np.bool_], places: Mapping[str, str]) -> None:
    for part, place in places.items():
        parts[part][rows] = parts[place][rows]


def _example(parts: DateParts, index: int) -> str:
    year = parts["year"][index]
    if year == ABSENT:
        year = _full_years(parts["short_year"][index : index + 1])[0]
    month = int(parts["month"][index])
    name = MONTH_NAMES[month - 1] if 1 <= month <= 12 else f"month {month}"
    return f"{parts.texts[index]!r} as {parts['day'][index]} {name} {year}"
