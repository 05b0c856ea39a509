"""The losses of every row for the window, computed between the turns of training."""

from __future__ import annotations

import time

from engine.history import History
from engine.row_losses import RowLossComputation
from gui.session.messages import RowLosses


class RowLossJob:
    """The row losses of where a history stands when this is made; training may go on.

    Parameters
    ----------
    history : History
    run_id : int
    """

    def __init__(self, history: History, run_id: int) -> None:
        trainer = history.trainer
        self._computation = RowLossComputation(trainer.spec, trainer.parameters, trainer.data)
        self._stamp = (run_id, history.branch.branch_id, trainer.step)

    def work(self, seconds: float = 0.0) -> RowLosses | None:
        """Compute for some time, one slice at least, and return the losses once they are all there."""
        deadline = time.perf_counter() + seconds
        while not self._computation.done:
            self._computation.take_slice()
            if time.perf_counter() >= deadline:
                break
        return RowLosses(*self._stamp, *self._computation.losses) if self._computation.done else None
