"""An array that grows at its end without holding its content twice."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


class GrowingArray(Generic[Scalar]):
    """Appends blocks to one array.

    Memory that is asked for but not yet written to costs nothing, so that a generous first size replaces gathering the blocks
    and joining them at the end, which needs twice the memory.

    Parameters
    ----------
    dtype : type
    capacity : int
        Expected length.
    """

    def __init__(self, dtype: type[Scalar], capacity: int = 0) -> None:
        self._array: NDArray[Scalar] = np.empty(capacity, dtype=dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def reserve(self, capacity: int) -> None:
        """Make room for so many values in all."""
        if capacity > len(self._array):
            grown: NDArray[Any] = np.empty(capacity, dtype=self._array.dtype)
            grown[: self._length] = self._array[: self._length]
            self._array = grown

    def extend(self, values: NDArray[Any]) -> None:
        """Append values."""
        end = self._length + len(values)
        if end > len(self._array):
            self.reserve(max(end, len(self._array) * 3 // 2))
        self._array[self._length : end] = values
        self._length = end

    def finished(self) -> NDArray[Scalar]:
        """Return what was appended, read-only; append nothing afterwards."""
        array = self._array[: self._length]
        array.flags.writeable = False
        return array
