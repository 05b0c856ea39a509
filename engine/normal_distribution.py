"""The standard normal distribution's cumulative function for arrays, which NumPy lacks; exact to the last digits.

The function is tabulated with its derivatives on a fine grid and continued from the nearest node by its Taylor series. With
nodes 1/64 apart the first term left out, the seventh, is below 1e-17.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from math import erfc, factorial, sqrt
from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import hermeval
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

NODES_PER_UNIT = 64
FARTHEST = 9
"""Beyond 9 standard deviations the function is 0 or 1 to double precision."""

DEGREE = 6


@cache
def _taylor_coefficients(dtype_name: str) -> Array:
    """Return the coefficients about every node, shape (DEGREE + 1, n_nodes).

    The derivatives of the density are (-1)^k He_k(x) phi(x), He_k being the Hermite polynomials
    (Abramowitz and Stegun 1964, 26.2.31).
    """
    nodes = np.arange(-FARTHEST * NODES_PER_UNIT, FARTHEST * NODES_PER_UNIT + 1) / NODES_PER_UNIT
    density = np.exp(-0.5 * nodes * nodes) / sqrt(2.0 * np.pi)
    table = np.empty((DEGREE + 1, len(nodes)))
    table[0] = [0.5 * erfc(-node / sqrt(2.0)) for node in nodes]
    for order in range(1, DEGREE + 1):
        hermite = hermeval(nodes, [0.0] * (order - 1) + [1.0])
        table[order] = (-1.0) ** (order - 1) * hermite * density / factorial(order)
    return table.astype(dtype_name)


def normal_cdf_calls(z: Array, out: Array) -> list[Callable[[], Any]]:
    """Return bound calls that write the cumulative function of `z` into `out`, which must be another array."""
    table = _taylor_coefficients(z.dtype.name)
    offset, node = np.empty_like(z), np.empty(z.shape, dtype=np.intp)
    nearest, coefficient = np.empty_like(z), np.empty_like(z)
    constants = (NODES_PER_UNIT, 1.0 / NODES_PER_UNIT, table.shape[1] // 2, -FARTHEST, FARTHEST)
    per_unit, step, middle, low, high = (np.array(value, dtype=z.dtype) for value in constants)
    calls: list[Callable[[], Any]] = [
        partial(np.maximum, z, low, out=offset),  # a NaN stays one in the offset, and so in every later product with it
        partial(np.minimum, offset, high, out=offset),
        partial(np.multiply, offset, per_unit, nearest),
        partial(np.rint, nearest, nearest),
        partial(np.multiply, nearest, step, coefficient),
        partial(np.subtract, offset, coefficient, offset),
        partial(np.add, nearest, middle, nearest),
        partial(np.copyto, node, nearest, casting="unsafe"),
        partial(table[DEGREE].take, node, None, out, "clip"),
    ]
    for order in reversed(range(DEGREE)):
        calls += [
            partial(np.multiply, out, offset, out),
            partial(table[order].take, node, None, coefficient, "clip"),
            partial(np.add, out, coefficient, out),
        ]
    return calls
