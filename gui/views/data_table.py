"""The table page of the data view: every row of the file, sortable, filtered by part or by loss, with one row chosen."""

from __future__ import annotations

from itertools import islice

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QLineEdit, QTableView, QVBoxLayout, QWidget

from gui.appearance import restyle
from gui.theme import LIGHT, SPACE, Theme
from gui.views.data_arrangement import FIRST_VALUE, LOSS, PART, ROW, RowFilter
from gui.views.data_cell_painter import CellPainter, ColumnSpan
from gui.views.data_loss_legend import LossLegend
from gui.views.data_model import DataTableModel
from gui.views.data_rows import DataRows
from gui.views.link_button import MenuLink
from gui.views.panel_head import ElidedLabel

ROW_PX = 24
_OWN_WIDTHS = {ROW: 82, PART: 98, LOSS: 92}
_LEAST_PX, _MOST_PX, _DEFAULT_PX = 64, 200, 112
_MEASURED_COLUMNS, _MEASURED_ROWS = 200, 20
_ARROW_PX = 18
_FIND_PX = 96
_STYLE = """
QTableView {{ border: none; border-top: 1px solid {line}; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ image: none; width: 0; height: 0; }}
"""
"""No frame inside the panel's own; the arrow of the sorted column stands in its name, where it covers nothing."""


class RowTable(QTableView):
    """A table of which one row may be chosen; Escape, or a click on the chosen row, chooses none.

    Signals
    -------
    row_picked(object)
        The 0-based data row the user chose, None for none.
    """

    row_picked = Signal(object)

    def __init__(self, model: DataTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data_model = model
        self.setModel(model)
        self.cell_painter = CellPainter(model)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # scrolling then moves what is painted already
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setAccessibleName("All rows of the table")
        self._set_headers()
        self.selectionModel().selectionChanged.connect(self._tell)

    def _set_headers(self) -> None:
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_PX)
        rows.setDefaultSectionSize(ROW_PX)
        columns.setDefaultSectionSize(_DEFAULT_PX)
        columns.setHighlightSections(False)
        columns.setSectionsClickable(True)
        columns.setSortIndicatorClearable(False)
        self.setSortingEnabled(True)
        columns.setSortIndicator(ROW, Qt.SortOrder.AscendingOrder)

    @property
    def chosen(self) -> int | None:
        """The data row chosen and shown, None where there is none."""
        place = self._chosen_place()
        return None if place is None else int(self._data_model.shown[place])

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.cell_painter.set_theme(theme)
        self.setStyleSheet(_STYLE.format(line=theme.line))
        self.viewport().update()

    def choose(self, row: int | None, *, scroll: bool = True) -> bool:
        """Choose a data row without a signal; return whether it is shown."""
        place = None if row is None else self._data_model.place_of(row)
        self.executeDelayedItemsLayout()  # after a reset the scroll bar would still have its old range
        selection = self.selectionModel()
        selection.blockSignals(True)
        selection.clear()
        if place is not None:
            index = self._data_model.index(place, max(self.currentIndex().column(), 0))
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            selection.setCurrentIndex(index, flags)
            if scroll:
                across = self.horizontalScrollBar().value()
                self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
                self.horizontalScrollBar().setValue(across)
        selection.blockSignals(False)
        self.viewport().update()
        return place is not None

    def is_chosen_in_view(self) -> bool:
        """Return whether the chosen row can be seen, in full or in part."""
        place = self._chosen_place()
        if place is None:
            return False
        top = self.rowViewportPosition(place)
        return -ROW_PX < top < self.viewport().height()

    def fit_columns(self) -> None:
        """Make every column as wide as its name and its first cells need."""
        self.executeDelayedItemsLayout()
        model, columns = self._data_model, self.horizontalHeader()
        for section, width in _OWN_WIDTHS.items():
            if section < model.columnCount():
                columns.resizeSection(section, width)
        for section in range(FIRST_VALUE, min(model.columnCount(), FIRST_VALUE + _MEASURED_COLUMNS)):
            texts = [model.text(place, section) for place in range(min(_MEASURED_ROWS, len(model.shown)))]
            name = model.title(section)
            widest = max((self.cell_painter.width_of(text) for text in texts), default=0)
            widest = max(widest, columns.fontMetrics().horizontalAdvance(name) + 2 * SPACE + _ARROW_PX)
            columns.resizeSection(section, min(_MOST_PX, max(_LEAST_PX, widest)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells in sight, column by column."""
        area = event.rect()
        painter = QPainter(self.viewport())
        places = self._places_in(area)
        top = self.rowViewportPosition(places.start) if len(places) else 0
        self.cell_painter.paint(painter, area, self._columns_in(area), places, top, ROW_PX, self._chosen_place())
        painter.end()

    def _places_in(self, area: QRect) -> range:
        """Return where the rows in an area of the viewport stand among those shown."""
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        return range(max(first, 0), (last if last >= 0 else len(self._data_model.shown) - 1) + 1)

    def _columns_in(self, area: QRect) -> list[ColumnSpan]:
        """Return the columns in an area of the viewport, left to right."""
        header = self.horizontalHeader()
        first, last = header.visualIndexAt(area.left()), header.visualIndexAt(area.right())
        sections = range(max(first, 0), (last if last >= 0 else header.count() - 1) + 1)
        return [
            ColumnSpan(section, header.sectionViewportPosition(section), header.sectionSize(section)) for section in sections
        ]

    def _chosen_place(self) -> int | None:
        places = self.selectionModel().selectedRows()
        return places[0].row() if places else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row under the pointer, or none where it is the chosen one or no row at all."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and (not index.isValid() or self._is_chosen(index)):
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.clearSelection()
            event.accept()
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose no row at Escape."""
        if event.key() == Qt.Key.Key_Escape and self.chosen is not None:
            self.clearSelection()
            event.accept()
            return
        super().keyPressEvent(event)

    def _is_chosen(self, index: QModelIndex) -> bool:
        return self.selectionModel().isRowSelected(index.row(), QModelIndex())

    @Slot()
    def _tell(self) -> None:
        self.row_picked.emit(self.chosen)


class DataTable(QWidget):
    """The rows, with the choice of those shown, the scale of the losses, and a field to find a row by its number.

    Signals
    -------
    row_picked(object)
        The 0-based data row the user chose, None for none.
    order_changed()
        `order_words` says something else.
    """

    row_picked = Signal(object)
    order_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: DataRows | None = None
        self._chosen: int | None = None
        self._in_view = False
        self.model = DataTableModel()
        self.table = RowTable(self.model, self)
        self.filter = MenuLink("Rows shown", self)
        self.count = ElidedLabel("", self)
        self.count.setProperty("role", "small")
        self.legend = LossLegend(self)
        self.find = QLineEdit(self)
        self.find.setPlaceholderText("go to row")
        self.find.setAccessibleName("Number of the row to find")
        self.find.setFixedWidth(_FIND_PX)
        bar = QHBoxLayout()
        bar.setContentsMargins(SPACE, 4, SPACE, 4)
        bar.setSpacing(SPACE)
        for part in (self.filter, self.count):
            bar.addWidget(part)
        bar.addStretch(1)
        for part in (self.legend, self.find):
            bar.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        self.filter.chosen.connect(self.set_filter)
        self.find.returnPressed.connect(self._find)
        self.find.textEdited.connect(self._forget_mistake)
        self.table.row_picked.connect(self._pick)
        self.model.modelReset.connect(self._say_count)
        self.model.modelAboutToBeReset.connect(self._remember_view)
        self.model.arranged.connect(self._restore_choice)
        self.model.sorting_began.connect(self.order_changed)
        self.set_theme(LIGHT)

    def sizeHint(self) -> QSize:
        """Return the size of the panel in the default window."""
        return QSize(640, 300)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.table.set_theme(theme)
        self.legend.set_theme(theme)

    def set_rows(self, rows: DataRows | None) -> None:
        """Show another table, or none."""
        self._rows, self._chosen = rows, None
        header = self.table.horizontalHeader()
        header.blockSignals(True)
        header.setSortIndicator(ROW, Qt.SortOrder.AscendingOrder)
        header.blockSignals(False)
        self.model.set_rows(rows)
        self.table.fit_columns()
        self.table.scrollToTop()
        self._offer_filters()
        self.legend.show_losses(rows)
        self.find.clear()
        self._forget_mistake()

    def order_words(self) -> str:
        """Return what a person has to know of the order: that it is being worked out, or which losses made it."""
        if self.model.sorting:
            return "sorting …"
        step = self.model.losses_step
        by_losses = self.model.arrangement.by_losses and step is not None
        return f"sorted by the losses at step {step:,}" if by_losses else ""

    def take_losses(self, *, standing: bool = True) -> None:
        """Show the losses that the rows have now, while the run goes on in the order the rows stand in."""
        self.model.take_losses(standing=standing)
        self._offer_filters()
        self.legend.show_losses(self._rows)

    def settle(self) -> None:
        """Arrange the rows by the losses shown, now that the run stands."""
        self.model.arrange_anew()

    @Slot(object)
    def set_filter(self, row_filter: RowFilter) -> None:
        """Show some of the rows only; the worst ones with the largest loss first."""
        self.model.set_filter(row_filter)
        if row_filter is RowFilter.WORST:
            self.table.sortByColumn(LOSS, Qt.SortOrder.DescendingOrder)
        self._offer_filters()

    def show_row(self, row: int | None) -> None:
        """Choose a row that was chosen elsewhere, and bring it into view; all rows are shown where the filter leaves it out."""
        self._chosen = row
        if row is not None and self.model.rows is not None and self.model.place_of(row) is None:
            self.model.set_filter(RowFilter.ALL)
            self._offer_filters()
        self.table.choose(row)

    @Slot(object)
    def _pick(self, row: int | None) -> None:
        if row != self._chosen:
            self._chosen = row
            self.row_picked.emit(row)

    @Slot()
    def _remember_view(self) -> None:
        self._in_view = self.table.is_chosen_in_view()

    @Slot(bool)
    def _restore_choice(self, by_person: bool) -> None:
        """Choose the row again; bring it into view where a person sorted, else where it was in view before."""
        self.table.choose(self._chosen, scroll=by_person or self._in_view)
        self.order_changed.emit()

    @Slot()
    def _find(self) -> None:
        text = self.find.text().strip().replace(",", "").replace(" ", "")
        n_rows = self._rows.n_rows if self._rows is not None else 0
        if not text.isdecimal() or not 1 <= int(text) <= n_rows:
            restyle(self.find, invalid=True)
            self.find.setToolTip(f"There is no row {self.find.text().strip()!r}: rows go from 1 to {n_rows:,}.")
            return
        row = int(text) - 1
        self.show_row(row)
        self.row_picked.emit(row)

    @Slot()
    def _forget_mistake(self) -> None:
        restyle(self.find, invalid=False)
        self.find.setToolTip("Number of a data row, counted from 1; Enter goes there")

    @Slot()
    def _say_count(self) -> None:
        total = self._rows.n_rows if self._rows is not None else 0
        shown = len(self.model.shown)
        words = f"{total:,} rows" if shown == total else f"{shown:,} of {total:,} rows"
        self.count.set_texts("1 row" if shown == total == 1 else words, f"{shown:,}", "")

    def _offer_filters(self) -> None:
        counts = self._rows.counts if self._rows is not None else ()
        offers = [(RowFilter.ALL, "All rows")]
        parts = (RowFilter.TRAIN, RowFilter.VALIDATION, RowFilter.TEST)
        offers += [(part, f"{part.value.capitalize()} rows · {n:,}") for part, n in zip(parts, islice(counts, 1, 4)) if n]  # noqa: B905
        if self._rows is not None and self._rows.losses is not None:
            offers.append((RowFilter.WORST, f"{RowFilter.WORST.value.capitalize()} rows by loss"))
        self.filter.set_choices(offers, self.model.row_filter, self.model.row_filter.value)
