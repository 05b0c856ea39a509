"""The prediction over the only input: a fitted curve through the rows, or the probability of each class along the axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data.prepared import PreparedData
from engine.losses import LOSSES
from engine.observe import Observation
from gui.session.messages import RunInfo, Snapshot
from gui.theme import LIGHT, Theme
from gui.views.caption_strip import CaptionEntry, CaptionStrip
from gui.views.framed_plot import padded
from gui.views.number_text import short_number
from gui.views.plot_layers import PixelMapping, PlotLayer
from gui.views.point_stamps import PointGroup, PointsLayer
from gui.views.prediction_map import cell_edges, legend, not_finite_entry, point_groups, prediction_words
from gui.views.prediction_plot import PredictionPlot
from gui.views.prediction_points import (
    DrawnRows,
    all_targets,
    axis_names,
    class_colour,
    drawn_rows,
    in_original_units,
    input_values,
    original,
    row_numbers,
    scaling_note,
    train_style,
    validation_style,
)
from gui.views.prediction_row import ChosenRow, find_row, outputs_of, row_lines, row_style

Array = NDArray[np.floating[Any]]

_JITTER = 0.035
"""Half the height of the band in which the rows of a class are spread, on the scale of probability."""

_LANE = 0.1
"""Height of a class' lane below the curves, where there are three classes and more."""

_CURVE_PX = 2.5


class CurvesLayer(PlotLayer):
    """Curves over one axis, replaced as a whole; a value that is not finite leaves a gap."""

    def __init__(self, view_box: pg.ViewBox, z: float = 20.0) -> None:
        super().__init__(view_box, z)
        self._pens: tuple[QPen, ...] = ()
        self._x: Array = np.zeros(0)
        self._curves: Array = np.zeros((0, 0))

    def set_colours(self, colours: tuple[str, ...], under: str) -> None:
        """Set the colours of the curves and of the rim that lifts them off the points."""
        pens = [QPen(QColor(under), _CURVE_PX + 2.5), *(QPen(QColor(colour), _CURVE_PX) for colour in colours)]
        for pen in pens:
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._pens = tuple(pens)
        self.update()

    def set_curves(self, x: Array, curves: Array) -> None:
        """Show curves of shape (n_curves, n_points) over x of shape (n_points,)."""
        self._x, self._curves = x, curves
        self.update()

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw every curve on its rim."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = self.boundingRect().height()
        for pen, values in zip(self._pens[1:], self._curves, strict=False):
            points = mapping.points(self._x, values)
            y = np.clip(points[:, 1], -4.0 * height, 5.0 * height)  # NaN stays NaN; far outside is far enough
            path = pg.functions.arrayToQPath(points[:, 0], y, connect="finite")
            for stroke in (self._pens[0], pen):
                painter.setPen(stroke)
                painter.drawPath(path)


class PredictionFit(QWidget):
    """What the network makes of its only input, with the rows, in original units.

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
        self._observation: Observation | None = None
        self._rows: DrawnRows | None = None
        self._n_not_finite = 0
        self._chosen: ChosenRow | None = None
        self.strip = CaptionStrip(self, max_lines=2)
        self.plot = PredictionPlot(self, grid=True)
        self._points = PointsLayer(self.plot.view_box)
        self._curves = CurvesLayer(self.plot.view_box)
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
        self._build()

    def set_network(self, run: RunInfo) -> None:
        """Show another run."""
        self._run, self._observation = run, None
        self._rows = drawn_rows(run.data)
        self._curves.set_curves(np.zeros(0), np.zeros((0, 0)))
        self.show_row(None)
        self._build()

    def render(self, snapshot: Snapshot) -> None:
        """Show the predictions of a snapshot."""
        observation = snapshot.observation
        if observation is None or self._run is None or observation is self._observation:
            return
        if observation.prediction_map.size == 0:
            return  # maps were not watched when this was observed
        first = self._observation is None
        self._observation = observation
        if first:
            self._build_window(observation)
        values = curves_of(self._run.data, observation)
        self._n_not_finite = int(values.size - np.count_nonzero(np.isfinite(values)))
        self._curves.set_curves(original(observation.axis_x, self._run.data.features[0]), values)
        self._mark_row()
        self.strip.set_entries(self._entries())

    def show_row(self, row: int | None) -> None:
        """Mark the point of a data row, also where it is not among the points drawn; None marks none."""
        self._chosen = None if self._run is None else find_row(self._run.data, row)
        self.plot.marked_row = None if self._chosen is None else self._chosen.number
        self._mark_row()

    def text_at(self, x: float, _y: float) -> str:
        """Return the prediction at a value of the input, in words."""
        if self._run is None or self._observation is None:
            return ""
        feature = self._run.data.features[0]
        cell = np.abs(original(self._observation.axis_x, feature) - x).argmin()
        outputs = self._observation.prediction_map[:, 0, cell]
        return f"{feature.name} {short_number(x)}\n{prediction_words(self._run.data, outputs)}"

    def _build(self) -> None:
        if self._run is None:
            return
        data, theme = self._run.data, self._theme
        n_classes = len(data.target.classes)
        many = [class_colour(theme, code, n_classes) for code in range(n_classes)] if n_classes > 2 else [theme.text]
        self._curves.set_colours(tuple(many), theme.panel)
        self._points.set_groups(self._groups())
        if self._observation is not None:
            self._build_window(self._observation)
        self.strip.set_entries(self._entries())

    def _build_window(self, observation: Observation) -> None:
        assert self._run is not None
        data = self._run.data
        feature, target = data.features[0], data.target
        share = "probability" if LOSSES[self._run.spec.loss].gives_probabilities else "score"
        self.plot.bottom_axis.set_names(axis_names(feature), scaling_note(feature))
        if target.task == "regression":
            values = all_targets(data)
            window = padded(float(values.min()), float(values.max()), 0.08)
            self.plot.left_axis.set_names((in_original_units(target.name), target.name))
        elif len(target.classes) == 2:
            window = (-0.12, 1.12)
            self.plot.left_axis.set_names((f"{share} of {target.classes[1]}", share))
        else:
            window = (-_LANE * (len(target.classes) + 0.5), 1.05)
            self.plot.left_axis.set_places([(place, f"{place:g}") for place in (0.0, 0.5, 1.0)])
            self.plot.left_axis.set_names((f"{share} of each class", share))
        self.plot.set_window(cell_edges(original(observation.axis_x, feature)), window)

    def _groups(self) -> tuple[PointGroup, ...]:
        assert self._run is not None
        assert self._rows is not None
        data, rows, theme = self._run.data, self._rows, self._theme
        x = input_values(data, rows, 0)
        y = self._heights(data, rows)
        self.plot.set_rows(row_numbers(data, rows), np.concatenate(x), np.concatenate(y))
        if data.target.task == "regression":
            return (
                PointGroup(train_style(theme, theme.train, "o", rows.n_drawn), x[0], y[0]),
                PointGroup(validation_style(theme, theme.validation, "s", rows.n_drawn), x[1], y[1]),
            )
        return point_groups(theme, data, rows, x, y)

    @staticmethod
    def _heights(data: PreparedData, rows: DrawnRows) -> tuple[Array, Array]:
        """Return how high the rows stand: at their value, or in the band of their class."""
        train, validation = data.y_train[rows.train], data.y_validation[rows.validation]
        if data.target.task == "regression":
            return train * data.target.scale + data.target.mean, validation * data.target.scale + data.target.mean
        n_classes = len(data.target.classes)
        return _lane_of(train, n_classes), _lane_of(validation, n_classes)

    def _mark_row(self) -> None:
        """Put the mark where the chosen row's point is, or would be."""
        chosen, observation = self._chosen, self._observation
        if chosen is None or observation is None or self._run is None:
            self.plot.mark.remove()
            return
        data, theme = self._run.data, self._theme
        place = self.plot.place_of(chosen.number) or (
            float(original(chosen.inputs[0], data.features[0])),
            _middle(data, chosen.target),
        )
        look = {"train": ("o", theme.train), "validation": ("s", theme.validation), "test": ("d", theme.muted)}[chosen.part]
        style = row_style(theme, data, chosen, *look)
        self.plot.mark.show_at(*place, row_lines(data, chosen, outputs_of(chosen, observation)), style)

    def _entries(self) -> list[CaptionEntry]:
        assert self._run is not None
        assert self._rows is not None
        theme, data = self._theme, self._run.data
        if data.target.task == "regression":
            entries = [CaptionEntry("train", style=train_style(theme, theme.train, "o"))]
            if len(data.X_validation):
                entries.append(CaptionEntry("validation", style=validation_style(theme, theme.validation, "s")))
        else:
            entries = legend(theme, data)
        if self._rows.n_drawn < self._rows.total:
            entries.append(CaptionEntry(self._rows.words, full=f"Points drawn: {self._rows.words}, spread evenly."))
        if self._n_not_finite:
            entries.append(not_finite_entry(theme, self._n_not_finite, "value"))
        return entries


def curves_of(data: PreparedData, observation: Observation) -> Array:
    """Return what is drawn over the axis: the predicted value, the probability of class 1, or that of every class."""
    outputs = observation.prediction_map[:, 0, :].astype(np.float64)
    if data.target.task == "regression":
        return outputs[:1] * data.target.scale + data.target.mean
    return outputs[-1:] if len(data.target.classes) == 2 else outputs


def _lane_of(codes: Array, n_classes: int) -> Array:
    """Return heights for rows of known class, spread a little: at 0 and 1 for two classes, else in lanes below 0."""
    spread = np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(codes))
    return codes + spread if n_classes == 2 else -_LANE * (codes + 0.75) + spread


def _middle(data: PreparedData, target: float) -> float:
    """Return how high a row stands without being spread."""
    if data.target.task == "regression":
        return target * data.target.scale + data.target.mean
    return target if len(data.target.classes) == 2 else -_LANE * (target + 0.75)
