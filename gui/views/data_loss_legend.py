"""The scale of the losses' tint, with its numbers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import LIGHT, Theme
from gui.views.data_cell_painter import tint_colours
from gui.views.data_cells import loss_text
from gui.views.data_rows import COVERED_SHARE, DataRows
from gui.views.framed_plot import small_font
from gui.views.number_text import percent

_BAR, _BAR_HEIGHT = 48, 9
_GAP = 5


class LossLegend(QWidget):
    """What the tints of the losses stand for, "loss 0 [tints] 2.31"; nothing as long as no losses are known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._limit: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_losses(self, rows: DataRows | None) -> None:
        """Show the scale of the losses that the rows have now."""
        known = rows is not None and rows.losses is not None
        self._limit = rows.loss_limit if rows is not None and known else None
        if rows is not None and known:
            words = f"Darker is larger; {percent(COVERED_SHARE, 0)} of the rows have a loss up to {loss_text(rows.loss_limit)}."
            bad = f"\n{rows.n_not_finite:,} losses are not finite." if rows.n_not_finite else ""
            self.setToolTip(words.replace("Darker", "Darker" if self._theme.name == "light" else "Lighter") + bad)
        self.setVisible(known)
        self.updateGeometry()
        self.update()

    def texts(self) -> tuple[str, str, str]:
        """Return the words in front of the bar, and the numbers at its two ends."""
        return "loss", "0", f"≥ {loss_text(self._limit)}" if self._limit else "0"

    def sizeHint(self) -> QSize:
        """Return the room of bar and words."""
        metrics = QFontMetricsF(small_font())
        words = sum(metrics.horizontalAdvance(text) + _GAP for text in self.texts())
        return QSize(round(words) + _BAR + 2, 18)

    def minimumSizeHint(self) -> QSize:
        """Return the same: half a scale would say nothing."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw words, bar and numbers in one line."""
        painter = QPainter(self)
        painter.setFont(small_font())
        metrics = QFontMetricsF(small_font())
        x = 0.0
        painter.setPen(QColor(self._theme.muted))
        words, low, high = self.texts()
        for text in (words, low):
            x = self._paint_text(painter, metrics, x, text)
        bar = QRectF(x, (self.height() - _BAR_HEIGHT) / 2, _BAR, _BAR_HEIGHT)
        tints = tint_colours(self._theme)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        gradient.setColorAt(0.0, QColor(tints[0]))
        gradient.setColorAt(1.0, QColor(tints[-1]))
        painter.fillRect(bar, gradient)
        painter.setPen(QPen(QColor(self._theme.line), 1.0))
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(QColor(self._theme.muted))
        self._paint_text(painter, metrics, x + _BAR + _GAP, high)

    def _paint_text(self, painter: QPainter, metrics: QFontMetricsF, x: float, text: str) -> float:
        place = QPointF(x, (self.height() + metrics.capHeight()) / 2)
        painter.drawText(place, text)
        return x + metrics.horizontalAdvance(text) + _GAP
