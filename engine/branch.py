"""One line of a run's history: the records of its steps, the changes made on it, and keyframes to come back to."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from engine.records import Measurement, StepRecord, StepRecords
from engine.settings import Settings
from engine.trainer_state import TrainerState


@dataclass(frozen=True, slots=True)
class Change:
    """Settings taken at a step: they hold for every update after it.

    `state` is the trainer's complete state just after the change, so that a replay meets exactly what training met.
    """

    step: int
    settings: Settings
    state: TrainerState
    words: str


class Branch:
    """The part of a history from where it left its parent to its last step.

    Parameters
    ----------
    branch_id : int
    parent : Branch or None
    start : Change
        The state it starts from and the settings in force there.
    stride : int
        Steps between keyframes.
    """

    def __init__(self, branch_id: int, parent: Branch | None, start: Change, stride: int) -> None:
        self.branch_id = branch_id
        self.parent = parent
        self.stride = stride
        self.changes: list[Change] = [start]
        self._keyframes: list[TrainerState] = []
        self._keyframe_steps: list[int] = []
        self._batch_losses = array("d")
        self._epochs = array("i")
        self._measurements: list[Measurement] = []

    @property
    def fork_step(self) -> int:
        """The step at which it left its parent, 0 for the first branch."""
        return self.changes[0].step

    @property
    def last_step(self) -> int:
        """The last step recorded."""
        return self.fork_step + len(self._batch_losses)

    @property
    def record_bytes(self) -> int:
        """Memory of the records, in bytes."""
        return 12 * len(self._batch_losses) + 120 * len(self._measurements)

    @property
    def keyframe_bytes(self) -> int:
        """Memory of the keyframes that thinning can give back, in bytes."""
        return sum(state.nbytes for state in self._keyframes)

    def append(self, record: StepRecord) -> None:
        """Write down the next step."""
        self._batch_losses.append(record.batch_loss)
        self._epochs.append(record.epoch)

    def add_measurement(self, measurement: Measurement) -> None:
        """Write down losses over all rows."""
        self._measurements.append(measurement)

    def add_keyframe(self, state: TrainerState) -> None:
        """Keep a state; its step is larger than that of any kept before."""
        self._keyframes.append(state)
        self._keyframe_steps.append(state.step)

    def add_change(self, change: Change) -> None:
        """Write down a change of settings at the last step; one made at the same step before it is replaced."""
        if self.changes[-1].step == change.step:
            self.changes.pop()
        self.changes.append(change)

    def batch_loss(self, step: int) -> float:
        """Return the batch loss of a step of this branch."""
        return self._batch_losses[step - self.fork_step - 1]

    def epoch(self, step: int) -> int:
        """Return the epoch of a step of this branch."""
        return self._epochs[step - self.fork_step - 1]

    def measurement_at(self, step: int) -> Measurement | None:
        """Return the last measurement taken at or before `step` on this branch."""
        place = bisect_right(self._measurements, step, key=lambda measurement: measurement.step)
        return self._measurements[place - 1] if place else None

    def change_at(self, step: int) -> Change:
        """Return the last change at or before `step`."""
        return self.changes[bisect_right(self.changes, step, key=lambda change: change.step) - 1]

    def keyframe_at(self, step: int) -> TrainerState:
        """Return the latest state kept at or before `step`, changes included."""
        change = self.change_at(step)
        place = bisect_right(self._keyframe_steps, step)
        if place and self._keyframe_steps[place - 1] > change.step:
            return self._keyframes[place - 1]
        return change.state

    def keyframe_steps(self, first: int, last: int) -> list[int]:
        """Return the steps in [first, last] at which a state is kept."""
        steps = {change.step for change in self.changes} | set(self._keyframe_steps)
        return sorted(step for step in steps if first <= step <= last)

    def thin(self) -> int:
        """Double the stride, drop the keyframes between, and return the bytes given back."""
        before = self.keyframe_bytes
        self.stride *= 2
        kept = [state for state in self._keyframes if state.step % self.stride == 0]
        self._keyframes, self._keyframe_steps = kept, [state.step for state in kept]
        return before - self.keyframe_bytes

    def records(self, first_step: int, last_step: int) -> StepRecords:
        """Return the records of steps first_step .. last_step, all of this branch, as read-only arrays."""
        start, stop = first_step - self.fork_step - 1, last_step - self.fork_step
        losses = np.array(self._batch_losses[start:stop], dtype=np.float64)
        epochs = np.array(self._epochs[start:stop], dtype=np.int64)
        losses.flags.writeable = epochs.flags.writeable = False
        from_step = first_step if first_step > 1 else 0
        begin = bisect_right(self._measurements, from_step - 1, key=lambda measurement: measurement.step)
        end = bisect_right(self._measurements, last_step, key=lambda measurement: measurement.step)
        return StepRecords(first_step, epochs, losses, tuple(self._measurements[begin:end]))
