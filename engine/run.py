"""A whole run without a window: settings and data in, a history and files out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from engine.data.prepared import PreparedData
from engine.history import History
from engine.nonfinite import NonFiniteError
from engine.results.folder import write_results
from engine.run_result import RunResult
from engine.settings import Settings, make_settings
from engine.stopping import Stop, StopRules, time_is_up
from engine.trainer import Trainer

DEFAULT_EPOCHS = 100
"""Length of a run that asks for none: without a window nobody presses pause."""

PROGRESS_SECONDS = 0.1
"""Time between two reports of progress."""

TURN_SECONDS = 0.05
"""How long training goes on without asking whether it is interrupted; a turn ends with its epoch, too."""


class Progress(NamedTuple):
    """Where a run stands: updates done, updates in all (None where only time ends it), last batch loss (None at first)."""

    step: int
    last_step: int | None
    batch_loss: float | None


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
        Asked twenty times a second and after every epoch; once it says yes the run ends, and what was reached is written.

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
    settings = with_length(settings)
    trainer = Trainer(settings, data)
    out.mkdir(parents=True, exist_ok=True)  # before training: a folder that can't be made is found in time
    with threadpool_limits(1, user_api="blas"):  # as in the window, so that both give the same numbers
        result = train(trainer, progress or (lambda _: None), interrupted)
        write_results(result, out)
    return result


def with_length(settings: Settings) -> Settings:
    """Return the settings with 100 epochs where they name no length."""
    if settings.epochs is None and settings.steps is None and settings.seconds is None:
        return make_settings(settings, epochs=DEFAULT_EPOCHS)
    return settings


def train(trainer: Trainer, progress: Callable[[Progress], None], interrupted: Callable[[], bool]) -> RunResult:
    """Train to the length that the trainer's settings name, or until a rule ends it, a number is not finite, or interrupted."""
    history = History(trainer)
    run = _Run(history)
    stop = run.train(progress, interrupted)
    history.measure_here()
    seconds = perf_counter() - run.start
    if stop.step is not None:
        history.go_to(stop.step)
    return RunResult(history, history.last_step, stop, seconds)


class _Run:
    """Training under way: how far it is to go, and the rules that may end it."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.start = perf_counter()
        self._rules = StopRules()
        self._stop: Stop | None = None

    def train(self, progress: Callable[[Progress], None], interrupted: Callable[[], bool]) -> Stop:
        """Train to the end and return why it is one."""
        trainer = self.history.trainer
        last_step = trainer.steps_left()
        report_due = self.start
        try:
            while last_step is None or trainer.step < last_step or self.history.is_measuring:
                if interrupted():
                    of_how_many = "" if last_step is None else f" of {last_step:,}"
                    return Stop("interrupted", f"step {trainer.step:,}{of_how_many} was reached")
                self._turn(last_step)
                if self._stop is not None:
                    return self._stop
                if perf_counter() >= report_due:
                    progress(Progress(trainer.step, last_step, self.history.batch_loss()))
                    report_due = perf_counter() + PROGRESS_SECONDS
        except NonFiniteError as error:
            return Stop("non-finite", str(error))
        progress(Progress(trainer.step, last_step, self.history.batch_loss()))
        return Stop("steps" if last_step == trainer.settings.steps else "epochs")

    def _turn(self, last_step: int | None) -> None:
        """Train for a moment, at most to the end of the epoch."""
        trainer = self.history.trainer
        left = trainer.steps_left_in_epoch()
        left = left if last_step is None else min(last_step - trainer.step, left)
        self.history.advance(left, TURN_SECONDS, should_stop=self._should_stop)
        self._stop = self._stop or time_is_up(trainer.settings, perf_counter() - self.start)

    def _should_stop(self, history: History) -> bool:
        self._stop = self._rules.after_epoch(history, perf_counter() - self.start)
        return self._stop is not None
