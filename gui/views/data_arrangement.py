"""Which rows of a table are shown, and in which order: what is asked for, and the answer to it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from gui.views.data_order import WORST_ROWS, code_order, column_order, loss_order, worst_rows
from gui.views.data_rows import TEST, TRAIN, VALIDATION, DataRows
from gui.views.data_text_order import text_ranks

ROW, PART, LOSS = range(3)
FIRST_VALUE = 3
"""The first columns of the view are its own; the table's columns follow."""

Rows = NDArray[np.int64]
Ranks = NDArray[np.int64]


class RowFilter(Enum):
    """Which rows are shown."""

    ALL = "all rows"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    WORST = f"worst {WORST_ROWS}"


_PART_OF = {RowFilter.TRAIN: TRAIN, RowFilter.VALIDATION: VALIDATION, RowFilter.TEST: TEST}


@dataclass(frozen=True)
class Arrangement:
    """The column of the view that the rows are sorted by, in which direction, and which of them are shown."""

    sorted_by: int = ROW
    descending: bool = False
    row_filter: RowFilter = RowFilter.ALL

    @property
    def by_losses(self) -> bool:
        """Whether other losses make another arrangement."""
        return self.sorted_by == LOSS or self.row_filter is RowFilter.WORST


@dataclass(frozen=True, eq=False)
class SortJob:
    """A table to arrange.

    Attributes
    ----------
    rows : DataRows
        As they are now: losses that come later are not seen.
    wanted : Arrangement
    ranks : ndarray of int64 or None
        Of the texts of the column to sort by, where they are known already.
    by_person : bool
        Whether a person asked for it; else new losses did.
    """

    rows: DataRows
    wanted: Arrangement
    ranks: Ranks | None = None
    by_person: bool = True

    @classmethod
    def of(cls, rows: DataRows, wanted: Arrangement, ranks: Ranks | None, *, by_person: bool) -> SortJob:
        """Return the job of arranging the rows as they are now."""
        return cls(copy(rows), wanted, ranks, by_person)


@dataclass(frozen=True, eq=False)
class SortAnswer:
    """The rows as they were asked for, and the ranks of the texts that had to be found on the way."""

    job: SortJob
    shown: Rows
    ranks: Ranks | None


def answer_to(job: SortJob) -> SortAnswer:
    """Return the 0-based data rows in the order wanted."""
    rows, wanted, ranks = job.rows, job.wanted, job.ranks
    if wanted.sorted_by >= FIRST_VALUE and ranks is None:
        values = rows.columns[wanted.sorted_by - FIRST_VALUE].values
        ranks = text_ranks(values.levels) if isinstance(values, CodedText) else None
    order = _order(rows, wanted, ranks)
    if wanted.row_filter is RowFilter.WORST:
        order = order[worst_rows(rows)[order]]
    elif wanted.row_filter is not RowFilter.ALL:
        order = order[rows.parts[order] == _PART_OF[wanted.row_filter]]
    return SortAnswer(job, order, ranks)


def _order(rows: DataRows, wanted: Arrangement, ranks: Ranks | None) -> Rows:
    if wanted.sorted_by == ROW:
        order = np.arange(rows.n_rows, dtype=np.int64)
        return order[::-1] if wanted.descending else order
    if wanted.sorted_by == PART:
        return code_order(rows.parts, descending=wanted.descending)
    if wanted.sorted_by == LOSS:
        return loss_order(rows, descending=wanted.descending)
    return column_order(rows.columns[wanted.sorted_by - FIRST_VALUE], descending=wanted.descending, ranks=ranks)
