"""The loss of every step and every measurement of the line of history on screen, ready to be drawn at any width."""

from __future__ import annotations

from bisect import insort
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.records import Measurement, StepRecords
from gui.session.minmax_pyramid import GrowingArray, MinMaxPyramid, Ranges, column_width
from gui.session.running_median import RunningMedian

if TYPE_CHECKING:
    from gui.session.messages import BranchShown

Steps = NDArray[np.int64]
Floats = NDArray[np.float64]

# Measurements come unevenly (each step when stepping, now and then at full speed): they are first thinned to this many
# blocks per column, then gathered into columns of equal numbers of steps.
_BLOCKS_PER_COLUMN = 8


class RecordsNotConsecutive(ValueError):
    """Records leave a gap after the last step, or repeat a step: a message was lost, repeated or meant for another line."""


class LossCurve:
    """Every batch loss and every measurement of one line (run and branch) from step 0 to its end; lives in the GUI thread.

    About 8 to 10 bytes per step. Arrays it returns are read-only or copies and never change afterwards.
    """

    def __init__(self) -> None:
        self.generation = 0
        """Rises when the line is replaced, so that a view knows when what it drew is void."""
        self._forget()

    def _forget(self) -> None:
        self._batch = MinMaxPyramid()
        self._measured_steps: GrowingArray[np.int64] = GrowingArray(np.int64)
        self._epochs: GrowingArray[np.int64] = GrowingArray(np.int64)
        self._train = MinMaxPyramid()
        self._validation = MinMaxPyramid()
        self._median = RunningMedian()
        self._best: Measurement | None = None
        self._changes: list[tuple[int, str]] = []
        self.has_validation = False

    # -- filling ---------------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Forget the line."""
        self._forget()
        self.generation += 1

    def replace(self, shown: BranchShown) -> None:
        """Take another line in place of this one.

        Raises
        ------
        RecordsNotConsecutive
            When its records do not begin with step 1.
        """
        self.clear()
        self._changes = sorted(shown.changes)
        self.append(shown.records)

    def append(self, records: StepRecords) -> None:
        """Add the records of the next updates.

        Raises
        ------
        RecordsNotConsecutive
            When the first of them is not the step after the last one here. Nothing is added then.
        """
        expected = self.step_count + 1
        if len(records) and records.first_step != expected:
            problem = "leave a gap" if records.first_step > expected else "repeat steps"
            raise RecordsNotConsecutive(
                f"The loss curve ends at step {self.step_count}; records of the steps {records.first_step} to "
                f"{records.last_step} {problem}. The next must start at step {expected}."
            )
        new = self._new_measurements(records)
        self._batch.extend(np.asarray(records.batch_losses, dtype=np.float64))
        if new:
            self._add_measurements(new)

    def add_change(self, step: int, text: str) -> None:
        """Note the change made at `step`, in words, in place of what was noted there before; none where the words are empty."""
        self._changes = [change for change in self._changes if change[0] != step]
        if text:
            insort(self._changes, (step, text))

    def _new_measurements(self, records: StepRecords) -> list[Measurement]:
        """Return those later than all here; the loss of step 0 may come twice: with the new run, and with its first records."""
        last = self.last_measured_step
        new = [measurement for measurement in records.measurements if measurement.step > last]
        steps = [measurement.step for measurement in new]
        in_order = all(earlier < later for earlier, later in pairwise(steps))
        if steps and not (in_order and steps[-1] <= self.step_count + len(records)):
            raise RecordsNotConsecutive(
                f"Measurements must come in the order of their steps and not beyond the last record, "
                f"step {self.step_count + len(records)}; the steps given are {steps}."
            )
        return new

    def _add_measurements(self, new: list[Measurement]) -> None:
        validation = [np.nan if m.validation_loss is None else m.validation_loss for m in new]
        self.has_validation = self.has_validation or any(m.validation_loss is not None for m in new)
        self._measured_steps.extend(np.array([m.step for m in new], dtype=np.int64))
        self._epochs.extend(np.array([m.epoch for m in new], dtype=np.int64))
        self._train.extend(np.array([m.train_loss for m in new], dtype=np.float64))
        self._validation.extend(np.array(validation, dtype=np.float64))
        for measurement, loss in zip(new, validation, strict=True):
            if np.isfinite(loss) and (self._best is None or loss < (self._best.validation_loss or 0.0)):
                self._best = measurement

    # -- figures ---------------------------------------------------------------------------------------------------------

    @property
    def step_count(self) -> int:
        """Number of steps recorded; the last step of the line."""
        return len(self._batch)

    @property
    def n_measured(self) -> int:
        """Number of measurements."""
        return len(self._measured_steps)

    @property
    def last_measured_step(self) -> int:
        """Step of the last measurement, -1 before the first."""
        return int(self._measured_steps.values[-1]) if self.n_measured else -1

    @property
    def best(self) -> Measurement | None:
        """The first measurement with the lowest finite validation loss; None without validation rows."""
        return self._best

    @property
    def changes(self) -> tuple[tuple[int, str], ...]:
        """Steps at which settings were changed, with the change in words, in order."""
        return tuple(self._changes)

    @property
    def nbytes(self) -> int:
        """Memory held by all arrays, spare room included."""
        parts = (self._batch, self._measured_steps, self._epochs, self._train, self._validation)
        return sum(part.nbytes for part in parts)

    @property
    def measured_extremes(self) -> tuple[float, float] | None:
        """The smallest and largest finite loss measured; None where there is none."""
        low = float(np.fmin(self._train.extremes[0], self._validation.extremes[0]))
        high = float(np.fmax(self._train.extremes[1], self._validation.extremes[1]))
        return None if np.isnan(low) else (low, high)

    @property
    def batch_extremes(self) -> tuple[float, float] | None:
        """The smallest and largest finite batch loss; None where there is none."""
        low, high = self._batch.extremes
        return None if np.isnan(low) else (low, high)

    def batch_loss_at(self, step: int) -> float | None:
        """Return the batch loss of the update that led to `step`; None at step 0 and beyond the end."""
        return float(self._batch.values[step - 1]) if 1 <= step <= self.step_count else None

    def measurement_at(self, step: int) -> Measurement | None:
        """Return the measurement at `step` or the nearest one before it."""
        index = int(np.searchsorted(self._measured_steps.values, step, side="right")) - 1
        if index < 0:
            return None
        validation = float(self._validation.values[index]) if self.has_validation else None
        steps, epochs, train = self._measured_steps.values, self._epochs.values, self._train.values
        return Measurement(int(steps[index]), int(epochs[index]), float(train[index]), validation)

    # -- curves ----------------------------------------------------------------------------------------------------------

    def batch_range(self, first: int, last: int, n_columns: int) -> Ranges:
        """Return the smallest and largest batch loss of the steps first..last (included) over at most `n_columns` columns.

        Returns
        -------
        steps : ndarray of int64, shape (n,)
            The first step of each column.
        low, high : ndarray of float64, shape (n,)
            Over the finite losses of the column, NaN where it has none; `not_finite_steps` names the others.
        """
        starts, low, high = self._batch.ranges(first - 1, last, n_columns)
        return starts + 1, low, high

    def not_finite_steps(self, first: int, last: int) -> Steps:
        """Return the steps from first to last (included) whose batch loss is NaN or infinite."""
        steps = self._batch.not_finite + 1
        return steps[np.searchsorted(steps, first) : np.searchsorted(steps, last, side="right")]

    @property
    def n_not_finite(self) -> int:
        """Number of steps whose batch loss is NaN or infinite."""
        return len(self._batch.not_finite)

    def measured_not_finite_steps(self) -> Steps:
        """Return the steps whose train or validation loss was measured and is NaN or infinite, in order."""
        indices = self._train.not_finite
        if self.has_validation and len(self._validation.not_finite):
            indices = np.union1d(indices, self._validation.not_finite)
        return self._measured_steps.values[indices]

    def all_not_finite_steps(self) -> Steps:
        """Return the steps with any loss that is NaN or infinite, in order."""
        batch, measured = self._batch.not_finite + 1, self.measured_not_finite_steps()
        return np.union1d(batch, measured) if len(batch) or len(measured) else batch

    def measured(self, first: int, last: int, n_points: int) -> tuple[Steps, Floats, Floats]:
        """Return the losses measured at the steps first..last (included), thinned to at most `n_points` that keep extremes.

        Up to `n_points` measurements come as they are, values that are not finite included. More are gathered into columns of
        equal numbers of steps; a column gives two points, at its first and last measurement, that carry its smallest and
        largest finite loss in the direction the loss went. The last point is always the last measurement itself.

        Returns
        -------
        steps : ndarray of int64, shape (n,)
        train, validation : ndarray of float64, shape (n,)
            `validation` is all NaN without validation rows.
        """
        steps = self._measured_steps.values
        start, stop = (int(place) for place in np.searchsorted(steps, [first, last + 1]))
        if stop - start <= max(n_points, 3):
            return steps[start:stop], self._train.values[start:stop], self._validation.values[start:stop]
        n_columns = max(1, (n_points - 1) // 2)
        blocks, *train = self._train.ranges(start, stop, _BLOCKS_PER_COLUMN * n_columns)
        _, *validation = self._validation.ranges(start, stop, _BLOCKS_PER_COLUMN * n_columns)
        width = column_width(int(steps[start]), int(steps[stop - 1]) + 1, n_columns)
        groups = np.flatnonzero(np.diff(steps[blocks] // width, prepend=-1))
        firsts = blocks[groups]
        ends = np.append(firsts[1:], stop) - 1
        return (
            np.append(np.column_stack((steps[firsts], steps[ends])).ravel(), steps[stop - 1]),
            _ordered_extremes(self._train.values, firsts, ends, groups, *train),
            _ordered_extremes(self._validation.values, firsts, ends, groups, *validation),
        )

    def smoothed(self, first: int, last: int, n_points: int, window: int) -> tuple[Steps, Floats]:
        """Return the median batch loss of the last `window` steps at no more than `n_points` of the steps first..last.

        Returns
        -------
        steps : ndarray of int64, shape (n,)
        medians : ndarray of float64, shape (n,)
            Of the finite losses of the steps up to and including each step; NaN where there is none.
        """
        return self._median.at_steps(self._batch.values, max(1, first), min(last, self.step_count), n_points, window)

    def sparkline(self, n_columns: int) -> tuple[Steps, Floats, Floats]:
        """Return the measured losses of the whole line as `measured` does, two points per column."""
        return self.measured(0, max(self.step_count, self.last_measured_step), 2 * n_columns + 1)


def _ordered_extremes(values: Floats, firsts: Steps, ends: Steps, groups: Steps, lows: Floats, highs: Floats) -> Floats:
    """Return two values per column, its extremes in the order in which the series went, and the last value.

    Parameters
    ----------
    values : ndarray of shape (n_measured,)
    firsts, ends : ndarray of shape (n_columns,)
        Index of the first and the last value of each column.
    groups : ndarray of shape (n_columns,)
        Index of the first block of each column.
    lows, highs : ndarray of shape (n_blocks,)
        Extremes of the blocks.
    """
    low, high = np.fmin.reduceat(lows, groups), np.fmax.reduceat(highs, groups)
    falling = values[firsts] > values[ends]
    pairs = np.column_stack((np.where(falling, high, low), np.where(falling, low, high))).ravel()
    return np.append(pairs, values[ends[-1]])
