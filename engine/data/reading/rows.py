"""From lines of text to rows of a table: a quoted cell may span several lines, and a line may hold nothing.

Rows are counted and mended before the parser sees them, because no parser tells which rows it filled, cut or skipped. This is
the careful way, one line after the other; `tally` is the quick one for blocks in which nothing is unusual.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.numerals import OUTER_SPACES

MAX_LINE_CHARACTERS = 4 * 1024 * 1024
MAX_CELL_LINES = 10_000
LONG_CELL_LINES = 50

NUL_REMOVED = "NUL bytes were removed from {rows}"
INNER_QUOTES = "{rows} with text behind a closed quotation mark: that mark was left out of the cell"
LONG_CELL = "{rows} with a quoted cell of many lines: see whether its quotation mark is closed where it should be"

_UNIT_SEPARATOR = "\x1f"
csv.field_size_limit(2**31 - 1)  # a long cell is refused here, with its line


class Row(NamedTuple):
    """One row of the file.

    Attributes
    ----------
    line : int
        1-based line where it starts.
    text : str
        Its text, line end included.
    width : int
        Number of cells; 0 where no cell has a character, and for a comment.
    """

    line: int
    text: str
    width: int


class UnfinishedRowError(Exception):
    """The lines ended inside of a quoted cell; the row that began in `line` needs more of them."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def csv_reader(lines: Iterable[str], delimiter: str, quote: str | None, *, strict: bool = False) -> Iterator[list[str]]:
    """Return the reader that all of the project's own looks into rows use."""
    if quote is None:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=True)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=True, strict=strict)


def cells_of(text: str, spec: ImportSpec) -> list[str]:
    """Return the cells of one row's text, quotation marks resolved and outer spaces removed."""
    return [cell.strip(OUTER_SPACES) for cell in _cells(text, spec)]


def cut(text: str, spec: ImportSpec, width: int) -> str:
    """Return the row's text with its first `width` cells only."""
    return _join(_cells(text, spec)[:width], spec)


def parsed_as(spec: ImportSpec) -> ImportSpec:
    """Return the specification the parser gets.

    It knows no delimiter beyond ASCII, and spaces with nothing between them make no empty cells: such rows are joined anew.
    """
    if _is_known_to_parser(spec.delimiter):
        return spec
    return dataclasses.replace(spec, delimiter=_UNIT_SEPARATOR, quote=spec.quote or '"')


def for_parser(row: Row, spec: ImportSpec, parsed: ImportSpec) -> str:
    """Return the row's text as the parser gets it; `parsed` is what :func:`parsed_as` makes of `spec`."""
    if _is_known_to_parser(spec.delimiter):
        return row.text
    if not row.width:
        return row.text if spec.comment is not None and row.text.startswith(spec.comment) else "\n"
    is_plain = parsed.quote is not None and parsed.quote not in row.text and _UNIT_SEPARATOR not in row.text
    if spec.delimiter == " " and is_plain:
        return row.text.replace(" ", _UNIT_SEPARATOR)  # `rows_of` has left one space between the cells
    return _join(_cells(row.text, spec), parsed)


def _is_known_to_parser(delimiter: str) -> bool:
    return delimiter.isascii() and delimiter != " "


def words_of(text: str) -> list[str]:
    """Return the cells that spaces and tabs part; other characters that look like spaces are part of a cell."""
    return [cell for cell in text.rstrip("\n").replace("\t", " ").split(" ") if cell]


def nothing_in(delimiter: str) -> str:
    """Return the characters of a row without any value."""
    return delimiter + " \t\n\f\ufeff"


def rows_of(lines: Iterator[tuple[int, str]], path: Path, spec: ImportSpec, odd: list[tuple[str, int]]) -> Iterator[Row]:
    """Yield the rows that numbered lines make; a line is taken only when the row before it is asked to be followed.

    Parameters
    ----------
    lines : iterator of (int, str)
        1-based number and text of each line, line end included.
    path : Path
        For messages.
    spec : ImportSpec
    odd : list
        Receives what a person should know of a row: a phrase for the repairs, and its line.

    Raises
    ------
    DataError
        When a line or a cell is too long, or a quotation mark is closed in a wrong place.
    UnfinishedRowError
        When the lines end inside of a quoted cell.
    """
    delimiter, quote, comment = spec.delimiter, spec.quote, spec.comment
    nothing = nothing_in(delimiter)
    for line, text in lines:
        if len(text) > MAX_LINE_CHARACTERS:
            raise line_too_long(path, line)
        if not text.strip(nothing) or (comment is not None and text.startswith(comment)):
            yield Row(line, text, 0)
        elif quote is not None and quote in text:
            yield _quoted_row(line, text, lines, path, spec, odd)
        elif delimiter == " ":
            cells = words_of(text)
            yield Row(line, " ".join(cells) + "\n", len(cells))
        else:
            yield Row(line, text, text.count(delimiter) + 1)


def never_closed(path: Path, line: int, within: str = "") -> DataError:
    """Return the error for a quotation mark without its partner."""
    what = f"the quotation mark opened here is never closed{within}"
    return DataError(what, path=path, line=line, remedy="close it, or choose another quotation mark")


def line_too_long(path: Path, line: int) -> DataError:
    """Return the error for a line that no person wrote."""
    what = f"the line is longer than {MAX_LINE_CHARACTERS // 2**20} million characters"
    return DataError(what, path=path, line=line, remedy="write one row per line")


def _quoted_row(
    line: int, text: str, lines: Iterator[tuple[int, str]], path: Path, spec: ImportSpec, odd: list[tuple[str, int]]
) -> Row:
    """Return the row that starts with `text`, which has a quotation mark; take more lines while a quoted cell is open."""
    pulled: list[str] = []

    def feed() -> Iterator[str]:
        pulled.append(text)
        yield text
        length = len(text)
        for _, more in lines:
            pulled.append(more)
            length += len(more)
            if len(pulled) > MAX_CELL_LINES or length > MAX_LINE_CHARACTERS:
                raise never_closed(path, line, f" within {len(pulled) - 1:,} lines")
            yield more
        raise UnfinishedRowError(line)

    cells = _split(feed(), spec)
    if not _is_strict(pulled, spec):
        if len(pulled) > 1:
            what = f"the quotation mark opened here is closed in the middle of a cell, in line {line + len(pulled) - 1:,}"
            raise DataError(what, path=path, line=line, remedy="close it where its cell ends, or choose another quotation mark")
        odd.append((INNER_QUOTES, line))
    if len(pulled) > LONG_CELL_LINES:
        odd.append((LONG_CELL, line))
    whole = _join(cells, spec) if spec.delimiter == " " else "".join(pulled)
    return Row(line, whole, len(cells))


def _is_strict(lines: list[str], spec: ImportSpec) -> bool:
    """Say whether nothing but spaces stands between a closing quotation mark and the end of its cell."""
    assert spec.quote is not None
    tidy: Iterable[str] = _spaced(lines, spec)
    if spec.delimiter not in " \t":
        behind = re.compile(rf"{re.escape(spec.quote)}[ \t]+(?={re.escape(spec.delimiter)}|\n)")
        tidy = [behind.sub(spec.quote, line) for line in lines]
    try:
        next(csv_reader(iter(tidy), spec.delimiter, spec.quote, strict=True), None)
    except csv.Error:
        return False
    return True


def _cells(text: str, spec: ImportSpec) -> list[str]:
    if spec.quote is not None and spec.quote in text:
        return _split(iter(io.StringIO(text)), spec)
    return words_of(text) if spec.delimiter == " " else text.rstrip("\n").split(spec.delimiter)


def _split(lines: Iterable[str], spec: ImportSpec) -> list[str]:
    """Return the cells of the first row in `lines`."""
    pulled: list[str] = []

    def feed() -> Iterator[str]:
        for line in _spaced(lines, spec):
            pulled.append(line)
            yield line

    cells = next(csv_reader(feed(), spec.delimiter, spec.quote), [])
    if spec.delimiter == " " and pulled and pulled[-1].rstrip("\n").endswith(" "):
        cells.pop()  # what stands behind the last space
    return cells


def _spaced(lines: Iterable[str], spec: ImportSpec) -> Iterable[str]:
    return (line.replace("\t", " ") for line in lines) if spec.delimiter == " " else lines


def _join(cells: list[str], spec: ImportSpec) -> str:
    """Return a row of these cells, all quoted: the first one may start like a comment."""
    if spec.quote is None:
        return spec.delimiter.join(cells) + "\n"
    text = io.StringIO()
    csv.writer(text, delimiter=spec.delimiter, quotechar=spec.quote, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(cells)
    return text.getvalue()
