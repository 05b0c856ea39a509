"""The cells of one column, held compactly: numbers as floats, text as codes of its distinct values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.numerals import Numerals, has_sign, is_code

NUMERIC_SHARE = 0.95
"""A column holds numbers when at least this share of its cells that are not missing write one."""


@dataclass(frozen=True, eq=False)
class CodedText:
    """Cells of text.

    Attributes
    ----------
    codes : ndarray of int32, shape (n_rows,)
        Position of each cell's text in `levels`; -1 where the cell is missing.
    levels : tuple of str
        The distinct texts, in the order of their first row.
    """

    codes: NDArray[np.int32]
    levels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)


Cells = NDArray[np.float64] | CodedText


def text_of(cells: Cells, row: int) -> str:
    """Return one cell as text; empty where it is missing."""
    if isinstance(cells, CodedText):
        code = int(cells.codes[row])
        return "" if code < 0 else cells.levels[code]
    return "" if np.isnan(cells[row]) else number_text(float(cells[row]))


def number_text(number: float) -> str:
    """Return a number as a person writes it: no ".0" after a whole number."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


class CellCollector:
    """Gathers the cells of one column, block after block.

    Parameters
    ----------
    numerals : Numerals
        How numbers are written.
    missing : sequence of str
        What stands for a missing value.
    as_text : bool
        Keep the cells as text whatever they look like. Otherwise the first block that has a value decides.
    """

    def __init__(self, numerals: Numerals, missing: Sequence[str], *, as_text: bool = False) -> None:
        self.numeric: bool | None = False if as_text else None
        self.unreadable: Counter[str] = Counter()
        self.first_unreadable_row: int | None = None
        self.signs_left_out = False
        self._numerals = numerals
        self._missing = frozenset(missing)
        self._n_rows = 0
        self._n_present = 0
        self._n_words = 0
        self._floats: list[NDArray[np.float64]] = []
        self._codes: list[NDArray[np.int32]] = []
        self._level_codes: dict[str, int] = {}

    @property
    def failed(self) -> bool:
        """Whether too few of the cells taken as numbers turned out to be numbers."""
        return bool(self.numeric) and self._n_words > (1.0 - NUMERIC_SHARE) * self._n_present

    def add_numbers(self, numbers: NDArray[np.float64]) -> None:
        """Add a block that the parser read as numbers; NaN is missing, an infinite one is told and then missing."""
        infinite = np.isinf(numbers)
        if infinite.any():
            self._note_unreadable({"inf": int(infinite.sum())}, int(np.flatnonzero(infinite)[0]))
            numbers = np.where(infinite, np.nan, numbers)
        self._n_present += int(np.count_nonzero(~np.isnan(numbers))) + int(infinite.sum())
        self._n_rows += len(numbers)
        self._floats.append(numbers)

    def add_strings(self, strings: Iterable[object]) -> None:
        """Add a block of cells as they stand in the file; what is no string is missing."""
        index: dict[object, int] = {}
        positions = np.array([index.setdefault(cell, len(index)) for cell in strings], dtype=np.int32)
        texts = [self._clean(cell) for cell in index]
        parsed = [] if self.numeric is False else [None if text is None else self._numerals.parse(text) for text in texts]
        if self.numeric is None:
            self.numeric = self._decide(texts, parsed, positions)
        if self.numeric is False:
            self._add_text(texts, positions)
        else:
            self._add_parsed(texts, parsed, positions)
        present = np.array([text is not None for text in texts], dtype=bool)[positions]
        self._n_present += int(np.count_nonzero(present))
        self._n_rows += len(positions)

    def cells(self) -> Cells:
        """Return all cells added."""
        if self.numeric is False:
            codes = np.concatenate(self._codes) if self._codes else np.empty(0, np.int32)
            codes.flags.writeable = False
            return CodedText(codes, tuple(self._level_codes))
        floats = np.concatenate(self._floats) if self._floats else np.empty(0)
        floats.flags.writeable = False
        return floats

    def _clean(self, cell: object) -> str | None:
        if not isinstance(cell, str):
            return None if not isinstance(cell, bool) else str(cell)
        text = cell.strip()
        return None if text in self._missing else text

    @staticmethod
    def _decide(texts: list[str | None], parsed: list[float | None], positions: NDArray[np.int32]) -> bool | None:
        """Say whether the cells are numbers; None where all are missing."""
        if any(text is not None and is_code(text) for text in texts):
            return False
        counts = np.bincount(positions, minlength=len(texts))
        present = counts[[text is not None for text in texts]].sum()
        numbers = counts[[number is not None for number in parsed]].sum()
        return bool(numbers >= NUMERIC_SHARE * present) if present else None

    def _add_text(self, texts: list[str | None], positions: NDArray[np.int32]) -> None:
        codes = [-1 if text is None else self._level_codes.setdefault(text, len(self._level_codes)) for text in texts]
        self._codes.append(np.array(codes, dtype=np.int32)[positions])

    def _add_parsed(self, texts: list[str | None], parsed: list[float | None], positions: NDArray[np.int32]) -> None:
        self.signs_left_out |= has_sign("".join(text for text in texts if text is not None))
        numbers = np.array([np.nan if number is None or np.isinf(number) else number for number in parsed])
        self._floats.append(numbers[positions])
        bad = np.flatnonzero(np.isnan(numbers) & np.array([text is not None for text in texts]))
        if len(bad):
            counts = np.bincount(positions, minlength=len(texts))
            self._n_words += sum(int(counts[index]) for index in bad if parsed[index] is None)
            first = int(np.flatnonzero(np.isin(positions, bad))[0])
            self._note_unreadable({str(texts[index]): int(counts[index]) for index in bad}, first)

    def _note_unreadable(self, counts: dict[str, int], row_in_block: int) -> None:
        self.unreadable.update(counts)
        if self.first_unreadable_row is None:
            self.first_unreadable_row = self._n_rows + row_in_block
