"""The forms in which people write dates and times, recognised by where their digits stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

__all__ = ["MONTH_NAMES", "DateForm", "DateSort", "form_of", "patterns_of"]

MAX_LENGTH = 48
"""Longer texts are no dates."""

DateSort = Literal["settled", "open", "short", "time", "month", "compact"]

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTHS = {name.lower(): number for number, name in enumerate(MONTH_NAMES, start=1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}

_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,? )?"
_NAME = r"(?P<name>[A-Za-z]{3,9})"
_YEAR = r"(?P<year>0000)"
_DAY = r"(?P<day>0?0)"
_TIME = (
    r"(?P<hour>0?0):(?P<minute>00)(?::(?P<second>00)(?:[.,](?P<fraction>0{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_BASIC_TIME = r"(?P<hour>00)(?P<minute>00)(?:(?P<second>00)(?:[.,](?P<fraction>0{1,9}))?)?"
_ZONE = r"(?: ?(?:[Zz]|UTC|GMT|(?P<sign>[+-])(?P<zone_hour>00)(?::?(?P<zone_minute>00))?))?"
_CLOCK = rf"(?:(?:[Tt]| +|, ?){_TIME}{_ZONE})?"

# In a pattern every digit stands as "0". A date is settled where its form alone says what is the year, the month and the day;
# open where the order of day and month is left to the column; short where the year has two digits and may stand at either end.
_WRITTEN: tuple[tuple[DateSort, str], ...] = (
    ("settled", rf"{_YEAR}(?P<mark>[-/.])(?P<month>0?0)(?P=mark){_DAY}{_CLOCK}"),
    ("open", rf"(?P<one>0?0)(?P<mark>[-/.])(?P<two>0?0)(?P=mark){_YEAR}{_CLOCK}"),
    ("short", rf"(?P<one>0?0)(?P<mark>[-/.])(?P<two>0?0)(?P=mark)(?P<three>00){_CLOCK}"),
    ("settled", rf"{_WEEKDAY}{_DAY}(?:st|nd|rd|th|\.)?[ -]?{_NAME}\.?,?[ -]?(?:{_YEAR}|(?P<short_year>00)){_CLOCK}"),
    ("settled", rf"{_WEEKDAY}{_NAME}\.?[ -]{_DAY}(?:st|nd|rd|th)?,?[ -]{_YEAR}{_CLOCK}"),
    ("settled", rf"{_YEAR}[ -]{_NAME}[ -]{_DAY}{_CLOCK}"),
    ("settled", rf"{_YEAR}(?P<month>00)(?P<day>00)T{_BASIC_TIME}{_ZONE}"),
    ("time", _TIME),
    ("month", rf"{_YEAR}[-/](?P<month>00)"),
    ("compact", rf"{_YEAR}(?P<month>00)(?P<day>00)"),
)
_FORMS = tuple((sort, re.compile(form)) for sort, form in _WRITTEN)
_SPANNED = (
    "year", "short_year", "month", "day", "one", "two", "three",
    "hour", "minute", "second", "fraction", "zone_hour", "zone_minute",
)  # fmt: skip
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")


@dataclass(frozen=True)
class DateForm:
    """Where the parts of a date stand in a text.

    Attributes
    ----------
    sort : {"settled", "open", "short", "time", "month", "compact"}
        settled: year, month and day are known by the form. open: two numbers before a year, 03/04/2021. short: three numbers of
        two digits. time: a time of day. month: 2021-04. compact: eight digits.
    spans : mapping of str to (int, int)
        Part -> its first position and the one after its last.
    mark : str
        The sign between three numbers; empty elsewhere.
    month : int or None
        The month, where it is written as a word.
    afternoon : bool or None
        The half of the day, where hours count to twelve.
    east : bool or None
        Whether the offset is ahead of UTC; None where none is written.
    """

    sort: DateSort
    spans: Mapping[str, tuple[int, int]]
    mark: str = ""
    month: int | None = None
    afternoon: bool | None = None
    east: bool | None = None


def patterns_of(joined: bytes) -> list[bytes]:
    """Return the patterns of texts that are joined by NUL bytes: every digit stands as "0"; one pattern, one form."""
    return joined.translate(_DIGITS_TO_ZERO).split(b"\0")


@lru_cache(maxsize=4096)
def form_of(pattern: bytes) -> DateForm | None:
    """Return the form of all texts of a pattern; None where they are no dates."""
    if len(pattern) > MAX_LENGTH or not pattern.isascii():
        return None
    written = pattern.decode("ascii")
    for sort, form in _FORMS:
        match = form.fullmatch(written)
        if match is None:
            continue
        parts = match.groupdict()
        name = parts.get("name")
        if name is not None and name.lower() not in _MONTHS:
            continue
        half, sign = parts.get("half"), parts.get("sign")
        return DateForm(
            sort,
            {part: match.span(part) for part in _SPANNED if parts.get(part)},
            mark=parts.get("mark") or "",
            month=None if name is None else _MONTHS[name.lower()],
            afternoon=None if half is None else half in "Pp",
            east=None if sign is None else sign == "+",
        )
    return None
