"""The different values of a column of categories, and which of them each row has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText, number_text
from engine.data.columns.kinds import Column


class Levels:
    """The levels of a column in their order: numbers by size, text by the alphabet.

    Parameters
    ----------
    column : Column
    rows : ndarray of int64
        Rows of the table; only numbers that occur there are levels.

    Attributes
    ----------
    names : list of str
    """

    def __init__(self, column: Column, rows: NDArray[np.int64]) -> None:
        self._values = column.values
        if isinstance(column.values, CodedText):
            texts = column.values.levels
            order = sorted(range(len(texts)), key=texts.__getitem__)
            self._position = np.full(len(texts) + 1, -1)  # the last one is for the code -1
            self._position[order] = np.arange(len(texts))
            self.names = [texts[index] for index in order]
        else:
            values = column.values[rows]
            self._numbers = np.unique(values[~np.isnan(values)])
            self.names = [number_text(float(number)) for number in self._numbers]

    def codes(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the position of each row's level in `names`; -1 where it is missing."""
        if isinstance(self._values, CodedText):
            codes: NDArray[np.int64] = self._position[self._values.codes[rows]]
            return codes
        values = self._values[rows]
        return np.where(np.isnan(values), -1, np.searchsorted(self._numbers, values)).astype(np.int64, copy=False)
