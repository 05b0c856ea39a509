"""How numbers are scaled before the network sees them."""

from __future__ import annotations

from engine.settings import choices
from gui.panels.setting_rows import ChoiceRow

_TIPS = {
    "standardise": "To mean 0 and standard deviation 1: (value \u2212 mean) / deviation, both of the training rows.",
    "min_max": "To the range 0 to 1: (value \u2212 smallest) / range, both of the training rows.",
    "none": "As the numbers stand in the table. Numbers of different size make training slow.",
}


class ScalingRow(ChoiceRow):
    """A choice of scaling, of the inputs or of the target."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.box.set_choices(choices(name), _TIPS)
        self.box.explain_choice("min_max", "0 to 1")
