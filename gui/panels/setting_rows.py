"""One row of the form per setting; label, help, choices and limits come from the table of settings."""

from __future__ import annotations

from PySide6.QtCore import QRandomGenerator, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from engine.settings import Settings, choices, shown
from gui.icons import quiet_icon
from gui.panels.choice_box import ChoiceBox, choice_label
from gui.panels.choice_tips import choice_tips
from gui.panels.form import ROW_PX, FieldRow
from gui.panels.number_field import NumberField
from gui.theme import Theme

_LARGEST_NEW_SEED = 9999


class SettingRow(FieldRow):
    """A row that shows one setting and asks for another value.

    Signals
    -------
    requested(str, object)
        Name of the setting and the value wanted.
    """

    requested = Signal(str, object)

    def __init__(self, name: str, field: QWidget) -> None:
        super().__init__(shown(name).label, field, shown(name).help)
        self.name = name

    def show_settings(self, settings: Settings) -> None:
        """Show the value in force, without a signal."""
        raise NotImplementedError

    def show_error(self, sentence: str) -> None:
        """Say what is wrong, without the setting's name, which stands above it already; another's name as its label."""
        name, colon, rest = sentence.partition(": ")
        if colon and name in Settings.model_fields:
            sentence = rest if name == self.name else f"{shown(name).label}: {rest}"
        super().show_error(sentence)

    def set_theme(self, theme: Theme) -> None:
        """Tint icons, where the row has any."""


class ChoiceRow(SettingRow):
    """A setting chosen from the list in the table of settings."""

    def __init__(self, name: str) -> None:
        self.box = ChoiceBox()
        super().__init__(name, self.box)
        self.box.set_choices(choices(name), choice_tips(name))
        self.box.chosen.connect(self._ask)

    def show_settings(self, settings: Settings) -> None:
        """Show the value in force."""
        self.box.show_choice(getattr(settings, self.name))

    def explain_auto(self, meaning: str) -> None:
        """Say what "auto" stands for with the present data."""
        self.box.explain_choice("auto", f"auto · {choice_label(meaning)}")

    @Slot(str)
    def _ask(self, choice: str) -> None:
        self.show_error("")
        self.requested.emit(self.name, choice)


class NumberRow(SettingRow):
    """A setting that is typed."""

    def __init__(self, name: str, *, percent: bool = False, in_list: bool = False) -> None:
        self.number = NumberField(name, percent=percent, in_list=in_list)
        super().__init__(name, self._field())
        self.number.committed.connect(self._ask)
        self.number.rejected.connect(self.show_error)
        self.number.corrected.connect(self._clear)

    def show_settings(self, settings: Settings) -> None:
        """Show the value in force."""
        self.number.show_value(getattr(settings, self.name))

    def show_error(self, sentence: str) -> None:
        """Say what is wrong; an empty sentence also brings the value in force back."""
        super().show_error(sentence)
        self.number.mark_wrong(bool(sentence))

    def _field(self) -> QWidget:
        return self.number

    @Slot()
    def _clear(self) -> None:
        self.show_error("")

    @Slot(object)
    def _ask(self, value: object) -> None:
        self.show_error("")
        self.requested.emit(self.name, value)


def small_button(name: str, icon_px: int) -> QToolButton:
    """Return a quiet button with room for an icon, as high as a row; `name` is what it is called where it can't be seen."""
    button = QToolButton()
    button.setProperty("quiet", True)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setFixedSize(ROW_PX, ROW_PX)
    button.setIconSize(QSize(icon_px, icon_px))
    button.setAccessibleName(name)
    return button


def with_button(number: NumberField, button: QToolButton) -> QWidget:
    """Return a field for a number with a small button at its right end."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2)
    row.addWidget(number, 1)
    row.addWidget(button)
    number.setFixedHeight(ROW_PX)
    return both


class SeedRow(NumberRow):
    """The seed, with a button that draws a new one."""

    def set_theme(self, theme: Theme) -> None:
        """Tint the button."""
        self.new_seed.setIcon(quiet_icon("dices", theme))

    def _field(self) -> QWidget:
        self.new_seed = small_button("New seed", 16)
        self.new_seed.clicked.connect(self._draw)
        return with_button(self.number, self.new_seed)

    @Slot()
    def _draw(self) -> None:
        """Ask for a seed other than the one shown."""
        seed = QRandomGenerator.global_().bounded(1, _LARGEST_NEW_SEED)
        if str(seed) == self.number.text():
            seed = _LARGEST_NEW_SEED
        self.number.reset()
        self.number.show_value(seed)
        self._ask(seed)
