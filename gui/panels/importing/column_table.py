"""The table of columns: search by name, look at the values, choose kind and role."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from gui.panels.importing.column_delegates import BARS_PX, ChoiceDelegate, RemarksDelegate, ValuesDelegate, small
from gui.panels.importing.column_model import NAME_ROLE, ColumnModel, Fact
from gui.panels.importing.column_text import CHOSEN_KINDS, KIND_TIPS, ROLE_TIPS
from gui.theme import Theme

ROW_PX = 34
"""Two lines of small text."""

_WIDTHS = {Fact.KIND: 92, Fact.ROLE: 82, Fact.MISSING: 64}
_NAME_PX, _VALUES_PX = (96, 320), (150, 340)
"""The least and the largest width; the remarks take the rest."""
_REMARKS_PX, _REMARKS_SHARE = 80, 0.38
"""The width of the remarks where there are none, and their share of the room left by the others where there are some."""
_AROUND_NAME_PX, _AROUND_VALUES_PX = 26, 28
_MEASURED = 200
"""So many columns are measured; the others of a wide table get the same widths."""
_AS_RECOGNISED = "as recognised"
_OPENING_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_F2)


class ColumnTable(QTableView):
    """Shows a :class:`ColumnModel`; a click on a kind or a role (or Space) opens the choices.

    A choice made on one of several selected rows holds for all of them.

    Signals
    -------
    kind_chosen(tuple of str, str or None), role_chosen(tuple of str, str or None)
        The columns and what they are said to be; None: as recognised.
    """

    kind_chosen = Signal(object, object)
    role_chosen = Signal(object, object)

    def __init__(self, model: ColumnModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.shown = QSortFilterProxyModel(self)
        self.shown.setSourceModel(model)
        self.shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.shown.setFilterKeyColumn(Fact.NAME)
        self.setModel(self.shown)
        self._delegates = {
            Fact.KIND: ChoiceDelegate(self),
            Fact.ROLE: ChoiceDelegate(self),
            Fact.VALUES: ValuesDelegate(self),
            Fact.REMARKS: RemarksDelegate(self),
        }
        for fact, delegate in self._delegates.items():
            self.setItemDelegateForColumn(fact, delegate)
        self.choices = QMenu(self)
        self.choices.setToolTipsVisible(True)
        self.choices.triggered.connect(self._choose)
        self._open_for: tuple[Fact, tuple[str, ...]] = (Fact.KIND, ())
        self._set_up()
        self.clicked.connect(self.open_choices)
        model.modelReset.connect(self.divide)
        model.dataChanged.connect(self.divide)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for delegate in self._delegates.values():
            delegate.theme = theme
        self.viewport().update()

    def filter_names(self, text: str) -> None:
        """Show the columns with `text` in their name."""
        self.shown.setFilterFixedString(text)

    @Slot(QModelIndex)
    def open_choices(self, index: QModelIndex) -> None:
        """Open the choices of a cell with a kind or a role."""
        if not index.isValid() or index.column() not in (Fact.KIND, Fact.ROLE):
            return
        fact = Fact(index.column())
        self._open_for = (fact, self._names_for(index))
        self.choices.clear()
        tips = {kind: KIND_TIPS[kind] for kind in CHOSEN_KINDS} if fact is Fact.KIND else ROLE_TIPS
        for word, tip in tips.items():
            if word == "target" and len(self._open_for[1]) > 1:
                continue
            action = self.choices.addAction(word)
            action.setData(word)
            action.setToolTip(tip)
            action.setCheckable(True)
            action.setChecked(index.data() == word)
        self.choices.addSeparator()
        self.choices.addAction(_AS_RECOGNISED)
        self.choices.popup(self.viewport().mapToGlobal(self.visualRect(index).bottomLeft() + QPoint(0, 1)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the choices of the current cell with Space or F2."""
        if event.key() in _OPENING_KEYS:
            self.open_choices(self.currentIndex())
            event.accept()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the width anew."""
        super().resizeEvent(event)
        self.divide()

    @Slot()
    def divide(self) -> None:
        """Give names and values the room they need, as far as the remarks leave it."""
        room = self.viewport().width() - sum(_WIDTHS.values())
        remarks = max(_REMARKS_PX, round(_REMARKS_SHARE * room)) if self._model.has_remarks else _REMARKS_PX
        left = room - remarks
        name = _within(_NAME_PX, self._widest(Fact.NAME, self.font()) + _AROUND_NAME_PX)
        values = _within(_VALUES_PX, self._widest(Fact.VALUES, small(self.font())) + BARS_PX + _AROUND_VALUES_PX)
        name = min(name, max(left - values, left // 2, _NAME_PX[0]))
        values = min(values, max(left - name, _VALUES_PX[0]))
        for fact, width in ((Fact.NAME, name), (Fact.VALUES, values), (Fact.REMARKS, max(room - name - values, _REMARKS_PX))):
            self.horizontalHeader().resizeSection(fact, width)

    def _widest(self, fact: Fact, font: QFont) -> int:
        metrics = QFontMetrics(font)
        shown = range(min(_MEASURED, self._model.rowCount()))
        return max((metrics.horizontalAdvance(str(self._model.index(row, fact).data())) for row in shown), default=0)

    def _names_for(self, index: QModelIndex) -> tuple[str, ...]:
        """Return the columns a choice holds for: all selected ones when the cell's is one of them."""
        rows = {each.row() for each in self.selectionModel().selectedRows()}
        rows = rows if index.row() in rows else {index.row()}
        return tuple(self.shown.index(row, 0).data(NAME_ROLE) for row in sorted(rows))

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        fact, names = self._open_for
        (self.kind_chosen if fact is Fact.KIND else self.role_chosen).emit(names, action.data())

    def _set_up(self) -> None:
        self.setAccessibleName("Columns of the table")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        for fact, width in _WIDTHS.items():
            header.resizeSection(fact, width)


def _within(limits: tuple[int, int], width: int) -> int:
    return min(max(width, limits[0]), limits[1])
