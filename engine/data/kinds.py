"""What a column holds: measurements, categories, or something a network can't learn from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, CodedText
from engine.data.numerals import is_code

Kind = Literal["numeric", "category", "boolean", "text", "identifier", "date", "constant", "empty"]

MAX_CATEGORIES = 100
CATEGORY_EXPONENT = 0.7
"""A text column is a category when it has fewer distinct values than n_rows to this power (the rule of Orange's reader)."""
MOST = 0.95
MAX_YEARS = 30

_BOOLEAN_WORDS = ({"yes", "no"}, {"y", "n"}, {"true", "false"}, {"t", "f"}, {"on", "off"})
_IDENTIFIER_NAME = re.compile(
    r"(?:.*[\W_])?(?i:id|idx|index|uuid|key|nr|no|rownames?|unnamed)(?:[\W_].*)?|.*[a-z](?:ID|Id|Key|Index|Number|No)"
)
_ORDER_NAME = re.compile(r"[xt]|time.*|day.*|hour.*|step.*|date.*|week.*|month.*|period.*", re.IGNORECASE)
_YEAR_NAME = re.compile(r"year|yr\b|built|jahr", re.IGNORECASE)
_ISO_DATE = re.compile(r"[0-9]{4}([-/])[0-9]{2}\1[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?Z?)?")


@dataclass(frozen=True, eq=False)
class Column:
    """A column and what it holds.

    Attributes
    ----------
    name : str
    kind : str
        numeric; category (text with few distinct values); boolean (0 and 1, yes and no); text; identifier (numbers the rows or
        names each of them); date (values are days since 1970-01-01, or years); constant; empty.
    missing : int
        Cells without a value.
    distinct : int
        Different values, missing not counted.
    values : ndarray of float64 or CodedText, of length n_rows
    """

    name: str
    kind: Kind
    missing: int
    distinct: int
    values: Cells

    @property
    def n_rows(self) -> int:
        """Number of cells, missing ones included."""
        return len(self.values)

    @property
    def present(self) -> int:
        """Cells with a value."""
        return self.n_rows - self.missing


def describe(name: str, cells: Cells, *, first: bool = False) -> Column:
    """Return what the cells of one column hold; `first` says that it is the first of several."""
    if isinstance(cells, CodedText):
        return _describe_text(name, cells)
    present = cells[~np.isnan(cells)]
    ordered = np.sort(present)
    distinct = int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1 if len(ordered) else 0
    kind = _kind_of_numbers(name, present, ordered, distinct, first=first)
    return Column(name, kind, len(cells) - len(present), distinct, cells)


def _describe_text(name: str, cells: CodedText) -> Column:
    missing, distinct = int(np.count_nonzero(cells.codes < 0)), len(cells.levels)
    kind = _kind_of_text(cells.levels, len(cells) - missing)
    values: Cells = _days(cells) if kind == "date" else cells
    return Column(name, kind, missing, distinct, values)


def _kind_of_numbers(
    name: str, present: NDArray[np.float64], ordered: NDArray[np.float64], distinct: int, *, first: bool
) -> Kind:
    if distinct <= 1:
        return "constant" if distinct else "empty"
    if distinct == 2 and ordered[0] == 0.0 and ordered[-1] == 1.0:
        return "boolean"
    if bool(np.all(present == np.floor(present))):
        if _numbers_the_rows(name, present, distinct, first=first):
            return "identifier"
        if _are_years(name, ordered):
            return "date"
    return "numeric"


def _numbers_the_rows(name: str, present: NDArray[np.float64], distinct: int, *, first: bool) -> bool:
    if distinct < len(present) or distinct < 3:
        return False
    named = _IDENTIFIER_NAME.fullmatch(name) is not None
    running = bool(np.all(present[1:] == present[:-1] + 1.0))
    return named or (running and first and _ORDER_NAME.fullmatch(name) is None)


def _are_years(name: str, ordered: NDArray[np.float64]) -> bool:
    """Say whether a column that is not called a year holds a few calendar years: when something was done or known."""
    if _YEAR_NAME.search(name) is not None:
        return False
    years = ordered[(ordered >= 1900) & (ordered <= 2100)]
    return len(years) >= MOST * len(ordered) and 2 < len(np.unique(years)) <= MAX_YEARS


def _kind_of_text(levels: tuple[str, ...], present: int) -> Kind:
    distinct = len(levels)
    if distinct <= 1:
        return "constant" if distinct else "empty"
    if distinct == 2 and {level.lower() for level in levels} in _BOOLEAN_WORDS:
        return "boolean"
    if _share(levels, is_code) > 0.0 and _share(levels, str.isdigit) >= MOST:
        return "identifier"
    if _share(levels, lambda level: _ISO_DATE.fullmatch(level) is not None) >= MOST:
        return "date"
    if distinct == present and present > 2:
        return "text" if _share(levels, lambda level: " " in level) > 0.5 else "identifier"
    if distinct < MAX_CATEGORIES and distinct <= max(2.0, present**CATEGORY_EXPONENT):
        return "category"
    return "text"


def _share(levels: tuple[str, ...], rule: Callable[[str], bool]) -> float:
    return sum(rule(level) for level in levels) / len(levels)


def _days(cells: CodedText) -> NDArray[np.float64]:
    """Return dates as days since 1970-01-01; missing where a text is no date."""
    days = np.full(len(cells.levels) + 1, np.nan)  # the last one is for the code -1
    for index, level in enumerate(cells.levels):
        try:
            moment = np.datetime64(level.replace("/", "-").removesuffix("Z"), "ms")
        except ValueError:
            continue
        days[index] = float(moment.astype(np.int64)) / 86_400_000
    values = days[cells.codes]
    values.flags.writeable = False
    return values
