"""The first rows of a file: what recognition looks at, and where the header ends and the data begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.reading.rows import MAX_LINE_CHARACTERS, Row, UnfinishedRowError, cells_of, never_closed, rows_of
from engine.data.reading.text_blocks import lines_of, open_text
from engine.data.recognition.header import MAX_COLUMNS, has_header, modal_width

SAMPLE_ROWS = 300
SAMPLE_CELLS = 60_000
MIN_SAMPLE_ROWS = 20
SAMPLE_CHARACTERS = 1024 * 1024
_BLOCK_BYTES = 128 * 1024


@dataclass(frozen=True)
class Sample:
    """The first rows of a file.

    Attributes
    ----------
    header : tuple of str or None
        The cells of the row that names the columns.
    header_line : int
        1-based line of that row; of the first row where there is no header.
    data_line : int
        1-based line below the header, where the data start.
    rows : tuple of tuple of str
        Cells of the first data rows that are not blank, outer spaces removed.
    lines : tuple of int
        1-based line where each of these rows starts.
    """

    header: tuple[str, ...] | None
    header_line: int
    data_line: int
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    @property
    def with_header(self) -> tuple[tuple[str, ...], ...]:
        """All rows, the header first."""
        return self.rows if self.header is None else (self.header, *self.rows)


def read_sample(path: Path, spec: ImportSpec) -> Sample:
    """Read up to 300 rows; fewer, but at least 20, where they are wide.

    Raises
    ------
    DataError
        When there is no row with a value, a row has too many columns, or a quotation mark is never closed.
    """
    rows = _first_rows(path, spec)
    cells = [tuple(cells_of(_bare(row.text, spec), spec)) for row in rows]
    named = spec.header and spec.comment is not None and _names_in_comment(rows, cells, spec)
    rows, cells = _without_comments(rows, cells, spec, keep_first=named)
    if not rows:
        raise DataError("the file has no row with a value, comments only", path=path, remedy="choose a file with a table")
    _refuse_too_many_columns(path, rows)
    if not spec.header:
        return Sample(None, rows[0].line, spec.skip_lines + 1, tuple(cells), tuple(row.line for row in rows))
    header_line = rows[0].line
    data_line = header_line + max(rows[0].text.count("\n"), 1)
    return Sample(cells[0], header_line, data_line, tuple(cells[1:]), tuple(row.line for row in rows[1:]))


def first_lines(path: Path, spec: ImportSpec) -> list[str]:
    """Return the first lines of the file, at most twice as many as rows are looked at."""
    lines: list[str] = []
    left = SAMPLE_CHARACTERS
    with open_text(path, spec) as blocks:
        for line in islice(lines_of(blocks, path, _BLOCK_BYTES, MAX_LINE_CHARACTERS), 2 * SAMPLE_ROWS):
            lines.append(line.replace("\0", ""))
            left -= len(line)
            if left <= 0:
                break
    return lines


def _first_rows(path: Path, spec: ImportSpec) -> list[Row]:
    with open_text(path, spec) as blocks:
        lines = enumerate(lines_of(blocks, path, _BLOCK_BYTES, MAX_LINE_CHARACTERS), start=1)
        numbered = ((number, line.replace("\0", "")) for number, line in islice(lines, spec.skip_lines, None))
        filled = _filled(rows_of(numbered, path, spec, []), path, spec)
        rows = list(islice(filled, MIN_SAMPLE_ROWS))
        if not rows:
            raise DataError("the file has no row with a value", path=path, remedy="choose a file with a table")
        width = max(max(row.width for row in rows), 1)
        wanted = max(min(SAMPLE_ROWS, SAMPLE_CELLS // width), MIN_SAMPLE_ROWS) + spec.footer_lines
        rows += islice(filled, wanted - MIN_SAMPLE_ROWS)
    return _above_footer(rows, spec)


def _above_footer(rows: list[Row], spec: ImportSpec) -> list[Row]:
    """Return the rows without the last ones, which may be those of the footer; the first one stays."""
    valued = [index for index, row in enumerate(rows) if row.width]
    end = valued[-spec.footer_lines] if 0 < spec.footer_lines < len(valued) else len(rows)
    return rows[:end]


def _filled(rows: Iterator[Row], path: Path, spec: ImportSpec) -> Iterator[Row]:
    """Yield the rows with a value, comments with them."""
    try:
        yield from (row for row in rows if row.width or _is_comment(row.text, spec))
    except UnfinishedRowError as error:
        raise never_closed(path, error.line) from error


def _is_comment(text: str, spec: ImportSpec) -> bool:
    return spec.comment is not None and text.startswith(spec.comment)


def _bare(text: str, spec: ImportSpec) -> str:
    """Return a comment without its mark, any other row as it is."""
    return text.removeprefix(spec.comment or "") if _is_comment(text, spec) else text


def _names_in_comment(rows: Sequence[Row], cells: Sequence[tuple[str, ...]], spec: ImportSpec) -> bool:
    """Say whether the first row is a comment that names the columns ("# x,y")."""
    if not _is_comment(rows[0].text, spec):
        return False
    table = [row for row, text in zip(cells, rows, strict=True) if not _is_comment(text.text, spec)]
    alike = len(cells[0]) > 1 and len(cells[0]) == modal_width([len(row) for row in table])
    return alike and not has_header(table, spec.numerals, spec.missing)


def _without_comments(
    rows: list[Row], cells: list[tuple[str, ...]], spec: ImportSpec, *, keep_first: bool
) -> tuple[list[Row], list[tuple[str, ...]]]:
    kept = [index for index, row in enumerate(rows) if (keep_first and not index) or not _is_comment(row.text, spec)]
    return [rows[index] for index in kept], [cells[index] for index in kept]


def _refuse_too_many_columns(path: Path, rows: Sequence[Row]) -> None:
    row = max(rows, key=lambda row: row.width)
    if row.width > MAX_COLUMNS:
        what = f"the rows have {row.width:,} columns, and at most {MAX_COLUMNS:,} are read"
        raise DataError(what, path=path, line=row.line, remedy="keep the columns you need")
