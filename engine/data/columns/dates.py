"""Dates and times of day as numbers: days since 1970-01-01, read column by column because one cell alone may be ambiguous."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.date_forms import form_of, patterns_of
from engine.data.columns.date_order import settle_centuries, settle_open, settle_short
from engine.data.columns.date_parts import DateParts, calendar_days, share_of_day
from engine.data.import_spec import DateOrder

__all__ = ["DateUnit", "Dates", "compact_days", "date_text", "is_called_a_date", "read_dates"]

DateUnit = Literal["", "days", "years", "times"]
"""What the numbers of a date column are: days since 1970-01-01, calendar years, or times of day as a share of it."""

SAMPLE = 200
LONGER_THAN_DATES = 100
YEARS_OF_COMPACT_DATES = (1800, 2199)
_CALLED_A_DATE = re.compile(
    r"date|datum|\bday\b|_day\b|\bday_|dob\b|ymd|yyyymmdd|month|period|\bwhen\b|time(?:stamp)?\b", re.IGNORECASE
)


@dataclass(frozen=True, eq=False)
class Dates:
    """What texts mean as dates.

    Attributes
    ----------
    values : ndarray of float64, shape (n_texts,)
        Days since 1970-01-01 in UTC, or shares of a day; NaN where a text is no date.
    unit : {"days", "times"}
    order : {"year", "day", "month"} or None
        What came first in the dates that do not tell it themselves; None where all do.
    notes : tuple of str
        What was decided for the person, a sentence each.
    """

    values: NDArray[np.float64]
    unit: DateUnit
    order: DateOrder | None = None
    notes: tuple[str, ...] = ()


def read_dates(texts: Sequence[str], order: DateOrder = "year", *, said: bool = False, named: bool = False) -> Dates | None:
    """Return what the distinct texts of a column mean as dates; None where hardly any is a date.

    Parameters
    ----------
    texts : sequence of str
    order : {"year", "day", "month"}
        What comes first in 03/04/2021 where no text of the column decides it; "year" leaves it to the mark: the month comes
        before a slash, the day before a point or a hyphen.
    said : bool
        Whether a person says that these are dates. Then ambiguous two-digit years are read, too.
    named : bool
        Whether the column is called a date. Then, as where it is said, 20211231 and 2021-12 are dates.

    Notes
    -----
    Two-digit years are read by themselves only where one order alone makes dates of all texts and where the usual conventions
    agree on the century: 00 to 29 (2000 to 2029) and 69 to 99 (1969 to 1999).
    """
    if not (said or _worth_reading(texts)):
        return None
    parts = DateParts(texts)
    times = parts.these("time")
    if np.count_nonzero(times) > np.count_nonzero(parts.are_dates) / 2:
        return Dates(np.where(times, share_of_day(parts), np.nan), "times")
    parts.drop(times)
    if not (said or named):
        parts.drop(parts.these("month") | parts.these("compact"))
    notes: list[str] = []
    chosen = settle_open(parts, order, notes), settle_short(parts, order, notes, said=said)
    settle_centuries(parts, notes, said=said)
    day = np.where(parts.these("month"), 1, parts["day"])
    days = calendar_days(parts["year"], parts["month"], day) + share_of_day(parts)
    if parts.offsets:
        notes.append("Times with an offset are counted in UTC.")
    values = np.where(parts.are_dates, days, np.nan)
    return None if np.isnan(values).all() else Dates(values, "days", chosen[0] or chosen[1], tuple(notes))


def is_called_a_date(name: str) -> bool:
    """Say whether the name of a column is that of dates."""
    return _CALLED_A_DATE.search(name) is not None


def compact_days(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the days of numbers such as 20211231; NaN where one is no such date of the years 1800 to 2199."""
    first, last = YEARS_OF_COMPACT_DATES
    fits = (numbers >= first * 10_000) & (numbers <= (last + 1) * 10_000) & (numbers == np.floor(numbers))
    digits = np.where(fits, numbers, 0.0).astype(np.int64)
    return calendar_days(digits // 10_000, digits // 100 % 100, digits % 100)


def date_text(value: float, unit: DateUnit) -> str:
    """Return a value of a date column as a person writes it: 2021-12-31, 2021-12-31 06:30, 06:30:15, or a year."""
    if unit == "years":
        return f"{value:g}"
    moment = np.datetime64(round(value * 86_400_000), "ms")
    date, _, time = str(moment).partition("T")
    time = time.removesuffix(".000").removesuffix(":00")
    if unit == "times":
        return time
    return date if time == "00:00" else f"{date} {time}"


def _worth_reading(texts: Sequence[str]) -> bool:
    """Say whether at least half of a sample look like dates, so that a column of remarks costs nothing."""
    sample = texts[:: max(len(texts) // SAMPLE, 1)]
    joined = "\0".join(text[:LONGER_THAN_DATES] for text in sample).encode("utf-8", "replace")
    found = sum(form_of(pattern) is not None for pattern in patterns_of(joined))
    return found > 0 and found >= len(sample) / 2
