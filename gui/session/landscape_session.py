"""Keeps the loss landscape up to date: decides when a new surface is worth computing, and places the current point on it.

The surface on a fixed plane does not change while training; only the point moves. So a new plane is asked for when the point
has moved away from where the plane was laid, every other second at most while training, and at once when training stands.
"""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from engine.landscape.path import MAX_BYTES, MAX_POINTS
from engine.network import NetworkSpec
from gui.session.landscape_worker import LandscapeWorker, Positioner
from gui.session.messages import (
    Failure,
    LandscapePicture,
    LandscapePosition,
    LandscapeRequest,
    PathTaken,
    RunStarted,
    RunState,
    Snapshot,
    Vector,
)
from gui.session.session import Session

LEAST_SECONDS = 1.75
"""Time between two surfaces while training."""

RESTING_MS = 60
"""How long the point must stand still before its surface is asked for."""

MOVED_SHARE = 0.02
"""A point that moved less than this share of the path's length is still where the plane was laid."""

TRAINING_DUTY = 0.2
"""Share of one core the surface may take while training."""

FINE_GRID = 65
COARSE_GRID = 33

STOP_TIMEOUT_MS = 10_000


class LandscapeSession(QObject):
    """Follows a session with the loss surface; lives in the GUI thread and owns the landscape thread.

    Signals
    -------
    picture_ready(LandscapePicture)
        A surface of the current run, perhaps still coarse.
    failed(Failure)
    """

    picture_ready = Signal(object)
    failed = Signal(object)

    _compute = Signal(object)
    _cancel = Signal()
    _set_duty = Signal(object)
    _stop = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._visible = True
        self._following = True
        self._positioner: Positioner | None = None
        self._laid_at: Vector | None = None
        self._laid_for: NetworkSpec | None = None
        self._path_length = 0.0
        self._asked_at = -LEAST_SECONDS
        self._asked_grid = 0
        self._request_id = 0
        self._awaited = False
        self._stopping = False
        self._rest_timer = QTimer(self)
        self._rest_timer.setSingleShot(True)
        self._rest_timer.timeout.connect(self.refresh)
        self._worker = LandscapeWorker()
        self._thread = QThread(self)
        self._thread.setObjectName("landscape")
        self._worker.moveToThread(self._thread)
        self._connect()
        # Lowest priority: the surface may wait, the window and training may not.
        self._thread.start(QThread.Priority.LowestPriority)

    def set_visible(self, visible: bool) -> None:
        """Say whether anybody looks: a closed panel costs nothing."""
        self._visible = visible
        if visible and self._session.snapshot is not None:
            self._consider(self._session.snapshot)

    def set_following(self, following: bool) -> None:
        """Choose between a plane that follows training and one that stays where it is."""
        self._following = following
        if following:
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask for the surface through the path as it is now."""
        snapshot = self._session.snapshot
        if self._stopping or not self._visible or snapshot is None:
            return
        self._asked_at = time.monotonic()
        self._laid_at, self._laid_for = snapshot.parameters, snapshot.spec
        self._session.want_path(MAX_POINTS, MAX_BYTES)

    def position(self, snapshot: Snapshot) -> LandscapePosition | None:
        """Return where the snapshot stands on the last surface, None while there is none."""
        if self._positioner is None or not np.isfinite(snapshot.parameters).all():
            return None
        measurement = snapshot.measurement
        true_loss = measurement.train_loss if measurement.step == snapshot.step else None
        return self._positioner.position(snapshot.parameters, snapshot.step, true_loss)

    def shut_down(self) -> None:
        """Stop the thread and wait for it; may be called again."""
        if self._stopping:
            return
        self._stopping = True
        self._rest_timer.stop()
        self._stop.emit()  # the worker stops its timer and says so, which ends the thread's event loop
        if not self._thread.wait(STOP_TIMEOUT_MS):
            raise RuntimeError(f"the landscape thread did not end within {STOP_TIMEOUT_MS / 1000:g} s")

    # ------------------------------------------------------------------ facts

    @Slot(object)
    def _on_run_started(self, message: RunStarted) -> None:
        self._positioner = None
        self._awaited = False
        self._laid_at = None
        self._path_length = 0.0
        self._asked_at = -LEAST_SECONDS
        self._request_id += 1
        self._cancel.emit()

    @Slot(object)
    def _on_snapshot(self, snapshot: Snapshot) -> None:
        wanted = self._following or self._positioner is None  # a plane can only be kept once there is one
        if self._visible and wanted and not self._stopping:
            self._consider(snapshot)

    @Slot(object)
    def _on_state(self, state: RunState) -> None:
        self._set_duty.emit(TRAINING_DUTY if state is RunState.RUNNING else 1.0)

    @Slot(object)
    def _on_path(self, path: PathTaken) -> None:
        run, snapshot = self._session.run, self._session.snapshot
        if run is None or snapshot is None or self._stopping:
            return
        self._request_id += 1
        self._awaited = True
        self._laid_at, self._laid_for = path.points[-1], snapshot.spec
        self._path_length = _distance(path.points[-1], path.points[0], snapshot.spec)
        self._asked_grid = COARSE_GRID if self._session.state is RunState.RUNNING else FINE_GRID
        self._compute.emit(
            LandscapeRequest(path.run_id, self._request_id, snapshot.spec, run.data, path.steps, path.points, self._asked_grid)
        )

    @Slot(object)
    def _on_picture(self, picture: LandscapePicture) -> None:
        run = self._session.run
        if run is None or self._stopping or picture.run_id != run.run_id or picture.request_id != self._request_id:
            return
        self._awaited = not picture.final
        self._positioner = Positioner(picture)
        self.picture_ready.emit(picture)

    @Slot(object)
    def _on_failed(self, message: object) -> None:
        self._awaited = False
        run_id = self._session.run.run_id if self._session.run is not None else -1
        self.failed.emit(Failure(run_id, "The loss landscape could not be computed", str(message)))

    # ------------------------------------------------------------------ inside

    def _consider(self, snapshot: Snapshot) -> None:
        """Ask for a new surface when the point has left the place the last one was laid through."""
        if not self._has_moved(snapshot):
            return
        if snapshot.state is not RunState.RUNNING:
            self._rest_timer.start(RESTING_MS)
        elif not self._awaited and time.monotonic() - self._asked_at >= LEAST_SECONDS:
            self.refresh()

    def _has_moved(self, snapshot: Snapshot) -> bool:
        if self._laid_at is None or snapshot.spec != self._laid_for:  # something was switched off, or on again
            return True
        if snapshot.state is RunState.RUNNING:
            distance = _distance(snapshot.parameters, self._laid_at, snapshot.spec)
            return distance > MOVED_SHARE * max(self._path_length, 1e-12)
        # Standing: the fine surface through this very point; running averages change it too.
        return _distance(snapshot.parameters, self._laid_at) > 0.0 or self._asked_grid < FINE_GRID

    def _connect(self) -> None:
        session, worker = self._session, self._worker
        session.run_started.connect(self._on_run_started)
        session.snapshot_ready.connect(self._on_snapshot)
        session.state_changed.connect(self._on_state)
        session.path_taken.connect(self._on_path)
        self._compute.connect(worker.compute)
        self._cancel.connect(worker.cancel)
        self._set_duty.connect(worker.set_duty_cycle)
        self._stop.connect(worker.stop)
        worker.picture_ready.connect(self._on_picture)
        worker.failed.connect(self._on_failed)
        # Direct, in the worker's thread: `quit` may be called from any, and the GUI thread is waiting.
        worker.stopped.connect(self._thread.quit, Qt.ConnectionType.DirectConnection)


def _distance(first: Vector, second: Vector, trained_in: NetworkSpec | None = None) -> float:
    """Return the Euclidean distance, of the trained parameters of a network if one is given; infinite where it overflows."""
    trained = trained_in.trained_mask() if trained_in is not None else None
    with np.errstate(over="ignore", invalid="ignore"):
        difference = first - second if trained is None else (first - second)[trained]
        return float(np.linalg.norm(difference))
