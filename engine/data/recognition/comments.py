"""Lines that are no rows: the "sep=;" line of a spreadsheet, comments before the table and amid it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec, is_delimiter
from engine.data.numerals import Numerals
from engine.data.reading.rows import cells_of
from engine.data.recognition.header import modal_width

MARKS = ("#", "//", "%")
MAX_COMMENT_SHARE = 0.5
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_SPREADSHEET_ERROR = re.compile(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|####+)")
_NOTHING_BUT_COMMENT = re.compile(r"(?:#|//|%)\s.*\s*")
_STARTS = re.compile(r"#|//|%(?=[\s%])")


def preamble(lines: Sequence[str], path: Path) -> tuple[str | None, int, str]:
    """Return the delimiter that a "sep=;" line names, the number of lines before the first that is no comment, and why."""
    named = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    skipped = 0 if named is None else 1
    comments = _count_comments(lines, skipped, path)
    why = [] if named is None else [_why_separator(named[1])]
    if comments > skipped:
        why.append("The lines before the table are comments or blank.")
    separator = named[1] if named is not None and is_delimiter(named[1]) else None
    return separator, comments, " ".join(why) or "The first line belongs to the table."


def _why_separator(mark: str) -> str:
    return 'The first line is "sep=".' if is_delimiter(mark) else f'The first line is "sep=", but {mark!r} is no delimiter.'


def _count_comments(lines: Sequence[str], skipped: int, path: Path) -> int:
    """Return the number of lines before the table, of which `skipped` are known to be none of its rows."""
    comments = skipped
    while comments < len(lines) and (not lines[comments].strip() or _STARTS.match(lines[comments])):
        comments += 1
    if comments < len(lines):
        return comments
    left = [line for line in lines[skipped:] if line.strip()]
    if left and all(map(_NOTHING_BUT_COMMENT.fullmatch, left)):
        raise DataError("the file has comments only, no row with a value", path=path, remedy="choose a file with a table")
    return skipped


def comment_mark(lines: Sequence[str], skipped: int, spec: ImportSpec) -> tuple[str | None, str]:
    """Return what starts a comment and why: every line that starts with it is plainly none of the table's rows.

    Parameters
    ----------
    lines : sequence of str
        The first lines of the file.
    skipped : int
        How many of them stand before the table.
    spec : ImportSpec
        Delimiter and quotation mark are used.
    """
    for mark in MARKS:
        if mark[0] in (spec.delimiter, spec.quote):
            continue
        body = _outside_of_quotes(lines[skipped:], spec.quote)
        marked = [line for line in body if line.startswith(mark)]
        before = [line for line in lines[:skipped] if line.startswith(mark)]
        if not marked and not before:
            continue
        table = [cells_of(line, spec) for line in body if not line.startswith(mark)]
        if len(marked) > MAX_COMMENT_SHARE * len(body) or not _are_comments(marked, table, spec):
            return None, f"Lines that start with {mark!r} look like rows of the table."
        if marked:
            return mark, f"{len(marked):,} of the first lines start with {mark!r} and are no rows of the table."
        return mark, f"The lines before the table start with {mark!r}."
    return None, "No line of the first ones starts with a comment mark."


def _outside_of_quotes(lines: Sequence[str], quote: str | None) -> list[str]:
    """Return the lines that are not blank and do not begin inside of a quoted cell."""
    outside: list[str] = []
    is_open = False
    for line in lines:
        if line.strip() and not is_open:
            outside.append(line)
        is_open ^= quote is not None and line.count(quote) % 2 == 1
    return outside


def _are_comments(marked: Sequence[str], table: Sequence[Sequence[str]], spec: ImportSpec) -> bool:
    """Say whether none of the marked lines has as many cells as the table, or a first cell of its sort."""
    width = modal_width([len(row) for row in table])
    if spec.quote is not None and any(line.count(spec.quote) % 2 for line in marked):
        return False  # perhaps the beginning of a quoted cell of several lines
    cells_marked = [cells_of(line, spec) for line in marked]
    if any(cells[0] in spec.missing or _SPREADSHEET_ERROR.fullmatch(cells[0]) for cells in cells_marked):
        return False
    alike = [cells for cells in cells_marked if len(cells) == width]
    if not alike:
        return True
    typed = [_is_typed(row[0]) for row in table if row and row[0]]
    return width > 1 and sum(typed) >= 0.8 * len(typed) > 0 and not any(_is_typed(row[0]) for row in alike)


def _is_typed(cell: str) -> bool:
    return Numerals().parse(cell) is not None or Numerals(",").parse(cell) is not None or cell[:4].isdigit()
