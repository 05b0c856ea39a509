"""Makes the message of one frame from where a history stands, and the words that describe runs, branches and changes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.baselines import baselines
from engine.data.prepared import PreparedData
from engine.history import History
from engine.metrics import part_metrics
from engine.network import NetworkSpec
from engine.observe import Observation, Observer, Watch
from engine.records import Measurement
from engine.trainer import Trainer
from gui.session.messages import BranchInfo, Metrics, RunInfo, RunState, Snapshot

Array = NDArray[np.floating[Any]]

NamedMetrics = tuple[tuple[str, Metrics], ...]
Measured = tuple[Measurement, Metrics | None, Metrics | None]

RATE_SECONDS = 0.5
"""Time over which steps per second are counted."""

COSTLY_SECONDS = 0.004
"""A measurement that took longer than this is not repeated for every frame of play; the last one is shown instead."""

COSTLY_SHARE = 20
"""A costly measurement is repeated after this many times the time it took."""


class SnapshotMaker:
    """Makes snapshots of one run; lives in the training thread.

    Attributes
    ----------
    watch : Watch
        What the pictures need.
    """

    def __init__(self) -> None:
        self.watch = Watch()
        self._observer: Observer | None = None
        self._measuring_seconds = 0.0
        self._measured_at = 0.0
        self._last_measured: Measured | None = None
        self._baselines: tuple[NamedMetrics, NamedMetrics] | None = None
        self.restart_clock()

    def set_run(self, info: RunInfo) -> None:
        """Turn to another run."""
        self._observer = None
        self._measuring_seconds = 0.0
        self._last_measured = None
        self._baselines = None
        self.restart_clock()

    def restart_clock(self) -> None:
        """Begin to count steps per second anew."""
        self._counted = 0
        self._since = time.perf_counter()
        self._rate = 0.0

    def count_steps(self, n_steps: int) -> None:
        """Count steps for the rate shown."""
        self._counted += n_steps
        elapsed = time.perf_counter() - self._since
        if elapsed >= RATE_SECONDS:
            self._rate = self._counted / elapsed
            self._counted, self._since = 0, time.perf_counter()

    def make(self, history: History, run_id: int, state: RunState) -> Snapshot:
        """Return the frame for where `history` stands."""
        trainer, branch = history.trainer, history.branch
        measurement, train_metrics, validation_metrics = self._measure(history, state)
        parameters = trainer.parameters
        return Snapshot(
            run_id=run_id,
            branch_id=branch.branch_id,
            state=state,
            step=trainer.step,
            epoch=trainer.epoch,
            last_step=branch.last_step,
            settings=trainer.settings,
            spec=trainer.spec,
            learning_rate=trainer.learning_rate,
            parameters=parameters,
            gradient=trainer.gradient,
            batch_loss=history.batch_loss(),
            measurement=measurement,
            train_metrics=train_metrics,
            validation_metrics=validation_metrics,
            observation=self._observe(trainer, parameters),
            steps_per_second=self._rate if state is RunState.RUNNING else 0.0,
        )

    def _measure(self, history: History, state: RunState) -> Measured:
        """Return losses and metrics at this very step; during play, where they are costly, those measured last.

        What is measured here is for display only and is not written into the history.
        """
        train_baselines, validation_baselines = self._baselines_of(history.trainer.data)
        start = time.perf_counter()
        costly = self._measuring_seconds > COSTLY_SECONDS and state is RunState.RUNNING
        if costly and self._last_measured is not None and start < self._measured_at + COSTLY_SHARE * self._measuring_seconds:
            return self._last_measured
        trainer = history.trainer
        evaluated = trainer.evaluate()
        target, data = trainer.data.target, trainer.data
        train = Metrics(**part_metrics(target, evaluated.train_predictions, data.y_train), baselines=train_baselines)
        validation = None
        if evaluated.validation_predictions is not None:
            figures = part_metrics(target, evaluated.validation_predictions, data.y_validation)
            validation = Metrics(**figures, baselines=validation_baselines)
        self._measured_at = time.perf_counter()
        self._measuring_seconds = self._measured_at - start
        self._last_measured = (evaluated.measurement, train, validation)
        return self._last_measured

    def _baselines_of(self, data: PreparedData) -> tuple[NamedMetrics, NamedMetrics]:
        """Return the baselines over the training and the validation rows, made once for each table."""
        if self._baselines is None:
            self._baselines = baseline_metrics(data)
        return self._baselines

    def _observe(self, trainer: Trainer, parameters: Array) -> Observation | None:
        if not (self.watch.maps or self.watch.rows):
            return None
        if self._observer is None or self._observer.spec != trainer.spec:  # another run, or something was switched off
            self._observer = Observer(trainer.spec, trainer.data)
        return self._observer.observe(parameters, self.watch)


def baseline_metrics(data: PreparedData) -> tuple[NamedMetrics, NamedMetrics]:
    """Return the names and figures of the baselines over the training and over the validation rows."""
    n_rows = len(data.y_train)
    found = [
        (each.name if each.rows_used == n_rows else f"{each.name} on {each.rows_used:,} of {n_rows:,} rows", each)
        for each in baselines(data)
    ]
    train = tuple((name, Metrics(**each.train, baselines=())) for name, each in found)
    return train, tuple((name, Metrics(**each.validation, baselines=())) for name, each in found)


def run_title(run_id: int, data: PreparedData, spec: NetworkSpec) -> str:
    """Return a run's name for lists: "run 3 · two moons · 2-8-8-1 tanh"."""
    sizes = "-".join(str(size) for size in spec.sizes)
    hidden = " ".join(dict.fromkeys(spec.activations[:-1]))
    return " · ".join((f"run {run_id}", data.name, f"{sizes} {hidden}".strip()))


def branch_infos(history: History) -> tuple[BranchInfo, ...]:
    """Return all branches of a run for the window."""
    return tuple(
        BranchInfo(
            branch.branch_id,
            branch.parent.branch_id if branch.parent else None,
            branch.fork_step,
            branch.last_step,
            branch.changes[0].words,
        )
        for branch in history.branches
    )
