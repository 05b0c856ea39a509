"""The layers of the loss landscape: surface and path in one pixmap, and the current point above it."""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from gui.session.messages import LandscapePicture
from gui.theme import LIGHT, Theme
from gui.views.framed_plot import small_font
from gui.views.plot_layers import CachedLayer, PixelMapping, PlotLayer
from gui.views.point_stamps import PointStyle, draw_symbol

Points = NDArray[np.floating[Any]]

PATH_COLOUR = "#FFFFFF"
RIM_COLOUR = "#10151C"
"""The path is white on a dark rim in both themes: it lies on the same surface in both."""

START_STYLE = PointStyle("o", "", PATH_COLOUR, 8.0, 1.8)
START_RIM_STYLE = PointStyle("o", "", RIM_COLOUR, 8.0, 4.4)
NOW_RIM_STYLE = PointStyle("o", RIM_COLOUR, RIM_COLOUR, 9.5, 4.6)

_PATH_PX = 2.0
_RIM_PX = 4.4
_LEAST_MOVE_PX = 1.5
"""Points of the path closer than this are left out of the drawing: nobody could tell them apart."""

_REPAIRED = 8
"""Segments drawn again in white where a new piece of rim covers their end."""

_CONTOUR = QColor(255, 255, 255, 96)
_ARROW_INSET_PX = 14.0


class SurfaceLayer(CachedLayer):
    """Heat map, contour lines and path, drawn once into a pixmap; new pieces of the path are added to it."""

    def __init__(self, view_box: pg.ViewBox, z: float = 0.0) -> None:
        super().__init__(view_box, z)
        self._theme = LIGHT
        self._picture: LandscapePicture | None = None
        self._heat: QImage | None = None
        self._path: Points = np.zeros((0, 2))
        self._last: deque[QPointF] = deque(maxlen=_REPAIRED)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colour of what is not finite."""
        self._theme = theme
        self.redraw()

    def set_picture(self, picture: LandscapePicture | None) -> None:
        """Show a surface; its path comes with `set_path`."""
        self._picture = picture
        self._heat = None
        if picture is not None:
            pixels = np.ascontiguousarray(picture.image[::-1])  # the image starts with the smallest beta, a screen at the top
            height, width = pixels.shape[:2]
            self._heat = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
        self.redraw()

    def set_path(self, points: Points) -> None:
        """Show a path of shape (n_points, 2), the start first."""
        self._path = points
        self.redraw()

    def add_to_path(self, alpha: float, beta: float) -> None:
        """Lead the path on to a point, on the drawing as it is; `set_path` is to be given it too before the next redraw."""
        if self.pixmap is None or not self._last:
            return
        end = self.mapping().point(alpha, beta)
        if _distance(self._last[-1], end) < _LEAST_MOVE_PX:
            return
        new = QLineF(self._last[-1], end)
        painter = QPainter(self.pixmap)
        self._stroke([new], [*_lines(list(self._last)), new], painter)
        painter.end()
        self._last.append(end)
        self.update()

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw everything anew."""
        self._last.clear()
        picture = self._picture
        if picture is None or self._heat is None:
            return
        rect = mapping.rect((picture.alphas[0], picture.alphas[-1]), (picture.betas[0], picture.betas[-1]))
        painter.fillRect(rect, QColor(self._theme.not_finite))  # shows where the heat map has no value
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, self._heat)
        self._draw_contours(painter, mapping, picture)
        self._draw_path(painter, mapping)

    def _draw_contours(self, painter: QPainter, mapping: PixelMapping, picture: LandscapePicture) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(_CONTOUR, 1.0))
        for lines in picture.contours:
            for line in lines:
                x, y = mapping.points(line[:, 0], line[:, 1]).T
                painter.drawPolyline(pg.functions.arrayToQPolygonF(np.ascontiguousarray(x), np.ascontiguousarray(y)))

    def _draw_path(self, painter: QPainter, mapping: PixelMapping) -> None:
        places = thinned(mapping.points(self._path[:, 0], self._path[:, 1]), _LEAST_MOVE_PX)
        points = [QPointF(x, y) for x, y in places.tolist()]
        if not points:
            return
        segments = _lines(points)
        self._stroke(segments, segments, painter)
        draw_symbol(painter, START_RIM_STYLE, points[0])
        draw_symbol(painter, START_STYLE, points[0])
        self._last.extend(points[-_REPAIRED:])

    @staticmethod
    def _stroke(rim: list[QLineF], inside: list[QLineF], painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for lines, colour, width in ((rim, RIM_COLOUR, _RIM_PX), (inside, PATH_COLOUR, _PATH_PX)):
            painter.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLines(lines)


class NowLayer(PlotLayer):
    """The current point: a dot, or at the border an arrow towards it with words."""

    def __init__(self, view_box: pg.ViewBox, z: float = 10.0) -> None:
        super().__init__(view_box, z)
        self._theme = LIGHT
        self._place: tuple[float, float] | None = None

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def set_place(self, place: tuple[float, float] | None) -> None:
        """Move the point to (alpha, beta); None hides it."""
        if place != self._place:
            self._place = place
            self.update()

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw the dot or the arrow."""
        if self._place is None or not all(math.isfinite(value) for value in self._place):
            return
        rect = self.boundingRect()
        point = mapping.point(*self._place)
        if rect.contains(point):
            draw_symbol(painter, NOW_RIM_STYLE, point)
            draw_symbol(painter, now_style(self._theme), point)
        else:
            self._draw_arrow(painter, rect, point)

    def _draw_arrow(self, painter: QPainter, rect: QRectF, point: QPointF) -> None:
        room = rect.adjusted(_ARROW_INSET_PX, _ARROW_INSET_PX, -_ARROW_INSET_PX, -_ARROW_INSET_PX)
        x, y = np.clip([point.x(), point.y()], [room.left(), room.top()], [room.right(), room.bottom()])
        tip = QPointF(float(x), float(y))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(tip)
        painter.rotate(math.degrees(math.atan2(point.y() - tip.y(), point.x() - tip.x())))
        painter.setPen(QPen(QColor(RIM_COLOUR), 1.6))
        painter.setBrush(QColor(PATH_COLOUR))
        painter.drawPolygon(QPolygonF([QPointF(9, 0), QPointF(-6, -7), QPointF(-3, 0), QPointF(-6, 7)]))
        painter.restore()
        self._draw_words(painter, rect, tip)

    def _draw_words(self, painter: QPainter, rect: QRectF, tip: QPointF) -> None:
        words = "now: outside the drawn window"
        font = small_font()
        size = QFontMetricsF(font).boundingRect(words).size()
        wide, high = size.width() + 16.0, 20.0
        left = tip.x() + 16.0 if tip.x() < rect.center().x() else tip.x() - 16.0 - wide
        top = min(max(tip.y() - high / 2.0, rect.top() + 4.0), rect.bottom() - high - 4.0)
        chip = QRectF(min(max(left, rect.left() + 4.0), max(rect.right() - wide - 4.0, rect.left() + 4.0)), top, wide, high)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.line), 1.0))
        painter.setBrush(QColor(self._theme.panel))
        painter.drawRoundedRect(chip, 4.0, 4.0)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)


def now_style(theme: Theme) -> PointStyle:
    """Return the look of the current point: the colour of the time cursor, in a ring of the path's colour."""
    return PointStyle("o", theme.accent, PATH_COLOUR, 9.5, 2.0)


def thinned(points: Points, least_distance: float) -> Points:
    """Return the points of a path that lie at least so far from the last one kept; the first and the last always."""
    if len(points) < 3:
        return points
    kept = [0]
    x, y = points[0]
    for index, (next_x, next_y) in enumerate(points.tolist()):
        if math.hypot(next_x - x, next_y - y) >= least_distance:
            kept.append(index)
            x, y = next_x, next_y
    if kept[-1] != len(points) - 1:
        kept.append(len(points) - 1)
    return points[kept]


def _lines(points: list[QPointF]) -> list[QLineF]:
    return [QLineF(first, second) for first, second in pairwise(points)]


def _distance(first: QPointF, second: QPointF) -> float:
    return math.hypot(second.x() - first.x(), second.y() - first.y())
