"""A line of text that is shortened in words, never cut: a number must not lose its first digits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget


class FittingLabel(QLabel):
    """Show the first of several texts that fits; the last one ends with an ellipsis where even that is too long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: tuple[str, ...] = ("",)
        self._has_place = False

    def set_texts(self, texts: Sequence[str]) -> None:
        """Give the text in several lengths, longest first."""
        self._texts = tuple(texts)
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        """Want room for the longest text."""
        return QSize(self._width_of(self._texts[0]), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Get along with little."""
        return QSize(32, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose anew."""
        super().resizeEvent(event)
        self._has_place = True
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect().width() if self._has_place else self._width_of(self._texts[0])
        fitting = (text for text in self._texts if self._width_of(text) <= room)
        last = self.fontMetrics().elidedText(self._texts[-1], Qt.TextElideMode.ElideRight, room)
        self.setText(next(fitting, last))

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + 1
