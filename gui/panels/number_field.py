"""A field for one setting, typed in: checked against the table of settings when it is left."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from engine.settings import SettingsError, limits, make_settings, shown
from gui.appearance import restyle


class NumberField(QLineEdit):
    """Edit the setting `name` as text; Enter or leaving the field asks for the change, Escape takes it back.

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

    def __init__(self, name: str, *, percent: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._percent = percent
        self._value: object = None
        self.setToolTip(shown(name).help)
        self.setAccessibleName(shown(name).label)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editingFinished.connect(self._commit)
        self.textEdited.connect(self._clear_mark)

    def show_value(self, value: object) -> None:
        """Show a value, without a signal; an entry under way is left alone."""
        self._value = value
        if not (self.hasFocus() and self.isModified()) and not self.property("invalid"):
            self._write(short=not self.hasFocus())

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
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        if self._percent:
            return self._read_percent(text.removesuffix("%").strip())
        return getattr(make_settings(None, **{self._name: text}), self._name)

    def _read_percent(self, text: str) -> object:
        low, high = limits(self._name)
        try:
            return getattr(make_settings(None, **{self._name: float(text) / 100}), self._name)
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
        self.setText(text)
        self.setModified(False)


def number_text(value: float) -> str:
    """Return a number for a narrow field: at most four significant digits, no needless exponent."""
    text = f"{value:.4g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text
