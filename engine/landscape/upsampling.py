"""From the nodes of a surface to pixels: smooth between finite nodes, and no value where a node has none.

References
----------
Catmull and Rom (1974); Keys (1981), "Cubic convolution interpolation for digital image processing", eq. 4 with a = -1/2.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]


def cell_centres(n_nodes: int, n_pixels: int) -> Float64Array:
    """Return where the centres of `n_pixels` equal pixels from the first to the last node lie, in nodes."""
    return np.asarray((np.arange(n_pixels) + 0.5) * ((n_nodes - 1) / n_pixels), dtype=np.float64)


def finer_nodes(n_nodes: int, factor: int) -> Float64Array:
    """Return the places of `factor` times as many intervals, the old nodes among them, in nodes."""
    return np.asarray(np.arange((n_nodes - 1) * factor + 1) / factor, dtype=np.float64)


def upsampled(values: Float64Array, rows: Float64Array, columns: Float64Array) -> Float64Array:
    """Return a field between its nodes: cubic where everything around is finite, linear at the rim of what is not.

    A place with a node that is not finite among the four around it takes the value of the nearest node as it is. So a hole in
    the field stays a hole of its own cells, neither filled nor grown.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
    rows, columns : ndarray of shape (height,), (width,)
        Places in nodes, from 0 to n - 1.

    Returns
    -------
    ndarray of shape (height, width)
    """
    sizes = values.shape
    cubic = [_weights("cubic", size, tuple(places)) for size, places in zip(sizes, (rows, columns), strict=True)]
    holes = ~np.isfinite(values)
    filled = np.where(holes, 0.0, values)
    field: Float64Array = cubic[0] @ filled @ cubic[1].T
    if not holes.any():
        return field
    linear = [_weights("linear", size, tuple(places)) for size, places in zip(sizes, (rows, columns), strict=True)]
    field = np.where(_touches(cubic, holes), linear[0] @ filled @ linear[1].T, field)
    nearest = values[np.ix_(_nearest(rows), _nearest(columns))]
    return np.where(_touches(linear, holes), nearest, field)


def _nearest(places: Float64Array) -> NDArray[np.int64]:
    return np.floor(places + 0.5).astype(np.int64)


def _touches(weights: list[Float64Array], holes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where an interpolation puts weight on a hole."""
    used = [np.asarray(matrix != 0.0, dtype=np.float64) for matrix in weights]
    touched: NDArray[np.bool_] = used[0] @ holes @ used[1].T > 0.0
    return touched


@lru_cache(maxsize=32)
def _weights(kind: str, n_nodes: int, places: tuple[float, ...]) -> Float64Array:
    """Return the matrix (n_places, n_nodes) that interpolates a line of nodes; beyond the ends the line goes on straight."""
    at = np.asarray(places)
    cell = np.clip(np.floor(at).astype(np.int64), 0, n_nodes - 2)
    t = at - cell
    if kind == "linear":
        parts = {0: 1.0 - t, 1: t}
    else:
        parts = {
            -1: -0.5 * t + t**2 - 0.5 * t**3,
            0: 1.0 - 2.5 * t**2 + 1.5 * t**3,
            1: 0.5 * t + 2.0 * t**2 - 1.5 * t**3,
            2: -0.5 * t**2 + 0.5 * t**3,
        }
    padded = np.zeros((len(at), n_nodes + 2))
    for shift, weight in parts.items():
        padded[np.arange(len(at)), cell + 1 + shift] += weight
    # A node beyond the end is twice the last node minus the one before.
    padded[:, 1] += 2.0 * padded[:, 0]
    padded[:, 2] -= padded[:, 0]
    padded[:, -2] += 2.0 * padded[:, -1]
    padded[:, -3] -= padded[:, -1]
    return padded[:, 1:-1]
