"""How the cells of the table of columns are painted: little pictures of the values, choices, and words of caution."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF, QTextLayout
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.icons import icon
from gui.panels.importing.column_model import CHOSEN_ROLE, PROFILE_ROLE
from gui.panels.importing.column_text import bar_heights, shows_levels
from gui.theme import LIGHT, SMALL_PX, mix

BARS_PX = 60
_BAR_MARGIN_PX, _GAP_PX = 5, 8
_ARROW_PX = 12
_TRIANGLE_PX = 12
MOST_LINES = 2

Index = QModelIndex | QPersistentModelIndex


class _Themed(QStyledItemDelegate):
    """A delegate that paints the cell's ground as any other and leaves the rest to `paint_content`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = LIGHT

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Leave the text to `paint_content`."""
        super().initStyleOption(option, index)
        option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint ground and content."""
        super().paint(painter, option, index)
        painter.save()
        painter.setClipRect(option.rect)
        self.paint_content(painter, option, index)
        painter.restore()

    def paint_content(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint what the cell shows."""
        raise NotImplementedError

    @staticmethod
    def draw(painter: QPainter, room: QRect, text: str) -> None:
        """Write one line or two, ended with an ellipsis where they do not fit."""
        metrics = painter.fontMetrics()
        most = MOST_LINES if MOST_LINES * metrics.height() <= room.height() else 1
        lines = wrapped(text, painter.font(), room.width(), most)
        lines[-1] = metrics.elidedText(lines[-1], Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, "\n".join(lines))


class ValuesDelegate(_Themed):
    """A histogram, or bars of the most frequent levels, with the range or the levels beside it."""

    def paint_content(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint bars and text."""
        profile = index.data(PROFILE_ROLE)
        text = place = option.rect.adjusted(_GAP_PX, 0, -2, 0)
        heights = () if profile is None else bar_heights(profile)
        if heights:
            self._paint_bars(painter, place, heights, spaced=shows_levels(profile))
            text = place.adjusted(BARS_PX + _GAP_PX, 0, 0, 0)
        painter.setFont(small(option.font))
        painter.setPen(QColor(self.theme.muted))
        self.draw(painter, text, str(index.data()))

    def _paint_bars(self, painter: QPainter, place: QRect, heights: tuple[int, ...], *, spaced: bool) -> None:
        """Paint one bar per bin; bars of levels stand apart, those of a histogram touch."""
        tallest = max(heights, default=0)
        if not tallest:
            return
        base, room = place.bottom() - _BAR_MARGIN_PX + 1, place.height() - 2 * _BAR_MARGIN_PX
        step = BARS_PX / max(len(heights), 4 if spaced else 1)
        colour = QColor(mix(self.theme.muted, self.theme.panel, 0.35))
        for number, count in enumerate(heights):
            if count:
                height = max(1.0, room * count / tallest)
                width = max(1.0, step - (2.0 if spaced else 0.5))
                painter.fillRect(QRectF(place.left() + number * step, base - height, width, height), colour)
        painter.fillRect(QRectF(place.left(), base, BARS_PX, 1), QColor(self.theme.line))


class ChoiceDelegate(_Themed):
    """A value that can be changed: bold where it is the user's choice, with an arrow that says so."""

    def paint_content(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the value and the arrow."""
        text: Any = index.data()
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold if index.data(CHOSEN_ROLE) else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor({"target": self.theme.accent, "ignore": self.theme.muted}.get(text, self.theme.text)))
        place = option.rect.adjusted(_GAP_PX, 0, -_ARROW_PX - 6, 0)
        self.draw(painter, place, str(text))
        arrow = QRect(option.rect.right() - _ARROW_PX - 4, option.rect.center().y() - _ARROW_PX // 2 + 1, _ARROW_PX, _ARROW_PX)
        icon("chevron-down", self.theme, colour=self.theme.muted, size=_ARROW_PX).paint(painter, arrow)


class RemarksDelegate(_Themed):
    """Words of caution behind a sign."""

    def paint_content(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint sign and words, where there are any."""
        text = str(index.data())
        if not text:
            return
        place = option.rect.adjusted(_GAP_PX, 0, -4, 0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_sign(painter, QPointF(place.left(), place.center().y() + 0.5))
        painter.setFont(small(option.font))
        painter.setPen(QColor(self.theme.text))
        self.draw(painter, place.adjusted(_TRIANGLE_PX + 6, 0, 0, 0), text)

    def _paint_sign(self, painter: QPainter, left: QPointF) -> None:
        """Paint a triangle with an upright stroke and a dot."""
        side, middle = _TRIANGLE_PX, left.y()
        top, bottom = middle - side / 2, middle + side / 2 - 1
        painter.setPen(
            QPen(QColor(self.theme.text), 1.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        x = left.x() + side / 2
        painter.drawPolygon(QPolygonF([QPointF(x, top), QPointF(left.x() + side, bottom), QPointF(left.x(), bottom)]))
        painter.drawLine(QPointF(x, top + 4.2), QPointF(x, bottom - 4.2))
        painter.drawPoint(QPointF(x, bottom - 2.2))


def wrapped(text: str, font: QFont, width: float, most: int) -> list[str]:
    """Return a text in lines no wider than `width`, parted between words; the last of `most` lines has all the rest."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    starts: list[int] = []
    while len(starts) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 1.0))
        starts.append(line.textStart())
    layout.endLayout()
    ends = [*starts[1:], len(text)]
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)] or [""]


def small(font: QFont) -> QFont:
    """Return a font in the small size."""
    small = QFont(font)
    small.setPixelSize(SMALL_PX)
    return small
