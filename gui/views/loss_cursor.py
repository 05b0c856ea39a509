"""What stands over the loss curves: the time cursor, the faded future, change marks, and the reading under the pointer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from gui.session.loss_curve import LossCurve
from gui.theme import Theme, mix
from gui.views.framed_plot import small_font
from gui.views.loss_display import LossDisplay
from gui.views.loss_text import loss_text
from gui.views.plot_layers import PixelMapping, PlotLayer

_HINT = "Press Space to train.\nThe loss of every step appears here."
_NOT_FINITE = "not finite"
_FUTURE_FADED = 0.62
_MARK_PX = 4.0
_CARD_PADDING = 8.0
_CARD_LINE = 16.0
_CARD_GAP = 16.0


class Row(NamedTuple):
    """One line of the card: a label, a value, and the name of the theme's colour for the value."""

    label: str
    value: str
    colour: str


class CursorLayer(PlotLayer):
    """What stands over the curves: the faded future, the time cursor, change marks, and the reading under the pointer."""

    def __init__(self, view_box: pg.ViewBox, display: LossDisplay) -> None:
        super().__init__(view_box, z=20.0)
        self._display = display

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw all of it."""
        painter.setFont(small_font())
        rect = self.boundingRect()
        x = round(mapping.point(float(self._display.step), 0.0).x()) + 0.5
        if self._display.step < self._display.curve.step_count:
            veil = QColor(self._display.theme.panel)
            veil.setAlphaF(_FUTURE_FADED)
            painter.fillRect(QRectF(x, 0.0, rect.width() - x, rect.height()), veil)
        self._draw_changes(painter, mapping)
        if self._display.curve.step_count == 0:
            self._draw_hint(painter, rect)
        painter.setPen(QPen(QColor(self._display.theme.accent), 1))
        painter.drawLine(QPointF(x, 0.0), QPointF(x, rect.height()))
        self._draw_dots(painter, mapping)
        self._draw_not_finite_marks(painter, mapping)
        if self._display.hover_step is not None:
            self._draw_reading(painter, mapping, self._display.hover_step)

    def _draw_hint(self, painter: QPainter, rect: QRectF) -> None:
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = painter.boundingRect(rect, int(flags), _HINT).adjusted(-8.0, -4.0, 8.0, 4.0)
        painter.fillRect(room, QColor(self._display.theme.panel))
        painter.setPen(QColor(self._display.theme.muted))
        painter.drawText(rect, int(flags), _HINT)

    def _draw_dots(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Mark the losses of now on the curves."""
        measurement = self._display.now or self._display.curve.measurement_at(self._display.step)
        if measurement is None:
            return
        theme = self._display.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for loss, colour in ((measurement.train_loss, theme.train), (measurement.validation_loss, theme.validation)):
            if loss is not None and np.isfinite(loss):
                centre = mapping.point(float(measurement.step), self._display.position(loss))
                painter.setPen(QPen(QColor(theme.panel), 1.5))
                painter.setBrush(QColor(colour))
                painter.drawEllipse(centre, 4.0, 4.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_changes(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Mark the steps at which settings were changed by a triangle at the upper edge and a thin line."""
        theme = self._display.theme
        for step, _ in self._display.curve.changes:
            x = round(mapping.point(float(step), 0.0).x()) + 0.5
            painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, 0.0), QPointF(x, self.boundingRect().height()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.muted))
            painter.drawPolygon(QPolygonF([QPointF(x - _MARK_PX, 0.0), QPointF(x + _MARK_PX, 0.0), QPointF(x, 6.0)]))

    def _draw_not_finite_marks(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Say at the upper edge where losses that are not finite begin."""
        steps = self._display.curve.all_not_finite_steps()
        if not len(steps):
            return
        x = mapping.point(float(steps[0]), 0.0).x()
        metrics = QFontMetricsF(painter.font())
        width = metrics.horizontalAdvance(_NOT_FINITE) + 8.0
        left = x - width if x > width else x
        painter.fillRect(QRectF(left, 0.0, width, _CARD_LINE), QColor(self._display.theme.not_finite))
        painter.setPen(QColor(self._display.theme.panel))
        painter.drawText(QRectF(left, 0.0, width, _CARD_LINE), Qt.AlignmentFlag.AlignCenter, _NOT_FINITE)

    def _draw_reading(self, painter: QPainter, mapping: PixelMapping, step: int) -> None:
        """Draw the line under the pointer and the card with the numbers there."""
        rect = self.boundingRect()
        x = round(mapping.point(float(step), 0.0).x()) + 0.5
        painter.setPen(QPen(QColor(self._display.theme.muted), 1))
        painter.drawLine(QPointF(x, 0.0), QPointF(x, rect.height()))
        steps_per_px = 1.0 / mapping.x_factor
        rows = reading(self._display.curve, step, max(1, round(steps_per_px)), round(_MARK_PX * steps_per_px))
        card = _card_rect(QFontMetricsF(painter.font()), rows, x, rect)
        _draw_card(painter, self._display.theme, card, rows)


def _card_rect(metrics: QFontMetricsF, rows: list[Row], x: float, plot: QRectF) -> QRectF:
    """Return where the card stands: right of the line at `x`, or left of it where there is no room."""
    text_width = max(metrics.horizontalAdvance(row.label) + metrics.horizontalAdvance(row.value) for row in rows)
    width = min(text_width + _CARD_GAP + 2 * _CARD_PADDING, plot.width())
    height = min(len(rows) * _CARD_LINE + 2 * _CARD_PADDING - 4.0, plot.height() - 8.0)
    right_of = x + 10.0 + width <= plot.right()
    left = x + 10.0 if right_of else max(0.0, x - 10.0 - width)
    return QRectF(round(left) + 0.5, 6.5, round(width), round(height))


def _draw_card(painter: QPainter, theme: Theme, card: QRectF, rows: list[Row]) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(mix(theme.line, theme.text, 0.16)), 1))
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(card, 4.0, 4.0)
    inside = card.adjusted(_CARD_PADDING, _CARD_PADDING - 2.0, -_CARD_PADDING, 0.0)
    for index, row in enumerate(rows):
        line = QRectF(inside.left(), inside.top() + index * _CARD_LINE, inside.width(), _CARD_LINE)
        painter.setPen(QColor(theme.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, row.label)
        painter.setPen(QColor(getattr(theme, row.colour)))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.value)


def reading(curve: LossCurve, step: int, column: int = 1, near: int = 0) -> list[Row]:
    """Return the numbers at `step` as rows of a card.

    Parameters
    ----------
    column : int
        Steps under one pixel: the batch loss is given as the range over as many.
    near : int
        Changes of settings up to this many steps away are told too.
    """
    rows = [Row("step", f"{step:,}", "text")]
    measurement = curve.measurement_at(step)
    if measurement is not None:
        rows.append(Row("train", loss_text(measurement.train_loss), "train"))
        if measurement.validation_loss is not None:
            rows.append(Row("validation", loss_text(measurement.validation_loss), "validation"))
        if measurement.step != step:
            rows.append(Row("measured at step", f"{measurement.step:,}", "muted"))
    first, last = max(1, step - (column - 1) // 2), min(curve.step_count, step + column // 2)
    if last >= first and step > 0:
        rows.append(_batch_row(curve, first, last))
    rows.extend(Row(f"change at {place:,}", text, "text") for place, text in curve.changes if abs(place - step) <= near)
    return rows


def _batch_row(curve: LossCurve, first: int, last: int) -> Row:
    if first == last:
        return Row("batch", loss_text(curve.batch_loss_at(first)), "text")
    _, low, high = curve.batch_range(first, last, 1)
    n_not_finite = len(curve.not_finite_steps(first, last))
    text = "" if np.isnan(low[0]) else f"{loss_text(float(low[0]))} to {loss_text(float(high[0]))}"
    if n_not_finite:
        text += f"{', ' if text else ''}{n_not_finite:,} not finite"
    return Row(f"batch, {last - first + 1:,} steps", text, "text")
