"""The training thread's object: takes requests as slots, trains in short turns, and reports in frozen messages.

Flow control: at full speed a frame is sent when it is due and the credit for it is there; training then rests until the
picture is on screen (`frame_shown`), because a paint that competes with training for the interpreter lock is late by whole
switch intervals. When nobody paints within 100 ms (minimised, docks closed) the credit comes back by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial, wraps
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.history import History
from engine.memory_budget import MemoryBudget
from engine.nonfinite import NonFiniteError
from engine.observe import Watch
from engine.run_result import RunResult, result_where_it_stands
from engine.settings import Settings, SettingsError, make_settings
from engine.stopping import Stop, StopRules, time_is_up
from engine.trainer import Trainer
from gui.session.messages import (
    BranchShown,
    ChangeRecorded,
    Exported,
    Failure,
    Finished,
    PathTaken,
    RunInfo,
    RunStarted,
    RunState,
    Stepped,
    Unit,
)
from gui.session.requests import ExportWanted, NewRun, PathWanted
from gui.session.snapshots import SnapshotMaker, branch_infos, run_title

TURN_SECONDS = 0.008
"""Training time between two looks at the event loop."""

YIELD_SECONDS = 0.0001
"""Sleep after a turn: long enough for a waiting thread to take the interpreter lock."""

FRAME_SECONDS = 1 / 30.7
"""Time between two frames at full speed: a little more than 30 a second."""

LEAST_TRAINING_SECONDS = 0.008
"""Training time a frame leaves however long its paint took."""

SEEK_FRAME_SECONDS = 0.1
"""Time between two frames of a long way back or forth."""

CREDIT_TIMEOUT_MS = 100

SlotMethod = TypeVar("SlotMethod", bound=Callable[..., None])


def _reported(slot: SlotMethod) -> SlotMethod:
    """Turn an exception in a slot into a `failed` message: nothing else would ever see it."""

    @wraps(slot)
    def guarded(self: TrainingWorker, *args: Any) -> None:
        try:
            slot(self, *args)
        except Exception as error:  # noqa: BLE001 - all exceptions of this thread end here and become a message
            self._report(error)

    return cast(SlotMethod, guarded)


class TrainingWorker(QObject):
    """Trains; lives in the training thread. Made without a parent in the GUI thread, moved, then started by `begin`.

    Signals
    -------
    run_started(RunStarted), branch_shown(BranchShown), change_recorded(ChangeRecorded), stepped(Stepped),
    snapshot_ready(Snapshot), state_changed(int, RunState), path_taken(PathTaken), finished(Finished), failed(Failure),
    refused(Failure), exported(Exported), export_failed(Failure), stopped()
    """

    run_started = Signal(object)
    branch_shown = Signal(object)
    change_recorded = Signal(object)
    stepped = Signal(object)
    snapshot_ready = Signal(object)
    state_changed = Signal(object, object)
    path_taken = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    refused = Signal(object)
    exported = Signal(object)
    export_failed = Signal(object)
    stopped = Signal()

    def __init__(self, budget_bytes: int = 256 * 2**20) -> None:
        super().__init__()
        self._budget = MemoryBudget(budget_bytes)
        self._runs: dict[int, History] = {}
        self._infos: dict[int, RunInfo] = {}
        self._run_id = -1
        self._state = RunState.IDLE
        self._snapshots = SnapshotMaker()
        self._steps_per_second: float | None = None
        self._seek: Iterator[int] | None = None
        self._seek_target = 0
        self._past_the_length = False
        self._rules: dict[int, StopRules] = {}
        self._seconds: dict[int, float] = {}
        self._steps_taken: dict[int, int] = {}
        self._stops: list[Stop] = []
        self._rest_until = 0.0
        self._after_seek: list[Callable[[], None]] = []
        self._until_epoch_end = False
        self._goal_step = 0
        self._has_credit = True
        self._frame_time = self._frame_due = 0.0
        self._due = 0.0
        self._turn_timer = QTimer(self)
        self._turn_timer.timeout.connect(self._turn)
        self._credit_timer = QTimer(self)
        self._credit_timer.setSingleShot(True)
        self._credit_timer.timeout.connect(self.frame_shown)

    # ------------------------------------------------------------------ runs and branches

    @Slot(object)
    @_reported
    def start_run(self, request: NewRun) -> None:
        """Build a new run and make it the current one; when that fails keep the old one and say why."""
        try:
            history = History(Trainer(request.settings, request.data), self._budget)
        except SettingsError as error:
            self.refused.emit(Failure(request.run_id, "These settings do not fit the data", str(error)))
            return
        except MemoryError:
            sentence = "there is not enough memory for it; take fewer layers, fewer units or a smaller table."
            self.refused.emit(Failure(request.run_id, "This network was not built", sentence))
            return
        self._drop_untrained()
        trainer = history.trainer
        title = run_title(request.run_id, request.data, trainer.spec)
        self._runs[request.run_id] = history
        self._infos[request.run_id] = RunInfo(request.run_id, title, request.settings, trainer.spec, request.data)
        self._show_run(request.run_id, RunState.IDLE)

    @Slot(object)
    @_reported
    def select_run(self, run_id: int) -> None:
        """Come back to an earlier run, at the step it was left."""
        if run_id in self._runs and run_id != self._run_id:
            self._show_run(run_id, RunState.PAUSED)

    @Slot(object, object)
    @_reported
    def select_branch(self, run_id: int, branch_id: int) -> None:
        """Make another branch's line the current one."""
        if run_id != self._run_id:
            return
        self._halt()
        self._past_the_length = False
        self._seek_target = min(self._history.step, self._history.branches[branch_id].last_step)
        self._seek = self._history.select(branch_id)
        self._show_branch()
        self._set_state(RunState.PAUSED)
        self._turn_timer.start(0)

    @Slot(object, object)
    @_reported
    def change(self, run_id: int, changes: dict[str, Any]) -> None:
        """Take changed live settings from the next update on; in the past this starts a branch."""
        if run_id != self._run_id:
            return
        if self._seek is not None:
            self._after_seek.append(partial(self.change, run_id, changes))
            return
        trainer = self._history.trainer
        try:
            settings = make_settings(trainer.settings, **changes)
            if settings != trainer.settings:
                self._change(settings)
        except SettingsError as error:
            self.refused.emit(Failure(self._run_id, "This setting was not taken", str(error)))

    @Slot(object, object)
    @_reported
    def set_parameter(self, run_id: int, edit: tuple[int, float]) -> None:
        """Put a number into the parameters, from the next update on; in the past this starts a branch."""
        if run_id != self._run_id:
            return
        if self._seek is not None:
            self._after_seek.append(partial(self.set_parameter, run_id, edit))
            return
        try:
            self._change(self._history.trainer.settings, edit)
        except ValueError as error:
            self.refused.emit(Failure(self._run_id, "This number was not taken", str(error)))

    def _change(self, settings: Settings, *edits: tuple[int, float]) -> None:
        history = self._history
        forked = history.change(settings, edits)
        self._past_the_length = False
        if forked:
            self._show_branch()
        else:
            words = dict(history.changes()).get(history.step, "")
            self.change_recorded.emit(ChangeRecorded(self._run_id, history.branch.branch_id, history.step, words))
        if self._state in (RunState.FAILED, RunState.FINISHED):
            self._set_state(RunState.PAUSED)
        self._send_frame()

    # ------------------------------------------------------------------ moving

    @Slot()
    @_reported
    def play(self) -> None:
        """Train (or replay the recorded future) until paused; a run at the length asked for goes on without limit."""
        if self._run_id < 0 or self._state in (RunState.RUNNING, RunState.FAILED):
            return
        if self._seek is not None:
            self._after_seek.append(self.play)
            return
        self._go_past_the_length()
        self._run()

    @Slot(object)
    @_reported
    def play_to(self, step: int) -> None:
        """Train at full speed to a step and pause there."""
        if self._seek is not None:
            self._after_seek.append(partial(self.play_to, step))
        elif self._run_id >= 0 and self._state is not RunState.FAILED and step > self._history.step:
            self._halt()
            self._goal_step = step
            self._run()

    @Slot()
    @_reported
    def pause(self) -> None:
        """Stop after the current turn."""
        self._after_seek.clear()
        if self._state is RunState.RUNNING:
            self._halt()
            self._set_state(RunState.PAUSED)
            self._send_frame()

    @Slot(object)
    @_reported
    def step(self, unit: Unit) -> None:
        """Take one update, or the updates to the end of the epoch; a run at the length asked for goes on."""
        if self._run_id < 0 or self._state is RunState.FAILED:
            return
        if self._seek is not None:
            self._after_seek.append(partial(self.step, unit))
            return
        self._halt()
        self._go_past_the_length()
        if unit is Unit.EPOCH:
            self._until_epoch_end = True
            self._run()
            return
        self._set_state(RunState.PAUSED)
        self._train(1)
        self._send_frame()

    @Slot(object)
    @_reported
    def back(self, unit: Unit) -> None:
        """Go one update back, or to the end of the epoch before."""
        if self._run_id < 0:
            return
        if self._seek is not None and unit is Unit.EPOCH:
            self._after_seek.append(partial(self.back, unit))
            return
        self._halt()
        history = self._history
        here = self._seek_target if self._seek is not None else history.step
        self.seek(self._run_id, history.start_of_epoch() if unit is Unit.EPOCH else here - 1)

    @Slot(object, object)
    @_reported
    def seek(self, run_id: int, step: int) -> None:
        """Go to a step of the current line; a newer wish takes the place of an older one and of what was to follow it."""
        if run_id != self._run_id or run_id < 0:
            return
        self._halt()
        self._after_seek.clear()
        self._past_the_length = False
        history = self._history
        self._seek_target = min(max(step, 0), history.last_step)
        # One step short, then a true step: so that the gradient that led there is known.
        self._seek = history.seek(max(0, self._seek_target - 1))
        self._set_state(RunState.PAUSED if history.last_step else RunState.IDLE)
        self._turn_timer.start(0)

    @Slot(object)
    @_reported
    def set_speed(self, steps_per_second: float | None) -> None:
        """Set the pace of play; None is as fast as it goes."""
        self._steps_per_second = steps_per_second
        self._due = time.perf_counter()
        if self._state is RunState.RUNNING:
            self._start_turns()

    # ------------------------------------------------------------------ pictures

    @Slot(object)
    @_reported
    def watch(self, watch: Watch) -> None:
        """Take what the pictures need from the next frame on."""
        self._snapshots.watch = watch
        if self._run_id >= 0 and self._state is not RunState.RUNNING and self._seek is None:
            self._send_frame()

    @Slot()
    def frame_shown(self) -> None:
        """Take the credit back: the last frame is on screen, or nobody is looking."""
        self._has_credit = True
        self._credit_timer.stop()
        if self._state is RunState.RUNNING and not self._turn_timer.isActive():
            self._start_turns()

    @Slot(object)
    @_reported
    def take_path(self, request: PathWanted) -> None:
        """Send the parameters along the current line."""
        if request.run_id == self._run_id and self._seek is None:
            steps, points = self._history.path(request.max_points, request.max_bytes)
            steps.flags.writeable = points.flags.writeable = False
            self.path_taken.emit(PathTaken(self._run_id, self._history.branch.branch_id, steps, points))

    # ------------------------------------------------------------------ files

    @Slot(object)
    @_reported
    def export(self, request: ExportWanted) -> None:
        """Write the files of the run as it stands; a seek under way finishes first, and training pauses."""
        from engine.results.folder import problem_in_words, write_results  # the first window should not wait for it

        if request.run_id != self._run_id:
            self._refuse_export(request, "another run was begun meanwhile; export again.")
            return
        while self._seek is not None:
            self._seek_turn()
        self.pause()
        try:
            request.folder.mkdir(parents=True, exist_ok=True)
            write_results(self._result(), request.folder)
        except Exception as error:  # noqa: BLE001 - files that can't be written must not end a run
            self._refuse_export(request, problem_in_words(request.folder, error))
        else:
            self.exported.emit(Exported(self._run_id, self._history.step, request.folder))

    def _result(self) -> RunResult:
        """Return the run where it stands; the time it took where each of its updates was made once and no other."""
        ended = self._state in (RunState.FINISHED, RunState.FAILED) and bool(self._stops)
        result = result_where_it_stands(self._history, self._stops[-1] if ended else None)
        if self._steps_taken.get(self._run_id, 0) != result.last_step:
            return result
        return replace(result, seconds=self._seconds.get(self._run_id, 0.0))

    def _refuse_export(self, request: ExportWanted, sentence: str) -> None:
        self.export_failed.emit(Failure(request.run_id, "The run was not exported", sentence))

    @Slot()
    def stop(self) -> None:
        """Stop for good: no timer is left when the thread ends. May be called again."""
        self._turn_timer.stop()
        self._credit_timer.stop()
        self._forget_seek()
        self._state = RunState.IDLE
        self.stopped.emit()

    # ------------------------------------------------------------------ inside

    @property
    def _history(self) -> History:
        return self._runs[self._run_id]

    @Slot()
    @_reported
    def _turn(self) -> None:
        """Do one short piece of work and return to the event loop, so that every request is served in between."""
        if self._seek is not None:
            self._seek_turn()
        elif self._state is not RunState.RUNNING:
            self._turn_timer.stop()
        elif self._until_epoch_end or self._goal_step > self._history.step:
            self._goal_turn()
        elif self._steps_per_second is None:
            self._full_speed_turn()
        else:
            self._paced_turn(self._steps_per_second)

    def _full_speed_turn(self) -> None:
        if not self._has_credit:
            self._turn_timer.stop()  # frame_shown starts it again
            return
        now = time.perf_counter()
        due = max(self._frame_due, self._rest_until)
        if now >= due:
            # On a fixed beat, so that small delays do not add up; a beat that was missed is not made up for.
            self._frame_due = max(self._frame_due + FRAME_SECONDS, now)
            self._send_frame()
            return
        self._train(2**62, min(TURN_SECONDS, max(due - now, 0.0005)))
        if self._state is RunState.FINISHED:
            self._send_frame()
        time.sleep(YIELD_SECONDS)

    def _paced_turn(self, steps_per_second: float) -> None:
        now = time.perf_counter()
        n_due = int((now - self._due) * steps_per_second)
        if n_due < 1 or not self._has_credit:
            return
        # A pace the machine can't keep is not caught up on later.
        self._due = max(self._due + n_due / steps_per_second, now - 0.1)
        self._train(n_due, FRAME_SECONDS)
        self._send_frame()

    def _goal_turn(self) -> None:
        """Train towards the end of the epoch, or the step asked for, and pause there."""
        trainer = self._history.trainer
        if self._until_epoch_end:
            self._train(2**62, TURN_SECONDS, to_epoch_end=True)
            reached = not trainer.epoch_is_open
        else:
            self._train(self._goal_step - trainer.step, TURN_SECONDS)
            reached = trainer.step >= self._goal_step
        if self._state is RunState.RUNNING and reached:
            self._halt()
            self._set_state(RunState.PAUSED)
        if self._state is not RunState.RUNNING or self._has_credit:
            self._send_frame()
        time.sleep(YIELD_SECONDS)

    def _seek_turn(self) -> None:
        """Replay a little further; a long way is shown as it goes, so that dragging never stands still."""
        assert self._seek is not None
        if next(self._seek, None) is None:
            self._arrive()
        elif self._has_credit and time.perf_counter() >= self._frame_time + SEEK_FRAME_SECONDS:
            self._send_frame()
        time.sleep(YIELD_SECONDS)

    def _arrive(self) -> None:
        """Take the last step to where the seek leads, and do what was asked for meanwhile."""
        self._seek = None
        self._turn_timer.stop()
        if self._history.step < self._seek_target:
            self._history.advance(1)
        actions, self._after_seek = self._after_seek, []
        self._send_frame()
        for action in actions:
            action()

    def _train(self, max_steps: int, seconds: float = float("inf"), *, to_epoch_end: bool = False) -> None:
        """Take updates and report the records of those computed for the first time."""
        history = self._history
        recorded, before = history.last_step, history.step
        failure: Failure | None = None
        self._stops.clear()
        start = time.perf_counter()
        should_stop = None if self._past_the_length else self._should_stop
        try:
            history.advance(self._limited(max_steps), seconds, to_epoch_end=to_epoch_end, should_stop=should_stop)
        except NonFiniteError as error:
            failure = Failure(self._run_id, "Training stopped", str(error), history.step)
            self._stops.append(Stop("non-finite", str(error)))
        self._seconds[self._run_id] = self._seconds.get(self._run_id, 0.0) + time.perf_counter() - start
        if should_stop is not None and not self._stops and history.step == history.last_step:
            out_of_time = time_is_up(history.trainer.settings, self._seconds[self._run_id])
            self._stops += [] if out_of_time is None else [out_of_time]
        self._steps_taken[self._run_id] = self._steps_taken.get(self._run_id, 0) + history.step - before
        if history.last_step > recorded:
            records = history.records(recorded + 1, history.last_step)
            self.stepped.emit(Stepped(self._run_id, history.branch.branch_id, records))
        self._snapshots.count_steps(history.step - before)
        if failure is not None:
            self._fail(failure)
        elif self._limited(1) == 0 or self._stops:
            self._halt()
            self._set_state(RunState.FINISHED)
            for stop in self._stops:
                self._finish(stop)

    def _should_stop(self, history: History) -> bool:
        """Apply the rules of the settings at the end of an epoch."""
        rules = self._rules.setdefault(self._run_id, StopRules())
        stop = rules.after_epoch(history, self._seconds.get(self._run_id, 0.0))
        self._stops += [] if stop is None else [stop]
        return stop is not None

    def _finish(self, stop: Stop) -> None:
        """Say which rule ended the run, and go to the step whose weights are its result."""
        self.finished.emit(Finished(self._run_id, self._history.step, stop.reason, stop.sentence, stop.step))
        if stop.step is not None:
            self.seek(self._run_id, stop.step)
            self._after_seek.append(self._stand_finished)

    def _stand_finished(self) -> None:
        self._set_state(RunState.FINISHED)
        self._send_frame()

    def _go_past_the_length(self) -> None:
        """Take an explicit wish to go on, at the end of a run that its length or a rule ended, as a wish for more."""
        if self._limited(1) == 0 or self._state is RunState.FINISHED:
            self._past_the_length = True

    def _limited(self, max_steps: int) -> int:
        """Return how many steps may be taken before the length asked for is reached."""
        left = self._history.trainer.steps_left()
        return max_steps if left is None or self._past_the_length else min(max_steps, left)

    def _run(self) -> None:
        self._set_state(RunState.RUNNING)
        self._due = time.perf_counter()
        self._rest_until = 0.0
        self._snapshots.restart_clock()
        self._start_turns()

    def _start_turns(self) -> None:
        pace = self._steps_per_second
        paced = pace is not None and not self._until_epoch_end and not self._goal_step
        self._rest_until = time.perf_counter() + LEAST_TRAINING_SECONDS
        self._turn_timer.start(min(15, max(1, round(250 / pace))) if paced and pace else 0)

    def _halt(self) -> None:
        self._turn_timer.stop()
        self._until_epoch_end = False
        self._goal_step = 0

    def _forget_seek(self) -> None:
        self._seek = None
        self._after_seek.clear()

    def _fail(self, failure: Failure) -> None:
        self._halt()
        self._set_state(RunState.FAILED)
        self.failed.emit(failure)
        self._send_frame()

    def _report(self, error: Exception) -> None:
        sentence = f"{type(error).__name__}: {error}. The run was stopped; its history is kept."
        self._halt()
        self._stops.clear()
        self._forget_seek()
        self._set_state(RunState.FAILED)
        self.failed.emit(Failure(self._run_id, "An internal error stopped the run", sentence))

    def _set_state(self, state: RunState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(self._run_id, state)

    def _show_run(self, run_id: int, state: RunState) -> None:
        self._halt()
        self._forget_seek()
        self._past_the_length = False
        if self._run_id >= 0:
            self._history.trainer.rest()
        self._run_id = run_id
        info = self._infos[run_id]
        self._snapshots.set_run(info)
        others = tuple(self._with_steps(other) for key, other in self._infos.items() if key != run_id)
        self.run_started.emit(RunStarted(info, others))
        self._show_branch()
        self._state = state
        self.state_changed.emit(run_id, state)
        self._send_frame()

    def _with_steps(self, info: RunInfo) -> RunInfo:
        """Return a kept run with how far it got in its title."""
        return replace(info, title=f"{info.title} · {self._runs[info.run_id].last_step:,} steps")

    def _drop_untrained(self) -> None:
        """Forget the current run if it was never trained: it holds nothing that its settings do not tell."""
        if self._run_id >= 0 and self._history.last_step == 0:
            self._budget.leave(self._history)
            del self._runs[self._run_id], self._infos[self._run_id]
            self._run_id = -1

    def _show_branch(self) -> None:
        history = self._history
        records = history.records(1, history.last_step)
        infos = branch_infos(history)
        self.branch_shown.emit(BranchShown(self._run_id, history.branch.branch_id, records, infos, history.changes()))

    def _send_frame(self) -> None:
        self._has_credit = False
        self._credit_timer.start(CREDIT_TIMEOUT_MS)
        self._frame_time = time.perf_counter()
        self.snapshot_ready.emit(self._snapshots.make(self._history, self._run_id, self._state))
