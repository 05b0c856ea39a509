"""The figures of the timeline: a caption over a value, and the step figure that takes a step to go to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QStaticText
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from gui.theme import LIGHT, TEXT_PX, TIMELINE_HEIGHT, Theme
from gui.views.framed_plot import small_font

_CAPTION_TOP, _VALUE_BASELINE = 20, 48


class Figure(QWidget):
    """A small caption over a value in figures of equal width; painted in one go, only when it changes.

    Parameters
    ----------
    caption : str
    colour : str
        Name of the theme's colour for the value.
    width : int
        In pixels, for the widest value.
    """

    def __init__(self, caption: str, colour: str = "text", width: int = 80, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme = LIGHT
        self._colour = colour
        self._name = caption
        self._caption, self._value, self._finite = caption, "–", True
        self._caption_text = QStaticText(caption)  # laid out once: captions seldom change
        self._caption_font, self._value_font = small_font(), small_font(TEXT_PX, bold=True)
        self._keyboard_focus = False
        self.setFixedSize(width, TIMELINE_HEIGHT - 1)
        self.setAccessibleName(caption)

    @property
    def value(self) -> str:
        """What is shown."""
        return self._value

    @property
    def caption(self) -> str:
        """What stands over it."""
        return self._caption

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_value(self, value: str, caption: str | None = None, *, finite: bool = True) -> None:
        """Show a value, under another caption where that says more, in a colour of its own where it is not finite."""
        caption = caption or self._name
        if (value, caption, finite) != (self._value, self._caption, self._finite):
            if caption != self._caption:
                self._caption_text = QStaticText(caption)
            self._value, self._caption, self._finite = value, caption, finite
            self.setAccessibleName(f"{caption} {value}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw caption and value."""
        painter = QPainter(self)
        painter.setFont(self._caption_font)
        painter.setPen(QColor(self._theme.muted))
        painter.drawStaticText(0, _CAPTION_TOP, self._caption_text)
        painter.setFont(self._value_font)
        painter.setPen(QColor(getattr(self._theme, self._colour if self._finite else "not_finite")))
        painter.drawText(0, _VALUE_BASELINE, self._value)
        if self._keyboard_focus:
            painter.setPen(QColor(self._theme.accent))
            painter.drawLine(0, _VALUE_BASELINE + 6, self.width() - 12, _VALUE_BASELINE + 6)
        painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus where it came by the keyboard."""
        self._keyboard_focus = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus has gone."""
        self._keyboard_focus = False
        super().focusOutEvent(event)


class StepFigure(Figure):
    """The step; a double click (or Enter, when it has the focus) opens a field to type the step to go to.

    Signals
    -------
    step_entered(object)
        A step of the recorded line.
    """

    step_entered = Signal(object)

    def __init__(self, width: int, parent: QWidget | None = None) -> None:
        super().__init__("step", width=width, parent=parent)
        self.last_step = 0
        self.field = QLineEdit(self)
        self.field.setAccessibleName("Go to step")
        self.field.setGeometry(-1, _VALUE_BASELINE - 17, width - 6, 24)
        self.field.hide()
        self.field.textEdited.connect(self._accept_again)
        self.field.installEventFilter(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Double click to go to a step")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the field."""
        self.open_field()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the field on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_field()
        else:
            event.ignore()

    def open_field(self) -> None:
        """Ask for a step."""
        if self.last_step > 0:
            self._accept_again()
            self.field.setText(self.value.replace(",", ""))
            self.field.show()
            self.field.selectAll()
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the step on Enter; close the field on Escape and when the focus leaves it."""
        if event.type() == QEvent.Type.FocusOut:
            self.field.hide()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take()
                return True  # Enter that went on from the field to the figure would open the field again
            if event.key() == Qt.Key.Key_Escape:
                self.field.hide()
                return True
        return super().eventFilter(watched, event)

    def _take(self) -> None:
        step = step_from(self.field.text())
        if step is None or step > self.last_step:
            self._refuse(f"A step is a whole number from 0 to {self.last_step:,}, the end of the recorded line.")
            return
        self.field.hide()
        self.step_entered.emit(step)

    def _refuse(self, reason: str) -> None:
        """Say at the field what is wrong."""
        self._mark(invalid=True)
        self.field.setToolTip(reason)
        QToolTip.showText(self.field.mapToGlobal(self.field.rect().topRight()), reason, self.field)

    @Slot()
    def _accept_again(self) -> None:
        self._mark(invalid=False)
        self.field.setToolTip("")

    def _mark(self, *, invalid: bool) -> None:
        if bool(self.field.property("invalid")) != invalid:
            self.field.setProperty("invalid", invalid)
            self.field.style().unpolish(self.field)
            self.field.style().polish(self.field)


def step_from(text: str) -> int | None:
    """Return the step that a text means, thousands separated or not; None where it means none."""
    digits = "".join(text.split()).replace(",", "").replace("'", "")
    return int(digits) if digits.isascii() and digits.isdigit() else None
