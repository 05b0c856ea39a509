"""Minimum and maximum of a long, growing series over the columns of a picture, without reading all of it."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

Scalar = TypeVar("Scalar", bound=np.generic)
Floats = NDArray[np.float64]
Ranges = tuple[NDArray[np.int64], Floats, Floats]

FAN_OUT = 32
"""Values per block of the first level, blocks per block of the next: one half byte per float64 for the whole pyramid."""

_READ_AT_ONCE = 2048
"""A stretch of no more values than this is read itself."""


class GrowingArray(Generic[Scalar]):
    """An array that grows at its end at constant cost per value and at most an eighth of spare room.

    What `values` returns never changes afterwards: growth writes behind it or moves to new memory.
    """

    def __init__(self, dtype: DTypeLike) -> None:
        self._buffer: NDArray[Scalar] = np.empty(64, dtype=dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> NDArray[Scalar]:
        """The values so far, read-only, without a copy."""
        view = self._buffer[: self._length]
        view.flags.writeable = False
        return view

    @property
    def nbytes(self) -> int:
        """Memory held, spare room included."""
        return self._buffer.nbytes

    def extend(self, values: NDArray[Scalar]) -> None:
        """Add `values` at the end."""
        length = self._length + len(values)
        if length > len(self._buffer):
            grown = np.empty(length + length // 8, dtype=self._buffer.dtype)
            grown[: self._length] = self._buffer[: self._length]
            self._buffer = grown
        self._buffer[self._length : length] = values
        self._length = length


class MinMaxPyramid:
    """A growing series of floats with the finite minimum and maximum of its blocks of 32, 32 x 32, ... values.

    Values that are not finite take no part in minimum and maximum; their places are kept apart, so that nothing is hidden.
    """

    def __init__(self) -> None:
        self._values: GrowingArray[np.float64] = GrowingArray(np.float64)
        self._not_finite: GrowingArray[np.int64] = GrowingArray(np.int64)
        self._lows: list[GrowingArray[np.float64]] = []
        self._highs: list[GrowingArray[np.float64]] = []
        self._extremes_so_far = (np.nan, np.nan)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def values(self) -> Floats:
        """The series itself, read-only."""
        return self._values.values

    @property
    def not_finite(self) -> NDArray[np.int64]:
        """Indices of the values that are NaN or infinite, rising, read-only."""
        return self._not_finite.values

    @property
    def extremes(self) -> tuple[float, float]:
        """The smallest and largest finite value; NaN where there is none."""
        return self._extremes_so_far

    @property
    def nbytes(self) -> int:
        """Memory held, spare room included."""
        blocks = sum(array.nbytes for array in (*self._lows, *self._highs))
        return self._values.nbytes + self._not_finite.nbytes + blocks

    def extend(self, values: Floats) -> None:
        """Add `values` at the end; the cost does not depend on what is there already."""
        not_finite = np.flatnonzero(~np.isfinite(values))
        if len(not_finite):
            self._not_finite.extend(not_finite + len(self))
        self._values.extend(values)
        finite, (low, high) = _finite_or_nan(values), self._extremes_so_far
        self._extremes_so_far = float(np.fmin.reduce(finite, initial=low)), float(np.fmax.reduce(finite, initial=high))
        level = 0
        while self._complete_blocks(level):
            level += 1

    def _complete_blocks(self, level: int) -> bool:
        """Add the blocks of `level` that are complete by now; return whether there were any to add."""
        n_below = len(self._values) if level == 0 else len(self._lows[level - 1])
        n_before = len(self._lows[level]) if level < len(self._lows) else 0
        n_blocks = n_below // FAN_OUT
        if n_blocks == n_before:
            return False
        if level == len(self._lows):
            self._lows.append(GrowingArray(np.float64))
            self._highs.append(GrowingArray(np.float64))
        low, high = self._entries(level, n_before * FAN_OUT, n_blocks * FAN_OUT)
        self._lows[level].extend(_folded(np.fmin, low, FAN_OUT))
        self._highs[level].extend(_folded(np.fmax, high, FAN_OUT))
        return True

    def _entries(self, level: int, start: int, stop: int) -> tuple[Floats, Floats]:
        """Return minimum and maximum of the blocks start..stop of the level below `level`; level 0 stands on the values."""
        if level == 0:
            finite = _finite_or_nan(self._values.values[start:stop])
            return finite, finite
        return self._lows[level - 1].values[start:stop], self._highs[level - 1].values[start:stop]

    def ranges(self, start: int, stop: int, n_columns: int) -> Ranges:
        """Return minimum and maximum of the values start..stop (stop excluded) over at most `n_columns` columns.

        Columns are `column_width` values wide and begin at multiples of that width, so that a picture of a growing series does
        not shimmer; the first and the last are cut at `start` and `stop`.

        Returns
        -------
        starts : ndarray of int64, shape (n,)
            Index of the first value of each column.
        low, high : ndarray of float64, shape (n,)
            Over the finite values of the column; NaN where it has none.
        """
        start, stop = max(0, start), min(stop, len(self))
        if stop <= start:
            return np.empty(0, np.int64), np.empty(0), np.empty(0)
        width = column_width(start, stop, n_columns)
        starts = np.arange(start // width, (stop - 1) // width + 1, dtype=np.int64) * width
        first_whole, last_whole = -(-start // width), stop // width
        low, high = np.empty(len(starts)), np.empty(len(starts))
        if last_whole > first_whole:
            offset = first_whole - start // width
            whole = slice(offset, offset + last_whole - first_whole)
            low[whole], high[whole] = self._whole_columns(first_whole, last_whole, width)
        starts[0] = start
        for column, begin, end in _cut_columns(start, stop, width):
            low[column], high[column] = self._extremes_between(begin, end)
        return starts, low, high

    def _extremes_between(self, start: int, stop: int) -> tuple[float, float]:
        """Return the finite minimum and maximum of the values start..stop; NaN where there is none."""
        if stop - start > _READ_AT_ONCE:
            _, low, high = self.ranges(start, stop, 2 * FAN_OUT)
        else:
            low = high = _finite_or_nan(self._values.values[start:stop])
        return float(np.fmin.reduce(low)), float(np.fmax.reduce(high))

    def _whole_columns(self, first: int, last: int, width: int) -> tuple[Floats, Floats]:
        """Return minimum and maximum of the columns first..last of `width` values, a power of two."""
        level, block = 0, 1
        while block * FAN_OUT <= width:
            level, block = level + 1, block * FAN_OUT
        per_column = width // block
        low, high = self._entries(level, first * per_column, last * per_column)
        return _folded(np.fmin, low, per_column), _folded(np.fmax, high, per_column)


def column_width(start: int, stop: int, n_columns: int) -> int:
    """Return the smallest power of two such that start..stop touches at most `n_columns` multiples of it."""
    width = 1
    while (stop - 1) // width - start // width + 1 > max(1, n_columns):
        width *= 2
    return width


def _cut_columns(start: int, stop: int, width: int) -> list[tuple[int, int, int]]:
    """Return (column, begin, end) of the columns that are not whole: none, the first, the last, or both."""
    first, last = start // width, (stop - 1) // width
    cut = []
    if start % width:
        cut.append((0, start, min(stop, (first + 1) * width)))
    if stop % width and (last > first or not start % width):
        cut.append((last - first, max(start, last * width), stop))
    return cut


def _folded(operation: np.ufunc, values: Floats, size: int) -> Floats:
    """Reduce each run of `size` values, a power of two, to one; halving is far faster than reducing along a short axis."""
    while size > 1:
        values, size = operation(values[::2], values[1::2]), size // 2
    return values


def _finite_or_nan(values: Floats) -> Floats:
    """Return `values` with NaN in place of infinities, so that fmin and fmax pass over them."""
    finite = np.isfinite(values)
    return values if finite.all() else np.where(finite, values, np.nan)
