"""The legend over the loss plot: what each line is and its value now."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import LIGHT, SPACE, Theme
from gui.views.framed_plot import small_font

_LINE_PX = 18
_SWATCH_PX = 14.0
_GAP = 5.0
_WIDEST_VALUE = "0.00000"


class LegendEntry(NamedTuple):
    """One line of the plot.

    Attributes
    ----------
    name, value : str
    colour : str
        #RRGGBB; empty for words about the entries before them, which have neither line nor area.
    text_colour : str
        #RRGGBB, readable on the panel.
    band : bool
        Whether it is drawn as an area and not as a line.
    """

    name: str
    value: str
    colour: str
    text_colour: str
    band: bool = False


class LossLegend(QWidget):
    """Entries from left to right, in as many rows as they need; one paint per change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme = LIGHT
        self._entries: tuple[LegendEntry, ...] = ()
        self._places: list[tuple[float, float]] = []
        self._layout_key: tuple[object, ...] = ()
        self._font = small_font()
        self._metrics = QFontMetricsF(self._font)
        self._least_value_width = self._metrics.horizontalAdvance(_WIDEST_VALUE)
        self._name_widths: dict[str, float] = {}
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_LINE_PX + SPACE)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return a width for one row."""
        return QSize(360, self.height())

    @property
    def text(self) -> str:
        """All that is written, for tests and for people who hear instead of see."""
        return " · ".join(f"{entry.name} {entry.value}".strip() for entry in self._entries)

    def show_values(self, entries: tuple[LegendEntry, ...]) -> None:
        """Show these entries."""
        if entries != self._entries:
            self._entries = entries
            self._place()
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the rows anew."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Find the place of every entry; only where a width changed, which numbers of equal width seldom do."""
        widths = [
            _swatch_width(entry) + self._name_width(entry.name) + self._value_width(entry.value) for entry in self._entries
        ]
        key = (self.width(), tuple(widths))
        if key == self._layout_key:
            return
        self._layout_key = key
        self._places, x, row = [], float(SPACE), 0
        for width in widths:
            if x > SPACE and x + width > self.width() - SPACE:
                x, row = float(SPACE), row + 1
            self._places.append((x, row * _LINE_PX))
            x += width + SPACE + 4.0
        height = (row + 1) * _LINE_PX + SPACE
        if height != self.height():
            self.setFixedHeight(height)

    def _name_width(self, name: str) -> float:
        if name not in self._name_widths:
            self._name_widths[name] = self._metrics.horizontalAdvance(name)
        return self._name_widths[name]

    def _value_width(self, value: str) -> float:
        """Return the room for a value and its gap: the same for all usual ones, so that the entries stay where they are."""
        if not value:
            return 0.0
        usual = len(value) <= len(_WIDEST_VALUE)
        return _GAP + (self._least_value_width if usual else self._metrics.horizontalAdvance(value))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the entries and the note."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        painter.setFont(self._font)
        for entry, (x, y) in zip(self._entries, self._places, strict=True):
            self._draw_entry(painter, entry, x, y + SPACE)
        painter.end()

    def _draw_entry(self, painter: QPainter, entry: LegendEntry, x: float, y: float) -> None:
        middle = y + _LINE_PX / 2
        if entry.band:
            painter.fillRect(QRectF(x, middle - 5, _SWATCH_PX, 10), QColor(entry.colour))
        elif entry.colour:
            painter.setPen(QPen(QColor(entry.colour), 2))
            painter.drawLine(QPointF(x, middle), QPointF(x + _SWATCH_PX, middle))
        painter.setPen(QColor(entry.text_colour))
        x += _swatch_width(entry)
        baseline = middle + self._metrics.capHeight() / 2
        painter.drawText(QPointF(x, baseline), entry.name)
        painter.drawText(QPointF(x + self._name_width(entry.name) + _GAP, baseline), entry.value)


def _swatch_width(entry: LegendEntry) -> float:
    """Return the room for the line or the area in front of an entry's name."""
    return _SWATCH_PX + _GAP if entry.colour else 0.0
