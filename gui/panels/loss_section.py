"""What training minimises."""

from __future__ import annotations

from gui.panels.check_row import CheckRow
from gui.panels.foldable_section import FoldableSection
from gui.panels.setting_rows import ChoiceRow, NumberRow
from gui.session.messages import RunInfo


class LossSection(FoldableSection):
    """The loss and what can be told it."""

    def __init__(self) -> None:
        self.loss = ChoiceRow("loss")
        super().__init__(
            "Loss", (self.loss, NumberRow("huber_delta")), (NumberRow("label_smoothing"), CheckRow("class_weights"))
        )

    def show_run(self, run: RunInfo) -> None:
        """Say which loss "auto" came to with the present data."""
        self.loss.explain_auto(run.spec.loss)
