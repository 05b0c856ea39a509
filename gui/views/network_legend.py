"""The legend of the network diagram: the sign scale with its numbers for every kind of unit, and the width of the links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter

from gui.theme import Theme
from gui.views.network_links import LinkLook
from gui.views.network_strokes import WIDEST_PX
from gui.views.network_tiles import COVERED_SHARE, SHARE, SIGNED, ColourRange, fixed_range, function_in
from gui.views.number_text import fixed_number

_LEFT, _TOP = 12, 10
_BAR, _SHORTEST_BAR = 112, 64
_BAR_HEIGHT = 7
_LINE = 14
_GAP = 8
_SWATCH, _SWATCH_GAP = 14, 6
_CLEARANCE = 5
_ROOMY_HEIGHT = 230
_PERCENTILE = round(100 * COVERED_SHARE)
_TICKS = {SIGNED: ("−1", "0", "+1"), SHARE: ("0", "½", "1"), None: (f"−p{_PERCENTILE}", "0", f"p{_PERCENTILE}")}
"""By the fixed range of a kind of unit; without one the colours end at a percentile of the layer's activations, by size."""


@dataclass(frozen=True)
class LegendRow:
    """The numbers at the left end, the middle and the right end of the colour bar, and what they hold for."""

    ticks: tuple[str, str, str]
    words: str


class Legend:
    """The legend of one network at one size of the panel.

    Parameters
    ----------
    activations : sequence of str
        Where every layer's shown activations come from, in the words of `shown_activations`.
    notes : sequence of str
        Lines to add below.
    room : float
        How far it may reach to the right, in pixels.
    height : int
        Of the panel; a low one gets the first row only.
    words : bool
        Whether to say which units each row is for, where there is more than one row.
    metrics : QFontMetricsF
        Of the small typeface.

    Attributes
    ----------
    right, bottom : float
        Its edges, in pixels from the panel's upper left corner.
    """

    def __init__(
        self, activations: Sequence[str], notes: Sequence[str], room: float, height: int, metrics: QFontMetricsF, words: bool
    ) -> None:
        roomy = height >= _ROOMY_HEIGHT
        self._bar = min(_BAR, max(_SHORTEST_BAR, int(room) - _LEFT - _GAP))
        self.rows = legend_rows(activations) if roomy else legend_rows(activations)[:1]
        self._notes = tuple(notes) if roomy else ()
        self._shows_width = roomy
        self._shows_words = words and len(self.rows) > 1
        advance = metrics.horizontalAdvance
        beside = [_GAP + advance(row.words) if self._shows_words else 0.0 for row in self.rows]
        below = [_SWATCH + _SWATCH_GAP + advance(_width_text(88.88))] if roomy else []
        below += [advance(note) for note in self._notes]
        self._line_rights = [_LEFT + width for width in (*(self._bar + extra for extra in beside), *below)]
        self.right, self.bottom = max(self._line_rights), _line_top(len(self._line_rights))

    def touches(self, points: NDArray[np.floating[Any]]) -> bool:
        """Return whether any of these points, shape (..., 2), lies on one of its lines or close to it."""
        x, y = points[..., 0], points[..., 1]
        return any(
            bool(((x < right + _CLEARANCE) & (y < _line_top(line + 1) + _CLEARANCE)).any())
            for line, right in enumerate(self._line_rights)
        )

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw what does not change from frame to frame."""
        bar = QRectF(_LEFT, _TOP, self._bar, _BAR_HEIGHT)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for place, colour in ((0.0, theme.negative), (0.5, theme.zero), (1.0, theme.positive)):
            gradient.setColorAt(place, QColor(colour))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 2, 2)
        painter.setPen(QColor(theme.muted))
        for number, row in enumerate(self.rows):
            self._paint_row(painter, row, _line_top(number))
        for number, note in enumerate(self._notes):
            line = QRectF(_LEFT, _line_top(len(self.rows) + self._shows_width + number), self.right - _LEFT + 4, _LINE)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, note)

    def paint_width(self, painter: QPainter, look: LinkLook, theme: Theme, widest_px: float = WIDEST_PX) -> None:
        """Draw what the widest link of this frame stands for, and how many links have no finite weight."""
        if not self._shows_width:
            return
        middle = _line_top(len(self.rows)) + _LINE / 2
        painter.fillRect(QRectF(_LEFT, middle - widest_px / 2, _SWATCH, widest_px), QColor(theme.muted))
        painter.setPen(QColor(theme.muted))
        metrics = QFontMetricsF(painter.font())
        place = QPointF(_LEFT + _SWATCH + _SWATCH_GAP, middle + metrics.capHeight() / 2)
        text = _width_text(look.scale)
        painter.drawText(place, text)
        if look.n_not_finite:
            painter.setPen(QColor(theme.not_finite))
            painter.drawText(place + QPointF(metrics.horizontalAdvance(text) + _GAP, 0), f"{look.n_not_finite:,} not finite")

    def _paint_row(self, painter: QPainter, row: LegendRow, top: float) -> None:
        line = QRectF(_LEFT, top, self._bar, _LINE)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for side, tick in zip(sides, row.ticks, strict=True):
            painter.drawText(line, side | Qt.AlignmentFlag.AlignVCenter, tick)
        if self._shows_words:
            beside = QRectF(line.right() + _GAP, top, self.right - line.right(), _LINE)
            painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, row.words)


def legend_rows(activations: Sequence[str]) -> tuple[LegendRow, ...]:
    """Return one row per kind of unit in the network, that of the inputs first."""
    words: dict[ColourRange | None, list[str]] = {}
    last = len(activations) - 1
    for layer, name in enumerate(activations):
        word = "inputs" if layer == 0 else "output" if layer == last else function_in(name)
        known = words.setdefault(fixed_range(name), [])
        if word not in known:
            known.append(word)
    return tuple(LegendRow(_TICKS[span], ", ".join(layers)) for span, layers in words.items())


def _width_text(scale: float) -> str:
    return f"|w| {fixed_number(scale)}"


def _line_top(line: int) -> float:
    return float(_TOP + _BAR_HEIGHT + 2 + _LINE * line)
