"""The track of the timeline: the whole recorded line as small curves, its marks, and a cursor to drag."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.session.loss_curve import LossCurve
from gui.theme import LIGHT, TIMELINE_HEIGHT, Theme, mix
from gui.views.framed_plot import small_font
from gui.views.line_marks import LineMark

Floats = NDArray[np.float64]

_SIDE = 10.0
_TOP, _BOTTOM = 20.0, 50.0
_LABEL_PX = 14.0
_HANDLE_PX = 6.5
_PX_PER_COLUMN = 5.0
_STALE_PX, _STALE_SECONDS, _MOST_STALE_PX = 1.5, 0.18, 24.0
"""While training runs the small curves are drawn anew when their end is so far off its place, but only five times a second as
long as it is not very far off: they shrink slowly to make room, which nobody follows closer."""

_WIDE_PX = 560
_MARK_PX = 4.0
_FUTURE_FADED = 0.62
_PAGE = 10


class TimelineTrack(QWidget):
    """The recorded line from step 0 to its end; what lies right of the cursor is the recorded future, faded.

    Home, End, Page Up and Page Down move while it has the focus; arrow keys are left to the window.

    Signals
    -------
    step_requested(object)
        The step under the pointer, while dragging and on release, or the step asked for by a key.
    """

    step_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme = LIGHT
        self._curve = LossCurve()
        self._marks: tuple[LineMark, ...] = ()
        self._step = 0
        self._last_step = 0
        self._asked: int | None = None
        self._dragging = False
        self._hover_x: float | None = None
        self._keyboard_focus = False
        self._curves: QPixmap | None = None
        self._curves_key: tuple[object, ...] = ()
        self._curves_end = 0
        self._curves_at = 0.0
        self._running = False
        self._end_text = "0"
        self._font = small_font()
        self._metrics = QFontMetricsF(self._font)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(TIMELINE_HEIGHT - 1)
        self.setMinimumWidth(120)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("Drag to any recorded step. Home, End, Page Up and Page Down move.")

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._curves = None
        self.update()

    def set_curve(self, curve: LossCurve) -> None:
        """Show this curve from now on."""
        self._curve = curve
        self._curves = None
        self.update()

    def set_marks(self, marks: tuple[LineMark, ...]) -> None:
        """Mark these steps."""
        if marks != self._marks:
            self._marks = marks
            self.update()

    def show_position(self, step: int, last_step: int, *, running: bool = False, with_figures: bool = True) -> None:
        """Put the cursor at `step` of a line that ends at `last_step`.

        Parameters
        ----------
        running : bool
            Whether training runs; the curves may then lag a little.
        with_figures : bool
            Whether to write the last step anew.
        """
        self._step, self._last_step, self._running = step, last_step, running
        if with_figures:
            self._end_text = f"{last_step:,}"
        if not self._dragging:
            self._asked = None
        self.update()

    @property
    def shown_step(self) -> int:
        """Where the cursor stands: at the step asked for, until the picture has followed."""
        return self._step if self._asked is None else self._asked

    def sizeHint(self) -> QSize:
        """Return a comfortable width."""
        return QSize(480, TIMELINE_HEIGHT - 1)

    # -- places ----------------------------------------------------------------------------------------------------------

    @property
    def rect_px(self) -> QRectF:
        """The rectangle of the small curves."""
        return QRectF(_SIDE, _TOP, max(1.0, self.width() - 2 * _SIDE), _BOTTOM - _TOP)

    def x_of(self, step: float) -> float:
        """Return where a step lies, in pixels."""
        rect = self.rect_px
        return rect.left() + rect.width() * step / max(1, self._last_step)

    def step_at(self, x: float) -> int:
        """Return the step at a pixel, within the recorded line."""
        rect = self.rect_px
        share = (x - rect.left()) / rect.width()
        return min(max(0, round(share * self._last_step)), self._last_step)

    # -- painting --------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track."""
        painter = QPainter(self)
        painter.setFont(self._font)
        painter.drawPixmap(QPointF(0.0, 0.0), self._curves_pixmap())
        cursor = round(self.x_of(self.shown_step)) + 0.5
        if self.shown_step < self._last_step:
            veil = QColor(self._theme.panel)
            veil.setAlphaF(_FUTURE_FADED)
            painter.fillRect(QRectF(cursor, _TOP, self.rect_px.right() - cursor, _BOTTOM - _TOP), veil)
        if self.isEnabled():
            self._draw_end(painter)
            self._draw_not_finite(painter)
            self._draw_marks(painter)
            self._draw_best(painter)
            self._draw_pointer(painter)
            self._draw_cursor(painter, cursor)
        painter.end()

    def _curves_pixmap(self) -> QPixmap:
        """Return the small curves, drawn anew where they would be off by a pixel."""
        ratio = self.devicePixelRatioF()
        key = (self._curve.generation, self.size(), ratio, self._keyboard_focus, self.isEnabled(), self._curve.n_measured > 0)
        if self._curves is None or key != self._curves_key:
            self._curves = QPixmap(self.size() * ratio)
            self._curves.setDevicePixelRatio(ratio)
            self._draw_curves(self._curves)
        elif self._curves_are_stale():
            self._draw_curves(self._curves)
        self._curves_key = key
        return self._curves

    def _curves_are_stale(self) -> bool:
        if not self._running:
            return self._last_step != self._curves_end
        drift = self.rect_px.width() * abs(self._last_step - self._curves_end) / max(1, self._last_step)
        has_waited = time.monotonic() - self._curves_at >= _STALE_SECONDS
        return drift >= _MOST_STALE_PX or (has_waited and drift >= _STALE_PX)

    def _draw_curves(self, pixmap: QPixmap) -> None:
        self._curves_end, self._curves_at = self._last_step, time.monotonic()
        theme, rect = self._theme, self.rect_px
        pixmap.fill(QColor(theme.panel))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), 1.5) if self._keyboard_focus else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.field))
        painter.drawRoundedRect(rect.adjusted(-4.0, -2.0, 4.0, 1.0), 4.0, 4.0)
        extremes = self._curve.measured_extremes
        if extremes is not None:
            steps, *losses = self._curve.sparkline(max(8, int(rect.width() / _PX_PER_COLUMN)))
            for values, colour in zip(losses, (theme.train, theme.validation), strict=True):
                painter.setPen(QPen(QColor(colour), 1))
                self._draw_curve(painter, steps, values, extremes)
        if self.isEnabled():
            painter.setFont(self._font)
            painter.setPen(QColor(theme.muted))
            painter.drawText(QPointF(rect.left() - 4.0, self._baseline(_BOTTOM + 3.0)), "0")
        painter.end()

    def _draw_curve(self, painter: QPainter, steps: NDArray[np.int64], losses: Floats, extremes: tuple[float, float]) -> None:
        rect = self.rect_px
        x = rect.left() + steps * (rect.width() / max(1, self._last_step))
        y = rect.bottom() - 3.0 - _heights(losses, *extremes) * (rect.height() - 6.0)
        points = np.column_stack((x, y))
        pieces = np.hstack((points[:-1], points[1:]))
        pieces = pieces[np.isfinite(pieces).all(axis=1)]
        if len(pieces):
            lines = PrimitiveArray(QLineF, 4)
            lines.resize(len(pieces))
            lines.ndarray()[:] = pieces
            painter.drawLines(*lines.drawargs())

    def _draw_end(self, painter: QPainter) -> None:
        """Write the last recorded step under the end of the track, unless the message beside says it."""
        if self._last_step > 0 and (self._step == self._last_step or self.width() >= _WIDE_PX):
            left = self.rect_px.right() + 4.0 - self._metrics.horizontalAdvance(self._end_text)
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(QPointF(round(left), self._baseline(_BOTTOM + 3.0)), self._end_text)

    def _baseline(self, top: float) -> float:
        """Return where letters stand in a line of text that begins at `top`."""
        return float(round(top + (_LABEL_PX + self._metrics.capHeight()) / 2))

    def _draw_not_finite(self, painter: QPainter) -> None:
        """Draw a line at each step with a loss that is not finite, one per pixel."""
        steps = self._curve.all_not_finite_steps()
        if len(steps):
            painter.setPen(QPen(QColor(self._theme.not_finite), 4))
            for x in np.unique(np.round(self.rect_px.left() + steps * (self.rect_px.width() / max(1, self._last_step)))):
                painter.drawLine(QPointF(x, _TOP), QPointF(x, _BOTTOM))

    def _draw_marks(self, painter: QPainter) -> None:
        """Draw a triangle for each change of settings and a ring for each fork, over the track."""
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self._marks:
            x = round(self.x_of(mark.step)) + 0.5
            painter.setPen(QPen(QColor(mix(theme.muted, theme.panel, 0.3)), 1))
            painter.drawLine(QPointF(x, _TOP - 2.0), QPointF(x, _BOTTOM))
            painter.setPen(QPen(QColor(theme.muted), 1.5))
            painter.setBrush(QColor(theme.panel if mark.fork else theme.muted))
            if mark.fork:
                painter.drawEllipse(QPointF(x, _TOP - 6.0), 3.5, 3.5)
            else:
                top = _TOP - 9.0
                painter.drawPolygon(QPolygonF([QPointF(x - 3.0, top), QPointF(x + 3.0, top), QPointF(x, top + 5.0)]))

    def _draw_best(self, painter: QPainter) -> None:
        """Mark the lowest validation loss of the line."""
        best = self._curve.best
        if best is None or best.step > self._last_step or self._curve.n_measured < 2:
            return
        x = round(self.x_of(best.step)) + 0.5
        painter.setPen(QPen(QColor(self._theme.validation), 1))
        painter.drawLine(QPointF(x, _TOP - 4.0), QPointF(x, _BOTTOM))
        self._draw_label(painter, x, "best", self._theme.muted)

    def _draw_pointer(self, painter: QPainter) -> None:
        """Say which step is under the pointer."""
        if self._hover_x is None or self._last_step == 0:
            return
        step = self.shown_step if self._dragging else self.step_at(self._hover_x)
        x = round(self.x_of(step)) + 0.5
        painter.setPen(QPen(QColor(self._theme.muted), 1))
        painter.drawLine(QPointF(x, _TOP - 2.0), QPointF(x, _BOTTOM))
        self._draw_label(painter, x, f"step {step:,}", self._theme.text)

    def _draw_label(self, painter: QPainter, x: float, text: str, colour: str) -> None:
        """Write over the track, centred at `x` but within the widget, on a ground of its own."""
        width = self._metrics.horizontalAdvance(text) + 8.0
        left = min(max(0.0, x - width / 2), self.width() - width)
        label = QRectF(left, 2.0, width, _LABEL_PX)
        painter.fillRect(label, QColor(self._theme.panel))
        painter.setPen(QColor(colour))
        painter.drawText(QPointF(round(left + 4.0), self._baseline(label.top())), text)

    def _draw_cursor(self, painter: QPainter, x: float) -> None:
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(QPointF(x, _TOP - 4.0), QPointF(x, _BOTTOM + 4.0))
        painter.setPen(QPen(QColor(theme.panel), 1.5))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(x, (_TOP + _BOTTOM) / 2), _HANDLE_PX, _HANDLE_PX)

    # -- mouse and keys --------------------------------------------------------------------------------------------------

    def _ask(self, step: int) -> None:
        """Ask for a step, and put the cursor there at once."""
        if step != self.shown_step or self._asked is not None:
            if step != self._asked:
                self.step_requested.emit(step)
            self._asked = step
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the cursor, at the pointer."""
        if event.button() == Qt.MouseButton.LeftButton and self._last_step > 0:
            self._dragging = True
            self._ask(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor, or say which step is under the pointer."""
        self._hover_x = event.position().x()
        if self._dragging:
            self._ask(self.step_at(self._hover_x))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the cursor go."""
        if event.button() == Qt.MouseButton.LeftButton and self._dragging:
            self._ask(self.step_at(event.position().x()))
            self._dragging = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus where it came by the keyboard."""
        self._keyboard_focus = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus has gone."""
        self._keyboard_focus = False
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the reading away."""
        super().leaveEvent(event)
        self._hover_x = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the start, the end, or a tenth of the line back or on; leave all other keys to the window."""
        page = max(1, math.ceil(self._last_step / _PAGE))
        targets = {
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._last_step,
            Qt.Key.Key_PageUp: max(0, self.shown_step - page),
            Qt.Key.Key_PageDown: min(self._last_step, self.shown_step + page),
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None:
            event.ignore()
        else:
            self._ask(target)

    def event(self, event: QEvent) -> bool:
        """Tell what a mark under the pointer stands for."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.text_at(event.pos().x())
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def text_at(self, x: float) -> str:
        """Return what the marks at a pixel stand for, a line each."""
        lines = [f"step {mark.step:,}: {mark.text}" for mark in self._marks if abs(self.x_of(mark.step) - x) <= _MARK_PX]
        best = self._curve.best
        if best is not None and abs(self.x_of(best.step) - x) <= _MARK_PX:
            lines.append(f"step {best.step:,}: the lowest validation loss of this line")
        return "\n".join(lines)


def _heights(losses: Floats, low: float, high: float) -> Floats:
    """Return losses on a logarithmic scale from 0 (the lowest) to 1; NaN where a loss is not finite."""
    floor = low if low > 0 else max(high * 1e-4, 1e-300)
    span = math.log(high / floor) if high > floor else 0.0
    if span == 0.0:
        return np.where(np.isfinite(losses), 0.5, np.nan)
    heights: Floats = np.log(np.maximum(losses, floor) / floor) / span
    return np.where(np.isfinite(losses), heights, np.nan)
