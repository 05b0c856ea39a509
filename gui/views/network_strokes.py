"""How the links of the network diagram are stroked: a pen for every magnitude, every curve in the form Qt draws fastest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyqtgraph as pg
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from gui.theme import Theme, mix
from gui.views.network_geometry import cubic

Array = NDArray[np.floating[Any]]

THINNEST_PX, WIDEST_PX = 0.5, 7.0

LEVELS = 48
"""Steps of magnitude, each with a pen of its own, per sign."""

NOT_FINITE = 2 * LEVELS + 1
"""The pen of weights that are not finite, after those from -LEVELS to LEVELS."""

_COSMETIC_PX, _PIECES_PX = 1.0, 3.0
"""Per curve, measured: a polyline of up to 1 px takes 7 us, separate straight pieces of any width 12 us, a stroked path 25 us.
On wide lines the joints of the pieces show, so these are paths as long as they are few."""

_MOST_PATHS = 64
_POLYLINE, _PIECES, _PATH = range(3)

_PIECE_COUNTS = ((1.0, 1), (24.0, 8), (120.0, 12), (260.0, 16), (np.inf, 24))
"""Pieces of a curve, by how far it rises or falls, in pixels."""

_END_CLUSTERING = 0.5
_JOINT_OVERLAP_PX = 0.4
_FADED_SHARE = 0.78
_LEAST_HUE = 0.3


def link_width(level: NDArray[np.int64] | int, widest_px: float) -> Any:
    """Return the width in pixels of the pen of a level, 0 to 2 * LEVELS, LEVELS being a weight of 0."""
    return THINNEST_PX + (widest_px - THINNEST_PX) * np.minimum(np.abs(np.subtract(level, LEVELS)), LEVELS) / LEVELS


class LinkPens:
    """A pen for every step of magnitude and sign, in full colour and faded (for what is not looked at)."""

    def __init__(self, theme: Theme, widest_px: float = WIDEST_PX) -> None:
        self.full = [self._pen(theme, number, widest_px) for number in range(2 * LEVELS + 1)]
        self.full.append(QPen(QColor(theme.not_finite), min(2.0, widest_px), Qt.PenStyle.DashLine))
        self.faded = [self._faded(pen, theme) for pen in self.full]
        self.kinds = [self._kind(pen) for pen in self.full]

    @staticmethod
    def _pen(theme: Theme, number: int, widest_px: float) -> QPen:
        share = abs(number - LEVELS) / LEVELS
        sign = theme.positive if number > LEVELS else theme.negative
        hue = _LEAST_HUE + (1.0 - _LEAST_HUE) * share**0.6 if share else 0.0
        # Opaque on purpose: translucent strokes cost three times as much.
        colour = QColor(mix(theme.zero, sign, hue))
        width = float(link_width(number, widest_px))
        return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.BevelJoin)

    @staticmethod
    def _kind(pen: QPen) -> int:
        if pen.style() != Qt.PenStyle.SolidLine or pen.widthF() > _PIECES_PX:
            return _PATH
        return _PIECES if pen.widthF() > _COSMETIC_PX else _POLYLINE

    @staticmethod
    def _faded(pen: QPen, theme: Theme) -> QPen:
        faded = QPen(pen)
        faded.setColor(QColor(mix(pen.color().name(), theme.panel, _FADED_SHARE)))
        return faded


@lru_cache(maxsize=32)
def link_pens(theme: Theme, widest_px: float) -> LinkPens:
    """Return the pens of a theme, the widest this many pixels wide; made once."""
    return LinkPens(theme, widest_px)


class LinkShapes:
    """The curves of all links in every form they are drawn in.

    Parameters
    ----------
    starts, stops : ndarray of shape (n_links, 2)
        Their ends, in pixels.
    """

    def __init__(self, starts: Array, stops: Array) -> None:
        n_links = len(starts)
        self._polylines: list[QPolygonF] = [QPolygonF()] * n_links
        self._pieces: list[tuple[Any, int]] = [(QLineF(), 0)] * n_links
        self._memory: list[Array] = []
        self.paths = [_path(*start, *stop) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
        rise = np.abs(stops[:, 1] - starts[:, 1])
        group = np.searchsorted([limit for limit, _ in _PIECE_COUNTS], rise, side="right")
        for number in np.unique(group):
            members = np.flatnonzero(group == number)
            self._add(members, starts[members], stops[members], _PIECE_COUNTS[number][1])

    def paint(
        self, painter: QPainter, links: Sequence[int], levels: Sequence[int], pens: LinkPens, bright: Sequence[bool] | None
    ) -> None:
        """Draw links one after the other, each with the pen of its level; those that are not bright, faded."""
        kinds = pens.kinds
        if sum(kinds[level] == _PATH for level in levels) > _MOST_PATHS:
            kinds = [min(kind, _PIECES) for kind in kinds]
        current: QPen | None = None
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place, (link, level) in enumerate(zip(links, levels, strict=True)):
            pen = pens.full[level] if bright is None or bright[place] else pens.faded[level]
            if pen is not current:
                painter.setPen(pen)
                current = pen
            kind = kinds[level]
            if kind == _POLYLINE:
                painter.drawPolyline(self._polylines[link])
            elif kind == _PIECES:
                painter.drawLines(*self._pieces[link])
            else:
                painter.drawPath(self.paths[link])

    def _add(self, members: NDArray[np.int64], starts: Array, stops: Array, n_pieces: int) -> None:
        """Keep curves of the same number of pieces, as polylines and as separate pieces that overlap a little at the joints."""
        even = np.linspace(0.0, 1.0, n_pieces + 1)
        t = even - _END_CLUSTERING * np.sin(2.0 * np.pi * even) / (2.0 * np.pi)  # the bends are near the ends
        points = cubic(starts[:, 0], starts[:, 1], stops[:, 0], stops[:, 1], t)
        along = np.diff(points, axis=1)
        reach = _JOINT_OVERLAP_PX * along / np.maximum(np.hypot(along[..., 0], along[..., 1]), 1e-9)[..., None]
        pieces = np.concatenate([points[:, :-1] - reach, points[:, 1:] + reach], axis=2)
        for place, link in enumerate(members.tolist()):
            self._polylines[link] = pg.functions.arrayToQPolygonF(points[place, :, 0], points[place, :, 1])
            self._pieces[link] = self._line_array(pieces[place])

    def _line_array(self, ends: Array) -> tuple[Any, int]:
        """Return rows of (x1, y1, x2, y2) as Qt sees them, an array of QLineF that no call has to convert, and their number."""
        memory = np.array(ends, dtype=np.float64, order="C")
        self._memory.append(memory)  # Qt reads it at every paint
        return shiboken6.wrapInstance(memory.ctypes.data, QLineF), len(memory)


def _path(x_start: float, y_start: float, x_stop: float, y_stop: float) -> QPainterPath:
    path = QPainterPath(QPointF(x_start, y_start))
    middle = (x_start + x_stop) / 2
    path.cubicTo(middle, y_start, middle, y_stop, x_stop, y_stop)
    return path
