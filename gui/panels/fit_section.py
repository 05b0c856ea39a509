"""How good the predictions are, beside what predicting without a network gives."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.data.prepared import PreparedData
from gui.panels.fitting_label import FittingLabel
from gui.panels.form import Section
from gui.panels.held_out_line import HeldOutLine
from gui.panels.metric import Metric, metrics_of
from gui.session.messages import Metrics, Snapshot

PARTS = ("train", "validation")
"""The columns of the run's own figures; the last column is that of the baseline."""

NOT_DEFINED = "–"

_COLUMN_GAP_PX, _LINE_GAP_PX = 6, 3
_WIDEST_STEP = "step 999,999,999"


class FigureRow:
    """One metric: its label, the figure of each part, and that of the better baseline.

    Parameters
    ----------
    owner : QWidget
    grid : QGridLayout
    line : int
    """

    def __init__(self, owner: QWidget, grid: QGridLayout, line: int) -> None:
        self.metric: Metric | None = None
        self.label = QLabel(owner)
        self.figures = {part: _figure(owner, part) for part in PARTS}
        self.baseline = _figure(owner, "small")
        self._shown: dict[str, float | None] = {}
        grid.addWidget(self.label, line, 0)
        for column, figure in enumerate((*self.figures.values(), self.baseline), start=1):
            grid.addWidget(figure, line, column, Qt.AlignmentFlag.AlignRight)

    def set_metric(self, metric: Metric | None, widest: tuple[str, ...]) -> None:
        """Become the row of another metric, or of none, with room for the widest texts; what is shown goes."""
        self.metric, self._shown = metric, {}
        cells = (*self.figures.values(), self.baseline)
        for cell in (self.label, *cells):
            cell.setHidden(metric is None)
        if metric is None:
            return
        self.label.setText(metric.label)
        self.label.setToolTip(metric.explanation)
        for cell in cells:
            # A size that is given keeps a new text from laying out the whole panel anew.
            cell.ensurePolished()
            advance = cell.fontMetrics().horizontalAdvance
            cell.setFixedSize(max(advance(text) for text in widest) + 1, cell.fontMetrics().height())
            cell.setText(NOT_DEFINED)
            cell.setToolTip("")

    def show_part(self, part: str, metrics: Metrics | None) -> None:
        """Show the figure of a part; costs nothing where it is the one already shown."""
        if self.metric is None:
            return
        value = None if metrics is None else getattr(metrics, self.metric.field)
        if part in self._shown and self._shown[part] == value:
            return
        self._shown[part] = value
        self.figures[part].setText(NOT_DEFINED if value is None else self.metric.text(value))
        self.figures[part].setToolTip(f"{part} {in_words(value)}{_sampled(self.metric, metrics)}")

    def show_baselines(self, part: str, baselines: tuple[tuple[str, Metrics], ...]) -> None:
        """Show the better of the baselines; the tool tip names all."""
        if self.metric is None:
            return
        values = [(name, getattr(metrics, self.metric.field)) for name, metrics in baselines]
        defined = [value for _, value in values if value is not None]
        self.baseline.setText(self.metric.text(self.metric.better(defined)) if defined else NOT_DEFINED)
        lines = (f"{name} {in_words(value)}" for name, value in values)
        self.baseline.setToolTip("\n".join((f"over the {part} rows:", *lines)))


def _sampled(metric: Metric, metrics: Metrics | None) -> str:
    """Say over how many rows a figure was taken, where those are not all of them."""
    n_rows = None if metrics is None or metric.field != "roc_auc" else metrics.roc_auc_rows
    return "" if n_rows is None else f", over {n_rows:,} rows drawn evenly from all"


class FitSection(Section):
    """A table of metrics: the training and the validation rows in their colours, and the baseline beside them."""

    def __init__(self) -> None:
        super().__init__("Metrics")
        owner = QWidget()
        grid = QGridLayout(owner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(_COLUMN_GAP_PX)
        grid.setVerticalSpacing(_LINE_GAP_PX)
        for column in (1, 2):
            grid.setColumnStretch(column, 1)
        self.heads = self._made_heads(grid)
        self.rows = tuple(FigureRow(owner, grid, line) for line in range(1, 5))
        self._baselines: tuple[tuple[str, Metrics], ...] = ()
        self._baseline_part = "train"
        self.aside.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.add(owner)
        self.held_out = HeldOutLine()
        self.add(self.held_out)

    def show_data(self, data: PreparedData) -> None:
        """Choose the rows that suit the task; the figures come with the first snapshot."""
        metrics = metrics_of(data.target)
        widest = ("0.000",) if data.target.classes else ("00,000", "−0.000")
        for line, row in enumerate(self.rows):
            row.set_metric(metrics[line] if line < len(metrics) else None, widest)
        self._explain_columns(data)
        self.held_out.show_data(data, metrics)
        self._baselines = ()
        self._baseline_part = "validation" if len(data.y_validation) else "train"
        self.aside.ensurePolished()
        self.aside.setFixedSize(self.aside.fontMetrics().horizontalAdvance(_WIDEST_STEP), self.aside.sizeHint().height())
        self.aside.clear()

    def render(self, snapshot: Snapshot) -> None:  # type: ignore[override]
        """Show the metrics of a snapshot, and the step they were measured at."""
        parts = {"train": snapshot.train_metrics, "validation": snapshot.validation_metrics}
        for row in self.rows:
            for part, metrics in parts.items():
                row.show_part(part, metrics)
        measured = parts[self._baseline_part]
        if measured is not None and measured.baselines is not self._baselines:
            self._baselines = measured.baselines
            for row in self.rows:
                row.show_baselines(self._baseline_part, measured.baselines)
        text = f"step {snapshot.step_of_metrics:,}"
        if text != self.aside.text():
            self.aside.setText(text)

    def _made_heads(self, grid: QGridLayout) -> tuple[QLabel, ...]:
        baseline = FittingLabel()
        baseline.set_texts(("Baseline", "Base"))
        heads = (QLabel("Train"), QLabel("Valid."), baseline)
        for column, head in enumerate(heads, start=1):
            head.setProperty("role", "small")
            head.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(head, 0, column)
        return heads

    def _explain_columns(self, data: PreparedData) -> None:
        n_train, n_validation = len(data.y_train), len(data.y_validation)
        train, validation, baseline = self.heads
        train.setToolTip(f"Over all {n_train:,} training rows")
        validation.setToolTip(f"Over all {n_validation:,} validation rows" if n_validation else "There are no validation rows.")
        constant, fitted = ("the commonest class", "the classes") if data.target.classes else ("the mean", "the numbers")
        part = "validation" if n_validation else "training"
        baseline.setToolTip(
            f"What is reached without a network, over the {part} rows: the better of\n"
            f"always answering {constant} of the training rows, and\n"
            f"a linear model fitted to {fitted} by least squares."
        )


def in_words(value: float | None) -> str:
    """Return a figure in full for a tool tip."""
    if value is None:
        return "not defined"
    return f"{value:,.6g}".replace("-", "−") if math.isfinite(value) else "not finite"


def _figure(owner: QWidget, role: str) -> QLabel:
    label = QLabel(NOT_DEFINED, owner)
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label
