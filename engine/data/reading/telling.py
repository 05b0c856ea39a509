"""What was mended or decided while a file was read, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import NUMERIC_SHARE, CellCollector, Cells, CodedText, Noted
from engine.data.import_spec import ImportSpec
from engine.data.numerals import Numerals, doubt_about
from engine.data.recognition.encoding import misread_as
from engine.data.recognition.header import Layout
from engine.data.recognition.sample import Sample
from engine.data.repairs import MAX_LINES_KEPT, Repair, repair_in

MAX_TEXTS_SHOWN = 3
MAX_LEVELS_TRIED = 1000


def file_repairs(path: Path, spec: ImportSpec, sample: Sample, layout: Layout) -> Iterator[Repair]:
    """Yield what concerns the file: lines skipped, characters that are read wrongly, names."""
    skipped = spec.skip_lines
    if skipped:
        what = f"{skipped:,} {'line' if skipped == 1 else 'lines'} before the table: skipped."
        yield Repair(1, what, tuple(range(1, min(skipped, MAX_LINES_KEPT) + 1)))
    line = misread_as(path, spec.encoding, spec.compression)
    if line is not None:
        what = f"The file is valid UTF-8, but its special characters are read as {spec.encoding} as chosen"
        yield repair_in(what, [line])
    for phrase in layout.renamed:
        yield Repair(sample.header_line, f"{phrase[:1].upper()}{phrase[1:]}.", (sample.header_line,))


def doubts_about(
    spec: ImportSpec, sample: Sample, layout: Layout, columns: Sequence[CellCollector], cells: Sequence[Cells]
) -> Iterator[Repair]:
    """Yield what was guessed of the numbers though it could be guessed otherwise."""
    doubt = doubt_about((cell for row in sample.rows for cell in row), spec.numerals)
    if doubt:
        yield Repair(None, f"Nothing in the file says how its numbers are written: {doubt}.")
    for name, column, found in zip(layout.names, columns, cells, strict=True):
        if isinstance(found, CodedText) and column.is_free:
            yield from _other_numerals(name, found, spec.numerals)


def cell_repairs(name: str, column: CellCollector, lines: NDArray[np.int64]) -> Iterator[Repair]:
    """Yield what concerns the cells of one column.

    Parameters
    ----------
    name : str
    column : CellCollector
    lines : ndarray of int64, shape (n_rows,)
        1-based line of each row.
    """
    if column.signed.count:
        yield from _sign_repairs(name, column.signed, lines)
    count = column.unreadable.count
    if count:
        what = "1 cell is no finite number" if count == 1 else f"{count:,} cells are no finite numbers"
        what = f"Column {name!r}: {what} ({texts_shown(column.unreadable)}): read as missing"
        yield repair_in(what, lines[column.unreadable.rows].tolist(), count)


def texts_shown(noted: Noted) -> str:
    """Return the most frequent texts of cells that a person should know of."""
    return ", ".join(repr(text[:40]) for text, _ in noted.texts.most_common(MAX_TEXTS_SHOWN))


def _other_numerals(name: str, cells: CodedText, numerals: Numerals) -> Iterator[Repair]:
    """Yield that text would be numbers if they were written with the other decimal mark."""
    decimal = "," if numerals.decimal == "." else "."
    other = Numerals(decimal, None if numerals.thousands == decimal else numerals.thousands)
    levels = cells.levels[:MAX_LEVELS_TRIED]
    numbers = [level for level in levels if other.parse(level) is not None]
    marked = [level for level in numbers if numerals.parse(level) is None]
    if marked and len(numbers) >= NUMERIC_SHARE * len(levels):
        here, there = ("comma", "point") if decimal == "," else ("point", "comma")
        what = f"Column {name!r}: {marked[0]!r} and alike seem to have a decimal {here}, the file a {there}: read as text."
        yield Repair(None, what)


def _sign_repairs(name: str, signed: Noted, lines: NDArray[np.int64]) -> Iterator[Repair]:
    signs = set(signed.texts)
    rows = tuple(lines[signed.rows].tolist())
    left_out = sorted(signs - {"()"})
    if left_out:
        several = ", so that amounts of different kinds look alike" if len(left_out) > 1 else ""
        what = f"Column {name!r}: percent and currency signs ({', '.join(left_out)}) are left out of the numbers{several}."
        yield Repair(rows[0], what, rows)
    if "()" in signs:
        n_cells = signed.texts["()"]
        what = f"Column {name!r}: {n_cells:,} {'number' if n_cells == 1 else 'numbers'} in brackets: read as negative."
        yield Repair(rows[0], what, rows)
