"""Losses and metrics over all rows at one moment, in short pieces, while training goes on: for display, it decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.evaluation import EvaluatedSlice, Evaluation
from engine.measuring import Measuring
from engine.metrics.in_slices import sliced_metrics
from engine.network import predictions
from engine.records import Measurement
from engine.stacked_rows import rows_of_parts
from engine.trainer import Trainer


class PartFigures(NamedTuple):
    """The metrics of one part by name, and the rows its ROC AUC was taken over where those are not all."""

    metrics: dict[str, float | None]
    rows_ranked: int | None


class Assessment:
    """An assessment of a trainer's network as it is when this is made, on a copy of its parameters.

    Parameters
    ----------
    trainer : Trainer

    Attributes
    ----------
    done : bool
    measurement : Measurement
        Once done: the losses, as :meth:`Trainer.measure` gives them.
    figures : list of PartFigures
        Once done: of the training rows, and of the validation rows where there are any.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.step, self._epoch, self._spec = trainer.step, trainer.epoch, trainer.spec
        self._parameters = trainer.parameters
        self._parts = [rows for rows in rows_of_parts(trainer.spec, trainer.data)[:2] if len(rows)]
        evaluations = [Evaluation(trainer.spec, self._parameters, rows) for rows in self._parts]
        self._measuring = Measuring(evaluations, self._add)
        target = trainer.data.target
        self._metrics = [sliced_metrics(target, rows.targets(slice(None))) for rows in self._parts]
        self._pieces = self._work()
        self.done = False

    def is_of(self, trainer: Trainer) -> bool:
        """Return whether the trainer's network is still what it was, or is so again."""
        same = self.step == trainer.step and self._spec == trainer.spec
        return same and np.array_equal(self._parameters, trainer.parameters)

    def take_piece(self) -> bool:
        """Do a short piece of the work, and return whether all is done."""
        with np.errstate(all="ignore"):  # what is not finite is shown as such
            self.done = next(self._pieces, self) is self
        return self.done

    @property
    def measurement(self) -> Measurement:
        """The losses over all rows, once done."""
        losses = self._measuring.losses()
        return Measurement(self.step, self._epoch, losses[0], losses[1] if len(losses) > 1 else None)

    @property
    def figures(self) -> list[PartFigures]:
        """The metrics of each part, once done."""
        return [PartFigures(metrics.figures(), metrics.rows_ranked) for metrics in self._metrics]

    def _work(self) -> Iterator[None]:
        while not self._measuring.done:
            self._measuring.take_slice()
            yield
        for metrics in self._metrics:
            while not metrics.finish_piece():
                yield

    def _add(self, part: int, found: EvaluatedSlice) -> None:
        self._metrics[part].add(predictions(self._spec, found.output), self._parts[part].targets(found.rows))
