"""The form of the data and model panel: titled sections of rows, a label at the left and a field at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import SPACE

FIELD_PX, NARROWEST_FIELD_PX = 116, 76
"""Width of the column of fields, and how narrow it may get for a long label in a narrow panel."""

ROW_PX = 24
_GAP_PX = 4


class FieldRow(QWidget):
    """A label, a field, and below them room for one sentence about a wrong entry.

    Parameters
    ----------
    label, tip : str
    field : QWidget
        Takes the column of fields, or less where the label needs more. Its `mark_wrong` method, if any, is told about errors.
    """

    def __init__(self, label: str, field: QWidget, tip: str = "") -> None:
        super().__init__()
        self.field = field
        self.label = QLabel(label, self)
        self.label.setBuddy(field)
        for widget in (self, field):
            widget.setToolTip(tip)
        field.setAccessibleName(label)
        field.setFixedHeight(ROW_PX)
        field.setMinimumWidth(NARROWEST_FIELD_PX)
        field.setMaximumWidth(FIELD_PX)
        self._sentence: QLabel | None = None  # most rows never have one, and a form of many rows should open at once
        row = self._line = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        row.addWidget(self.label)
        row.addWidget(field, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addLayout(row)

    def add_below(self, widget: QWidget) -> None:
        """Add what belongs to the row and stands below it."""
        self._column.addWidget(widget)

    @property
    def error(self) -> str:
        """The sentence shown below the field, empty where nothing is wrong."""
        return "" if self._sentence is None else self._sentence.text()

    def show_error(self, sentence: str) -> None:
        """Say what is wrong below the field and give it a red border; an empty sentence takes both away."""
        if sentence == self.error:
            return
        if self._sentence is None:
            self._sentence = self._made_sentence()
        self._sentence.setText(sentence)
        self._sentence.setHidden(not sentence)
        mark = getattr(self.field, "mark_wrong", None)
        if mark is not None:
            mark(bool(sentence))

    def _made_sentence(self) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", "error")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        self._column.insertWidget(1, label)
        return label


class Section(QFrame):
    """A titled group of rows, with a line above it."""

    def __init__(self, title: str, *, first: bool = False) -> None:
        super().__init__()
        self.setObjectName("section")
        self.setProperty("first", first)
        self.title = QLabel(title.upper(), self)
        self.title.setProperty("role", "section")
        self.aside = QLabel(self)
        self.aside.setProperty("role", "small")
        head = self._head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.aside)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, SPACE, 0, SPACE)
        self._column.setSpacing(_GAP_PX)
        self._column.addLayout(head)

    def add(self, widget: QWidget) -> None:
        """Add a row below the others."""
        self._column.addWidget(widget)
