"""A number of a built-in example, which has its own where none is given."""

from __future__ import annotations

from gui.panels.number_field import number_text
from gui.panels.setting_rows import NumberRow


class ExampleRow(NumberRow):
    """Rows or noise; while the field is empty, the example's own number stands in it, muted."""

    def show_own(self, value: float, explanation: str = "") -> None:
        """Show what the example takes where nothing is given, and say what the number is a measure of."""
        self.number.setPlaceholderText(number_text(value) if isinstance(value, float) else f"{value:,}")
        self.number.setToolTip("\n".join(filter(None, (self.toolTip(), explanation))))
