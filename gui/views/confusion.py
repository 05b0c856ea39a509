"""Which classes a classifier mistakes for which: actual classes as rows, predicted ones as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.metrics import confusion_matrix

Counts = NDArray[np.int64]

MAX_CLASSES = 12
"""Most rows and columns of the matrix; the rarest classes beyond are taken together."""


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix.

    Attributes
    ----------
    names : tuple of str
        Of the rows and columns.
    counts : ndarray of int64, shape (n, n)
        counts[actual, predicted].
    n_not_finite : int
        Rows whose prediction is not finite; they stand in no cell.
    """

    names: tuple[str, ...]
    counts: Counts
    n_not_finite: int

    def shares(self) -> NDArray[np.float64]:
        """Return each cell's share of its row, 0 in rows without members."""
        totals = self.counts.sum(axis=1, keepdims=True)
        return self.counts / np.maximum(totals, 1)


def confusion(
    classes: tuple[str, ...], actual: NDArray[np.floating[Any]], predicted: NDArray[np.int64], order: NDArray[np.int64]
) -> Confusion:
    """Count actual against predicted classes, the rarest taken together.

    Parameters
    ----------
    classes : tuple of str
    actual, predicted : ndarray of shape (n_rows,)
        Codes; a predicted code of -1 is not finite.
    order : ndarray of int64, shape (n_classes,)
        Place of every class in the matrix, from `places_of`.
    """
    n_places = int(order.max()) + 1
    counts = np.zeros((n_places, n_places), dtype=np.int64)
    np.add.at(counts, (order[:, None], order[None, :]), confusion_matrix(actual, predicted, len(classes)))
    names = [""] * n_places
    for code, place in enumerate(order):
        names[place] = classes[code]
    if n_places < len(classes):
        names[-1] = f"{len(classes) - n_places + 1} others"
    return Confusion(tuple(names), counts, len(predicted) - int(counts.sum()))


def places_of(n_classes: int, codes: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Return the place of every class in the matrix: its own, or the last one for the rarest where there are too many.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,)
        Classes of the rows by which rare and frequent are told.
    """
    if n_classes <= MAX_CLASSES:
        return np.arange(n_classes)
    sizes = np.bincount(codes.astype(np.int64), minlength=n_classes)
    kept = np.sort(np.argsort(-sizes, kind="stable")[: MAX_CLASSES - 1])
    places = np.full(n_classes, MAX_CLASSES - 1)
    places[kept] = np.arange(MAX_CLASSES - 1)
    return places
