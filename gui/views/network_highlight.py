"""How the network diagram marks the link or unit that is looked at, and the points a card beside it should leave free."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui.theme import Theme
from gui.views.network_edits import Target
from gui.views.network_geometry import Layout, LinkId
from gui.views.network_links import LinkSet
from gui.views.network_tiles import corner_radius

_HALO_PX, _GAP_PX = 4.0, 2.0
_RING_PX, _RING_DISTANCE = 2.0, 1.5
_POINTS_PER_PIECE = 8
_POINTS_PER_SIDE = 6

Array = NDArray[np.floating[Any]]


def paint_link_mark(painter: QPainter, path: QPainterPath, pen: QPen, theme: Theme) -> None:
    """Draw a link with a halo."""
    halo = QPen(QColor(theme.text), pen.widthF() + _HALO_PX, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
    gap = QPen(QColor(theme.panel), pen.widthF() + _GAP_PX, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke in (halo, gap, pen):
        painter.setPen(stroke)
        painter.drawPath(path)


def paint_unit_mark(painter: QPainter, box: tuple[int, int, int], theme: Theme) -> None:
    """Draw a ring around a unit at left, top, side."""
    radius = corner_radius(box[2]) + _RING_DISTANCE
    outside = (-_RING_DISTANCE, -_RING_DISTANCE, _RING_DISTANCE, _RING_DISTANCE)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), _RING_PX))
    painter.drawRoundedRect(QRectF(*box, box[2]).adjusted(*outside), radius, radius)


def points_of(target: Target | None, layout: Layout | None, links: LinkSet | None) -> Array:
    """Return points all along a link, or over a unit, shape (n_points, 2); none where it is not drawn."""
    if layout is None or links is None or target is None or not is_drawn(target, layout, links):
        return np.zeros((0, 2))
    if isinstance(target, LinkId):
        curve = links.points[links.ids.index(target)]
        t = np.linspace(0, len(curve) - 1, _POINTS_PER_PIECE * len(curve))
        return np.column_stack([np.interp(t, np.arange(len(curve)), curve[:, axis]) for axis in (0, 1)])
    box = layout.unit_box(target)
    assert box is not None
    ticks = np.linspace(0.0, box[2], _POINTS_PER_SIDE)
    return np.column_stack([box[0] + np.repeat(ticks, len(ticks)), box[1] + np.tile(ticks, len(ticks))])


def is_drawn(target: Target, layout: Layout, links: LinkSet) -> bool:
    """Return whether the diagram shows a link or a unit: of wide layers it shows some."""
    return target in links.ids if isinstance(target, LinkId) else layout.unit_box(target) is not None
