"""Settings that can differ from layer to layer: one value for all hidden layers, or a field for each below the row."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from engine.settings import Settings, choices
from gui.icons import quiet_icon
from gui.panels.choice_box import ChoiceBox
from gui.panels.choice_tips import choice_tips
from gui.panels.layer_fields import LayerFields
from gui.panels.number_field import NumberField
from gui.panels.setting_rows import ChoiceRow, NumberRow, small_button, with_button
from gui.theme import Theme

ONE_PER_LAYER = "one per layer"


class ActivationRow(ChoiceRow):
    """The activation of the hidden layers; the last choice opens a list with one for each layer."""

    def __init__(self) -> None:
        super().__init__("activation")
        self.layers = LayerFields(self._make_field)
        self.layers.changed.connect(self._ask_each)
        self.add_below(self.layers)
        self._values: tuple[str, ...] = ()
        self._n_hidden = 0
        self._each = False

    def show_settings(self, settings: Settings) -> None:
        """Show the one activation, or that of each layer."""
        self._values, self._n_hidden = settings.activation, len(settings.hidden)
        self._each = self._n_hidden > 1 and (self._each or len(self._values) > 1)
        self._offer(choices(self.name) + ((ONE_PER_LAYER,) if self._n_hidden > 1 else ()))
        self.box.show_choice(ONE_PER_LAYER if self._each else self._values[0])
        self.layers.show_values(tuple(map(settings.activation_of, range(self._n_hidden))) if self._each else ())

    def _offer(self, names: tuple[str, ...]) -> None:
        if self.box.count() != len(names):
            self.box.set_choices(names, choice_tips(self.name))

    def _make_field(self) -> ChoiceBox:
        box = ChoiceBox()
        box.set_choices(choices(self.name), choice_tips(self.name))
        return box

    @Slot(str)
    def _ask(self, choice: str) -> None:
        """Ask for one activation, or open the list: that alone changes nothing yet."""
        self.show_error("")
        self._each = choice == ONE_PER_LAYER
        if self._each:
            self.layers.show_values(self._values if len(self._values) > 1 else self._values * self._n_hidden)
        else:
            self.requested.emit(self.name, (choice,))

    @Slot(object)
    def _ask_each(self, values: tuple[str, ...]) -> None:
        self.show_error("")
        self.requested.emit(self.name, values)


class DropoutRow(NumberRow):
    """The dropout of the hidden layers; a button opens a list with one for each layer."""

    def __init__(self) -> None:
        super().__init__("dropout", in_list=True)
        self.layers = LayerFields(self._make_field)
        self.layers.changed.connect(self._ask_each)
        self.add_below(self.layers)
        self._values: tuple[float, ...] = ()
        self._n_hidden = 0

    def show_settings(self, settings: Settings) -> None:
        """Show the one dropout, or that of each layer."""
        self._values, self._n_hidden = settings.dropout, len(settings.hidden)
        several = self._n_hidden > 1
        self.each.setVisible(several)
        self.each.setChecked(several and (self.each.isChecked() or len(self._values) > 1))
        self._place()

    def set_theme(self, theme: Theme) -> None:
        """Tint the button."""
        self.each.setIcon(quiet_icon("chevron-down", theme, size=12))

    def _place(self) -> None:
        same = len(set(self._values)) == 1
        self.number.setPlaceholderText("" if same else "per layer")
        self.number.show_value(self._values[0] if same else None)
        each = self._values if len(self._values) > 1 else self._values * self._n_hidden
        self.layers.show_values(each if self.each.isChecked() else ())

    def _field(self) -> QWidget:
        self.each = small_button("Dropout: one per layer", 12)
        self.each.setCheckable(True)
        self.each.setToolTip("Dropout: one per layer")
        self.each.clicked.connect(self._toggle)
        return with_button(self.number, self.each)

    def _make_field(self) -> NumberField:
        return NumberField(self.name, in_list=True)

    @Slot(bool)
    def _toggle(self, each: bool) -> None:
        """Open the list, which changes nothing yet, or go back to one for all: that of the first layer."""
        self._place()
        if not each and len(self._values) > 1:
            self.requested.emit(self.name, self._values[:1])

    @Slot(object)
    def _ask(self, value: object) -> None:
        self.show_error("")
        self.requested.emit(self.name, (value,))

    @Slot(object)
    def _ask_each(self, values: tuple[float, ...]) -> None:
        self.show_error("")
        self.requested.emit(self.name, values)
