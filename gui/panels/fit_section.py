"""How good the predictions are, beside what answering without any features would give."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.data.prepared import PreparedData
from gui.panels.form import Section
from gui.session.messages import Metrics, Snapshot

_NOTHING = "–"


class Baseline(NamedTuple):
    """What a constant answer gives.

    Attributes
    ----------
    name : str
        What it answers, in words.
    figure : float
        Accuracy, or RMSE in original units, over the validation rows (the training rows where there are none).
    explanation : str
    """

    name: str
    figure: float
    explanation: str


def baseline(data: PreparedData) -> Baseline:
    """Return what always answering the commonest class, or the mean, of the training rows gives."""
    part, y = ("validation", data.y_validation) if len(data.y_validation) else ("training", data.y_train)
    if data.target.task == "classification":
        commonest = int(np.bincount(data.y_train.astype(np.int64)).argmax())
        name = data.target.classes[commonest]
        explanation = f"Always answering {name!r}, the commonest class of the training rows: accuracy over the {part} rows."
        return Baseline("majority class", float(np.mean(y == commonest)), explanation)
    rmse = math.sqrt(float(np.mean(np.square(y)))) * data.target.scale
    return Baseline("always the mean", rmse, f"Always answering the mean of the training rows: RMSE over the {part} rows.")


class FitSection(Section):
    """Accuracy for classes, R² and RMSE for numbers, of both parts of the data in their colours."""

    def __init__(self) -> None:
        super().__init__("Accuracy")
        self._classes = True
        self._figures = {(part, column): self._figure(part) for part in ("train", "validation") for column in (1, 2)}
        self._heads = {column: self._small("", right=True) for column in (1, 2)}
        self._baseline = self._small("")
        self._baseline_figure = self._small("", right=True)
        grid_owner = QWidget()
        grid = QGridLayout(grid_owner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for column, head in self._heads.items():
            grid.addWidget(head, 0, column)
        for row, part in enumerate(("train", "validation"), start=1):
            grid.addWidget(QLabel(part.capitalize()), row, 0)
            for column in (1, 2):
                grid.addWidget(self._figures[part, column], row, column)
        grid.addWidget(self._baseline, 3, 0, 1, 2)
        grid.addWidget(self._baseline_figure, 3, 2)
        self.add(grid_owner)

    def show_data(self, data: PreparedData) -> None:
        """Choose the figures that suit the task, and show the baseline."""
        self._classes = data.target.task == "classification"
        self.title.setText("ACCURACY" if self._classes else "FIT")
        self._heads[1].setText("R²")
        unit = f"in the unit of {data.target.name}"
        self._heads[2].setText("RMSE")
        self._heads[2].setToolTip(f"Root mean squared error, {unit}")
        for column, head in self._heads.items():
            head.setHidden(self._classes)
            for part in ("train", "validation"):
                self._figures[part, column].setHidden(self._classes and column == 1)
        constant = baseline(data)
        self._baseline.setText(constant.name)
        self._baseline_figure.setText(f"{constant.figure:.3f}" if self._classes else rmse_text(constant.figure))
        for label in (self._baseline, self._baseline_figure):
            label.setToolTip(constant.explanation)
        self._show(None, None)
        self.aside.clear()

    def render(self, snapshot: Snapshot) -> None:  # type: ignore[override]
        """Show the metrics of a snapshot, and the step they were measured at."""
        self._show(snapshot.train_metrics, snapshot.validation_metrics)
        text = f"step {snapshot.measurement.step:,}"
        if text != self.aside.text():
            self.aside.setText(text)

    def _show(self, train: Metrics | None, validation: Metrics | None) -> None:
        for part, metrics in (("train", train), ("validation", validation)):
            first, second = self._texts(metrics)
            for column, text in ((1, first), (2, second)):
                label = self._figures[part, column]
                if label.text() != text:
                    label.setText(text)

    def _texts(self, metrics: Metrics | None) -> tuple[str, str]:
        """Return what stands in the two columns of figures."""
        if metrics is None:
            return "", _NOTHING
        if self._classes:
            return "", _NOTHING if metrics.accuracy is None else f"{metrics.accuracy:.3f}"
        return (
            _NOTHING if metrics.r2 is None else f"{metrics.r2:.3f}",
            _NOTHING if metrics.rmse is None else rmse_text(metrics.rmse),
        )

    def _figure(self, part: str) -> QLabel:
        label = QLabel(_NOTHING, self)
        label.setProperty("role", part)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return label

    def _small(self, text: str, *, right: bool = False) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", "small")
        if right:
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return label


def rmse_text(value: float) -> str:
    """Return an error in original units with four significant digits, thousands set apart."""
    if not math.isfinite(value):
        return "not finite"
    if abs(value) >= 1e9 or 0 < abs(value) < 1e-4:
        return f"{value:.3e}"
    digits = 3 - math.floor(math.log10(abs(value))) if value else 3
    return f"{value:,.{max(0, min(digits, 6))}f}"
