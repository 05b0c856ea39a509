"""When a drawing is trained on without being asked: after a stroke, and not more often than once a second."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

LIVE_PAUSE_MS = 1_000
"""Shortest time between two runs that drawing starts by itself."""


class DrawingPace(QObject):
    """Holds back what changes too quickly, and lets the last of it through.

    Lives in the GUI thread.

    Signals
    -------
    due()
        The drawing as it is now is to be trained on.
    """

    due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waits = self._in_stroke = False
        self._pause = QTimer(self, singleShot=True, interval=LIVE_PAUSE_MS)
        self._pause.timeout.connect(self._go_on)

    @property
    def waits(self) -> bool:
        """Whether there is a change that was not trained on yet."""
        return self._waits

    def begin_stroke(self) -> None:
        """Wait for the end of a stroke."""
        self._in_stroke = True

    def end_stroke(self) -> None:
        """Go on after a stroke."""
        self._in_stroke = False
        self._go_on()

    def ask(self) -> None:
        """Want the drawing trained on: at once, or when the pause or the stroke is over."""
        self._waits = True
        self._go_on()

    def begin_pause(self) -> None:
        """Take note that training on the drawing as it is has begun."""
        self._waits = False
        self._pause.start()

    def rest(self) -> None:
        """Let nothing through until `resume`."""
        self._in_stroke = False
        self._pause.stop()

    def resume(self) -> None:
        """Go on after a rest."""
        self._go_on()

    def forget(self) -> None:
        """Want nothing any more."""
        self._waits = False
        self.rest()

    @Slot()
    def _go_on(self) -> None:
        if self._waits and not self._in_stroke and not self._pause.isActive():
            self._waits = False
            self.due.emit()
