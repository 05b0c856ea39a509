"""The plot of the loss over the steps: its window, its axes, and what the mouse does in it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsSimpleTextItem, QWidget

from gui.session.loss_curve import LossCurve
from gui.theme import Theme
from gui.views.framed_plot import FramedPlot, small_font
from gui.views.loss_cursor import CursorLayer
from gui.views.loss_display import LossDisplay
from gui.views.loss_layers import CurvesLayer
from gui.views.ticks import axis_end, linear_range, linear_ticks, log_range, log_ticks, step_text, step_ticks, tick_text

Range = tuple[float, float]

_RIGHT_MARGIN = 24
_NOTE_PX = 16
_TICK_GAP_X_PX = 60.0
_TICK_GAP_Y_PX = 22.0
_BATCH_REACH = {True: 3.0, False: 1.25}
"""The batch loss may widen a logarithmic and a linear loss axis by this factor beyond the measured losses; further out the band
leaves the picture."""

_ROOM_LEFT, _ROOM_RIGHT = 0.015, 0.02
"""Room for the dots at the ends of the curves, as shares of the step axis."""

_LAG_PX = 2.0
_MIN_STEPS = 8.0
_ZOOM_PER_NOTCH = 1.25
_NEAR_PX = 7.0
_DRAG_PX = 4.0


class LossPlot(FramedPlot):
    """The curves over the whole run, or over the part zoomed into; nothing here moves by itself but the end of the curve.

    Signals
    -------
    step_chosen(object)
        The step double-clicked, or clicked on a curve.
    zoom_changed(bool)
        Whether less than the whole run is shown.
    """

    step_chosen = Signal(object)
    zoom_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.display = LossDisplay()
        self._window: tuple[Range, Range] | None = None
        self._zoomed = False
        self._pressed_at: QPointF | None = None
        self._dragged_from: tuple[Range, Range] | None = None
        super().__init__(parent, grid=True)
        self.getPlotItem().layout.setContentsMargins(4, 8, _RIGHT_MARGIN, 0)
        self.bottom_axis.set_names(("step",))
        self._curves = CurvesLayer(self.view_box, self.display)
        self._cursor = CursorLayer(self.view_box, self.display)
        self._note = QGraphicsSimpleTextItem(self.bottom_axis)  # a label over the view would cost a second paint per frame
        self._note.setFont(small_font())
        self.hovered.connect(self._show_reading)
        self.view_box.sigResized.connect(self._place_ticks)
        self.setCursor(Qt.CursorShape.CrossCursor)

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        self.display.theme = theme
        if hasattr(self, "_note"):
            self._note.setBrush(QColor(theme.muted))
            self._redraw()

    def set_loss_names(self, names: tuple[str, ...]) -> None:
        """Name the loss axis, in several lengths, longest first."""
        self.left_axis.set_names(names)

    def set_curve(self, curve: LossCurve) -> None:
        """Show another curve from its beginning to its end."""
        self.display.curve = curve
        self.display.hover_step = None
        self.show_whole_run()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Choose between a logarithmic and a linear loss axis."""
        self.display.logarithmic = logarithmic
        self.show_whole_run()

    def set_smoothing(self, window: int) -> None:
        """Draw the median of the batch loss over so many steps; 0 draws none."""
        self.display.window = window
        self._redraw()

    def show_step(self, step: int, *, running: bool = False, with_figures: bool = True) -> None:
        """Bring the picture up to date: the curve as far as it goes, the cursor at `step`.

        Parameters
        ----------
        running : bool
            Whether the curve may lag by the two pixels that the dots at its end cover.
        with_figures : bool
            Whether to write the number of steps anew.
        """
        self.display.step = step
        self._fit()
        self._curves.show_growth(least_px=_LAG_PX if running else 0.0)
        self._cursor.update()
        if with_figures:
            self._write_note()

    @Slot()
    def show_whole_run(self) -> None:
        """Leave the zoom: show the run from its beginning to its end."""
        self._set_zoomed(False)
        self._window = None
        self._fit()
        self._redraw()

    @property
    def zoomed(self) -> bool:
        """Whether less than the whole run is shown."""
        return self._zoomed

    def _redraw(self) -> None:
        self._curves.redraw()
        self._cursor.update()

    def paint_axes(self, painter: QPainter) -> None:
        """Paint the axes and the note."""
        super().paint_axes(painter)
        painter.setFont(self._note.font())
        painter.setPen(QColor(self.display.theme.muted))
        corner = self._note.scenePos()
        painter.drawText(corner + QPointF(0.0, QFontMetricsF(self._note.font()).ascent()), self._note.text())

    # -- the window ------------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        """Set the window for the whole run; a new one only where the curve has left the old one."""
        if not self._zoomed:
            self._show_window(self._step_range(), self._loss_range())

    def _show_window(self, x_range: Range, y_range: Range) -> None:
        if self._window != (x_range, y_range):
            self._window = (x_range, y_range)
            self._place_ticks()
            self.set_window(x_range, y_range)
            self.getPlotItem().layout.activate()  # now, not in the next turn of the event loop: that would be a second paint

    def _step_range(self) -> Range:
        """Return the ends of the step axis: the whole run, and room for it to grow."""
        end = axis_end(self.display.curve.step_count)
        return -_ROOM_LEFT * end, (1.0 + _ROOM_RIGHT) * end

    def _loss_range(self) -> Range:
        """Return the ends of the loss axis: all that was measured, with now, and batch losses that are not a long way off."""
        curve = self.display.curve
        measured, batch = self._with_now(curve.measured_extremes), curve.batch_extremes
        extremes = measured or batch
        if extremes is None:
            return (-1.0, 0.0) if self.display.logarithmic else (0.0, 1.0)
        low, high = extremes
        if measured is not None and batch is not None:
            reach = _BATCH_REACH[self.display.logarithmic]
            low, high = min(low, max(batch[0], low / reach)), max(high, min(batch[1], high * reach))
        if not self.display.logarithmic:
            return linear_range(low, high)
        return log_range(low if low > 0 else high * 1e-4, high) if high > 0 else (-1.0, 0.0)

    def _with_now(self, extremes: Range | None) -> Range | None:
        """Return extremes widened to the losses of now: in a long first epoch there is no other measurement but the start's."""
        now = self.display.now
        losses = () if now is None else (now.train_loss, now.validation_loss)
        finite = [loss for loss in losses if loss is not None and math.isfinite(loss)]
        if not finite:
            return extremes
        low, high = extremes or (finite[0], finite[0])
        return min(low, *finite), max(high, *finite)

    @Slot()
    def _place_ticks(self) -> None:
        """Put round numbers on the axes, as many as there is room for."""
        if self._window is None:
            return
        (x_low, x_high), (y_low, y_high) = self._window
        rect = self.view_box.rect()
        n_x, n_y = max(2, int(rect.width() / _TICK_GAP_X_PX) + 1), max(2, int(rect.height() / _TICK_GAP_Y_PX) + 1)
        if self.display.logarithmic:
            places = [(math.log10(tick), tick_text(tick)) for tick in log_ticks(y_low, y_high, n_y)]
        else:
            places = [(tick, tick_text(tick)) for tick in linear_ticks(y_low, y_high, n_y)]
        self.left_axis.set_places(places)
        self.bottom_axis.set_places([(tick, step_text(tick, x_high)) for tick in step_ticks(x_low, x_high, n_x)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the axes as many numbers as now fit."""
        super().resizeEvent(event)
        if hasattr(self, "_note"):
            self.left_axis.fit_width()
            self._write_note()

    def _write_note(self) -> None:
        """Write how many steps the curve holds at the right end of the axis' name."""
        note = step_note(self.display.curve.step_count)
        size = self.bottom_axis.size()
        left = round(size.width() - QFontMetricsF(self._note.font()).horizontalAdvance(note))
        if (note, left) != (self._note.text(), self._note.x()):
            before = self._note.sceneBoundingRect()
            self._note.setText(note)
            self._note.setPos(left, size.height() - _NOTE_PX)
            self.viewport().update(before.united(self._note.sceneBoundingRect()).toAlignedRect())

    def _set_zoomed(self, zoomed: bool) -> None:
        if zoomed != self._zoomed:
            self._zoomed = zoomed
            self.zoom_changed.emit(zoomed)

    def zoom_to(self, x_range: Range, y_range: Range) -> None:
        """Show a part of the run and stay there; all of it, and the axis follows the run again."""
        whole = self._step_range()
        span = min(max(x_range[1] - x_range[0], _MIN_STEPS), whole[1] - whole[0])
        low = min(max(x_range[0], whole[0]), whole[1] - span)
        window = (low, low + span), y_range
        self._set_zoomed(window != (whole, self._loss_range()))
        self._show_window(*window)
        self._curves.show_growth()

    # -- the mouse -------------------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer: the steps, or with Ctrl and over the loss axis the loss."""
        event.accept()
        notches = event.angleDelta().y() / 120.0
        if self._window is None or not notches:
            return
        x_range, y_range = self._window
        point = self.view_box.mapSceneToView(self.mapToScene(event.position().toPoint()))
        factor = _ZOOM_PER_NOTCH**-notches
        over_axis = event.position().x() < self.view_box.sceneBoundingRect().left()
        if over_axis or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(x_range, _scaled(y_range, point.y(), factor))
        else:
            self.zoom_to(_scaled(x_range, point.x(), factor), y_range)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton and self._inside(event.position()):
            self._pressed_at, self._dragged_from = event.position(), None
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the window along, or read the numbers under the pointer."""
        super().mouseMoveEvent(event)
        if self._pressed_at is None or self._window is None:
            return
        moved = event.position() - self._pressed_at
        if self._dragged_from is None and moved.manhattanLength() >= _DRAG_PX:
            self._dragged_from = self._window
        if self._dragged_from is not None:
            x_range, y_range = self._dragged_from
            rect = self.view_box.rect()
            self.zoom_to(_moved(x_range, -moved.x() / rect.width()), _moved(y_range, moved.y() / rect.height()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or take a click on a curve as the choice of its step."""
        clicked = self._pressed_at is not None and self._dragged_from is None
        self._pressed_at = self._dragged_from = None
        if clicked and self._near_curve(event.position()):
            self._choose(event.position())
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Choose the step under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton and self._inside(event.position()):
            self._choose(event.position())
        event.accept()

    def _inside(self, position: QPointF) -> bool:
        return bool(self.view_box.sceneBoundingRect().contains(self.mapToScene(position.toPoint())))

    def _step_at(self, x: float) -> int:
        return min(max(0, round(x)), self.display.curve.step_count)

    def _choose(self, position: QPointF) -> None:
        point = self.view_box.mapSceneToView(self.mapToScene(position.toPoint()))
        self.step_chosen.emit(self._step_at(point.x()))

    def _near_curve(self, position: QPointF) -> bool:
        """Return whether the pointer is on the train or the validation curve."""
        mapping = self._cursor.mapping()
        point = self.view_box.mapFromScene(self.mapToScene(position.toPoint()))
        measurement = self.display.curve.measurement_at(self._step_at((point.x() - mapping.x_offset) / mapping.x_factor))
        if measurement is None:
            return False
        losses = [loss for loss in (measurement.train_loss, measurement.validation_loss) if loss is not None]
        heights = [mapping.point(0.0, self.display.position(loss)).y() for loss in losses if math.isfinite(loss)]
        return any(abs(height - point.y()) <= _NEAR_PX for height in heights)

    @Slot(object)
    def _show_reading(self, place: tuple[float, float, object] | None) -> None:
        curve = self.display.curve
        step = None if place is None or (not curve.n_measured and not curve.step_count) else self._step_at(place[0])
        if step != self.display.hover_step:
            self.display.hover_step = step
            self._cursor.update()


def step_note(n_steps: int) -> str:
    """Return how many steps the curve holds, in words."""
    return "1 step" if n_steps == 1 else f"{n_steps:,} steps"


def _scaled(limits: Range, centre: float, factor: float) -> Range:
    return centre + (limits[0] - centre) * factor, centre + (limits[1] - centre) * factor


def _moved(limits: Range, share: float) -> Range:
    distance = share * (limits[1] - limits[0])
    return limits[0] + distance, limits[1] + distance
