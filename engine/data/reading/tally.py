"""Where the rows of a block of text end and how many cells they have, counted without looking at one line after the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_LINE_FEED, _SPACE = 10, 32


class Tally(NamedTuple):
    """The rows of a block.

    Attributes
    ----------
    starts, ends : ndarray of int64, shape (n_rows,)
        Offsets of each row's first byte and behind its last.
    widths : ndarray of int64, shape (n_rows,)
        Cells of each row.
    lines, next_lines : ndarray of int64, shape (n_rows,)
        Line feeds in the block before each row, and before what follows it.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    widths: NDArray[np.int64]
    lines: NDArray[np.int64]
    next_lines: NDArray[np.int64]

    @property
    def end(self) -> int:
        """Offset behind the last whole row."""
        return int(self.ends[-1]) if len(self.ends) else 0

    @property
    def n_lines(self) -> int:
        """Line feeds in the whole rows."""
        return int(self.next_lines[-1]) if len(self.next_lines) else 0

    def first(self, n_rows: int) -> Tally:
        """Return the tally of the first rows only."""
        return Tally(*(part[:n_rows] for part in self))


def tally_of_rows(rows: list[bytes], widths: list[int]) -> Tally:
    """Return the tally of rows that were counted one by one."""
    ends = np.cumsum(np.array([len(row) for row in rows], dtype=np.int64))
    next_lines = np.cumsum(np.array([row.count(b"\n") for row in rows], dtype=np.int64))
    starts, lines = (np.concatenate([[0], after[:-1]]) if len(rows) else after for after in (ends, next_lines))
    return Tally(starts, ends, np.array(widths, dtype=np.int64), lines, next_lines)


def tally(block: bytes, delimiter: str, quote: str | None) -> Tally | None:
    """Return the whole rows of a block; None where quotation marks stand inside of cells, so that counting can't tell.

    Parameters
    ----------
    block : bytes
        Text that starts with a row; what comes behind the last line feed is no whole row.
    delimiter : str
        One ASCII character.
    quote : str or None
        One ASCII character; inside of a pair of them, delimiters and line feeds are text.
    """
    data = np.frombuffer(block, dtype=np.uint8)
    feeds = np.flatnonzero(data == _LINE_FEED)
    delimiters = np.flatnonzero(data == ord(delimiter))
    if quote is None or quote.encode() not in block:
        return _rows(feeds, delimiters, np.arange(len(feeds)))
    quotes = np.flatnonzero(data == ord(quote))
    if not _stand_at_borders(data, quotes, ord(delimiter), ord(quote)):
        return None
    outside = np.searchsorted(quotes, feeds) % 2 == 0
    if len(delimiters):
        delimiters = delimiters[np.searchsorted(quotes, delimiters) % 2 == 0]
    return _rows(feeds[outside], delimiters, np.flatnonzero(outside))


def _rows(feeds: NDArray[np.int64], delimiters: NDArray[np.int64], feed_numbers: NDArray[np.int64]) -> Tally:
    ends = feeds + 1
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    before = np.searchsorted(delimiters, feeds)
    widths = np.diff(before, prepend=0) + 1
    next_lines = feed_numbers + 1
    lines = np.concatenate([[0], next_lines[:-1]]) if len(ends) else next_lines
    return Tally(starts, ends, widths, lines, next_lines)


def _stand_at_borders(data: NDArray[np.uint8], quotes: NDArray[np.int64], delimiter: int, quote: int) -> bool:
    """Say whether each first mark of a pair starts a cell and each second one ends it (or the pair is a doubled mark)."""
    opening, closing = quotes[0::2], quotes[1::2]
    before = data[opening - 1]  # the byte before the first one is the last: no matter, a row starts there
    starts = (before == delimiter) | (before == _LINE_FEED) | (before == quote) | (opening == 0)
    if not starts.all():
        two_before = data[opening - 2]
        starts |= (before == _SPACE) & ((two_before == delimiter) | (two_before == _LINE_FEED) | (opening == 1))
    behind = data[np.minimum(closing + 1, len(data) - 1)]
    ends = (behind == delimiter) | (behind == _LINE_FEED) | (behind == quote)
    return bool(starts.all() and ends.all())
