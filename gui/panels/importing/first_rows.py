"""The first rows of a table, so that a person sees at a glance whether a file is read as it was meant."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from engine.data.columns.suggestion import Column, Suggestion
from gui.panels.importing.column_text import MIDNIGHT, has_time
from gui.session.data_messages import PREVIEW_ROWS
from gui.theme import LIGHT, Theme, mix

MISSING = "missing"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NO_INDEX = QModelIndex()
_ROW_PX, _COLUMN_PX = 24, 108
_NARROWEST_PX, _WIDEST_PX, _AROUND_PX = 76, 190, 22
_FITTED_COLUMNS, _FITTED_ROWS = 50, 12
"""So many columns get a width that fits their names and first cells; the others of a wide table the usual one."""

_LONGEST = 60
Index = QModelIndex | QPersistentModelIndex


class FirstRowsModel(QAbstractTableModel):
    """The first rows of the columns; a cell's text is made when it is shown, for a table may have thousands of columns."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._n_rows = 0
        self._timed: frozenset[int] = frozenset()
        self._roles: dict[str, str] = {}
        self._theme = LIGHT

    def show_columns(self, columns: tuple[Column, ...]) -> None:
        """Show the first rows of these columns."""
        self.beginResetModel()
        self._columns = columns
        self._n_rows = min(PREVIEW_ROWS, columns[0].n_rows) if columns else 0
        self._timed = frozenset(place for place, column in enumerate(columns) if has_time(column, self._n_rows))
        self.endResetModel()

    def show_roles(self, suggestion: Suggestion | None) -> None:
        """Mark the target and mute what is left out."""
        if suggestion is None:
            self._roles = {}
            return
        self._roles = dict.fromkeys(suggestion.features, "feature")
        if suggestion.target is not None:
            self._roles[suggestion.target] = "target"
        self._tell()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._tell()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of rows shown."""
        return 0 if parent.isValid() else self._n_rows

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text; a missing value says so, muted."""
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.kind == "numeric" else _LEFT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.ForegroundRole):
            return None
        text = self._cell_text(column, index)
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self._colour(column.name, missing=not text))
        return text or MISSING

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's name and kind, or a row's number."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if orientation is Qt.Orientation.Horizontal else _RIGHT
        if orientation is Qt.Orientation.Vertical:
            return f"{section + 1:,}" if role == Qt.ItemDataRole.DisplayRole else None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{self._short_name(section)}\n{self._role_text(column)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column.name}: {column.kind}, {column.distinct:,} different values, {column.missing:,} missing"
        return None

    def _cell_text(self, column: Column, index: Index) -> str:
        text = column.cell_text(index.row())
        return f"{text} {MIDNIGHT}" if text and index.column() in self._timed and ":" not in text else text

    def _short_name(self, section: int) -> str:
        """Return a name that fits its column; a header of two lines is cut by Qt without a sign of it."""
        room = (_WIDEST_PX if section < _FITTED_COLUMNS else _COLUMN_PX) - _AROUND_PX + 2
        metrics = QFontMetrics(QGuiApplication.font())
        return metrics.elidedText(self._columns[section].name, Qt.TextElideMode.ElideRight, room)

    def _role_text(self, column: Column) -> str:
        role = self._roles.get(column.name, "ignored")
        return column.kind if role == "feature" else role

    def _colour(self, name: str, *, missing: bool) -> str:
        used = name in self._roles
        if missing:
            return mix(self._theme.muted, self._theme.panel, 0.3)
        return self._theme.text if used else self._theme.muted

    def _tell(self) -> None:
        if self._columns and self._n_rows:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), self.index(self._n_rows - 1, len(self._columns) - 1))


class FirstRows(QTableView):
    """Shows a :class:`FirstRowsModel`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = FirstRowsModel()
        self.setModel(self.rows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.horizontalHeader().setDefaultSectionSize(_COLUMN_PX)
        self.setAccessibleName("First rows of the table")

    def show_columns(self, columns: tuple[Column, ...]) -> None:
        """Show the first rows of these columns, each wide enough for its name and first cells."""
        self.rows.show_columns(columns)
        metrics = self.fontMetrics()
        for place, column in enumerate(columns[:_FITTED_COLUMNS]):
            texts = (column.name, *(column.cell_text(row) for row in range(min(_FITTED_ROWS, column.n_rows))))
            needed = max(metrics.horizontalAdvance(text[:_LONGEST]) for text in texts) + _AROUND_PX
            self.setColumnWidth(place, min(max(needed, _NARROWEST_PX), _WIDEST_PX))
