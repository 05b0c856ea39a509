"""How the rows divide among the classes of the target."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.panels.importing.column_text import share_text
from gui.theme import LIGHT, Theme, mix

MOST_CLASSES = 5
_LINE_PX = 18
_BAR_PX = 8
_GAP_PX = 8
_NAME_SHARE = 0.3
_COUNT_PX = 104


class ClassBars(QWidget):
    """One line per class: its name, a bar, its rows and their share; the rest in one line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._lines: tuple[tuple[str, int], ...] = ()
        self._total = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_balance(self, balance: tuple[tuple[str, int], ...]) -> None:
        """Show name and rows of every class; of many, the most frequent ones and how many more there are."""
        self._total = sum(count for _, count in balance)
        shown = balance if len(balance) <= MOST_CLASSES else balance[: MOST_CLASSES - 1]
        lines = list(shown)
        if len(balance) > len(shown):
            rest = balance[len(shown) :]
            lines.append((f"{len(rest):,} more", sum(count for _, count in rest)))
        self._lines = tuple(lines)
        words = ", ".join(f"{name}: {count:,} ({share_text(count, self._total)})" for name, count in balance[:50])
        self.setAccessibleName(f"Rows of each class: {words}")
        self.setToolTip("\n".join(f"{name}: {count:,}" for name, count in balance[:50]))
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for every line."""
        return QSize(240, _LINE_PX * len(self._lines))

    def minimumSizeHint(self) -> QSize:
        """Return the least room."""
        return QSize(160, _LINE_PX * len(self._lines))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines."""
        painter = QPainter(self)
        largest = max((count for _, count in self._lines), default=1) or 1
        name_px = round(self.width() * _NAME_SHARE)
        bars = QRect(name_px + _GAP_PX, 0, self.width() - name_px - _COUNT_PX - 2 * _GAP_PX, _LINE_PX)
        for number, (name, count) in enumerate(self._lines):
            top = number * _LINE_PX
            self._write(painter, QRect(0, top, name_px, _LINE_PX), name, Qt.AlignmentFlag.AlignRight, self._theme.text)
            bar = QRectF(bars.left(), top + (_LINE_PX - _BAR_PX) / 2, max(1.0, bars.width() * count / largest), _BAR_PX)
            painter.fillRect(bar, QColor(mix(self._theme.muted, self._theme.panel, 0.35)))
            words = f"{count:,}  ·  {share_text(count, self._total)}"
            room = QRect(self.width() - _COUNT_PX, top, _COUNT_PX, _LINE_PX)
            self._write(painter, room, words, Qt.AlignmentFlag.AlignLeft, self._theme.muted)
        painter.end()

    def _write(self, painter: QPainter, room: QRect, text: str, side: Qt.AlignmentFlag, colour: str) -> None:
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)
