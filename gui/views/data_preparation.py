"""The preparation page of the data view: what was done to each column, and what that makes of the values of some rows."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QSize, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.theme import LIGHT, Theme
from gui.views.data_cells import MISSING
from gui.views.data_preparation_model import COLUMN, DONE, FIRST_ROW, ROWS_SHOWN, Index, PreparationModel
from gui.views.data_rows import DataRows
from gui.views.framed_plot import small_font

_LINE_PX = 40
"""Height of a line of the table before it is looked at, and of a sentence of one line and two paragraphs."""

_PADDING, _ABOVE = 8, 4
_COLUMN_SHARE, _COLUMN_LEAST, _COLUMN_MOST = 0.28, 72, 150
_MEASURED_COLUMNS = 200
_ROW_LEAST, _ROW_MOST, _ROWS_SHARE = 96, 200, 0.5
_DONE_LEAST = 170


class _Paragraph(NamedTuple):
    text: str
    font: QFont
    muted: bool


class WrappedCells(QStyledItemDelegate):
    """Paints cells of two paragraphs, wrapped to the width there is; nothing is cut off."""

    def __init__(self, model: PreparationModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._font, self._bold, self._small = small_font(12), small_font(12, bold=True), small_font()
        self._wrapped = QTextOption()
        self._wrapped.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._text, self._muted = QColor(theme.text), QColor(theme.muted)

    def height_of(self, place: int, widths: list[int]) -> int:
        """Return the height at which every cell of a line shows all it has, given the widths of the columns."""
        return max(self._cell_height(place, section, width) for section, width in enumerate(widths))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size at which a cell shows all it has."""
        width = option.rect.width()
        return QSize(width, self._cell_height(index.row(), index.column(), width))

    def name_width(self, place: int) -> int:
        """Return the width of a column's name, kind and role in one line each."""
        texts = self._paragraphs(place, COLUMN)
        return max(QFontMetrics(each.font).horizontalAdvance(each.text) for each in texts) + 2 * _PADDING + 2

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        room: QRect = option.rect.adjusted(_PADDING, _ABOVE, -_PADDING, 0)
        y = float(room.top())
        for paragraph in self._paragraphs(index.row(), index.column()):
            layout, height = self._laid_out(paragraph, room.width())
            painter.setPen(self._muted if paragraph.muted else self._text)
            layout.draw(painter, QPointF(room.left(), y))
            y += height

    def _paragraphs(self, place: int, section: int) -> list[_Paragraph]:
        first, second = self._model.lines(place, section)
        left_out = self._model.accounts[place].role == "left out"
        font = {COLUMN: self._bold, DONE: self._small}.get(section, self._font)
        below = _Paragraph(second, self._small, muted=section == COLUMN)
        return [each for each in (_Paragraph(first, font, muted=left_out or first == MISSING), below) if each.text]

    def _cell_height(self, place: int, section: int, width: int) -> int:
        heights = [self._laid_out(each, width - 2 * _PADDING)[1] for each in self._paragraphs(place, section)]
        return round(sum(heights)) + 2 * _ABOVE

    def _laid_out(self, paragraph: _Paragraph, width: int) -> tuple[QTextLayout, float]:
        layout = QTextLayout(paragraph.text, paragraph.font)
        layout.setTextOption(self._wrapped)
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 8))
            line.setPosition(QPointF(0.0, height))
            height += line.height()
        layout.endLayout()
        return layout, height


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
        self._fitted: set[int] = set()
        self._widths: list[int] = []
        self.model = PreparationModel()
        self.table = _Lines(self)
        self.table.setModel(self.model)
        self._cells = WrappedCells(self.model, self.table)
        self.table.setItemDelegate(self._cells)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setShowGrid(True)
        self.table.setCornerButtonEnabled(False)
        self.table.setAccessibleName("What was done to each column")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(_LINE_PX)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.resized.connect(self._fit)
        self.table.verticalScrollBar().valueChanged.connect(self._fit_lines)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._cells.set_theme(theme)
        self.table.setStyleSheet(f"QTableView {{ border: none; border-top: 1px solid {theme.line}; }}")
        self.table.viewport().update()

    def set_rows(self, rows: DataRows | None) -> None:
        """Show another table, or none."""
        self.model.set_rows(rows)
        self._fit()

    def show_row(self, row: int | None) -> None:
        """Show one row before and after, or the first ones."""
        at = self.table.verticalScrollBar().value()
        self.model.show_row(row)
        self._fit()
        self.table.verticalScrollBar().setValue(at)

    @Slot()
    def _fit(self) -> None:
        """Give names and rows what they need, and the sentences the rest; then every line in sight its height."""
        if not self.model.accounts:
            return
        left = self.table.viewport().width() - self._name_width()
        self.model.show_first(max(1, min(ROWS_SHOWN, (left - _DONE_LEAST) // _ROW_LEAST)))
        n_rows = self.model.columnCount() - FIRST_ROW
        row_px = max(_ROW_LEAST, min(_ROW_MOST, int(_ROWS_SHARE * left / max(n_rows, 1)), left - _DONE_LEAST))
        done = max(_DONE_LEAST, left - n_rows * row_px)
        self._widths = [self._name_width(), done, *[row_px] * n_rows]
        for section, width in enumerate(self._widths):
            self.table.horizontalHeader().resizeSection(section, width)
        self._fitted.clear()
        self._fit_lines()

    def _name_width(self) -> int:
        """Return the width of the names: what most of them need, and not more than a share of the page."""
        widest = max(self._cells.name_width(place) for place in range(min(len(self.model.accounts), _MEASURED_COLUMNS)))
        most = min(_COLUMN_MOST, int(_COLUMN_SHARE * self.table.viewport().width()))
        return max(_COLUMN_LEAST, min(widest, most))

    @Slot()
    def _fit_lines(self) -> None:
        """Give every line in sight the height it needs, once for each width: of thousands of columns few are looked at."""
        header, bar = self.table.verticalHeader(), self.table.verticalScrollBar()
        at_end = bar.value() == bar.maximum() > 0
        place = max(self.table.rowAt(0), 0)
        y = self.table.rowViewportPosition(place)
        while place < len(self.model.accounts) and y < self.table.viewport().height():
            if place not in self._fitted:
                self._fitted.add(place)
                header.resizeSection(place, self._cells.height_of(place, self._widths) + 1)
            y += header.sectionSize(place)
            place += 1
        self.table.updateGeometries()
        if at_end:
            bar.setValue(bar.maximum())
