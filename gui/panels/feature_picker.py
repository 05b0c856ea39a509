"""The button that names the features and the list behind it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QListView, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.appearance import restyle
from gui.icons import icon
from gui.theme import LIGHT, SPACE, Theme

_ARROW_PX = 12
_LIST_WIDTH, _LIST_HEIGHT = 240, 240
_MANY = 8


@dataclass(frozen=True)
class ColumnChoice:
    """A column of the table as the panel offers it.

    Attributes
    ----------
    name : str
    usable : bool
        Whether it can be a feature.
    remark : str
        What to know before it is chosen: its kind, or why it is left out by default.
    """

    name: str
    usable: bool = True
    remark: str = ""


class FeatureList(QFrame):
    """A popup with all columns to tick, a search line, and a button that takes the choice.

    Signals
    -------
    applied(object)
        The tuple of names ticked, in the order of the table.
    """

    applied = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search columns")
        self.search.setClearButtonEnabled(True)
        self.model = QStandardItemModel(self)
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self.model)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = QListView(self)
        self.list.setModel(self._shown)
        self.list.setUniformItemSizes(True)
        self.list.setFixedSize(_LIST_WIDTH, _LIST_HEIGHT)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.count = QLabel(self)
        self.count.setProperty("role", "muted")
        self.apply = QPushButton("Apply", self)
        self.apply.setProperty("primary", True)
        self._lay_out()
        self.search.textChanged.connect(self._shown.setFilterFixedString)
        self.model.itemChanged.connect(self._count)
        self.apply.clicked.connect(self._take)

    def offer(self, columns: tuple[ColumnChoice, ...], ticked: frozenset[str]) -> None:
        """List the columns, those in `ticked` marked."""
        self.model.blockSignals(True)
        self.model.clear()
        for column in columns:
            item = QStandardItem(f"{column.name} · {column.remark}" if column.remark else column.name)
            item.setData(column.name, Qt.ItemDataRole.UserRole)
            item.setToolTip(item.text())
            item.setCheckable(True)
            item.setEnabled(column.usable)
            item.setCheckState(Qt.CheckState.Checked if column.name in ticked else Qt.CheckState.Unchecked)
            self.model.appendRow(item)
        self.model.blockSignals(False)
        self._shown.invalidate()
        self.search.clear()
        self.search.setHidden(len(columns) < _MANY)
        self._count()

    def ticked(self) -> tuple[str, ...]:
        """Return the names ticked, in the order of the table."""
        items = (self.model.item(row) for row in range(self.model.rowCount()))
        return tuple(item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self.search)
        column.addWidget(self.list)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        for text, slot in (("All", self._tick_all), ("None", self._tick_none)):
            button = QToolButton(self)
            button.setProperty("link", True)
            button.setText(text)
            button.clicked.connect(slot)
            row.addWidget(button)
        row.addWidget(self.count, 1)
        row.addWidget(self.apply)
        column.addLayout(row)

    @Slot()
    def _tick_all(self) -> None:
        self._tick(Qt.CheckState.Checked)

    @Slot()
    def _tick_none(self) -> None:
        self._tick(Qt.CheckState.Unchecked)

    def _tick(self, state: Qt.CheckState) -> None:
        """Tick or untick every column the search shows."""
        for row in range(self._shown.rowCount()):
            item = self.model.itemFromIndex(self._shown.mapToSource(self._shown.index(row, 0)))
            if item.isEnabled():
                item.setCheckState(state)

    @Slot()
    def _count(self) -> None:
        n_ticked = len(self.ticked())
        n_usable = sum(self.model.item(row).isEnabled() for row in range(self.model.rowCount()))
        self.count.setText(f"{n_ticked} of {n_usable}" if n_ticked else "tick at least one")
        self.apply.setEnabled(n_ticked > 0)

    @Slot()
    def _take(self) -> None:
        ticked = self.ticked()
        self.close()
        self.applied.emit(ticked)


class FeaturePicker(QPushButton):
    """Name the features in use; a click opens the list of columns.

    Signals
    -------
    chosen(object)
        A tuple of column names, different from the one shown.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("field", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._columns: tuple[ColumnChoice, ...] = ()
        self._features: tuple[str, ...] = ()
        self.popup = FeatureList(self)
        self.popup.applied.connect(self._take)
        self.clicked.connect(self._open)
        self.set_theme(LIGHT)

    def show_features(self, columns: tuple[ColumnChoice, ...], features: tuple[str, ...]) -> None:
        """Show the features in use, and offer `columns` in the list."""
        self._columns, self._features = columns, features
        self._write()

    def set_theme(self, theme: Theme) -> None:
        """Tint the arrow."""
        self._arrow = icon("chevron-down", theme, colour=theme.muted, size=_ARROW_PX)
        self.update()

    def mark_wrong(self, wrong: bool) -> None:
        """Give the button the look of a wrong entry, or take it away."""
        restyle(self, invalid=wrong)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the names anew."""
        super().resizeEvent(event)
        self._write()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button and the arrow at its right end."""
        super().paintEvent(event)
        painter = QPainter(self)
        place = QRect(self.width() - _ARROW_PX - 4, (self.height() - _ARROW_PX) // 2, _ARROW_PX, _ARROW_PX)
        self._arrow.paint(painter, place, mode=QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled)
        painter.end()

    def _write(self) -> None:
        names = ", ".join(self._features)
        room = self.width() - _ARROW_PX - 18
        fits = self.fontMetrics().horizontalAdvance(names) <= room
        usable = sum(column.usable for column in self._columns)
        self.setText(names if fits else f"{len(self._features)} of {max(usable, len(self._features))}")
        self.setAccessibleName(f"Features: {names}")

    @Slot()
    def _open(self) -> None:
        self.popup.offer(self._columns, frozenset(self._features))
        self.popup.adjustSize()
        self.popup.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        self.popup.show()
        (self.popup.list if self.popup.search.isHidden() else self.popup.search).setFocus()

    @Slot(object)
    def _take(self, features: tuple[str, ...]) -> None:
        if features != self._features:
            self.chosen.emit(features)
