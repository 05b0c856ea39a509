"""The plane to draw on: points in their colours, the brush under the pointer, and below them what the network makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.data.examples.drawn import MOST_CLASSES
from gui.theme import LIGHT, Theme
from gui.views.drawing_points import DrawingState, dabs, spray
from gui.views.framed_plot import FramedPlot
from gui.views.plot_layers import ImageLayer, PixelMapping, PlotLayer
from gui.views.point_stamps import PointGroup, PointsLayer
from gui.views.prediction_fit import CurvesLayer
from gui.views.prediction_points import class_colour, class_marker, train_style

Array = NDArray[np.floating[Any]]

POINT_SPACING_PX = 9.0
"""Way between two points of the thinnest brush."""

FEWEST_ERASED_PX = 7.0
"""Radius of the thinnest eraser."""

_SEED = 0
"""Of the places inside a wide brush: the same strokes give the same points."""


class BrushRing(PlotLayer):
    """The outline of the brush where the pointer is."""

    def __init__(self, view_box: pg.ViewBox) -> None:
        super().__init__(view_box, 60.0)
        self.colour, self.under = LIGHT.text, LIGHT.panel
        self.radius = 0.0
        self._at: QPointF | None = None

    def move_to(self, at: QPointF | None) -> None:
        """Show the brush at a pixel of the plot, or not at all."""
        if at != self._at:
            self._at = at
            self.update()

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw the ring, light below dark, so that it shows on every ground."""
        if self._at is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((self.under, 3.0), (self.colour, 1.2)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawEllipse(self._at, max(self.radius, 3.0), max(self.radius, 3.0))


class DrawingCanvas(FramedPlot):
    """A plane that turns strokes of the pointer into points.

    Lives in the GUI thread.

    Signals
    -------
    stroke_begun()
    brushed(object)
        Points in data units, ndarray of shape (n, 2), as the brush passes.
    erased(object)
        ((x, y), (reach_x, reach_y)) in data units, as the eraser passes.
    stroke_ended()

    Attributes
    ----------
    image, curve : ImageLayer, CurvesLayer
        What the network makes of the plane, below the points, or of the curve, above them.
    """

    stroke_begun = Signal()
    brushed = Signal(object)
    erased = Signal(object)
    stroke_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, grid=True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Plane to draw on")
        self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        self.erasing = False
        self._radius = 0.0
        self._generator = np.random.default_rng(_SEED)
        self._last: QPointF | None = None
        self._travelled = 0.0
        self.image = ImageLayer(self.view_box)
        self._points = PointsLayer(self.view_box)
        self.curve = CurvesLayer(self.view_box)
        self._ring = BrushRing(self.view_box)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        if hasattr(self, "_ring"):  # the base class sets its first theme before there is one
            self._ring.colour, self._ring.under = theme.text, theme.panel

    def set_brush(self, radius: float, *, erasing: bool) -> None:
        """Set the radius of the brush in pixels, 0 for single points, and whether it takes points away."""
        self.erasing, self._radius = erasing, radius
        self._ring.radius = self._reach() if erasing else radius
        self._ring.update()

    def show_points(self, state: DrawingState, theme: Theme, n_classes: int) -> None:
        """Show a drawing; one class stands for a curve."""
        groups = []
        for label in range(MOST_CLASSES):
            mine = state.labels == label
            if n_classes == 1:
                style = train_style(theme, theme.train, "o", len(mine))
            else:
                style = train_style(theme, class_colour(theme, label, n_classes), class_marker(label, n_classes), len(mine))
            if mine.any():
                groups.append(PointGroup(style, state.points[mine, 0], state.points[mine, 1]))
            if n_classes <= label + 1:
                break
        self._points.set_groups(tuple(groups))

    # ------------------------------------------------------------------ pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke with one dab."""
        event.accept()
        at = self._place(event)
        if event.button() != Qt.MouseButton.LeftButton or at is None:
            return
        self._last, self._travelled = at, 0.0
        self.stroke_begun.emit()
        self._dab(np.array([[at.x(), at.y()]]), pressed=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the brush, and go on with the stroke."""
        super().mouseMoveEvent(event)
        inside = self._place(event)
        self._ring.move_to(inside)
        if self._last is None:
            return
        at = self.view_box.mapFromScene(self.mapToScene(event.position().toPoint()))
        spacing = POINT_SPACING_PX if self._radius <= 0.0 else max(POINT_SPACING_PX, 0.6 * self._radius)
        start, end = (self._last.x(), self._last.y()), (at.x(), at.y())
        if self.erasing:
            spacing = 0.5 * self._reach()
        places, self._travelled = dabs(start, end, spacing, self._travelled)
        self._last = at
        if len(places):
            self._dab(places, pressed=False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        event.accept()
        if self._last is not None and event.button() == Qt.MouseButton.LeftButton:
            self._last = None
            self.stroke_ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the second press of two quick ones as any other."""
        self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the brush."""
        super().leaveEvent(event)
        self._ring.move_to(None)

    def _place(self, event: QMouseEvent) -> QPointF | None:
        """Return the pixel of the plot under the pointer, None outside."""
        in_scene = self.mapToScene(event.position().toPoint())
        return self.view_box.mapFromScene(in_scene) if self.view_box.sceneBoundingRect().contains(in_scene) else None

    def _dab(self, centres: Array, *, pressed: bool) -> None:
        """Pass on what the brush does at places in the plot's pixels."""
        mapping = self._ring.mapping()
        if self.erasing:
            reach = self._reach()
            for x, y in centres:
                place = ((x - mapping.x_offset) / mapping.x_factor, (y - mapping.y_offset) / mapping.y_factor)
                self.erased.emit((place, (reach / mapping.x_factor, reach / -mapping.y_factor)))
            return
        per_dab = max(1, round((self._radius / 8.0) ** 2) if pressed else round(self._radius / 8.0))
        pixels = spray(self._generator, centres, self._radius, per_dab)
        x = (pixels[:, 0] - mapping.x_offset) / mapping.x_factor
        y = (pixels[:, 1] - mapping.y_offset) / mapping.y_factor
        self.brushed.emit(np.column_stack([x, y]))

    def _reach(self) -> float:
        return max(self._radius, FEWEST_ERASED_PX)
