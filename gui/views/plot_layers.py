"""Layers of a plot: items that draw in the plot's own pixels, so that nothing is scaled or measured by the scene.

What does not change from frame to frame is drawn once into a pixmap at the resolution of the screen (`CachedLayer`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from gui.views.one_paint import OnePaintItem

Array = NDArray[np.floating[Any]]


class PixelMapping(NamedTuple):
    """Where data coordinates lie in a plot: x_px = x * x_factor + x_offset, and the same for y (which grows downward)."""

    x_factor: float
    x_offset: float
    y_factor: float
    y_offset: float

    def points(self, x: Array, y: Array) -> Array:
        """Return pixel positions of shape (n_points, 2)."""
        return np.column_stack([x * self.x_factor + self.x_offset, y * self.y_factor + self.y_offset])

    def point(self, x: float, y: float) -> QPointF:
        """Return one pixel position."""
        return QPointF(x * self.x_factor + self.x_offset, y * self.y_factor + self.y_offset)

    def rect(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> QRectF:
        """Return the pixel rectangle of a window in data units."""
        return QRectF(self.point(x_range[0], y_range[1]), self.point(x_range[1], y_range[0]))


class PlotLayer(OnePaintItem, QGraphicsObject):
    """A layer over the whole of a plot; a subclass draws in `draw`.

    Parameters
    ----------
    view_box : pyqtgraph.ViewBox
    z : float
        Higher is nearer.
    """

    def __init__(self, view_box: pg.ViewBox, z: float = 0.0) -> None:
        QGraphicsObject.__init__(self, view_box)
        self.setZValue(z)
        view_box.sigResized.connect(self._view_changed)
        view_box.sigRangeChanged.connect(self._view_changed)

    def mapping(self) -> PixelMapping:
        """Return where data coordinates lie at the present size and window."""
        rect = self.boundingRect()
        (x_low, x_high), (y_low, y_high) = self.parentItem().viewRange()
        x_factor = rect.width() / (x_high - x_low)
        y_factor = -rect.height() / (y_high - y_low)
        return PixelMapping(x_factor, -x_low * x_factor, y_factor, -y_high * y_factor)

    def boundingRect(self) -> QRectF:
        """Return the plot's rectangle."""
        return self.parentItem().rect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None) -> None:
        """Draw the layer, clipped to the plot."""
        painter.setClipRect(self.boundingRect())
        self.draw(painter, self.mapping())

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw the layer in the plot's pixels."""
        raise NotImplementedError

    @Slot()
    def _view_changed(self) -> None:
        self.prepareGeometryChange()
        self.update()


class CachedLayer(PlotLayer):
    """A layer that is drawn once, at the resolution of the screen, and then copied."""

    def __init__(self, view_box: pg.ViewBox, z: float = 0.0) -> None:
        super().__init__(view_box, z)
        self._pixmap: QPixmap | None = None

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None) -> None:
        """Copy the layer, after drawing it anew where its size or content changed."""
        ratio = resolution_of(painter)
        size = self._device_size(ratio)
        if size.isEmpty():
            return
        if self._pixmap is None or self._pixmap.size() != size or self._pixmap.devicePixelRatio() != ratio:
            self._pixmap = self._drawn(size, ratio)
        draw_sharply(painter, self._pixmap)

    def redraw(self) -> None:
        """Have the layer drawn anew at the next paint."""
        self._pixmap = None
        self.update()

    @property
    def pixmap(self) -> QPixmap | None:
        """The drawing, to add to; None while it has to be drawn anew."""
        return self._pixmap

    def _drawn(self, size: QSize, ratio: float) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.draw(painter, self.mapping())
        painter.end()
        return pixmap

    def _device_size(self, ratio: float) -> QSize:
        rect = self.boundingRect()
        return QSize(round(rect.width() * ratio), round(rect.height() * ratio))

    @Slot()
    def _view_changed(self) -> None:
        self._pixmap = None
        super()._view_changed()


def resolution_of(painter: QPainter) -> float:
    """Return how many pixels of the screen or image a painter, neither turned nor sheared, draws per unit."""
    return painter.deviceTransform().m11()


def draw_sharply(painter: QPainter, pixmap: QPixmap) -> None:
    """Copy a pixmap to the painter's origin, pixel by pixel: at 150 % that origin may lie between two pixels of the screen.

    Parameters
    ----------
    painter : QPainter
    pixmap : QPixmap
        Drawn at the painter's resolution.
    """
    device = painter.deviceTransform()
    place = QRectF(0.0, 0.0, pixmap.width(), pixmap.height())
    painter.save()
    painter.scale(1.0 / device.m11(), 1.0 / device.m22())
    painter.translate(round(device.dx()) - device.dx(), round(device.dy()) - device.dy())
    painter.drawPixmap(place, pixmap, place)
    painter.restore()


class ImageLayer(PlotLayer):
    """A coarse image, smoothly enlarged over a window in data units; a new one per frame costs one copy of its cells."""

    def __init__(self, view_box: pg.ViewBox, z: float = -10.0) -> None:
        super().__init__(view_box, z)
        self._colours: NDArray[np.uint32] | None = None
        self._image: QImage | None = None
        self._x_range = self._y_range = (0.0, 1.0)

    def set_place(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
        """Set the window the image covers, edges of the outermost cells included."""
        self._x_range, self._y_range = x_range, y_range
        self.update()

    def set_colours(self, colours: NDArray[np.uint32] | None) -> None:
        """Show an image.

        Parameters
        ----------
        colours : ndarray of uint32, shape (height, width), or None
            0xAARRGGBB, row 0 at the lower edge. None shows nothing.
        """
        self._colours = None if colours is None else np.ascontiguousarray(colours[::-1])
        self._image = None
        if self._colours is not None:
            height, width = self._colours.shape
            self._image = QImage(self._colours.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        self.update()

    def draw(self, painter: QPainter, mapping: PixelMapping) -> None:
        """Draw the image in its window."""
        if self._image is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(mapping.rect(self._x_range, self._y_range), self._image)
