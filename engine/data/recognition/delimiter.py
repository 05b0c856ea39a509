"""Which character stands between the cells: the one that gives equally wide rows of cells that look like values."""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from engine.data.reading.rows import csv_reader, words_of
from engine.data.recognition.header import modal_width

DELIMITERS = (",", ";", "\t", "|", " ")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
ONE_COLUMN_FACTOR = 0.35
INSIDE_OF_CELLS_FACTOR = 0.2
MIN_QUOTED_SHARE = 0.3
MIN_EVEN_SHARE = 0.5
MIN_ROWS_PER_LINE = 0.05
_MAX_CELLS = 4000

_NUMBER = re.compile(
    r"[+\-\u2212]?[$€£¥₹]?\s?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+|[0-9]{1,3}(?:[.,' \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?)"
    r"(?:[eE][+-]?[0-9]+)?\s?[%€]?"
)
_DATE = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?")
_WORD = re.compile(r"[^\W\d_][\w .'/()&:-]{0,63}")


def choose_delimiter(lines: list[str], quote: str | None) -> tuple[str, str]:
    """Return the delimiter with the highest score over `lines`, a comma where none scores, and the reason.

    The score is the share of rows that have the most frequent width, times the mean score of the cells (a number or a date 1, a
    word 0.8, nothing 0.5, anything else 0.2), times 0.35 where there is one column only, else 1 + 0.02 for each column up to 8.
    Spaces stand inside of cells, too: their score counts a fifth where another character parts the rows evenly into values,
    fewer than half of the rows are equally wide, or the first line has other words than a row has cells.
    """
    parsed = {delimiter: _parse(lines, delimiter, quote) for delimiter in DELIMITERS}
    scores = {delimiter: _score(rows) for delimiter, rows in parsed.items()}
    scores[" "] *= _space_factor(parsed)
    best = max(scores, key=lambda delimiter: scores[delimiter])
    widths = Counter(len(row) for row in parsed[best])
    width, count = widths.most_common(1)[0] if widths else (1, 0)
    if width == 1:
        absent = next((mark for mark in DELIMITERS if all(len(row) == 1 for row in parsed[mark])), best)
        return absent, f"No character parts the rows into equally many cells; a {DELIMITER_NAMES[absent]} is taken."
    name = DELIMITER_NAMES[best]
    return best, f"A {name} parts {count:,} of the first {widths.total():,} rows into {width:,} cells."


def detect_quote(lines: Sequence[str]) -> tuple[str, str]:
    """Return the quotation mark that encloses more cells, and the reason."""
    double, single = (sum(map(len, map(_enclosed_by(mark).findall, lines))) for mark in ('"', "'"))
    if single > double and single >= MIN_QUOTED_SHARE * len(lines):
        return "'", f"{single:,} cells of the first rows stand in single quotation marks, {double:,} in double ones."
    if double:
        return '"', f"{double:,} cells of the first rows stand in double quotation marks."
    return '"', "No cell of the first rows stands in quotation marks; double ones are usual."


def detect_escape(lines: Sequence[str], quote: str) -> str | None:
    r"""Return the backslash where quotation marks inside of quoted cells are written \" and the rows make sense only so."""
    if not any(f"\\{quote}" in line for line in lines):
        return None
    plain = max(_strictly_parsed(lines, delimiter, quote) for delimiter in DELIMITERS)
    escaped = [without_escapes(line, "\\", quote) for line in lines]
    return "\\" if max(_strictly_parsed(escaped, delimiter, quote) for delimiter in DELIMITERS) > plain else None


def without_escapes(text: str, escape: str, quote: str) -> str:
    """Return `text` with doubled quotation marks for escaped ones."""
    pairs = {escape + escape: escape, escape + quote: quote + quote}
    return re.sub("|".join(map(re.escape, pairs)), lambda found: pairs[found[0]], text)


def _enclosed_by(mark: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[,;\t|]|[ ](?={mark}))[ ]*{mark}(?:[^{mark}\n]|{mark}{mark})*{mark}[ ]*(?=[,;\t| \n]|$)")


def _strictly_parsed(lines: Sequence[str], delimiter: str, quote: str) -> float:
    """Return how many lines are rows of the usual width without text behind a closed quotation mark."""
    widths: Counter[int] = Counter()
    with contextlib.suppress(csv.Error):
        for row in csv_reader(lines, delimiter, quote, strict=True):
            widths[len(row)] += 1
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    return count if width > 1 else count * ONE_COLUMN_FACTOR


def _score(rows: list[list[str]]) -> float:
    if not rows:
        return 0.0
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    columns = ONE_COLUMN_FACTOR if width == 1 else 1.0 + 0.02 * min(width, 8)
    return count / len(rows) * _looks(rows) * columns


def _fits_better(tabs: list[list[str]], spaces: list[list[str]]) -> bool:
    """Say whether tabs alone part the rows about as evenly as tabs and spaces do: into as many cells, or the first as well."""
    (tab_width, tab_count), (space_width, space_count) = (
        Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0) for rows in (tabs, spaces)
    )
    if tab_width < 2 or tab_count < 0.9 * space_count:
        return False
    return tab_width >= space_width or (len(tabs[0]) == tab_width and len(spaces[0]) != space_width)


def _space_factor(parsed: dict[str, list[list[str]]]) -> float:
    """Return how much less a space counts because it also stands inside of cells: in sentences, between thousands."""
    rows = parsed[" "]
    others = [parsed[mark] for mark in DELIMITERS if mark != " "]
    if _is_even(rows) and _first_row_fits(rows):  # names stand above all the cells, and not above the parts of fractions
        others = [other for other in others if _first_row_fits(other)]
    if _fits_better(parsed["\t"], rows) or any(map(_is_even, others)):
        return INSIDE_OF_CELLS_FACTOR
    width, count = Counter(len(row) for row in rows).most_common(1)[0] if rows else (0, 0)
    is_prose = count < MIN_EVEN_SHARE * len(rows) or (len(rows) > 0 and len(rows[0]) not in (width, width - 1))
    return INSIDE_OF_CELLS_FACTOR if is_prose else 1.0


def _first_row_fits(rows: list[list[str]]) -> bool:
    """Say whether the first row has as many cells as most of them."""
    return bool(rows) and len(rows[0]) == modal_width([len(row) for row in rows])


def _is_even(rows: list[list[str]]) -> bool:
    """Say whether the rows are equally wide, with cells that look like values."""
    if not rows:
        return False
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    return width > 1 and count >= 0.95 * len(rows) and _looks(rows) >= 0.75


def _parse(lines: Sequence[str], delimiter: str, quote: str | None) -> list[list[str]]:
    """Return the rows; where a quotation mark is never closed and swallows most of them, the rows without regard to it."""
    if delimiter == " ":
        lines = [" ".join(words_of(line)) for line in lines]
    rows = _parsed(lines, delimiter, quote)
    return rows if len(rows) > MIN_ROWS_PER_LINE * len(lines) else _parsed(lines, delimiter, None)


def _parsed(lines: Sequence[str], delimiter: str, quote: str | None) -> list[list[str]]:
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(row for row in csv_reader(lines, delimiter, quote) if any(row))
    return rows


def _looks(rows: list[list[str]]) -> float:
    cells = [cell for row in rows for cell in row][:_MAX_CELLS]
    return sum(_cell_score(cell.strip()) for cell in cells) / len(cells)


def _cell_score(cell: str) -> float:
    if not cell:
        return 0.5
    if _NUMBER.fullmatch(cell) or _DATE.fullmatch(cell):
        return 1.0
    return 0.8 if _WORD.fullmatch(cell) and not _holds_several_values(cell) else 0.2


def _holds_several_values(cell: str) -> bool:
    """Say whether two numbers or dates stand side by side that are not plain digits, as in "red 2021-05-26 6.5"."""
    words = cell.split(" ")
    values = [_NUMBER.fullmatch(word) or _DATE.fullmatch(word) for word in words]
    pairs = zip(pairwise(words), pairwise(values), strict=True)
    return any(first and second and not (left + right).isdigit() for (left, right), (first, second) in pairs)
