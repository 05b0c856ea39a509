"""Which character stands between the cells: the one that gives equally wide rows of cells that look like values."""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from collections.abc import Iterable

from engine.data.rows import csv_reader

DELIMITERS = (",", ";", "\t", "|", " ")
ONE_COLUMN_FACTOR = 0.35
_MAX_CELLS = 4000

_NUMBER = re.compile(
    r"[+\-\u2212]?[$€£¥₹]?\s?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+|[0-9]{1,3}(?:[.,'\u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?)"
    r"(?:[eE][+-]?[0-9]+)?\s?[%€]?"
)
_DATE = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?")
_WORD = re.compile(r"[^\W\d_][\w .'/()&:-]{0,63}")


def detect_delimiter(lines: list[str], quote: str | None) -> str:
    """Return the delimiter with the highest score over `lines`; a comma where none scores.

    The score is the share of rows that have the most frequent width, times the mean score of the cells (a number or a date 1, a
    word 0.8, nothing 0.5, anything else 0.2), times 0.35 where there is one column only, else 1 + 0.02 for each column up to 8.
    """
    scores = {delimiter: _score(lines, delimiter, quote) for delimiter in DELIMITERS}
    return max(scores, key=lambda delimiter: scores[delimiter])


def detect_quote(lines: list[str]) -> str:
    """Return the quotation mark: single where cells are enclosed in single marks and there are no double ones."""
    if any('"' in line for line in lines):
        return '"'
    enclosed = re.compile(r"(?:^|[,;\t|])\s*'[^']*'\s*(?=[,;\t|\n]|$)")
    return "'" if lines and sum(enclosed.search(line) is not None for line in lines) > len(lines) / 2 else '"'


def _score(lines: list[str], delimiter: str, quote: str | None) -> float:
    rows = _parse(lines, delimiter, quote)
    if not rows:
        return 0.0
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    cells = [cell for row in rows for cell in row][:_MAX_CELLS]
    looks = sum(_cell_score(cell.strip()) for cell in cells) / len(cells)
    columns = ONE_COLUMN_FACTOR if width == 1 else 1.0 + 0.02 * min(width, 8)
    return count / len(rows) * looks * columns


def _parse(lines: Iterable[str], delimiter: str, quote: str | None) -> list[list[str]]:
    if delimiter == " ":
        lines = (" ".join(line.split()) for line in lines)
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # a quotation mark that is never closed swallows the rest: judge by the rows before it
        rows.extend(row for row in csv_reader(lines, delimiter, quote) if any(row))
    return rows


def _cell_score(cell: str) -> float:
    if not cell:
        return 0.5
    if _NUMBER.fullmatch(cell) or _DATE.fullmatch(cell):
        return 1.0
    return 0.8 if _WORD.fullmatch(cell) else 0.2
