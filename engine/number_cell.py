"""A number as an operand of bound calls: an array without axes costs a call less than a Python number does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def cell(value: float, like: Array) -> Array:
    """Return a number as a 0-d array of the type of `like`; `cell[()] = x` gives it another value."""
    return np.array(value, dtype=like.dtype)
