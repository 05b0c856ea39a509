"""One row of the form per setting; label, help, choices and limits come from the table of settings."""

from __future__ import annotations

from PySide6.QtCore import QRandomGenerator, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from engine.activations import ACTIVATIONS
from engine.losses import LOSSES
from engine.settings import Settings, choices, shown
from gui.icons import quiet_icon
from gui.panels.choice_box import ChoiceBox, choice_label
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
        """Say what is wrong, without the setting's name, which stands above it already."""
        super().show_error(sentence.removeprefix(f"{self.name}: "))

    def set_theme(self, theme: Theme) -> None:
        """Tint icons, where the row has any."""


class ChoiceRow(SettingRow):
    """A setting chosen from the list in the table of settings."""

    def __init__(self, name: str) -> None:
        self.box = ChoiceBox()
        super().__init__(name, self.box)
        self.box.set_choices(choices(name), _choice_tips(name))
        self.box.chosen.connect(self._ask)

    def show_settings(self, settings: Settings) -> None:
        """Show the value in force; layers with different activations are named in the tool tip."""
        value = getattr(settings, self.name)
        if isinstance(value, tuple):
            self.box.setToolTip("\n".join((shown(self.name).help, ", ".join(value))))
            value = value[0] if len(set(value)) == 1 else "one per layer"
        self.box.show_choice(value)

    def explain_auto(self, meaning: str) -> None:
        """Say what "auto" stands for with the present data."""
        self.box.explain_choice("auto", f"auto · {choice_label(meaning)}")

    @Slot(str)
    def _ask(self, choice: str) -> None:
        self.show_error("")
        self.requested.emit(self.name, (choice,) if self.name == "activation" else choice)


class NumberRow(SettingRow):
    """A setting that is typed."""

    def __init__(self, name: str, *, percent: bool = False) -> None:
        self.number = NumberField(name, percent=percent)
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


class SeedRow(NumberRow):
    """The seed, with a button that draws a new one."""

    def set_theme(self, theme: Theme) -> None:
        """Tint the button."""
        self.new_seed.setIcon(quiet_icon("dices", theme))

    def _field(self) -> QWidget:
        self.new_seed = QToolButton()
        self.new_seed.setProperty("quiet", True)
        self.new_seed.setAutoRaise(True)
        self.new_seed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.new_seed.setFixedSize(ROW_PX, ROW_PX)
        self.new_seed.setIconSize(QSize(16, 16))
        self.new_seed.setAccessibleName("New seed")
        self.new_seed.clicked.connect(self._draw)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.number, 1)
        row.addWidget(self.new_seed)
        self.number.setFixedHeight(ROW_PX)
        return both

    @Slot()
    def _draw(self) -> None:
        """Ask for a seed other than the one shown."""
        seed = QRandomGenerator.global_().bounded(1, _LARGEST_NEW_SEED)
        if str(seed) == self.number.text():
            seed = _LARGEST_NEW_SEED
        self.number.reset()
        self.number.show_value(seed)
        self._ask(seed)


def _choice_tips(name: str) -> dict[str, str]:
    """Return the formula or full name of each choice, where the engine's tables have one."""
    if name in ("activation", "output_activation"):
        return {each.name: f"{each.name}: {each.formula}" for each in ACTIVATIONS.values()}
    return {each.name: each.title for each in LOSSES.values()} if name == "loss" else {}
