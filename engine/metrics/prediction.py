"""Predictions for any number of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.network import NetworkSpec, forward, predictions

Array = NDArray[np.floating[Any]]

SLICE_ROWS = 16_384
"""Rows predicted at a time, so that memory stays bounded."""


def predict(spec: NetworkSpec, parameters: Array, X: Array) -> Array:
    """Return the predictions for rows of any number, as they are shown: probabilities, or scaled values.

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
