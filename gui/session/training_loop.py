"""The loop of the training thread: short turns of training, replaying, measuring and sending frames, one after the other.

Flow control: at full speed a frame is sent when it is due and the credit for it is there; training then rests until the
picture is on screen (`frame_shown`), because a paint that competes with training for the interpreter lock is late by whole
switch intervals. When nobody paints within 100 ms (minimised, docks closed) the credit comes back by itself.

No turn lasts much longer than 8 ms, however many rows there are: what takes all rows is done in slices, over as many turns as
that needs. While it stands still, the loop goes on until the figures of where it stands are there, and then it stops.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from typing import Any, NamedTuple, TypeVar, cast

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.history import History
from engine.memory_budget import MemoryBudget
from engine.nonfinite import NonFiniteError
from engine.stopping import Stop
from engine.trainer import Trainer
from gui.session.frame_pace import FramePace
from gui.session.kept_run import KeptRun
from gui.session.messages import BranchShown, Failure, Finished, RunState, Stepped
from gui.session.row_loss_job import RowLossJob
from gui.session.snapshots import SnapshotMaker, branch_infos

TURN_SECONDS = 0.008
"""Time between two looks at the event loop."""

YIELD_SECONDS = 0.0001
"""Sleep after a turn: long enough for a waiting thread to take the interpreter lock."""

CREDIT_TIMEOUT_MS = 100

SlotMethod = TypeVar("SlotMethod", bound=Callable[..., None])


def reported(slot: SlotMethod) -> SlotMethod:
    """Turn an exception in a slot into a `failed` message: nothing else would ever see it."""

    @wraps(slot)
    def guarded(self: TrainingLoop, *args: Any) -> None:
        try:
            slot(self, *args)
        except Exception as error:  # noqa: BLE001 - all exceptions of this thread end here and become a message
            self._report(error)

    return cast(SlotMethod, guarded)


class Deferred(NamedTuple):
    """A request that waits until a seek has arrived or a measurement is complete.

    Attributes
    ----------
    make : callable ()
    moves : bool
        Whether it only asks to move, which a pause takes back.
    """

    make: Callable[[], None]
    moves: bool


class TrainingLoop(QObject):
    """Trains in turns; what is to be done is set by the requests of `TrainingWorker`.

    Signals
    -------
    branch_shown(BranchShown), stepped(Stepped), snapshot_ready(Snapshot), state_changed(int, RunState), finished(Finished),
    failed(Failure), row_losses_ready(RowLosses), held_out_figures_ready(HeldOutFigures)
    """

    branch_shown = Signal(object)
    stepped = Signal(object)
    snapshot_ready = Signal(object)
    state_changed = Signal(object, object)
    finished = Signal(object)
    failed = Signal(object)
    row_losses_ready = Signal(object)
    held_out_figures_ready = Signal(object)

    def __init__(self, budget_bytes: int) -> None:
        super().__init__()
        self._budget = MemoryBudget(budget_bytes)
        self._runs: dict[int, KeptRun] = {}
        self._run_id = -1
        self._state = RunState.IDLE
        self._snapshots = SnapshotMaker(in_pieces=True)
        self._pace = FramePace()
        self._steps_per_second: float | None = None
        self._due = 0.0
        self._opening: Iterator[None] | None = None
        self._seek: Iterator[int] | None = None
        self._seek_target = 0
        self._deferred: list[Deferred] = []
        self._row_losses: RowLossJob | None = None
        self._past_the_length = False
        self._stops: list[Stop] = []
        self._until_epoch_end = False
        self._goal_step = 0
        self._turn_timer = QTimer(self)
        self._turn_timer.timeout.connect(self._turn)
        self._credit_timer = QTimer(self)
        self._credit_timer.setSingleShot(True)
        self._credit_timer.timeout.connect(self.frame_shown)

    @Slot()
    def frame_shown(self) -> None:
        """Take the credit back: the last frame is on screen, or nobody is looking."""
        self._pace.has_credit = True
        self._credit_timer.stop()
        if self._state is RunState.RUNNING and not self._turn_timer.isActive():
            self._start_turns()

    # ------------------------------------------------------------------ turns

    @property
    def _history(self) -> History:
        return self._runs[self._run_id].history

    @property
    def _trainer(self) -> Trainer:
        return self._history.trainer

    @property
    def _is_busy(self) -> bool:
        """Whether where the trainer stands is not settled: requests that depend on it wait."""
        return self._opening is not None or self._seek is not None or self._history.is_measuring

    @Slot()
    @reported
    def _turn(self) -> None:
        """Do one short piece of work and return to the event loop, so that every request is served in between."""
        if self._deferred and not self._is_busy:
            self._make_deferred()
        elif self._opening is not None:
            self._opening_turn()
        elif self._seek is not None:
            self._seek_turn()
        elif self._state is not RunState.RUNNING:
            self._standing_turn()
        elif self._until_epoch_end or self._goal_step:
            self._goal_turn()
        elif self._steps_per_second is None:
            self._full_speed_turn()
        else:
            self._paced_turn(self._steps_per_second)

    def _full_speed_turn(self) -> None:
        if not self._pace.has_credit:
            self._turn_timer.stop()  # frame_shown starts it again
            return
        now = time.perf_counter()
        if now >= self._pace.due:
            self._pace.take_beat(now)
            self._send_frame()
            return
        end = now + min(TURN_SECONDS, self._pace.due - now)
        self._work_beside()
        self._train(2**62, max(end - time.perf_counter(), 0.0005))
        if self._state is RunState.FINISHED:
            self._send_frame()
        time.sleep(YIELD_SECONDS)

    def _paced_turn(self, steps_per_second: float) -> None:
        now = time.perf_counter()
        n_due = int((now - self._due) * steps_per_second)
        if not self._pace.has_credit:
            return
        self._work_beside()
        if n_due < 1 and not self._history.is_measuring:
            return
        n_taken = self._train(n_due, TURN_SECONDS)
        # A pace the machine can't keep is not caught up on later.
        self._due = max(self._due + n_taken / steps_per_second, now - 0.1)
        if n_taken or self._state is not RunState.RUNNING or now >= self._pace.due:
            self._pace.take_beat(now)
            self._send_frame()

    def _goal_turn(self) -> None:
        """Train towards the end of the epoch, or the step asked for, and pause there."""
        history = self._history
        self._work_beside()
        if self._until_epoch_end:
            self._train(2**62, TURN_SECONDS, to_epoch_end=True)
            reached = not history.trainer.epoch_is_open
        else:
            self._train(self._goal_step - history.step, TURN_SECONDS)
            reached = history.step >= self._goal_step
        if self._state is RunState.RUNNING and reached and not history.is_measuring:
            self._halt()
            self._set_state(RunState.PAUSED)
        if self._state is not RunState.RUNNING or self._pace.has_credit:
            self._send_frame()
        time.sleep(YIELD_SECONDS)

    def _opening_turn(self) -> None:
        """Go on with what a run needs before its first frame: ranges of the inputs, and the losses of step 0."""
        assert self._opening is not None
        deadline = time.perf_counter() + TURN_SECONDS
        for _ in self._opening:
            if time.perf_counter() >= deadline:
                break
        else:
            self._opening = None
            self._show_branch()
            self._send_frame()
        time.sleep(YIELD_SECONDS)

    def _seek_turn(self) -> None:
        """Replay a little further; a long way is shown as it goes, so that dragging never stands still."""
        assert self._seek is not None
        owed = self._owed_step()
        arrived = next(self._seek, None) is None
        self._report_records(self._history.last_step, owed)
        if arrived:
            self._arrive()
        elif self._pace.has_credit and time.perf_counter() >= self._pace.seek_frame_due:
            self._send_frame()
        time.sleep(YIELD_SECONDS)

    def _arrive(self) -> None:
        """Take the last step to where the seek leads, and do what was asked for meanwhile."""
        self._seek = None
        self._turn_timer.stop()
        if self._history.step < self._seek_target:
            self._history.advance(1)
        self._send_frame()
        self._make_deferred()

    def _standing_turn(self) -> None:
        """Go on with what belongs to where the trainer stands, or stop the turns where nothing is left."""
        figures = self._snapshots.figures
        if self._history.is_measuring:
            self._finish_epoch()
        elif self._row_losses is not None:
            self._work_on_row_losses(TURN_SECONDS)
        elif figures.is_wanted(self._trainer):
            if figures.stand_on(self._trainer, TURN_SECONDS):
                self._send_frame()
        else:
            self._turn_timer.stop()
        time.sleep(YIELD_SECONDS)

    def _finish_epoch(self) -> None:
        """Go on with the losses over all rows at the end of an epoch, and show them once they are there."""
        self._train(0, TURN_SECONDS)
        if not self._history.is_measuring:
            self._send_frame()

    def _work_beside(self) -> None:
        """Do a little of what may wait, beside training: of the figures where it is their time, else of the row losses."""
        if not self._snapshots.figures.play_on(self._trainer) and self._row_losses is not None:
            self._work_on_row_losses()

    def _work_on_row_losses(self, seconds: float = 0.0) -> None:
        assert self._row_losses is not None
        found = self._row_losses.work(seconds)
        if found is not None:
            self._row_losses = None
            self.row_losses_ready.emit(found)

    # ------------------------------------------------------------------ training

    def _train(self, max_steps: int, seconds: float, *, to_epoch_end: bool = False) -> int:
        """Take updates, report the records of those computed for the first time, and return how many were taken."""
        run, history = self._runs[self._run_id], self._history
        recorded, before, owed = history.last_step, history.step, self._owed_step()
        failure: Failure | None = None
        self._stops.clear()
        start = time.perf_counter()
        should_stop = None if self._past_the_length else self._should_stop
        try:
            history.advance(self._limited(max_steps), seconds, to_epoch_end=to_epoch_end, should_stop=should_stop)
        except NonFiniteError as error:
            failure = Failure(self._run_id, "Training stopped", str(error), history.step)
            self._stops.append(Stop("non-finite", str(error)))
        run.seconds += time.perf_counter() - start
        if should_stop is not None and not self._stops:
            out_of_time = run.time_is_up()
            self._stops += [] if out_of_time is None else [out_of_time]
        n_taken = history.step - before
        run.steps_taken += n_taken
        self._report_records(recorded, owed)
        self._snapshots.count_steps(n_taken)
        if failure is not None:
            self._fail(failure)
        elif not history.is_measuring and (self._limited(1) == 0 or self._stops):
            self._halt()
            self._set_state(RunState.FINISHED)
            for stop in self._stops:
                self._finish(stop)
        return n_taken

    def _owed_step(self) -> int | None:
        """Return the step whose record was reported without the losses over all rows, which are still being taken."""
        return self._history.step if self._history.is_measuring else None

    def _report_records(self, recorded: int, owed: int | None) -> None:
        """Report the records after a step, and the measurement that was owed and has come, where there are any."""
        history = self._history
        has_come = owed is not None and owed != self._owed_step()
        if history.last_step == recorded and not has_come:
            return
        records = history.records(recorded + 1, history.last_step)
        if owed and has_come:
            late = history.records(owed, owed).measurements
            records = replace(records, measurements=(*late, *records.measurements))
        self.stepped.emit(Stepped(self._run_id, history.branch.branch_id, records))

    def _should_stop(self, history: History) -> bool:
        """Apply the rules of the settings at the end of an epoch."""
        stop = self._runs[self._run_id].after_epoch()
        self._stops += [] if stop is None else [stop]
        return stop is not None

    def _finish(self, stop: Stop) -> None:
        """Say which rule ended the run, and go to the step whose weights are its result."""
        self.finished.emit(Finished(self._run_id, self._history.step, stop.reason, stop.sentence, stop.step))
        if stop.step is not None:
            waiting = self._deferred.copy()
            self._begin_seek(stop.step)
            self._deferred = [Deferred(self._stand_finished, moves=False), *waiting]

    def _stand_finished(self) -> None:
        self._set_state(RunState.FINISHED)
        self._send_frame()

    def _limited(self, max_steps: int) -> int:
        """Return how many steps may be taken before the length asked for is reached."""
        left = self._trainer.steps_left()
        return max_steps if left is None or self._past_the_length else min(max_steps, left)

    # ------------------------------------------------------------------ what goes on

    def _run(self) -> None:
        self._set_state(RunState.RUNNING)
        self._due = time.perf_counter()
        self._pace.restart()
        self._snapshots.restart_clock()
        self._start_turns()

    def _start_turns(self) -> None:
        pace = self._steps_per_second
        paced = pace is not None and not self._until_epoch_end and not self._goal_step
        self._pace.let_train(time.perf_counter())
        self._turn_timer.start(min(15, max(1, round(250 / pace))) if paced and pace else 0)

    def _begin_seek(self, step: int) -> None:
        """Go to a step of the current line, in turns; what was to follow an earlier seek is given up."""
        self._halt()
        self._deferred.clear()
        self._past_the_length = False
        history = self._history
        self._seek_target = min(max(step, 0), history.last_step)
        # One step short, then a true step: so that the gradient that led there is known.
        self._seek = history.seek(max(0, self._seek_target - 1))
        self._set_state(RunState.PAUSED if history.last_step else RunState.IDLE)
        self._turn_timer.start(0)

    def _halt(self) -> None:
        self._turn_timer.stop()
        self._until_epoch_end = False
        self._goal_step = 0

    def _make_deferred(self) -> None:
        """Do what waited, in its order; what finds that it must wait again stays behind what it waits for."""
        waiting, self._deferred = self._deferred, []
        for deferred in waiting:
            deferred.make()

    def _forget_what_waits(self) -> None:
        self._seek = self._opening = self._row_losses = None
        self._deferred.clear()

    # ------------------------------------------------------------------ telling

    def _fail(self, failure: Failure) -> None:
        self._halt()
        self._set_state(RunState.FAILED)
        self.failed.emit(failure)
        self._send_frame()

    def _report(self, error: Exception) -> None:
        sentence = f"{type(error).__name__}: {error}. The run was stopped; its history is kept."
        self._halt()
        self._stops.clear()
        self._forget_what_waits()
        self._set_state(RunState.FAILED)
        self.failed.emit(Failure(self._run_id, "An internal error stopped the run", sentence))

    def _set_state(self, state: RunState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(self._run_id, state)

    def _show_branch(self) -> None:
        history = self._history
        records = history.records(1, history.last_step)
        infos = branch_infos(history)
        self.branch_shown.emit(BranchShown(self._run_id, history.branch.branch_id, records, infos, history.changes()))

    def _send_frame(self) -> None:
        """Send a frame, and see to it that what it lacks while standing still follows; a run being opened has none yet."""
        if self._opening is not None:
            return
        self._credit_timer.start(CREDIT_TIMEOUT_MS)
        self._pace.sent(time.perf_counter())
        self.snapshot_ready.emit(self._snapshots.make(self._history, self._run_id, self._state))
        self._go_on_standing()

    def _go_on_standing(self) -> None:
        """Take turns while the trainer stands where something is still to be measured, or a request still waits."""
        if self._state is RunState.RUNNING or self._turn_timer.isActive():
            return
        measures = self._history.is_measuring or self._row_losses is not None
        if measures or self._deferred or self._snapshots.figures.is_wanted(self._trainer):
            self._turn_timer.start(0)
