"""A piece of text to click: a link, or a link that opens a menu of choices."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget


class LinkButton(QToolButton):
    """A button that looks like a link; it takes no focus by click, so that the window's keys go on working."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("link", True)
        self.setText(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)


class MenuLink(LinkButton):
    """A link that shows the choice in force and opens a menu of all choices.

    Signals
    -------
    chosen(object)
        The value picked by the user.
    """

    chosen = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._values: list[object] = []
        menu = QMenu(self)
        menu.triggered.connect(self._pass_on)
        self.setMenu(menu)

    def set_choices(self, choices: Iterable[tuple[object, str]], current: object, text: str) -> None:
        """Offer (value, label) pairs, mark the current value, and show `text` on the button."""
        self.menu().clear()
        self._values = []
        for value, label in choices:
            action = self.menu().addAction(label)
            action.setCheckable(True)
            action.setChecked(value == current)
            action.setData(len(self._values))
            self._values.append(value)
        self.setText(f"{text} ▾")
        self.setAccessibleDescription(text)

    @Slot(QAction)
    def _pass_on(self, action: QAction) -> None:
        self.chosen.emit(self._values[action.data()])
