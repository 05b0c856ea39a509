"""How the learning rate changes as training goes on."""

from __future__ import annotations

from collections.abc import Callable

from engine.settings import Settings, make_settings, shown
from gui.panels.foldable_section import FoldableSection
from gui.panels.setting_rows import ChoiceRow, NumberRow


class ScheduleSection(FoldableSection):
    """The schedule, and its period in the unit it is counted in."""

    def __init__(self) -> None:
        self.period = NumberRow("schedule_period")
        super().__init__("Schedule", (), (ChoiceRow("schedule"), self.period, NumberRow("schedule_factor")), folded_text="none")

    def show_settings(self, settings: Settings, has_effect: Callable[[str], bool]) -> None:
        """Show the values in force in the rows that have an effect."""
        self.period.number.setPlaceholderText(str(make_settings(settings, schedule_period=None).period))
        self.period.number.show_unit("epochs" if settings.schedule == "plateau" else shown("schedule_period").unit)
        super().show_settings(settings, has_effect)
