"""What the network diagram draws of units that are switched off and of layers that are frozen: shapes, not colours alone."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from gui.icons import pixmap
from gui.theme import Theme, mix
from gui.views.network_geometry import Layout
from gui.views.network_links import LinkLook, LinkSet
from gui.views.network_tiles import corner_radius

_DASH_PX, _SPACE_PX = 3.0, 4.0
_FAINT_SHARE = 0.4
_STROKE_PX = 1.5
_LEAST_FOR_WORD = 26
"""Side of the smallest unit with room for the word; below, the stroke says it alone."""

_LOCK_PX = 11

Array = NDArray[np.floating[Any]]
Units = tuple[tuple[int, int], ...]


class OffMarks:
    """The marks of what is switched off, made once for each arrangement of the diagram.

    Parameters
    ----------
    layout : Layout
    links : LinkSet
    switched_off : tuple of (int, int)
        Layer and unit, both counted from 0, layer 0 being the inputs.

    Attributes
    ----------
    links : ndarray of bool, shape (n_links,)
        The links that begin at a unit that is switched off: nothing comes through them.
    """

    def __init__(self, layout: Layout, links: LinkSet, switched_off: Units) -> None:
        off = set(switched_off)
        self.links = np.array([(link.layer - 1, link.source) in off for link in links.ids], dtype=bool)
        self._areas = _areas(layout, off)
        dashes = [dashes_along(links.points[number]) for number in np.flatnonzero(self.links)]
        self._memory = np.concatenate(dashes) if dashes else np.zeros((1, 4))  # Qt reads it at every paint
        self._dashes = shiboken6.wrapInstance(self._memory.ctypes.data, QLineF)

    def without_off(self, look: LinkLook) -> LinkLook:
        """Return how the other links are drawn."""
        return replace(look, order=look.order[~self.links[look.order]]) if self.links.any() else look

    def paint_links(self, painter: QPainter, theme: Theme) -> None:
        """Draw the links that nothing comes through, thin and dashed."""
        if self.links.any():
            painter.setPen(QPen(QColor(mix(theme.muted, theme.panel, _FAINT_SHARE)), 1.0))
            painter.drawLines(self._dashes, len(self._memory))

    def paint_units(self, painter: QPainter, theme: Theme) -> None:
        """Cover the units that are switched off: grey, struck through, and called off where there is room."""
        if not self._areas:
            return
        ground, stroke = QColor(theme.zero), QPen(QColor(theme.muted), _STROKE_PX)
        for area in self._areas:
            radius = corner_radius(int(area.width()))
            painter.setPen(QPen(QColor(theme.muted), 1.0))
            painter.setBrush(ground)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            painter.setPen(stroke)
            inset = 0.3 * radius + 0.5
            inside = area.adjusted(inset, inset, -inset, -inset)
            painter.drawLine(inside.bottomLeft(), inside.topRight())
            if area.width() >= _LEAST_FOR_WORD:
                self._paint_word(painter, area, theme)

    @staticmethod
    def _paint_word(painter: QPainter, area: QRectF, theme: Theme) -> None:
        metrics = painter.fontMetrics()
        room = QRectF(0.0, 0.0, metrics.horizontalAdvance("off") + 4.0, metrics.height() - 2.0)
        room.moveCenter(area.center())
        painter.fillRect(room, QColor(theme.zero))
        painter.setPen(QColor(theme.text))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, "off")


def _areas(layout: Layout, off: set[tuple[int, int]]) -> list[QRectF]:
    """Return where the drawn units of a set stand."""
    return [
        QRectF(column.left, top, column.size, column.size)
        for layer, (plan, column) in enumerate(zip(layout.plans, layout.columns, strict=True))
        for unit, top in zip(plan.units, column.tops, strict=True)
        if (layer, unit) in off
    ]


def dashes_along(curve: Array) -> Array:
    """Return dashes of even length along a curve, as rows of (x1, y1, x2, y2).

    Parameters
    ----------
    curve : ndarray of shape (n_points, 2)
    """
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    starts = np.arange(0.0, lengths[-1] - _DASH_PX / 2, _DASH_PX + _SPACE_PX)
    stops = np.minimum(starts + _DASH_PX, lengths[-1])
    ends = [np.interp(places, lengths, curve[:, axis]) for places in (starts, stops) for axis in (0, 1)]
    return np.ascontiguousarray(np.column_stack(ends))


def paint_lock(painter: QPainter, left: float, middle: float, theme: Theme) -> None:
    """Draw a small lock, `middle` being its height."""
    device = painter.device()
    density = device.devicePixelRatio() if device is not None else 1.0
    painter.drawPixmap(QPointF(round(left), round(middle - _LOCK_PX / 2)), _lock(theme.muted, density))


@lru_cache(maxsize=8)
def _lock(colour: str, density: float) -> QPixmap:
    return pixmap("lock", colour, _LOCK_PX, density)
