"""A CSV file as a table: every row and cell accounted for, every repair told."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.data.blocks import LONG, SHORT, Block, BlockReader
from engine.data.cells import CellCollector, Cells, text_of
from engine.data.dialect import first_rows, sniff
from engine.data.errors import DataError, ReadingCancelled
from engine.data.header import Layout, layout_of
from engine.data.import_spec import ImportSpec
from engine.data.repairs import Repair, RepairLog
from engine.data.rows import open_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Repair", "Table", "read_table"]

MAX_MISFIT_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Table:
    """The data of a CSV file.

    Attributes
    ----------
    name : str
        The file's name.
    names : tuple of str
        One for each column, all different.
    columns : tuple of ndarray of float64 or CodedText, each of length n_rows
        Numbers (NaN where missing) or text.
    n_rows : int
        Data rows kept.
    spec : ImportSpec
        How the file was read.
    repairs : tuple of Repair
        What was mended, in the order of the lines.
    """

    name: str
    names: tuple[str, ...]
    columns: tuple[Cells, ...]
    n_rows: int
    spec: ImportSpec
    repairs: tuple[Repair, ...] = ()

    @cached_property
    def report(self) -> str:
        """One line for people: size, and what was mended."""
        size = f"{self.n_rows:,} {'row' if self.n_rows == 1 else 'rows'}, {len(self.names):,} columns."
        return " ".join([size, *(repair.what for repair in self.repairs)])

    def preview(self, n_rows: int = 200) -> list[list[str]]:
        """Return the first rows as text, empty where a value is missing."""
        return [[text_of(cells, row) for cells in self.columns] for row in range(min(n_rows, self.n_rows))]


def read_table(
    path: Path | str,
    spec: ImportSpec | None = None,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Table:
    """Read a CSV file.

    Parameters
    ----------
    path : path or str
    spec : ImportSpec, optional
        How to read it; recognised from the file where not given.
    progress : callable, optional
        Called with the share of the file that is read, 0 to 1.
    cancelled : callable, optional
        Asked now and then; reading stops when it returns True.

    Raises
    ------
    DataError
        When the file is no table of text; the sentence says why and where.
    ReadingCancelled
        When `cancelled` returned True.
    """
    path = Path(path)
    spec = sniff(path) if spec is None else spec
    layout = layout_of(first_rows(path, spec), header=spec.header)
    as_text: frozenset[int] = frozenset()
    while True:
        reading = _Reading(path, spec, layout, as_text)
        reading.read(progress, cancelled)
        failed = frozenset(index for index, column in enumerate(reading.columns) if column.failed)
        if not failed:
            return reading.table()
        as_text |= failed  # the first rows were numbers, too many of the later ones are not: read once more


class _Reading:
    """One pass over the file."""

    def __init__(self, path: Path, spec: ImportSpec, layout: Layout, as_text: frozenset[int]) -> None:
        self.path, self.spec, self.layout = path, spec, layout
        self.columns = [CellCollector(spec.numerals, spec.missing, as_text=index in as_text) for index in range(layout.width)]
        self.log = RepairLog()
        self.lines: list[np.ndarray[Any, np.dtype[np.int64]]] = []

    def read(self, progress: Callable[[float], None] | None, cancelled: Callable[[], bool] | None) -> None:
        size = max(self.path.stat().st_size, 1)
        with open_text(self.path, self.spec) as stream:
            for block in BlockReader(stream, self.path, self.spec, self.layout.width, self.log):
                if cancelled is not None and cancelled():
                    raise ReadingCancelled
                self._add(block)
                if progress is not None:
                    progress(min(stream.buffer.tell() / size, 1.0))
        self._refuse_ragged()

    def table(self) -> Table:
        cells = tuple(column.cells() for column in self.columns)
        n_rows = sum(len(lines) for lines in self.lines)
        return Table(self.path.name, self.layout.names, cells, n_rows, self.spec, self._repairs())

    def _add(self, block: Block) -> None:
        lines = np.fromiter(block.lines, dtype=np.int64)
        frame = _parse(block.text, self.spec, self.layout.width, self._types())
        if len(frame) != len(lines):
            raise DataError(
                f"{len(lines):,} rows were counted here, but {len(frame):,} read",
                path=self.path,
                line=int(lines[0]),
                remedy="look for quotation marks inside cells near this line, or choose another quotation mark",
            )
        for index, column in enumerate(self.columns):
            cells = frame[index]
            if cells.dtype.kind in "iuf":
                column.add_numbers(cells.to_numpy(dtype=np.float64))
            else:
                column.add_strings(cells.to_numpy(dtype=object))
        self.lines.append(lines)

    def _types(self) -> dict[int, type]:
        """Return the columns to read as text; in the others the parser converts what it takes for numbers.

        It is not told the thousands mark: it would take "1,2,3" for 123. A block with such marks comes as text, too.
        """
        return {index: object for index, column in enumerate(self.columns) if not column.numeric}

    def _refuse_ragged(self) -> None:
        misfits = self.log[SHORT] + self.log[LONG]
        n_rows = sum(len(lines) for lines in self.lines)
        if misfits > max(1.0, MAX_MISFIT_SHARE * n_rows):
            as_header = ", as the header has" if self.spec.header else ""
            first = min(line for line in (self.log.first_line(SHORT), self.log.first_line(LONG)) if line is not None)
            raise DataError(
                f"{misfits:,} of {n_rows:,} rows do not have {self.layout.width} cells{as_header}, so this is no table",
                path=self.path,
                line=first,
                remedy="choose another delimiter or mend the file",
            )

    def _repairs(self) -> tuple[Repair, ...]:
        skipped = self.spec.skip_lines
        before = [Repair(1, f"{skipped} {'line' if skipped == 1 else 'lines'} before the table: skipped.")] if skipped else []
        names = [Repair(skipped + 1, f"{what[:1].upper()}{what[1:]}.") for what in self.layout.renamed]
        cells = [repair for pair in zip(self.layout.names, self.columns, strict=True) for repair in self._cell_repairs(*pair)]
        return (*before, *names, *self.log.repairs(), *cells)

    def _cell_repairs(self, name: str, column: CellCollector) -> Iterator[Repair]:
        if column.signs_left_out:
            yield Repair(None, f"Column {name!r}: percent and currency signs are left out of the numbers.")
        row = column.first_unreadable_row
        if row is not None:
            count = sum(column.unreadable.values())
            shown = ", ".join(repr(text[:40]) for text, _ in column.unreadable.most_common(3))
            what = "1 cell is no finite number" if count == 1 else f"{count:,} cells are no finite numbers"
            yield Repair(int(np.concatenate(self.lines)[row]), f"Column {name!r}: {what} ({shown}): read as missing.")


def _parse(text: str, spec: ImportSpec, width: int, types: dict[int, type]) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(
        io.StringIO(text),
        sep=spec.delimiter,
        header=None,
        names=range(width),
        index_col=False,
        dtype=types,
        na_values=list(spec.missing),
        keep_default_na=False,
        decimal=spec.decimal,
        quotechar=spec.quote or '"',
        quoting=csv.QUOTE_NONE if spec.quote is None else csv.QUOTE_MINIMAL,
        skipinitialspace=True,
        skip_blank_lines=False,
        low_memory=False,
        engine="c",
    )
