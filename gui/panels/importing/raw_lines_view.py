"""Lines of a file as they stand there, each with its number, one of them marked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

LINES_BEFORE = 6
LINES_SHOWN = 15
_TAB_SIGN = "→"
_ROW_PX = 20
_WIDEST_PX = 8000
_NO_INDEX = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class RawLinesModel(QAbstractTableModel):
    """Numbered lines in one column."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[tuple[int, str], ...] = ()

    def show_lines(self, lines: tuple[tuple[int, str], ...]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return one column."""
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a line's text; a tab is shown as an arrow."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.lines[index.row()][1].rstrip("\r\n").replace("\t", f" {_TAB_SIGN} ")

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a line's number."""
        if orientation is Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{self.lines[section][0]:,}"
        return (
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter if role == Qt.ItemDataRole.TextAlignmentRole else None
        )


class RawLinesView(QTableView):
    """Shows lines of a file; the marked one is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = RawLinesModel()
        self.setModel(self.content)
        self.setAccessibleName("Lines of the file")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.horizontalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.verticalHeader().setHighlightSections(False)

    def show_lines(self, lines: tuple[tuple[int, str], ...], marked: int | None) -> None:
        """Show lines and mark the one with the number `marked`."""
        self.content.show_lines(lines)
        texts = (str(self.content.index(row, 0).data()) for row in range(len(lines)))
        widest = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0) + 24
        self.setColumnWidth(0, min(max(widest, self.viewport().width()), _WIDEST_PX))
        self.clearSelection()
        numbers = [number for number, _ in lines]
        if marked in numbers:
            self.selectRow(numbers.index(marked))
            self.scrollTo(self.content.index(numbers.index(marked), 0), QAbstractItemView.ScrollHint.PositionAtCenter)
            self.horizontalScrollBar().setValue(0)

    @property
    def marked(self) -> int | None:
        """The number of the marked line."""
        rows = self.selectionModel().selectedRows()
        return self.content.lines[rows[0].row()][0] if rows else None
