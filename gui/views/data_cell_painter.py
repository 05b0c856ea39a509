"""Paints the cells of the data view: text, a mark for the part, a tint for the loss.

The view's own way, a delegate asked cell by cell, takes 35 ms for a screen of 300 cells; column by column, with widths summed
from those of the letters instead of laid out anew, it takes a quarter of that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPixmap

from gui.theme import LIGHT, Theme, mix
from gui.views.data_arrangement import FIRST_VALUE, LOSS, PART
from gui.views.data_cells import MISSING
from gui.views.data_model import DataTableModel
from gui.views.data_rows import LEFT_OUT, TEST, TINTS, TRAIN, VALIDATION
from gui.views.framed_plot import small_font
from gui.views.point_stamps import PointStyle, draw_symbol

CELL_PX = 12
"""Height of the cells' type."""

_DARKEST_SHARE = 0.42
"""How much of the text's colour the strongest tint holds: the number on it stays readable."""

_PADDING = 8
_MARK_PX = 8.0
_MARK_BOX = 14
_MARK_ROOM = 16
_SELECTED_SHARE = 0.16
_RIGHT = Qt.AlignmentFlag.AlignRight


class ColumnSpan(NamedTuple):
    """A column in sight: its number, left edge and width in pixels."""

    section: int
    left: int
    width: int


def part_style(theme: Theme, part: int) -> PointStyle:
    """Return the mark of a part: its own shape, and where it has one its own colour."""
    styles = {
        LEFT_OUT: PointStyle("x", theme.muted, theme.muted, 5.0, 0.5),
        TRAIN: PointStyle("o", theme.train, theme.train, _MARK_PX, 1.0),
        VALIDATION: PointStyle("s", theme.panel, theme.validation, _MARK_PX - 1.5, 1.8),
        TEST: PointStyle("d", theme.panel, theme.text, _MARK_PX, 1.4),
    }
    return styles[part]


def tint_colours(theme: Theme) -> list[str]:
    """Return the tints of the losses from the smallest to the largest: the further from the ground, the larger."""
    return [mix(theme.panel, theme.text, _DARKEST_SHARE * step / (TINTS - 1)) for step in range(TINTS)]


class LetterWidths:
    """Widths of texts in one typeface, summed from those of their letters, each measured once."""

    def __init__(self, metrics: QFontMetricsF) -> None:
        self._metrics = metrics
        self._widths: dict[str, float] = {}

    def width(self, text: str) -> float:
        """Return the width of a text."""
        widths = self._widths
        try:
            return sum([widths[letter] for letter in text])
        except KeyError:
            for letter in text:
                widths.setdefault(letter, self._metrics.horizontalAdvance(letter))
            return sum([widths[letter] for letter in text])

    def cut(self, text: str, room: float) -> str:
        """Return as much of a text as fits, with an ellipsis where that is not all of it."""
        if self.width(text) <= room:
            return text
        return self._metrics.elidedText(text[:200], Qt.TextElideMode.ElideRight, room) if room > 0 else ""


class CellPainter:
    """Paints the cells of a :class:`DataTableModel`."""

    def __init__(self, model: DataTableModel) -> None:
        self._model = model
        self._font = small_font(CELL_PX)
        metrics = QFontMetricsF(self._font)
        self._widths = LetterWidths(metrics)
        self._drop = (metrics.ascent() - metrics.descent()) / 2
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._ground, self._line = QColor(theme.panel), QColor(theme.line)
        self._text, self._muted = QColor(theme.text), QColor(theme.muted)
        self._not_finite, self._on_not_finite = QColor(theme.not_finite), QColor(mix(theme.panel, theme.not_finite, 0.16))
        self._tints = [QColor(colour) for colour in tint_colours(theme)]
        self._chosen, self._accent = QColor(mix(theme.panel, theme.accent, _SELECTED_SHARE)), QColor(theme.accent)
        self._marks: dict[tuple[int, float], QPixmap] = {}

    def width_of(self, text: str) -> int:
        """Return the width of a cell that shows a text in full."""
        return math.ceil(self._widths.width(text)) + 2 * _PADDING

    def paint(
        self,
        painter: QPainter,
        area: QRect,
        columns: Sequence[ColumnSpan],
        places: range,
        top: int,
        height: int,
        chosen: int | None,
    ) -> None:
        """Draw the cells of some columns and rows over everything that is in `area`.

        Parameters
        ----------
        painter : QPainter
        area : QRect
            What has to be covered.
        columns : sequence of ColumnSpan
        places : range
            Where the rows stand among those shown.
        top, height : int
            Upper edge of the first row, and the height of each, in pixels.
        chosen : int or None
            Where the chosen row stands among those shown.
        """
        painter.fillRect(area, self._ground)
        right = columns[-1].left + columns[-1].width if columns else 0
        if chosen is not None and chosen in places:
            y = top + (chosen - places.start) * height
            painter.fillRect(area.left(), y, right - area.left(), height, self._chosen)
            if columns and columns[0].section == 0:
                painter.fillRect(columns[0].left, y, 3, height - 1, self._accent)
        for row in range(len(places)):
            painter.fillRect(area.left(), top + (row + 1) * height - 1, right - area.left(), 1, self._line)
        painter.setFont(self._font)
        for column in columns:
            self._paint_column(painter, column, places, top, height)

    def _paint_column(self, painter: QPainter, column: ColumnSpan, places: range, top: int, height: int) -> None:
        section = column.section
        left = column.left + _PADDING + (_MARK_ROOM if section == PART else 0)
        room = column.left + column.width - _PADDING - left
        to_right = bool(self._model.alignment(section) & _RIGHT)
        plain = self._text if section >= FIRST_VALUE else self._muted
        baseline = top + height / 2 + self._drop
        if section == LOSS:
            inks = self._paint_tints(painter, column, places, top, height)
        elif section == PART:
            self._paint_marks(painter, column, places, top, height)
        for number, text in enumerate(self._model.texts(section, places)):
            painter.setPen(inks[number] if section == LOSS else self._muted if text is MISSING else plain)
            text = self._widths.cut(text, room)
            x = left + room - self._widths.width(text) if to_right else left
            painter.drawText(QPointF(x, baseline + number * height), text)

    def _paint_tints(self, painter: QPainter, column: ColumnSpan, places: range, top: int, height: int) -> list[QColor]:
        """Fill cells with the tints of their losses, and return the colours for their numbers."""
        inks = []
        assert self._model.rows is not None
        scale = self._model.rows.loss_scale
        for number, place in enumerate(places):
            loss = self._model.loss(place)
            cell = QRect(column.left + 1, top + number * height, column.width - 2, height - 1)
            if loss is None:
                inks.append(self._muted)
            elif math.isfinite(loss):
                painter.fillRect(cell, self._tints[scale.tint_of(loss)])
                inks.append(self._text)
            else:
                painter.fillRect(cell, self._on_not_finite)
                inks.append(self._not_finite)
        return inks

    def _paint_marks(self, painter: QPainter, column: ColumnSpan, places: range, top: int, height: int) -> None:
        ratio = painter.device().devicePixelRatio()
        assert self._model.rows is not None
        parts = self._model.rows.parts[self._model.shown[places.start : places.stop]].tolist()
        for number, part in enumerate(parts):
            mark = self._marks.get((part, ratio))
            if mark is None:
                mark = self._marks[part, ratio] = self._drawn_mark(part, ratio)
            painter.drawPixmap(column.left + _PADDING - 2, top + number * height + (height - _MARK_BOX) // 2, mark)

    def _drawn_mark(self, part: int, ratio: float) -> QPixmap:
        pixmap = QPixmap(round(_MARK_BOX * ratio), round(_MARK_BOX * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        draw_symbol(painter, part_style(self._theme, part), QPointF(_MARK_BOX / 2, _MARK_BOX / 2))
        painter.end()
        return pixmap
