"""The keys of drawing: 1 to 6 choose a class, E the eraser, Ctrl+Z takes back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from engine.data.examples.drawn import MOST_CLASSES
from gui.views.drawing_tools import ERASER

_TOOLS = {**{str(label + 1): label for label in range(MOST_CLASSES)}, "e": ERASER}
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class DrawingKeys(QObject):
    """Takes the keys of drawing wherever the focus is within the widgets it listens to.

    Lives in the GUI thread. A `QShortcut` would not do: with the focus on the slider of the brush the window keeps every key
    from shortcuts, since sliders have keys of their own. These here are none of a slider's.

    Signals
    -------
    tool_chosen(int)
        The label of a class, or `ERASER`.
    undo_requested()

    Attributes
    ----------
    enabled : bool
        Whether keys are taken at all.
    """

    tool_chosen = Signal(int)
    undo_requested = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.enabled = True

    def listen_to(self, widget: QWidget) -> None:
        """Take the keys that reach a widget: its own, and those that the widgets within it leave alone."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim the keys of drawing before any shortcut of the window, and do what they stand for."""
        if not self.enabled or not isinstance(event, QKeyEvent) or event.type() == QEvent.Type.KeyRelease:
            return False
        is_undo, tool = event.matches(QKeySequence.StandardKey.Undo), _tool_of(event)
        if not is_undo and tool is None:
            return False
        if event.type() == QEvent.Type.KeyPress:
            if is_undo:
                self.undo_requested.emit()
            elif tool is not None:
                self.tool_chosen.emit(tool)
        event.accept()
        return True


def _tool_of(event: QKeyEvent) -> int | None:
    """Return the tool a key stands for; by its text, since digits need Shift on some keyboards."""
    return None if event.modifiers() & _COMMANDS else _TOOLS.get(event.text().lower())
