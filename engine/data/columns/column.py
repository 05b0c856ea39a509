"""One column of a table: its values and what they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, CodedText, text_of
from engine.data.columns.dates import DateUnit, date_text
from engine.data.import_spec import DateOrder, Kind

__all__ = ["Column", "by_code", "column_of", "count_distinct", "unread"]

MAX_SHOWN = 3
EXACT_INTEGERS = 2.0**53


@dataclass(frozen=True, eq=False)
class Column:
    """A column and what it holds.

    Attributes
    ----------
    name : str
    kind : str
        numeric; category (text with few distinct values); boolean (0 and 1, yes and no); text; identifier (numbers the rows or
        names each of them); date; constant; empty.
    missing : int
        Cells without a value.
    distinct : int
        Different values, missing not counted.
    values : ndarray of float64 or CodedText, of length n_rows
    unit : {"", "days", "years", "times"}
        What the numbers of a date column are: days since 1970-01-01 (UTC), calendar years, or times as a share of the day.
    note : str
        What a person should know of how the cells were understood, in sentences; mostly empty.
    date_order : {"year", "day", "month"} or None
        What came first in dates that do not tell it themselves.
    """

    name: str
    kind: Kind
    missing: int
    distinct: int
    values: Cells
    unit: DateUnit = ""
    note: str = ""
    date_order: DateOrder | None = None

    @property
    def n_rows(self) -> int:
        """Number of cells, missing ones included."""
        return len(self.values)

    @property
    def present(self) -> int:
        """Cells with a value."""
        return self.n_rows - self.missing

    def cell_text(self, row: int) -> str:
        """Return one cell as a person writes it; empty where it is missing."""
        if self.unit and not isinstance(self.values, CodedText):
            return "" if np.isnan(self.values[row]) else date_text(float(self.values[row]), self.unit)
        return text_of(self.values, row)


def column_of(
    name: str, kind: Kind, values: Cells, *, unit: DateUnit = "", note: str = "", date_order: DateOrder | None = None
) -> Column:
    """Return the column of these values, counted."""
    if isinstance(values, CodedText):
        missing, distinct = int(np.count_nonzero(values.codes < 0)), len(values.levels)
    else:
        present = values[~np.isnan(values)]
        missing, distinct = len(values) - len(present), count_distinct(present)
    return Column(name, kind, missing, distinct, values, unit, note, date_order)


def by_code(cells: CodedText, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each cell's number, given that of each level; NaN where the cell is missing."""
    values = np.append(numbers, np.nan)[cells.codes]  # the last one is for the code -1
    values.flags.writeable = False
    return values


def count_distinct(numbers: NDArray[np.float64]) -> int:
    """Return how many different values there are; none of `numbers` is NaN."""
    if not len(numbers):
        return 0
    smallest, largest = float(numbers.min()), float(numbers.max())
    if smallest == largest:
        return 1
    if largest - smallest <= 4.0 * len(numbers) and max(-smallest, largest) < EXACT_INTEGERS:
        whole = numbers.astype(np.int64)
        if np.array_equal(numbers, whole):  # to mark what occurs takes a third of the time of sorting
            seen = np.zeros(int(largest - smallest) + 1, dtype=bool)
            seen[whole - int(smallest)] = True
            return int(np.count_nonzero(seen))
    ordered = np.sort(numbers)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1


def unread(cells: CodedText, unreadable: NDArray[np.bool_], one: str, several: str) -> str:
    """Return the sentence on cells that are not what their column is; empty where there is none.

    Parameters
    ----------
    cells : CodedText
    unreadable : ndarray of bool, shape (n_levels,)
    one, several : str
        What they are not: "date", "dates".
    """
    counts = np.where(unreadable, np.bincount(cells.codes[cells.codes >= 0], minlength=len(cells.levels)), 0)
    total = int(counts.sum())
    if not total:
        return ""
    common = np.argsort(-counts, kind="stable")[: min(MAX_SHOWN, int(np.count_nonzero(counts)))]
    shown = ", ".join(repr(cells.levels[int(index)][:40]) for index in common)
    what = f"1 cell is no {one}" if total == 1 else f"{total:,} cells are no {several}"
    return f"{what} ({shown}): read as missing."
