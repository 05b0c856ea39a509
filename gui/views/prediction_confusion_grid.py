"""The cells of a confusion matrix: counts and shares, darker for more, and a frame around one of them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gui.theme import LIGHT, SMALL_PX, SPACE, TEXT_PX, Theme, mix, rgb
from gui.views.confusion import Confusion
from gui.views.framed_plot import small_font
from gui.views.number_text import percent
from gui.views.plot_layers import draw_sharply, resolution_of

PartName = Literal["train", "validation"]

_DARKEST_SHARE = 0.82
"""How much of the part's colour a cell with all of its row takes."""

_N_SHADES = 65
_ROOMY_PX = 40
"""From this width on a cell holds its share, too, and says 0."""

_NAME_LINE = 16
_GAP = 2
_MAX_NAME_PX = 110


class ConfusionGrid(QWidget):
    """The matrix itself: counts, shares of the row, darker for more.

    Lives in the GUI thread.

    Signals
    -------
    clicked(object)
        (row, column) of the cell that was clicked, None beside the cells.
    """

    clicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._matrix: Confusion | None = None
        self._part: PartName = "validation"
        self.marked: tuple[int, int] | None = None
        self._small = small_font()
        self._counts = {size: small_font(size, bold=True) for size in (TEXT_PX, SMALL_PX)}
        self._shades: list[tuple[QColor, QColor]] = []
        self._backdrop: QPixmap | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(80, 80)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._shades, self._backdrop = [], None
        self.update()

    def set_matrix(self, matrix: Confusion | None, part: PartName) -> None:
        """Show a matrix, in the colour of the part it is of; costs nothing where it is the one already shown."""
        same = matrix is not None and self._matrix is not None and matrix.names == self._matrix.names
        if same and part == self._part and np.array_equal(matrix.counts, self._matrix.counts):
            return
        if part != self._part:
            self._shades = []
        if not same:
            self._backdrop = None
        self._matrix, self._part = matrix, part
        self.update()

    def set_mark(self, cell: tuple[int, int] | None) -> None:
        """Frame one cell, by row and column; None frames none."""
        if cell != self.marked:
            self.marked = cell
            self.update()

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """Return row and column of the cell at a pixel, None beside the cells."""
        if self._matrix is None:
            return None
        area, n = self._area(), len(self._matrix.names)
        column = int((place.x() - area.left()) // (area.width() / n))
        row = int((place.y() - area.top()) // (area.height() / n))
        return (row, column) if 0 <= row < n and 0 <= column < n else None

    def cell_rect(self, cell: tuple[int, int]) -> QRectF:
        """Return the rectangle of a cell by row and column, in pixels."""
        assert self._matrix is not None
        area, n = self._area(), len(self._matrix.names)
        wide, high = area.width() / n, area.height() / n
        return QRectF(area.left() + cell[1] * wide, area.top() + cell[0] * high, wide - _GAP, high - _GAP)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press, so that the release comes here, too."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Say which cell was clicked."""
        event.accept()
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit(self.cell_at(event.position()))

    def text_at(self, x: float, y: float) -> str:
        """Return what the cell at a pixel says, in words."""
        if self._matrix is None:
            return ""
        cell = self.cell_at(QPointF(x, y))
        if cell is None:
            return ""
        row, column = cell
        count, share = self._matrix.counts[row, column], self._matrix.shares()[row, column]
        actual, predicted = self._matrix.names[row], self._matrix.names[column]
        return f"actual {actual}, predicted {predicted}\n{int(count):,} rows, {percent(share)} of all {actual}"

    def event(self, event: QEvent) -> bool:
        """Say what the cell under the pointer is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.text_at(event.position().x(), event.position().y()), self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the names anew."""
        super().resizeEvent(event)
        self._backdrop = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the names, and draw the cells on them."""
        painter = QPainter(self)
        if self._matrix is None:
            painter.fillRect(self.rect(), QColor(self._theme.panel))
            return
        area = self._area()
        ratio = resolution_of(painter)
        if self._backdrop is None or self._backdrop.devicePixelRatio() != ratio:
            self._backdrop = self._drawn_names(area, ratio)
        draw_sharply(painter, self._backdrop)
        self._shades = self._shades or self._made_shades()
        n = len(self._matrix.names)
        wide, high = area.width() / n, area.height() / n
        shades = (self._matrix.shares() * (_N_SHADES - 1)).round().astype(int).tolist()
        for row, counts in enumerate(self._matrix.counts.tolist()):
            for column, count in enumerate(counts):
                cell = QRectF(area.left() + column * wide, area.top() + row * high, wide - _GAP, high - _GAP)
                self._paint_cell(painter, cell, count, sum(counts), shades[row][column])
        if self.marked is not None and max(self.marked) < n:
            self._paint_mark(painter, self.cell_rect(self.marked))

    def _paint_mark(self, painter: QPainter, cell: QRectF) -> None:
        for colour, width, inset in ((self._theme.panel, 5.0, 2.5), (self._theme.text, 2.0, 1.5)):
            painter.setPen(
                QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin)
            )
            painter.drawRect(cell.adjusted(inset, inset, -inset, -inset))

    def _paint_cell(self, painter: QPainter, cell: QRectF, count: int, row_count: int, shade: int) -> None:
        fill, ink = self._shades[shade]
        painter.fillRect(cell, fill)
        if count == 0 and cell.width() < _ROOMY_PX:
            return
        painter.setPen(ink if count else QColor(self._theme.muted))
        size = TEXT_PX if cell.width() >= 34 and cell.height() >= 18 else SMALL_PX
        painter.setFont(self._counts[size] if count else self._small)
        if cell.height() < 34 or cell.width() < _ROOMY_PX:
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, f"{count:,}")
            return
        middle = cell.center().y()
        painter.drawText(QRectF(cell.left(), middle - 16, cell.width(), 17), Qt.AlignmentFlag.AlignCenter, f"{count:,}")
        painter.setFont(self._small)
        share = percent(count / max(row_count, 1))
        painter.drawText(QRectF(cell.left(), middle + 1, cell.width(), 14), Qt.AlignmentFlag.AlignCenter, share)

    def _made_shades(self) -> list[tuple[QColor, QColor]]:
        """Return the colours of cells and of the figures on them, from none of a row to all of it."""
        theme = self._theme
        hue = theme.train if self._part == "train" else theme.validation
        fills = [mix(theme.field, hue, _DARKEST_SHARE * shade / (_N_SHADES - 1)) for shade in range(_N_SHADES)]
        return [(QColor(fill), QColor(readable_on(fill, theme))) for fill in fills]

    def _drawn_names(self, area: QRectF, ratio: float) -> QPixmap:
        backdrop = QPixmap(self.size() * ratio)
        backdrop.setDevicePixelRatio(ratio)
        backdrop.fill(QColor(self._theme.panel))
        painter = QPainter(backdrop)
        self._paint_names(painter, area)
        painter.end()
        return backdrop

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        """Draw what rows and columns are, and the names of both; column names stand upright where they are too long."""
        assert self._matrix is not None
        n = len(self._matrix.names)
        wide, high = area.width() / n, area.height() / n
        names_above = QRectF(area.left(), SPACE / 2 + _NAME_LINE, area.width(), area.top() - SPACE / 2 - _NAME_LINE)
        painter.setFont(self._small)
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QRectF(area.left(), SPACE / 2, area.width(), _NAME_LINE), Qt.AlignmentFlag.AlignCenter, "predicted")
        self._paint_upright(painter, QRectF(SPACE / 2, area.top(), _NAME_LINE, area.height()), "actual", centred=True)
        painter.setPen(QColor(self._theme.text))
        left, room = _NAME_LINE + SPACE / 2, area.left() - _NAME_LINE - SPACE
        for place, name in enumerate(self._matrix.names):
            target = QRectF(left, area.top() + place * high, room, high - _GAP)
            alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(target, alignment, self._elided(name, room))
            above = QRectF(area.left() + place * wide, names_above.top(), wide - _GAP, names_above.height() - SPACE / 4)
            if above.height() > _NAME_LINE + SPACE:
                self._paint_upright(painter, above, name, centred=False)
            else:
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, self._elided(name, above.width()))

    def _paint_upright(self, painter: QPainter, target: QRectF, text: str, *, centred: bool) -> None:
        """Draw text that reads from below upward."""
        painter.save()
        painter.translate(target.left(), target.bottom())
        painter.rotate(-90)
        horizontal = Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft
        place = QRectF(0.0, 0.0, target.height(), target.width())
        painter.drawText(place, horizontal | Qt.AlignmentFlag.AlignVCenter, self._elided(text, target.height()))
        painter.restore()

    def _elided(self, text: str, room: float) -> str:
        return QFontMetricsF(self._small).elidedText(text, Qt.TextElideMode.ElideRight, room)

    def _area(self) -> QRectF:
        """Return the rectangle of the cells."""
        assert self._matrix is not None
        metrics = QFontMetricsF(self._small)
        widest = max(metrics.horizontalAdvance(name) for name in self._matrix.names) + 1.0
        left = _NAME_LINE + SPACE + min(widest, _MAX_NAME_PX, self.width() * 0.28)
        column = (self.width() - left - SPACE) / len(self._matrix.names) - _GAP
        above = _NAME_LINE if widest <= column else max(_NAME_LINE, min(widest, _MAX_NAME_PX, self.height() * 0.25))
        top = SPACE / 2 + _NAME_LINE + above + SPACE / 4
        return QRectF(left, top, self.width() - left - SPACE, self.height() - top - SPACE)


def readable_on(colour: str, theme: Theme) -> str:
    """Return whichever of the theme's text and panel colours stands out more from `colour`."""
    return max((theme.text, theme.panel), key=lambda ink: _contrast(ink, colour))


def _contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2.2)."""
    shares = (value / 255.0 for value in rgb(colour))
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
