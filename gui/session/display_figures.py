"""The losses and metrics that frames show: over all rows, and where those are many, in pieces that hold nothing up.

What is measured here is for display only and is not written into the history.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

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
Measured = tuple[Measurement, Metrics | None, Metrics | None]

COSTLY_SECONDS = 0.004
"""A measurement that took longer than this is not repeated for every frame of play; the last one is shown instead."""

COSTLY_SHARE = 20
"""A costly measurement is repeated after this many times the time it took."""

PIECES_SHARE = 4
"""While a measurement in pieces is under way in play, training has this many times the time it takes."""

NO_BASELINES: Baselines = ((), ())


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
        self._latest: Measured | None = None
        self._baselines: Baselines | None = None
        self._awaited: Future[Baselines] | None = None
        self.seconds = 0.0
        self._measured_at = 0.0
        self._assessment: Assessment | None = None
        self._last_assessed: Assessment | None = None
        self._spent = 0.0
        self._rest_until = 0.0

    def turn_to_another_line(self) -> None:
        """Give up the figures of the line left: the same steps mean another network now."""
        self._latest = self._assessment = self._last_assessed = None

    def for_frame(self, history: History, state: RunState) -> Measured:
        """Return losses and metrics for a frame of where `history` stands.

        They are those of this very step, or where they are costly those measured last, whose step they tell. Until the first
        are there, there are no metrics, and the losses are those of the history.
        """
        if self._goes_in_pieces(history.trainer):
            self._take_baselines(history.trainer.data)
            return self._latest or (history.measurement(), None, None)
        if self._baselines is None:  # before the clock of the measurement, which decides how often it is repeated
            self._baselines = baseline_metrics(history.trainer.data)
        start = time.perf_counter()
        costly = self.seconds > COSTLY_SECONDS and state is RunState.RUNNING
        if costly and self._latest is not None and start < self._measured_at + COSTLY_SHARE * self.seconds:
            return self._latest
        self._latest = self._measured_at_once(history.trainer)
        self._measured_at = time.perf_counter()
        self.seconds = self._measured_at - start
        return self._latest

    def play_on(self, trainer: Trainer) -> None:
        """Do a piece of the next assessment while training goes on, where its share of the time allows one."""
        start = time.perf_counter()
        if not self._goes_in_pieces(trainer) or start < self._rest_until:
            return
        if self._assessment is None or self._assessment.step > trainer.step:
            self._begin(trainer)
        self._take_piece()
        seconds = time.perf_counter() - start
        self._spent += seconds
        rest = PIECES_SHARE * seconds if self._assessment is not None else COSTLY_SHARE * self._spent
        self._rest_until = time.perf_counter() + rest

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
            self._begin(trainer)
        self._take_piece()
        while self._assessment is not None and time.perf_counter() < deadline:
            self._take_piece()
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

    def _begin(self, trainer: Trainer) -> None:
        self._assessment = Assessment(trainer)
        self._spent = 0.0

    def _take_piece(self) -> None:
        """Do a piece of the assessment under way; once it is done, it is what frames show."""
        assert self._assessment is not None
        if not self._assessment.take_piece():
            return
        done, self._assessment = self._assessment, None
        self._last_assessed = done
        known = self._baselines or NO_BASELINES
        parts = [_as_metrics(part.metrics, named, part.rows_ranked) for part, named in zip(done.figures, known, strict=False)]
        self._latest = (done.measurement, parts[0], parts[1] if len(parts) > 1 else None)

    def _measured_at_once(self, trainer: Trainer) -> Measured:
        train_baselines, validation_baselines = self._baselines or NO_BASELINES
        evaluated = trainer.evaluate()
        target, data = trainer.data.target, trainer.data
        train = _as_metrics(part_metrics(target, evaluated.train_predictions, data.y_train), train_baselines)
        validation = None
        if evaluated.validation_predictions is not None:
            figures = part_metrics(target, evaluated.validation_predictions, data.y_validation)
            validation = _as_metrics(figures, validation_baselines)
        return evaluated.measurement, train, validation

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
            measurement, *parts = self._latest
            train, validation = (
                part and replace(part, baselines=named) for part, named in zip(parts, self._baselines, strict=True)
            )
            self._latest = (measurement, train, validation)
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
