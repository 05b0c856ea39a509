"""Rows in the form of a batch: read from the prepared table where they are needed, so that no second table is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData, Target
from engine.network import NetworkSpec, encode_targets

Array = NDArray[np.floating[Any]]
Rows = slice | NDArray[np.int64]


class StackedRows:
    """The rows of one part of the data as the columns of a batch: inputs, a row of ones, targets.

    Parameters
    ----------
    spec : NetworkSpec
    target : Target
    X : ndarray of shape (n_rows, n_inputs)
        float64, or float32 where the table is large: what is written is cast to the precision of the batch.
    y : ndarray of shape (n_rows,)
    """

    def __init__(self, spec: NetworkSpec, target: Target, X: Array, y: NDArray[np.float64]) -> None:
        self._spec, self._target, self._X, self._y = spec, target, X, y

    def __len__(self) -> int:
        return len(self._y)

    def write(self, rows: Rows, batch: Array) -> None:
        """Write rows, in the order they are named, into the columns of a batch; its row of ones is left as it is.

        Parameters
        ----------
        rows : slice or ndarray of int64
        batch : ndarray of shape (n_inputs + 1 + n_outputs, n)
        """
        n_inputs = self._spec.n_inputs
        inputs = self._X[rows] if isinstance(rows, slice) else self._X.take(rows, axis=0)
        batch[:n_inputs] = inputs.T
        batch[n_inputs + 1 :] = encode_targets(self._spec, self._target, self._y[rows])

    def targets(self, rows: slice) -> NDArray[np.float64]:
        """Return the targets of some rows as they stand in the data, shape (n,)."""
        return self._y[rows]


def rows_of_parts(spec: NetworkSpec, data: PreparedData) -> tuple[StackedRows, StackedRows, StackedRows]:
    """Return the training, the validation and the test rows; parts may be empty."""
    parts = ((data.X_train, data.y_train), (data.X_validation, data.y_validation), (data.X_test, data.y_test))
    train, validation, test = (StackedRows(spec, data.target, X, y) for X, y in parts)
    return train, validation, test


def bytes_of_rows(data: PreparedData) -> int:
    """Return the memory that the prepared rows take, in bytes; a run on them adds a position (8 bytes) per training row."""
    parts = (
        *(data.X_train, data.X_validation, data.X_test),
        *(data.y_train, data.y_validation, data.y_test),
        *(data.rows_train, data.rows_validation, data.rows_test),
    )
    return sum(part.nbytes for part in parts)
