"""The test rows: measured when somebody asks, never of itself, because what one looks at again and again one chooses by."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engine.data.prepared import PreparedData
from gui.panels.metric import Metric
from gui.session.messages import HeldOutFigures


class HeldOutLine(QWidget):
    """A link that asks for the figures of the test rows, and the figures with their step.

    Signals
    -------
    wanted()
    """

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.measure = QToolButton()
        self.measure.setProperty("link", True)
        self.measure.setCursor(Qt.CursorShape.PointingHandCursor)
        self.measure.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.measure.setToolTip("They decide nothing: measure them when everything else is chosen.")
        self.measure.clicked.connect(self.wanted)
        self.figures = QLabel()
        self.figures.setProperty("role", "small")
        self.figures.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.measure)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.figures)
        self._metrics: tuple[Metric, ...] = ()
        self.hide()

    def show_data(self, data: PreparedData, metrics: tuple[Metric, ...]) -> None:
        """Offer to measure, where there are test rows."""
        n_rows = len(data.y_test)
        self._metrics = metrics
        self.measure.setText(f"Measure the {n_rows:,} test rows" if n_rows > 1 else "Measure the test row")
        self.figures.hide()
        self.setVisible(n_rows > 0)

    @Slot(object)
    def show_figures(self, found: HeldOutFigures) -> None:
        """Show what was measured, and at which step."""
        values = [(metric, getattr(found.metrics, metric.field)) for metric in self._metrics]
        parts = [f"{metric.label} {metric.text(value)}" for metric, value in values if value is not None]
        self.figures.setText(f"Test at step {found.step:,}: {', '.join((f'loss {found.loss:.4g}', *parts))}")
        self.figures.show()
