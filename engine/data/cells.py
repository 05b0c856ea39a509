"""The cells of one column, held compactly: numbers as floats, text as codes of its distinct values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.numerals import OUTER_SPACES, Numerals, is_code, may_have_signs, signs_in
from engine.data.reading.growing import GrowingArray

NUMERIC_SHARE = 0.95
"""A column holds numbers when at least this share of its cells that are not missing write one."""
MAX_ROWS_NOTED = 1000
EXACT_BELOW = 2.0**53
"""Numbers from here on may be codes of more digits than a float keeps, and are looked at as they are written."""


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


class Noted:
    """Cells that a person should know of: their texts, how many, and the first rows."""

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()
        self.rows: list[int] = []

    @property
    def count(self) -> int:
        """Number of cells."""
        return sum(self.texts.values())

    def add(self, texts: dict[str, int], rows: NDArray[np.int64]) -> None:
        """Add cells by their text, and the rows where they are."""
        self.texts.update(texts)
        self.rows += rows[: max(MAX_ROWS_NOTED - len(self.rows), 0)].tolist()


class CellCollector:
    """Gathers the cells of one column, block after block.

    Parameters
    ----------
    numerals : Numerals
        How numbers are written.
    missing : sequence of str
        What stands for a missing value.
    as_text : bool or None
        Keep the cells as text whatever they look like, or read them as numbers whatever they look like. None: the first block
        that has a value decides.

    Attributes
    ----------
    numeric : bool or None
        Whether the cells are taken as numbers; None before anything decides.
    is_free : bool
        Whether the cells decide, not a person.
    unreadable : Noted
        Cells of a column of numbers that are none, or no finite ones.
    signed : Noted
        Currency and percent signs that were left out.
    """

    def __init__(self, numerals: Numerals, missing: Sequence[str], *, as_text: bool | None = None) -> None:
        self.numeric: bool | None = None if as_text is None else not as_text
        self.unreadable = Noted()
        self.signed = Noted()
        self.is_free = as_text is None
        self._numerals = numerals
        self._missing = frozenset(missing)
        self._n_present = 0
        self._n_words = 0
        self._has_code = False
        self._floats = GrowingArray(np.float64)
        self._codes = GrowingArray(np.int32)
        self._level_codes: dict[str, int] = {}

    @property
    def failed(self) -> bool:
        """Whether too few of the cells taken as numbers turned out to be numbers, or some are codes of digits."""
        too_few = self._n_words > (1.0 - NUMERIC_SHARE) * self._n_present
        return self.is_free and bool(self.numeric) and (too_few or self._has_code)

    @property
    def has_no_number(self) -> bool:
        """Whether the cells are taken as numbers, there are some, and none of them is one."""
        return bool(self.numeric) and 0 < self._n_present == self.unreadable.count

    @property
    def reads_plain_numbers(self) -> bool:
        """Whether the parser may convert the cells to numbers: they need no look at how they are written."""
        return bool(self.numeric) and self._numerals.thousands is None and not self.signed.count

    def reserve(self, n_rows: int) -> None:
        """Make room for so many cells in all."""
        (self._codes if self.numeric is False else self._floats).reserve(n_rows)

    def takes(self, numbers: NDArray[np.float64]) -> bool:
        """Say whether numbers from the parser are exact and finite, so that nobody need see how they were written."""
        return not bool(np.any(np.abs(numbers) >= EXACT_BELOW))

    def add_numbers(self, numbers: NDArray[np.float64]) -> None:
        """Add a block that the parser read as numbers; NaN is missing."""
        self._n_present += int(np.count_nonzero(~np.isnan(numbers)))
        self._floats.extend(numbers)

    def add_texts(self, codes: NDArray[np.int64], texts: Sequence[object]) -> None:
        """Add a block of cells as they stand in the file.

        Parameters
        ----------
        codes : ndarray of int, shape (n_rows,)
            Position of each cell in `texts`; -1 where it is missing.
        texts : sequence of str
            The distinct texts, in the order of their first row.
        """
        clean = [self._clean(text) for text in texts]
        if self.numeric is not False and len(codes) and self._adds_plain_numbers(codes, clean):
            return
        counts = np.bincount(codes + 1, minlength=len(clean) + 1)[1:]
        self._n_present += int(counts[[text is not None for text in clean]].sum())
        if self.numeric is None:
            self.numeric = self._decide(clean, counts)
            if self.numeric is False:  # the blocks before had no value
                self._codes.extend(np.full(len(self._floats), -1))
        if self.numeric is False:
            self._add_levels(codes, clean)
        else:
            self._add_parsed(codes, clean, counts)

    def cells(self) -> Cells:
        """Return all cells added; add nothing afterwards."""
        if self.numeric is not False:
            return self._floats.finished()
        levels = tuple(self._level_codes)
        if self.is_free and self._are_numbers(levels):
            return self._as_numbers(levels)
        return CodedText(self._codes.finished(), levels)

    def _adds_plain_numbers(self, codes: NDArray[np.int64], texts: list[str | None]) -> bool:
        """Add a block in which every cell is missing or an ordinary number; say whether it is one."""
        written = [text for text in texts if text is not None]
        if len(written) < len(texts) or not written or may_have_signs(written):
            return False
        numbers = np.array([np.nan if number is None else number for number in self._numerals.parse_all(written)] + [np.nan])
        if not np.isfinite(numbers[:-1]).all() or (self.is_free and any(map(is_code, written))):
            return False
        self.numeric = True
        self._n_present += int(np.count_nonzero(codes >= 0))
        self._floats.extend(numbers[codes])
        return True

    def _clean(self, cell: object) -> str | None:
        text = str(cell).strip(OUTER_SPACES)
        return None if text in self._missing else text

    def _decide(self, texts: list[str | None], counts: NDArray[np.int64]) -> bool | None:
        """Say whether the cells are numbers; None where all are missing."""
        present = [text for text in texts if text is not None]
        if not present:
            return None
        if any(is_code(text) for text in present):
            return False
        numbers = np.array([self._is_number(text) for text in texts], dtype=bool)
        return bool(counts[numbers].sum() >= NUMERIC_SHARE * self._n_present)

    def _is_number(self, text: str | None) -> bool:
        return text is not None and self._numerals.parse(text) is not None

    def _add_levels(self, codes: NDArray[np.int64], texts: list[str | None]) -> None:
        known = self._level_codes
        positions = np.full(len(texts) + 1, -1, dtype=np.int32)  # the last one is for the code -1
        for index, text in enumerate(texts):
            if text is not None:
                positions[index] = known.setdefault(text, len(known))
        self._codes.extend(positions[codes])

    def _add_parsed(self, codes: NDArray[np.int64], texts: list[str | None], counts: NDArray[np.int64]) -> None:
        present = [index for index, text in enumerate(texts) if text is not None]
        written = [text for text in texts if text is not None]
        parsed = self._numerals.parse_all(written)
        numbers = np.full(len(texts) + 1, np.nan)
        numbers[present] = [np.nan if number is None else number for number in parsed]
        words = [index for index, number in zip(present, parsed, strict=True) if number is None]
        self._n_words += int(counts[words].sum())
        if self.is_free:
            self._has_code = self._has_code or any(is_code(text) for text in written)
        first_row = len(self._floats)
        bad = np.isinf(numbers)
        bad[words] = True
        self._note(self.unreadable, bad, codes, texts, counts, first_row)
        if may_have_signs(written):
            self._note_signs(set(present) - set(words), codes, texts, counts, first_row)
        numbers[bad] = np.nan
        self._floats.extend(numbers[codes])

    def _note(
        self,
        noted: Noted,
        which: NDArray[np.bool_],
        codes: NDArray[np.int64],
        texts: list[str | None],
        counts: NDArray[np.int64],
        first_row: int,
    ) -> None:
        if which.any():
            rows = np.flatnonzero(which[codes]) + first_row
            noted.add({str(texts[index]): int(counts[index]) for index in np.flatnonzero(which)}, rows)

    def _note_signs(
        self, numbers: set[int], codes: NDArray[np.int64], texts: list[str | None], counts: NDArray[np.int64], first_row: int
    ) -> None:
        signs = {index: found for index in numbers if (found := signs_in(texts[index] or ""))}
        if not signs:
            return
        which = np.zeros(len(texts) + 1, dtype=bool)
        which[list(signs)] = True
        for index, found in signs.items():
            self.signed.add(dict.fromkeys(found, int(counts[index])), np.empty(0, dtype=np.int64))
        self.signed.add({}, np.flatnonzero(which[codes]) + first_row)

    def _are_numbers(self, levels: tuple[str, ...]) -> bool:
        """Say whether cells that looked like text at first are numbers for the most part."""
        if not levels or any(is_code(level) for level in levels[:1000]):
            return False
        counts = np.bincount(self._codes.finished() + 1, minlength=len(levels) + 1)[1:].tolist()
        allowed = (1.0 - NUMERIC_SHARE) * self._n_present
        n_words = 0
        for level, count in zip(levels, counts, strict=True):
            n_words += 0 if self._is_number(level) else count
            if n_words > allowed or is_code(level):
                return False
        return True

    def _as_numbers(self, levels: tuple[str, ...]) -> Cells:
        self.numeric, self._n_present, self._floats = True, 0, GrowingArray(np.float64, len(self._codes))
        self.add_texts(self._codes.finished().astype(np.int64), levels)
        return self._floats.finished()
