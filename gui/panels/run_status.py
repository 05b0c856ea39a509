"""What the program is doing: a dot, a word and the two rates."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.appearance import restyle
from gui.session.messages import RunState

_DOTS = {RunState.RUNNING: "●", RunState.PAUSED: "◐", RunState.FINISHED: "■", RunState.FAILED: "▲", RunState.IDLE: "○"}
_WIDEST = (888_888.0, 188.0)


class RunStatus(QWidget):
    """Show the state and the measured rates, in a width that never changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compact = False
        self._rates = (0.0, 0.0)
        self._word = QLabel(self)
        self._word.setObjectName("stateWord")
        self._figures = QLabel(self)
        self._figures.setObjectName("rates")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for label, side in ((self._word, Qt.AlignmentFlag.AlignVCenter), (self._figures, Qt.AlignmentFlag.AlignTop)):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | side)
            column.addWidget(label)
        self._figures.hide()
        self.show_state(RunState.IDLE)

    def show_state(self, state: RunState) -> None:
        """Show the state; its shape says it too, not the colour alone."""
        self._word.setText(f"{_DOTS[state]} {state.value}")
        restyle(self._word, state=state.value)

    def show_rates(self, steps_per_second: float, frames_per_second: float) -> None:
        """Show the measured rates; no text while nothing moves."""
        self._rates = (steps_per_second, frames_per_second)
        text = self._text(*self._rates) if steps_per_second > 0 else ""
        if text != self._figures.text():
            self._figures.setText(text)
            self._figures.setVisible(bool(text))
            side = Qt.AlignmentFlag.AlignBottom if text else Qt.AlignmentFlag.AlignVCenter
            self._word.setAlignment(Qt.AlignmentFlag.AlignRight | side)

    def set_compact(self, compact: bool) -> None:
        """Use short units."""
        self._compact = compact
        self.show_rates(*self._rates)
        self.hold_width()

    def hold_width(self) -> None:
        """Reserve the width of the longest text."""
        self._figures.ensurePolished()
        text = self._text(*_WIDEST)
        self.setFixedWidth(self._figures.fontMetrics().horizontalAdvance(text) + 2)

    def _text(self, steps_per_second: float, frames_per_second: float) -> str:
        steps = f"{steps_per_second:,.0f}" if steps_per_second >= 10 else f"{steps_per_second:.1f}"
        if self._compact:
            return f"{steps}/s · {frames_per_second:.0f} fps"
        return f"{steps} steps/s · {frames_per_second:.0f} frames/s"
