"""The loss of every row by itself, at the parameters of one moment: which rows a network finds hard."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData
from engine.evaluation import Evaluation
from engine.network import NetworkSpec
from engine.stacked_rows import rows_of_parts

Array = NDArray[np.floating[Any]]
Losses = NDArray[np.float32]


class RowLossComputation:
    """The losses of all rows, computed a slice at a time: in evaluation, without penalty, class weights included.

    Parameters
    ----------
    spec : NetworkSpec
    parameters : ndarray of shape (n_parameters,)
        Copied: training may go on meanwhile.
    data : PreparedData

    Attributes
    ----------
    losses : tuple of ndarray of float32, shape (n_rows,)
        Of the training, the validation and the test rows, in their order in `data`. What is not finite stays so.
    """

    def __init__(self, spec: NetworkSpec, parameters: Array, data: PreparedData) -> None:
        copy = parameters.copy()
        parts = rows_of_parts(spec, data)
        self.losses: tuple[Losses, ...] = tuple(np.empty(len(rows), dtype=np.float32) for rows in parts)
        self._evaluations = [Evaluation(spec, copy, rows) for rows in parts]
        self._next = [(part, index) for part, one in enumerate(self._evaluations) for index in range(one.n_slices)][::-1]
        self._freeze_if_done()

    @property
    def done(self) -> bool:
        """Whether the losses of all rows are there; they are read-only then."""
        return not self._next

    def take_slice(self) -> None:
        """Compute the losses of some more rows; there must be some left."""
        part, index = self._next.pop()
        with np.errstate(all="ignore"):
            found = self._evaluations[part].evaluate(index)
            self.losses[part][found.rows] = found.losses
        self._freeze_if_done()

    def _freeze_if_done(self) -> None:
        if self.done:
            for losses in self.losses:
                losses.flags.writeable = False


def row_losses(spec: NetworkSpec, parameters: Array, data: PreparedData) -> tuple[Losses, ...]:
    """Return the loss of every training, validation and test row, as `RowLossComputation` computes them, at once."""
    computation = RowLossComputation(spec, parameters, data)
    while not computation.done:
        computation.take_slice()
    return computation.losses
