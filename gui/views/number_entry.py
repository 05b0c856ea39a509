"""A field for one number of the network, with all its digits: Enter takes what is typed, whatever else leaves it as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.appearance import restyle


class NumberEntry(QLineEdit):
    """Edit a finite number of the precision of the network.

    Parameters
    ----------
    name : str
        What the number is called.

    Signals
    -------
    committed(str, object)
        The name, and the number typed, a float; emitted on Enter where something was typed.
    rejected(str)
        Why what was typed can't be used, in one sentence.
    corrected()
        The wrong entry is being changed: its message may go.
    """

    committed = Signal(str, object)
    rejected = Signal(str)
    corrected = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._type: type[np.floating[Any]] = np.float64
        self.setAccessibleName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.returnPressed.connect(self._commit)
        self.textEdited.connect(self._clear_mark)

    def show_value(self, value: np.floating[Any]) -> None:
        """Show a number as it is stored; an entry under way is left alone."""
        self._type = type(value)
        text = exact_text(value)
        if not self.isModified() and text != self.text():
            everything = self.hasSelectedText() and self.selectedText() == self.text()
            self.setText(text)
            self.setCursorPosition(0)  # of a number that is too long the first digits tell more than the last
            if everything:
                self.selectAll()

    def mark_wrong(self, wrong: bool = True) -> None:
        """Give the field the look of a wrong entry, or take it away."""
        restyle(self, invalid=wrong)

    @Slot()
    def _commit(self) -> None:
        if not self.isModified():
            return
        try:
            value = number_from(self.text(), self._type)
        except ValueError as error:
            self.mark_wrong()
            self.rejected.emit(str(error))
            return
        self.setText(exact_text(self._type(value)))
        self.setModified(False)
        self.committed.emit(self._name, value)

    @Slot()
    def _clear_mark(self) -> None:
        if self.property("invalid"):
            self.mark_wrong(False)
            self.corrected.emit()


def exact_text(value: np.floating[Any]) -> str:
    """Return the shortest digits that stand for exactly this number in its own precision.

    Examples
    --------
    >>> [exact_text(value) for value in (np.float64(0.1), np.float32(0.1), np.float64(-3e-7))]
    ['0.1', '0.1', '-3e-07']
    """
    return str(value)


def number_from(text: str, precision: type[np.floating[Any]] = np.float64) -> float:
    """Return the number a person typed, with a decimal point or a decimal comma.

    Raises
    ------
    ValueError
        With one sentence, where it is none or is beyond the precision.
    """
    text = text.strip()
    plain = text.replace("\u2212", "-")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = float(plain.replace("_", "?"))  # Python's own grouping of digits is none that people use
    except ValueError:
        raise ValueError(f"{text!r} is not a number; type one such as 0.25 or -1e-3.") from None
    with np.errstate(over="ignore"):
        if not np.isfinite(precision(value)):
            raise ValueError(f"{text!r} is not a finite number of the precision {precision.__name__}.")
    return value
