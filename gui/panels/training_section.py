"""How the weights are changed in each update."""

from __future__ import annotations

from gui.panels.check_row import CheckRow
from gui.panels.foldable_section import FoldableSection
from gui.panels.own_default_row import OwnDefaultRow
from gui.panels.setting_rows import ChoiceRow, NumberRow


class TrainingSection(FoldableSection):
    """The optimizer and its numbers; learning rate and batch size are in the tool bar."""

    def __init__(self) -> None:
        super().__init__(
            "Training",
            (ChoiceRow("optimizer"), NumberRow("momentum"), CheckRow("nesterov")),
            (
                OwnDefaultRow("beta_1"),
                OwnDefaultRow("beta_2"),
                OwnDefaultRow("rho"),
                OwnDefaultRow("epsilon"),
                CheckRow("amsgrad"),
                CheckRow("shuffle"),
                NumberRow("clip_norm"),
                NumberRow("clip_value"),
                ChoiceRow("precision"),
            ),
        )
