"""The network diagram as one item of a scene: it paints a whole frame in one go and makes nothing new for it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engine.observe import Observation, Watch
from gui.session.messages import RunInfo, RunState, Snapshot
from gui.theme import LIGHT, SMALL_PX, SPACE, TEXT_PX, Theme
from gui.views.framed_plot import small_font
from gui.views.network_backdrop import Backdrop
from gui.views.network_card import Card, CardText, Target, link_text, place_card, unit_text
from gui.views.network_geometry import (
    LARGEST_UNIT,
    ColumnPlan,
    Layout,
    LinkId,
    UnitId,
    arrange,
    curves,
)
from gui.views.network_labels import paint_captions, paint_names
from gui.views.network_legend import Legend
from gui.views.network_links import MAX_LINKS, LinkLook, LinkSet
from gui.views.network_strokes import WIDEST_PX, link_pens
from gui.views.network_tiles import (
    SIGNED,
    BiasBars,
    ResponseAtlas,
    UnitFrames,
    corner_radius,
    shown_activations,
)
from gui.views.one_paint import OnePaintItem

EMPTY_TEXT = "Open a CSV file or choose an example.\nThe network appears here."

_WIDEST_SHARE = 0.27
"""The widest link beside the smallest unit: a thicker one would hide what it leads to."""

_LEGEND_SHARE = 0.4
"""How far into the gap behind the inputs the legend may reach: the links have not risen to its height there yet."""

_LEAST_BIAS = 0.25
"""The longest bias bar stands for at least this bias."""

_CARD_CLEARANCE = 8.0

Units = tuple[tuple[int, ...], ...]


class NetworkDiagram(OnePaintItem, pg.GraphicsObject):
    """Inputs, hidden layers and outputs from left to right, with links and response maps.

    Lives in the GUI thread. Between `set_network` and the first `render` it shows the units alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self._theme = LIGHT
        self._size = (1, 1)
        self._run: RunInfo | None = None
        self._snapshot: Snapshot | None = None
        self._units: Units = ()
        self._activations: tuple[str, ...] = ()
        self._arrangement: Layout | None = None
        self._links: LinkSet | None = None
        self._look: LinkLook | None = None
        self._legend: Legend | None = None
        self._target: Target | None = None
        self._pointer = QPointF()
        self._bias_places: list[int] = []
        self._boxes: list[tuple[int, int, int]] = []
        self._areas: list[QRectF] = []
        self._bars: BiasBars | None = None
        self._lit: NDArray[np.bool_] | None = None
        self._atlas = ResponseAtlas()
        self._backdrop = Backdrop()
        self._card = Card()
        self._name_font = small_font(TEXT_PX)
        self._small_font = small_font(SMALL_PX)
        self.set_theme(LIGHT)

    # ------------------------------------------------------------------ what it shows

    @property
    def target(self) -> Target | None:
        """The link or unit under the pointer."""
        return self._target

    @property
    def layout(self) -> Layout | None:
        """Where everything stands."""
        return self._arrangement

    @property
    def links(self) -> LinkSet | None:
        """The links between the drawn units."""
        return self._links

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._atlas.set_theme(theme)
        self._frames = UnitFrames(theme)
        self._set_pens()
        self._place_units()
        self._refresh()

    def set_size(self, width: int, height: int) -> None:
        """Fit everything into a panel of this size, in pixels."""
        if (width, height) == self._size:
            return
        self.prepareGeometryChange()
        self._size = (width, height)
        self._arrange()

    def set_network(self, run: RunInfo | None) -> None:
        """Turn to another run, or to none."""
        self._run, self._snapshot, self._look = run, None, None
        self._activations = shown_activations(run.spec) if run is not None else ()
        self._units = self._first_units(run) if run is not None else ()
        self._arrange()

    def render(self, snapshot: Snapshot) -> bool:
        """Take a frame; return whether the arrangement changed with it (other units of a wide layer are shown)."""
        self._snapshot = snapshot
        observation = snapshot.observation
        units = self._units
        if observation is not None:
            units = tuple(tuple(layer.tolist()) for layer in observation.shown_units)
        changed = units != self._units
        if changed:
            self._units = units
            self._arrange()
        else:
            self._prepare()
        return changed

    def point_at(self, position: QPointF | None) -> bool:
        """Highlight what is under the pointer; return whether that is another thing than before."""
        target = self._hit(position) if position is not None else None
        if position is not None:
            self._pointer = position
        changed = target != self._target
        if changed:
            self._target = target
            before = self._lit
            self._lit = self._links.touching(target) if self._links is not None and isinstance(target, UnitId) else None
            self._card.forget_width()
            if self._lit is not before:
                self._refresh()
        if changed or target is not None:
            self.update()
        return changed

    def card_text(self) -> CardText | None:
        """Return what the card says at this moment, None where there is none."""
        if self._target is None or self._run is None or self._snapshot is None:
            return None
        if isinstance(self._target, LinkId):
            return link_text(self._run, self._snapshot, self._target)
        layer = self._target.layer
        span = self._atlas.ranges[layer] if len(self._atlas.ranges) > layer else SIGNED
        response = self._response(self._target)
        return unit_text(self._run, self._snapshot, self._target, self._activations[layer], response, span)

    # ------------------------------------------------------------------ Qt

    def boundingRect(self) -> QRectF:
        """Return the whole panel."""
        return QRectF(0, 0, *self._size)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None) -> None:
        """Draw everything: what stays for many frames is a copy, units and the card are drawn anew."""
        self._backdrop.paint(painter, self._size, self._paint_backdrop)
        if self._arrangement is None or self._links is None:
            return
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if self._look is not None:
            self._paint_hovered_link(painter)
        self._paint_units(painter)
        if self._legend is not None and self._look is not None:
            painter.setFont(self._small_font)
            self._legend.paint_width(painter, self._look, self._theme, self._widest_px)
        self._paint_card(painter)

    def _paint_backdrop(self, painter: QPainter) -> None:
        """Draw what lies below the units: names, captions, legend and links, or what to do in an empty panel."""
        painter.fillRect(self.boundingRect().adjusted(-1, -1, 1, 1), QColor(self._theme.panel))
        layout = self._arrangement
        if layout is None or self._legend is None or self._links is None:
            painter.setFont(self._name_font)
            painter.setPen(QColor(self._theme.muted))
            room = self.boundingRect().adjusted(2 * SPACE, 2 * SPACE, -2 * SPACE, -2 * SPACE)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, EMPTY_TEXT)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small_font)
        self._legend.paint(painter, self._theme)
        painter.setPen(QColor(self._theme.muted))
        paint_captions(painter, layout)
        painter.setFont(self._name_font)
        painter.setPen(QColor(self._theme.text))
        paint_names(painter, layout)
        if self._look is not None:
            self._links.paint(painter, self._look, self._pens, self._lit)
        if self._bars is not None and self._snapshot is not None:
            self._bars.paint_middles(painter)

    # ------------------------------------------------------------------ arranging

    @staticmethod
    def _first_units(run: RunInfo) -> Units:
        """Return the units drawn until the first observation says which."""
        most = Watch().max_units
        return tuple(tuple(range(min(size, most))) for size in run.spec.sizes)

    def _arrange(self) -> None:
        """Put everything in its place: only when the network, the shown units or the panel's size changed."""
        run = self._run
        self._arrangement = self._links = self._legend = None
        self._target = self._lit = None
        if run is not None:
            self._arrangement, self._legend = self._place(self._plans(run))
            self._links = LinkSet(run.spec, self._arrangement)
            starts = [run.spec.block(layer, "bias").start for layer in range(1, run.spec.n_layers + 1)]
            self._bias_places = [start + unit for start, units in zip(starts, self._units[1:], strict=True) for unit in units]
            self._set_pens()
        self._place_units()
        self._refresh()

    def _place_units(self) -> None:
        columns = self._arrangement.columns if self._arrangement is not None else ()
        self._boxes = [(column.left, top, column.size) for column in columns for top in column.tops]
        self._areas = [QRectF(left, top, side, side) for left, top, side in self._boxes]
        self._bars = BiasBars(self._boxes[len(columns[0].tops) :], self._theme) if columns else None

    def _place(self, plans: list[ColumnPlan]) -> tuple[Layout, Legend]:
        """Return layout and legend; the legend goes without words where a link would run through them."""
        names, small = QFontMetricsF(self._name_font), QFontMetricsF(self._small_font)
        inputs, first = arrange(*self._size, plans, names.horizontalAdvance).columns[:2]
        room = inputs.right + _LEGEND_SHARE * (first.left - inputs.right)
        for words in (True, False):
            legend = Legend(self._activations, self._notes(plans), room, self._size[1], small, words)
            layout = arrange(*self._size, plans, names.horizontalAdvance, (legend.right, legend.bottom))
            if legend.right < first.left and not legend.touches(curves(layout, 1)):
                break
        return layout, legend

    def _plans(self, run: RunInfo) -> list[ColumnPlan]:
        sizes, target = run.spec.sizes, run.data.target
        inputs = tuple(run.data.features[unit].name for unit in self._units[0])
        outputs = (target.name,) if sizes[-1] == 1 else tuple(target.classes[unit] for unit in self._units[-1])
        plans = [ColumnPlan(self._units[0], sizes[0], ("inputs", "in", ""), inputs)]
        for layer, (units, size) in enumerate(zip(self._units[1:-1], sizes[1:-1], strict=True), start=1):
            captions = (f"{size:,} · {self._activations[layer]}", f"{size:,}", "")
            plans.append(ColumnPlan(units, size, captions))
        plans.append(ColumnPlan(self._units[-1], sizes[-1], ("output", "out", ""), outputs))
        return plans

    @staticmethod
    def _notes(plans: list[ColumnPlan]) -> tuple[str, ...]:
        n_links = sum(len(a.units) * len(b.units) for a, b in pairwise(plans))
        return (f"{MAX_LINKS} of {n_links:,} links",) if n_links > MAX_LINKS else ()

    def _set_pens(self) -> None:
        sizes = [column.size for column in self._arrangement.columns] if self._arrangement is not None else []
        # In half pixels, so that dragging the panel's edge does not make new pens at every step.
        self._widest_px = min(WIDEST_PX, max(1.5, round(2 * _WIDEST_SHARE * min(sizes, default=LARGEST_UNIT)) / 2))
        self._pens = link_pens(self._theme, self._widest_px)

    def _refresh(self) -> None:
        """Prepare everything anew, and ask for one paint."""
        self._backdrop.forget()
        self._prepare()

    def _prepare(self) -> None:
        """Prepare the frame's colours and pens, and ask for one paint."""
        snapshot = self._snapshot
        if snapshot is not None and self._links is not None:
            self._look = self._links.look(snapshot.parameters, self._lit)
            self._backdrop.show_links(self._look, exactly=snapshot.state is not RunState.RUNNING)
            if snapshot.observation is not None and snapshot.observation.unit_maps:
                self._atlas.update(snapshot.observation.unit_maps, self._activations)
        self.update()

    def _hit(self, position: QPointF) -> Target | None:
        if self._arrangement is None or self._links is None or self._look is None:
            return None
        unit = self._arrangement.unit_at(position.x(), position.y())
        if unit is not None:
            return unit
        link = self._links.at(position.x(), position.y(), self._look, self._widest_px)
        return None if link is None else self._links.ids[link]

    def _response(self, unit: UnitId) -> NDArray[np.floating[Any]] | None:
        observation = self._snapshot.observation if self._snapshot is not None else None
        if observation is None or not observation.unit_maps or unit.unit not in self._units[unit.layer]:
            return None
        return np.asarray(observation.unit_maps[unit.layer][self._units[unit.layer].index(unit.unit)])

    # ------------------------------------------------------------------ painting

    def _paint_units(self, painter: QPainter) -> None:
        observation: Observation | None = self._snapshot.observation if self._snapshot is not None else None
        has_maps = observation is not None and bool(observation.unit_maps)
        for tile, area in enumerate(self._areas):
            if has_maps:
                self._atlas.paint(painter, tile, area)
            else:
                painter.fillRect(area, QColor(self._theme.zero))
        self._frames.paint(painter, self._boxes)
        if self._bars is not None and self._snapshot is not None:
            self._bars.paint(painter, self._bias_shares())
        self._paint_hovered_unit(painter)

    def _bias_shares(self) -> list[float]:
        """Return the biases of all drawn units, column by column without the inputs, as shares of the largest."""
        assert self._snapshot is not None
        biases = self._snapshot.parameters[self._bias_places].astype(np.float64)
        largest = float(np.abs(biases).max(initial=_LEAST_BIAS, where=np.isfinite(biases)))
        shares: list[float] = (biases / largest).tolist()
        return shares

    def _paint_hovered_link(self, painter: QPainter) -> None:
        if not isinstance(self._target, LinkId) or self._links is None or self._look is None:
            return
        number = self._links.ids.index(self._target)
        pen = QPen(self._pens.full[int(self._look.levels[number])])
        halo = QPen(QColor(self._theme.text), pen.widthF() + 4.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        gap = QPen(QColor(self._theme.panel), pen.widthF() + 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in (halo, gap, pen):
            painter.setPen(stroke)
            painter.drawPath(self._links.path(number))

    def _paint_hovered_unit(self, painter: QPainter) -> None:
        if not isinstance(self._target, UnitId) or self._arrangement is None:
            return
        box = self._arrangement.unit_box(self._target)
        if box is None:
            return
        radius = corner_radius(box[2]) + 1.5
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.accent), 2.0))
        painter.drawRoundedRect(QRectF(*box, box[2]).adjusted(-1.5, -1.5, 1.5, 1.5), radius, radius)

    def _paint_card(self, painter: QPainter) -> None:
        text = self.card_text()
        if text is None:
            return
        size = self._card.size(text)
        corner = place_card(size, self._pointer, self.boundingRect(), self._hovered_points(), _CARD_CLEARANCE)
        self._card.paint(painter, corner, size, text, self._theme)

    def _hovered_points(self) -> NDArray[np.floating[Any]]:
        """Return points all along the hovered link, or over the hovered unit."""
        if isinstance(self._target, LinkId) and self._links is not None:
            curve = self._links.points[self._links.ids.index(self._target)]
            t = np.linspace(0, len(curve) - 1, 8 * len(curve))
            return np.column_stack([np.interp(t, np.arange(len(curve)), curve[:, axis]) for axis in (0, 1)])
        box = (
            self._arrangement.unit_box(self._target)
            if self._arrangement is not None and isinstance(self._target, UnitId)
            else None
        )
        if box is None:
            return np.zeros((0, 2))
        ticks = np.linspace(0.0, box[2], 6)
        return np.column_stack([box[0] + np.repeat(ticks, 6), box[1] + np.tile(ticks, 6)])
