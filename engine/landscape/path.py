"""How many points stand for a path: few enough for a budget of points and of memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_POINTS = 256
"""Enough for a smooth line; the plane's eigenvectors take a few milliseconds."""

MAX_BYTES = 16 * 2**20


def thinned(
    n_points: int, n_parameters: int, max_points: int = MAX_POINTS, max_bytes: int = MAX_BYTES, itemsize: int = 8
) -> NDArray[np.int64]:
    """Return which of `n_points` points to keep: ascending, the first and the last among them.

    One half is spread evenly, the other like a geometric series from the start: a path bends most in its first steps, and a
    long run spread evenly would show none of them.

    Parameters
    ----------
    max_points, max_bytes : int
        The budget; a path keeps its two ends whatever the budget.
    itemsize : int
        Bytes of one parameter.
    """
    allowed = max(2, min(max_points, max_bytes // (itemsize * n_parameters)))
    if n_points <= allowed:
        return np.arange(n_points)
    n_early = (allowed - 1) // 2
    early = np.geomspace(1, n_points - 1, n_early + 1)[:-1] if n_early else np.empty(0)
    even = np.linspace(0, n_points - 1, allowed - n_early)
    return np.unique(np.concatenate([even, early]).round().astype(np.int64))
