"""Sentences about the data, folded into one line until they are wanted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui.icons import quiet_icon
from gui.theme import LIGHT, Theme


class Notes(QWidget):
    """Say how many sentences there are; a click shows them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._notes: tuple[str, ...] = ()
        self.toggle = QToolButton(self)
        self.toggle.setProperty("disclosure", True)
        self.toggle.setCheckable(False)
        self.toggle.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.toggle.clicked.connect(self._fold)
        self.text = QLabel(self)
        self.text.setProperty("role", "small")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setWordWrap(True)
        self.text.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.toggle)
        column.addWidget(self.text)
        self.hide()

    def show_notes(self, notes: tuple[str, ...]) -> None:
        """Show these sentences, folded; none hides the whole."""
        self._notes = notes
        self.text.setText("\n".join(notes))
        self.text.hide()
        self.setVisible(bool(notes))
        self._write()

    def set_theme(self, theme: Theme) -> None:
        """Tint the arrow."""
        self._theme = theme
        self._write()

    @Slot()
    def _fold(self) -> None:
        self.text.setHidden(not self.text.isHidden())
        self._write()

    def _write(self) -> None:
        opened = not self.text.isHidden()
        self.toggle.setIcon(quiet_icon("chevron-down" if opened else "chevron-right", self._theme, size=12))
        count = len(self._notes)
        line = f"{count} note{'s' * (count != 1)} on the data"
        self.toggle.setText(line)
        self.toggle.setAccessibleName(line)
