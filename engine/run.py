"""A whole run without a window: settings and data in, a history and files out."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData
from engine.history import History
from engine.losses import LOSSES
from engine.network import NetworkSpec
from engine.nonfinite import NonFiniteError
from engine.settings import Settings, make_settings
from engine.trainer import Trainer

StopReason = Literal["epochs", "steps", "interrupted", "non-finite"]

DEFAULT_EPOCHS = 100
"""Length of a run that asks for none: without a window nobody presses pause."""

PROGRESS_SECONDS = 0.1
"""Time between two reports of progress."""


class Progress(NamedTuple):
    """Where a run stands: updates done, updates in all, loss of the last batch (None before the first)."""

    step: int
    last_step: int
    batch_loss: float | None


class Stop(NamedTuple):
    """Why a run ended; the sentence is empty where the reason says it all."""

    reason: StopReason
    sentence: str = ""

    def __str__(self) -> str:
        """Return the reason, and after a colon the sentence."""
        return f"{self.reason}: {self.sentence}" if self.sentence else self.reason


class BatchLog:
    """The rows of every batch, one after the other."""

    def __init__(self) -> None:
        self._rows = array("i")
        self._starts = array("q")

    def append(self, rows: NDArray[np.int64]) -> None:
        """Write down the next batch: positions in X_train."""
        self._starts.append(len(self._rows))
        self._rows.frombytes(rows.astype(np.intc).tobytes())

    @property
    def rows(self) -> NDArray[np.int32]:
        """All row positions, shape (n_rows_used,)."""
        return np.array(self._rows, dtype=np.int32)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each batch starts in `rows`, shape (n_steps,); the last one goes to the end."""
        return np.array(self._starts, dtype=np.int64)


@dataclass(frozen=True)
class RunResult:
    """What a run reached.

    Attributes
    ----------
    settings : Settings
        As used: every `auto` replaced by what it came to.
    data : PreparedData
    history : History
        Stands at the last step; every step before can be gone to.
    initial_parameters : ndarray of shape (n_parameters,)
        Read-only.
    batches : BatchLog
        One per step, in order.
    seconds : float
        Time spent training.
    stop : Stop
    """

    settings: Settings
    data: PreparedData
    history: History
    initial_parameters: NDArray[np.floating[Any]]
    batches: BatchLog
    seconds: float
    stop: Stop

    @property
    def spec(self) -> NetworkSpec:
        """The network."""
        return self.history.trainer.spec

    @property
    def parameters(self) -> NDArray[np.floating[Any]]:
        """The parameters at the last step; read-only."""
        return self.history.trainer.parameters


def run_headless(
    settings: Settings,
    data: PreparedData,
    out: Path,
    progress: Callable[[Progress], None] | None = None,
    interrupted: Callable[[], bool] = lambda: False,
) -> RunResult:
    """Train and write the results into the folder `out`, which is made if missing.

    Parameters
    ----------
    settings : Settings
        100 epochs are trained where they name no length.
    data : PreparedData
    out : path
    progress : callable, optional
        Called ten times a second and at the end.
    interrupted : callable, optional
        Asked before every update; once it says yes the run ends, and what was reached is written.

    Returns
    -------
    RunResult
        Also after a non-finite value or an interruption: `stop` tells.

    Raises
    ------
    SettingsError
        When the settings do not fit the data.
    OSError
        When a file can't be written.
    """
    from engine.results.folder import write_results

    settings = with_length(settings)
    trainer = Trainer(settings, data)
    out.mkdir(parents=True, exist_ok=True)  # before training: a folder that can't be made is found in time
    result = train(trainer, progress or (lambda _: None), interrupted)
    write_results(result, out)
    return result


def with_length(settings: Settings) -> Settings:
    """Return the settings with 100 epochs where they name no length."""
    if settings.epochs is None and settings.steps is None:
        return make_settings(settings, epochs=DEFAULT_EPOCHS)
    return settings


def train(trainer: Trainer, progress: Callable[[Progress], None], interrupted: Callable[[], bool]) -> RunResult:
    """Train to the length that the trainer's settings name, or until a number is not finite, or until interrupted."""
    history = History(trainer)
    initial_parameters = trainer.parameters
    batches = BatchLog()
    start = perf_counter()
    stop = _train_all(history, batches, progress, interrupted)
    history.measure_here()
    seconds = perf_counter() - start
    settings = settings_as_used(trainer.settings, trainer.data, trainer.spec)
    return RunResult(settings, trainer.data, history, initial_parameters, batches, seconds, stop)


def settings_as_used(settings: Settings, data: PreparedData, spec: NetworkSpec) -> Settings:
    """Return the settings with every `auto` replaced by what it came to; with them the same run comes out."""
    output_activation = settings.output_activation
    if output_activation == "auto":
        output_activation = LOSSES[spec.loss].display_activation or spec.activations[-1]
    return make_settings(
        settings,
        target=data.target.name,
        features=tuple(dict.fromkeys(feature.column for feature in data.features)),
        task=data.target.task,
        loss=spec.loss,
        output_activation=output_activation,
    )


def _train_all(
    history: History, batches: BatchLog, progress: Callable[[Progress], None], interrupted: Callable[[], bool]
) -> Stop:
    trainer = history.trainer
    last_step = trainer.steps_left() or 0
    report_due = perf_counter()
    try:
        while trainer.step < last_step:
            if interrupted():
                return Stop("interrupted", f"step {trainer.step:,} of {last_step:,} was reached")
            rows = trainer.batch_rows()
            history.advance(1)
            batches.append(rows)
            if perf_counter() >= report_due:
                progress(Progress(trainer.step, last_step, history.batch_loss()))
                report_due = perf_counter() + PROGRESS_SECONDS
    except NonFiniteError as error:
        return Stop("non-finite", str(error))
    progress(Progress(trainer.step, last_step, history.batch_loss()))
    return Stop("steps" if last_step == trainer.settings.steps else "epochs")
