"""What is written down about training: one record per update, one measurement where the losses were taken over all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)


class StepRecord(NamedTuple):
    """One update.

    Attributes
    ----------
    step : int
        Number of updates done, this one included; the first update is step 1.
    epoch : int
        The pass over the data this update belongs to, counted from 1.
    batch_loss : float
        Mean loss of the step's batch before its update, without penalty.
    epoch_ended : bool
        Whether this update was the last of its epoch.
    """

    step: int
    epoch: int
    batch_loss: float
    epoch_ended: bool


class Measurement(NamedTuple):
    """The losses over all rows of each part, after the update of `step`, in evaluation mode, without penalty.

    `validation_loss` is None where there are no validation rows.
    """

    step: int
    epoch: int
    train_loss: float
    validation_loss: float | None

    @property
    def decisive_loss(self) -> float:
        """The loss that decides: over the validation rows, or over the training rows where there are none."""
        return self.train_loss if self.validation_loss is None else self.validation_loss


@dataclass(frozen=True, slots=True)
class StepRecords:
    """The records of consecutive updates, in order, none missing.

    Attributes
    ----------
    first_step : int
        Step of the first record.
    epochs : ndarray of int64, shape (n,)
    batch_losses : ndarray of float64, shape (n,)
        Read-only.
    measurements : tuple of Measurement
        Those taken at these steps (and at step 0, when first_step is 1).
    """

    first_step: int
    epochs: IntArray
    batch_losses: NDArray[np.float64]
    measurements: tuple[Measurement, ...] = ()

    def __len__(self) -> int:
        return len(self.batch_losses)

    @property
    def last_step(self) -> int:
        """Step of the last record."""
        return self.first_step + len(self) - 1


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return a read-only copy: what leaves the trainer can't be changed from outside."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy
