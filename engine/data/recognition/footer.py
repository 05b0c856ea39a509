"""Lines after the table: totals, sources, remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.numerals import Numerals
from engine.data.reading.compression import open_bytes
from engine.data.reading.rows import Row, UnfinishedRowError, cells_of, rows_of
from engine.data.recognition.delimiter import without_escapes
from engine.data.recognition.encoding import MAX_CHECKED_UNPACKED_BYTES
from engine.data.recognition.sample import Sample

TAIL_BYTES = 64 * 1024
MAX_FOOTER_LINES = 10
_BLOCK_BYTES = 4 * 1024 * 1024
_NONE = 0, "The last line belongs to the table."
_REMARK = re.compile(
    r"(?:sources?|notes?|remarks?|data (?:source|from)|quellen?|hinweise?|anmerkung(?:en)?|stand|fuente|nota|copyright)\b.*"
    r"|[©*†¹²³].*|\(c\) .*|[0-9,]+ rows?(?: .*)?|\([0-9,]+ rows?[^)]*\)",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"(?:grand |sub|over)?totals?:?|sum:?|summe:?|gesamt(?:summe)?:?|insgesamt:?|somme:?|totale:?|average:?|mean:?",
    re.IGNORECASE,
)


class _Tail(NamedTuple):
    """The last bytes of a file, its first ones, and whether the last bytes are all of it."""

    data: bytes
    head: bytes
    is_all: bool


def count_footer(path: Path, spec: ImportSpec, sample: Sample) -> tuple[int, str]:
    """Return how many lines with a value stand after the table, and why.

    Parameters
    ----------
    path : Path
    spec : ImportSpec
    sample : Sample
        The first rows: how wide they are, and what stands in their first column.
    """
    tail = _unpacked_tail(path, spec) if spec.compression != "none" else _plain_tail(path)
    width = max((len(row) for row in sample.with_header), default=0)
    if tail is None or width < 2:
        return _NONE
    rows = _last_rows(tail, path, spec)
    first_cells = [row[0] for row in sample.rows if row and row[0] not in spec.missing]
    after_numbers = sum(map(_is_number, first_cells)) > 0.9 * len(first_cells) > 0
    found = _footer_rows(rows, spec, width, after_numbers=after_numbers)
    n_above = sum(1 for row in rows if row.width) - len(found)
    if not found or n_above <= int(spec.header) or _totals_are_rows(found, sample, spec, tail):
        return _NONE
    return len(found), f"{found[-1].strip()[:40]!r} is a remark or a total, no row of the table."


def _last_rows(tail: _Tail, path: Path, spec: ImportSpec) -> list[Row]:
    """Return the rows at the end of the file; none where a quotation mark is never closed.

    The last bytes may begin inside of a quoted cell: then the rows are sought further below.
    """
    lines = _lines(tail, spec)
    lines = lines[spec.skip_lines :] if tail.is_all else lines
    while lines:
        try:
            return list(rows_of(iter(enumerate(f"{line}\n" for line in lines)), path, spec, []))
        except (DataError, UnfinishedRowError):
            lines = [] if tail.is_all else lines[len(lines) // 2 + 1 :]
    return []


def _footer_rows(rows: Sequence[Row], spec: ImportSpec, width: int, *, after_numbers: bool) -> list[str]:
    """Return the rows below the table, the last one first."""
    found: list[str] = []
    for index in range(len(rows) - 1, 0, -1):
        row, above = rows[index], rows[index - 1].text.strip()
        if not row.width:
            continue
        if not _is_footer(cells_of(row.text, spec), width, after_blank=not above, after_numbers=after_numbers):
            break
        found.append(row.text)
    return found if len(found) <= MAX_FOOTER_LINES else []


def _is_footer(cells: Sequence[str], width: int, *, after_blank: bool, after_numbers: bool) -> bool:
    """Say whether a row is a total or a remark: text where the table has its cells."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return False
    is_remark = _REMARK.fullmatch(filled[0]) is not None
    words = filled[0].split()
    is_wordy = len(words) > 1 and any(word.isalpha() for word in words)
    if len(cells) == width:
        return _TOTAL.fullmatch(filled[0]) is not None or (len(filled) == 1 and is_wordy and (after_blank or is_remark))
    if len(cells) == 1 and width >= 3 and (is_wordy or is_remark or (after_numbers and filled[0].isalpha())):
        return True
    return is_remark or _TOTAL.fullmatch(filled[0]) is not None or (after_blank and is_wordy and len(filled) == 1)


def _is_number(cell: str) -> bool:
    return any(Numerals(decimal).parse(cell) is not None for decimal in ".,")


def _totals_are_rows(found: Sequence[str], sample: Sample, spec: ImportSpec, tail: _Tail) -> bool:
    """Say whether a table has totals among its rows, so that the last one is no footer."""
    in_footer = sum(_starts_with_total(cells_of(row, spec)) for row in found)
    in_sample = sum(map(_starts_with_total, sample.rows))
    return in_footer > 0 and in_sample > (in_footer if tail.is_all else 0)


def _starts_with_total(cells: Sequence[str]) -> bool:
    first = next((cell for cell in cells if cell), "")
    return _TOTAL.fullmatch(first) is not None


def _lines(tail: _Tail, spec: ImportSpec) -> list[str]:
    data = tail.data if tail.is_all else _byte_order_mark(tail.head, spec.encoding) + tail.data
    text = data.decode(spec.encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text if spec.escape is None else without_escapes(text, spec.escape, spec.quote or '"')
    return text.split("\n") if tail.is_all else text.split("\n")[1:]


def _byte_order_mark(head: bytes, encoding: str) -> bytes:
    """Return the mark without which the order of bytes is not known."""
    return head[: {"utf-16": 2, "utf-32": 4}.get(encoding, 0)]


def _plain_tail(path: Path) -> _Tail:
    with open_bytes(path, "none") as stream:
        head = stream.read(4)
    start = max(path.stat().st_size - TAIL_BYTES, 0) // 4 * 4  # whole characters of two and of four bytes
    with path.open("rb") as file:
        file.seek(start)
        return _Tail(file.read(), head, start == 0)


def _unpacked_tail(path: Path, spec: ImportSpec) -> _Tail | None:
    """Return the end of an archive's content; None where it is too far away."""
    head = data = b""
    n_read = 0
    with open_bytes(path, spec.compression) as stream:
        while block := stream.read(_BLOCK_BYTES):
            head, data, n_read = head or block[:4], data + block, n_read + len(block)
            if n_read > MAX_CHECKED_UNPACKED_BYTES:
                return None
            data = data[max(len(data) - TAIL_BYTES, 0) // 4 * 4 :] if len(block) == _BLOCK_BYTES else data
    return _Tail(data, head, len(data) == n_read)
