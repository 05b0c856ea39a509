"""Which rows every update of a run used, told by its history: nothing has to be written down while training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.history import History
from engine.settings import Settings
from engine.trainer_state import set_generator


@dataclass(frozen=True, eq=False)
class BatchLog:
    """The rows of every batch, one after the other.

    Attributes
    ----------
    rows : ndarray of int32, shape (n_rows_used,)
        All row positions in X_train.
    starts : ndarray of int64, shape (n_steps,)
        Where each batch starts in `rows`; the last one goes to the end.
    """

    rows: NDArray[np.int32]
    starts: NDArray[np.int64]

    @classmethod
    def from_history(cls, history: History, last_step: int) -> Self:
        """Return the batches of steps 1 .. last_step of the current line.

        Notes
        -----
        The orders of the rows in the epochs are successive draws of one generator, which draws nothing else and whose first
        state is kept with the start of the run: one draw per epoch tells all its batches. The settings in force at its first
        update decide whether an epoch draws.
        """
        n_rows, epochs = len(history.trainer.data.y_train), history.records(1, last_step).epochs
        asked_for = _per_update(history, last_step, lambda settings: settings.rows_per_batch(n_rows))
        draws = _per_update(history, last_step, lambda settings: settings.draws_order(n_rows))
        sizes = _batch_sizes(asked_for, epochs, n_rows)
        stops = np.cumsum(sizes)
        rows = np.empty(int(sizes.sum()), dtype=np.int32)
        generator = _generator_at_start(history)
        first_updates = np.flatnonzero(np.diff(epochs, prepend=-1))
        epoch_starts = [*(stops - sizes)[first_updates].tolist(), len(rows)]
        for (start, stop), draw in zip(pairwise(epoch_starts), draws[first_updates], strict=True):
            order = generator.permutation(n_rows) if draw else np.arange(n_rows)
            rows[start:stop] = order[: stop - start]
        return cls(rows, stops - sizes)


def _per_update(history: History, last_step: int, value: Callable[[Settings], int]) -> NDArray[np.int64]:
    """Return what a function makes of the settings in force at each update."""
    values = np.empty(last_step, dtype=np.int64)
    for change in history.changes_until(last_step):
        values[change.step :] = value(change.settings)
    return values


def _batch_sizes(asked_for: NDArray[np.int64], epochs: NDArray[np.int64], n_rows: int) -> NDArray[np.int64]:
    """Return the number of rows of each update: those asked for, or the rest of the epoch where that is less."""
    before = np.cumsum(asked_for) - asked_for
    rest: NDArray[np.int64] = n_rows - (before - before[np.searchsorted(epochs, epochs)])
    return np.minimum(asked_for, rest)


def _generator_at_start(history: History) -> np.random.Generator:
    """Return the generator as it was before the first epoch."""
    start = history.branches[0].keyframe_at(0)
    assert start is not None, "the start of a run is always kept"
    generator = np.random.Generator(np.random.PCG64())
    set_generator(generator, start.unpacked(random=False, plateau=False).epoch_generator)
    return generator
