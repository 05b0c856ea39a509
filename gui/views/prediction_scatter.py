"""Predicted against actual value of a number, for networks with too many inputs to draw a map."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data.prepared import Target
from engine.observe import Observation
from gui.session.messages import Metrics, RunInfo, Snapshot
from gui.theme import LIGHT, Theme
from gui.views.caption_strip import CaptionEntry, CaptionStrip
from gui.views.framed_plot import padded
from gui.views.number_text import fixed_number, short_number
from gui.views.plot_layers import CachedLayer, PixelMapping
from gui.views.point_stamps import MovingPointsLayer
from gui.views.prediction_map import not_finite_entry
from gui.views.prediction_plot import PredictionPlot
from gui.views.prediction_points import DrawnRows, all_targets, drawn_rows, in_original_units, train_style, validation_style
from gui.views.prediction_row import ChosenRow, find_row, outputs_of, row_lines, row_style

Array = NDArray[np.floating[Any]]
Part = tuple[Array, Array]

_CROWD = 200
"""From so many points on they are drawn smaller."""


class DiagonalLayer(CachedLayer):
    """The line on which predictions are right."""

    colour = LIGHT.muted

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw the line from corner to corner."""
        rect = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.colour), 1.2))
        painter.drawLine(QPointF(rect.left(), rect.bottom()), QPointF(rect.right(), rect.top()))


class PredictionScatter(QWidget):
    """Every row at its actual value (across) and its predicted value (up), both in original units.

    Lives in the GUI thread.

    Signals
    -------
    row_chosen(object)
        The 0-based data row of the point that was clicked, or None.
    """

    row_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._run: RunInfo | None = None
        self._snapshot: Snapshot | None = None
        self._rows: DrawnRows | None = None
        self._window = (0.0, 1.0)
        self._n_outside = self._n_not_finite = 0
        self._chosen: ChosenRow | None = None
        self.strip = CaptionStrip(self, max_lines=3)
        self.plot = PredictionPlot(self, grid=True)
        self._diagonal = DiagonalLayer(self.plot.view_box, 0.0)
        self._points = MovingPointsLayer(self.plot.view_box)
        self.plot.explain_with(self.text_at)
        self.plot.row_chosen.connect(self.row_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.plot, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.strip.set_theme(theme)
        self.plot.set_theme(theme)
        self._diagonal.colour = theme.muted
        self._diagonal.redraw()
        self._set_styles()
        self._refresh_strip()

    def set_network(self, run: RunInfo) -> None:
        """Show another run: both axes span the target's values."""
        self._run, self._snapshot, self._rows = run, None, None
        target = run.data.target
        values = all_targets(run.data)
        self._window = padded(float(values.min()), float(values.max()))
        for axis, word in ((self.plot.bottom_axis, "actual"), (self.plot.left_axis, "predicted")):
            name = f"{word} {target.name}"
            axis.set_names((in_original_units(name), name, word))
        self.plot.set_window(self._window, self._window)
        self._points.set_places(())
        self.show_row(None)
        self._set_styles()
        self._refresh_strip()

    def render(self, snapshot: Snapshot) -> None:
        """Move the points to the predictions of a snapshot."""
        observation = snapshot.observation
        if observation is None or self._run is None:
            return
        offered = len(observation.train_rows), len(observation.validation_rows)
        if offered == (0, 0):
            return  # rows were not watched when this was observed
        self._snapshot = snapshot
        if self._rows is None or (max(self._rows.train, default=-1) >= offered[0]):
            self._rows = drawn_rows(self._run.data, offered)
            self._set_styles()
        self._points.set_places(self._places(snapshot))
        self._mark_row()
        self._refresh_strip()

    def show_row(self, row: int | None) -> None:
        """Mark the point of a data row, also where it is not among the points drawn; None marks none."""
        self._chosen = None if self._run is None else find_row(self._run.data, row)
        self.plot.marked_row = None if self._chosen is None else self._chosen.number
        self._mark_row()

    def text_at(self, x: float, y: float) -> str:
        """Return actual value, predicted value and error at a point of the plot, in words."""
        return f"actual {short_number(x, 4)}\npredicted {short_number(y, 4)}\nerror {short_number(y - x)}"

    def _places(self, snapshot: Snapshot) -> tuple[Part, ...]:
        """Return actual and predicted values per part, and count what can't be drawn."""
        assert self._run is not None
        assert self._rows is not None
        observation, data = snapshot.observation, self._run.data
        assert observation is not None
        train, validation = observation.train_rows, observation.validation_rows
        parts = (
            (data.y_train[train], data.rows_train[train], observation.train_predictions, self._rows.train),
            (
                data.y_validation[validation],
                data.rows_validation[validation],
                observation.validation_predictions,
                self._rows.validation,
            ),
        )
        places, numbers = [], []
        self._n_outside = self._n_not_finite = 0
        for y, rows, predictions, chosen in parts:
            actual = _original(y[chosen], data.target)
            predicted = _original(predictions[0, chosen].astype(np.float64), data.target)
            finite = np.isfinite(predicted)
            shown = finite & (predicted >= self._window[0]) & (predicted <= self._window[1])
            self._n_not_finite += int(finite.size - np.count_nonzero(finite))
            self._n_outside += int(np.count_nonzero(finite) - np.count_nonzero(shown))
            places.append((actual[shown], predicted[shown]))
            numbers.append(rows[chosen][shown])
        self.plot.set_rows(np.concatenate(numbers), *(np.concatenate(values) for values in zip(*places, strict=True)))
        return tuple(places)

    def _mark_row(self) -> None:
        """Put the mark where the chosen row is; at the lower edge where its prediction is not known or no number."""
        chosen, observation = self._chosen, self._observation
        if chosen is None or observation is None or self._run is None:
            self.plot.mark.remove()
            return
        data, theme = self._run.data, self._theme
        outputs = outputs_of(chosen, observation)
        lines = row_lines(data, chosen, outputs)
        predicted = np.nan if outputs is None else _original(float(outputs[0]), data.target)
        if outputs is None:
            lines = (*lines, "prediction not observed")
        look = {"train": ("o", theme.train), "validation": ("s", theme.validation), "test": ("d", theme.muted)}[chosen.part]
        style = row_style(theme, data, chosen, *look) if np.isfinite(predicted) else None
        height = float(predicted) if np.isfinite(predicted) else self._window[0]
        self.plot.mark.show_at(float(_original(chosen.target, data.target)), height, lines, style)

    @property
    def _observation(self) -> Observation | None:
        return None if self._snapshot is None else self._snapshot.observation

    def _set_styles(self) -> None:
        theme, n_drawn = self._theme, self._rows.n_drawn if self._rows else 0
        size = 5.5 if n_drawn > _CROWD else 7.0
        train = replace(train_style(theme, theme.train, "o"), size=size, width=0.6)
        validation = replace(validation_style(theme, theme.validation, "s"), size=size - 1.0, width=1.4)
        self._points.set_styles((train, validation))

    def _refresh_strip(self) -> None:
        if self._run is None:
            return
        theme, snapshot = self._theme, self._snapshot
        entries = [_part_entry("train", snapshot and snapshot.train_metrics, train_style(theme, theme.train, "o"), theme.train)]
        if len(self._run.data.X_validation):
            style = validation_style(theme, theme.validation, "s")
            entries.append(_part_entry("validation", snapshot and snapshot.validation_metrics, style, theme.validation))
        if snapshot is not None and snapshot.step_of_metrics != snapshot.step:
            entries.append(CaptionEntry(f"R² and RMSE at step {snapshot.step_of_metrics:,}"))
        if self._rows is not None:
            full = f"Points drawn: {self._rows.words}; R² and RMSE are over all rows."
            entries.append(CaptionEntry(self._rows.words, full=full))
        entries.append(CaptionEntry("line: predicted = actual"))
        if self._n_outside:
            entries.append(CaptionEntry(f"{self._n_outside:,} predictions outside the window", colour=theme.danger))
        if self._n_not_finite:
            entries.append(not_finite_entry(theme, self._n_not_finite, "prediction"))
        self.strip.set_entries(entries)


def _part_entry(name: str, metrics: Metrics | None, style: Any, colour: str) -> CaptionEntry:
    r2 = "–" if metrics is None or metrics.r2 is None else fixed_number(metrics.r2, 3)
    rmse = "–" if metrics is None or metrics.rmse is None else short_number(metrics.rmse)
    full = f"{name}: R² {r2}, root of the mean squared error {rmse} in original units, over all {name} rows"
    return CaptionEntry(name, f"R² {r2} · RMSE {rmse}", style, colour, full=full)


def _original(values: Any, target: Target) -> Any:
    return values * target.scale + target.mean
