"""Which steps of a run stand for its path: few enough for a budget, the first and the last always among them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_POINTS = 256
MAX_BYTES = 16 * 2**20


def path_capacity(n_parameters: int, max_points: int = MAX_POINTS, max_bytes: int = MAX_BYTES) -> int:
    """Return how many points a path may have: at most `max_points`, at most `max_bytes` in float64, at least 2."""
    return max(2, min(max_points, max_bytes // (8 * n_parameters)))


def path_steps(
    last_step: int, n_parameters: int, max_points: int = MAX_POINTS, max_bytes: int = MAX_BYTES
) -> NDArray[np.int64]:
    """Return the steps whose parameters make the path of a run up to `last_step`, ascending.

    They are multiples of the smallest power of two that fits, and `last_step` itself. As a run grows, the steps kept are
    among those kept before, so parameters once fetched serve again.
    """
    capacity = path_capacity(n_parameters, max_points, max_bytes)
    stride = 1
    while (last_step - 1) // stride + 2 > capacity and stride < last_step:
        stride *= 2
    return np.append(np.arange(0, last_step, stride, dtype=np.int64), np.int64(last_step))


def thinned(n_points: int, n_parameters: int, max_points: int = MAX_POINTS, max_bytes: int = MAX_BYTES) -> NDArray[np.int64]:
    """Return which of `n_points` points to keep: evenly spread indices, ascending, the first and the last among them."""
    kept = min(n_points, path_capacity(n_parameters, max_points, max_bytes))
    return np.unique(np.linspace(0, n_points - 1, kept).round().astype(np.int64))
