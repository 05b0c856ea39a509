"""From numbers in their own units to numbers of a size that a network learns from, and back: two constants for each column.

References
----------
LeCun, Bottou, Orr and Müller (1998), "Efficient BackProp", section 4.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.errors import DataError
from engine.settings import ScalingName

MAX_MAGNITUDE = 1e140
"""Largest number whose square, summed up over any table, is still a number."""

_HUGE = {"standardise": "standardised", "min_max": "scaled", "none": "learned from"}


def scaling_constants(scaling: ScalingName, column: str, values: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and scale such that original = scaled * scale + mean; the scale is 0 exactly where all values are equal.

    Parameters
    ----------
    scaling : {"standardise", "min_max", "none"}
        Mean and population standard deviation; smallest value and range; 0 and 1.
    column : str
        For messages.
    values : ndarray of float64, shape (n_rows,)
        Those of the training rows, none missing.

    Raises
    ------
    DataError
        When the values are so large that their squares may not be numbers.
    """
    refuse_huge(column, values, scaling)
    smallest, largest = float(values.min()), float(values.max())
    if smallest == largest:
        return float(values[0]), 0.0
    if scaling == "standardise":
        return float(values.mean()), float(values.std())
    return (smallest, largest - smallest) if scaling == "min_max" else (0.0, 1.0)


def refuse_huge(column: str, values: NDArray[np.float64], scaling: ScalingName = "standardise") -> None:
    """Raise a `DataError` where the squares of the values may overflow."""
    largest = float(max(values.max(), -values.min()))
    if largest > MAX_MAGNITUDE:
        what = f"numbers as large as {largest:.3g} can't be {_HUGE[scaling]}"
        raise DataError(what, column=column, remedy="rescale the column or leave it out")
