"""A colour scale with numbers beside a plot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import LIGHT, SPACE, Theme
from gui.views.framed_plot import BOTTOM_AXIS_HEIGHT, TOP_MARGIN, small_font

_BAR_WIDTH = 10
_LABEL_GAP = 5
_LINE = 16


class ColourBar(QWidget):
    """A vertical scale from the lowest value below to the highest above, as tall as the plot beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._name = ""
        self._image: QImage | None = None
        self._ticks: tuple[tuple[float, str], ...] = ()
        self._marks: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def set_scale(
        self,
        name: str,
        table: NDArray[np.uint8],
        ticks: Sequence[tuple[float, str]],
        marks: Sequence[float] = (),
    ) -> None:
        """Show a scale.

        Parameters
        ----------
        name : str
            What the colours mean, written along the scale.
        table : ndarray of uint8, shape (n, 4)
            RGBA from the lowest to the highest value.
        ticks : sequence of (place from 0 to 1, text)
        marks : sequence of float
            Places of thin lines across the scale, such as the levels of contour lines.
        """
        self._name, self._ticks, self._marks = name, tuple(ticks), tuple(marks)
        column = np.ascontiguousarray(table[::-1]).reshape(-1, 1, 4)
        self._image = QImage(column.data, 1, len(table), 4, QImage.Format.Format_RGBA8888).copy()
        self.setToolTip(name)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the width of bar, numbers and name."""
        metrics = QFontMetricsF(small_font())
        numbers = max((metrics.horizontalAdvance(text) for _, text in self._ticks), default=0.0)
        return QSize(round(_BAR_WIDTH + _LABEL_GAP + numbers + _LABEL_GAP + _LINE + SPACE / 2), 80)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bar, marks, numbers and name."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        if self._image is None:
            return
        bar = QRectF(0, TOP_MARGIN, _BAR_WIDTH, self.height() - TOP_MARGIN - BOTTOM_AXIS_HEIGHT)
        painter.drawImage(bar, self._image)
        painter.setPen(QPen(QColor(255, 255, 255, 150), 1))
        for place in self._marks:
            y = round(bar.bottom() - place * bar.height()) + 0.5
            painter.drawLine(QPointF(bar.left(), y), QPointF(bar.right(), y))
        painter.setFont(small_font())
        painter.setPen(QColor(self._theme.muted))
        self._paint_numbers(painter, bar)
        self._paint_name(painter, bar)

    def _paint_numbers(self, painter: QPainter, bar: QRectF) -> None:
        """Draw the numbers from the ends inward, leaving out what would touch one already drawn."""
        taken: list[float] = []
        ordered = sorted(self._ticks, key=lambda tick: -abs(tick[0] - 0.5))
        for place, text in ordered:
            y = bar.bottom() - place * bar.height()
            if all(abs(y - other) >= _LINE for other in taken):
                taken.append(y)
                target = QRectF(bar.right() + _LABEL_GAP, y - 8, self.width() - bar.right() - _LABEL_GAP, 16)
                painter.drawText(target, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_name(self, painter: QPainter, bar: QRectF) -> None:
        painter.save()
        painter.translate(self.width() - _LINE - SPACE / 4, bar.bottom())
        painter.rotate(-90)
        metrics = QFontMetricsF(painter.font())
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, bar.height())
        painter.drawText(QRectF(0, 0, bar.height(), _LINE), Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()
