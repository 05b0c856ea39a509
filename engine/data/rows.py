"""From lines of text to rows of a table: a quoted cell may span several lines, and a line may hold nothing.

Rows are counted and mended here, before the parser sees them, because no parser tells which rows it filled, cut or skipped.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from engine.data.encoding import undecodable
from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.repairs import RepairLog

MAX_LINE_CHARACTERS = 4 * 1024 * 1024
NUL_REMOVED = "NUL bytes were removed from {rows}"


class Row(NamedTuple):
    """One row of the file.

    Attributes
    ----------
    line : int
        1-based line where it starts.
    text : str
        Its text, line end included.
    width : int
        Number of cells; 0 where no cell has a character.
    """

    line: int
    text: str
    width: int


@contextmanager
def open_text(path: Path, spec: ImportSpec) -> Iterator[TextIO]:
    """Open a file as `spec` says, every kind of line end read as a line feed; what fails inside becomes a `DataError`."""
    try:
        with path.open(encoding=spec.encoding, newline=None) as stream:
            yield stream
    except UnicodeDecodeError as error:
        raise undecodable(path, spec.encoding) from error
    except LookupError as error:
        raise DataError(f"there is no encoding named {spec.encoding!r}", path=path, remedy="choose another") from error
    except OSError as error:
        raise DataError(
            f"the file can't be read ({error.strerror})", path=path, remedy="check its name and your rights"
        ) from error


def csv_reader(lines: Iterable[str], delimiter: str, quote: str | None) -> Iterator[list[str]]:
    """Return the reader that all of the project's own looks into rows use."""
    if quote is None:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=True)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=True)


def cells_of(text: str, spec: ImportSpec) -> list[str]:
    """Return the cells of one row's text, quotation marks resolved and outer spaces removed."""
    return [cell.strip() for cell in _cells(text, spec)]


def cut(text: str, spec: ImportSpec, width: int) -> str:
    """Return the row's text with its first `width` cells only."""
    return _join(_cells(text, spec)[:width], spec)


def nothing_in(delimiter: str) -> str:
    """Return the characters of a row without any value."""
    return delimiter + " \t\n\f\ufeff"


def rows_of(lines: Iterator[tuple[int, str]], path: Path, spec: ImportSpec, log: RepairLog) -> Iterator[Row]:
    """Yield the rows that numbered lines make; a line is taken only when the row before it is asked to be followed."""
    delimiter, quote = spec.delimiter, spec.quote
    nothing = nothing_in(delimiter)
    for line, text in lines:
        if len(text) > MAX_LINE_CHARACTERS:
            raise DataError(
                "the line is longer than 4 million characters", path=path, line=line, remedy="write one row per line"
            )
        if "\0" in text:
            text = text.replace("\0", "")
            log.add(NUL_REMOVED, line)
        if not text.strip(nothing):
            yield Row(line, text, 0)
        elif quote is not None and quote in text:
            yield _quoted_row(line, text, lines, path, spec)
        elif delimiter == " ":
            cells = text.split()
            yield Row(line, " ".join(cells) + "\n", len(cells))
        else:
            yield Row(line, text, text.count(delimiter) + 1)


def _quoted_row(line: int, text: str, lines: Iterator[tuple[int, str]], path: Path, spec: ImportSpec) -> Row:
    """Return the row that starts with `text`, which has a quotation mark; take more lines while a quoted cell is open."""
    pulled: list[str] = []

    def feed() -> Iterator[str]:
        pulled.append(text)
        yield text
        for _, more in lines:
            pulled.append(more.replace("\0", ""))
            yield pulled[-1]
        raise csv.Error("the file ended inside a quoted cell")

    try:
        cells = _split(feed(), spec)
    except csv.Error as error:
        raise DataError(
            "the quotation mark opened here is never closed",
            path=path,
            line=line,
            remedy="close it, or choose another quotation mark",
        ) from error
    whole = _join(cells, spec) if spec.delimiter == " " else "".join(pulled)
    return Row(line, whole, len(cells))


def _cells(text: str, spec: ImportSpec) -> list[str]:
    if spec.quote is not None and spec.quote in text:
        return _split(iter(io.StringIO(text)), spec)
    return text.split() if spec.delimiter == " " else text.rstrip("\n").split(spec.delimiter)


def _split(lines: Iterator[str], spec: ImportSpec) -> list[str]:
    """Return the cells of the first row in `lines`."""
    if spec.delimiter == " ":
        lines = (line.replace("\t", " ") for line in lines)
    cells = next(csv_reader(lines, spec.delimiter, spec.quote), [])
    if spec.delimiter == " ":
        while cells and not cells[-1]:
            cells.pop()
    return cells


def _join(cells: list[str], spec: ImportSpec) -> str:
    if spec.quote is None:
        return spec.delimiter.join(cells) + "\n"
    text = io.StringIO()
    csv.writer(text, delimiter=spec.delimiter, quotechar=spec.quote, lineterminator="\n").writerow(cells)
    return text.getvalue()
