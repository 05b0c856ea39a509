"""The last line of the batch menu: a field for any other size."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget, QWidgetAction

from gui.panels.number_field import NumberField

_FIELD_PX, _SENTENCE_PX = 80, 160


class BatchEntry(QWidget):
    """Type a batch size inside a menu; the menu closes when it is taken.

    Signals
    -------
    committed(object)
        The size, an int or "full".

    Attributes
    ----------
    action : QWidgetAction
        The line to put into the menu.
    """

    committed = Signal(object)

    def __init__(self, menu: QMenu) -> None:
        super().__init__(menu)
        self._menu = menu
        self.action = QWidgetAction(menu)
        self._field = NumberField("batch_size", parent=self)
        self._field.setFixedWidth(_FIELD_PX)
        self._sentence = QLabel(self)
        self._sentence.setProperty("role", "error")
        self._sentence.setWordWrap(True)
        self._sentence.setFixedWidth(_SENTENCE_PX)
        self._sentence.hide()
        row = QHBoxLayout()
        row.addWidget(QLabel("other", self))
        row.addStretch(1)
        row.addWidget(self._field)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 2, 8, 4)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._sentence)
        self.action.setDefaultWidget(self)
        self._field.committed.connect(self._take)
        self._field.rejected.connect(self._refuse)
        self._field.corrected.connect(self._clear)

    def show_value(self, size: int | str) -> None:
        """Show the size in force."""
        self._field.show_value(size)

    @Slot(object)
    def _take(self, size: int | str) -> None:
        self._menu.close()
        self.committed.emit(size)

    @Slot(str)
    def _refuse(self, sentence: str) -> None:
        self._say(sentence.removeprefix("batch_size: "))

    @Slot()
    def _clear(self) -> None:
        self._say("")

    def _say(self, sentence: str) -> None:
        """Show a sentence below the field, or none, and let the menu make room for it."""
        self._sentence.setText(sentence)
        self._sentence.setFixedHeight(self._sentence.heightForWidth(_SENTENCE_PX) if sentence else 0)
        self._sentence.setHidden(not sentence)
        self.adjustSize()
        self.action.setText(sentence)
