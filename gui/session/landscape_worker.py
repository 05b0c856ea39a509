"""The landscape's thread: computes loss surfaces in short turns, coarse first; a newer request replaces an older one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from engine.landscape.chord import random_walk_share
from engine.landscape.cost import plan_surface
from engine.landscape.directions import path_plane
from engine.landscape.picture import N_LEVELS, contour_lines, heat_image
from engine.landscape.plane import Plane
from engine.landscape.position import interpolated_loss, place_of
from engine.landscape.sampling import choose_rows
from engine.landscape.scale import loss_scale
from engine.landscape.surface import Surface, SurfaceEvaluator, progressive
from engine.landscape.window import window_around
from engine.network import encode_targets
from gui.session.messages import LandscapePicture, LandscapePosition, LandscapeRequest

Float64Array = NDArray[np.float64]

TURN_SECONDS = 0.008
"""Work between two looks at the event loop, but for one piece of work: a cancel waits no longer than this."""

DUTY_CYCLE = 0.3
"""Share of one core that surfaces may take."""

BUDGET_SECONDS = 1.0
"""Core time of the finest level; networks that need more get fewer rows, then fewer points."""

SMALL_LOSS = 1e-4
"""Below this loss float32 no longer gives six right digits, and float64 is used."""


class LandscapeWorker(QObject):
    """Computes surfaces; lives in a thread of its own.

    Requests and answers are values. The worker works for a few milliseconds, returns to its event loop, and then rests so
    long that it takes no more than its share of a core.

    Signals
    -------
    picture_ready : LandscapePicture
        For each level of a request, the coarsest first; the last has `final` set. Below full duty, a run that has had a picture
        gets the last level only.
    failed : str
        What went wrong with a request, which is then given up.
    stopped
        No timer runs any more: the thread may end.
    """

    picture_ready = Signal(object)
    failed = Signal(object)
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)  # a child, so that it moves to the worker's thread with it
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._take_turn)
        self._pictures: Iterator[LandscapePicture | None] | None = None
        self._duty_cycle = DUTY_CYCLE
        self._planes: dict[int, Plane] = {}  # the last plane of the run last asked for
        self._stopped = False

    @Slot(object)
    def compute(self, request: object) -> None:
        """Start on a `LandscapeRequest`; one still under way is dropped."""
        if self._stopped:
            return
        assert isinstance(request, LandscapeRequest)
        previous = self._planes.get(request.run_id)
        self._planes = {request.run_id: previous} if previous is not None else {}
        # While training runs, a coarse picture would take the place of a finer one that is hardly out of date.
        only_final = previous is not None and self._duty_cycle < 1.0
        self._pictures = pictures(request, previous, only_final=only_final)
        self._timer.start(0)

    @Slot()
    def cancel(self) -> None:
        """Drop the request under way, if any."""
        self._timer.stop()
        self._pictures = None

    @Slot()
    def stop(self) -> None:
        """Drop everything and accept nothing more; may be called again."""
        self._stopped = True
        self.cancel()
        self.stopped.emit()

    @Slot(object)
    def set_duty_cycle(self, share: object) -> None:
        """Set the share of one core that surfaces may take, above 0 to 1 (1 when nothing else runs)."""
        assert isinstance(share, (int, float))
        self._duty_cycle = min(max(float(share), 0.01), 1.0)

    @Slot()
    def _take_turn(self) -> None:
        try:
            busy = self._work()
        except Exception as error:  # noqa: BLE001 - all exceptions of this thread end here and become a message
            self.cancel()
            self.failed.emit(f"{error} ({type(error).__name__})")
            return
        if self._pictures is not None:
            self._timer.start(round(1000.0 * busy * (1.0 / self._duty_cycle - 1.0)))

    def _work(self) -> float:
        """Go on with the request until the turn is over or a picture is done, and return the seconds it took."""
        started = perf_counter()
        while self._pictures is not None and perf_counter() - started < TURN_SECONDS:
            picture = next(self._pictures, None)
            if picture is None:
                continue
            self._planes = {picture.run_id: picture.plane}
            if picture.final:
                self._pictures = None
            self.picture_ready.emit(picture)
            break
        return perf_counter() - started


@dataclass(frozen=True)
class _Ground:
    """What all pictures of one request share."""

    request: LandscapeRequest
    plane: Plane
    path_points: Float64Array
    share_in_plane: float
    rows: NDArray[np.int64]
    grid: int
    start_loss: float


def pictures(
    request: LandscapeRequest, previous: Plane | None = None, *, only_final: bool = False
) -> Iterator[LandscapePicture | None]:
    """Compute the pictures that answer a request, the coarsest first; None after every few milliseconds of work in between.

    Parameters
    ----------
    previous : Plane, optional
        The plane drawn last for the same run, so that the new picture is not its mirror image.
    only_final : bool
        Whether to leave out all pictures but the finest.
    """
    spec, data = request.spec, request.data
    plane = path_plane(spec, request.path).aligned_with(previous)
    yield None
    path_points = _read_only(plane.project(request.path))
    yield None
    share = plane.share_in_plane(request.path)
    yield None
    dtype: np.dtype[Any] = np.dtype(np.float32)
    while True:
        plan = plan_surface(spec, len(data.y_train), request.grid, BUDGET_SECONDS, dtype)
        rows = choose_rows(data.y_train, data.target.task, plan.n_rows)
        targets = encode_targets(spec, data.target, data.y_train[rows])
        evaluator = SurfaceEvaluator(spec, plane, data.X_train[rows].T, targets, dtype)
        ends = np.empty(2)  # the losses now and at the start
        for _ in evaluator.losses_at(path_points[[-1, 0], 0], path_points[[-1, 0], 1], ends):
            yield None
        if dtype == np.float64 or not ends.min() < SMALL_LOSS:
            break
        dtype = np.dtype(np.float64)
    ground = _Ground(request, plane, path_points, share, rows, plan.grid, float(ends[1]))
    window = window_around(path_points, plane.size_of_origin)
    axes = window.alpha.coordinates(plan.grid), window.beta.coordinates(plan.grid)
    for surface in progressive(evaluator, *axes):
        if surface is None or (only_final and len(surface.alphas) < plan.grid):
            yield None
        else:
            yield _picture(ground, surface)


def _picture(ground: _Ground, surface: Surface) -> LandscapePicture:
    """Return a whole surface as the message for the window."""
    request = ground.request
    scale = loss_scale(surface.losses, ground.start_loss)
    levels = scale.levels(N_LEVELS)
    n_not_finite = int(np.count_nonzero(~np.isfinite(surface.losses)))
    n_total = len(request.data.y_train)
    return LandscapePicture(
        run_id=request.run_id,
        request_id=request.request_id,
        plane=ground.plane,
        alphas=_read_only(surface.alphas),
        betas=_read_only(surface.betas),
        losses=_read_only(surface.losses),
        image=_read_only(heat_image(surface.losses, scale)),
        level_values=tuple(levels.tolist()),
        contours=contour_lines(surface.alphas, surface.betas, surface.losses, scale, levels),
        path_steps=request.path_steps,
        path_points=ground.path_points,
        share_in_plane=ground.share_in_plane,
        random_walk_share=random_walk_share(len(request.path)),
        loss_floor=scale.floor,
        loss_ceiling=scale.ceiling,
        n_not_finite=n_not_finite,
        rows_used=len(ground.rows),
        rows_total=n_total,
        final=len(surface.alphas) == ground.grid,
        notes=_notes(ground, flat=scale.is_flat and n_not_finite == 0),
    )


def _notes(ground: _Ground, *, flat: bool) -> tuple[str, ...]:
    """Return what a person should know about the picture, a sentence each."""
    notes = []
    n_total = len(ground.request.data.y_train)
    if len(ground.rows) < n_total:
        notes.append(f"Computed from {len(ground.rows):,} of {n_total:,} training rows.")
    if ground.grid < ground.request.grid:
        notes.append(f"Computed at {ground.grid} points per side: this network is too large for more.")
    if ground.request.spec.normalization == "batch":
        notes.append("Batch normalisation goes by the running averages of the current point on the whole plane.")
    if not np.any(ground.path_points):
        notes.append("The path has not moved yet: the plane is random, each unit's share scaled to its weights.")
    if flat:
        notes.append("The loss does not change on this plane.")
    return tuple(notes)


class Positioner:
    """Places points on one picture."""

    def __init__(self, picture: LandscapePicture) -> None:
        self._picture = picture
        self._plane_size = max(float(np.ptp(picture.alphas)), float(np.ptp(picture.betas))) / 2.0

    def position(self, parameters: NDArray[np.floating[Any]], step: int, true_loss: float | None) -> LandscapePosition:
        """Return where the network stands: its place, the loss drawn there, its distance from the plane."""
        picture = self._picture
        alpha, beta, out_of_plane = place_of(picture.plane, parameters, self._plane_size)
        plane_loss = interpolated_loss(picture.alphas, picture.betas, picture.losses, alpha, beta)
        return LandscapePosition(step, alpha, beta, plane_loss, true_loss, out_of_plane)


def position_of(
    picture: LandscapePicture, parameters: NDArray[np.floating[Any]], step: int, true_loss: float | None
) -> LandscapePosition:
    """Return where the network stands on a picture, as `Positioner.position` does."""
    return Positioner(picture).position(parameters, step, true_loss)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
