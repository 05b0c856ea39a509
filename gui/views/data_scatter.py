"""The scatter page of the data view: the rows over any two columns, coloured by what is to be predicted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import LIGHT, SPACE, Theme
from gui.views.caption_strip import CaptionEntry, CaptionStrip
from gui.views.colour_bar import ColourBar
from gui.views.data_cells import MISSING
from gui.views.data_rows import PARTS, DataRows
from gui.views.data_scatter_axis import ScatterAxis, can_be_an_axis, spread_masses
from gui.views.data_scatter_points import ScatterColours
from gui.views.input_pair_head import InputMenu
from gui.views.number_text import short_number
from gui.views.plot_layers import PixelMapping
from gui.views.point_stamps import PointGroup, PointsLayer
from gui.views.prediction_plot import REACH_PX, PredictionPlot

MAX_POINTS = 5_000
"""Most rows drawn; more would hide one another."""

_TICK_PX = {"x": 92.0, "y": 30.0}
_SAMPLE_SEED = 0

Floats = NDArray[np.floating[Any]]
Rows = NDArray[np.int64]


class DataScatter(QWidget):
    """Rows as points over two columns in original units.

    Signals
    -------
    row_picked(object)
        The 0-based data row the user chose, None for none.
    """

    row_picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._rows: DataRows | None = None
        self._colours: ScatterColours | None = None
        self._chosen: int | None = None
        self._offered: list[int] = []
        self._axes: tuple[ScatterAxis, ScatterAxis] | None = None
        self._sample: Rows = np.empty(0, dtype=np.int64)
        self._drawn: Rows = np.empty(0, dtype=np.int64)
        self._x: Floats = np.empty(0)
        self._y: Floats = np.empty(0)
        self.across, self.up = InputMenu("Column across", self), InputMenu("Column upwards", self)
        self.strip = CaptionStrip(self, max_lines=2)
        self.plot = PredictionPlot(self, grid=True)
        self.bar = ColourBar(self)
        self._points = PointsLayer(self.plot.view_box)
        self._lay_out()
        self.plot.explain_with(self.text_at)
        self.plot.row_chosen.connect(self._pick)
        self.plot.view_box.sigResized.connect(self._place_ticks)
        self.across.chosen.connect(self._choose_across)
        self.up.chosen.connect(self._choose_up)

    def _lay_out(self) -> None:
        choice = QHBoxLayout()
        choice.setContentsMargins(SPACE - 2, 2, SPACE, 0)
        choice.setSpacing(2)
        times = QLabel("×", self)
        times.setProperty("role", "muted")
        for part in (self.across, times, self.up):
            choice.addWidget(part)
        choice.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.plot, 1)
        row.addWidget(self.bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(choice)
        column.addWidget(self.strip)
        column.addLayout(row, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for part in (self.strip, self.plot, self.bar):
            part.set_theme(theme)
        if self._rows is not None:
            self._colours = ScatterColours(theme, self._rows)
        self._build()

    def set_rows(self, rows: DataRows | None) -> None:
        """Show another table, or none, over its first two features."""
        self._rows, self._chosen, self._axes = rows, None, None
        self._colours = ScatterColours(self._theme, rows) if rows is not None else None
        self._sample = sample_of(rows.n_rows) if rows is not None else np.empty(0, dtype=np.int64)
        columns = rows.columns if rows is not None else ()
        self._offered = [number for number, column in enumerate(columns) if can_be_an_axis(column)]
        names = [columns[number].name for number in self._offered]
        for menu in (self.across, self.up):
            menu.set_names(names)
            menu.setVisible(bool(names))
        if rows is not None and self._offered:
            self.set_axes(*self._first_axes(rows))
        else:
            self._build()

    def set_axes(self, across: int, up: int) -> None:
        """Draw the rows over two columns, given by their places among those offered."""
        assert self._rows is not None
        self.across.set_current(across)
        self.up.set_current(up)
        columns = [self._rows.columns[self._offered[place]] for place in (across, up)]
        self._axes = (ScatterAxis(columns[0], "x"), ScatterAxis(columns[1], "y"))
        spread_masses(*self._axes, self._sample)
        self._build()

    def show_row(self, row: int | None) -> None:
        """Ring a row, whether it is among those drawn or not."""
        self._chosen = row
        self._mark_chosen()
        self.strip.set_entries(self._entries())

    def text_at(self, x: float, y: float) -> str:
        """Return what is known of the row nearest to a point of the plot, empty where none is near."""
        if not len(self._drawn):
            return ""
        mapping: PixelMapping = self.plot.mark.mapping()
        offsets = mapping.points(self._x - x, self._y - y) - mapping.points(np.zeros(1), np.zeros(1))
        distances = np.hypot(offsets[:, 0], offsets[:, 1])
        nearest = int(distances.argmin())
        return "\n".join(self.words_of(int(self._drawn[nearest]))) if distances[nearest] <= REACH_PX else ""

    def words_of(self, row: int) -> tuple[str, ...]:
        """Return a row's number and part, its values on both axes, and that of the target."""
        assert self._rows is not None
        assert self._axes is not None
        words = [f"row {row + 1:,} · {PARTS[self._rows.parts[row]]}"]
        told = list(dict.fromkeys(axis.name for axis in self._axes))
        cells = {axis.name: axis.cells.text(row) or MISSING for axis in self._axes}
        words += [f"{name} {cells[name]}" for name in told]
        if self._colours is not None and self._rows.data.target.name not in told:
            words.append(self._colours.words_of(row))
        return tuple(words)

    # ------------------------------------------------------------------ building

    def _first_axes(self, rows: DataRows) -> tuple[int, int]:
        """Return the places, among the columns offered, of the first two features; of the target where there is but one."""
        wanted = [*dict.fromkeys(feature.column for feature in rows.data.features), rows.data.target.name]
        names = [rows.columns[number].name for number in self._offered]
        places = [names.index(name) for name in wanted if name in names] or [0]
        return places[0], places[min(1, len(places) - 1)]

    def _build(self) -> None:
        """Place the points, name the axes, and say what is seen."""
        if self._axes is None or self._colours is None:
            self._points.set_groups(())
            self.plot.mark.remove()
            self.strip.set_entries([CaptionEntry("no column here can be an axis")] if self._rows is not None else [])
            self.bar.setVisible(False)
            return
        x, y = (axis.values(self._sample) for axis in self._axes)
        shown = np.isfinite(x) & np.isfinite(y)
        self._drawn, self._x, self._y = self._sample[shown], x[shown], y[shown]
        self._points.set_groups(
            tuple(PointGroup(style, self._x[mine], self._y[mine]) for style, mine in self._colours.groups(self._drawn))
        )
        self.plot.set_rows(self._drawn, self._x, self._y)
        for axis, drawn in zip(self._axes, (self.plot.bottom_axis, self.plot.left_axis), strict=True):
            drawn.set_names((axis.name,))
        self._place_ticks()
        self.plot.set_window(self._axes[0].window(), self._axes[1].window())
        self._colours.show_scale(self.bar)
        self._mark_chosen()
        self.strip.set_entries(self._entries())

    @Slot()
    def _place_ticks(self) -> None:
        """Put words at the ticks of dates and categories, as many as the size has room for."""
        if self._axes is None:
            return
        size = self.plot.view_box.rect()
        for axis, drawn, length, side in (
            (self._axes[0], self.plot.bottom_axis, size.width(), "x"),
            (self._axes[1], self.plot.left_axis, size.height(), "y"),
        ):
            drawn.set_places(axis.ticks(int(length / _TICK_PX[side])))

    def _mark_chosen(self) -> None:
        row = self._chosen
        self.plot.marked_row = row
        place = self._place_of(row)
        if row is None or place is None or self._colours is None:
            self.plot.mark.remove()
        else:
            self.plot.mark.show_at(*place, self.words_of(row), self._colours.style_of(row))

    def _place_of(self, row: int | None) -> tuple[float, float] | None:
        if row is None or self._axes is None:
            return None
        x, y = (float(axis.values([row])[0]) for axis in self._axes)
        return (x, y) if np.isfinite(x) and np.isfinite(y) else None

    def _entries(self) -> list[CaptionEntry]:
        if self._rows is None or self._axes is None or self._colours is None:
            return []
        entries = [*self._colours.legend(), *self._spread_entries(self._axes)]  # what moves points comes before mere counts
        total, n_sampled = self._rows.n_rows, len(self._sample)
        words = f"{n_sampled:,} of {total:,} rows" if n_sampled < total else f"{total:,} rows"
        entries.append(CaptionEntry(words, full=f"Points drawn: {words}" + (", a fixed random sample" * (n_sampled < total))))
        if len(self._drawn) < n_sampled:
            names = " or ".join(dict.fromkeys(axis.name for axis in self._axes))
            entries.append(CaptionEntry(f"{n_sampled - len(self._drawn):,} without {names}", full=f"No value in {names}."))
        if self._chosen is not None and self._place_of(self._chosen) is None:
            entries.append(CaptionEntry(f"row {self._chosen + 1:,} has no value here", colour=self._theme.text))
        return entries

    @staticmethod
    def _spread_entries(axes: tuple[ScatterAxis, ScatterAxis]) -> list[CaptionEntry]:
        """Say which values are drawn apart, and of numbers how far at most."""
        spread = {axis.name: axis for axis in axes if axis.spreads}
        if not spread:
            return []
        reach = {name: "" if axis.is_class else f" ±{short_number(axis.reach, 2)}" for name, axis in spread.items()}
        reaches = ", ".join(f"{name}{words}" for name, words in reach.items())
        full = f"Rows of equal value are drawn apart, so that they don't hide one another: {reaches}."
        return [CaptionEntry(f"equal values drawn apart{f': {reaches}' if any(reach.values()) else ''}", full=full)]

    # ------------------------------------------------------------------ choosing

    @Slot(object)
    def _pick(self, row: int | None) -> None:
        self.show_row(row)
        self.row_picked.emit(row)

    @Slot(int)
    def _choose_across(self, place: int) -> None:
        self.set_axes(place, self.up.current if place != self.up.current else self.across.current)

    @Slot(int)
    def _choose_up(self, place: int) -> None:
        self.set_axes(self.across.current if place != self.across.current else self.up.current, place)


def sample_of(n_rows: int) -> Rows:
    """Return all rows, or a fixed random sample of `MAX_POINTS` of them, ascending."""
    if n_rows <= MAX_POINTS:
        return np.arange(n_rows, dtype=np.int64)
    return np.sort(np.random.default_rng(_SAMPLE_SEED).choice(n_rows, MAX_POINTS, replace=False))
