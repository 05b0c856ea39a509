"""What happened: every step's record, keyframes of the complete state, and branches; go to any step and go on from there.

A step between two keyframes is brought back by exact replay: restore the keyframe before it, take the steps again. Every
state so reached equals, bit for bit, the one training passed through.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.branch import Branch, Change
from engine.records import Measurement, StepRecord, StepRecords
from engine.settings import Settings
from engine.trainer import Trainer, quiet

FIRST_STRIDE = 8
"""Steps between keyframes until memory runs short."""

SEEK_SLICE_SECONDS = 0.008
"""How long a seek replays before it yields."""


class ReplayError(RuntimeError):
    """A replayed step differs from its record: the program is wrong, not the user."""


class MemoryBudget:
    """Keeps the keyframes of several histories under one limit by thinning the largest.

    Parameters
    ----------
    limit_bytes : int
        Records are kept whatever happens and count too; keyframes take what is left.
    """

    def __init__(self, limit_bytes: int = 256 * 2**20) -> None:
        self.limit_bytes = limit_bytes
        self.keyframe_bytes = 0
        self._histories: list[History] = []

    @property
    def used_bytes(self) -> int:
        """Memory of all records and keyframes, in bytes."""
        return self.keyframe_bytes + sum(branch.record_bytes for branch in self._branches())

    def join(self, history: History) -> None:
        """Put a history under this budget."""
        self._histories.append(history)

    def spend(self, n_bytes: int) -> None:
        """Account for a new keyframe; thin while the limit is passed and there is something to thin."""
        self.keyframe_bytes += n_bytes
        while self.used_bytes > self.limit_bytes:
            largest = max(self._branches(), key=lambda branch: branch.keyframe_bytes)
            if largest.keyframe_bytes == 0:
                return
            self.keyframe_bytes -= largest.thin()

    def _branches(self) -> Iterator[Branch]:
        return (branch for history in self._histories for branch in history.branches)


class History:
    """The history of one run and the trainer that stands somewhere in it.

    Parameters
    ----------
    trainer : Trainer
        At its first step; from now on it is moved only through the history.
    budget : MemoryBudget, optional

    Attributes
    ----------
    branches : list of Branch
        Never empty; a branch's id is its place.
    branch : Branch
        The one whose line is current: its ancestors up to their forks, then itself.
    """

    def __init__(self, trainer: Trainer, budget: MemoryBudget | None = None) -> None:
        self.trainer = trainer
        start = Change(trainer.step, trainer.settings, trainer.state(), "")
        self.branch = Branch(0, None, start, FIRST_STRIDE)
        self.branch.add_measurement(trainer.measure())
        self.branches = [self.branch]
        self.budget = budget or MemoryBudget()
        self.budget.join(self)
        self._line_changes = self._changes_of_line()

    # ------------------------------------------------------------------ reading

    @property
    def step(self) -> int:
        """Where the trainer stands."""
        return self.trainer.step

    @property
    def last_step(self) -> int:
        """The end of the current line."""
        return self.branch.last_step

    def line(self) -> list[Branch]:
        """Return the branches of the current line, the first branch first."""
        line = [self.branch]
        while line[0].parent is not None:
            line.insert(0, line[0].parent)
        return line

    def records(self, first_step: int, last_step: int) -> StepRecords:
        """Return the records of steps first_step .. last_step of the current line."""
        parts = [
            branch.records(max(first_step, branch.fork_step + 1), min(last_step, stop))
            for branch, stop in self._stretches()
            if stop >= first_step and branch.fork_step < last_step
        ]
        if len(parts) == 1:
            return parts[0]
        root = self.branches[0].records(1, 0)
        parts = parts or [root]
        measurements = [measurement for part in parts for measurement in part.measurements]
        losses = np.concatenate([part.batch_losses for part in parts])
        epochs = np.concatenate([part.epochs for part in parts])
        losses.flags.writeable = epochs.flags.writeable = False
        return StepRecords(first_step, epochs, losses, tuple(measurements))

    def batch_loss(self) -> float | None:
        """Return the batch loss of the update that led to the current step, None at step 0."""
        return self._recorder(self.step).batch_loss(self.step) if self.step else None

    def measurement(self) -> Measurement:
        """Return the last measurement at or before the current step."""
        for branch, stop in reversed(self._stretches()):
            found = branch.measurement_at(min(self.step, stop))
            if found is not None and branch.fork_step <= self.step:
                return found
        raise AssertionError("step 0 is always measured")

    def start_of_epoch(self) -> int:
        """Return the step at which the epoch of the current step began, the end of the epoch before it."""
        if self.step == 0:
            return 0
        epochs = self.records(1, self.step).epochs
        return int(np.searchsorted(epochs, epochs[-1], side="left"))

    def changes(self) -> tuple[tuple[int, str], ...]:
        """Return step and words of every change of settings on the current line, the start excepted."""
        return tuple((change.step, change.words) for change in self._line_changes.values() if change.words)

    def path(self, max_points: int, max_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
        """Return steps and parameters along the line from step 0 to the current step, at most `max_points` evenly spread.

        Returns
        -------
        steps : ndarray of int64, shape (n_points,)
        points : ndarray of shape (n_points, n_parameters)
            The first is the start of the run, the last is where the trainer stands.
        """
        size = self.trainer.spec.n_parameters
        allowed = max(2, min(max_points, max_bytes // (size * self.trainer.parameters.itemsize)))
        owners = {
            step: branch
            for branch, stop in self._stretches()
            for step in branch.keyframe_steps(branch.fork_step, min(stop, self.step - 1))
        }
        steps = np.array(sorted(owners), dtype=np.int64)
        if len(steps) > allowed - 1:
            steps = steps[np.unique(np.linspace(0, len(steps) - 1, allowed - 1).round().astype(int))]
        points = [owners[int(step)].keyframe_at(int(step)).vector[:size] for step in steps]
        return np.append(steps, self.step), np.array([*points, self.trainer.parameters])

    # ------------------------------------------------------------------ moving

    def advance(self, max_steps: int, seconds: float = float("inf")) -> int:
        """Take updates until `max_steps` are done or `seconds` have passed (at least one), and return how many.

        Inside the recorded line they are replayed; at its end they extend it.

        Raises
        ------
        NonFiniteError
            The trainer then stands at the last finite step, and nothing of the failed one is recorded.
        """
        deadline = perf_counter() + seconds
        done = 0
        with quiet():
            while done < max_steps:
                self._take_step()
                done += 1
                if perf_counter() >= deadline:
                    break
        return done

    def seek(self, step: int) -> Iterator[int]:
        """Go to a step of the current line in slices: yields the step reached so far every few milliseconds.

        Raises
        ------
        ValueError
            When the line has no such step.
        """
        if not 0 <= step <= self.last_step:
            raise ValueError(f"step {step:,} is not recorded; the line goes from 0 to {self.last_step:,}.")
        keyframe = self._owner(step).keyframe_at(step)
        if not keyframe.step <= self.step <= step:
            self.trainer.restore(keyframe, self._settings_at(keyframe.step))
        while self.step < step:
            self.advance(step - self.step, SEEK_SLICE_SECONDS)
            yield self.step

    def go_to(self, step: int) -> None:
        """Go to a step of the current line and stay until it is reached."""
        for _ in self.seek(step):
            pass

    def change(self, settings: Settings, words: str) -> bool:
        """Take new live settings from the next update on; in the past this starts a branch. Return whether it did.

        Raises
        ------
        ValueError
            When a setting differs that a run can't change.
        """
        if settings == self.trainer.settings:
            return False
        in_the_past = self.step < self.last_step
        self.trainer.change(settings)
        change = Change(self.step, settings, self.trainer.state(), words)
        if in_the_past:
            self.branch = Branch(len(self.branches), self._owner(self.step), change, FIRST_STRIDE)
            self.branches.append(self.branch)
        else:
            self.branch.add_change(change)
        self.budget.spend(0)
        self._line_changes = self._changes_of_line()
        return in_the_past

    def select(self, branch_id: int) -> None:
        """Make another branch's line the current one and stand at the same step of it, or at its end where it is shorter."""
        step = self.step
        self.branch = self.branches[branch_id]
        self._line_changes = self._changes_of_line()
        step = min(step, self.last_step)
        keyframe = self._owner(step).keyframe_at(step)
        self.trainer.restore(keyframe, self._settings_at(keyframe.step))
        self.go_to(step)

    def measure_here(self) -> Measurement:
        """Measure at the end of the line unless that is done already, and return the measurement."""
        found = self.measurement()
        if found.step == self.step:
            return found
        measurement = self.trainer.measure()
        if self.step == self.last_step:
            self.branch.add_measurement(measurement)
        return measurement

    # ------------------------------------------------------------------ inside

    def _take_step(self) -> None:
        record = self.trainer.take_step_unguarded()
        if record.step <= self.branch.last_step:
            self._check_replay(record)
            return
        self.branch.append(record)
        if record.epoch_ended:
            self.branch.add_measurement(self.trainer.measure())
        if record.step % self.branch.stride == 0:
            state = self.trainer.state()
            self.branch.add_keyframe(state)
            self.budget.spend(state.nbytes)

    def _check_replay(self, record: StepRecord) -> None:
        """Hold a replayed step against its record, and put a recorded change into force."""
        if record.batch_loss != self._recorder(record.step).batch_loss(record.step):
            raise ReplayError(f"step {record.step:,} was recorded with another batch loss than its replay gives.")
        change = self._line_changes.get(record.step)
        if change is not None:
            self.trainer.restore(change.state, change.settings)

    def _stretches(self) -> list[tuple[Branch, int]]:
        """Return the branches of the current line, each with the last step it contributes."""
        line = self.line()
        return [*zip(line, [child.fork_step for child in line[1:]], strict=False), (line[-1], line[-1].last_step)]

    def _owner(self, step: int) -> Branch:
        """Return the branch of the current line that holds the state at `step`."""
        return next(branch for branch in reversed(self.line()) if branch.fork_step <= step)

    def _recorder(self, step: int) -> Branch:
        """Return the branch of the current line that recorded the update to `step`."""
        return next(branch for branch in reversed(self.line()) if branch.fork_step < step)

    def _settings_at(self, step: int) -> Settings:
        return self._owner(step).change_at(step).settings

    def _changes_of_line(self) -> dict[int, Change]:
        """Return the changes of the current line by step; a fork's own change takes the place of its parent's at that step."""
        changes: dict[int, Change] = {}
        for branch, stop in self._stretches():
            changes.update({change.step: change for change in branch.changes if change.step <= stop})
        return changes
