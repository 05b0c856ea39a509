"""The rows of a file in blocks the parser can take without a question: none too wide, none blank, each mend told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.import_spec import ImportSpec
from engine.data.reading.mending import Mender
from engine.data.reading.rows import (
    LONG_CELL,
    LONG_CELL_LINES,
    MAX_CELL_LINES,
    MAX_LINE_CHARACTERS,
    NUL_REMOVED,
    Row,
    UnfinishedRowError,
    for_parser,
    line_too_long,
    never_closed,
    parsed_as,
    rows_of,
)
from engine.data.reading.tally import Tally, tally, tally_of_rows
from engine.data.reading.text_blocks import TextBlocks
from engine.data.repairs import RepairLog

FIRST_BLOCK_BYTES = 256 * 1024
"""The first block decides which columns hold numbers; the parser converts those of all later blocks."""
BLOCK_BYTES = 4 * 1024 * 1024


class Block(NamedTuple):
    """Consecutive data rows.

    Attributes
    ----------
    lines : ndarray of int64, shape (n_rows,)
        1-based line where each row starts.
    text : bytes
        The rows in UTF-8, none wider than the table, for the parser (see `rows.parsed_as`).
    """

    lines: NDArray[np.int64]
    text: bytes


class BlockReader:
    """Reads the data rows of an open file, block by block.

    Parameters
    ----------
    blocks : TextBlocks
    path : Path
        For messages.
    spec : ImportSpec
    width : int
        Number of columns of the table.
    data_line : int
        1-based line where the data start, below the header.
    log : RepairLog
        Receives what was mended.
    max_rows : int, optional
        Stop behind so many rows.

    Attributes
    ----------
    complete : bool
        Whether the blocks yielded are all rows of the file.
    """

    def __init__(
        self,
        blocks: TextBlocks,
        path: Path,
        spec: ImportSpec,
        width: int,
        data_line: int,
        log: RepairLog,
        max_rows: int | None = None,
    ) -> None:
        self._blocks, self._path, self._spec, self._log = blocks, path, spec, log
        self._data_line, self._line, self._left = data_line, 1, max_rows
        self._parsed = parsed_as(spec)
        self._mender = Mender(self._parsed, width, log)
        self._odd: list[tuple[str, int]] = []
        self.complete = True

    def __iter__(self) -> Iterator[Block]:
        rest, size, final = b"", FIRST_BLOCK_BYTES, False
        while not final and self.complete:
            chunk = self._blocks.read(size)
            size, final = BLOCK_BYTES, not chunk
            source = self._without_nul(rest, self._below_header(chunk))
            if final and source and not source.endswith(b"\n"):
                source += b"\n"
            text, rows, rest = self._counted(source, final=final)
            first, footer = self._footer(text, rows, final=final)
            if first < len(rows.starts):  # kept back as they stand in the file, to be counted once more
                rows, rest = rows.first(first), _below(source, int(rows.lines[first]))
            rows, footer = self._limited(text, rows, footer)
            next_line = self._line + rows.n_lines
            self._tell_odd(next_line)
            lines, kept = self._mender.mend(text, rows, rows.lines + self._line, footer)
            self._line = next_line
            if len(lines):
                yield Block(lines, kept)

    def _below_header(self, text: bytes) -> bytes:
        """Return the part of `text` from the first data row on."""
        while self._line < self._data_line and text:
            end = text.find(b"\n") + 1
            if not end:
                return b""
            text = text[end:]
            self._line += 1
        return text

    def _without_nul(self, rest: bytes, text: bytes) -> bytes:
        """Return both together, NUL bytes removed from the new text."""
        if b"\0" not in text:
            return rest + text
        data = np.frombuffer(text, dtype=np.uint8)
        lines = np.unique(np.searchsorted(np.flatnonzero(data == ord("\n")), np.flatnonzero(data == 0)))
        self._log.add_all(NUL_REMOVED, lines + self._line + rest.count(b"\n"), len(lines))
        return rest + text.replace(b"\0", b"")

    def _counted(self, text: bytes, *, final: bool) -> tuple[bytes, Tally, bytes]:
        """Return the text of the whole rows, their tally, and the rest of the text."""
        rows = None if self._is_tricky(text) else tally(text, self._spec.delimiter, self._spec.quote)
        if rows is None:
            text, rows, rest = self._carefully_counted(text)
        else:
            rest = text[rows.end :]
            self._find_long_cells(rows)
        lengths = rows.ends - rows.starts
        if len(lengths) and lengths.max() > MAX_LINE_CHARACTERS:
            raise line_too_long(self._path, self._line + int(rows.lines[lengths.argmax()]))
        self._refuse_unfinished(rest, self._line + rows.n_lines, final=final)
        return text, rows, rest

    def _is_tricky(self, text: bytes) -> bool:
        """Say whether the rows must be looked at one by one: cells lined up with spaces, quotation marks in comments."""
        quote, comment = (None if mark is None else mark.encode() for mark in (self._spec.quote, self._spec.comment))
        if self._spec.delimiter == " " or not self._spec.delimiter.isascii():
            return True
        if quote is None or comment is None or quote not in text or comment not in text:
            return False
        return re.search(rb"(?m)^" + re.escape(comment) + rb"[^\n]*" + re.escape(quote), text) is not None

    def _carefully_counted(self, text: bytes) -> tuple[bytes, Tally, bytes]:
        end = text.rfind(b"\n") + 1
        lines = [line + "\n" for line in text[:end].decode("utf-8").split("\n")[:-1]]
        rows: list[Row] = []
        unfinished = len(lines)
        try:
            rows.extend(rows_of(iter(enumerate(lines, start=self._line)), self._path, self._spec, self._odd))
        except UnfinishedRowError as error:
            unfinished = error.line - self._line
        encoded = [for_parser(row, self._spec, self._parsed).encode("utf-8") for row in rows]
        counted = tally_of_rows(encoded, [row.width for row in rows])
        return b"".join(encoded), counted, "".join(lines[unfinished:]).encode("utf-8") + text[end:]

    def _find_long_cells(self, rows: Tally) -> None:
        long = np.flatnonzero(np.diff(rows.lines) > LONG_CELL_LINES)
        self._odd += [(LONG_CELL, self._line + int(rows.lines[index])) for index in long]

    def _tell_odd(self, next_line: int) -> None:
        """Tell what was noticed in the rows before `next_line`; the others will be looked at once more."""
        for what, line in self._odd:
            if line < next_line:
                self._log.add(what, line)
        self._odd.clear()

    def _refuse_unfinished(self, rest: bytes, line: int, *, final: bool) -> None:
        """Refuse a row that does not end."""
        quoted = self._spec.quote is not None and self._spec.quote.encode() in rest
        if final and rest:
            raise never_closed(self._path, line)
        if len(rest) > MAX_LINE_CHARACTERS:
            raise never_closed(self._path, line, " within 4 million characters") if quoted else line_too_long(self._path, line)
        if quoted and rest.count(b"\n") > MAX_CELL_LINES:
            raise never_closed(self._path, line, f" within {MAX_CELL_LINES:,} lines")

    def _footer(self, text: bytes, rows: Tally, *, final: bool) -> tuple[int, NDArray[np.bool_]]:
        """Return how many rows are not kept back, and which of them are the footer.

        As many rows with a value as the footer has are kept back; at the end they are the footer.
        """
        footer = np.zeros(len(rows.starts), dtype=bool)
        if not self._spec.footer_lines or not len(footer):
            return len(footer), footer
        last = self._valued(text, rows)[-self._spec.footer_lines :]
        if final:
            footer[last] = True
            return len(footer), footer
        first = int(last[0]) if len(last) else 0
        return first, footer[:first]

    def _limited(self, text: bytes, rows: Tally, footer: NDArray[np.bool_]) -> tuple[Tally, NDArray[np.bool_]]:
        """Return the rows that are still wanted."""
        if self._left is None:
            return rows, footer
        kept = self._valued(text, rows)
        kept = kept[~footer[kept]]
        if len(kept) > self._left:
            end = int(kept[self._left])
            rows, footer = rows.first(end), footer[:end]
            self.complete = False
        self._left = max(self._left - len(kept), 0)
        return rows, footer

    def _valued(self, text: bytes, rows: Tally) -> NDArray[np.int64]:
        """Return the rows with a value that are no comments."""
        return np.flatnonzero(~(self._mender.blank(text, rows) | self._mender.comments(text, rows)))


def _below(text: bytes, n_lines: int) -> bytes:
    """Return `text` without its first lines."""
    if not n_lines:
        return text
    feeds = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n"))
    return text[int(feeds[n_lines - 1]) + 1 :]
