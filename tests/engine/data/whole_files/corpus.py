"""What a file of the corpus is: its bytes, and the table that a careful person would read from them.

The expected values are written out beside each file; nothing here asks the reader what it thinks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.data.import_spec import ImportSpec
from engine.data.repairs import Repair

Cell = float | int | str | None


@dataclass(frozen=True)
class Told:
    """A repair that has to be in the report: a pattern of its sentence and its lines (empty: whichever)."""

    pattern: str
    lines: tuple[int, ...] = ()

    def matches(self, repair: Repair) -> bool:
        """Say whether `repair` is the one, with the same lines."""
        if re.search(self.pattern, repair.what, re.IGNORECASE) is None:
            return False
        return not self.lines or (tuple(repair.lines) == self.lines and repair.line == self.lines[0])


@dataclass(frozen=True)
class Case:
    """A file that has to be read.

    Attributes
    ----------
    name : str
        What the file shows.
    content : bytes
    columns : dict of str to sequence
        Name -> cells: numbers, text, or None where missing; a column holds numbers or text, not both.
    told : tuple of Told
        The repairs, all of them.
    may_tell : str
        Pattern of what may be told besides.
    spec : dict
        Fields of the recognised import specification.
    kinds : dict of str to str
        Kinds of single columns.
    file_name : str
    given : ImportSpec or None
        How to read it; None leaves it to recognition.
    """

    name: str
    content: bytes
    columns: Mapping[str, Sequence[Cell]]
    told: tuple[Told, ...] = ()
    may_tell: str = "(?!)"
    spec: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    file_name: str = "table.csv"
    given: ImportSpec | None = None


@dataclass(frozen=True)
class Refusal:
    """A file that has to be refused in a sentence.

    Attributes
    ----------
    name : str
    content : bytes
    says : str
        Pattern that the sentence has.
    line : int or None
        The line it names; None where the whole file is meant.
    """

    name: str
    content: bytes
    says: str
    line: int | None = None
    file_name: str = "table.csv"
    given: ImportSpec | None = None


def by_name(cases: Sequence[Case] | Sequence[Refusal]) -> pytest.MarkDecorator:
    """Return the mark that runs a test once for each of `cases`."""
    names = [case.name for case in cases]
    assert len(names) == len(set(names)), "two files of the corpus have the same name"
    return pytest.mark.parametrize("case", cases, ids=names)


def text(*lines: str, end: str = "\n") -> str:
    """Return the lines, each closed by a line end."""
    return "".join(line + end for line in lines)


def file_of(*lines: str, end: str = "\n", encoding: str = "utf-8") -> bytes:
    """Return a file of these lines."""
    return text(*lines, end=end).encode(encoding)


def write(folder: Path, content: bytes, file_name: str = "table.csv") -> Path:
    """Write `content` into a file of `folder`."""
    path = folder / file_name
    path.write_bytes(content)
    return path


CITIES: Mapping[str, Sequence[Cell]] = {
    "Stadt": ("Zürich", "Genève", "Málaga", "Köln", "Århus", "Zürich", "Genève", "Málaga", "Köln", "Århus"),
    "Höhe": (408.5, 375.25, 11, 53.5, 15.75, 409, 376.5, 12.25, 54, 16.5),
    "Fläche": (88, 16, 398, 405, 91, 87, 17, 399, 406, 92),
}
"""A plain table: text that is not ASCII, numbers with and without a fraction."""


def cities(delimiter: str = ",", end: str = "\n") -> str:
    """Return the plain table as text."""
    rows = zip(*CITIES.values(), strict=True)
    return text(delimiter.join(CITIES), *(delimiter.join(str(cell) for cell in row) for row in rows), end=end)


N_ROWS = 30
X: Sequence[Cell] = [n * 7 % 11 + 0.25 for n in range(N_ROWS)]
Y: Sequence[Cell] = [n * 5 % 13 for n in range(N_ROWS)]
W: Sequence[Cell] = [("red", "light green", "blue")[n % 3] for n in range(N_ROWS)]
TABLE: Mapping[str, Sequence[Cell]] = {"x": X, "y": Y, "w": W}
"""Another plain table: fractions, whole numbers, words."""


def rows(delimiter: str = ",", after: str = "", word: str = "{}") -> list[str]:
    """Return its data rows; `word` is how a word is written, `after` what follows the last cell."""
    return [delimiter.join([str(x), str(y), word.format(w)]) + after for x, y, w in zip(X, Y, W, strict=True)]


def file_with(header: str = "x,y,w", *, before: Sequence[str] = (), after: Sequence[str] = (), **changes: str) -> bytes:
    """Return its file with other lines around it; `row_5="..."` replaces the line of row 5, which is line 7."""
    lines = rows()
    for name, line in changes.items():
        lines[int(name.removeprefix("row_"))] = line
    return file_of(*before, header, *lines, *after)


def changed(column: str, **cells: Cell) -> dict[str, Sequence[Cell]]:
    """Return the table with other cells in one column."""
    cells_now = list(TABLE[column])
    for name, cell in cells.items():
        cells_now[int(name.removeprefix("row_"))] = cell
    return {**TABLE, column: cells_now}


def without(*left_out: int) -> dict[str, list[Cell]]:
    """Return the table without some rows."""
    return {name: [cell for n, cell in enumerate(cells) if n not in left_out] for name, cells in TABLE.items()}


def renamed(*names: str) -> dict[str, Sequence[Cell]]:
    """Return the table under other names."""
    return dict(zip(names, (X, Y, W), strict=True))


def column_file(*cells: str, delimiter: str = ",", name: str = "x", encoding: str = "utf-8") -> bytes:
    """Return a file with a column of these cells beside a column that counts 1.5, 2.5, ... as its decimal mark has it."""
    mark = "," if delimiter == ";" else "."
    rows = (f"{cell}{delimiter}{number}{mark}5" for number, cell in enumerate(cells, start=1))
    return file_of(f"{name}{delimiter}count", *rows, encoding=encoding)


def column_table(*cells: Cell, name: str = "x") -> dict[str, list[Cell]]:
    return {name: list(cells), "count": [number + 0.5 for number in range(1, len(cells) + 1)]}
