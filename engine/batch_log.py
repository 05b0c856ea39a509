"""Which rows every update of a run used, written down epoch by epoch so that training is not slowed."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from engine.trainer import Trainer
from engine.trainer_state import set_generator


class BatchLog:
    """The rows of every batch, one after the other.

    A trainer's state holds the random generator as it was at the start of the epoch; the epoch's order of rows is its first
    draw. So one draw per epoch tells the rows of all its batches, at a fraction of what asking before every update costs.
    """

    def __init__(self) -> None:
        self._rows = array("i")
        self._starts = array("q")
        self._generator = np.random.Generator(np.random.PCG64(0))

    @property
    def rows(self) -> NDArray[np.int32]:
        """All row positions in X_train, shape (n_rows_used,)."""
        return np.array(self._rows, dtype=np.int32)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each batch starts in `rows`, shape (n_steps,); the last one goes to the end."""
        return np.array(self._starts, dtype=np.int64)

    def add_epoch(self, trainer: Trainer) -> None:
        """Write down the batches of the epoch in which a trainer stands, up to there; all have the batch size in force."""
        n_rows = len(trainer.data.y_train)
        words = trainer.state().words
        n_used = int(words[2])
        set_generator(self._generator, words[4:10])
        order = self._generator.permutation(n_rows)[:n_used]
        batch_size = n_rows if trainer.settings.batch_size == "full" else trainer.settings.batch_size
        self._starts.extend(range(len(self._rows), len(self._rows) + n_used, batch_size))
        self._rows.frombytes(order.astype(np.intc).tobytes())
