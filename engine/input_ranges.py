"""Mean, smallest and largest value of every input of a table, taken a slice at a time, once per table."""

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
    """What the inputs are; all arrays are read-only.

    Attributes
    ----------
    means : ndarray of float64, shape (n_features,)
        Over the training rows.
    lows, highs : ndarray of float64, shape (n_features,)
        Over the rows of every part, so that a picture over these inputs leaves none out.
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
    n_inputs = data.X_train.shape[1]
    sums, lows, highs = np.zeros(n_inputs), np.full(n_inputs, np.inf), np.full(n_inputs, -np.inf)
    rows = max(1, SLICE_VALUES // max(1, n_inputs))
    for X in (data.X_train, data.X_validation, data.X_test):
        for start in range(0, len(X), rows):
            part = X[start : start + rows]
            if X is data.X_train:
                sums += part.sum(axis=0, dtype=np.float64)
            np.minimum(lows, part.min(axis=0), out=lows)
            np.maximum(highs, part.max(axis=0), out=highs)
            yield
    found = InputRanges(sums / len(data.X_train), lows, highs)
    for array in (found.means, found.lows, found.highs):
        array.flags.writeable = False
    _KNOWN[data] = found
