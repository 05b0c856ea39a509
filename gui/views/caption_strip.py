"""The lines above a picture: its legend and its figures, flowing as the width needs, so that nothing covers the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import LIGHT, SPACE, Theme
from gui.views.framed_plot import small_font
from gui.views.plot_layers import draw_sharply, resolution_of
from gui.views.point_stamps import PointStyle, draw_symbol

_LINE = 18
_TOP = 6
_SYMBOL_ROOM = 15
_WORD_GAP = 4
_ENTRY_GAP = 14
_ELLIPSIS = "…"
_ELLIPSIS_ROOM = 14
_LEFT = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextDontClip)


@dataclass(frozen=True)
class CaptionEntry:
    """One item of the strip: a symbol, words and a figure, each of which may be missing.

    Attributes
    ----------
    label : str
        Drawn muted.
    value : str
        Drawn strong, with the room of the longest value so far, so that figures don't push each other about.
    style : PointStyle or None
        The symbol in front.
    after : str
        Words behind the value, muted.
    rim : PointStyle or None
        Drawn below the symbol.
    colour : str
        Of label and value, where it is not the theme's.
    full : str
        A longer wording for the tooltip.
    """

    label: str
    value: str = ""
    style: PointStyle | None = None
    colour: str = ""
    after: str = ""
    rim: PointStyle | None = None
    full: str = ""

    @property
    def words(self) -> str:
        """All of it in words."""
        return " ".join(part for part in (self.label, self.value, self.after) if part)


class CaptionStrip(QWidget):
    """Legend and figures of a picture, flowing into lines.

    Everything but the values is drawn once into a pixmap: figures change with every frame, words don't.

    Parameters
    ----------
    max_lines : int
        Entries that need more lines are left out and stand in the tooltip only.
    """

    def __init__(self, parent: QWidget | None = None, max_lines: int = 3) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._max_lines = max_lines
        self._entries: tuple[CaptionEntry, ...] = ()
        self._value_widths: list[float] = []
        self._places: list[_Place] = []
        self._backdrop: QPixmap | None = None
        self._label_font, self._value_font = small_font(), small_font(bold=True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._backdrop = None
        self.update()

    def set_entries(self, entries: Sequence[CaptionEntry]) -> None:
        """Show these entries; costs nothing where they are those already shown."""
        entries = tuple(entries)
        if entries == self._entries:
            return
        words_stay = [replace(entry, value="") for entry in entries] == [replace(entry, value="") for entry in self._entries]
        old_widths = self._value_widths if words_stay else [0.0] * len(entries)
        metrics = QFontMetricsF(self._value_font)
        widths = [max(old, metrics.horizontalAdvance(entry.value)) for old, entry in zip(old_widths, entries, strict=True)]
        moved = not words_stay or widths != self._value_widths
        self._entries, self._value_widths = entries, widths
        if moved:
            self._backdrop = None
            self.updateGeometry()
        self.update()

    def texts(self) -> list[str]:
        """Return what the strip says, an entry each."""
        return [entry.words for entry in self._entries]

    def hasHeightForWidth(self) -> bool:
        """Return True: a narrow strip needs more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the lines needed at `width`."""
        places = self._placed(width)
        return 0 if not places else round(places[-1].corner.y()) + _LINE

    def sizeHint(self) -> QSize:
        """Return the height needed at the present width."""
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        """Return no demand on the width."""
        return QSize(0, self.heightForWidth(max(self.width(), 1)))

    def event(self, event: QEvent) -> bool:
        """Show all entries in full as the tooltip, those without room included."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), "\n".join(entry.full or entry.words for entry in self._entries), self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Flow anew."""
        super().resizeEvent(event)
        self._backdrop = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words, then the values of the entries that have room."""
        painter = QPainter(self)
        ratio = resolution_of(painter)
        if self._backdrop is None or self._backdrop.devicePixelRatio() != ratio:
            self._places = self._placed(self.width())
            self._backdrop = self._drawn_backdrop(ratio)
        draw_sharply(painter, self._backdrop)
        painter.setFont(self._value_font)
        for place in self._places:
            entry = self._entries[place.entry]
            if entry.value:
                painter.setPen(QColor(entry.colour or self._theme.text))
                painter.drawText(QRectF(place.value_x, place.corner.y(), self.width(), _LINE), _LEFT, entry.value)

    def _drawn_backdrop(self, ratio: float) -> QPixmap:
        backdrop = QPixmap(self.size() * ratio)
        backdrop.setDevicePixelRatio(ratio)
        backdrop.fill(QColor(self._theme.panel))
        painter = QPainter(backdrop)
        painter.setFont(self._label_font)
        for place in self._places:
            self._paint_words(painter, self._entries[place.entry], place)
        if len(self._places) < len(self._entries):
            painter.setPen(QColor(self._theme.muted))
            target = QRectF(self.width() - SPACE - 12, self.height() - _LINE, 12, _LINE)
            painter.drawText(target, Qt.AlignmentFlag.AlignCenter, _ELLIPSIS)
        painter.end()
        return backdrop

    def _paint_words(self, painter: QPainter, entry: CaptionEntry, place: _Place) -> None:
        corner = place.corner
        for style in (entry.rim, entry.style):
            if style is not None:
                draw_symbol(painter, style, QPointF(corner.x() + 5.5, corner.y() + _LINE / 2))
        painter.setPen(QColor(entry.colour or self._theme.muted))
        x = corner.x() + (_SYMBOL_ROOM if entry.style is not None else 0.0)
        room = self.width() - SPACE / 2 - x
        text = QFontMetricsF(self._label_font).elidedText(entry.label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(x, corner.y(), room, _LINE), _LEFT, text)
        if entry.after:
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(QRectF(place.after_x, corner.y(), self.width(), _LINE), _LEFT, entry.after)

    def _placed(self, width: int) -> list[_Place]:
        """Return where the entries stand that have room at `width`."""
        metrics = QFontMetricsF(self._label_font)
        places: list[_Place] = []
        x, line = float(SPACE), 0
        for index, (entry, value_width) in enumerate(zip(self._entries, self._value_widths, strict=True)):
            label_end = (_SYMBOL_ROOM if entry.style is not None else 0.0) + metrics.horizontalAdvance(entry.label)
            value_start = label_end + (_WORD_GAP if entry.label and entry.value else 0.0)
            after_start = value_start + value_width + _WORD_GAP
            wide = after_start + metrics.horizontalAdvance(entry.after) if entry.after else value_start + value_width
            for_ellipsis = _ELLIPSIS_ROOM if line == self._max_lines - 1 and index < len(self._entries) - 1 else 0
            if x > SPACE and x + wide > width - SPACE - for_ellipsis:
                x, line = float(SPACE), line + 1
            if line >= self._max_lines:
                break
            places.append(_Place(index, QPointF(x, _TOP + line * _LINE), x + value_start, x + after_start))
            x += wide + _ENTRY_GAP
        return places


class _Place(NamedTuple):
    """Where an entry stands: which one, its upper left corner, and where its value and the words behind it begin."""

    entry: int
    corner: QPointF
    value_x: float
    after_x: float
