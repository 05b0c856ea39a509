"""How good the predictions are, beside what predicting without a network gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.data.prepared import PreparedData, Target
from gui.panels.fitting_label import FittingLabel
from gui.panels.form import Section
from gui.session.messages import Metrics, Snapshot

PARTS = ("train", "validation")
"""The columns of the run's own figures; the last column is that of the baseline."""

NOT_DEFINED = "–"

_COLUMN_GAP_PX, _LINE_GAP_PX = 6, 3
_WIDEST_STEP = "step 999,999,999"

_SUFFIXES = ((1e12, "T", 3), (1e9, "G", 3), (1e6, "M", 3), (1e3, "k", 4))
"""Thousands and more: from where, the sign, and how many digits fit beside it."""


class Metric(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    field : str
        Its name in `Metrics`.
    label, explanation : str
    text : callable (float) -> str
    better : callable
        `max` where larger figures are better, else `min`.
    """

    field: str
    label: str
    explanation: str
    text: Callable[[float], str]
    better: Callable[[list[float]], float] = max


def metrics_of(target: Target) -> tuple[Metric, ...]:
    """Return the rows that suit a target."""
    if target.task == "regression":
        unit = f"in the unit of {target.name}"
        return (
            Metric("r2", "R²", "Share of the spread that is explained: 1 is perfect, 0 no better than the mean.", r2_text),
            Metric("rmse", "RMSE", f"Root mean squared error, {unit}; large errors weigh most.", error_text, min),
            Metric("mae", "MAE", f"Mean absolute error, {unit}.", error_text, min),
        )
    f1, area = "averaged over the classes", "each class against the rest, averaged"
    if len(target.classes) == 2:
        f1 = area = f"of class {target.classes[1]}"
    ranking = "how often a row of the class scores higher than another row; 0.5 is chance"
    return (
        Metric("accuracy", "Accuracy", "Share of the rows whose class is predicted.", share_text),
        Metric("balanced_accuracy", "Balanced", "Balanced accuracy: the mean of the shares found of each class.", share_text),
        Metric("f1", "F1", f"Harmonic mean of precision and recall, {f1}.", share_text),
        Metric("roc_auc", "ROC AUC", f"Area under the ROC curve, {area}:\n{ranking}.", share_text),
    )


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
        self.figures[part].setToolTip(f"{part} {in_words(value)}")

    def show_baselines(self, part: str, baselines: tuple[tuple[str, Metrics], ...]) -> None:
        """Show the better of the baselines; the tool tip names all."""
        if self.metric is None:
            return
        values = [(name, getattr(metrics, self.metric.field)) for name, metrics in baselines]
        defined = [value for _, value in values if value is not None]
        self.baseline.setText(self.metric.text(self.metric.better(defined)) if defined else NOT_DEFINED)
        lines = (f"{name} {in_words(value)}" for name, value in values)
        self.baseline.setToolTip("\n".join((f"over the {part} rows:", *lines)))


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

    def show_data(self, data: PreparedData) -> None:
        """Choose the rows that suit the task; the figures come with the first snapshot."""
        metrics = metrics_of(data.target)
        widest = ("0.000",) if data.target.classes else ("00,000", "−0.000")
        for line, row in enumerate(self.rows):
            row.set_metric(metrics[line] if line < len(metrics) else None, widest)
        self._explain_columns(data)
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
        text = f"step {snapshot.measurement.step:,}"
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


def share_text(value: float) -> str:
    """Return a share from 0 to 1."""
    return f"{value:.3f}"


def r2_text(value: float) -> str:
    """Return an R², which is 1 at most and without limit below, in six characters at most."""
    if not math.isfinite(value):
        return _not_finite_text(value)
    if value <= -999.95:
        return "<−999"
    size = abs(value)
    text = f"{size:.{3 if size < 9.9995 else 2 if size < 99.995 else 1}f}"
    return f"−{text}" if value < 0 and text.strip("0.") else text


def error_text(value: float) -> str:
    """Return an error, zero or larger, in six characters at most: about four digits, then thousands as 123.4k, 1.23M."""
    if not math.isfinite(value):
        return _not_finite_text(value)
    if value >= 99_999.5:
        return _large_text(value)
    if 1e-99 <= value < 0.00095:
        return f"{value:.{1 if value >= 9.5e-10 else 0}e}".replace("e-0", "e-").replace("-", "−")
    digits = 4 if value < 0.99995 else max(0, 3 - math.floor(math.log10(value * (1 + 5e-5))))
    return f"{value:,.{digits}f}"


def in_words(value: float | None) -> str:
    """Return a figure in full for a tool tip."""
    if value is None:
        return "not defined"
    return f"{value:,.6g}".replace("-", "−") if math.isfinite(value) else "not finite"


def _large_text(value: float) -> str:
    for size, suffix, n_digits in _SUFFIXES:
        rounded = float(f"{value / size:.{n_digits - 1}e}")
        if 1.0 <= rounded < 1000.0:
            return f"{rounded:.{n_digits - 1 - math.floor(math.log10(rounded))}f}{suffix}"
    return f"{value:.{1 if value < 9.5e99 else 0}e}".replace("e+", "e")


def _not_finite_text(value: float) -> str:
    return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"


def _figure(owner: QWidget, role: str) -> QLabel:
    label = QLabel(NOT_DEFINED, owner)
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label
