"""The training thread's object: takes requests as slots, and carries them out in the turns of its loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PySide6.QtCore import Signal, Slot

from engine.history import History
from engine.input_ranges import input_ranges_in_slices
from engine.observe import Watch
from engine.settings import Settings, SettingsError, make_settings
from engine.trainer import Trainer
from gui.session.held_out_rows import measured_held_out_rows
from gui.session.kept_run import KeptRun
from gui.session.messages import ChangeRecorded, Exported, Failure, PathTaken, RunInfo, RunStarted, RunState, Unit
from gui.session.requests import ExportWanted, NewRun, PathWanted
from gui.session.row_loss_job import RowLossJob
from gui.session.snapshots import run_title
from gui.session.training_loop import Deferred, TrainingLoop, reported


class TrainingWorker(TrainingLoop):
    """Trains; lives in the training thread. Made without a parent in the GUI thread, and moved.

    A request that depends on where the trainer stands waits, in its order, while a seek is under way or the losses over all
    rows are being taken there.

    Signals
    -------
    run_started(RunStarted), change_recorded(ChangeRecorded), path_taken(PathTaken), refused(Failure), exported(Exported),
    export_failed(Failure), stopped()
        Besides those of the loop.
    """

    run_started = Signal(object)
    change_recorded = Signal(object)
    path_taken = Signal(object)
    refused = Signal(object)
    exported = Signal(object)
    export_failed = Signal(object)
    stopped = Signal()

    def __init__(self, budget_bytes: int = 256 * 2**20) -> None:
        super().__init__(budget_bytes)

    # ------------------------------------------------------------------ runs and branches

    @Slot(object)
    @reported
    def start_run(self, request: NewRun) -> None:
        """Build a new run and make it the current one; when that fails keep the old one and say why."""
        try:
            history = History(Trainer(request.settings, request.data), self._budget, in_slices=True)
        except SettingsError as error:
            self.refused.emit(Failure(request.run_id, "These settings do not fit the data", str(error)))
            return
        except MemoryError:
            sentence = "there is not enough memory for it; take fewer layers, fewer units or a smaller table."
            self.refused.emit(Failure(request.run_id, "This network was not built", sentence))
            return
        self._drop_needless(request.replaces)
        spec = history.trainer.spec
        info = RunInfo(request.run_id, run_title(request.run_id, request.data, spec), request.settings, spec, request.data)
        self._runs[request.run_id] = KeptRun(history, info)
        self._show_run(request.run_id, RunState.IDLE)

    @Slot(object)
    @reported
    def select_run(self, run_id: int) -> None:
        """Come back to an earlier run, at the step it was left."""
        if run_id in self._runs and run_id != self._run_id:
            self._show_run(run_id, RunState.PAUSED)

    @Slot(object, object)
    @reported
    def select_branch(self, run_id: int, branch_id: int) -> None:
        """Make another branch's line the current one."""
        if run_id != self._run_id or self._waits(self._is_measuring, self.select_branch, run_id, branch_id):
            return
        self._halt()
        self._past_the_length = False
        self._seek_target = min(self._history.step, self._history.branches[branch_id].last_step)
        self._seek = self._history.select(branch_id)
        self._snapshots.figures.turn_to_another_line()
        self._show_branch()
        self._set_state(RunState.PAUSED)
        self._turn_timer.start(0)

    @Slot(object, object)
    @reported
    def change(self, run_id: int, changes: dict[str, Any]) -> None:
        """Take changed live settings from the next update on; in the past this starts a branch."""
        if run_id != self._run_id or self._waits(self._is_busy, self.change, run_id, changes):
            return
        try:
            settings = make_settings(self._trainer.settings, **changes)
            if settings != self._trainer.settings:
                self._change(settings)
        except SettingsError as error:
            self.refused.emit(Failure(self._run_id, "This setting was not taken", str(error)))

    @Slot(object, object)
    @reported
    def set_parameter(self, run_id: int, edit: tuple[int, float]) -> None:
        """Put a number into the parameters, from the next update on; in the past this starts a branch."""
        if run_id != self._run_id or self._waits(self._is_busy, self.set_parameter, run_id, edit):
            return
        try:
            self._change(self._trainer.settings, edit)
        except ValueError as error:
            self.refused.emit(Failure(self._run_id, "This number was not taken", str(error)))

    def _change(self, settings: Settings, *edits: tuple[int, float]) -> None:
        history, spec = self._history, self._trainer.spec
        forked = history.change(settings, edits)
        self._past_the_length = False
        if edits or spec != self._trainer.spec:
            self._snapshots.figures.turn_to_another_line()
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
    @reported
    def play(self) -> None:
        """Train (or replay the recorded future) until paused; a run at the length asked for goes on without limit."""
        if self._run_id < 0 or self._state in (RunState.RUNNING, RunState.FAILED):
            return
        if self._waits(self._is_on_its_way, self.play, moves=True):
            return
        self._go_past_the_length()
        self._run()

    @Slot(object)
    @reported
    def play_to(self, step: int) -> None:
        """Train at full speed to a step and pause there."""
        if self._run_id < 0 or self._waits(self._is_on_its_way, self.play_to, step, moves=True):
            return
        if self._state is not RunState.FAILED and step > self._history.step:
            self._halt()
            self._goal_step = step
            self._run()

    @Slot()
    @reported
    def pause(self) -> None:
        """Stop after the current turn."""
        self._deferred = [deferred for deferred in self._deferred if not deferred.moves]
        if self._state is RunState.RUNNING:
            self._halt()
            self._set_state(RunState.PAUSED)
            self._send_frame()

    @Slot(object)
    @reported
    def step(self, unit: Unit) -> None:
        """Take one update, or the updates to the end of the epoch; a run at the length asked for goes on."""
        if self._run_id < 0 or self._state is RunState.FAILED or self._waits(self._is_busy, self.step, unit, moves=True):
            return
        self._halt()
        self._go_past_the_length()
        if unit is Unit.EPOCH:
            self._until_epoch_end = True
            self._run()
            return
        self._set_state(RunState.PAUSED)
        self._train(1, 0.0)
        self._send_frame()

    @Slot(object)
    @reported
    def back(self, unit: Unit) -> None:
        """Go one update back, or to the end of the epoch before."""
        if self._run_id < 0:
            return
        if self._waits(self._seek is not None and unit is Unit.EPOCH, self.back, unit, moves=True):
            return
        history = self._history
        here = self._seek_target if self._seek is not None else history.step
        self.seek(self._run_id, history.start_of_epoch() if unit is Unit.EPOCH else here - 1)

    @Slot(object, object)
    @reported
    def seek(self, run_id: int, step: int) -> None:
        """Go to a step of the current line; a newer wish takes the place of an older one and of what was to follow it.

        What waits for a measurement, a changed setting for one, belongs to the step left: it is done first.
        """
        if run_id != self._run_id or run_id < 0:
            return
        waits = self._opening is not None or (self._seek is None and self._history.is_measuring and bool(self._deferred))
        if not self._waits(waits, self.seek, run_id, step, moves=True):
            self._begin_seek(step)

    @Slot(object)
    @reported
    def set_speed(self, steps_per_second: float | None) -> None:
        """Set the pace of play; None is as fast as it goes."""
        self._steps_per_second = steps_per_second
        self._due = time.perf_counter()
        if self._state is RunState.RUNNING:
            self._start_turns()

    # ------------------------------------------------------------------ pictures

    @Slot(object)
    @reported
    def watch(self, watch: Watch) -> None:
        """Take what the pictures need from the next frame on."""
        self._snapshots.watch = watch
        if self._run_id >= 0 and self._state is not RunState.RUNNING and self._seek is None:
            self._send_frame()

    @Slot(object)
    @reported
    def want_row_losses(self, run_id: int) -> None:
        """Begin to compute the loss of every row where the trainer stands; a newer wish takes the place of an older one."""
        if run_id == self._run_id and run_id >= 0:
            self._row_losses = RowLossJob(self._history, run_id)
            self._go_on_standing()

    @Slot(object)
    @reported
    def want_held_out_figures(self, run_id: int) -> None:
        """Measure the test rows where the trainer stands."""
        if run_id == self._run_id and run_id >= 0 and len(self._trainer.data.y_test):
            self.held_out_figures_ready.emit(measured_held_out_rows(self._trainer, run_id))

    @Slot(object)
    @reported
    def take_path(self, request: PathWanted) -> None:
        """Send the parameters along the current line."""
        if request.run_id == self._run_id and self._seek is None:
            steps, points = self._history.path(request.max_points, request.max_bytes)
            steps.flags.writeable = points.flags.writeable = False
            self.path_taken.emit(PathTaken(self._run_id, self._history.branch.branch_id, steps, points))

    # ------------------------------------------------------------------ files

    @Slot(object)
    @reported
    def export(self, request: ExportWanted) -> None:
        """Write the files of the run as it stands; a seek or a measurement under way is finished first, and training pauses."""
        from engine.results.folder import problem_in_words, write_results  # the first window should not wait for it

        if request.run_id != self._run_id:
            self._refuse_export(request, "another run was begun meanwhile; export again.")
            return
        self._settle()
        self.pause()
        ended = self._state in (RunState.FINISHED, RunState.FAILED) and bool(self._stops)
        try:
            request.folder.mkdir(parents=True, exist_ok=True)
            write_results(self._runs[self._run_id].result(self._stops[-1] if ended else None), request.folder)
        except Exception as error:  # noqa: BLE001 - files that can't be written must not end a run
            self._refuse_export(request, problem_in_words(request.folder, error))
        else:
            self.exported.emit(Exported(self._run_id, self._history.step, request.folder))

    def _settle(self) -> None:
        """Finish what is under way, and do what waits for it."""
        while self._is_busy or self._deferred:
            if self._opening is not None:
                self._opening_turn()
            elif self._seek is not None:
                self._seek_turn()
            elif self._history.is_measuring:
                self._train(0, float("inf"))
            else:
                self._make_deferred()

    def _refuse_export(self, request: ExportWanted, sentence: str) -> None:
        self.export_failed.emit(Failure(request.run_id, "The run was not exported", sentence))

    @Slot()
    def stop(self) -> None:
        """Stop for good: no timer is left when the thread ends. May be called again."""
        self._turn_timer.stop()
        self._credit_timer.stop()
        self._forget_what_waits()
        self._snapshots.figures.close()
        self._state = RunState.IDLE
        self.stopped.emit()

    # ------------------------------------------------------------------ inside

    def _waits(self, must_wait: bool, request: Callable[..., None], *given: Any, moves: bool = False) -> bool:
        """Put a request off if it must wait, and return whether it must."""
        if must_wait:
            self._deferred.append(Deferred(partial(request, *given), moves))
        return must_wait

    @property
    def _is_measuring(self) -> bool:
        """Whether the line can't be left yet: the losses of the step where the trainer stands belong to it."""
        return self._opening is not None or (self._seek is None and self._history.is_measuring)

    @property
    def _is_on_its_way(self) -> bool:
        """Whether the trainer does not stand yet where it is to stand."""
        return self._opening is not None or self._seek is not None

    def _go_past_the_length(self) -> None:
        """Take an explicit wish to go on, at the end of a run that its length or a rule ended, as a wish for more."""
        if self._limited(1) == 0 or self._state is RunState.FINISHED:
            self._past_the_length = True

    def _show_run(self, run_id: int, state: RunState) -> None:
        self._halt()
        self._forget_what_waits()
        self._past_the_length = False
        if self._run_id >= 0:
            self._trainer.rest()
        self._run_id = run_id
        info, history = self._runs[run_id].info, self._history
        self._snapshots.set_run(info)
        others = tuple(kept.info_with_steps for key, kept in self._runs.items() if key != run_id)
        self.run_started.emit(RunStarted(info, others))
        self._state = state
        if history.is_measuring and history.step == 0:
            self._opening = self._open(history)
            self._turn_timer.start(0)
        else:
            self._show_branch()
        self.state_changed.emit(run_id, state)
        self._send_frame()

    def _open(self, history: History) -> Iterator[None]:
        """Do what a run on many rows needs before its first frame, yielding after each short piece of work."""
        yield from input_ranges_in_slices(history.trainer.data)
        while history.is_measuring:
            history.advance(0, 0.0)
            yield

    def _drop_needless(self, replaced: int | None) -> None:
        """Forget the current run if it is replaced, or was never trained: that holds nothing that its settings do not tell."""
        if self._run_id >= 0 and (self._run_id == replaced or self._history.last_step == 0):
            self._budget.leave(self._history)
            del self._runs[self._run_id]
            self._run_id = -1
