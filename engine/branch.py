"""One line of a run's history: the records of its steps, the changes made on it, and keyframes to come back to."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from engine.records import Measurement, StepRecord, StepRecords
from engine.settings import Settings
from engine.trainer_state import TrainerState

RECORD_BYTES = 12
MEASUREMENT_BYTES = 184
"""Memory of a record and of a measurement: the tuple, its numbers and its place in the list."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed at a step; it holds for every update after it.

    Attributes
    ----------
    step : int
    settings : Settings
    words : str
        Empty for the start of a run.
    edits : tuple of (int, float)
        Places of the flat parameter vector, and the numbers put there by hand.
    """

    step: int
    settings: Settings
    words: str = ""
    edits: tuple[tuple[int, float], ...] = ()


class Branch:
    """The part of a history from where it left its parent to its last step.

    Parameters
    ----------
    branch_id : int
    parent : Branch or None
    start : Change
        The step at which it left its parent, and the settings in force from there.
    stride : int
        Steps between keyframes.
    """

    def __init__(self, branch_id: int, parent: Branch | None, start: Change, stride: int) -> None:
        self.branch_id = branch_id
        self.parent = parent
        self.start = start
        self.fork_step = start.step
        self.stride = stride
        self.changes: list[Change] = [start]
        self.keyframe_bytes = 0
        self._keyframes: list[TrainerState] = []
        self._keyframe_steps: list[int] = []
        self._batch_losses = array("d")
        self._epochs = array("i")
        self._measurements: list[Measurement] = []

    @property
    def last_step(self) -> int:
        """The last step recorded."""
        return self.fork_step + len(self._batch_losses)

    @property
    def record_bytes(self) -> int:
        """Memory of the records, in bytes."""
        return RECORD_BYTES * len(self._batch_losses) + MEASUREMENT_BYTES * len(self._measurements)

    def append(self, record: StepRecord) -> None:
        """Write down the next step."""
        self._batch_losses.append(record.batch_loss)
        self._epochs.append(record.epoch)

    def add_measurement(self, measurement: Measurement) -> None:
        """Write down losses over all rows."""
        self._measurements.append(measurement)

    def add_keyframe(self, state: TrainerState) -> None:
        """Keep a state, as it was before any change at its step; its step is larger than that of any kept before."""
        self._keyframes.append(state)
        self._keyframe_steps.append(state.step)
        self.keyframe_bytes += state.nbytes

    def set_change(self, change: Change) -> None:
        """Write down a change at the last step, in place of one made at the same step before."""
        if self.changes[-1].step == change.step:
            self.changes.pop()
        if not self.changes or change.edits or change.settings != self.changes[-1].settings:
            self.changes.append(change)

    def batch_loss(self, step: int) -> float:
        """Return the batch loss of a step of this branch."""
        return self._batch_losses[step - self.fork_step - 1]

    def epoch(self, step: int) -> int:
        """Return the epoch of a step of this branch."""
        return self._epochs[step - self.fork_step - 1]

    def start_of_epoch(self, step: int) -> int:
        """Return the step before the first one here of the epoch of `step`: the fork, where it began before that."""
        place = step - self.fork_step - 1
        return self.fork_step + bisect_left(self._epochs, self._epochs[place], 0, place)

    def measurement_at(self, step: int) -> Measurement | None:
        """Return the last measurement taken at or before `step` on this branch."""
        place = bisect_right(self._measurements, step, key=lambda measurement: measurement.step)
        return self._measurements[place - 1] if place else None

    def change_before(self, step: int) -> Change | None:
        """Return the last change before `step`, whose settings led to it; None where the parent knows."""
        place = bisect_left(self.changes, step, key=lambda change: change.step)
        return self.changes[place - 1] if place else None

    def keyframe_at(self, step: int) -> TrainerState | None:
        """Return the latest state kept at or before `step` on this branch."""
        place = bisect_right(self._keyframe_steps, step)
        return self._keyframes[place - 1] if place else None

    def thin(self) -> int:
        """Double the stride, drop the keyframes between, and return the bytes given back; the start of a run stays."""
        before = self.keyframe_bytes
        self.stride *= 2
        self._keyframes = [state for state in self._keyframes if state.step % self.stride == 0]
        self._keyframe_steps = [state.step for state in self._keyframes]
        self.keyframe_bytes = sum(state.nbytes for state in self._keyframes)
        return before - self.keyframe_bytes

    def records(self, first_step: int, last_step: int) -> StepRecords:
        """Return the records of steps first_step .. last_step, all of this branch, as read-only arrays."""
        start, stop = first_step - self.fork_step - 1, last_step - self.fork_step
        losses = np.array(self._batch_losses[start:stop], dtype=np.float64)
        epochs = np.array(self._epochs[start:stop], dtype=np.int64)
        losses.flags.writeable = epochs.flags.writeable = False
        from_step = first_step if first_step > 1 else 0
        begin = bisect_left(self._measurements, from_step, key=lambda measurement: measurement.step)
        end = bisect_right(self._measurements, last_step, key=lambda measurement: measurement.step)
        return StepRecords(first_step, epochs, losses, tuple(self._measurements[begin:end]))
