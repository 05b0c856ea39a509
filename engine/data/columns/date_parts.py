"""The years, months, days and times in the dates of a column, read all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.date_forms import DateForm, DateSort, form_of, patterns_of

__all__ = ["ABSENT", "DateParts", "calendar_days", "share_of_day"]

ABSENT = -1
MAX_OFFSET_HOURS = 14
SECONDS_PER_DAY = 86_400
_Integers = NDArray[np.int32]
_Floats = NDArray[np.float64]


class DateParts:
    """The numbers in the dates of a column: ``parts["year"]`` holds the year of every text, -1 where it has none.

    Parameters
    ----------
    texts : sequence of str

    Attributes
    ----------
    marks : set of str
        The signs between three numbers whose order is not settled.
    offsets : bool
        Whether any time has an offset from UTC.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._is_sort: dict[DateSort, NDArray[np.bool_]] = {}
        self.marks: set[str] = set()
        self.offsets = False
        self._numbers: dict[str, _Integers] = {}
        joined = "\0".join(texts).encode("utf-8", "replace")
        if joined.count(0) >= len(texts):
            joined = "\0".join(text.replace("\0", "?") for text in texts).encode("utf-8", "replace")
        self._bytes = np.frombuffer(joined, dtype=np.uint8)
        self._starts = np.append(0, np.flatnonzero(self._bytes == 0) + 1)
        for pattern, indices in _groups(patterns_of(joined)):
            form = form_of(pattern)
            if form is not None:
                self._add(form, indices)

    def __getitem__(self, part: str) -> _Integers:
        if part not in self._numbers:
            self._numbers[part] = np.full(len(self.texts), ABSENT, dtype=np.int32)
        return self._numbers[part]

    @property
    def are_dates(self) -> NDArray[np.bool_]:
        """Which texts are dates or times."""
        found = np.zeros(len(self.texts), dtype=bool)
        for these in self._is_sort.values():
            found |= these
        return found

    def these(self, sort: DateSort) -> NDArray[np.bool_]:
        """Return which texts have a form of this sort."""
        return self._is_sort.get(sort, np.zeros(len(self.texts), dtype=bool))

    def drop(self, rows: NDArray[np.bool_]) -> None:
        """Take these texts for no dates."""
        for these in self._is_sort.values():
            these &= ~rows

    def _add(self, form: DateForm, indices: NDArray[np.intp]) -> None:
        """Add the texts of one form: their digits stand in the same places, so that each place is read in one step."""
        self._is_sort.setdefault(form.sort, np.zeros(len(self.texts), dtype=bool))[indices] = True
        if form.sort in ("open", "short"):
            self.marks.add(form.mark)
        starts = self._starts[indices]
        for part, (start, stop) in form.spans.items():
            number = np.zeros(len(indices), dtype=np.int32)
            for position in range(start, stop):
                number *= 10
                number += self._bytes[starts + position] - ord("0")
            self[part][indices] = number * 10 ** (9 - (stop - start)) if part == "fraction" else number
        for part, value in (("month", form.month), ("afternoon", form.afternoon), ("east", form.east)):
            if value is not None:
                self[part][indices] = value
        self.offsets |= form.east is not None


def _groups(patterns: Sequence[bytes]) -> Iterator[tuple[bytes, NDArray[np.intp]]]:
    """Yield each pattern and the positions of the texts that have it."""
    numbers: dict[bytes, int] = {}
    found = np.fromiter((numbers.setdefault(pattern, len(numbers)) for pattern in patterns), np.int32, len(patterns))
    order = np.argsort(found, kind="stable")
    ends = np.cumsum(np.bincount(found, minlength=len(numbers)))
    yield from zip(numbers, np.split(order, ends[:-1]), strict=True)


def calendar_days(year: NDArray[np.integer[Any]], month: NDArray[np.integer[Any]], day: NDArray[np.integer[Any]]) -> _Floats:
    """Return days since 1970-01-01 in the Gregorian calendar; NaN where there is no such day."""
    possible = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(possible, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[D]").astype(np.int64)
    possible &= day <= following - first
    return np.where(possible, (first + day - 1).astype(np.float64), np.nan)


def share_of_day(parts: DateParts) -> _Floats:
    """Return the times of day in UTC as a share of a day, 0 where none is written and NaN where there is no such time."""
    hour, minute, second = parts["hour"], np.maximum(parts["minute"], 0), np.maximum(parts["second"], 0)
    twelve = parts["afternoon"] != ABSENT
    possible = (hour <= np.where(twelve, 12, 23)) & (~twelve | (hour > 0)) & (minute <= 59) & (second <= 59)
    hour = np.where(twelve, hour % 12 + 12 * parts["afternoon"], np.maximum(hour, 0))
    zone_hour, zone_minute = np.maximum(parts["zone_hour"], 0), np.maximum(parts["zone_minute"], 0)
    possible &= (zone_hour <= MAX_OFFSET_HOURS) & (zone_minute <= 59)
    offset = np.where(parts["east"] == 1, 1, -1) * (zone_hour * 60 + zone_minute)
    seconds = ((hour * 60 + minute - offset) * 60 + second) + np.maximum(parts["fraction"], 0) / 1e9
    return np.where(possible, seconds / SECONDS_PER_DAY, np.nan)
