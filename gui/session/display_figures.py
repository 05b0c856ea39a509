"""The losses and metrics that frames show: over all rows, and where those are many, in pieces that hold nothing up.

What is measured here is for display only and is not written into the history.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

from engine.assessment import Assessment
from engine.baselines import baselines
from engine.data.prepared import PreparedData
from engine.history import History
from engine.metrics import part_metrics
from engine.records import Measurement
from engine.trainer import Trainer
from gui.session.messages import Metrics, RunState

NamedMetrics = tuple[tuple[str, Metrics], ...]
Baselines = tuple[NamedMetrics, NamedMetrics]

COSTLY_SECONDS = 0.004
"""A measurement that took longer than this is not repeated for every frame of play; the last one is shown instead."""

COSTLY_SHARE = 20
"""A costly measurement is repeated after this many times the time it took."""

BESIDE_SECONDS = 0.001
"""Time of pieces done in a row beside training: many are much shorter than this."""

BESIDE_SHARE = 10
"""Beside training, assessments rest this many times the time their pieces took."""

NO_BASELINES: Baselines = ((), ())


class Figures(NamedTuple):
    """Losses over all rows, and metrics, each with the step they are of.

    Attributes
    ----------
    measurement : Measurement
    metrics_step : int
    train, validation : Metrics or None
        None until the first are there.
    """

    measurement: Measurement
    metrics_step: int
    train: Metrics | None = None
    validation: Metrics | None = None


class DisplayFigures:
    """Losses and metrics for frames; lives in the training thread.

    Parameters
    ----------
    in_pieces : bool
        Whether many rows are assessed in pieces, with `play_on` and `stand_on`; else every frame asked for has its figures.
    """

    def __init__(self, *, in_pieces: bool) -> None:
        self._in_pieces = in_pieces
        self._background: ThreadPoolExecutor | None = None
        self.forget()

    def forget(self) -> None:
        """Forget the run: another one comes."""
        self._latest: Figures | None = None
        self._baselines: Baselines | None = None
        self._awaited: Future[Baselines] | None = None
        self.seconds = 0.0
        self._measured_at = 0.0
        self._assessment: Assessment | None = None
        self._last_assessed: Assessment | None = None
        self._rest_until = 0.0

    def turn_to_another_line(self) -> None:
        """Give up the figures of the line left: the same steps mean another network now."""
        self._latest = self._assessment = self._last_assessed = None

    def for_frame(self, history: History, state: RunState) -> Figures:
        """Return losses and metrics for a frame of where `history` stands.

        They are those of this very step, or where they are costly those measured last, with the step they are of; losses that
        the history has of a later step, as of the end of an epoch, take the place of older ones. Until the first metrics are
        there, there are none.
        """
        trainer = history.trainer
        if self._goes_in_pieces(trainer):
            self._take_baselines(trainer.data)
        else:
            self._measure_for_frame(trainer, state)
        return self._with_latest_losses(history)

    def play_on(self, trainer: Trainer) -> bool:
        """Go on with the assessment under way, or begin one, beside training; return whether there was time for it.

        An assessment works on a copy of the parameters: it is finished however far training gets meanwhile.
        """
        start = time.perf_counter()
        if not self._goes_in_pieces(trainer) or start < self._rest_until:
            return False
        if self._assessment is None or self._assessment.step > trainer.step:
            if self._is_assessed(trainer):
                return False
            self._assessment = Assessment(trainer)
        self._take_pieces(start + BESIDE_SECONDS)
        now = time.perf_counter()
        self._rest_until = now + BESIDE_SHARE * (now - start)
        return True

    def is_wanted(self, trainer: Trainer) -> bool:
        """Return whether the figures of where the trainer stands are still to come."""
        return self._goes_in_pieces(trainer) and (self._baselines is None or not self._is_assessed(trainer))

    def stand_on(self, trainer: Trainer, seconds: float) -> bool:
        """Assess where the trainer stands for some time, a piece at least; return whether there is something new to show."""
        deadline = time.perf_counter() + seconds
        if self._is_assessed(trainer):  # what is left are the baselines
            time.sleep(seconds)
            return self._take_baselines(trainer.data)
        if self._assessment is None or not self._assessment.is_of(trainer):
            self._assessment = Assessment(trainer)
        self._take_pieces(deadline)
        return self._assessment is None

    def close(self) -> None:
        """Give up what is computed in the background."""
        if self._background is not None:
            self._background.shutdown(wait=False, cancel_futures=True)
            self._background = None

    # ------------------------------------------------------------------ inside

    def _goes_in_pieces(self, trainer: Trainer) -> bool:
        return self._in_pieces and not trainer.measures_at_once

    def _is_assessed(self, trainer: Trainer) -> bool:
        return self._last_assessed is not None and self._last_assessed.is_of(trainer)

    def _with_latest_losses(self, history: History) -> Figures:
        """Return what was measured last for display, with the losses of the history where those are nearer to its step."""
        shown = self._latest
        if shown is not None and shown.measurement.step == history.step:
            return shown
        known = history.measurement()
        if shown is None:
            return Figures(known, known.step)
        is_older = shown.measurement.step < known.step or shown.measurement.step > history.step
        return shown._replace(measurement=known) if is_older else shown

    def _measure_for_frame(self, trainer: Trainer, state: RunState) -> None:
        """Measure at once, unless that is costly and was done a short time ago."""
        if self._baselines is None:  # before the clock of the measurement, which decides how often it is repeated
            self._baselines = baseline_metrics(trainer.data)
        start = time.perf_counter()
        costly = self.seconds > COSTLY_SECONDS and state is RunState.RUNNING
        if costly and self._latest is not None and start < self._measured_at + COSTLY_SHARE * self.seconds:
            return
        self._latest = self._measured_at_once(trainer)
        self._measured_at = time.perf_counter()
        self.seconds = self._measured_at - start

    def _take_pieces(self, deadline: float) -> None:
        """Do pieces of the assessment under way until a time, one at least; once it is done, it is what frames show."""
        assert self._assessment is not None
        while not self._assessment.take_piece():
            if time.perf_counter() >= deadline:
                return
        done, self._assessment = self._assessment, None
        self._last_assessed = done
        known = self._baselines or NO_BASELINES
        parts = [_as_metrics(part.metrics, named, part.rows_ranked) for part, named in zip(done.figures, known, strict=False)]
        self._latest = Figures(done.measurement, done.step, *parts)

    def _measured_at_once(self, trainer: Trainer) -> Figures:
        train_baselines, validation_baselines = self._baselines or NO_BASELINES
        evaluated = trainer.evaluate()
        target, data = trainer.data.target, trainer.data
        train = _as_metrics(part_metrics(target, evaluated.train_predictions, data.y_train), train_baselines)
        validation = None
        if evaluated.validation_predictions is not None:
            figures = part_metrics(target, evaluated.validation_predictions, data.y_validation)
            validation = _as_metrics(figures, validation_baselines)
        return Figures(evaluated.measurement, evaluated.measurement.step, train, validation)

    def _take_baselines(self, data: PreparedData) -> bool:
        """Have the baselines computed in the background, and return whether they have just come."""
        if self._baselines is not None:
            return False
        if self._awaited is None:
            self._background = self._background or ThreadPoolExecutor(1, thread_name_prefix="baselines")
            self._awaited = self._background.submit(baseline_metrics, data)
        if not self._awaited.done():
            return False
        self._baselines = self._awaited.result()
        if self._latest is not None:
            parts = (self._latest.train, self._latest.validation)
            train, validation = (
                part and replace(part, baselines=named) for part, named in zip(parts, self._baselines, strict=True)
            )
            self._latest = self._latest._replace(train=train, validation=validation)
        return True


def _as_metrics(figures: dict[str, float | None], named: NamedMetrics = (), rows_ranked: int | None = None) -> Metrics:
    return Metrics(**figures, baselines=named, roc_auc_rows=rows_ranked)


def baseline_metrics(data: PreparedData) -> Baselines:
    """Return the names and figures of the baselines over the training and over the validation rows."""
    n_rows = len(data.y_train)
    found = [
        (each.name if each.rows_used == n_rows else f"{each.name} on {each.rows_used:,} of {n_rows:,} rows", each)
        for each in baselines(data)
    ]
    train = tuple((name, _as_metrics(each.train)) for name, each in found)
    return train, tuple((name, _as_metrics(each.validation)) for name, each in found)
