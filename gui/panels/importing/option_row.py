"""One field of the import specification: its value, why it was recognised so, and the way back from another choice."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from gui.appearance import restyle
from gui.icons import quiet_icon
from gui.panels.importing.editors import CharacterBox, CheckField, CountField, EncodingBox, TokensField, ValueBox
from gui.panels.importing.fields import Field, as_a_word
from gui.theme import SPACE, Theme

EDITOR_PX = 120
ROW_PX = 24
_BUTTON_PX, _ICON_PX = 20, 13

Editor = CharacterBox | CheckField | CountField | EncodingBox | TokensField | ValueBox | QLineEdit


def editor_of(field: Field) -> Editor:
    """Return the widget in which a field is changed; the compression is only shown."""
    if field.name in ("delimiter", "quote", "comment"):
        return CharacterBox(field.texts, longest=3 if field.name == "comment" else 1)
    if field.name in ("skip_lines", "footer_lines"):
        return CountField()
    if field.name == "header":
        return CheckField()
    if field.name == "missing":
        return TokensField()
    if field.name == "encoding":
        return EncodingBox()
    return ValueBox(field.texts)


class OptionRow(QWidget):
    """Show a field with the reason for its value; mark a choice, and offer the recognised value again.

    Signals
    -------
    chosen(str, object)
        Name of the field and the value wanted.
    reset_wanted(str)
    """

    chosen = Signal(str, object)
    reset_wanted = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.editor = editor_of(field)
        self.label = QLabel(field.label, self)
        self.label.setBuddy(self.editor)
        self.because = QLabel(self)
        self.because.setProperty("role", "small")
        self.because.setWordWrap(True)
        self.reset = QToolButton(self)
        self.reset.setProperty("quiet", True)
        self.reset.setFixedSize(_BUTTON_PX, _BUTTON_PX)
        self.reset.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.reset.setToolTip("As recognised")
        self.reset.setAccessibleName(f"{field.label}: as recognised")
        kept = self.reset.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(kept)
        self.reset.hide()
        self.editor.setAccessibleName(field.label)
        self._lay_out()
        self.editor.chosen.connect(self._pass_on)
        self.reset.clicked.connect(self._ask_for_reset)
        if isinstance(self.editor, EncodingBox):
            self.editor.rejected.connect(self.show_error)

    @property
    def is_chosen(self) -> bool:
        """Whether the value is a choice of the user."""
        return not self.reset.isHidden()

    def show_value(self, value: Any, recognised: Any, reason: str, *, chosen: bool) -> None:
        """Show the value in force, and what was recognised and why."""
        self.editor.show_value(value)
        self.reset.setHidden(not chosen)
        restyle(self.label, role="strong" if chosen else "")
        restyle(self.because, role="small")
        self.because.setText(f"Your choice. Recognised: {as_a_word(self.field, recognised)}." if chosen else reason)
        self.because.setHidden(not self.because.text())
        self.setToolTip("\n".join(text for text in (self.field.tip, reason) if text))
        self.editor.setToolTip(self.toolTip())
        self.editor.setAccessibleDescription(self.because.text())

    def set_theme(self, theme: Theme) -> None:
        """Tint the button."""
        self.reset.setIcon(quiet_icon("rotate-ccw", theme, size=_ICON_PX))

    @Slot(str)
    def show_error(self, sentence: str) -> None:
        """Say below the field why an entry was not taken."""
        restyle(self.because, role="error")
        self.because.setText(sentence)
        self.because.show()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.label, 1)
        line.addWidget(self.editor)
        line.addWidget(self.reset)
        if not isinstance(self.editor, CheckField):
            self.editor.setFixedWidth(EDITOR_PX)
        self.editor.setFixedHeight(ROW_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, SPACE // 2)
        column.setSpacing(1)
        column.addLayout(line)
        column.addWidget(self.because)

    @Slot(object)
    def _pass_on(self, value: Any) -> None:
        self.chosen.emit(self.field.name, value)

    @Slot()
    def _ask_for_reset(self) -> None:
        self.reset_wanted.emit(self.field.name)
