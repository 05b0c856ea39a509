"""The table of columns: search by name, look at the values, choose kind and role."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from gui.panels.importing.column_delegates import ChoiceDelegate, RemarksDelegate, ValuesDelegate
from gui.panels.importing.column_model import NAME_ROLE, ColumnModel, Fact
from gui.panels.importing.column_text import CHOSEN_KINDS, KIND_TIPS, ROLE_TIPS
from gui.theme import Theme

ROW_PX = 28
_WIDTHS = {Fact.KIND: 92, Fact.ROLE: 82, Fact.MISSING: 64}
_SHARES = {Fact.NAME: (0.26, 96, 220), Fact.VALUES: (0.38, 132, 300)}
"""Share of the room left by the others, the least and the largest width; the remarks take the rest."""
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
        room = self.viewport().width() - sum(_WIDTHS.values())
        for fact, (share, least, most) in _SHARES.items():
            self.horizontalHeader().resizeSection(fact, min(max(round(share * room), least), most))

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
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(48)
        for fact, width in _WIDTHS.items():
            header.resizeSection(fact, width)
