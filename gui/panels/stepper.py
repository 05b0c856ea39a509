"""A whole number with a button for one less and one for one more."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, QSize, Qt, Signal, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget

from gui.appearance import restyle
from gui.icons import quiet_icon
from gui.theme import Theme

_BUTTON = QSize(22, 22)


class Stepper(QFrame):
    """Show a whole number between limits; ask for another by button or by typing.

    Signals
    -------
    value_requested(int)
        The number wanted; always within the limits and never the one shown.
    """

    value_requested = Signal(int)

    def __init__(self, name: str, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stepper")
        self.setAccessibleName(name)
        self._low, self._high, self._value = low, high, low
        self.less = self._button(f"{name}: one less")
        self.more = self._button(f"{name}: one more")
        self.field = QLineEdit(self)
        self.field.setProperty("bare", True)
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # Digits only; a number beyond the limits is brought to the nearest one when it is finished.
        self.field.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,9}"), self))
        self.field.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for widget in (self.less, self.field, self.more):
            row.addWidget(widget)
        self.less.clicked.connect(self._one_less)
        self.more.clicked.connect(self._one_more)
        self.field.editingFinished.connect(self._take_typed)

    def show_value(self, value: int) -> None:
        """Show a number, without a signal."""
        self._value = value
        if not (self.field.hasFocus() and self.field.isModified()):
            self.field.setText(str(value))
        self.less.setEnabled(value > self._low)
        self.more.setEnabled(value < self._high)

    def set_theme(self, theme: Theme) -> None:
        """Tint the buttons."""
        self.less.setIcon(quiet_icon("minus", theme, size=14))
        self.more.setIcon(quiet_icon("plus", theme, size=14))

    def mark_wrong(self, wrong: bool) -> None:
        """Give the field the look of a wrong entry, or take it away."""
        restyle(self, invalid=wrong)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setFixedSize(_BUTTON)
        button.setIconSize(QSize(14, 14))
        button.setAccessibleName(name)
        button.setToolTip(name)
        return button

    @Slot()
    def _one_less(self) -> None:
        self._request(self._value - 1)

    @Slot()
    def _one_more(self) -> None:
        self._request(self._value + 1)

    @Slot()
    def _take_typed(self) -> None:
        typed = self.field.text() if self.field.isModified() else ""
        self.field.setModified(False)
        self.field.clearFocus()  # a finished entry gives the keys back to the window
        if typed:
            self._request(int(typed))
        self.show_value(self._value)

    def _request(self, value: int) -> None:
        value = min(max(value, self._low), self._high)
        if value != self._value:
            self.show_value(value)
            self.value_requested.emit(value)
