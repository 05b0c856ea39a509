"""What a view puts at the right end of its panel's head: a row of muted words, which shorten, and of links."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget


class ElidedLabel(QLabel):
    """Words in several lengths, of which the longest that fits is shown; the shortest may end in an ellipsis."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._texts: tuple[str, ...] = (text,)
        self.setProperty("role", "muted")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def set_texts(self, *texts: str) -> None:
        """Set the words, longest first."""
        self._texts = texts
        self.setText(texts[0])

    def minimumSizeHint(self) -> QSize:
        """Return no demand on the width."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as fits."""
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        text = next((text for text in self._texts if metrics.horizontalAdvance(text) <= self.width()), self._texts[-1])
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


class PanelHead(QWidget):
    """A row for a panel's head, aligned to the right."""

    def __init__(self, *parts: QWidget) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for part in parts:
            row.addWidget(part)
