"""The preparation page of the data view: what was done to each column, and what that makes of the values of some rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.data.preparation.account import ColumnAccount, account
from gui.theme import LIGHT, Theme
from gui.views.data_cells import MISSING, ColumnCells
from gui.views.data_rows import DataRows
from gui.views.framed_plot import small_font
from gui.views.number_text import short_number

COLUMN, DONE = range(2)
FIRST_ROW = 2
"""The page's own columns come first; one for each row shown follows."""

ROWS_SHOWN = 3
"""Rows shown as long as none is chosen: the first ones."""

LINE_PX = 54
_COLUMN_PX = 136
_ROW_PX = 124
_ROWS_SHARE = 0.5
_DONE_AT_LEAST = 180
_PADDING = 8
_TEXT_LINE = 18
_NAMED = 2
"""Most inputs of a column that are all named in a cell; of more of them only those that are not 0."""

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

    def _take_rows(self, row: int | None) -> None:
        rows = self._rows
        self._shown = [] if rows is None else [row] if row is not None else list(range(min(ROWS_SHOWN, rows.n_rows)))
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
        """Return the two lines of a cell; all of its inputs in the tool tip."""
        if role == Qt.ItemDataRole.DisplayRole:
            return "\n".join(self.lines(index.row(), index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), index.column())
        return None

    # ------------------------------------------------------------------ cells

    def lines(self, place: int, section: int) -> tuple[str, str]:
        """Return the two lines of a cell."""
        told = self.accounts[place]
        if section == COLUMN:
            return told.name, " · ".join(filter(None, (told.kind, told.role)))
        if section == DONE:
            return " ".join(told.done), ""
        number = section - FIRST_ROW
        return self._original(told, number), self._prepared(told, number)

    def _original(self, told: ColumnAccount, number: int) -> str:
        cells = self._cells.get(told.name)
        return "" if cells is None else cells.text(self._shown[number]) or MISSING

    def _prepared(self, told: ColumnAccount, number: int) -> str:
        """Return the inputs made of a cell in one line: "→ −0.53", "→ sex = male 1, others 0"."""
        if told.role == "left out":
            return ""
        pairs = self._pairs(told, number)
        if not pairs:
            return "row left out"
        if len(pairs) == 1 and pairs[0][0] == told.name:
            return f"→ {_scaled_text(pairs[0][1])}"
        shown = pairs if len(pairs) <= _NAMED else [pair for pair in pairs if pair[1] != 0.0]
        words = ", ".join(f"{name} {_scaled_text(value)}" for name, value in shown)
        rest = "" if len(shown) == len(pairs) else ", others 0" if shown else "all 0"
        return f"→ {words}{rest}"

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


def _scaled_text(value: float) -> str:
    return f"{value:.0f}" if value in (0.0, 1.0) else short_number(value, 4)


class _TwoLines(QStyledItemDelegate):
    """Paints cells of two lines, and sentences wrapped over both."""

    def __init__(self, model: PreparationModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._font, self._bold, self._small = small_font(12), small_font(12, bold=True), small_font()
        self._wrapped = QTextOption()
        self._wrapped.setWrapMode(QTextOption.WrapMode.WordWrap)
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._text, self._muted = QColor(theme.text), QColor(theme.muted)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        place, section = index.row(), index.column()
        first, second = self._model.lines(place, section)
        room: QRect = option.rect.adjusted(_PADDING, 4, -_PADDING, -3)
        left_out = self._model.accounts[place].role == "left out"
        if section == DONE:
            painter.setFont(self._small)
            painter.setPen(self._muted if left_out else self._text)
            self._paint_sentences(painter, room, first)
            return
        metrics = QFontMetrics(self._bold if section == COLUMN else self._font)
        painter.setFont(self._bold if section == COLUMN else self._font)
        painter.setPen(self._muted if left_out or first == MISSING else self._text)
        line = QRect(room.left(), room.top(), room.width(), _TEXT_LINE)
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, side, metrics.elidedText(first, Qt.TextElideMode.ElideRight, room.width()))
        painter.setFont(self._small)
        painter.setPen(self._muted)
        words = QFontMetrics(self._small).elidedText(second, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(line.translated(0, _TEXT_LINE), side, words)

    def _paint_sentences(self, painter: QPainter, room: QRect, text: str) -> None:
        """Draw as much of a text as fits into the cell, wrapped; where that is not all of it, an ellipsis says so."""
        metrics = QFontMetrics(self._small)
        n_lines = room.height() // metrics.lineSpacing()
        whole = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), text).height() <= n_lines * metrics.lineSpacing()
        shown = text if whole else metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room.width() * (n_lines - 0.35)))
        painter.drawText(QRectF(room), shown, self._wrapped)


class _Lines(QTableView):
    """The table of the page, which says when it has another width."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class DataPreparation(QWidget):
    """What was done to every column, and rows before and after."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = PreparationModel()
        self.table = _Lines(self)
        self.table.setModel(self.model)
        self._painter = _TwoLines(self.model, self.table)
        self.table.setItemDelegate(self._painter)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setShowGrid(True)
        self.table.setCornerButtonEnabled(False)
        self.table.setAccessibleName("What was done to each column")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(LINE_PX)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.resized.connect(self._fit_columns)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._painter.set_theme(theme)
        self.table.setStyleSheet(f"QTableView {{ border: none; border-top: 1px solid {theme.line}; }}")
        self.table.viewport().update()

    def set_rows(self, rows: DataRows | None) -> None:
        """Show another table, or none."""
        self.model.set_rows(rows)
        self._fit_columns()

    def show_row(self, row: int | None) -> None:
        """Show one row before and after, or the first ones."""
        at = self.table.verticalScrollBar().value()
        self.model.show_row(row)
        self._fit_columns()
        self.table.verticalScrollBar().setValue(at)

    @Slot()
    def _fit_columns(self) -> None:
        """Give the sentences what the rows leave."""
        header, n_rows = self.table.horizontalHeader(), self.model.columnCount() - FIRST_ROW
        if n_rows < 0 or not self.model.accounts:
            return
        left = self.table.viewport().width() - _COLUMN_PX
        row_px = max(_ROW_PX, int(_ROWS_SHARE * left / max(n_rows, 1)))
        header.resizeSection(COLUMN, _COLUMN_PX)
        header.resizeSection(DONE, max(_DONE_AT_LEAST, left - n_rows * row_px))
        for section in range(FIRST_ROW, FIRST_ROW + n_rows):
            header.resizeSection(section, row_px)
