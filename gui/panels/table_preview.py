"""The first rows of a table as they were understood, for looking at before the table is taken."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from engine.data.columns import Column
from engine.data.table import Table

PREVIEW_ROWS = 200
MISSING = "missing"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NO_INDEX = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class PreviewModel(QAbstractTableModel):
    """The first rows of a table, and for each column its name, kind and number of missing values."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[list[str]] = []
        self._columns: tuple[Column, ...] = ()

    def show_table(self, table: Table | None, columns: tuple[Column, ...] = ()) -> None:
        """Show another table, or none."""
        self.beginResetModel()
        self._rows = table.preview(PREVIEW_ROWS) if table is not None else []
        self._columns = columns
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of rows shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text; a missing value says so in place of an empty cell's tool tip."""
        text = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return text or MISSING
        if role == Qt.ItemDataRole.TextAlignmentRole and self._columns[index.column()].kind == "numeric":
            return _RIGHT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's name and kind, or a row's number."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return (
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                if orientation is Qt.Orientation.Horizontal
                else _RIGHT
            )
        if orientation is Qt.Orientation.Vertical:
            return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{column.name}\n{column.kind}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column.name}: {column.kind}, {column.distinct:,} different values, {column.missing:,} missing"
        return None


class TablePreview(QTableView):
    """Shows a :class:`PreviewModel`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview = PreviewModel()
        self.setModel(self._preview)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.verticalHeader().setDefaultSectionSize(24)
        self.horizontalHeader().setDefaultSectionSize(112)
        self.setAccessibleName("First rows of the table")

    def show_table(self, table: Table | None, columns: tuple[Column, ...] = ()) -> None:
        """Show the first rows of a table, or nothing."""
        self._preview.show_table(table, columns)
