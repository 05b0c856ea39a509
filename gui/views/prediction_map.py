"""The prediction over the plane of two inputs, with the rows of the table on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.data.prepared import PreparedData
from engine.observe import Observation
from gui.session.messages import RunInfo, Snapshot
from gui.theme import LIGHT, Theme, diverging_table, mix
from gui.views.caption_strip import CaptionEntry, CaptionStrip
from gui.views.colour_bar import ColourBar
from gui.views.map_colours import ClassColours, MapColours, SignColours, muted_table
from gui.views.number_text import short_number, tick_texts
from gui.views.plot_layers import ImageLayer
from gui.views.point_stamps import PointGroup, PointsLayer, PointStyle
from gui.views.prediction_plot import PredictionPlot
from gui.views.prediction_points import (
    DrawnRows,
    axis_names,
    class_colour,
    class_marker,
    drawn_rows,
    input_values,
    original,
    row_numbers,
    scaling_note,
    spread_apart,
    train_style,
    validation_style,
)
from gui.views.prediction_row import ChosenRow, find_row, outputs_of, row_lines, row_style
from gui.views.ticks import linear_ticks

Array = NDArray[np.floating[Any]]

_VALUE_SHADES = 24
"""Shades of the points' colours by value: one stamp each."""

_COVERED_SHARE = 0.99
"""Share of the target's values inside the colour scale; the rest takes the ends' colours."""


class PredictionMap(QWidget):
    """Decision regions of a classifier, or the predicted value of a regression, over two inputs in original units.

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
        self._colours: MapColours | None = None
        self._n_not_finite = 0
        self._moved_apart = False
        self._chosen: ChosenRow | None = None
        self.strip = CaptionStrip(self, max_lines=2)
        self.plot = PredictionPlot(self)
        self.bar = ColourBar(self)
        self._image = ImageLayer(self.plot.view_box)
        self._points = PointsLayer(self.plot.view_box)
        self.plot.explain_with(self.text_at)
        self.plot.row_chosen.connect(self.row_chosen)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.plot, 1)
        row.addWidget(self.bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addLayout(row, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for part in (self.strip, self.plot, self.bar):
            part.set_theme(theme)
        self._build()

    def set_network(self, run: RunInfo) -> None:
        """Show another run."""
        self._run, self._observation = run, None
        self._rows = drawn_rows(run.data)
        self.show_row(None)
        self._build()

    def render(self, snapshot: Snapshot) -> None:
        """Show the predictions of a snapshot."""
        observation = snapshot.observation
        if observation is None or self._colours is None or observation is self._observation:
            return
        if observation.prediction_map.size == 0:
            return  # maps were not watched when this was observed
        moved = self._observation is None or _place(observation) != _place(self._observation)
        self._observation = observation
        if moved:
            self._build_points(observation)
        colours, n_not_finite = self._colours(observation.prediction_map)
        self._image.set_colours(colours)
        self._mark_row()
        if moved or n_not_finite != self._n_not_finite:
            self._n_not_finite = n_not_finite
            self.strip.set_entries(self._entries())

    def show_row(self, row: int | None) -> None:
        """Mark the point of a data row, also where it is not among the points drawn; None marks none."""
        self._chosen = None if self._run is None else find_row(self._run.data, row)
        self.plot.marked_row = None if self._chosen is None else self._chosen.number
        self._mark_row()

    def text_at(self, x: float, y: float) -> str:
        """Return the prediction in the cell at a point in original units, in words."""
        if self._run is None or self._observation is None:
            return ""
        data, observation = self._run.data, self._observation
        first, second = (data.features[index] for index in observation.input_pair)
        column = np.abs(original(observation.axis_x, first) - x).argmin()
        row = np.abs(original(observation.axis_y, second) - y).argmin()
        where = f"{first.name} {short_number(x)}, {second.name} {short_number(y)}"
        return f"{where}\n{prediction_words(data, observation.prediction_map[:, row, column])}"

    def _build(self) -> None:
        """Make everything that depends on the run and the theme."""
        if self._run is None:
            return
        target = self._run.data.target
        self._colours = map_colours(self._theme, self._run.data)
        self.bar.setVisible(target.task == "regression")
        if target.task == "regression":
            limit = value_limit(self._run.data)
            low, high = target.mean - limit * target.scale, target.mean + limit * target.scale
            values = linear_ticks(low, high, 7)
            ticks = [((value - low) / (high - low), text) for value, text in zip(values, tick_texts(values), strict=True)]
            self.bar.set_scale(f"{target.name} (predicted)", muted_table(self._theme), ticks)
        self._image.set_colours(None)
        self._points.set_groups(())
        if self._observation is not None:
            self._build_points(self._observation)
            self._image.set_colours(self._colours(self._observation.prediction_map)[0])
        self.strip.set_entries(self._entries())

    def _build_points(self, observation: Observation) -> None:
        """Set the window to the observed plane and stamp the rows on it."""
        assert self._run is not None
        assert self._rows is not None
        data = self._run.data
        first, second = (data.features[index] for index in observation.input_pair)
        x_range = cell_edges(original(observation.axis_x, first))
        y_range = cell_edges(original(observation.axis_y, second))
        self.plot.bottom_axis.set_names(axis_names(first), scaling_note(first))
        self.plot.left_axis.set_names(axis_names(second), scaling_note(second))
        self.plot.set_window(x_range, y_range)
        self._image.set_place(x_range, y_range)
        x, x_moved = spread_apart(input_values(data, self._rows, observation.input_pair[0]), 0)
        y, y_moved = spread_apart(input_values(data, self._rows, observation.input_pair[1]), 1)
        self._moved_apart = x_moved or y_moved
        self._points.set_groups(point_groups(self._theme, data, self._rows, x, y))
        self.plot.set_rows(row_numbers(data, self._rows), np.concatenate(x), np.concatenate(y))
        self._mark_row()

    def _mark_row(self) -> None:
        """Put the mark where the chosen row's point is, or would be."""
        chosen, observation = self._chosen, self._observation
        if chosen is None or observation is None or self._run is None:
            self.plot.mark.remove()
            return
        data = self._run.data
        inputs = ((chosen.inputs[index], data.features[index]) for index in observation.input_pair)
        place = self.plot.place_of(chosen.number) or tuple(float(original(value, feature)) for value, feature in inputs)
        style = row_style(self._theme, data, chosen, *_value_look(self._theme, data, chosen))
        self.plot.mark.show_at(*place, row_lines(data, chosen, outputs_of(chosen, observation)), style)

    def _entries(self) -> list[CaptionEntry]:
        assert self._run is not None
        assert self._rows is not None
        entries = legend(self._theme, self._run.data)
        if self._rows.n_drawn < self._rows.total:
            entries.append(CaptionEntry(self._rows.words, full=f"Points drawn: {self._rows.words}, spread evenly."))
        others = self._run.data.n_features - len(set(self._observation.input_pair)) if self._observation else 0
        if others > 0:
            entries.append(CaptionEntry(f"{others} other input{'s' if others > 1 else ''} at the mean"))
        if self._moved_apart:
            full = "Rows with equal values are drawn a little apart, so that they don't hide one another."
            entries.append(CaptionEntry("equal values drawn apart", full=full))
        if self._n_not_finite:
            entries.append(not_finite_entry(self._theme, self._n_not_finite, "cell"))
        return entries


def map_colours(theme: Theme, data: PreparedData) -> MapColours:
    """Return how a map of predictions is coloured: by value, by the sign of two classes, or by mixing those of more."""
    if data.target.task == "regression":
        limit = value_limit(data)
        return SignColours(theme, -limit, limit)
    n_classes = len(data.target.classes)
    return SignColours(theme, 0.0, 1.0) if n_classes == 2 else ClassColours(theme, n_classes)


def legend(theme: Theme, data: PreparedData) -> list[CaptionEntry]:
    """Return the entries that say what the points are: every class by marker and colour, train filled, validation open."""
    target = data.target
    n_validation = len(data.X_validation)
    if target.task == "regression":
        entries = [CaptionEntry("train", style=PointStyle("o", theme.muted, theme.panel, 8.0))]
        if n_validation:
            entries.append(CaptionEntry("validation", style=PointStyle("s", theme.muted, theme.panel, 7.5)))
        return entries
    n_classes = len(target.classes)
    entries = [
        CaptionEntry(name, style=train_style(theme, class_colour(theme, code, n_classes), class_marker(code, n_classes)))
        for code, name in enumerate(target.classes)
    ]
    if n_validation:
        entries.append(CaptionEntry("filled: train, open: validation", style=validation_style(theme, theme.muted, "o")))
    return entries


def not_finite_entry(theme: Theme, count: int, what: str) -> CaptionEntry:
    """Return the entry that counts what is not finite, in its colour."""
    words = f"{count:,} {what}{'s' if count > 1 else ''} not finite"
    return CaptionEntry(words, style=PointStyle("s", theme.not_finite, theme.panel, 9.0), colour=theme.not_finite)


def point_groups(
    theme: Theme, data: PreparedData, rows: DrawnRows, x: tuple[Array, Array], y: tuple[Array, Array]
) -> tuple[PointGroup, ...]:
    """Return the rows as groups of one look each: by class, or by shades of the true value; validation above train.

    Parameters
    ----------
    x, y : pair of ndarray
        Places of the train and of the validation rows.
    """
    if data.target.task == "regression":
        return _value_groups(theme, data, rows, x, y)
    groups = []
    n_classes = len(data.target.classes)
    parts = ((data.y_train[rows.train], train_style), (data.y_validation[rows.validation], validation_style))
    for part, (codes, style) in enumerate(parts):
        for code in range(n_classes):
            mine = codes == code
            look = style(theme, class_colour(theme, code, n_classes), class_marker(code, n_classes), rows.n_drawn)
            groups.append(PointGroup(look, x[part][mine], y[part][mine]))
    return tuple(groups)


def _value_groups(
    theme: Theme, data: PreparedData, rows: DrawnRows, x: tuple[Array, Array], y: tuple[Array, Array]
) -> tuple[PointGroup, ...]:
    limit = value_limit(data)
    table = diverging_table(theme, _VALUE_SHADES)
    outline = mix(theme.text, theme.panel, 0.25)
    groups = []
    for part, (values, marker) in enumerate(((data.y_train[rows.train], "o"), (data.y_validation[rows.validation], "s"))):
        shades = np.clip((values / limit + 1.0) / 2.0 * _VALUE_SHADES, 0, _VALUE_SHADES - 1).astype(int)
        for shade in np.unique(shades):
            mine = shades == shade
            fill = "#{:02X}{:02X}{:02X}".format(*table[shade, :3])
            groups.append(PointGroup(PointStyle(marker, fill, outline, 7.0, 0.8), x[part][mine], y[part][mine]))
    return tuple(groups)


def _value_look(theme: Theme, data: PreparedData, chosen: ChosenRow) -> tuple[str, str]:
    """Return marker and colour of a chosen row's point on a map of values; a class has its own."""
    if data.target.task == "classification":
        return "", ""
    table = diverging_table(theme, _VALUE_SHADES)
    place = np.clip((chosen.target / value_limit(data) + 1.0) / 2.0 * _VALUE_SHADES, 0, _VALUE_SHADES - 1)
    marker = {"train": "o", "validation": "s", "test": "d"}[chosen.part]
    return marker, "#{:02X}{:02X}{:02X}".format(*table[int(place), :3])


def value_limit(data: PreparedData) -> float:
    """Return the standardised value at the ends of the colour scale of a regression's target."""
    values = np.abs(data.y_train[np.isfinite(data.y_train)])
    return float(np.quantile(values, _COVERED_SHARE)) or 1.0 if len(values) else 1.0


def prediction_words(data: PreparedData, outputs: Array) -> str:
    """Return a network's outputs for one place in words and original units."""
    target = data.target
    if target.task == "regression":
        return f"predicted {target.name} {short_number(float(outputs[0]) * target.scale + target.mean, 4)}"
    shares = [1.0 - float(outputs[0]), float(outputs[0])] if len(outputs) == 1 else [float(share) for share in outputs]
    ranked = sorted(zip(shares, target.classes, strict=True), reverse=True)[:3]
    return "\n".join(f"{name}: {short_number(share)}" for share, name in ranked)


def cell_edges(centres: Array) -> tuple[float, float]:
    """Return the outer edges of evenly spaced cells."""
    half = 0.5 * float(centres[-1] - centres[0]) / max(len(centres) - 1, 1)
    return float(centres[0]) - half, float(centres[-1]) + half


def _place(observation: Observation) -> tuple[object, ...]:
    axes = (observation.axis_x, observation.axis_y)
    return (observation.input_pair, *(float(axis[index]) for axis in axes for index in (0, -1)))
