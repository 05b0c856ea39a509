"""How far predicted numbers are from the true ones."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def r2(predicted: Array, y: NDArray[np.float64]) -> float | None:
    """Return R² = 1 - sum (y - p)² / sum (y - mean(y))²: the same in scaled and in original units.

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
        Scaled.
    scale : float
        Original units per scaled unit.
    """
    return sqrt(_sum_of_squares(y - predicted) / len(y)) * scale if len(y) else None


def mae(predicted: Array, y: NDArray[np.float64], scale: float) -> float | None:
    """Return mean |y - p| in original units; parameters as for :func:`rmse`."""
    return float(np.abs(y - predicted).mean()) * scale if len(y) else None


def _sum_of_squares(values: Array) -> float:
    wide = values.astype(np.float64, copy=False)
    with np.errstate(all="ignore"):
        return float(wide.dot(wide))
