"""The metrics of a part whose rows are predicted a slice at a time: the same figures as over all rows at once."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, sqrt
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import Target
from engine.metrics.classification import confusion_matrix, figures_of_matrix, predicted_classes, roc_auc
from engine.metrics.ranking import RankedRight

Array = NDArray[np.floating[Any]]


MAX_SCORES = 2_000_000
"""Most scores ranked for the ROC AUC, about half a second; of longer tables every k-th row is."""


AT_ONCE_SCORES = 16_384
"""Scores of so many rows are ranked at once, in about a millisecond: many short pieces would take several times as long."""


class SlicedMetrics(Protocol):
    """What gathers the metrics of one part.

    Attributes
    ----------
    rows_ranked : int or None
        Rows the ROC AUC is taken over where those are not all.
    """

    rows_ranked: int | None

    def add(self, predicted: Array, y: NDArray[np.float64]) -> None:
        """Add rows: predictions of shape (n_outputs, n), and class codes or scaled values of shape (n,)."""

    def finish_piece(self) -> bool:
        """Do a short piece of what is left once all rows are there, and return whether nothing is."""

    def figures(self) -> dict[str, float | None]:
        """Return the metrics by name, once everything is done, as :func:`engine.metrics.part_metrics` names them."""


def sliced_metrics(target: Target, y: NDArray[np.float64]) -> SlicedMetrics:
    """Return what gathers the metrics of a part with these targets."""
    return NumberMetrics(target.scale, y) if target.task == "regression" else ClassMetrics(len(target.classes), len(y))


class ClassMetrics:
    """Accuracy, balanced accuracy and F1 are sums over the rows; the ROC AUC ranks them, class by class, once all are there."""

    def __init__(self, n_classes: int, n_rows: int) -> None:
        self._n_classes = n_classes
        self._matrix = np.zeros((n_classes, n_classes), dtype=np.int64)
        self._n_actual = np.zeros(n_classes, dtype=np.int64)
        self._codes = (1,) if n_classes == 2 else tuple(range(n_classes))
        self._stride = ceil(n_rows * len(self._codes) / MAX_SCORES)
        self.rows_ranked = None if self._stride <= 1 else 0
        self._scores: list[tuple[Array, NDArray[np.float64]]] = []
        self._shares: list[float | None] = []
        self._pieces = self._rank() if n_rows > AT_ONCE_SCORES else self._rank_at_once()

    def add(self, predicted: Array, y: NDArray[np.float64]) -> None:
        """Add rows."""
        self._matrix += confusion_matrix(y, predicted_classes(predicted), self._n_classes)
        self._n_actual += np.bincount(y.astype(np.int64), minlength=self._n_classes)
        if self.rows_ranked is None:
            self._scores.append((predicted, y))
        else:
            self._scores.append((predicted[:, :: self._stride].copy(), y[:: self._stride]))
            self.rows_ranked += len(self._scores[-1][1])

    def finish_piece(self) -> bool:
        """Rank some more rows."""
        if next(self._pieces, self) is not self:
            return False
        self._scores.clear()
        return True

    def figures(self) -> dict[str, float | None]:
        """Return the metrics."""
        defined = [share for share in self._shares if share is not None]
        area = sum(defined) / len(defined) if defined and len(defined) == len(self._codes) else None
        return {**figures_of_matrix(self._matrix, self._n_actual), "roc_auc": area}

    def _rank_at_once(self) -> Iterator[None]:
        """Rank all scores of one class after the other, yielding after each."""
        predicted = np.concatenate([scores for scores, _ in self._scores], axis=1)
        actual = np.concatenate([codes for _, codes in self._scores])
        for code in self._codes:
            scores = predicted[min(code, len(predicted) - 1)]
            self._shares.append(roc_auc(scores[np.newaxis], (actual == code).astype(np.float64), 2))
            yield

    def _rank(self) -> Iterator[None]:
        """Rank the scores of one class after the other, yielding after each short piece of work."""
        for code in self._codes:
            ranked = RankedRight()
            for predicted, y in self._scores:
                ranked.add(predicted[min(code, len(predicted) - 1)], y == code)
                yield
            while not ranked.count_bucket():
                yield
            self._shares.append(ranked.share())


class NumberMetrics:
    """R², RMSE and MAE: sums over the rows, which agree with those at once but for rounding."""

    rows_ranked: int | None = None

    def __init__(self, scale: float, y: NDArray[np.float64]) -> None:
        self._scale, self._mean = scale, float(y.mean())
        self._defined = bool(y.min() != y.max())
        self._n, self._squares, self._absolute, self._spread = 0, 0.0, 0.0, 0.0

    def add(self, predicted: Array, y: NDArray[np.float64]) -> None:
        """Add rows."""
        with np.errstate(all="ignore"):
            error, spread = (y - predicted[0]).astype(np.float64, copy=False), y - self._mean
            self._n += len(y)
            self._squares += float(error.dot(error))
            self._absolute += float(np.abs(error).sum())
            self._spread += float(spread.dot(spread))

    def finish_piece(self) -> bool:
        """Do nothing: sums are complete with the last row."""
        return True

    def figures(self) -> dict[str, float | None]:
        """Return the metrics."""
        r2 = 1.0 - self._squares / self._spread if self._defined else None
        return {"r2": r2, "rmse": sqrt(self._squares / self._n) * self._scale, "mae": self._absolute / self._n * self._scale}
