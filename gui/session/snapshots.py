"""Makes the message of one frame from where a history stands, and the words that describe runs, branches and changes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData
from engine.history import History
from engine.network import NetworkSpec
from engine.observe import Observation, Observer, Watch
from engine.trainer import Trainer
from gui.session.display_figures import DisplayFigures
from gui.session.messages import BranchInfo, RunInfo, RunState, Snapshot

Array = NDArray[np.floating[Any]]

RATE_SECONDS = 0.5
"""Time over which steps per second are counted."""


class SnapshotMaker:
    """Makes snapshots of one run; lives in the training thread.

    Parameters
    ----------
    in_pieces : bool
        Whether the figures of many rows come in pieces, between the frames; else every frame has those of its step.

    Attributes
    ----------
    watch : Watch
        What the pictures need.
    figures : DisplayFigures
    """

    def __init__(self, *, in_pieces: bool = False) -> None:
        self.watch = Watch()
        self.figures = DisplayFigures(in_pieces=in_pieces)
        self._observer: Observer | None = None
        self.restart_clock()

    def set_run(self, info: RunInfo) -> None:
        """Turn to another run."""
        self._observer = None
        self.figures.forget()
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
        figures = self.figures.for_frame(history, state)
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
            measurement=figures.measurement,
            train_metrics=figures.train,
            validation_metrics=figures.validation,
            observation=self._observe(trainer, parameters),
            steps_per_second=self._rate if state is RunState.RUNNING else 0.0,
            metrics_step=figures.metrics_step,
        )

    def _observe(self, trainer: Trainer, parameters: Array) -> Observation | None:
        if not (self.watch.maps or self.watch.rows or self.watch.row is not None):
            return None
        if self._observer is None or self._observer.spec != trainer.spec:  # another run, or something was switched off
            self._observer = Observer(trainer.spec, trainer.data)
        return self._observer.observe(parameters, self.watch)


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
