"""The window's one door to training: it owns the threads, sends requests down, and hands on what comes up.

Everything here happens in the GUI thread. Views and panels never see a thread, only this object's methods and signals.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from engine.data.prepared import PreparedData
from engine.observe import Watch
from engine.settings import Settings
from gui.session.messages import (
    BranchShown,
    ChangeRecorded,
    Exported,
    Failure,
    Finished,
    HeldOutFigures,
    PathTaken,
    RowLosses,
    RunInfo,
    RunStarted,
    RunState,
    Snapshot,
    Stepped,
    Unit,
)
from gui.session.requests import ExportWanted, NewRun, PathWanted
from gui.session.worker import TrainingWorker

STOP_TIMEOUT_MS = 10_000

EXPORT_TIMEOUT_MS = 600_000
"""An export under way is finished before the thread ends: somebody asked for these files."""


class Session(QObject):
    """Runs, their state, and the training thread.

    Lives in the GUI thread.

    Signals
    -------
    run_started(RunStarted), branch_shown(BranchShown), change_recorded(ChangeRecorded), stepped(Stepped),
    snapshot_ready(Snapshot), path_taken(PathTaken), row_losses_ready(RowLosses), held_out_figures_ready(HeldOutFigures)
        Facts about the current run; messages of other runs are dropped.
    state_changed(RunState)
    finished(Finished)
        A rule of the settings ended the run.
    failed(Failure)
        Training stopped by itself.
    refused(Failure)
        A request was not carried out; everything is as it was.
    exported(Exported), export_failed(Failure)
        What became of an export; each is answered.

    Attributes
    ----------
    state : RunState
        As the training thread last reported it.
    run : RunInfo or None
        The current run.
    snapshot : Snapshot or None
        The last frame of the current run.
    """

    run_started = Signal(object)
    branch_shown = Signal(object)
    change_recorded = Signal(object)
    stepped = Signal(object)
    snapshot_ready = Signal(object)
    path_taken = Signal(object)
    row_losses_ready = Signal(object)
    held_out_figures_ready = Signal(object)
    state_changed = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    refused = Signal(object)
    exported = Signal(object)
    export_failed = Signal(object)

    _start_run = Signal(object)
    _select_run = Signal(object)
    _select_branch = Signal(object, object)
    _change = Signal(object, object)
    _set_parameter = Signal(object, object)
    _play = Signal()
    _play_to = Signal(object)
    _pause = Signal()
    _step = Signal(object)
    _back = Signal(object)
    _seek = Signal(object, object)
    _set_speed = Signal(object)
    _watch = Signal(object)
    _frame_shown = Signal()
    _take_path = Signal(object)
    _want_row_losses = Signal(object)
    _want_held_out_figures = Signal(object)
    _export = Signal(object)
    _stop = Signal()

    def __init__(self, parent: QObject | None = None, worker: TrainingWorker | None = None) -> None:
        super().__init__(parent)
        self.state = RunState.IDLE
        self.run: RunInfo | None = None
        self.snapshot: Snapshot | None = None
        self._last_run_id = 0
        self._stopping = False
        self._exporting = False
        # The worker keeps this reference until its thread has ended: one owner, one way of deletion.
        self._worker = worker or TrainingWorker()
        self._thread = QThread(self)
        self._thread.setObjectName("training")
        self._worker.moveToThread(self._thread)
        self._connect_requests()
        self._connect_facts()
        self._thread.start()

    # ------------------------------------------------------------------ requests

    def start_run(self, settings: Settings, data: PreparedData, replaces: int | None = None) -> int:
        """Start a new run and return its id; the old run is kept, unless it is the one that the new one `replaces`."""
        self._last_run_id += 1
        self._start_run.emit(NewRun(self._last_run_id, settings, data, replaces))
        return self._last_run_id

    def settings(self) -> Settings:
        """Return the settings in force at the current step."""
        if self.snapshot is not None:
            return self.snapshot.settings
        return self.run.settings if self.run is not None else Settings()

    def select_run(self, run_id: int) -> None:
        """Come back to an earlier run."""
        self._select_run.emit(run_id)

    def select_branch(self, branch_id: int) -> None:
        """Make another branch of the run the current one."""
        self._select_branch.emit(self._run_id, branch_id)

    def change(self, changes: dict[str, Any]) -> None:
        """Change live settings from the next update on."""
        self._change.emit(self._run_id, changes)

    def set_parameter(self, index: int, value: float) -> None:
        """Put a number into the flat parameter vector, from the next update on."""
        self._set_parameter.emit(self._run_id, (index, value))

    def play(self) -> None:
        """Train until paused."""
        self._play.emit()

    def play_to(self, step: int) -> None:
        """Train to a step and pause there."""
        self._play_to.emit(step)

    def pause(self) -> None:
        """Stop after the current turn."""
        self._pause.emit()

    def toggle_play(self) -> None:
        """Play when standing, pause when training."""
        if self.state is RunState.RUNNING:
            self.pause()
        else:
            self.play()

    def step(self, unit: Unit) -> None:
        """Take one update or one epoch."""
        self._step.emit(unit)

    def back(self, unit: Unit) -> None:
        """Go back one update or one epoch."""
        self._back.emit(unit)

    def seek(self, step: int) -> None:
        """Go to a step of the current line."""
        self._seek.emit(self._run_id, step)

    def set_speed(self, steps_per_second: float | None) -> None:
        """Set the pace of play; None is full speed."""
        self._set_speed.emit(steps_per_second)

    def watch(self, watch: Watch) -> None:
        """Say what the visible pictures need."""
        self._watch.emit(watch)

    def want_path(self, max_points: int, max_bytes: int) -> None:
        """Ask for the parameters along the current line; they come as `path_taken`."""
        if self.run is not None:
            self._take_path.emit(PathWanted(self.run.run_id, max_points, max_bytes))

    def want_held_out_figures(self) -> None:
        """Ask for loss and metrics over the test rows at the current step; they come as `held_out_figures_ready`."""
        if self.run is not None:
            self._want_held_out_figures.emit(self.run.run_id)

    def want_row_losses(self) -> None:
        """Ask for the loss of every row at the current step; they come as `row_losses_ready`, unless asked for again before."""
        if self.run is not None:
            self._want_row_losses.emit(self.run.run_id)

    def export(self, folder: Path) -> None:
        """Write the files of the run as it stands into a folder; the answer is `exported` or `export_failed`."""
        if self.run is not None:
            self._exporting = True
            self._export.emit(ExportWanted(self.run.run_id, folder))

    def frame_shown(self) -> None:
        """Say that the last frame is on screen: training may go on."""
        self._frame_shown.emit()

    def ask_to_stop(self) -> None:
        """Ask the thread to stop, without waiting."""
        if not self._stopping:
            self._stopping = True
            self._stop.emit()

    def shut_down(self) -> None:
        """Stop the thread and wait for it; the one way out, may be called again."""
        self.ask_to_stop()  # the worker stops its timers and says so, which ends the thread's event loop
        timeout_ms = EXPORT_TIMEOUT_MS if self._exporting else STOP_TIMEOUT_MS
        if not self._thread.wait(timeout_ms):
            raise RuntimeError(f"the training thread did not end within {timeout_ms / 1000:g} s")

    # ------------------------------------------------------------------ facts

    @Slot(object)
    def _on_run_started(self, message: RunStarted) -> None:
        self.run = message.run
        self.snapshot = None
        self.run_started.emit(message)

    @Slot(object)
    def _on_branch_shown(self, message: BranchShown) -> None:
        if self._is_current(message.run_id):
            self.branch_shown.emit(message)

    @Slot(object)
    def _on_change_recorded(self, message: ChangeRecorded) -> None:
        if self._is_current(message.run_id):
            self.change_recorded.emit(message)

    @Slot(object)
    def _on_stepped(self, message: Stepped) -> None:
        if self._is_current(message.run_id):
            self.stepped.emit(message)

    @Slot(object)
    def _on_snapshot(self, snapshot: Snapshot) -> None:
        if self._is_current(snapshot.run_id):
            self.snapshot = snapshot
            self.snapshot_ready.emit(snapshot)

    @Slot(object, object)
    def _on_state(self, run_id: int, state: RunState) -> None:
        if self._is_current(run_id) and state is not self.state:
            self.state = state
            self.state_changed.emit(state)

    @Slot(object)
    def _on_path(self, path: PathTaken) -> None:
        if self._is_current(path.run_id):
            self.path_taken.emit(path)

    @Slot(object)
    def _on_held_out_figures(self, figures: HeldOutFigures) -> None:
        if self._is_current(figures.run_id):
            self.held_out_figures_ready.emit(figures)

    @Slot(object)
    def _on_row_losses(self, losses: RowLosses) -> None:
        if self._is_current(losses.run_id):
            self.row_losses_ready.emit(losses)

    @Slot(object)
    def _on_finished(self, message: Finished) -> None:
        if self._is_current(message.run_id):
            self.finished.emit(message)

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        if self._is_current(failure.run_id) or failure.run_id < 0:
            self.failed.emit(failure)

    @Slot(object)
    def _on_refused(self, failure: Failure) -> None:
        self.refused.emit(failure)

    @Slot(object)
    def _on_exported(self, message: Exported) -> None:
        self._exporting = False
        if not self._stopping:
            self.exported.emit(message)

    @Slot(object)
    def _on_export_failed(self, failure: Failure) -> None:
        self._exporting = False
        if not self._stopping:
            self.export_failed.emit(failure)

    # ------------------------------------------------------------------ inside

    @property
    def _run_id(self) -> int:
        """The current run's id: a request that arrives after another run began is dropped."""
        return self.run.run_id if self.run is not None else -1

    def _is_current(self, run_id: int) -> bool:
        return not self._stopping and self.run is not None and run_id == self.run.run_id

    def _connect_requests(self) -> None:
        worker = self._worker
        self._start_run.connect(worker.start_run)
        self._select_run.connect(worker.select_run)
        self._select_branch.connect(worker.select_branch)
        self._change.connect(worker.change)
        self._set_parameter.connect(worker.set_parameter)
        self._play.connect(worker.play)
        self._play_to.connect(worker.play_to)
        self._pause.connect(worker.pause)
        self._step.connect(worker.step)
        self._back.connect(worker.back)
        self._seek.connect(worker.seek)
        self._set_speed.connect(worker.set_speed)
        self._watch.connect(worker.watch)
        self._frame_shown.connect(worker.frame_shown)
        self._take_path.connect(worker.take_path)
        self._want_row_losses.connect(worker.want_row_losses)
        self._want_held_out_figures.connect(worker.want_held_out_figures)
        self._export.connect(worker.export)
        self._stop.connect(worker.stop)

    def _connect_facts(self) -> None:
        worker = self._worker
        worker.run_started.connect(self._on_run_started)
        worker.branch_shown.connect(self._on_branch_shown)
        worker.change_recorded.connect(self._on_change_recorded)
        worker.stepped.connect(self._on_stepped)
        worker.snapshot_ready.connect(self._on_snapshot)
        worker.state_changed.connect(self._on_state)
        worker.path_taken.connect(self._on_path)
        worker.row_losses_ready.connect(self._on_row_losses)
        worker.held_out_figures_ready.connect(self._on_held_out_figures)
        worker.finished.connect(self._on_finished)
        worker.failed.connect(self._on_failed)
        worker.refused.connect(self._on_refused)
        worker.exported.connect(self._on_exported)
        worker.export_failed.connect(self._on_export_failed)
        # Direct, in the worker's thread: `quit` may be called from any, and the GUI thread is waiting.
        worker.stopped.connect(self._thread.quit, Qt.ConnectionType.DirectConnection)
