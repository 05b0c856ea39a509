"""What predicting without a network gives, so that one knows what good is: a constant answer, and a linear model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData, Target
from engine.metrics import part_metrics

Table = NDArray[np.float64]
Inputs = NDArray[np.floating[Any]]

LEAST_SQUARES = "least squares"

SLICE_ROWS = 16_384
"""Rows multiplied at a time, so that memory stays bounded."""

MAX_FEATURES = 1_000
"""Most features of the linear model: its equations take time with their cube."""

MAX_PRODUCTS = 4_000_000_000
"""Most multiplications spent on its equations, a few tenths of a second; from longer tables every k-th row is taken."""


@dataclass(frozen=True)
class Baseline:
    """How good one way of predicting without a network is.

    Attributes
    ----------
    name : str
        "majority class" or "mean", and "least squares".
    train, validation, test : dict
        The metrics of each part, as :func:`engine.metrics.part_metrics` names them; empty where there are no test rows.
    rows_used : int
        Training rows it was made from.
    """

    name: str
    train: dict[str, float | None]
    validation: dict[str, float | None]
    rows_used: int
    test: dict[str, float | None] = field(default_factory=dict)


class LinearModel(NamedTuple):
    """Predictions X W + b.

    Attributes
    ----------
    weights : ndarray of shape (n_features, n_outputs)
    bias : ndarray of shape (n_outputs,)
    """

    weights: Table
    bias: Table

    def predict(self, X: Inputs) -> Table:
        """Return the outputs for rows, shape (n_outputs, n_rows)."""
        outputs = np.empty((len(self.bias), len(X)))
        for rows in _slices(len(X)):  # a large table in single precision is never held in double as a whole
            outputs[:, rows] = self.weights.T @ X[rows].T + self.bias[:, None]
        return outputs


_KNOWN: WeakKeyDictionary[PreparedData, tuple[Baseline, ...]] = WeakKeyDictionary()
"""Baselines by data; gone with the data."""


def baselines(data: PreparedData) -> tuple[Baseline, ...]:
    """Return the baselines of a table, the constant one first; computed once per table.

    Notes
    -----
    The constant answer is the commonest class (its score the class's share of the training rows), or the mean. The linear model
    is left out above `MAX_FEATURES` features.
    """
    if data not in _KNOWN:
        linear = () if data.n_features > MAX_FEATURES else (_least_squares_baseline(data),)
        _KNOWN[data] = (_constant_baseline(data), *linear)
    return _KNOWN[data]


def least_squares(X: Inputs, target: Target, y: Table) -> LinearModel:
    """Fit a linear model with intercept by least squares: to the numbers, or to one column of 0 and 1 per class.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,)
        Scaled values, or class codes.

    Notes
    -----
    For classes this is linear regression on the class indicators: the class with the largest output is predicted. Of two
    classes one column is enough, the other output being one minus it. Where columns depend on each other, such as all levels
    of a category, the solution of least norm is taken, as scikit-learn's LinearRegression does.

    With X and Y centred the equations are (X^T X) W = X^T Y. They are summed up slice by slice, so that no copy of the table
    is made.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, equation 3.6 and section 4.2.
    """
    n_rows, n_features = X.shape
    x_mean, y_mean = X.mean(axis=0, dtype=np.float64), _mean_outputs(target, y)
    squares, products = np.zeros((n_features, n_features)), np.zeros((n_features, len(y_mean)))
    for rows in _slices(n_rows):
        centred = X[rows] - x_mean
        squares += centred.T @ centred
        products += centred.T @ (_outputs(target, y[rows]) - y_mean)
    smallest = max(n_rows, n_features) * np.finfo(np.float64).eps  # what rounding leaves of a direction without spread
    weights = np.linalg.lstsq(squares, products, rcond=smallest)[0].astype(np.float64, copy=False)
    return LinearModel(weights, y_mean - x_mean @ weights)


def _least_squares_baseline(data: PreparedData) -> Baseline:
    n_products = len(data.y_train) * data.n_features * (data.n_features + max(1, len(data.target.classes)))
    stride = max(1, ceil(n_products / MAX_PRODUCTS))
    X, y = data.X_train[::stride], data.y_train[::stride]
    model = least_squares(X, data.target, y)
    return Baseline(
        LEAST_SQUARES,
        rows_used=len(y),
        **{part: part_metrics(data.target, model.predict(X_part), y_part) for part, (X_part, y_part) in data.parts().items()},
    )


def _constant_baseline(data: PreparedData) -> Baseline:
    target, outputs = data.target, _mean_outputs(data.target, data.y_train)
    metrics = {
        part: part_metrics(target, np.broadcast_to(outputs[:, None], (len(outputs), len(y))), y)
        for part, (_, y) in data.parts().items()
    }
    name = "majority class" if target.task == "classification" else "mean"
    return Baseline(name, rows_used=len(data.y_train), **metrics)


def _outputs(target: Target, y: Table) -> Table:
    """Return what the linear model is fitted to, shape (n_rows, n_outputs)."""
    if len(target.classes) <= 2:
        return y[:, None]
    indicators: Table = (y[:, None] == np.arange(len(target.classes))).astype(np.float64)
    return indicators


def _mean_outputs(target: Target, y: Table) -> Table:
    """Return the mean of the outputs, shape (n_outputs,): the mean value, or the share of each class."""
    if len(target.classes) <= 2:
        return np.array([y.mean()])
    shares: Table = np.bincount(y.astype(np.int64), minlength=len(target.classes)) / len(y)
    return shares


def _slices(n_rows: int) -> Iterator[slice]:
    return (slice(start, start + SLICE_ROWS) for start in range(0, n_rows, SLICE_ROWS))
