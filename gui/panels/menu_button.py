"""A button that shows one of several choices and opens a menu with all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from gui.icons import icon
from gui.theme import Theme

_CHROME_PX = 38
"""What stands around the text: padding, border and the arrow, as in the style sheet."""

_ARROW_PX = 12
_ARROW_RIGHT_PX = 8


class MenuButton(QPushButton):
    """Show the value in force; a click opens a menu of the others.

    The button never changes by itself: a choice is a request, and `show_value` shows the answer.
    WORKAROUND: no `setMenu`, because a style sheet's left padding is ignored on a button that has a menu of its own.

    Signals
    -------
    chosen(object)
        The value picked by the user.
    """

    chosen = Signal(object)

    def __init__(self, label: str = "", parent: QWidget | None = None) -> None:
        super().__init__(label, parent)
        self.setProperty("menu", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._arrow = QIcon()
        self._label = label
        self._held_px = 0
        self._values: list[object] = []
        self._group = QActionGroup(self)
        self._group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        self.choices = QMenu(self)
        self.choices.setToolTipsVisible(True)
        self.choices.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)
        self.choices.triggered.connect(self._pass_on)
        self.choices.aboutToHide.connect(self._release)
        self.pressed.connect(self._open)

    def add_choice(self, value: object, label: str, tip: str = "", *, checkable: bool = True) -> QAction:
        """Add a line to the menu."""
        action = self.choices.addAction(label)
        action.setToolTip(tip or label)
        action.setCheckable(checkable)
        action.setData(len(self._values))
        self._values.append(value)
        if checkable:
            self._group.addAction(action)
        return action

    def show_value(self, value: object, label: str) -> None:
        """Show `label` on the button and mark the line of `value`, if the menu has it."""
        if self._label != label:
            self._label = label
            self._write()
        for action in self._group.actions():
            action.setChecked(self._values[action.data()] == value)

    def hold_width_for(self, labels: Sequence[str]) -> None:
        """Keep a width that fits each of `labels`, so that the neighbours stay where they are; only a longer one widens it."""
        self._held_px = max(self.fontMetrics().horizontalAdvance(label) for label in labels) + _CHROME_PX
        self._write()

    def set_theme(self, theme: Theme) -> None:
        """Tint the arrow."""
        self._arrow = icon("chevron-down", theme, colour=theme.muted, size=_ARROW_PX)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button and the arrow at its right end."""
        super().paintEvent(event)
        place = QRect(0, 0, _ARROW_PX, _ARROW_PX)
        place.moveCenter(self.rect().center())
        place.moveRight(self.width() - 1 - _ARROW_RIGHT_PX)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        painter = QPainter(self)
        self._arrow.paint(painter, place, mode=mode)
        painter.end()

    def _write(self) -> None:
        self.setText(self._label)
        self.setAccessibleName(self._label)
        if self._held_px:
            self.setFixedWidth(max(self._held_px, self.fontMetrics().horizontalAdvance(self._label) + _CHROME_PX))

    @Slot()
    def _open(self) -> None:
        self.choices.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    @Slot()
    def _release(self) -> None:
        self.setDown(False)

    @Slot(QAction)
    def _pass_on(self, action: QAction) -> None:
        index = action.data()
        if isinstance(index, int):
            self.chosen.emit(self._values[index])
