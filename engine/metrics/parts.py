"""All metrics of one part of the data, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import Target
from engine.metrics.classification import confusion_matrix, figures_of_matrix, predicted_classes, roc_auc
from engine.metrics.regression import mae, r2, rmse

Array = NDArray[np.floating[Any]]


def part_metrics(target: Target, predicted: Array, y: NDArray[np.float64]) -> dict[str, float | None]:
    """Return the metrics of one part (training, validation or test rows).

    Parameters
    ----------
    predicted : ndarray of shape (n_outputs, n_rows)
        As :func:`engine.metrics.predict` gives them.
    y : ndarray of shape (n_rows,)
        Class codes, or scaled values.

    Returns
    -------
    dict
        accuracy, balanced_accuracy, f1 and roc_auc for classes; r2, rmse and mae for numbers, the last two in original units.
        None where a figure is not defined: no rows, an R² of rows that are all the same, a ROC AUC of a class that has no rows
        or is all there is. A class predicted from numbers that are not finite is wrong, and there is no ROC AUC then.
    """
    if target.task == "regression":
        return {
            "r2": r2(predicted[0], y),
            "rmse": rmse(predicted[0], y, target.scale),
            "mae": mae(predicted[0], y, target.scale),
        }
    n_classes = len(target.classes)
    matrix = confusion_matrix(y, predicted_classes(predicted), n_classes)
    n_actual = np.bincount(y.astype(np.int64), minlength=n_classes)
    return {**figures_of_matrix(matrix, n_actual), "roc_auc": roc_auc(predicted, y, n_classes)}
