"""A setting that is on or off."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox

from engine.settings import Settings
from gui.panels.setting_rows import SettingRow


class CheckRow(SettingRow):
    """A check box; a click on its label counts too."""

    def __init__(self, name: str) -> None:
        self.box = QCheckBox()
        self.box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.box.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # all boxes below each other, however long the labels
        super().__init__(name, self.box)
        self.box.clicked.connect(self._ask)

    def show_settings(self, settings: Settings) -> None:
        """Show the value in force."""
        self.box.setChecked(getattr(settings, self.name))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the click on the label; any other is the panel's."""
        event.setAccepted(
            event.button() == Qt.MouseButton.LeftButton and self.label.geometry().contains(event.position().toPoint())
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Do what a click on the box does."""
        if self.rect().contains(event.position().toPoint()):
            self.box.click()

    @Slot(bool)
    def _ask(self, checked: bool) -> None:
        self.show_error("")
        self.requested.emit(self.name, checked)
