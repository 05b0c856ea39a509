"""What happened: every step's record, keyframes of the complete state, and branches; go to any step and go on from there.

A step between two keyframes is brought back by exact replay: restore the keyframe before it, take the steps again, and make the
recorded changes of settings at their steps. Every state so reached equals, bit for bit, the one training passed through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.branch import Branch, Change
from engine.change_in_words import describe_change
from engine.landscape.path import thinned
from engine.memory_budget import MemoryBudget
from engine.network_choice import spec_for
from engine.records import Measurement, StepRecord, StepRecords
from engine.settings import Settings
from engine.trainer import Trainer, quiet
from engine.trainer_state import TrainerState

FIRST_STRIDE = 8
"""Steps between keyframes until memory runs short."""

EARLY_STEPS = 32
"""The first steps, where a path bends most, are all kept until memory runs short."""

SEEK_SLICE_SECONDS = 0.008
"""How long a seek replays before it yields."""


class ReplayError(RuntimeError):
    """A replayed step differs from its record: the program is wrong, not the user."""


class History:
    """The history of one run and the trainer that stands somewhere in it.

    Parameters
    ----------
    trainer : Trainer
        At its first step; from now on it is moved only through the history.
    budget : MemoryBudget, optional
    in_slices : bool
        Whether the measurement of many rows at step 0 is left to `advance`; else it is complete when the history is made.

    Attributes
    ----------
    branches : list of Branch
        Never empty; a branch's id is its place.
    branch : Branch
        The one whose line is current: its ancestors up to their forks, then itself.
    is_measuring : bool
        Whether the losses over all rows at the step where the trainer stands are still being taken: time was up at the end of
        an epoch of many rows, or the run begins in slices. `advance` goes on with that first, and whatever else moves the
        trainer finishes it before. Until it is complete at step 0 there is no `measurement`.
    """

    def __init__(self, trainer: Trainer, budget: MemoryBudget | None = None, *, in_slices: bool = False) -> None:
        self.trainer = trainer
        self.branch = Branch(0, None, Change(trainer.step, trainer.settings), FIRST_STRIDE)
        self.branch.add_keyframe(trainer.state())
        self.branches = [self.branch]
        self.budget = budget or MemoryBudget()
        self.budget.join(self, lambda: self.branches)
        self._line_changes = self._changes_of_line()
        self.is_measuring = True
        if trainer.measures_at_once or not in_slices:
            self._measure_on()

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
        """Return the records of steps first_step .. last_step of the current line; from step 1 on with the losses of step 0."""
        parts = [
            branch.records(max(first_step, branch.fork_step + 1), min(last_step, stop))
            for branch, stop in self._stretches()
            if stop >= first_step and branch.fork_step < last_step
        ]
        if len(parts) == 1 and first_step > 1:
            return parts[0]
        measurements = [measurement for part in parts for measurement in part.measurements]
        if first_step == 1 and not (measurements and measurements[0].step == 0):
            measurements = [*self.branches[0].records(1, 0).measurements, *measurements]
        losses = np.concatenate([np.empty(0), *(part.batch_losses for part in parts)])
        epochs = np.concatenate([np.empty(0, dtype=np.int64), *(part.epochs for part in parts)])
        losses.flags.writeable = epochs.flags.writeable = False
        return StepRecords(first_step, epochs, losses, tuple(measurements))

    def batch_loss(self) -> float | None:
        """Return the batch loss of the update that led to the current step, None at step 0."""
        return self._recorder(self.step).batch_loss(self.step) if self.step else None

    def measurement(self) -> Measurement:
        """Return the last measurement at or before the current step."""
        for branch, stop in reversed(self._stretches()):
            found = branch.measurement_at(min(self.step, stop))
            if found is not None:
                return found
        raise AssertionError("step 0 is always measured")

    def start_of_epoch(self) -> int:
        """Return the step at which the epoch of the current step began, the end of the epoch before it."""
        step = self.step
        if step == 0:
            return 0
        epoch = self.trainer.epoch
        while step > 0:
            branch = self._recorder(step)
            start = branch.start_of_epoch(step)
            if start == 0 or start > branch.fork_step or branch.parent is None or self._recorder(start).epoch(start) != epoch:
                return start
            step = start
        return 0

    def changes(self) -> tuple[tuple[int, str], ...]:
        """Return step and words of every change of settings on the current line, the start excepted."""
        return tuple((change.step, change.words) for change in self._line_changes.values())

    def changes_until(self, last_step: int) -> list[Change]:
        """Return the changes of the current line up to a step, in order; the first one, at step 0, has the start's settings.

        A fork's own change takes the place of what its parent has at that step.
        """
        found: dict[int, Change] = {}
        for branch, stop in self._stretches():
            found.update({change.step: change for change in branch.changes if change.step <= min(stop, last_step)})
        return [found[step] for step in sorted(found)]

    def last_reshaping(self) -> int:
        """Return the last step at which the network itself was changed by hand, not only how it is trained; 0 for none."""
        step, off = 0, self.branches[0].start.settings.switched_off
        for change in self._line_changes.values():
            if change.edits or change.settings.switched_off != off:
                step, off = change.step, change.settings.switched_off
        return step

    def path(self, max_points: int, max_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
        """Return steps and parameters along the line from step 0 to the current step, at most `max_points` evenly spread.

        Returns
        -------
        steps : ndarray of int64, shape (n_points,)
        points : ndarray of shape (n_points, n_parameters)
            The first is the start of the run, the last is where the trainer stands.
        """
        parameters = self.trainer.parameters
        size = len(parameters)
        wanted = thinned(self.step + 1, size, max_points, max_bytes, parameters.itemsize)
        found = {state.step: state for state in map(self._keyframe_at, wanted[:-1].tolist())}
        points = [state.vector[:size] for state in found.values() if state.step < self.step]
        steps = [step for step in found if step < self.step]
        return np.array([*steps, self.step], dtype=np.int64), np.array([*points, parameters])

    # ------------------------------------------------------------------ moving

    def advance(
        self,
        max_steps: int,
        seconds: float = float("inf"),
        *,
        to_epoch_end: bool = False,
        should_stop: Callable[[History], bool] | None = None,
    ) -> int:
        """Take updates until `max_steps` are done or `seconds` have passed (one at least), and return how many.

        Inside the recorded line they are replayed; at its end they extend it. At the end of an epoch that is completed for the
        first time all rows are measured, a slice at a time: where `seconds` end in the middle of that, the next call goes on
        with it, and takes no update before it is complete.

        Parameters
        ----------
        max_steps : int
            0 for nothing but the rest of a measurement.
        to_epoch_end : bool
            Whether to stop after the last update of an epoch.
        should_stop : callable, optional
            Asked whenever an epoch was completed for the first time; training ends there once it says yes.

        Raises
        ------
        NonFiniteError
            The trainer then stands at the last finite step, and nothing of the failed one is recorded.
        """
        deadline = perf_counter() + seconds
        done = 0
        with quiet():
            if self.is_measuring:
                if not self._measure_on(deadline):
                    return 0
                if self.step and (to_epoch_end or (should_stop is not None and should_stop(self))):
                    return 0
                if perf_counter() >= deadline:
                    return 0
            while done < max_steps and (done == 0 or perf_counter() < deadline):
                recorded = self.last_step
                epoch_ended = self._take_step()
                done += 1
                if self.is_measuring and not self._measure_on(deadline):
                    break
                if epoch_ended and to_epoch_end:
                    break
                if epoch_ended and should_stop is not None and self.step > recorded and should_stop(self):
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
        while self.is_measuring and not self._measure_on(perf_counter() + SEEK_SLICE_SECONDS):
            yield self.step
        keyframe = self._keyframe_at(step)
        if not keyframe.step <= self.step <= step:
            self._restore(keyframe)
        while self.step < step:
            self.advance(step - self.step, SEEK_SLICE_SECONDS)
            yield self.step

    def go_to(self, step: int) -> None:
        """Go to a step of the current line and stay until it is reached."""
        for _ in self.seek(step):
            pass

    def change(self, settings: Settings, edits: Sequence[tuple[int, float]] = ()) -> bool:
        """Take new live settings and parameters from the next update on; in the past this starts a branch.

        Several changes at one step count as one: from what was in force before the step to the last ones.

        Parameters
        ----------
        settings : Settings
        edits : sequence of (int, float), optional
            Places of the flat parameter vector, and the numbers to put there.

        Returns
        -------
        bool
            Whether a branch was started.

        Raises
        ------
        ValueError
            When a setting differs that a run can't change, or an edit names no parameter or no finite number.
        SettingsError
            When the settings do not fit the data. Nothing is changed in all these cases.
        """
        if settings == self.trainer.settings and not edits:
            return False
        self.trainer.check_edits(edits)
        spec_for(settings, self.trainer.data)
        self.finish_measuring()
        in_the_past = self.step < self.last_step
        earlier = self._line_changes.get(self.step)
        if earlier is not None:
            edits = (*earlier.edits, *edits)
            self._go_before_change()
        merged = tuple(dict(edits).items())
        change = Change(self.step, settings, self._in_words(settings, merged), merged)
        self._make(change)
        if in_the_past:
            self.branch = Branch(len(self.branches), self._owner(self.step), change, FIRST_STRIDE)
            self.branches.append(self.branch)
        else:
            self.branch.set_change(change)
        self._line_changes = self._changes_of_line()
        return in_the_past

    def _in_words(self, settings: Settings, edits: Sequence[tuple[int, float]]) -> str:
        """Return a change made where the trainer stands in words."""
        trainer = self.trainer
        words = [describe_change(trainer.settings, settings)] if settings != trainer.settings else []
        return ", ".join([*words, *(f"{trainer.spec.describe_parameter(index)} set to {value!r}" for index, value in edits)])

    def select(self, branch_id: int) -> Iterator[int]:
        """Make another branch's line the current one, and go (as `seek` does) to the same step of it or to its end."""
        self.finish_measuring()
        step = self.step
        self.branch = self.branches[branch_id]
        self._line_changes = self._changes_of_line()
        step = min(step, self.last_step)
        self._restore(self._keyframe_at(step))
        return self.seek(step)

    def measure_here(self) -> Measurement:
        """Measure at the end of the line unless that is done already, and return the measurement."""
        self.finish_measuring()
        found = self.measurement()
        if found.step == self.step:
            return found
        measurement = self.trainer.measure()
        if self.step == self.last_step:
            self.branch.add_measurement(measurement)
        return measurement

    def finish_measuring(self) -> None:
        """Complete the measurement that belongs to where the trainer stands, if one is under way."""
        if self.is_measuring:
            self._measure_on()

    # ------------------------------------------------------------------ inside

    def _measure_on(self, deadline: float = float("inf")) -> bool:
        """Go on measuring until a deadline, write down what is then complete, and return whether it is."""
        while not self.trainer.measure_slice():
            if perf_counter() >= deadline:
                return False
        self.is_measuring = False
        self.branch.add_measurement(self.trainer.measure())
        if self.step > self.branches[0].fork_step:
            self._keep_state()
        return True

    def _take_step(self) -> bool:
        """Take a step, record it (or hold it against its record), and return whether it ended an epoch."""
        record = self.trainer.take_step_unguarded()
        branch = self.branch
        if record.step <= branch.last_step:
            self._check_replay(record)
            return record.epoch_ended
        branch.append(record)
        if record.epoch_ended:
            self.is_measuring = True  # what is measured may decide a part of the state, which is kept after it
        else:
            self._keep_state()
        return record.epoch_ended

    def _keep_state(self) -> None:
        """Keep the state of a step just recorded, where its turn has come."""
        branch, step = self.branch, self.step
        if step % branch.stride == 0 or step <= EARLY_STEPS:
            branch.add_keyframe(self.trainer.state())
            self.budget.enforce()

    def _check_replay(self, record: StepRecord) -> None:
        """Hold a replayed step against its record, and make the change recorded at it."""
        if record.batch_loss != self._recorder(record.step).batch_loss(record.step):
            raise ReplayError(f"step {record.step:,} was recorded with another batch loss than its replay gives.")
        self._make_change_at(record.step)

    def _make_change_at(self, step: int) -> None:
        """Make the change recorded at the step where the trainer stands, if there is one."""
        change = self._line_changes.get(step)
        if change is not None:
            self._make(change)

    def _make(self, change: Change) -> None:
        if change.settings != self.trainer.settings:
            self.trainer.change(change.settings)
        for index, value in change.edits:
            self.trainer.set_parameter(index, value)

    def _restore(self, keyframe: TrainerState) -> None:
        """Put a keyframe of the current line back, and make the change recorded at its step."""
        self.trainer.restore(keyframe, self._settings_before(keyframe.step))
        self._make_change_at(keyframe.step)

    def _go_before_change(self) -> None:
        """Stand at the current step as it was before the change recorded at it."""
        step = self.step
        change = self._line_changes.pop(step)
        self._restore(self._keyframe_at(step))
        self.go_to(step)
        self._line_changes[step] = change

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

    def _keyframe_at(self, step: int) -> TrainerState:
        """Return the latest state kept at or before `step` on the current line."""
        for branch, stop in reversed(self._stretches()):
            keyframe = branch.keyframe_at(min(step, stop))
            if keyframe is not None:
                return keyframe
        raise AssertionError("the start of a run is always kept")

    def _settings_before(self, step: int) -> Settings:
        """Return the settings in force on arriving at `step`, before a change made there."""
        for branch, _ in reversed(self._stretches()):
            change = branch.change_before(step)
            if change is not None and branch.fork_step < step:
                return change.settings
        return self.branches[0].start.settings

    def _changes_of_line(self) -> dict[int, Change]:
        """Return the changes of the current line by step, those apart that came to nothing."""
        return {change.step: change for change in self.changes_until(self.last_step) if change.words}
