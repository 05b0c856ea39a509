"""A number of the optimizer that has its own value for it where none is given."""

from __future__ import annotations

from engine.optimizers import optimizer_for, weight_decay_rate
from engine.settings import Settings, make_settings
from gui.panels.number_field import number_text
from gui.panels.setting_rows import NumberRow


class OwnDefaultRow(NumberRow):
    """A number; while it is empty, the optimizer's own stands in the field, muted."""

    def show_settings(self, settings: Settings) -> None:
        """Show the value in force, or the optimizer's own."""
        value = own_default(self.name, settings)
        self.number.setPlaceholderText(number_text(value) if value else "off")
        super().show_settings(settings)


def own_default(name: str, settings: Settings) -> float | None:
    """Return what the optimizer takes for the setting `name` where it is not given; None where it knows no such number."""
    without = settings if getattr(settings, name) is None else make_settings(settings, **{name: None})
    return weight_decay_rate(without) if name == "weight_decay" else getattr(optimizer_for(without), name, None)
