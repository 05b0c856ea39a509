"""How often predicted classes are right, class by class, and how well scores set the classes apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Counts = NDArray[np.int64]


def predicted_classes(predicted: Array) -> NDArray[np.int64]:
    """Return the class of each row: the largest output, or class 1 above one half of a single one; -1 if not finite."""
    codes = (predicted[0] > 0.5).astype(np.int64) if len(predicted) == 1 else predicted.argmax(axis=0)
    return np.where(np.isfinite(predicted).all(axis=0), codes, -1)


def accuracy(predicted: Array, y: NDArray[np.float64]) -> float | None:
    """Return the share of rows whose class is predicted; a prediction that is not finite is wrong."""
    return float(np.mean(predicted_classes(predicted) == y)) if len(y) else None


def confusion_matrix(y: NDArray[np.floating[Any]], codes: NDArray[np.int64], n_classes: int) -> Counts:
    """Count the rows of each actual and predicted class.

    Parameters
    ----------
    y, codes : ndarray of shape (n_rows,)
        Actual and predicted classes; a predicted -1 is not finite and stands in no cell.

    Returns
    -------
    ndarray of int64, shape (n_classes, n_classes)
        counts[actual, predicted].
    """
    known = codes >= 0
    cells = y[known].astype(np.int64) * n_classes + codes[known]
    return np.bincount(cells, minlength=n_classes * n_classes).reshape(n_classes, n_classes)


def figures_of_matrix(matrix: Counts, n_actual: Counts) -> dict[str, float | None]:
    """Return accuracy, balanced accuracy and F1.

    Parameters
    ----------
    matrix : ndarray of int64, shape (n_classes, n_classes)
    n_actual : ndarray of int64, shape (n_classes,)
        Rows of each class, those included whose prediction is not finite and in no cell.

    Notes
    -----
    Balanced accuracy is the mean of the share found (the recall) over the classes that have rows. F1 = 2 TP / (2 TP + FP + FN)
    is that of class 1 of two, and of more classes the mean over those that occur, actual or predicted.
    """
    # Python's own numbers: for a handful of classes they are several times faster than arrays.
    hits, actual, predicted = matrix.diagonal().tolist(), n_actual.tolist(), matrix.sum(axis=0).tolist()
    n_rows = sum(actual)
    if n_rows == 0:
        return {"accuracy": None, "balanced_accuracy": None, "f1": None}
    recalls = [hit / members for hit, members in zip(hits, actual, strict=True) if members]
    occurrences = [members + n for members, n in zip(actual, predicted, strict=True)]
    f1s = [2.0 * hit / n if n else None for hit, n in zip(hits, occurrences, strict=True)]
    occurring = [f1 for f1 in f1s if f1 is not None]
    return {
        "accuracy": sum(hits) / n_rows,
        "balanced_accuracy": sum(recalls) / len(recalls),
        "f1": f1s[1] if len(f1s) == 2 else sum(occurring) / len(occurring),
    }


def roc_auc(predicted: Array, y: NDArray[np.float64], n_classes: int) -> float | None:
    """Return the area under the ROC curve: of the score of class 1 of two, else the mean over classes, each against the rest.

    Parameters
    ----------
    predicted : ndarray of shape (n_outputs, n_rows)
        A single output is the score of class 1.
    y : ndarray of shape (n_rows,)
        Class codes.

    Returns
    -------
    float or None
        None where a class has no rows, or has all of them, or a score is not finite.
    """
    if len(y) == 0 or not np.isfinite(predicted).all():
        return None
    classes = (1,) if n_classes == 2 else range(n_classes)
    areas: list[float] = []
    for code in classes:
        area = _share_ranked_right(predicted[min(code, len(predicted) - 1)], y == code)
        if area is None:
            return None
        areas.append(area)
    return sum(areas) / len(areas)


def _share_ranked_right(scores: Array, is_member: NDArray[np.bool_]) -> float | None:
    """Return the share of pairs, one member and one other row, in which the member scores higher; a tie counts one half.

    Parameters
    ----------
    scores, is_member : ndarray of shape (n_rows,)

    Notes
    -----
    This is the area under the ROC curve: Mann-Whitney's U over the number of pairs, ties by average ranks. Both groups are
    sorted, which makes looking up the one in the other several times faster than ranking all rows.

    References
    ----------
    Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic curve, section III.
    """
    members, others = np.sort(scores[is_member]), np.sort(scores[~is_member])
    n_pairs = len(members) * len(others)
    if n_pairs == 0:
        return None
    few, many = sorted((members, others), key=len)
    twice_below = int(np.searchsorted(many, few, "left").sum()) + int(np.searchsorted(many, few, "right").sum())
    if few is members:
        return 0.5 * twice_below / n_pairs
    return (n_pairs - 0.5 * twice_below) / n_pairs
