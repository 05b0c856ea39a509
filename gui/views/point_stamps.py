"""Many points at little cost: every style of point is drawn once into a stamp, and a whole set is stamped with one call."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from pyqtgraph.Qt.internals import PrimitiveArray  # what ScatterPlotItem itself draws with, at a fifth of its cost
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from gui.views.plot_layers import CachedLayer, PixelMapping, PlotLayer, resolution_of

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class PointStyle:
    """How a kind of point looks.

    Attributes
    ----------
    symbol : str
        A symbol of pyqtgraph, such as "o" or "s".
    fill, outline : str
        Colours as #RRGGBB; an empty fill leaves the middle open.
    size, width : float
        Of the symbol and of its outline, in pixels.
    """

    symbol: str
    fill: str
    outline: str
    size: float = 8.0
    width: float = 1.0


def draw_symbol(painter: QPainter, style: PointStyle, centre: QPointF) -> None:
    """Draw one point at full quality, as in a legend."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(centre)
    painter.scale(style.size, style.size)
    pen = QPen(QColor(style.outline), style.width / style.size)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(QColor(style.fill) if style.fill else Qt.BrushStyle.NoBrush)
    painter.drawPath(Symbols[style.symbol])
    painter.restore()


class Stamp:
    """One style of point, drawn once for a resolution and stamped at many places."""

    def __init__(self, style: PointStyle) -> None:
        self._style = style
        self._pixmap = QPixmap()
        self._fragments = PrimitiveArray(QPainter.PixmapFragment, 10)

    def draw(self, painter: QPainter, points: Array) -> None:
        """Stamp the point at pixel positions of shape (n_points, 2)."""
        if len(points) == 0:
            return
        ratio = resolution_of(painter)
        if self._pixmap.isNull() or self._pixmap.devicePixelRatio() != ratio:
            self._pixmap = self._drawn(ratio)
        self._fragments.resize(len(points))
        fields = self._fragments.ndarray()  # x, y, source left, top, width, height, scale x, y, rotation, opacity
        fields[:, 0:2] = self._on_pixels(painter, points, ratio)
        fields[:, 2:4] = 0.0
        fields[:, 4:6] = self._pixmap.width()
        fields[:, 6:8] = 1.0 / ratio
        fields[:, 8] = 0.0
        fields[:, 9] = 1.0
        painter.drawPixmapFragments(*self._fragments.drawargs(), self._pixmap)

    def _on_pixels(self, painter: QPainter, points: Array, ratio: float) -> Array:
        """Return the points moved by less than a pixel of the screen, so that the stamp's pixels fall on its own."""
        device = painter.deviceTransform()
        origin = np.array([device.dx(), device.dy()]) - self._pixmap.width() / 2.0
        return (np.round(points * ratio + origin) - origin) / ratio

    def _drawn(self, ratio: float) -> QPixmap:
        side = math.ceil((self._style.size + 2.0 * self._style.width + 2.0) * ratio)
        pixmap = QPixmap(side, side)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        centre = side / ratio / 2.0
        draw_symbol(painter, self._style, QPointF(centre, centre))
        painter.end()
        return pixmap


@dataclass(frozen=True)
class PointGroup:
    """Points of one style: x and y of shape (n_points,), in data units."""

    style: PointStyle
    x: Array
    y: Array


class PointsLayer(CachedLayer):
    """Points that stay where they are: drawn once, then copied."""

    def __init__(self, view_box: pg.ViewBox, z: float = 10.0) -> None:
        super().__init__(view_box, z)
        self._groups: tuple[PointGroup, ...] = ()

    def set_groups(self, groups: tuple[PointGroup, ...]) -> None:
        """Show these points, later groups over earlier ones."""
        self._groups = groups
        self.redraw()

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Stamp every group."""
        for group in self._groups:
            Stamp(group.style).draw(painter, mapping.points(group.x, group.y))


class MovingPointsLayer(PlotLayer):
    """Points that move with every frame: a fixed number of groups, each with a stamp of its own."""

    def __init__(self, view_box: pg.ViewBox, z: float = 10.0) -> None:
        super().__init__(view_box, z)
        self._stamps: tuple[Stamp, ...] = ()
        self._places: tuple[tuple[Array, Array], ...] = ()

    def set_styles(self, styles: tuple[PointStyle, ...]) -> None:
        """Set the looks of the groups."""
        self._stamps = tuple(Stamp(style) for style in styles)
        self.update()

    def set_places(self, places: tuple[tuple[Array, Array], ...]) -> None:
        """Move the points: x and y of every group, in data units and finite."""
        self._places = places
        self.update()

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Stamp every group where it is now."""
        rect = self.boundingRect()
        for stamp, (x, y) in zip(self._stamps, self._places, strict=False):
            stamp.draw(painter, inside(mapping.points(x, y), rect))


def inside(points: Array, rect: QRectF) -> Array:
    """Return the points that lie in a rectangle."""
    x, y = points[:, 0], points[:, 1]
    return points[(x >= rect.left()) & (x <= rect.right()) & (y >= rect.top()) & (y <= rect.bottom())]
