"""The loss over all rows of one part of the data, for a measurement that is made once."""

from __future__ import annotations

from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import Target
from engine.losses import losses_per_sample
from engine.metrics.prediction import SLICE_ROWS
from engine.network import NetworkSpec, encode_targets, forward

Array = NDArray[np.floating[Any]]


def part_loss(spec: NetworkSpec, parameters: Array, target: Target, X: Array, y: NDArray[np.float64]) -> float | None:
    """Return the mean loss over rows in evaluation mode, class weights included, without penalty; None where there are no rows.

    Parameters
    ----------
    parameters : ndarray of shape (n_parameters,)
        Their precision is that of the computation.
    target : Target
    X : ndarray of shape (n_rows, n_features)
    y : ndarray of float64, shape (n_rows,)
    """
    if not len(y):
        return None
    sums = []
    with np.errstate(all="ignore"):  # a loss that is not finite is a result like any other
        for start in range(0, len(y), SLICE_ROWS):
            rows = slice(start, start + SLICE_ROWS)
            columns = np.ascontiguousarray(X[rows].T, dtype=parameters.dtype)
            targets = encode_targets(spec, target, y[rows]).astype(parameters.dtype)
            output = forward(spec, parameters, columns)[-1]
            sums.append(float(losses_per_sample(spec.loss, output, targets, spec.loss_options).sum(dtype=np.float64)))
        return fsum(sums) / len(y) if np.isfinite(sums).all() else float(np.sum(sums) / len(y))
