"""The curves of the loss plot, kept as a drawing that grows with the run."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.views.loss_display import LossDisplay, batch_colour, median_colour
from gui.views.plot_layers import CachedLayer, PixelMapping

Floats = NDArray[np.float64]

_FAR_PX = 30_000.0
"""Lines are cut here, far outside the picture: the painter's coordinates end not much further."""

_CURVE_PX = 1.5
_POINTS_PER_PX = 1.25
_LEAST_POINTS = 64


class CurvesLayer(CachedLayer):
    """The batch loss as a band and the measured losses as lines.

    The drawing is kept; while a run goes on only the strip that changed is drawn anew, so that a frame costs the same after a
    thousand and after a million steps.
    """

    def __init__(self, view_box: pg.ViewBox, display: LossDisplay) -> None:
        super().__init__(view_box, z=-10.0)
        self._display = display
        self._drawn_to = 0
        self._generation = -1
        self._has_lagged = False

    def show_growth(self, least_px: float = 0.0) -> None:
        """Bring the drawing up to date with the curve, where that has grown by so many pixels.

        Columns of a strip may begin at other steps than those of the whole: once nothing is to lag, all is drawn in one go.
        """
        curve = self._display.curve
        void = curve.generation != self._generation or (self._has_lagged and not least_px)
        self._has_lagged = least_px > 0.0
        if self.pixmap is None or void:
            self.redraw()
        elif curve.step_count > self._drawn_to + least_px / self.mapping().x_factor:
            self._draw_strip(self._drawn_to)
            self.update()

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw all that is visible."""
        self._draw_from(painter, mapping, 0.0)
        self._drawn_to, self._generation = self._display.curve.step_count, self._display.curve.generation

    def _draw_strip(self, after_step: int) -> None:
        """Draw anew what lies to the right of the last measurement up to `after_step`: from there on lines may have changed."""
        mapping = self.mapping()
        before = self._display.curve.measurement_at(after_step)
        first = min(after_step, before.step) if before is not None else after_step
        left = np.floor(mapping.point(float(first), 0.0).x()) - 2.0
        rect = self.boundingRect()
        if left < rect.right():
            painter = QPainter(self.pixmap)
            strip = QRectF(max(left, 0.0), 0.0, rect.right() - max(left, 0.0), rect.height())
            painter.setClipRect(strip)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.fillRect(strip, Qt.GlobalColor.transparent)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            self._draw_from(painter, mapping, strip.left())
            painter.end()
        self._drawn_to = self._display.curve.step_count

    def _draw_from(self, painter: QPainter, mapping: PixelMapping, left: float) -> None:
        """Draw the curves from the pixel `left` to the right end of the plot."""
        width = self.boundingRect().width() - left
        first = max(0, int((left - 4.0 - mapping.x_offset) / mapping.x_factor) - 1)
        last = int((left + width - mapping.x_offset) / mapping.x_factor) + 1
        last = min(last, self._display.curve.step_count)
        steps_per_px = 1.0 / mapping.x_factor
        n_columns = max(2, int(min(width + 6.0, (last - first + 1) / steps_per_px + 2.0)))
        self._draw_band(painter, mapping, first, last, n_columns)
        self._draw_not_finite(painter, mapping)
        self._draw_median(painter, mapping, first, last, n_columns)
        self._draw_measured(painter, mapping, first, last, n_columns)

    def _draw_band(self, painter: QPainter, mapping: PixelMapping, first: int, last: int, n_columns: int) -> None:
        """Draw the batch loss: step by step where steps are wider than pixels, else from low to high in each pixel column."""
        painter.setPen(QPen(QColor(batch_colour(self._display.theme)), 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        steps, low, high = self._display.curve.batch_range(max(first, 1), last, 2 * n_columns)
        if mapping.x_factor >= 1.0:
            self._draw_lines(painter, mapping, steps, low)
        elif len(steps):
            columns = np.floor(steps * mapping.x_factor + mapping.x_offset)
            groups = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1.0))
            low, high = _joined(np.fmin.reduceat(low, groups), np.fmax.reduceat(high, groups))
            bottom, top = (mapping.y_offset + mapping.y_factor * self._display.positions(losses) for losses in (low, high))
            x = columns[groups] + 0.5
            _draw_pieces(painter, np.column_stack((x, bottom, x, top)))

    def _draw_median(self, painter: QPainter, mapping: PixelMapping, first: int, last: int, n_columns: int) -> None:
        if not self._display.window:
            return
        steps, medians = self._display.curve.smoothed(max(first, 1), last, n_columns // 2 + 2, self._display.window)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(median_colour(self._display.theme)), _CURVE_PX))
        self._draw_lines(painter, mapping, steps, medians)

    def _draw_measured(self, painter: QPainter, mapping: PixelMapping, first: int, last: int, n_columns: int) -> None:
        """Draw the losses over all rows, with the neighbours just outside so that the lines reach the edges."""
        curve, theme = self._display.curve, self._display.theme
        before = curve.measurement_at(first)
        first = before.step if before is not None else first
        steps, train, validation = curve.measured(first, max(last, 0), max(_LEAST_POINTS, int(_POINTS_PER_PX * n_columns)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for losses, colour in ((train, theme.train), (validation, theme.validation)):
            painter.setPen(QPen(QColor(colour), _CURVE_PX))
            self._draw_lines(painter, mapping, steps, losses)

    def _draw_not_finite(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw a line from top to bottom at each step whose loss is not finite, one per pixel."""
        steps = self._display.curve.all_not_finite_steps()
        if not len(steps):
            return
        columns = np.unique(np.round(steps * mapping.x_factor + mapping.x_offset))
        painter.setPen(QPen(QColor(self._display.theme.not_finite), 3))
        height = self.boundingRect().height()
        for x in columns[(columns >= 0) & (columns <= self.boundingRect().width() + 1)]:
            painter.drawLine(QPointF(x, 0.0), QPointF(x, height))

    def _draw_lines(self, painter: QPainter, mapping: PixelMapping, steps: NDArray[np.int64], losses: Floats) -> None:
        """Draw a line through points, in pieces (one long antialiased path takes ten times as long); NaN breaks it."""
        points = mapping.points(steps.astype(np.float64), self._display.positions(losses))
        _draw_pieces(painter, np.hstack((points[:-1], points[1:])))


def _joined(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return columns stretched to meet the one before, as the line through all points would."""
    joined_low, joined_high = low.copy(), high.copy()
    joined_low[1:], joined_high[1:] = np.fmin(low[1:], high[:-1]), np.fmax(high[1:], low[:-1])
    return np.where(np.isnan(low), np.nan, joined_low), np.where(np.isnan(high), np.nan, joined_high)


def _draw_pieces(painter: QPainter, pieces: Floats) -> None:
    """Draw lines from (x1, y1, x2, y2) rows; those that are not finite are left out."""
    pieces = np.clip(pieces[np.isfinite(pieces).all(axis=1)], -_FAR_PX, _FAR_PX)
    if len(pieces):
        lines = PrimitiveArray(QLineF, 4)
        lines.resize(len(pieces))
        lines.ndarray()[:] = pieces
        painter.drawLines(*lines.drawargs())
