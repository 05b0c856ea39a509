"""The running median of a growing series at the few places a picture needs it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gui.session.minmax_pyramid import column_width

Floats = NDArray[np.float64]


class RunningMedian:
    """Medians over the last `window` values at multiples of a stride, remembered while the series grows.

    A median never changes once its window is complete, so each frame computes only those of the steps that are new.
    """

    def __init__(self) -> None:
        self._key = (0, 0)
        self._first = 0
        self._medians: Floats = np.empty(0)

    def at_steps(self, values: Floats, first: int, last: int, n_points: int, window: int) -> tuple[NDArray[np.int64], Floats]:
        """Return steps and medians for steps first..last (1-based, included), at most `n_points` of them.

        Parameters
        ----------
        values : ndarray of shape (n_steps,)
            The series; it may only have grown since the last call.
        """
        if last < first:
            return np.empty(0, np.int64), np.empty(0)
        stride = column_width(first, last + 1, n_points)
        if self._key != (window, stride):
            self._key, self._first, self._medians = (window, stride), 0, np.empty(0)
        places = np.arange(-(-first // stride), last // stride + 1, dtype=np.int64)
        if len(places):
            self._cover(values, int(places[0]), int(places[-1]) + 1, stride, window)
        begin = (int(places[0]) if len(places) else self._first) - self._first
        return places * stride, self._medians[begin : begin + len(places)]

    def _cover(self, values: Floats, start: int, stop: int, stride: int, window: int) -> None:
        """Make the remembered medians those of the places start..stop, computing only what is missing."""
        known_start, known_stop = self._first, self._first + len(self._medians)
        if stop <= known_start or start >= known_stop:
            self._medians = _medians(values, start, stop, stride, window)
        else:
            kept = self._medians[max(0, start - known_start) : max(0, stop - known_start)]
            before = _medians(values, start, known_start, stride, window)
            after = _medians(values, known_stop, stop, stride, window)
            self._medians = np.concatenate((before, kept, after))
        self._first = start


def _medians(values: Floats, start: int, stop: int, stride: int, window: int) -> Floats:
    """Return the medians of the finite values in the windows that end at the steps start*stride, (start+1)*stride, ..."""
    if stop <= start:
        return np.empty(0)
    ends = np.arange(start, stop, dtype=np.int64) * stride
    indices = ends[:, None] - np.arange(1, min(window, int(ends[-1])) + 1)
    gathered = values[np.maximum(indices, 0)]
    rows = np.sort(np.where((indices >= 0) & np.isfinite(gathered), gathered, np.nan), axis=1)  # NaN is sorted to the end
    counts = np.count_nonzero(~np.isnan(rows), axis=1)
    row = np.arange(len(rows))
    lower, upper = rows[row, np.maximum(counts - 1, 0) // 2], rows[row, np.minimum(counts // 2, rows.shape[1] - 1)]
    medians: Floats = lower + (upper - lower) / 2.0
    return medians
