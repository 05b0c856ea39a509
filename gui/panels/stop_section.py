"""When a run ends by itself."""

from __future__ import annotations

from engine.settings import shown
from gui.panels.foldable_section import FoldableSection
from gui.panels.setting_rows import NumberRow


class StopSection(FoldableSection):
    """The rules that end a run; whichever comes first."""

    def __init__(self) -> None:
        names = ("epochs", "steps", "seconds", "stop_loss", "stop_accuracy", "patience")
        rows = {name: NumberRow(name) for name in names}
        for name in ("seconds", "patience"):
            rows[name].number.show_unit(shown(name).unit)
        super().__init__("Stop", (), tuple(rows.values()), folded_text="by hand")
