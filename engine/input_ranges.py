"""Mean, smallest and largest value of every input over the training rows, taken a slice at a time, once per table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData

SLICE_VALUES = 2**19
"""Values looked at at a time: a millisecond or two."""


@dataclass(frozen=True, eq=False)
class InputRanges:
    """What the inputs are over the training rows.

    Attributes
    ----------
    means, lows, highs : ndarray of float64, shape (n_features,)
        Read-only.
    """

    means: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]


_KNOWN: WeakKeyDictionary[PreparedData, InputRanges] = WeakKeyDictionary()
"""Ranges by data; gone with the data."""


def input_ranges(data: PreparedData) -> InputRanges:
    """Return the ranges of a table, computed at once where they are not known yet."""
    for _ in input_ranges_in_slices(data):
        pass
    return _KNOWN[data]


def input_ranges_in_slices(data: PreparedData) -> Iterator[None]:
    """Compute the ranges of a table, yielding after each short piece of work; nothing where they are known."""
    if data in _KNOWN:
        return
    X = data.X_train
    sums, lows, highs = np.zeros(X.shape[1]), np.full(X.shape[1], np.inf), np.full(X.shape[1], -np.inf)
    rows = max(1, SLICE_VALUES // max(1, X.shape[1]))
    for start in range(0, len(X), rows):
        part = X[start : start + rows]
        sums += part.sum(axis=0, dtype=np.float64)
        np.minimum(lows, part.min(axis=0), out=lows)
        np.maximum(highs, part.max(axis=0), out=highs)
        yield
    found = InputRanges(sums / len(X), lows, highs)
    for array in (found.means, found.lows, found.highs):
        array.flags.writeable = False
    _KNOWN[data] = found
