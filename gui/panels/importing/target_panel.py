"""What is predicted, as what and why, and how the rows divide among the classes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.panels.importing.class_bars import ClassBars
from gui.panels.importing.column_model import ColumnModel
from gui.panels.importing.editors import ValueBox
from gui.panels.importing.target_box import TargetBox
from gui.session.import_session import ImportSession
from gui.theme import SPACE, Theme

TASKS: dict[object, str] = {"classification": "a class", "regression": "a number"}
USE_ANYWAY = "To use one of them all the same, click on its role above and choose feature."
_TARGET_PX, _TASK_PX = 168, 104


class TargetPanel(QWidget):
    """Shows target and task of an import session and asks for others.

    Signals
    -------
    target_chosen(str), task_chosen(object)
    """

    target_chosen = Signal(str)
    task_chosen = Signal(object)

    def __init__(self, session: ImportSession, columns: ColumnModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.target = TargetBox(columns, self)
        self.target.setFixedWidth(_TARGET_PX)
        self.target.setAccessibleName("Column to predict")
        self.target.activated.connect(self._pick)
        self.task = ValueBox(TASKS, self)
        self.task.setFixedWidth(_TASK_PX)
        self.task.setAccessibleName("Predict it as")
        self.task.chosen.connect(self.task_chosen)
        self.reason = QLabel(self)
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setProperty("role", "muted")
        self.bars = ClassBars(self)
        self._lay_out()

    def show_roles(self) -> None:
        """Show what is predicted, as what, and why."""
        suggestion = self._session.suggestion
        has_target = suggestion is not None and suggestion.target is not None
        self.target.setEnabled(suggestion is not None)
        self.task.setEnabled(has_target)
        self.target.show_name(None if suggestion is None else suggestion.target)
        if self._session.task is not None:
            self.task.show_value(self._session.task)
        self.reason.setText("" if suggestion is None else " ".join([suggestion.reason, *self._facts()]))
        self.show_balance()

    def show_balance(self) -> None:
        """Show the rows of each class where the target is one."""
        described = self._session.described
        classes = described is not None and self._session.task == "classification"
        self.bars.show_balance(described.balance if described is not None and classes else ())
        self.bars.setVisible(classes)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.bars.set_theme(theme)

    def _facts(self) -> list[str]:
        """Return what else to know: rows without a target, the range of a quantity, the number of features."""
        suggestion = self._session.suggestion
        assert suggestion is not None
        column = next((column for column in self._session.columns if column.name == suggestion.target), None)
        if column is None:
            return []
        used, others = len(suggestion.features), len(self._session.columns) - 1
        facts = [f"Predicted from {used:,} of {others:,} other columns."] if used else [USE_ANYWAY] if others else []
        if column.missing:
            facts.append(f"{column.missing:,} {'row' if column.missing == 1 else 'rows'} without it are left out.")
        return facts

    def _lay_out(self) -> None:
        words = (QLabel("Predict", self), QLabel("as", self))
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE)
        for widget in (words[0], self.target, words[1], self.task):
            line.addWidget(widget)
        line.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(SPACE // 2)
        left.addLayout(line)
        left.addWidget(self.reason)
        left.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACE)
        row.addLayout(left, 1)
        row.addWidget(self.bars, 1, Qt.AlignmentFlag.AlignTop)

    @Slot(int)
    def _pick(self, _: int) -> None:
        name = self.target.name
        if name is not None:
            self.target_chosen.emit(name)
