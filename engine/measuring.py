"""The losses over all rows at one moment, taken a slice at a time, so that whoever waits for them can look elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation import EvaluatedSlice, Evaluation, MeanLoss
from engine.metrics import predicted_classes
from engine.network import NetworkSpec, predictions
from engine.stacked_rows import StackedRows

Array = NDArray[np.floating[Any]]
Listener = Callable[[int, EvaluatedSlice], None]


class Measuring:
    """A measurement under way.

    Parameters
    ----------
    evaluations : sequence of Evaluation
        One per part of the data. Their parameters must stay as they are until all is done.
    listener : callable (part, EvaluatedSlice), optional
        Told of every slice, with the place of its part in `evaluations`.
    """

    def __init__(self, evaluations: Sequence[Evaluation], listener: Listener | None = None) -> None:
        self._evaluations = evaluations
        self._listener = listener
        self._means = [MeanLoss(evaluation.n_rows) for evaluation in evaluations]
        self._next = [(part, index) for part, evaluation in enumerate(evaluations) for index in range(evaluation.n_slices)]
        self._next.reverse()

    @property
    def done(self) -> bool:
        """Whether the losses of all rows are there."""
        return not self._next

    def take_slice(self) -> None:
        """Evaluate the next slice; there must be one."""
        part, index = self._next.pop()
        found = self._evaluations[part].evaluate(index)
        self._means[part].add(found.losses)
        if self._listener is not None:
            self._listener(part, found)

    def losses(self) -> list[float]:
        """Return the mean loss of each part, once all is done."""
        return [mean.value for mean in self._means]


class Measurer:
    """Measures the parts of a table, the training rows first, at whatever the parameters are.

    Parameters
    ----------
    spec : NetworkSpec
    parameters : ndarray of shape (n_parameters,)
        Looked at, not copied.
    parts : sequence of StackedRows
        The training rows and the validation rows; a part without rows is left out.
    counts_hits : bool
        Whether the rows whose class is predicted are counted, too.

    Attributes
    ----------
    at_once : bool
        Whether the rows of each part are so few that measuring them is one short piece of work.
    """

    def __init__(
        self, spec: NetworkSpec, parameters: Array, parts: Sequence[StackedRows], *, counts_hits: bool = False
    ) -> None:
        self._spec = spec
        self._parts = [rows for rows in parts if len(rows)]
        self._evaluations = [Evaluation(spec, parameters, rows) for rows in self._parts]
        self._listener = self._count_hits if counts_hits else None
        self._measuring: Measuring | None = None
        self._step = -1
        self._hits = 0
        self.at_once = all(evaluation.n_slices <= 1 for evaluation in self._evaluations)

    def take_slice(self, step: int) -> bool:
        """Do the next short piece of the measurement at a step, and return whether it is complete.

        What was begun at another step is given up.
        """
        if self._measuring is None or self._step != step:
            self._measuring, self._step, self._hits = Measuring(self._evaluations, self._listener), step, 0
        while not self._measuring.done:
            self._measuring.take_slice()
            if not self.at_once:
                break
        return self._measuring.done

    def is_done(self, step: int) -> bool:
        """Return whether the measurement at a step is complete."""
        return self._measuring is not None and self._step == step and self._measuring.done

    def losses(self) -> list[float]:
        """Return the mean loss of each part, once the measurement is complete."""
        assert self._measuring is not None
        return self._measuring.losses()

    def accuracy(self) -> float:
        """Return the share of the last part's rows whose class is predicted, once the measurement is complete."""
        return self._hits / len(self._parts[-1])

    def with_predictions(self) -> list[tuple[float, Array]]:
        """Return the mean loss of each part and its predictions as they are shown, at once."""
        found = [evaluation.with_output() for evaluation in self._evaluations]
        return [(loss, predictions(self._spec, output)) for loss, output in found]

    def forget(self) -> None:
        """Give up what was measured: the parameters have changed."""
        self._measuring = None

    def rest(self) -> None:
        """Give the buffers back; they are made anew when they are needed."""
        for evaluation in self._evaluations:
            evaluation.rest()

    def _count_hits(self, part: int, found: EvaluatedSlice) -> None:
        if part == len(self._parts) - 1:
            codes = predicted_classes(predictions(self._spec, found.output))
            self._hits += int(np.count_nonzero(codes == self._parts[part].targets(found.rows)))
