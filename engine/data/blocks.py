"""The rows of a file in blocks the parser can take without a question: equally wide, none blank, each mended row counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, TextIO

from engine.data.import_spec import ImportSpec
from engine.data.repairs import RepairLog
from engine.data.rows import MAX_LINE_CHARACTERS, Row, cells_of, cut, nothing_in, rows_of

FIRST_BLOCK_LINES = 10_000
"""The first block is read as text and decides which columns hold numbers; the parser converts those of all later blocks."""
BLOCK_LINES = 50_000
MAX_NOTE_ROWS = 10

SHORT = "{rows} had too few cells: the rest is filled as missing"
LONG = "{rows} had too many cells: the surplus is cut off"
TRAILING = "{rows} ended with surplus delimiters: they are ignored"
BLANK = "{rows} without any value: skipped"
NOTE = "{rows} of text after the table: skipped"


class Block(NamedTuple):
    """Consecutive data rows.

    Attributes
    ----------
    lines : sequence of int
        1-based line where each row starts.
    text : str
        The rows, none wider than the table.
    """

    lines: Iterable[int]
    text: str


class BlockReader:
    """Reads the data rows of an open file, block by block.

    Parameters
    ----------
    stream : text file
    path : Path
        For messages.
    spec : ImportSpec
    width : int
        Number of columns of the table.
    log : RepairLog
        Receives what was mended.
    """

    def __init__(self, stream: TextIO, path: Path, spec: ImportSpec, width: int, log: RepairLog) -> None:
        self._stream, self._path, self._spec, self._width, self._log = stream, path, spec, width, log
        self._next_line = 1
        self._blank: list[int] = []

    def __iter__(self) -> Iterator[Block]:
        self._skip_to_data()
        lines = list(islice(self._stream, FIRST_BLOCK_LINES))
        while lines:
            start = self._next_line
            if self._is_plain(lines):
                self._count_blank()
                yield Block(range(start, start + len(lines)), self._ended("".join(lines)))
                self._next_line += len(lines)
                lines = list(islice(self._stream, BLOCK_LINES))
                continue
            rows = list(self._rows(lines))
            lines = list(islice(self._stream, BLOCK_LINES))
            yield from self._mended(rows, last=not lines)

    def _skip_to_data(self) -> None:
        """Skip the lines before the table and the header."""
        self._next_line = 1 + sum(1 for _ in islice(self._stream, self._spec.skip_lines))
        if self._spec.header:
            numbered = self._numbered(self._stream)
            next((row for row in rows_of(numbered, self._path, self._spec, self._log) if row.width), None)

    def _numbered(self, lines: Iterable[str]) -> Iterator[tuple[int, str]]:
        for text in lines:
            self._next_line += 1
            yield self._next_line - 1, text

    def _is_plain(self, lines: list[str]) -> bool:
        """Say whether every line is a row of the table's width without quotation marks: nothing to mend."""
        delimiter, quote, surplus = self._spec.delimiter, self._spec.quote, self._width - 1
        text, nothing = "".join(lines), nothing_in(delimiter)
        return (
            delimiter != " "
            and "\0" not in text
            and (quote is None or quote not in text)
            and all(line.count(delimiter) == surplus for line in lines)
            and all(line.strip(nothing) for line in lines)
            and max(map(len, lines)) <= MAX_LINE_CHARACTERS
        )

    def _rows(self, lines: list[str]) -> Iterator[Row]:
        """Yield the rows of `lines`, and the lines that a quoted cell takes beyond them."""
        end = self._next_line + len(lines)
        for row in rows_of(self._numbered(chain(lines, self._stream)), self._path, self._spec, self._log):
            yield row
            if self._next_line >= end:
                return

    def _mended(self, rows: list[Row], *, last: bool) -> Iterator[Block]:
        fitted = [self._fitted(row) for row in self._filled(rows)]
        if last:
            self._drop_notes(fitted)
        for row in fitted:
            if row.width < self._width:
                self._log.add(SHORT, row.line)
        if fitted:
            yield Block([row.line for row in fitted], "".join(row.text for row in fitted))

    def _filled(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            if row.width:
                self._count_blank()
                yield row
            else:
                self._blank.append(row.line)

    def _count_blank(self) -> None:
        """Count the blank rows before a row with a value; those at the end of the file are not worth a word."""
        for line in self._blank:
            self._log.add(BLANK, line)
        self._blank.clear()

    def _fitted(self, row: Row) -> Row:
        if row.width <= self._width:
            return row._replace(text=self._ended(row.text))
        surplus = cells_of(row.text, self._spec)[self._width :]
        self._log.add(LONG if any(surplus) else TRAILING, row.line)
        return Row(row.line, cut(row.text, self._spec, self._width), self._width)

    def _drop_notes(self, rows: list[Row]) -> None:
        """Drop the remarks that some programs write below the table: one cell of several words."""
        for _ in range(MAX_NOTE_ROWS):
            if self._width < 3 or not rows or rows[-1].width > 1:
                return
            words = cells_of(rows[-1].text, self._spec)[0].split()
            if len(words) < 2 or not any(word.isalpha() for word in words):
                return
            self._log.add(NOTE, rows.pop().line)

    @staticmethod
    def _ended(text: str) -> str:
        return text if text.endswith("\n") else text + "\n"
