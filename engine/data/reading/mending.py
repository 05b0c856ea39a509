"""Rows of any width made fit for the parser: blank ones and comments left out, long ones cut, every mend told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.import_spec import ImportSpec
from engine.data.reading.rows import cells_of, cut, nothing_in
from engine.data.reading.tally import Tally
from engine.data.repairs import RepairLog

SHORT = "{rows} had too few cells: the rest is filled as missing"
LONG = "{rows} had too many cells: the surplus is cut off"
TRAILING = "{rows} ended with surplus delimiters: they are ignored"
BLANK = "{rows} without any value: skipped"
COMMENT = "{rows} of comment: skipped"
FOOTER = "{rows} after the table: skipped"


class Mender:
    """Mends the rows of one block after the other.

    Parameters
    ----------
    spec : ImportSpec
    width : int
        Number of columns of the table.
    log : RepairLog
        Receives what was mended.
    """

    def __init__(self, spec: ImportSpec, width: int, log: RepairLog) -> None:
        self._spec, self._width, self._log = spec, width, log
        self._blank: list[int] = []
        self._first_bytes = np.zeros(256, dtype=bool)
        self._first_bytes[list(nothing_in(spec.delimiter).encode())] = True

    def mend(
        self, text: bytes, rows: Tally, lines: NDArray[np.int64], footer: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], bytes]:
        """Return the lines and the text of the rows that stay.

        Parameters
        ----------
        text : bytes
        rows : Tally
            The rows of `text`.
        lines : ndarray of int64, shape (n_rows,)
            1-based line where each row starts.
        footer : ndarray of bool, shape (n_rows,)
            Rows below the table; each has a value.
        """
        comment, blank = self.comments(text, rows), self.blank(text, rows)
        blank &= ~comment
        self._log.add_all(COMMENT, lines[comment], int(comment.sum()))
        self._tell_blank(lines, blank, comment, footer)
        dropped = comment | blank | footer
        short = (rows.widths < self._width) & ~dropped
        self._log.add_all(SHORT, lines[short], int(short.sum()))
        long = (rows.widths > self._width) & ~dropped
        first = int(np.argmin(dropped)) if len(dropped) else 0
        if not dropped.any() and not long.any() and not short[first : first + 1].any():
            return lines, text[: rows.end]
        return lines[~dropped], self._spliced(text, rows, lines, dropped, long, first if short[first] else -1)

    def blank(self, text: bytes, rows: Tally) -> NDArray[np.bool_]:
        """Say which rows hold no value."""
        found = np.zeros(len(rows.starts), dtype=bool)
        nothing = nothing_in(self._spec.delimiter).encode()
        first = np.frombuffer(text, dtype=np.uint8)[rows.starts]
        for index in np.flatnonzero(self._first_bytes[first]).tolist():
            found[index] = not text[rows.starts[index] : rows.ends[index]].strip(nothing)
        return found

    def comments(self, text: bytes, rows: Tally) -> NDArray[np.bool_]:
        """Say which rows are comments."""
        found = np.zeros(len(rows.starts), dtype=bool)
        if self._spec.comment is not None:
            mark = self._spec.comment.encode()
            first = np.frombuffer(text, dtype=np.uint8)[rows.starts]
            for index in np.flatnonzero(first == mark[0]).tolist():
                found[index] = text.startswith(mark, int(rows.starts[index]))
        return found

    def _tell_blank(
        self, lines: NDArray[np.int64], blank: NDArray[np.bool_], comment: NDArray[np.bool_], footer: NDArray[np.bool_]
    ) -> None:
        """Count the blank rows before a row with a value, and the footer with those around it; others are not worth a word."""
        valued = np.flatnonzero(~blank & ~comment & ~footer)
        new = lines[blank]
        if len(valued):
            last = lines[valued[-1]]
            told = [*self._blank, *new[new < last].tolist()]
            self._log.add_all(BLANK, told, len(told))
            self._blank, new = [], new[new > last]
        self._blank += new.tolist()
        if footer.any():
            end = int(lines[footer][-1])
            below = sorted([*(line for line in self._blank if line < end), *lines[footer].tolist()])
            self._log.add_all(FOOTER, below, len(below))

    def _spliced(
        self,
        text: bytes,
        rows: Tally,
        lines: NDArray[np.int64],
        dropped: NDArray[np.bool_],
        long: NDArray[np.bool_],
        to_fill: int,
    ) -> bytes:
        """Return the text without the dropped rows, with the long ones cut, and the row `to_fill` made as wide as the table.

        The parser takes the width of the table from the first row.
        """
        pieces: list[bytes] = []
        kept_from = 0
        changed = dropped | long
        changed[to_fill] |= to_fill >= 0
        for index in np.flatnonzero(changed).tolist():
            start, end = int(rows.starts[index]), int(rows.ends[index])
            pieces.append(text[kept_from:start])
            if long[index]:
                pieces.append(self._cut(text[start:end], int(rows.widths[index]), int(lines[index])))
            if index == to_fill:
                surplus = self._spec.delimiter.encode() * (self._width - int(rows.widths[index]))
                pieces.append(text[start : end - 1] + surplus + b"\n")
            kept_from = end
        pieces.append(text[kept_from : rows.end])
        return b"".join(pieces)

    def _cut(self, row: bytes, width: int, line: int) -> bytes:
        delimiter = self._spec.delimiter.encode()
        if width == self._width + 1 and row.endswith(delimiter + b"\n"):
            self._log.add(TRAILING, line)
            return row[: -len(delimiter) - 1] + b"\n"
        decoded = row.decode("utf-8")
        surplus = cells_of(decoded, self._spec)[self._width :]
        self._log.add(LONG if any(surplus) else TRAILING, line)
        return cut(decoded, self._spec, self._width).encode("utf-8")
