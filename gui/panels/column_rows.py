"""Which column is predicted, and from which others."""

from __future__ import annotations

from PySide6.QtCore import Slot

from engine.settings import Settings
from gui.panels.choice_box import ChoiceBox
from gui.panels.feature_picker import ColumnChoice, FeaturePicker
from gui.panels.setting_rows import SettingRow
from gui.theme import Theme

_FIXED = "The columns of an example are given; those of a CSV file can be chosen."


class TargetRow(SettingRow):
    """The column to predict."""

    def __init__(self) -> None:
        self.box = ChoiceBox()
        super().__init__("target", self.box)
        self._in_use = ""
        self.box.chosen.connect(self._ask)

    def show_columns(self, names: tuple[str, ...], target: str) -> None:
        """Offer these columns and show the one in use."""
        self._in_use = target
        self.box.set_choices(names or (target,), {})
        self.box.show_choice(target)
        self.box.setEnabled(bool(names))
        self.box.setToolTip("\n".join((self.toolTip(), target if names else _FIXED)))

    def show_settings(self, settings: Settings) -> None:
        """Show the column asked for; where none is named, the one in use."""
        self.box.show_choice(settings.target or self._in_use)

    @Slot(str)
    def _ask(self, name: str) -> None:
        self.show_error("")
        self.requested.emit(self.name, name)


class FeaturesRow(SettingRow):
    """The columns to predict from."""

    def __init__(self) -> None:
        self.picker = FeaturePicker()
        super().__init__("features", self.picker)
        self._columns: tuple[ColumnChoice, ...] = ()
        self._in_use: tuple[str, ...] = ()
        self.picker.chosen.connect(self._ask)

    def show_columns(self, columns: tuple[ColumnChoice, ...], features: tuple[str, ...]) -> None:
        """Offer these columns and show the ones in use."""
        self._columns, self._in_use = columns, features
        self.picker.show_features(columns, features)
        self.picker.setEnabled(bool(columns))
        self.picker.setToolTip("\n".join((self.toolTip(), ", ".join(features) if columns else _FIXED)))

    def show_settings(self, settings: Settings) -> None:
        """Show the columns asked for; where none are named, those in use."""
        self.picker.show_features(self._columns, settings.features or self._in_use)

    def set_theme(self, theme: Theme) -> None:
        """Tint the arrow."""
        self.picker.set_theme(theme)

    @Slot(object)
    def _ask(self, features: tuple[str, ...]) -> None:
        self.show_error("")
        self.requested.emit(self.name, features)
