"""The table of all rows for Qt: a view into the columns' arrays, in an order and through a filter; no object per row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot

from gui.views.data_arrangement import (
    FIRST_VALUE,
    LOSS,
    PART,
    ROW,
    Arrangement,
    Ranks,
    RowFilter,
    SortAnswer,
    SortJob,
    answer_to,
)
from gui.views.data_cells import MISSING, NO_LOSS, ColumnCells, loss_text
from gui.views.data_rows import LEFT_OUT, PARTS, DataRows
from gui.views.data_sorter import RowSorter

SORTED_AT_ONCE = 20_000
"""Most rows that are arranged where it is asked for; more take longer than a frame, and go to a thread of their own."""

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_OWN_TITLES = ("row", "part", "loss")
_ARROWS = ("▴", "▾")
_NO_INDEX = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class DataTableModel(QAbstractTableModel):
    """Row number, part and loss of every row, and its values.

    Signals
    -------
    arranged(bool)
        Other rows are shown, or in another order; whether a person asked for it.
    sorting_began()
        The rows shown are not yet those asked for.

    Attributes
    ----------
    rows : DataRows or None
    shown : ndarray of int64, shape (n_shown,)
        The 0-based data rows, in the order in which they are shown.
    arrangement : Arrangement
        That of the rows shown.
    losses_step : int or None
        The step of the losses that the rows shown were arranged with.
    sorting : bool
        Whether another arrangement is being worked out.
    """

    arranged = Signal(bool)
    sorting_began = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: DataRows | None = None
        self.cells: tuple[ColumnCells, ...] = ()
        self.shown: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.arrangement = self._wanted = Arrangement()
        self.losses_step: int | None = None
        self.sorting = False
        self._losses: object = None
        self._ranks: dict[int, Ranks] = {}
        self._sorter = RowSorter(self)
        self._sorter.answered.connect(self._take)

    @property
    def row_filter(self) -> RowFilter:
        """Which rows are asked for."""
        return self._wanted.row_filter

    def set_rows(self, rows: DataRows | None) -> None:
        """Show another table, or none, all rows in the order of the file."""
        self._sorter.forget()
        self.beginResetModel()
        self.rows = rows
        self.cells = tuple(ColumnCells(column) for column in rows.columns) if rows is not None else ()
        self.arrangement = self._wanted = Arrangement()
        self.losses_step, self.sorting, self._losses, self._ranks = None, False, None, {}
        self.shown = np.arange(rows.n_rows if rows is not None else 0, dtype=np.int64)
        self.endResetModel()

    def set_filter(self, row_filter: RowFilter) -> None:
        """Show some of the rows only."""
        self._wanted = replace(self._wanted, row_filter=row_filter)
        self._arrange()

    def take_losses(self, *, standing: bool = True) -> None:
        """Show the losses that the rows have now, in the order they stand in; only where the run stands arrange them anew."""
        if len(self.shown):
            self.dataChanged.emit(self.index(0, LOSS), self.index(len(self.shown) - 1, LOSS))
        if self._wanted.by_losses and (standing or self._losses is None):
            self.arrange_anew()

    def arrange_anew(self) -> None:
        """Arrange the rows by the losses they have now, where they are arranged by older ones."""
        if self.rows is not None and self._wanted.by_losses and self._losses is not self.rows.losses:
            self._arrange(by_person=False)

    def place_of(self, row: int) -> int | None:
        """Return where a data row is shown, None where the filter leaves it out."""
        places = np.flatnonzero(self.shown == row)
        return int(places[0]) if len(places) else None

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of rows shown."""
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of columns, the view's own included."""
        return 0 if parent.isValid() or self.rows is None else FIRST_VALUE + len(self.cells)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text and how it is set."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's name, how it is set, and what it holds."""
        if orientation is Qt.Orientation.Vertical or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(section) + self._arrow(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explanation(section)
        return None

    def title(self, section: int) -> str:
        """Return what a column is called."""
        return _OWN_TITLES[section] if section < FIRST_VALUE else self.cells[section - FIRST_VALUE].name

    def _arrow(self, section: int) -> str:
        return "" if section != self.arrangement.sorted_by else f"  {_ARROWS[self.arrangement.descending]}"

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows in the order of a column's values, missing ones last, equal ones as in the file."""
        column = column if 0 <= column < self.columnCount() else ROW
        wanted = replace(self._wanted, sorted_by=column, descending=order == Qt.SortOrder.DescendingOrder)
        if wanted != self._wanted:
            self._wanted = wanted
            self._arrange()

    # ------------------------------------------------------------------ cells

    def text(self, place: int, section: int) -> str:
        """Return the text of a cell by where it is shown."""
        assert self.rows is not None
        row = int(self.shown[place])
        if section >= FIRST_VALUE:
            return self.cells[section - FIRST_VALUE].text(row) or MISSING
        if section == ROW:
            return f"{row + 1:,}"
        if section == PART:
            return PARTS[self.rows.parts[row]]
        return NO_LOSS if (loss := self.loss(place)) is None else loss_text(loss)

    def texts(self, section: int, places: range) -> list[str]:
        """Return the texts of some cells of a column by where they are shown."""
        if section < FIRST_VALUE:
            return [self.text(place, section) for place in places]
        text = self.cells[section - FIRST_VALUE].text
        return [text(row) or MISSING for row in self.shown[places.start : places.stop].tolist()]

    def loss(self, place: int) -> float | None:
        """Return the loss of a row by where it is shown, None where it has none."""
        assert self.rows is not None
        row = int(self.shown[place])
        return None if self.rows.losses is None or self.rows.parts[row] == LEFT_OUT else float(self.rows.losses[row])

    def alignment(self, section: int) -> Qt.AlignmentFlag:
        """Return how the cells of a column are set: numbers to the right."""
        own = section in (ROW, LOSS)
        return RIGHT if own or (section >= FIRST_VALUE and self.cells[section - FIRST_VALUE].is_number) else LEFT

    def _tip(self, place: int, section: int) -> str:
        return f"row {int(self.shown[place]) + 1:,} · {self.title(section)}\n{self.text(place, section)}"

    def _explanation(self, section: int) -> str:
        if section < FIRST_VALUE:
            return (
                "Number of the data row in the file, counted from 1",
                "What the row is used for; left out: it has no value of the target",
                "Loss of the row by itself, without penalty",
            )[section]
        column = self.cells[section - FIRST_VALUE].column
        counts = f"{column.distinct:,} different values, {column.missing:,} missing"
        return "\n".join(filter(None, [f"{column.name}: {column.kind}, {counts}", column.note]))

    # ------------------------------------------------------------------ order

    def _arrange(self, *, by_person: bool = True) -> None:
        """Arrange the rows as asked for, large tables in a thread of their own."""
        if self.rows is None:
            return
        self._losses = self.rows.losses
        job = SortJob.of(self.rows, self._wanted, self._ranks.get(self._wanted.sorted_by), by_person=by_person)
        if self.rows.n_rows <= SORTED_AT_ONCE:
            self._sorter.forget()
            self._take(answer_to(job))
            return
        self._sorter.ask(job)
        self.sorting = True
        self.sorting_began.emit()

    @Slot(object)
    def _take(self, answer: SortAnswer) -> None:
        """Show the rows as arranged."""
        if answer.ranks is not None:
            self._ranks[answer.job.wanted.sorted_by] = answer.ranks
        self.sorting = False
        self.beginResetModel()
        self.shown, self.arrangement, self.losses_step = answer.shown, answer.job.wanted, answer.job.rows.step
        self.endResetModel()
        self.arranged.emit(answer.job.by_person)
