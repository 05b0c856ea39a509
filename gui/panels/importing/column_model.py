"""The columns of a table as a model: one row for each, without a widget for any."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from engine.data.columns.suggestion import Column, Suggestion
from engine.data.import_spec import Role
from gui.panels.importing.column_text import KIND_TIPS, ROLE_TIPS, details, range_text

if TYPE_CHECKING:
    from engine.data.columns.profile import ColumnProfile
    from gui.session.import_session import ImportSession

NAME_ROLE = Qt.ItemDataRole.UserRole
"""A column's name, in every cell of its row."""

PROFILE_ROLE = Qt.ItemDataRole.UserRole + 1
CHOSEN_ROLE = Qt.ItemDataRole.UserRole + 2
"""Whether the value of the cell is a choice of the user."""

_NO_INDEX = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class Fact(IntEnum):
    """What stands in each cell of a row."""

    NAME = 0
    KIND = 1
    ROLE = 2
    VALUES = 3
    MISSING = 4
    REMARKS = 5


TITLES = {
    Fact.NAME: "Column",
    Fact.KIND: "Kind",
    Fact.ROLE: "Role",
    Fact.VALUES: "Values",
    Fact.MISSING: "Missing",
    Fact.REMARKS: "Beware",
}


class ColumnModel(QAbstractTableModel):
    """Tells name, kind, role, values, missing cells and cautions of every column of an import session."""

    def __init__(self, session: ImportSession) -> None:
        super().__init__()
        self._session = session
        self._columns: tuple[Column, ...] = ()
        self._profiles: tuple[ColumnProfile, ...] = ()
        self._cautions: dict[str, tuple[str, ...]] = {}
        self._features: frozenset[str] = frozenset()
        self._suggestion: Suggestion | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns shown."""
        return self._columns

    def show_table(self) -> None:
        """Take the columns of the session; what was known of columns of the same names stays until it is known anew."""
        columns = self._session.columns
        same = [column.name for column in columns] == [column.name for column in self._columns]
        if not same:
            self.beginResetModel()
            self._profiles, self._cautions = (), {}
        self._columns = columns
        self._take_roles()
        if same:
            self._tell()
        else:
            self.endResetModel()

    def show_roles(self) -> None:
        """Take target and features of the session."""
        self._take_roles()
        self._tell()

    def show_profiles(self) -> None:
        """Take profiles and cautions of the session."""
        described = self._session.described
        if described is not None and len(described.profiles) == len(self._columns):
            self._profiles, self._cautions = described.profiles, described.cautions
            self._tell()

    def role_of(self, name: str) -> Role:
        """Return what a column is for."""
        if self._suggestion is not None and name == self._suggestion.target:
            return "target"
        return "feature" if name in self._features else "ignore"

    def remarks(self, column: Column) -> str:
        """Return what to beware of, and why a column is left out; without a full stop at the end."""
        sentences = list(self._cautions.get(column.name, ()))
        if not sentences and self._suggestion is not None and column.name in self._suggestion.ignored:
            reason = self._suggestion.ignored[column.name]
            sentences.append(reason[:1].upper() + reason[1:])
        return ". ".join(sentence.rstrip(".") for sentence in sentences)

    def remarks_on(self, name: str) -> str:
        """Return what to beware of in the column with this name."""
        return next((self.remarks(column) for column in self._columns if column.name == name), "")

    @property
    def has_remarks(self) -> bool:
        """Whether there is something to beware of in a column."""
        return any(self.remarks(column) for column in self._columns)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of columns of the table."""
        return 0 if parent.isValid() else len(self._columns)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of facts."""
        return 0 if parent.isValid() else len(Fact)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name of a fact, or a column's number."""
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation is Qt.Orientation.Horizontal:
            right = section == Fact.MISSING
            return (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return TITLES[Fact(section)] if orientation is Qt.Orientation.Horizontal else str(section + 1)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, its tool tip, or the name of its row's column."""
        column, fact = self._columns[index.row()], Fact(index.column())
        if role == NAME_ROLE:
            return column.name
        if role == PROFILE_ROLE:
            return self._profile(index.row())
        if role == CHOSEN_ROLE:
            return self._is_chosen(column.name, fact)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(index.row(), column, fact)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), column, fact)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{TITLES[fact]} of {column.name}: {self._text(index.row(), column, fact)}"
        if role == Qt.ItemDataRole.TextAlignmentRole and fact is Fact.MISSING:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def column_at(self, row: int) -> Column:
        """Return the column of a row."""
        return self._columns[row]

    def _take_roles(self) -> None:
        self._suggestion = self._session.suggestion
        self._features = frozenset() if self._suggestion is None else frozenset(self._suggestion.features)

    def _tell(self) -> None:
        if self._columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._columns) - 1, len(Fact) - 1))

    def _profile(self, row: int) -> ColumnProfile | None:
        return self._profiles[row] if row < len(self._profiles) else None

    def _is_chosen(self, name: str, fact: Fact) -> bool:
        choices = self._session.choices
        return (fact is Fact.KIND and name in choices.kinds) or (fact is Fact.ROLE and name in choices.roles)

    def _text(self, row: int, column: Column, fact: Fact) -> str:
        if fact is Fact.NAME:
            return column.name
        if fact is Fact.KIND:
            return column.kind
        if fact is Fact.ROLE:
            return self.role_of(column.name)
        if fact is Fact.MISSING:
            return f"{column.missing:,}" if column.missing else "–"
        if fact is Fact.REMARKS:
            return self.remarks(column)
        profile = self._profile(row)
        return "" if profile is None else range_text(column, profile)

    def _tip(self, row: int, column: Column, fact: Fact) -> str:
        if fact is Fact.KIND:
            chosen = "Your choice. " if column.name in self._session.choices.kinds else ""
            return f"{chosen}{KIND_TIPS[column.kind]} {column.note}\nClick to change it.".replace(" \n", "\n")
        if fact is Fact.ROLE:
            return f"{ROLE_TIPS[self.role_of(column.name)]}\nClick to change it."
        if fact is Fact.REMARKS:
            return self.remarks(column)
        return details(column, self._profile(row))
