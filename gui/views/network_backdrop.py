"""What lies below the units of the network diagram, kept as a drawing for as long as nobody could see a difference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPixmap

from gui.views.network_links import LinkLook
from gui.views.network_strokes import NOT_FINITE
from gui.views.plot_layers import draw_sharply, resolution_of

UNSEEN_LEVELS = 1
"""Steps of width and colour, of 48, that a link may be off while training runs: at most 0.14 pixels and 1.5 % of the hue."""


class Backdrop:
    """A drawing at the resolution of the screen, made anew when it would look different."""

    def __init__(self) -> None:
        self._pixmap: QPixmap | None = None
        self._key: tuple[float, ...] = ()
        self._wanted: LinkLook | None = None
        self._drawn: LinkLook | None = None

    def forget(self) -> None:
        """Have it drawn anew at the next paint."""
        self._pixmap = None

    def show_links(self, look: LinkLook, *, exactly: bool) -> None:
        """Take how the links look in a frame; the drawing is made anew where it shows another look.

        Parameters
        ----------
        exactly : bool
            Whether any difference counts, or only one that could be seen.
        """
        self._wanted = look
        if self._drawn is None or not (_same(look, self._drawn) if exactly else _alike(look, self._drawn)):
            self._pixmap = None

    def paint(self, painter: QPainter, size: tuple[int, int], draw: Callable[[QPainter], None]) -> None:
        """Copy the drawing, after making it with `draw` where that is due.

        Parameters
        ----------
        size : tuple of int
            Width and height, in pixels.
        """
        ratio, device = resolution_of(painter), painter.deviceTransform()
        # At 150 % the corner may lie between two pixels of the screen; what is drawn keeps its place among them.
        shift = QPointF(device.dx() - round(device.dx()), device.dy() - round(device.dy())) / ratio
        key = (round(size[0] * ratio), round(size[1] * ratio), ratio, shift.x(), shift.y())
        if self._pixmap is None or key != self._key:
            self._pixmap, self._key, self._drawn = QPixmap(key[0], key[1]), key, self._wanted
            self._pixmap.setDevicePixelRatio(ratio)
            on_pixmap = QPainter(self._pixmap)
            on_pixmap.translate(shift)
            draw(on_pixmap)
            on_pixmap.end()
        draw_sharply(painter, self._pixmap)


def _same(look: LinkLook, drawn: LinkLook) -> bool:
    return np.array_equal(look.levels, drawn.levels) and np.array_equal(look.order, drawn.order)


def _alike(look: LinkLook, drawn: LinkLook) -> bool:
    """Return whether no link has gone far from how it is drawn, nor become finite or ceased to be."""
    if len(look.levels) != len(drawn.levels) or len(look.order) != len(drawn.order):
        return False
    moved = np.abs(look.levels - drawn.levels)
    moved[(look.levels == NOT_FINITE) != (drawn.levels == NOT_FINITE)] = NOT_FINITE
    return int(moved.max(initial=0)) <= UNSEEN_LEVELS
