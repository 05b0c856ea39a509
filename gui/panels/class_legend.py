"""The classes of the target: marker, name and number of rows of each."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import BINARY_MARKERS, CLASS_MARKERS, LIGHT, Theme

MOST_CLASSES = 8
_LINE_PX = 20
_MARKER_PX = 9
_TEXT_LEFT_PX = 14
_GAP_PX = 10


class ClassLegend(QWidget):
    """List the classes in the colours and with the markers of the pictures, in as many lines as the width asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._classes: tuple[tuple[str, int], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_classes(self, classes: tuple[tuple[str, int], ...]) -> None:
        """Show names and counts, in the order of the class codes."""
        self._classes = classes
        self.setAccessibleName(", ".join(self._text(*each) for each in classes))
        self.setToolTip("\n".join(self._text(*each) for each in classes))
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Lines wrap, so the height follows the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the lines at a width."""
        places = self._places(width)
        return int(places[-1].y()) + _LINE_PX if places else 0

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(160, self.heightForWidth(self.width() or 160))

    def minimumSizeHint(self) -> QSize:
        """Return one line at least."""
        return QSize(0, _LINE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint marker and text of every class."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for code, (place, (name, count)) in enumerate(zip(self._places(self.width()), self._classes, strict=True)):
            colour, marker = self._look(code)
            path = pg.graphicsItems.ScatterPlotItem.Symbols[marker]
            painter.save()
            painter.translate(place + QPointF(_MARKER_PX / 2 + 1, _LINE_PX / 2))
            painter.scale(_MARKER_PX, _MARKER_PX)
            painter.fillPath(path, QColor(colour))
            painter.restore()
            painter.setPen(QColor(self._theme.text))
            room = QRectF(place.x() + _TEXT_LEFT_PX, place.y(), self.width() - place.x() - _TEXT_LEFT_PX, _LINE_PX)
            text = self.fontMetrics().elidedText(self._text(name, count), Qt.TextElideMode.ElideMiddle, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()

    def _look(self, code: int) -> tuple[str, str]:
        """Return colour and marker of a class: the signs' colours for two classes, the categorical ones for more."""
        if len(self._classes) <= 2:
            return (self._theme.negative, self._theme.positive)[code], BINARY_MARKERS[code]
        return self._theme.classes[code], CLASS_MARKERS[code]

    def _places(self, width: int) -> list[QPointF]:
        """Return the corner of every entry: beside the last where it fits, else on a new line."""
        places: list[QPointF] = []
        x = y = 0.0
        for each in self._classes:
            needed = _TEXT_LEFT_PX + self.fontMetrics().horizontalAdvance(self._text(*each))
            if x and x + needed > width:
                x, y = 0.0, y + _LINE_PX
            places.append(QPointF(x, y))
            x += needed + _GAP_PX
        return places

    @staticmethod
    def _text(name: str, count: int) -> str:
        return f"{name} · {count:,}"
