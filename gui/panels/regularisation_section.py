"""What keeps a network from learning its rows by heart."""

from __future__ import annotations

from gui.panels.foldable_section import FoldableSection
from gui.panels.freeze_row import FreezeRow
from gui.panels.own_default_row import OwnDefaultRow
from gui.panels.per_layer import DropoutRow
from gui.panels.setting_rows import NumberRow


class RegularisationSection(FoldableSection):
    """Penalties, weight decay, dropout, noise and frozen layers."""

    def __init__(self) -> None:
        rows = (
            NumberRow("l2"),
            NumberRow("l1"),
            OwnDefaultRow("weight_decay"),
            DropoutRow(),
            NumberRow("input_noise"),
            FreezeRow(),
        )
        super().__init__("Regularisation", (), rows, folded_text="none")
