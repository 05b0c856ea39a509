"""A sentence below a field, for places too narrow to hold it: it floats over what is underneath."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

_WIDTH = 280
_GAP = 4


class FieldError(QLabel):
    """Say what is wrong with an entry, right below it, until it is corrected."""

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        self._field = field
        self.setObjectName("fieldError")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFixedWidth(_WIDTH)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence; an empty one hides it."""
        if not sentence:
            self.hide()
            return
        window = self._field.window()
        self.setParent(window)
        self.setText(sentence)
        self.setFixedHeight(self.heightForWidth(_WIDTH))
        corner = self._field.mapTo(window, QPoint(0, self._field.height() + _GAP))
        self.move(max(0, min(corner.x(), window.width() - _WIDTH - _GAP)), corner.y())
        self.show()
        self.raise_()
