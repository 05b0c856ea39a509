"""How a CSV file is written: every guess a field that the reader obeys and a person can change."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from engine.data.delimiter import detect_delimiter, detect_quote
from engine.data.encoding import detect_encoding
from engine.data.errors import DataError
from engine.data.header import MAX_COLUMNS, has_header, modal_width
from engine.data.import_spec import ImportSpec
from engine.data.numerals import Numerals, recognise_numerals
from engine.data.repairs import RepairLog
from engine.data.rows import Row, cells_of, open_text, rows_of

SAMPLE_ROWS = 300
SAMPLE_CHARACTERS = 1024 * 1024
SAMPLE_CELLS = 60_000
MIN_SAMPLE_ROWS = 20
MAX_PREAMBLE_ROWS = 50
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


def sniff(path: Path | str) -> ImportSpec:
    """Recognise how a CSV file is written from its first 300 rows (its characters from all of it).

    Raises
    ------
    DataError
        When the file is no table of text: empty, binary, undecodable, one huge line, too many columns, or a quotation mark that
        is never closed.
    """
    path = Path(path)
    encoding = detect_encoding(path)
    lines = _first_lines(path, encoding)
    separator, skipped = _preamble(lines)
    quote = detect_quote(lines[skipped:])
    delimiter = separator or detect_delimiter(lines[skipped : skipped + SAMPLE_ROWS], quote)
    spec = ImportSpec(encoding=encoding, delimiter=delimiter, quote=quote, skip_lines=skipped)
    rows = _first_rows(path, spec)
    cells = [cells_of(row.text, spec) for row in rows]
    titles = _title_rows(cells)
    if titles:
        spec = dataclasses.replace(spec, skip_lines=rows[titles].line - 1)
    return _with_numbers_and_header(spec, cells[titles:], lines)


def first_rows(path: Path, spec: ImportSpec) -> list[list[str]]:
    """Return the cells of the first rows that are not blank, the header included."""
    return [cells_of(row.text, spec) for row in _first_rows(path, spec)]


def _first_lines(path: Path, encoding: str) -> list[str]:
    lines: list[str] = []
    left = SAMPLE_CHARACTERS
    with path.open(encoding=encoding, newline=None, errors="replace") as file:
        while left > 0 and len(lines) < 2 * SAMPLE_ROWS and (line := file.readline(left)):
            lines.append(line.replace("\0", ""))
            left -= len(line)
    if left <= 0 and len(lines) > 1:
        lines.pop()  # cut off in its middle
    return lines


def _preamble(lines: Sequence[str]) -> tuple[str | None, int]:
    """Return the delimiter that a "sep=;" line names, and the number of lines before the first that is no comment."""
    separator = None
    skipped = 0
    if lines and (found := _SEPARATOR_LINE.fullmatch(lines[0])):
        separator, skipped = found[1], 1
    comments = skipped
    while comments < len(lines) and (not lines[comments].strip() or lines[comments].startswith("#")):
        comments += 1
    return separator, comments if comments < len(lines) else skipped


def _first_rows(path: Path, spec: ImportSpec) -> list[Row]:
    """Return up to 300 rows that are not blank; fewer, but at least 20, where they are wide."""
    with open_text(path, spec) as stream:
        numbered = islice(enumerate(stream, start=1), spec.skip_lines, None)
        filled = (row for row in rows_of(numbered, path, spec, RepairLog()) if row.width)
        rows = list(islice(filled, MIN_SAMPLE_ROWS))
        if not rows:
            raise DataError("the file has no row with a value", path=path, remedy="choose a file with a table")
        width = max(row.width for row in rows)
        _refuse_too_many_columns(path, rows[0].line, width)
        rows += islice(filled, max(min(SAMPLE_ROWS, SAMPLE_CELLS // width) - MIN_SAMPLE_ROWS, 0))
    return rows


def _refuse_too_many_columns(path: Path, line: int, width: int) -> None:
    if width > MAX_COLUMNS:
        what = f"the rows have {width:,} columns, and at most {MAX_COLUMNS:,} are read"
        raise DataError(what, path=path, line=line, remedy="keep the columns you need")


def _title_rows(rows: Sequence[Sequence[str]]) -> int:
    """Return how many of the first rows stand above the table: much narrower than it, or filled in one cell only."""
    width = modal_width([len(row) for row in rows])
    titles = next((index for index, row in enumerate(rows) if not _is_title(row, width)), 0)
    return titles if titles <= min(MAX_PREAMBLE_ROWS, len(rows) / 2) else 0


def _is_title(row: Sequence[str], width: int) -> bool:
    filled = [cell for cell in row if cell]
    alone = len(filled) == 1 and width >= 3 and Numerals().parse(filled[0]) is None
    return alone or len(row) < width - 1


def _with_numbers_and_header(spec: ImportSpec, cells: Sequence[Sequence[str]], lines: Sequence[str]) -> ImportSpec:
    numerals = recognise_numerals((cell for row in cells for cell in row), spec.delimiter)
    spec = dataclasses.replace(spec, decimal=numerals.decimal, thousands=numerals.thousands)
    if has_header(cells, numerals, spec.missing):
        return dataclasses.replace(spec, header=True)
    comment = _commented_header(spec, cells, lines)
    return dataclasses.replace(spec, header=comment is not None, skip_lines=spec.skip_lines if comment is None else comment)


def _commented_header(spec: ImportSpec, cells: Sequence[Sequence[str]], lines: Sequence[str]) -> int | None:
    """Return the number of lines before a comment that names the columns ("# x,y"), where the last comment does."""
    index = spec.skip_lines - 1
    if not 0 <= index < len(lines) or not lines[index].startswith("#"):
        return None
    names = cells_of(lines[index].removeprefix("#"), spec)
    alike = len(names) > 1 and len(names) == modal_width([len(row) for row in cells])
    return index if alike and has_header([names, *cells], spec.numerals, spec.missing) else None
