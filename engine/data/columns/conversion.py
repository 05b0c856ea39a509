"""Columns that hold what a person says they hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, CodedText, number_text
from engine.data.columns.column import Column, by_code, column_of, unread
from engine.data.columns.date_columns import column_of_compact_dates, date_column
from engine.data.columns.kinds import fewer_spellings
from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec, Kind
from engine.data.numerals import is_code

__all__ = ["column_as"]

YEARS = (1000.0, 2999.0)
MAX_SHOWN = 3


def column_as(kind: Kind, name: str, cells: Cells, spec: ImportSpec) -> Column:
    """Return the cells as a column of the kind that a person says.

    Parameters
    ----------
    kind : Kind
    name : str
    cells : ndarray of float64 or CodedText
    spec : ImportSpec
        How the file was read: how numbers and dates are written.

    Raises
    ------
    DataError
        When no cell can be such a value, when yes-or-no cells have more than two values, or when a column said to be
        constant or empty is not.
    """
    return _CONVERSIONS[kind](name, cells, spec)


def _numeric(name: str, cells: Cells, spec: ImportSpec) -> Column:
    if not isinstance(cells, CodedText):
        return column_of(name, "numeric", cells)
    parsed = [spec.numerals.parse(level) for level in cells.levels]
    numbers = np.array([np.nan if number is None or np.isinf(number) else number for number in parsed])
    if cells.levels and np.isnan(numbers).all():
        raise _no(name, cells, "number", "choose category or text for it")
    rounded = any(
        number is not None and len(level) > 15 and is_code(level) for number, level in zip(parsed, cells.levels, strict=True)
    )
    note = [
        unread(cells, np.isnan(numbers), "finite number", "finite numbers"),
        "Numbers of more than 15 digits are rounded." if rounded else "",
    ]
    return column_of(name, "numeric", by_code(cells, numbers), note=" ".join(filter(None, note)))


def _category(name: str, cells: Cells, spec: ImportSpec) -> Column:
    return column_of(name, "category", _as_text(cells))


def _text(name: str, cells: Cells, spec: ImportSpec) -> Column:
    return column_of(name, "text", _as_text(cells))


def _identifier(name: str, cells: Cells, spec: ImportSpec) -> Column:
    return column_of(name, "identifier", cells)


def _boolean(name: str, cells: Cells, spec: ImportSpec) -> Column:
    column = fewer_spellings(name, cells) if isinstance(cells, CodedText) else None
    column = column or column_of(name, "boolean", cells)
    if column.distinct > 2:
        what = f"it holds {column.distinct:,} different values, and a column of yes and no holds two"
        raise DataError(what, column=name, remedy="choose category or numeric for it")
    return column


def _date(name: str, cells: Cells, spec: ImportSpec) -> Column:
    if not isinstance(cells, CodedText):
        return _date_of_numbers(name, cells)
    column = date_column(name, cells, spec, said=True)
    if column is not None:
        return column
    parsed = [spec.numerals.parse(level) for level in cells.levels]
    numbers = np.array([np.nan if number is None else number for number in parsed], dtype=np.float64)
    if cells.levels and np.isnan(numbers).all():
        raise _no(name, cells, "date", "write dates as 2021-12-31, or choose category or text for it")
    column = _date_of_numbers(name, by_code(cells, numbers))
    note = unread(cells, np.isnan(numbers), "date", "dates")
    return dataclasses.replace(column, note=f"{column.note} {note}".strip())


def _date_of_numbers(name: str, cells: NDArray[np.float64]) -> Column:
    present = cells[~np.isnan(cells)]
    if bool(np.all((present >= YEARS[0]) & (present <= YEARS[1]) & (present == np.floor(present)))):
        return column_of(name, "date", cells, unit="years")
    column = column_of_compact_dates(name, cells)
    if column is None:
        what = f"its numbers ({_first_numbers(present)}) are neither years nor dates such as 20211231"
        raise DataError(what, column=name, remedy="choose numeric for it, or write dates as 2021-12-31")
    return column


def _constant(name: str, cells: Cells, spec: ImportSpec) -> Column:
    return _checked(column_of(name, "constant", cells), 1)


def _empty(name: str, cells: Cells, spec: ImportSpec) -> Column:
    return _checked(column_of(name, "empty", cells), 0)


_CONVERSIONS: Mapping[Kind, Callable[[str, Cells, ImportSpec], Column]] = {
    "numeric": _numeric,
    "category": _category,
    "boolean": _boolean,
    "text": _text,
    "identifier": _identifier,
    "date": _date,
    "constant": _constant,
    "empty": _empty,
}


def _checked(column: Column, distinct: int) -> Column:
    if column.distinct != distinct:
        values = "no value" if not column.distinct else f"{column.distinct:,} different values"
        values = "one value" if column.distinct == 1 else values
        raise DataError(f"it holds {values}, so it is not {column.kind}", column=column.name, remedy="ignore it instead")
    return column


def _as_text(cells: Cells) -> CodedText:
    """Return numbers as the text that writes them."""
    if isinstance(cells, CodedText):
        return cells
    numbers, first, inverse = np.unique(cells[~np.isnan(cells)], return_index=True, return_inverse=True)
    order = np.argsort(first)  # levels stand in the order of their first row
    position = np.empty(len(order), dtype=np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    codes = np.full(len(cells), -1, dtype=np.int32)
    codes[~np.isnan(cells)] = position[inverse]
    codes.flags.writeable = False
    return CodedText(codes, tuple(number_text(float(number)) for number in numbers[order]))


def _no(name: str, cells: CodedText, what: str, remedy: str) -> DataError:
    shown = ", ".join(repr(level[:40]) for level in cells.levels[:MAX_SHOWN])
    return DataError(f"no cell is a {what} ({shown})", column=name, remedy=remedy)


def _first_numbers(numbers: NDArray[np.float64]) -> str:
    return ", ".join(number_text(float(number)) for number in numbers[:MAX_SHOWN])
