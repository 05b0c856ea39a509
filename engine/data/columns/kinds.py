"""What a column holds: measurements, categories, or something a network can't learn from."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, CodedText
from engine.data.columns.booleans import one_spelling, truth_of
from engine.data.columns.column import Column, column_of, count_distinct
from engine.data.columns.date_columns import column_of_compact_dates, date_column, hold_calendar_years
from engine.data.columns.dates import is_called_a_date
from engine.data.import_spec import ImportSpec, Kind
from engine.data.numerals import is_code

__all__ = ["Column", "Kind", "describe", "fewer_spellings"]

MAX_CATEGORIES = 100
CATEGORY_EXPONENT = 0.7
"""A text column is a category when it has fewer distinct values than n_rows to this power (the rule of Orange's reader)."""
MOST = 0.95
ROWS_PER_CODE = 10
"""Codes such as 007 are categories where each comes this often on average; else they name rows."""

_IDENTIFIER_NAME = re.compile(
    r"(?:.*[\W_])?(?i:id|idx|index|uuid|key|nr|no|rownames?|unnamed)(?:[\W_].*)?|.*[a-z](?:ID|Id|Key|Index|Number|No)"
)
_ORDER_NAME = re.compile(r"[xt]|time.*|day.*|hour.*|step.*|date.*|week.*|month.*|period.*", re.IGNORECASE)


def describe(name: str, cells: Cells, *, first: bool = False, spec: ImportSpec | None = None) -> Column:
    """Recognise what the cells of one column hold.

    Parameters
    ----------
    name : str
    cells : ndarray of float64 or CodedText
    first : bool
        Whether it is the first of several columns: running numbers there number the rows.
    spec : ImportSpec, optional
        How the file was read; it decides on dates that can be read in two ways.
    """
    if isinstance(cells, CodedText):
        return _describe_text(name, cells, spec or ImportSpec())
    return _describe_numbers(name, cells, first=first)


def fewer_spellings(name: str, cells: CodedText) -> Column | None:
    """Return a column of yes and no with one spelling of each; None where it holds anything else."""
    truth = truth_of(cells.levels)
    if truth is None:
        return None
    if len(cells.levels) == 2:
        return column_of(name, "boolean", cells)
    merged = one_spelling(cells, truth)
    shown = ", ".join(map(repr, cells.levels))
    note = f"{shown} are taken as spellings of {merged.levels[0]!r} and {merged.levels[1]!r}."
    return column_of(name, "boolean", merged, note=note)


def _describe_numbers(name: str, cells: NDArray[np.float64], *, first: bool) -> Column:
    absent = np.isnan(cells)
    present = cells[~absent] if absent.any() else cells
    whole = bool(np.array_equal(present, np.floor(present)))
    if whole and is_called_a_date(name):
        dates = column_of_compact_dates(name, cells)
        if dates is not None:
            return dates
    distinct = count_distinct(present)
    kind = _kind_of_numbers(name, present, distinct, whole=whole, first=first)
    return Column(name, kind, len(cells) - len(present), distinct, cells, "years" if kind == "date" else "")


def _kind_of_numbers(name: str, present: NDArray[np.float64], distinct: int, *, whole: bool, first: bool) -> Kind:
    if distinct <= 1:
        return "constant" if distinct else "empty"
    if distinct == 2 and present.min() == 0.0 and present.max() == 1.0:
        return "boolean"
    if whole and _numbers_the_rows(name, present, distinct, first=first):
        return "identifier"
    if whole and hold_calendar_years(name, present):
        return "date"
    return "numeric"


def _numbers_the_rows(name: str, present: NDArray[np.float64], distinct: int, *, first: bool) -> bool:
    if distinct < len(present) or distinct < 3:
        return False
    named = _IDENTIFIER_NAME.fullmatch(name) is not None
    running = bool(np.all(present[1:] == present[:-1] + 1.0))
    return named or (running and first and _ORDER_NAME.fullmatch(name) is None)


def _describe_text(name: str, cells: CodedText, spec: ImportSpec) -> Column:
    if len(cells.levels) <= 1:
        return column_of(name, "constant" if cells.levels else "empty", cells)
    recognised = fewer_spellings(name, cells)
    if recognised is None and not _are_codes(cells.levels):
        recognised = date_column(name, cells, spec)
    return recognised or column_of(name, _kind_of_text(cells), cells)


def _kind_of_text(cells: CodedText) -> Kind:
    levels, distinct = cells.levels, len(cells.levels)
    present = int(np.count_nonzero(cells.codes >= 0))
    fit_a_category = distinct < MAX_CATEGORIES and distinct <= max(2.0, present**CATEGORY_EXPONENT)
    if _are_codes(levels):
        return "category" if fit_a_category and ROWS_PER_CODE * distinct <= present else "identifier"
    if distinct == present and present > 2:
        with_spaces = sum(" " in level for level in levels)
        return "text" if with_spaces > 0.5 * distinct else "identifier"
    return "category" if fit_a_category else "text"


def _are_codes(levels: tuple[str, ...]) -> bool:
    """Say whether the texts are digits that are no quantity: leading zeros, or more digits than a float keeps."""
    return sum(map(str.isdigit, levels)) >= MOST * len(levels) and any(map(is_code, levels))
