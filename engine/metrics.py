"""How good predictions are, in the figures people know: accuracy for classes, R² and RMSE for numbers."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import Target
from engine.network import NetworkSpec, forward, predictions

Array = NDArray[np.floating[Any]]

SLICE_ROWS = 16_384
"""Rows predicted at a time, so that memory stays bounded."""


def predict(spec: NetworkSpec, parameters: Array, X: Array) -> Array:
    """Return the predictions for rows of any number, as they are shown: probabilities, or standardised values.

    Parameters
    ----------
    parameters : ndarray of shape (n_parameters,)
    X : ndarray of shape (n_rows, n_features)

    Returns
    -------
    ndarray of shape (n_outputs, n_rows)
        In the precision of the parameters.
    """
    shown = np.empty((spec.n_outputs, len(X)), dtype=parameters.dtype)
    with np.errstate(all="ignore"):  # what is not finite is counted by the metrics, not warned about
        for start in range(0, len(X), SLICE_ROWS):
            rows = slice(start, start + SLICE_ROWS)
            columns = np.ascontiguousarray(X[rows].T, dtype=parameters.dtype)
            shown[:, rows] = predictions(spec, forward(spec, parameters, columns)[-1])
    return shown


def part_metrics(target: Target, predicted: Array, y: NDArray[np.float64]) -> dict[str, float | None]:
    """Return the metrics of one part (training or validation rows).

    Parameters
    ----------
    predicted : ndarray of shape (n_outputs, n_rows)
        As :func:`predict` gives them.
    y : ndarray of shape (n_rows,)
        Class codes, or standardised values.

    Returns
    -------
    dict
        {"accuracy": ...} for classes, {"r2": ..., "rmse": ...} for numbers; None where a figure is not defined (no rows,
        or an R² of rows that are all the same).
    """
    if target.task == "classification":
        return {"accuracy": accuracy(predicted, y)}
    return {"r2": r2(predicted[0], y), "rmse": rmse(predicted[0], y, target.scale)}


def predicted_classes(predicted: Array) -> NDArray[np.int64]:
    """Return the class of each row: the largest output, or class 1 above one half of a single one; -1 if not finite."""
    codes = (predicted[0] > 0.5).astype(np.int64) if len(predicted) == 1 else predicted.argmax(axis=0)
    return np.where(np.isfinite(predicted).all(axis=0), codes, -1)


def accuracy(predicted: Array, y: NDArray[np.float64]) -> float | None:
    """Return the share of rows whose class is predicted; a prediction that is not finite is wrong."""
    return float(np.mean(predicted_classes(predicted) == y)) if len(y) else None


def r2(predicted: Array, y: NDArray[np.float64]) -> float | None:
    """Return R² = 1 - sum (y - p)² / sum (y - mean(y))²: the same in standardised and in original units.

    Parameters
    ----------
    predicted, y : ndarray of shape (n_rows,)
    """
    if len(y) == 0 or y.min() == y.max():
        return None
    return 1.0 - _sum_of_squares(y - predicted) / _sum_of_squares(y - y.mean())


def rmse(predicted: Array, y: NDArray[np.float64], scale: float) -> float | None:
    """Return sqrt(mean (y - p)²) in original units.

    Parameters
    ----------
    predicted, y : ndarray of shape (n_rows,)
        Standardised.
    scale : float
        Original units per standardised unit.
    """
    return sqrt(_sum_of_squares(y - predicted) / len(y)) * scale if len(y) else None


def _sum_of_squares(values: Array) -> float:
    wide = values.astype(np.float64, copy=False)
    with np.errstate(all="ignore"):
        return float(wide.dot(wide))
