"""The words around the network diagram: names of inputs and outputs, captions below the columns, counts of hidden units."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from gui.theme import Theme
from gui.views.network_geometry import (
    CAPTION_LINE,
    HIDDEN_LINE,
    LABEL_GAP,
    Layout,
    caption_of,
    caption_span,
)
from gui.views.network_marks import paint_lock

_NAME_LINE = 20


def paint_captions(painter: QPainter, layout: Layout, frozen: Sequence[int], theme: Theme) -> None:
    """Draw what stands below the columns, in the painter's typeface and colour; a lock at the layers that are frozen."""
    width = QFontMetricsF(painter.font()).horizontalAdvance
    for layer, (plan, column) in enumerate(zip(layout.plans, layout.columns, strict=True)):
        caption = caption_of(plan, layout.caption_level)
        left, right = caption_span(caption, column.x, layout.width, width)
        line = QRectF(left - 2, layout.caption_y, right - left + 4, CAPTION_LINE)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, caption)
        if layer in frozen:
            paint_lock(painter, left, line.center().y(), theme)
        hidden = layout.hidden_text(plan)
        if hidden:
            left, right = caption_span(hidden, column.x, layout.width, width)
            painter.drawText(
                QRectF(left - 2, column.bottom + 3, right - left + 4, HIDDEN_LINE), Qt.AlignmentFlag.AlignCenter, hidden
            )


def paint_names(painter: QPainter, layout: Layout) -> None:
    """Draw the names of inputs and outputs beside their units, in the painter's typeface and colour."""
    metrics = QFontMetricsF(painter.font())
    sides = (
        (layout.plans[0], layout.columns[0], layout.left_room, Qt.AlignmentFlag.AlignRight),
        (layout.plans[-1], layout.columns[-1], layout.right_room, Qt.AlignmentFlag.AlignLeft),
    )
    for plan, column, room, side in sides:
        if not room:
            continue
        left = column.left - LABEL_GAP - room if side is Qt.AlignmentFlag.AlignRight else column.right + LABEL_GAP
        for text, middle in zip(_elided(plan.names, metrics, room + 1), column.centres, strict=True):
            line = QRectF(left, middle - _NAME_LINE / 2, room + 1, _NAME_LINE)
            painter.drawText(line, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)


def _elided(names: tuple[str, ...], metrics: QFontMetricsF, room: float) -> list[str]:
    """Return names cut to a width, at the end or in the middle, whichever keeps more of them apart."""
    modes = (Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle)
    return max(([metrics.elidedText(name, mode, room) for name in names] for mode in modes), key=lambda cut: len(set(cut)))
