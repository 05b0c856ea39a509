"""The network diagram as one item of a scene: it paints a whole frame in one go and makes nothing new for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engine.observe import Observation, RowObservation
from gui.session.messages import RunInfo, RunState, Snapshot
from gui.theme import LIGHT, SMALL_PX, SPACE, TEXT_PX, Theme
from gui.views.framed_plot import small_font
from gui.views.network_backdrop import Backdrop
from gui.views.network_card import Card, CardText, link_text, place_card, target_title, unit_text
from gui.views.network_edits import Target
from gui.views.network_geometry import (
    LARGEST_UNIT,
    ColumnPlan,
    Layout,
    LinkId,
    UnitId,
    arrange,
    curves,
)
from gui.views.network_highlight import is_drawn, paint_link_mark, paint_unit_mark, points_of
from gui.views.network_labels import paint_captions, paint_names
from gui.views.network_legend import Legend
from gui.views.network_links import LinkLook, LinkSet
from gui.views.network_marks import OffMarks
from gui.views.network_plan import Units, column_plans, first_units, link_notes
from gui.views.network_row import RowChips, ranges_of, with_row_value
from gui.views.network_strokes import WIDEST_PX, link_pens
from gui.views.network_tiles import (
    SIGNED,
    BiasBars,
    ColourRange,
    ResponseAtlas,
    UnitFrames,
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
        self._pinned: Target | None = None
        self._off: tuple[tuple[int, int], ...] = ()
        self._frozen: tuple[int, ...] = ()
        self._off_marks: OffMarks | None = None
        self._pointer = QPointF()
        self._bias_places: list[int] = []
        self._boxes: list[tuple[int, int, int]] = []
        self._areas: list[QRectF] = []
        self._bars: BiasBars | None = None
        self._lit: NDArray[np.bool_] | None = None
        self._atlas = ResponseAtlas()
        self._chips = RowChips()
        self._backdrop = Backdrop()
        self._card = Card()
        self._name_font = small_font(TEXT_PX)
        self._small_font = small_font(SMALL_PX)
        self.set_theme(LIGHT)

    # ------------------------------------------------------------------ what it shows

    @property
    def target(self) -> Target | None:
        """The link or unit that is marked: under the pointer, or pinned."""
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
        self._chips.set_theme(theme)
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
        self._run, self._snapshot, self._look, self._pinned = run, None, None, None
        self._chips.update(None, None, (), ())
        self._off = run.spec.switched_off if run is not None else ()
        self._frozen = run.settings.freeze if run is not None else ()
        self._activations = shown_activations(run.spec) if run is not None else ()
        self._units = first_units(run.spec) if run is not None else ()
        self._arrange()

    def render(self, snapshot: Snapshot) -> bool:
        """Take a frame; return whether the arrangement changed with it (other units of a wide layer, or a frozen layer)."""
        self._snapshot = snapshot
        observation = snapshot.observation
        units, frozen = self._units, snapshot.settings.freeze
        if observation is not None:
            units = tuple(tuple(layer.tolist()) for layer in observation.shown_units)
        changed = units != self._units or frozen != self._frozen
        off, self._off = self._off, snapshot.spec.switched_off
        if changed:
            self._units, self._frozen = units, frozen
            self._arrange()
        elif off != self._off:
            self._mark_off()
            self._refresh()
        else:
            self._prepare()
        return changed

    def target_at(self, position: QPointF) -> Target | None:
        """Return the link or unit at a place of the panel."""
        if self._arrangement is None or self._links is None or self._look is None:
            return None
        unit = self._arrangement.unit_at(position.x(), position.y())
        if unit is not None:
            return unit
        link = self._links.at(position.x(), position.y(), self._look, self._widest_px)
        return None if link is None else self._links.ids[link]

    def point_at(self, position: QPointF | None) -> bool:
        """Highlight what is under the pointer; return whether that is another thing than before."""
        if position is not None:
            self._pointer = position
        if self._pinned is not None:
            return False
        return self._mark(self.target_at(position) if position is not None else None)

    def pin(self, target: Target | None) -> None:
        """Keep a link or unit marked wherever the pointer goes, without its card; None lets go of it."""
        self._pinned = None
        self._mark(target)
        self._pinned = target

    def place_beside(self, target: Target, size: QSizeF, pointer: QPointF) -> QPointF:
        """Return the upper left corner for something of a size beside a link or unit, near the pointer."""
        points = points_of(target, self._arrangement, self._links)
        return place_card(size, pointer, self.boundingRect(), points, _CARD_CLEARANCE)

    def title_of(self, target: Target) -> str:
        """Return what a link or unit is called."""
        assert self._run is not None
        return target_title(self._run, target, self._activations[target.layer])

    def _mark(self, target: Target | None) -> bool:
        """Mark a link or unit; return whether that is another one than before."""
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
        text = unit_text(self._run, self._snapshot, self._target, self._activations[layer], response, span)
        return with_row_value(text, self._row(), self._target)

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
        paint_captions(painter, layout, self._frozen, self._theme)
        painter.setFont(self._name_font)
        painter.setPen(QColor(self._theme.text))
        paint_names(painter, layout)
        if self._look is not None and self._off_marks is not None:
            self._off_marks.paint_links(painter, self._theme)
            self._links.paint(painter, self._off_marks.without_off(self._look), self._pens, self._lit)
        if self._bars is not None and self._snapshot is not None:
            self._bars.paint_middles(painter)

    # ------------------------------------------------------------------ arranging

    def _arrange(self) -> None:
        """Put everything in its place: only when the network, the shown units or the panel's size changed."""
        run = self._run
        self._arrangement = self._links = self._legend = self._off_marks = None
        self._target = self._lit = None
        if run is not None:
            self._arrangement, self._legend = self._place(column_plans(run, self._units, self._activations, self._frozen))
            self._links = LinkSet(run.spec, self._arrangement)
            starts = [run.spec.block(layer, "bias").start for layer in range(1, run.spec.n_layers + 1)]
            self._bias_places = [start + unit for start, units in zip(starts, self._units[1:], strict=True) for unit in units]
            self._set_pens()
            self._mark_off()
            if self._pinned is not None and is_drawn(self._pinned, self._arrangement, self._links):
                self._mark(self._pinned)
        self._place_units()
        self._refresh()

    def _mark_off(self) -> None:
        if self._arrangement is not None and self._links is not None:
            self._off_marks = OffMarks(self._arrangement, self._links, self._off)

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
            legend = Legend(self._activations, link_notes(plans), room, self._size[1], small, words)
            layout = arrange(*self._size, plans, names.horizontalAdvance, (legend.right, legend.bottom))
            if legend.right < first.left and not legend.touches(curves(layout, 1)):
                break
        return layout, legend

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
            self._prepare_row()
        self.update()

    def _prepare_row(self) -> None:
        """Put the activations of the row watched on the units; none where none is."""
        row = self._row()
        ranges: tuple[ColourRange, ...] = ()
        if row is not None and self._snapshot is not None and self._snapshot.observation is not None:
            of_maps = self._atlas.ranges if self._snapshot.observation.unit_maps else ()
            ranges = ranges_of(row, self._activations, of_maps)
        self._chips.update(row, self._arrangement, ranges, self._off)

    def _row(self) -> RowObservation | None:
        observation = self._snapshot.observation if self._snapshot is not None else None
        return observation.row if observation is not None else None

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
        if self._off_marks is not None:
            painter.setFont(self._small_font)
            self._off_marks.paint_units(painter, self._theme)
        if self._bars is not None and self._snapshot is not None:
            self._bars.paint(painter, self._bias_shares())
        self._chips.paint(painter)
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
        paint_link_mark(painter, self._links.path(number), self._pens.full[int(self._look.levels[number])], self._theme)

    def _paint_hovered_unit(self, painter: QPainter) -> None:
        if not isinstance(self._target, UnitId) or self._arrangement is None:
            return
        box = self._arrangement.unit_box(self._target)
        if box is not None:
            paint_unit_mark(painter, box, self._theme)

    def _paint_card(self, painter: QPainter) -> None:
        text = self.card_text()
        if text is None or self._pinned is not None:
            return
        size = self._card.size(text)
        corner = place_card(size, self._pointer, self.boundingRect(), self._hovered_points(), _CARD_CLEARANCE)
        self._card.paint(painter, corner, size, text, self._theme)

    def _hovered_points(self) -> NDArray[np.floating[Any]]:
        """Return points all along the hovered link, or over the hovered unit."""
        return points_of(self._target, self._arrangement, self._links)
