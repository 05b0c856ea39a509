"""The preparation page of the data view as a table for Qt: a line for each column, and what was made of it in some rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from engine.data.preparation.account import ColumnAccount, account
from gui.views.data_cells import MISSING, ColumnCells
from gui.views.data_rows import DataRows
from gui.views.number_text import short_number

COLUMN, DONE = range(2)
FIRST_ROW = 2
"""The page's own columns come first; one for each row shown follows."""

ROWS_SHOWN = 3
"""Most rows shown as long as none is chosen: the first ones."""

_NAMED = 2
"""Most inputs of a column that are all named in a cell; of more of them only those that are not 0."""

_LONGEST = 80
"""Letters of a text, or of a name, that a cell shows; all of it stands in the tool tip."""

_NO_INDEX = QModelIndex()
Index = QModelIndex | QPersistentModelIndex
Inputs = NDArray[np.float64] | None


class PreparationModel(QAbstractTableModel):
    """A line for each column of the table: what was done to it, and rows before and after."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: DataRows | None = None
        self.accounts: tuple[ColumnAccount, ...] = ()
        self._cells: dict[str, ColumnCells] = {}
        self._row: int | None = None
        self._n_first = ROWS_SHOWN
        self._shown: list[int] = []
        self._inputs: list[Inputs] = []

    def set_rows(self, rows: DataRows | None) -> None:
        """Show another table, or none, with its first rows."""
        self.beginResetModel()
        self._rows = rows
        self.accounts = account(rows.data) if rows is not None else ()
        self._cells = {column.name: ColumnCells(column) for column in rows.columns} if rows is not None else {}
        self._take_rows(None)
        self.endResetModel()

    def show_row(self, row: int | None) -> None:
        """Show one row before and after, or the first ones."""
        self.beginResetModel()
        self._take_rows(row)
        self.endResetModel()

    def show_first(self, count: int) -> None:
        """Show so many of the first rows as long as none is chosen."""
        if count != self._n_first:
            self._n_first = count
            if self._row is None:
                self.show_row(None)

    def _take_rows(self, row: int | None) -> None:
        rows, self._row = self._rows, row
        self._shown = [] if rows is None else [row] if row is not None else list(range(min(self._n_first, rows.n_rows)))
        self._inputs = [rows.inputs_of(shown) for shown in self._shown] if rows is not None else []

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of columns of the table."""
        return 0 if parent.isValid() else len(self.accounts)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of columns of the page."""
        return 0 if parent.isValid() else FIRST_ROW + len(self._shown)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what the columns of the page show."""
        if orientation is Qt.Orientation.Vertical or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and section >= FIRST_ROW:
            return "Above: the value as read. Below: the inputs of the network made of it."
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return ("column", "what was done")[section] if section < FIRST_ROW else f"row {self._shown[section - FIRST_ROW] + 1:,}"

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the two paragraphs of a cell; all of its inputs by their full names in the tool tip."""
        if role == Qt.ItemDataRole.DisplayRole:
            return "\n".join(self.lines(index.row(), index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), index.column())
        return None

    # ------------------------------------------------------------------ cells

    def lines(self, place: int, section: int) -> tuple[str, str]:
        """Return the two paragraphs of a cell."""
        told = self.accounts[place]
        if section == COLUMN:
            return told.name, " · ".join(filter(None, (told.kind, told.role)))
        if section == DONE:
            return " ".join(told.done), ""
        number = section - FIRST_ROW
        return _shortened(self._original(told, number)), self._prepared(told, number)

    def _original(self, told: ColumnAccount, number: int) -> str:
        cells = self._cells.get(told.name)
        return "" if cells is None else cells.text(self._shown[number]) or MISSING

    def _prepared(self, told: ColumnAccount, number: int) -> str:
        """Return the inputs made of a cell without the column's name: "→ −0.785", "→ female 1, male 0", "→ red 1, others 0"."""
        if told.role == "left out":
            return ""
        pairs = self._pairs(told, number)
        if not pairs:
            return "row left out"
        shown = pairs if len(pairs) <= _NAMED else [pair for pair in pairs if pair[1] != 0.0]
        words = [f"{_shortened(_own_name(told.name, name))} {_scaled_text(value)}".strip() for name, value in shown]
        rest = [] if len(shown) == len(pairs) else ["others 0"] if shown else ["all 0"]
        return f"→ {', '.join(words + rest)}"

    def _pairs(self, told: ColumnAccount, number: int) -> list[tuple[str, float]]:
        """Return name and value of every input made of a cell; of the target, its code or scaled value."""
        assert self._rows is not None
        inputs = self._inputs[number]
        if inputs is None:
            return []
        if told.role == "target":
            return [(told.name, self._rows.target_of(self._shown[number]))]
        return [(name, float(inputs[position])) for name, position in zip(told.inputs, told.positions, strict=True)]

    def _tip(self, place: int, section: int) -> str:
        told = self.accounts[place]
        if section == COLUMN:
            return "\n".join(self.lines(place, section))
        if section == DONE:
            return "\n".join(told.done)
        number = section - FIRST_ROW
        inputs = [] if told.role == "left out" else self._pairs(told, number)
        lines = [f"{name} {_scaled_text(value)}" for name, value in inputs]
        return "\n".join([f"row {self._shown[number] + 1:,} · {told.name}: {self._original(told, number)}", *lines])


def _own_name(column: str, name: str) -> str:
    """Return what an input's name adds to that of its column: "sex = male" says "male", "age" of age nothing."""
    return "" if name == column else name.removeprefix(f"{column} = ")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _scaled_text(value: float) -> str:
    return f"{value:.0f}" if value in (0.0, 1.0) else short_number(value, 4)
