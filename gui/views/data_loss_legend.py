"""The scale of the losses' tint, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import LIGHT, Theme, mix
from gui.views.data_cell_painter import tint_colours
from gui.views.data_cells import loss_text
from gui.views.data_rows import DataRows
from gui.views.framed_plot import small_font

_BAR, _BAR_HEIGHT = 26, 9
_GAP = 5
_NAME = "loss by rank"


class LossLegend(QWidget):
    """What the tints of the losses stand for: the smallest loss, the light half, the median, the dark half, the largest.

    Where that has no room, the ends alone; nothing as long as no losses are known.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._quartiles: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_losses(self, rows: DataRows | None) -> None:
        """Show the scale of the losses that the rows have now."""
        known = rows is not None and rows.losses is not None
        self._quartiles = rows.loss_scale.quartiles if rows is not None and known else ()
        if rows is not None and known:
            self.setToolTip("\n".join(self._explanation(rows)))
        self.setVisible(known)
        self.updateGeometry()
        self.update()

    def _explanation(self, rows: DataRows) -> list[str]:
        lines = []
        if self._quartiles:
            low, quarter, half, three_quarters, high = map(loss_text, self._quartiles)
            darker = "darker" if self._theme.name == "light" else "lighter"
            lines.append(f"The tint goes by rank: the larger the loss among those of all rows, the {darker}.")
            lines.append(f"A quarter of the losses are at most {quarter}, half {half}, three quarters {three_quarters};")
            lines.append(f"the smallest is {low}, the largest {high}.")
        if rows.n_not_finite:
            lines.append(f"{rows.n_not_finite:,} losses are not finite.")
        return lines

    def texts(self) -> tuple[str, ...]:
        """Return what stands in front of the bar, between its halves and behind it, in as much detail as there is room for."""
        variants = self._variants()
        return next((texts for texts in variants if self._width(texts) <= self.width()), variants[-1])

    def _variants(self) -> tuple[tuple[str, ...], ...]:
        if not self._quartiles:
            return (("no finite loss",),)
        low, _, median, _, high = map(loss_text, self._quartiles)
        return ((f"{_NAME}  {low}", median, high), (low, median, high), (low, high))

    def _width(self, texts: Sequence[str]) -> float:
        metrics = QFontMetricsF(small_font())
        bars = 2 * _BAR + _GAP * len(texts) if len(texts) > 1 else 0
        return sum(metrics.horizontalAdvance(text) + _GAP for text in texts) + bars

    def sizeHint(self) -> QSize:
        """Return the room of bar and words in full."""
        return QSize(round(self._width(self._variants()[0])) + 2, 18)

    def minimumSizeHint(self) -> QSize:
        """Return the room of the bar and the numbers at its ends: half a scale would say nothing."""
        return QSize(round(self._width(self._variants()[-1])) + 2, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw words, bar and numbers in one line."""
        painter = QPainter(self)
        painter.setFont(small_font())
        metrics = QFontMetricsF(small_font())
        texts = self.texts()
        colours = tint_colours(self._theme)
        middle = colours[len(colours) // 2]
        halves = ((colours[0], middle), (middle, colours[-1]))
        bars = {1: (), 2: ((colours[0], colours[-1]),), 3: halves}[len(texts)]
        width = 2 * _BAR / max(len(bars), 1)
        x = max(0.0, self.width() - self._width(texts))
        for place, text in enumerate(texts):
            x = self._paint_text(painter, metrics, x, text)
            if place < len(bars):
                self._paint_bar(painter, QRectF(x, (self.height() - _BAR_HEIGHT) / 2, width, _BAR_HEIGHT), *bars[place])
                x += width + _GAP

    def _paint_bar(self, painter: QPainter, bar: QRectF, first: str, last: str) -> None:
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        gradient.setColorAt(0.0, QColor(first))
        gradient.setColorAt(1.0, QColor(last))
        painter.fillRect(bar.adjusted(-1.0, -1.0, 1.0, 1.0), QColor(mix(self._theme.panel, self._theme.text, 0.25)))
        painter.fillRect(bar, gradient)

    def _paint_text(self, painter: QPainter, metrics: QFontMetricsF, x: float, text: str) -> float:
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QPointF(x, (self.height() + metrics.capHeight()) / 2), text)
        return x + metrics.horizontalAdvance(text) + _GAP
