"""A field for one setting, typed in: checked against the table of settings when it is left."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from engine.settings import Settings, SettingsError, checked_value, limits, shown
from gui.appearance import restyle
from gui.panels.form import FIELD_PX

_CHROME_PX = 18
"""What the style sheet puts around the text."""

_NOTHING = ("", "off", "none")
"""What can be typed for no value, where the setting may have none."""


class NumberField(QLineEdit):
    """Edit the setting `name` as text; Enter or leaving the field asks for the change, Escape takes it back.

    Where the setting may have no value, an empty field stands for none, and a muted text in it says what that comes to.

    Parameters
    ----------
    name : str
    percent : bool
        Show a share as a percentage.
    in_list : bool
        Edit one number of a setting that is a list of numbers.

    Signals
    -------
    committed(object)
        The new value, within the limits of the table of settings.
    rejected(str)
        Why what was typed can't be used, in one sentence.
    corrected()
        The wrong entry is being changed: its message may go.
    """

    committed = Signal(object)
    rejected = Signal(str)
    corrected = Signal()

    def __init__(self, name: str, *, percent: bool = False, in_list: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._percent = percent
        self._in_list = in_list
        self._may_be_empty = type(None) in get_args(Settings.model_fields[name].annotation)
        self._unit = ""
        self._value: object = None
        self._written = ""
        if self._may_be_empty:
            self.setPlaceholderText("off")
        self.setToolTip(shown(name).help)
        self.setAccessibleName(shown(name).label)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editingFinished.connect(self._commit)
        self.textEdited.connect(self._clear_mark)

    def show_value(self, value: object) -> None:
        """Show a value, without a signal; an entry under way is left alone."""
        if value == self._value and type(value) is type(self._value) and self.text() == self._written:
            return
        self._value = value
        if not (self.hasFocus() and self.isModified()) and not self.property("invalid"):
            self._write(short=not self.hasFocus())

    def show_unit(self, unit: str) -> None:
        """Write a unit behind the number while it is not edited."""
        if unit != self._unit:
            self._unit, self._written = unit, ""
            self.show_value(self._value)

    def reset(self) -> None:
        """Forget what was typed and show the value in force."""
        self._clear_mark()
        self._write(short=not self.hasFocus())

    def mark_wrong(self, wrong: bool = True) -> None:
        """Give the field the look of a wrong entry, or take it away."""
        restyle(self, invalid=wrong)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the value with all its digits while it is edited."""
        super().focusInEvent(event)
        if not self.property("invalid"):
            self._write(short=False)
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Go back to few digits."""
        super().focusOutEvent(event)
        if not self.property("invalid"):
            self._write(short=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the entry back on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.reset()
            self.clearFocus()
            return
        super().keyPressEvent(event)

    @Slot()
    def _clear_mark(self) -> None:
        if self.property("invalid"):
            restyle(self, invalid=False)
            self.corrected.emit()

    @Slot()
    def _commit(self) -> None:
        if not self.isModified():
            return
        try:
            value = self._read()
        except SettingsError as error:
            self.mark_wrong()
            self.rejected.emit(str(error))
            return
        self._clear_mark()
        self.setModified(False)
        self.clearFocus()  # a finished entry gives the keys back to the window
        if value == self._value:
            return
        self._value = value
        self._write(short=not self.hasFocus())
        self.committed.emit(value)

    def _read(self) -> object:
        text = self.text().strip().replace("\u2212", "-")
        if self._may_be_empty and text.lower() in _NOTHING:
            return None
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        if self._percent:
            return self._read_percent(text.removesuffix("%").strip())
        return self._checked(text.removesuffix(self._unit).strip() if self._unit else text)

    def _checked(self, value: object) -> object:
        """Return a value as the table of settings has it, or raise what it says."""
        return checked_value(self._name, (value,))[0] if self._in_list else checked_value(self._name, value)

    def _read_percent(self, text: str) -> object:
        low, high = limits(self._name)
        try:
            return self._checked(float(text) / 100)
        except ValueError:
            allowed = f"a number from {100 * (low or 0):g} to {100 * (high or 1):g} %"
            raise SettingsError(f"{self._name}: {text!r} is not allowed; it should be {allowed}.") from None

    def _write(self, *, short: bool) -> None:
        value = self._value
        if self._percent and isinstance(value, float):
            text = f"{number_text(round(100 * value, 10))} %"
        elif isinstance(value, float):
            text = number_text(value) if short else repr(value)
        else:
            text = "" if value is None else str(value)
        self._written = self._with_unit(text) if short else text
        self.setText(self._written)
        self.setModified(False)

    def _with_unit(self, text: str) -> str:
        """Add the unit, if there is a number, and room: a number must not lose its first digits."""
        longer = f"{text} {self._unit}" if text and self._unit else text
        return longer if self.fontMetrics().horizontalAdvance(longer) <= FIELD_PX - _CHROME_PX else text


def number_text(value: float) -> str:
    """Return a number for a narrow field: at most four significant digits, no needless exponent."""
    text = f"{value:.4g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text
