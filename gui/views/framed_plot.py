"""A plot with a fixed window: named axes with few numbers, no panning, no automatic ranges, one paint per change."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QRegion, QResizeEvent
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QToolTip, QWidget

from gui.theme import LIGHT, SMALL_PX, Theme
from gui.views.number_text import tick_texts
from gui.views.one_paint import OnePaintItem, paint_by_request
from gui.views.plot_layers import CachedLayer, PixelMapping, PlotLayer, draw_sharply, resolution_of
from gui.views.ticks import linear_ticks

TOP_MARGIN = 8
RIGHT_MARGIN = 16
BOTTOM_AXIS_HEIGHT = 38
_TICK_LENGTH = 4
_GAP = 4
_LABEL_LINE = 16
_MIN_GAP_PX = {"bottom": 50.0, "left": 32.0}


def small_font(size_px: int = SMALL_PX, *, bold: bool = False) -> QFont:
    """Return the program's typeface in the small size of pictures, with figures of equal width."""
    font = QFont()
    font.setPixelSize(size_px)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


class TidyAxis(OnePaintItem, pg.AxisItem):
    """An axis that draws its ticks, numbers and name itself, once per change, into a cached picture.

    Parameters
    ----------
    orientation : {"left", "bottom"}
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._theme = LIGHT
        self._names: tuple[str, ...] = ("",)
        self._places: tuple[tuple[float, str], ...] | None = None
        if orientation == "bottom":
            self.setHeight(BOTTOM_AXIS_HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._redraw()

    def set_names(self, names: Sequence[str], tooltip: str = "") -> None:
        """Give the axis its name in several lengths, longest first; the longest that fits is drawn."""
        self._names = tuple(names)
        self.setToolTip(tooltip or names[0])
        self._redraw()

    def set_places(self, places: Sequence[tuple[float, str]] | None) -> None:
        """Draw these places with these words instead of round numbers; None returns to numbers."""
        self._places = None if places is None else tuple(places)
        self._redraw()

    def ticks(self) -> list[tuple[float, str]]:
        """Return value and text of every tick at the present size."""
        if self._places is not None:
            return list(self._places)
        low, high = sorted(self.range)
        most = max(3, int(self._length() / _MIN_GAP_PX[self.orientation]))
        values = linear_ticks(low, high, most)
        return list(zip(values, tick_texts(values), strict=True))

    def fit_width(self) -> None:
        """Make a left axis as wide as its numbers and its name need."""
        metrics = QFontMetricsF(small_font())
        widest = max((metrics.horizontalAdvance(text) for _, text in self.ticks()), default=0.0)
        width = math.ceil(_LABEL_LINE + min(widest, 96.0) + _GAP + _TICK_LENGTH + _GAP)
        if width != self.fixedWidth:
            self.setWidth(width)

    def boundingRect(self) -> QRectF:
        """Return the axis and the room its outermost numbers reach into."""
        rect = self.mapRectFromParent(self.geometry())
        return rect.adjusted(-24, 0, 24, 0) if self.orientation == "bottom" else rect.adjusted(0, -8, 0, 8)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None) -> None:
        """Copy the axis, after drawing it anew where range, size or words changed."""
        ratio = resolution_of(painter)
        # pyqtgraph sets the picture to None whenever range or size change.
        if self.picture is None or self.picture.devicePixelRatio() != ratio:
            self.picture = self._drawn(ratio)
        painter.translate(self.boundingRect().topLeft())
        draw_sharply(painter, self.picture)

    def _redraw(self) -> None:
        self.picture = None
        self.update()

    def _drawn(self, ratio: float) -> QPixmap:
        rect = self.boundingRect()
        pixmap = QPixmap(math.ceil(rect.width() * ratio), math.ceil(rect.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.translate(-rect.topLeft())
        self._draw(painter)
        painter.end()
        return pixmap

    def _draw(self, painter: QPainter) -> None:
        """Draw ticks, numbers and the name."""
        painter.setFont(small_font())
        metrics = QFontMetricsF(small_font())
        for value, text in self.ticks():
            place = self._place_of(value)
            painter.setPen(QPen(QColor(self._theme.line), 0))  # one pixel of the screen
            if self.orientation == "bottom":
                painter.drawLine(QPointF(place, 0), QPointF(place, _TICK_LENGTH))
                target = QRectF(place - 40, _TICK_LENGTH + 1, 80, 14)
                alignment = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
            else:
                right = self.size().width()
                painter.drawLine(QPointF(right - _TICK_LENGTH, place), QPointF(right, place))
                target = QRectF(_LABEL_LINE, place - 8, right - _LABEL_LINE - _TICK_LENGTH - _GAP, 16)
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, target.width() + 1)
                alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(target, int(alignment) | int(Qt.TextFlag.TextDontClip), text)
        self._paint_name(painter, metrics)

    def _paint_name(self, painter: QPainter, metrics: QFontMetricsF) -> None:
        length = self._length()
        name = next((name for name in self._names if metrics.horizontalAdvance(name) <= length), self._names[-1])
        name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, length)
        painter.setPen(QColor(self._theme.muted))
        if self.orientation == "bottom":
            target = QRectF(0, self.size().height() - _LABEL_LINE - 1, length, _LABEL_LINE)
            painter.drawText(target, Qt.AlignmentFlag.AlignCenter, name)
            return
        painter.save()
        painter.translate(0, length)
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, length, _LABEL_LINE), Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()

    def _length(self) -> float:
        size: QSizeF = self.size()
        return size.width() if self.orientation == "bottom" else size.height()

    def _place_of(self, value: float) -> float:
        low, high = self.range
        share = (value - low) / (high - low)
        place = share * self._length() if self.orientation == "bottom" else (1.0 - share) * self._length()
        return round(place) - 0.5


class GridLayer(CachedLayer):
    """Thin lines at the ticks of both axes."""

    def __init__(self, view_box: pg.ViewBox, axes: tuple[TidyAxis, TidyAxis]) -> None:
        super().__init__(view_box, -100.0)
        self.colour = LIGHT.line
        self._axes = axes

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw a line for every tick, sharp on the pixels."""
        painter.setPen(QPen(QColor(self.colour), 0))  # one pixel of the screen
        rect = self.boundingRect()
        for value, _ in self._axes[0].ticks():
            x = round(mapping.point(value, 0.0).x()) - 0.5
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        for value, _ in self._axes[1].ticks():
            y = round(mapping.point(0.0, value).y()) - 0.5
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))


class FramedPlot(pg.PlotWidget):
    """A plot whose window is set by hand.

    Parameters
    ----------
    grid : bool
        Whether thin lines lead from the numbers across the plot; a plot that is filled by a picture has none.

    Signals
    -------
    hovered(object)
        (x, y, global position) of the pointer inside the plot, None when it leaves.
    """

    hovered = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, grid: bool = False) -> None:
        self.left_axis, self.bottom_axis = TidyAxis("left"), TidyAxis("bottom")
        super().__init__(parent, axisItems={"left": self.left_axis, "bottom": self.bottom_axis})
        paint_by_request(self)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseEnabled(False, False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFrameShape(self.Shape.NoFrame)
        self.view_box: pg.ViewBox = self.getPlotItem().getViewBox()
        self.view_box.disableAutoRange()
        self.view_box.sigResized.connect(self._repaint)
        self.view_box.setDefaultPadding(0.0)
        self.getPlotItem().layout.setContentsMargins(4, TOP_MARGIN, RIGHT_MARGIN, 0)
        self.setMinimumSize(80, 80)
        self._grid = GridLayer(self.view_box, (self.bottom_axis, self.left_axis)) if grid else None
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setBackground(theme.panel)
        for axis in (self.left_axis, self.bottom_axis):
            axis.set_theme(theme)
        if self._grid is not None:
            self._grid.colour = theme.line
            self._grid.redraw()

    def set_window(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
        """Show exactly this window, in data units."""
        self.view_box.setRange(xRange=widened(x_range), yRange=widened(y_range), padding=0.0, disableAutoRange=True)
        self.left_axis.fit_width()
        self.bottom_axis.update()
        self.left_axis.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts straight on the view: going through the scene takes longer than they do."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self.backgroundBrush())
        inside = self.view_box.rect().translated(self.view_box.scenePos()).toRect()
        for layer in self.view_box.childItems():  # the lowest first
            if isinstance(layer, PlotLayer) and layer.isVisible():
                _paint_item(painter, layer)
        if not event.region().subtracted(QRegion(inside)).isEmpty():
            self.paint_axes(painter)
        painter.end()

    def paint_axes(self, painter: QPainter) -> None:
        """Paint what stands around the layers."""
        for axis in (self.left_axis, self.bottom_axis):
            _paint_item(painter, axis)

    def explain_with(self, text_at: Callable[[float, float], str]) -> None:
        """Say in a tool tip what `text_at` returns for the point under the pointer."""
        self._text_at = text_at
        self.hovered.connect(self._explain)

    @Slot(object)
    def _explain(self, place: tuple[float, float, QPoint] | None) -> None:
        if place is None:
            QToolTip.hideText()
        else:
            x, y, at = place
            QToolTip.showText(at, self._text_at(x, y), self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the left axis as wide as its numbers."""
        super().resizeEvent(event)
        if hasattr(self, "view_box"):
            self.left_axis.fit_width()

    @Slot()
    def _repaint(self) -> None:
        """Paint all anew: the parts have moved, and each asks for the place it has now only."""
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the pointer."""
        super().mouseMoveEvent(event)
        in_scene = self.mapToScene(event.position().toPoint())
        if self.view_box.sceneBoundingRect().contains(in_scene):
            point = self.view_box.mapSceneToView(in_scene)
            self.hovered.emit((point.x(), point.y(), event.globalPosition().toPoint()))
        else:
            self.hovered.emit(None)

    def leaveEvent(self, event: QEvent) -> None:
        """Say that the pointer left."""
        super().leaveEvent(event)
        self.hovered.emit(None)


def _paint_item(painter: QPainter, item: PlotLayer | TidyAxis) -> None:
    painter.save()
    painter.translate(item.scenePos())
    item.paint(painter, None)
    painter.restore()


def widened(limits: tuple[float, float]) -> tuple[float, float]:
    """Return limits with some room between them, also where both are the same."""
    low, high = limits
    if high - low > 1e-12 * max(abs(low), abs(high)):
        return low, high
    room = 0.5 * (abs(low) or 1.0)
    return low - room, high + room


def padded(low: float, high: float, share: float = 0.05) -> tuple[float, float]:
    """Return limits with `share` of their span added on both sides."""
    low, high = widened((low, high))
    room = share * (high - low)
    return low - room, high + room
