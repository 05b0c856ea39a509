"""The messages between threads: frozen, with read-only arrays, stamped with the run they speak of.

Requests go down as signals with these values; facts come up as these values. A receiver drops a message whose `run_id` is
not the current one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData
from engine.landscape.plane import Plane
from engine.network import NetworkSpec
from engine.observe import Observation
from engine.records import Measurement, StepRecords
from engine.settings import Settings

Vector = NDArray[np.floating]


class RunState(Enum):
    """The one state of the program; widgets are enabled from it, never the reverse."""

    IDLE = "idle"
    RUNNING = "training"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "stopped"


class Unit(Enum):
    """What one press of Step or Back moves by."""

    UPDATE = "update"
    EPOCH = "epoch"


@dataclass(frozen=True, slots=True)
class BranchInfo:
    """One line of history inside a run.

    Attributes
    ----------
    branch_id : int
    parent_id : int or None
        The branch it left, None for the first.
    fork_step : int
        The step at which it left its parent; 0 for the first.
    last_step : int
        The last step recorded on it.
    change : str
        The change that started it, in words, empty for the first.
    """

    branch_id: int
    parent_id: int | None
    fork_step: int
    last_step: int
    change: str = ""


def common_step(branches: tuple[BranchInfo, ...], first: int, second: int) -> int:
    """Return the last step that the lines of two branches of a run share."""
    by_id = {branch.branch_id: branch for branch in branches}

    def reach(branch: BranchInfo) -> dict[int, int]:
        """Return the last step each branch contributes to the line of `branch`."""
        steps = {branch.branch_id: branch.last_step}
        while branch.parent_id is not None:
            steps[branch.parent_id] = branch.fork_step
            branch = by_id[branch.parent_id]
        return steps

    line, other = reach(by_id[first]), reach(by_id[second])
    return max(min(line[shared], other[shared]) for shared in line.keys() & other.keys())


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One run: from one set of first weights, on one prepared table.

    Attributes
    ----------
    run_id : int
    title : str
        For the list of runs: "run 3 · two moons · 2-8-8-1 tanh".
    settings : Settings
        As at step 0.
    spec : NetworkSpec
    data : PreparedData
    """

    run_id: int
    title: str
    settings: Settings
    spec: NetworkSpec
    data: PreparedData


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run became the current one: build everything that depends on its shape."""

    run: RunInfo
    other_runs: tuple[RunInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class BranchShown:
    """The recorded line changed (a fork, another branch, a run come back to): the whole curve, to replace the old one.

    Attributes
    ----------
    records : StepRecords
        Every record of the line from step 1 on (parents' part included), in order.
    branches : tuple of BranchInfo
        All branches of the run.
    changes : tuple of (int, str)
        Steps at which settings were changed, with the change in words.
    """

    run_id: int
    branch_id: int
    records: StepRecords
    branches: tuple[BranchInfo, ...]
    changes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeRecorded:
    """Settings changed at the end of the line: the line goes on with them."""

    run_id: int
    branch_id: int
    step: int
    words: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """The records of updates just computed for the first time: every one exactly once, in order."""

    run_id: int
    branch_id: int
    records: StepRecords


@dataclass(frozen=True, slots=True)
class Metrics:
    """How good the predictions are over all rows of a part; None where a figure is not defined or not of the task.

    Attributes
    ----------
    accuracy, balanced_accuracy, f1, roc_auc : float or None
        For classes.
    r2, rmse, mae : float or None
        For numbers; the last two in original units.
    baselines : tuple of (str, Metrics)
        What predicting without a network gives over the same rows: a name in words, and its figures. Those of many rows come
        a moment later than the first figures.
    roc_auc_rows : int or None
        Rows the ROC AUC was taken over where those are not all of the part, every k-th one: scores to rank take memory.
    """

    accuracy: float | None = None
    balanced_accuracy: float | None = None
    f1: float | None = None
    roc_auc: float | None = None
    r2: float | None = None
    rmse: float | None = None
    mae: float | None = None
    baselines: tuple[tuple[str, Metrics], ...] = ()
    roc_auc_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The network at one step, for one frame of the pictures.

    Attributes
    ----------
    step, epoch : int
        Where the picture stands.
    last_step : int
        The end of the recorded line; larger than `step` while in the past.
    settings : Settings
        In force at this step.
    spec : NetworkSpec
        The network at this step: that of the run, apart from what is switched off.
    learning_rate : float
        Of the next update: the setting times the factor of the schedule.
    parameters : ndarray of shape (n_parameters,)
    gradient : ndarray of shape (n_parameters,) or None
        The gradient (penalty included) of the batch of the update that led to `step`; None where it was not computed.
    batch_loss : float or None
        Of the update that led here, None at step 0.
    measurement : Measurement
        Losses over all rows at this very step, or at the step measured last (its own `step` says which): during play, and over
        many rows also for the moment after standing still that measuring takes, before another snapshot has them.
    train_metrics, validation_metrics : Metrics or None
        At `metrics_step`; None until the first are there.
    observation : Observation or None
        None when nothing that needs it is visible.
    steps_per_second : float
        Measured over the last half second of play, 0 when paused.
    metrics_step : int or None
        The step the metrics are of; over many rows they come later than losses measured at the end of an epoch. None where that
        is the step of `measurement`.
    """

    run_id: int
    branch_id: int
    state: RunState
    step: int
    epoch: int
    last_step: int
    settings: Settings
    spec: NetworkSpec
    learning_rate: float
    parameters: Vector
    gradient: Vector | None
    batch_loss: float | None
    measurement: Measurement
    train_metrics: Metrics | None
    validation_metrics: Metrics | None
    observation: Observation | None
    steps_per_second: float = 0.0
    metrics_step: int | None = None

    @property
    def step_of_metrics(self) -> int:
        """The step the metrics are of."""
        return self.measurement.step if self.metrics_step is None else self.metrics_step


@dataclass(frozen=True, slots=True)
class RowLosses:
    """The loss of every row by itself at one step, in evaluation, without penalty; all arrays are read-only.

    Attributes
    ----------
    train, validation, test : ndarray of float32, shape (n_rows,)
        In the order of `PreparedData.rows_train`, `rows_validation` and `rows_test`.
    """

    run_id: int
    branch_id: int
    step: int
    train: NDArray[np.float32]
    validation: NDArray[np.float32]
    test: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HeldOutFigures:
    """The loss and the metrics over the rows held out for testing at one step, measured because somebody asked.

    Attributes
    ----------
    loss : float
        Evaluation mode, without penalty.
    metrics : Metrics
        Without baselines.
    """

    run_id: int
    step: int
    loss: float
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Failure:
    """Training stopped by itself, or something went wrong: what, where, what to do."""

    run_id: int
    title: str
    sentence: str
    last_finite_step: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """A rule of the settings ended the run.

    Attributes
    ----------
    step : int
        The last step trained.
    reason : str
        The rule: "patience", "loss", "accuracy" or "seconds".
    sentence : str
        What was reached, in words.
    best_step : int or None
        The step gone back to, whose weights are the run's result; None where that is the last.
    """

    run_id: int
    step: int
    reason: str
    sentence: str
    best_step: int | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of a run were written, all of them.

    Attributes
    ----------
    step : int
        Where the run stood.
    folder : Path
    """

    run_id: int
    step: int
    folder: Path


@dataclass(frozen=True, slots=True)
class PathTaken:
    """The parameters along the current line, from step 0 to the current step.

    Attributes
    ----------
    steps : ndarray of int64, shape (n_points,)
    points : ndarray of shape (n_points, n_parameters)
    """

    run_id: int
    branch_id: int
    steps: NDArray[np.int64]
    points: Vector


@dataclass(frozen=True, slots=True)
class LandscapeRequest:
    """Ask for the loss surface on the plane through a path.

    Attributes
    ----------
    request_id : int
        Rises by one; answers to older requests are dropped.
    path_steps : ndarray of int64, shape (n_points,)
    path : ndarray of shape (n_points, n_parameters)
        Parameters at those steps, in order; the first is the start of the run, the last is the current point.
    grid : int
        Finest grid wanted, cells per side (9, 17, 33, 65).
    """

    run_id: int
    request_id: int
    spec: NetworkSpec
    data: PreparedData
    path_steps: NDArray[np.int64]
    path: Vector
    grid: int = 33


@dataclass(frozen=True, slots=True)
class LandscapePicture:
    """A loss surface, whole but perhaps still coarse; all arrays are read-only.

    Attributes
    ----------
    plane : Plane
    alphas, betas : ndarray of shape (grid,)
        Coordinates along the plane's two directions.
    losses : ndarray of shape (grid, grid)
        losses[i, j] at alphas[i], betas[j]: train loss without penalty over `rows_used` rows; non-finite where it is.
    image : ndarray of uint8, shape (height, width, 4)
        The heat map in RGBA, row 0 at the smallest beta.
    level_values : tuple of float
    contours : tuple of tuple of ndarray of shape (n_points, 2)
        Per level the lines in (alpha, beta).
    path_steps, path_points : ndarray of shape (n_points,), (n_points, 2)
        The path projected onto the plane.
    share_in_plane : float
        Share of the path's squared length (from the current point) that lies in the plane, 0 to 1.
    random_walk_share : float
        What the same construction gives for a random walk of as many points, for comparison.
    loss_floor, loss_ceiling : float
        Colour scale: losses above the ceiling take the top colour.
    n_not_finite : int
    rows_used, rows_total : int
    final : bool
        Whether this is the finest grid asked for.
    """

    run_id: int
    request_id: int
    plane: Plane
    alphas: NDArray[np.float64]
    betas: NDArray[np.float64]
    losses: NDArray[np.floating]
    image: NDArray[np.uint8]
    level_values: tuple[float, ...]
    contours: tuple[tuple[NDArray[np.float64], ...], ...]
    path_steps: NDArray[np.int64]
    path_points: NDArray[np.float64]
    share_in_plane: float
    random_walk_share: float
    loss_floor: float
    loss_ceiling: float
    n_not_finite: int
    rows_used: int
    rows_total: int
    final: bool
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LandscapePosition:
    """Where the current point stands on the current plane.

    Attributes
    ----------
    alpha, beta : float
    plane_loss : float or None
        The loss at the projection, interpolated on the grid or computed; None outside the drawn window.
    true_loss : float or None
        The train loss at the point itself, of the same step; None where it was not measured there.
    out_of_plane : float
        Distance to the plane as a share of the distance to its origin and the plane's size, 0 to 1.
    """

    step: int
    alpha: float
    beta: float
    plane_loss: float | None
    true_loss: float | None
    out_of_plane: float
