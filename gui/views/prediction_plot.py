"""A plot of rows: a click chooses the row nearest to it, and the chosen row is marked with a ring and with words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from gui.theme import LIGHT, Theme
from gui.views.framed_plot import FramedPlot, small_font
from gui.views.plot_layers import PixelMapping, PlotLayer, draw_sharply, resolution_of
from gui.views.point_stamps import PointStyle, draw_symbol

Array = NDArray[np.floating[Any]]
Rows = NDArray[np.int64]

REACH_PX = 9.0
"""How far from a point a click still means it."""

_CLICK_PX = 4
"""How far the pointer may move between press and release of a click."""

_RING_PX = 8.5
_LINE_PX = 15
_PADDING_PX = 6
_GAP_PX = 13


class RowMark(PlotLayer):
    """A ring around one point, the point itself, and words beside it; nothing as long as no row is chosen."""

    def __init__(self, view_box: pg.ViewBox, z: float = 50.0) -> None:
        super().__init__(view_box, z)
        self._theme = LIGHT
        self._place: tuple[float, float] | None = None
        self._lines: tuple[str, ...] = ()
        self._style: PointStyle | None = None
        self._font, self._bold = small_font(), small_font(bold=True)
        self._box: QPixmap | None = None
        self._box_look: tuple[tuple[str, ...], str, float] = ((), "", 0.0)
        self.setVisible(False)

    @property
    def place(self) -> tuple[float, float] | None:
        """Where the mark is, in data units; None without one."""
        return self._place

    @property
    def lines(self) -> tuple[str, ...]:
        """The words beside the mark."""
        return self._lines

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_at(self, x: float, y: float, lines: tuple[str, ...], style: PointStyle | None = None) -> None:
        """Mark a place in data units; costs nothing where it is marked with these words already."""
        if (self._place, self._lines, self._style) == ((x, y), lines, style):
            return
        self._place, self._lines, self._style = (x, y), lines, style
        self.setVisible(True)
        self.update()

    def remove(self) -> None:
        """Take the mark away."""
        if self._place is not None:
            self._place, self._lines, self._style = None, (), None
            self.update()
            self.setVisible(False)

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw the mark; a place outside the window is marked at its edge, which the words say."""
        if self._place is None:
            return
        rect = self.boundingRect()
        exact = mapping.point(*self._place)
        at = QPointF(_within(exact.x(), rect.left(), rect.right()), _within(exact.y(), rect.top(), rect.bottom()))
        outside = (at - exact).manhattanLength() > 1.0
        lines = (*self._lines, "outside the window") if outside else self._lines
        if self._style is not None and not outside:
            draw_symbol(painter, self._style, at)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((self._theme.panel, 4.5), (self._theme.text, 2.0)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawEllipse(at, _RING_PX, _RING_PX)
        self._draw_words(painter, at, lines, rect)

    def _draw_words(self, painter: QPainter, at: QPointF, lines: tuple[str, ...], rect: QRectF) -> None:
        """Draw the words in a box beside the ring, on the side that has room."""
        look = (lines, self._theme.name, resolution_of(painter))
        if self._box is None or self._box_look != look:
            self._box, self._box_look = self._drawn_box(lines, look[2]), look
        size = self._box.deviceIndependentSize()
        wide, high = size.width(), size.height()
        left = at.x() + _GAP_PX if at.x() + _GAP_PX + wide <= rect.right() else at.x() - _GAP_PX - wide
        left = _within(left, rect.left() + 2, rect.right() - wide - 2)
        top = _within(at.y() - high / 2, rect.top() + 2, rect.bottom() - high - 2)
        if abs(left + wide / 2 - at.x()) < wide / 2 + _RING_PX:  # no room beside it: above or below
            below = at.y() + _GAP_PX
            top = below if below + high <= rect.bottom() else at.y() - _GAP_PX - high
            top = _within(top, rect.top() + 2, rect.bottom() - high - 2)
        painter.translate(left, top)
        draw_sharply(painter, self._box)

    def _drawn_box(self, lines: tuple[str, ...], ratio: float) -> QPixmap:
        """Return the box with its words, drawn once for a resolution: text and round corners cost more than the ring."""
        metrics = QFontMetricsF(self._bold)
        wide = math.ceil(max(metrics.horizontalAdvance(line) for line in lines)) + 2 * _PADDING_PX
        box = QPixmap(math.ceil(wide * ratio), math.ceil((len(lines) * _LINE_PX + _PADDING_PX) * ratio))
        box.setDevicePixelRatio(ratio)
        box.fill(Qt.GlobalColor.transparent)
        painter = QPainter(box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.line), 1.0))
        painter.setBrush(QColor(self._theme.panel))
        size = box.deviceIndependentSize()
        painter.drawRoundedRect(QRectF(0.5, 0.5, size.width() - 1.0, size.height() - 1.0), 4, 4)
        for index, line in enumerate(lines):
            painter.setFont(self._font if index else self._bold)
            painter.setPen(QColor(self._theme.muted if index else self._theme.text))
            room = QRectF(_PADDING_PX, _PADDING_PX / 2 + index * _LINE_PX, wide, _LINE_PX)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, line)
        painter.end()
        return box


class PredictionPlot(FramedPlot):
    """A framed plot whose points stand for data rows.

    Signals
    -------
    row_chosen(object)
        The 0-based data row of the point that was clicked; None for a click on the chosen one, or on empty ground.
    """

    row_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, grid: bool = False) -> None:
        super().__init__(parent, grid=grid)
        self.mark = RowMark(self.view_box)
        self.marked_row: int | None = None
        self._rows: Rows = np.zeros(0, dtype=np.int64)
        self._x: Array = np.zeros(0)
        self._y: Array = np.zeros(0)
        self._pressed_at: QPointF | None = None

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        if hasattr(self, "mark"):  # the base class sets its first theme before there is one
            self.mark.set_theme(theme)

    def set_rows(self, rows: Rows, x: Array, y: Array) -> None:
        """Take the data rows whose points can be chosen, and where these stand in data units; each of shape (n_points,)."""
        self._rows, self._x, self._y = rows, x, y

    def place_of(self, row: int) -> tuple[float, float] | None:
        """Return where a data row's point stands, None where it has none."""
        found = np.flatnonzero(self._rows == row)
        return (float(self._x[found[0]]), float(self._y[found[0]])) if len(found) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click."""
        self._pressed_at = event.position() if event.button() == Qt.MouseButton.LeftButton else None
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the row that was clicked, or none."""
        pressed_at, self._pressed_at = self._pressed_at, None
        event.accept()
        if pressed_at is None or (event.position() - pressed_at).manhattanLength() > _CLICK_PX:
            return
        in_scene = self.mapToScene(event.position().toPoint())
        if self.view_box.sceneBoundingRect().contains(in_scene):
            row = self._row_at(self.view_box.mapFromScene(in_scene))
            if row is not None or self.marked_row is not None:
                self.row_chosen.emit(None if row == self.marked_row else row)

    def _row_at(self, at: QPointF) -> int | None:
        """Return the row of the point nearest to a pixel of the plot, the topmost of several; None where all are too far."""
        if not len(self._rows):
            return None
        offsets = self.mark.mapping().points(self._x, self._y) - np.array([at.x(), at.y()])
        distances = np.hypot(offsets[:, 0], offsets[:, 1])[::-1]
        nearest = int(distances.argmin())
        return int(self._rows[::-1][nearest]) if distances[nearest] <= REACH_PX else None


def _within(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))
