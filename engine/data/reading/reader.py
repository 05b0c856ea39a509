"""From a file and a resolved specification to columns: one pass, and a second one where numbers turned out to be text."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CellCollector, Cells
from engine.data.errors import DataError, ReadingCancelled
from engine.data.import_spec import ImportSpec, Kind
from engine.data.reading.blocks import Block, BlockReader
from engine.data.reading.mending import LONG, SHORT
from engine.data.reading.parsing import coded, columns_to_look_at, parse_block, parse_columns
from engine.data.reading.rows import parsed_as
from engine.data.reading.telling import cell_repairs, doubts_about, file_repairs, texts_shown
from engine.data.reading.text_blocks import TextBlocks, open_text
from engine.data.recognition.header import Layout, layout_of
from engine.data.recognition.sample import Sample, read_sample
from engine.data.repairs import Repair, RepairLog

if TYPE_CHECKING:
    import pandas as pd

MAX_MISFIT_SHARE = 0.5
_TEXT_KINDS: tuple[Kind, ...] = ("text", "category", "identifier", "date")


@dataclass(frozen=True)
class Request:
    """What is to be read, and whom to tell.

    Attributes
    ----------
    path : Path
    progress : callable or None
        Called with the share of the file that is read, 0 to 1.
    cancelled : callable or None
        Asked now and then; reading stops when it returns True.
    max_rows : int or None
        Read the first rows only.
    is_guessed : bool
        Whether nobody has looked at the specification: then what could be read in another way is told.
    """

    path: Path
    progress: Callable[[float], None] | None = None
    cancelled: Callable[[], bool] | None = None
    max_rows: int | None = None
    is_guessed: bool = False


@dataclass(frozen=True)
class ReadColumns:
    """The columns of a file, as `Table` has them."""

    names: tuple[str, ...]
    columns: tuple[Cells, ...]
    n_rows: int
    repairs: tuple[Repair, ...]
    complete: bool


def read_columns(request: Request, spec: ImportSpec) -> ReadColumns:
    """Read the file.

    Raises
    ------
    DataError
        When it is no table of text.
    ReadingCancelled
        When the caller asked for it.
    """
    sample = read_sample(request.path, spec)
    layout = layout_of(sample.with_header, header=spec.header)
    as_text = _chosen_kinds(request.path, spec, layout)
    while True:
        reading = _Reading(request, spec, sample, layout, as_text)
        reading.read()
        failed = {index: True for index, column in enumerate(reading.columns) if column.failed}
        if not failed:
            return reading.finished()
        as_text |= failed  # the first rows were numbers, too many of the later ones are not: read once more


def _chosen_kinds(path: Path, spec: ImportSpec, layout: Layout) -> dict[int, bool]:
    """Return for each column whose kind a person chose whether it is text."""
    chosen: dict[int, bool] = {}
    for column in spec.columns:
        if column.name not in layout.names:
            shown = ", ".join(repr(name) for name in layout.names[:8])
            raise DataError(f"there is no column {column.name!r}", path=path, remedy=f"the columns are {shown}")
        if column.kind in _TEXT_KINDS or column.kind == "numeric":
            chosen[layout.names.index(column.name)] = column.kind != "numeric"
    return chosen


@dataclass
class _Reading:
    """One pass over the file."""

    request: Request
    spec: ImportSpec
    sample: Sample
    layout: Layout
    as_text: dict[int, bool]
    columns: list[CellCollector] = field(init=False)
    log: RepairLog = field(default_factory=RepairLog)
    lines: list[NDArray[np.int64]] = field(default_factory=list)
    n_rows: int = 0
    complete: bool = True

    def __post_init__(self) -> None:
        numerals, missing = self.spec.numerals, self.spec.missing
        self.columns = [CellCollector(numerals, missing, as_text=self.as_text.get(index)) for index in range(self.layout.width)]

    def read(self) -> None:
        path, spec = self.request.path, self.spec
        with open_text(path, spec) as blocks:
            reader = BlockReader(blocks, path, spec, self.layout.width, self.sample.data_line, self.log, self.request.max_rows)
            for block in reader:
                if self.request.cancelled is not None and self.request.cancelled():
                    raise ReadingCancelled
                self._add(block)
                self._tell_progress(blocks)
            self.complete = reader.complete
        self._refuse_ragged()
        if self.request.max_rows is None:  # the first rows show, with their repairs, what is to be changed
            self._refuse_without_numbers()

    def finished(self) -> ReadColumns:
        cells = tuple(column.cells() for column in self.columns)
        lines = np.concatenate(self.lines) if self.lines else np.empty(0, dtype=np.int64)
        of_cells = [
            repair
            for name, column in zip(self.layout.names, self.columns, strict=True)
            for repair in cell_repairs(name, column, lines)
        ]
        of_file = file_repairs(self.request.path, self.spec, self.sample, self.layout)
        doubts = doubts_about(self.spec, self.sample, self.layout, self.columns, cells) if self.request.is_guessed else ()
        repairs = (*of_file, *doubts, *self.log.repairs(), *of_cells)
        return ReadColumns(self.layout.names, cells, self.n_rows, repairs, self.complete)

    def _add(self, block: Block) -> None:
        """Parse a block and give each column its cells: numbers where that is safe, else the cells as they are written."""
        plain = {index for index, column in enumerate(self.columns) if column.reads_plain_numbers}
        spec = parsed_as(self.spec)
        texts = [index for index in range(self.layout.width) if index not in plain]
        frame = parse_block(block.text, spec, self.layout.width, texts)
        self._check_count(block, len(frame))
        odd = self._not_plain(block, frame, plain) if plain else set()
        written = _columns_of_text(frame, texts)
        if odd:
            written |= _columns_of_text(parse_columns(block.text, spec, self.layout.width, odd), odd)
        for index, column in enumerate(self.columns):
            if index in written:
                column.add_texts(*coded(written[index]))
            else:
                column.add_numbers(frame[index].to_numpy(dtype=np.float64))
        self.lines.append(block.lines)
        self.n_rows += len(block.lines)

    def _not_plain(self, block: Block, frame: pd.DataFrame, plain: set[int]) -> set[int]:
        """Return the columns of numbers in which this block has something to look at: words, codes, infinite numbers."""
        odd = columns_to_look_at(block.text, parsed_as(self.spec), plain)
        for index in plain - odd:
            cells = frame[index]
            if cells.dtype.kind not in "iuf" or not self.columns[index].takes(cells.to_numpy()):
                odd = odd | {index}
        return odd

    def _check_count(self, block: Block, n_parsed: int) -> None:
        if n_parsed != len(block.lines):
            raise DataError(
                f"{len(block.lines):,} rows were counted here, but {n_parsed:,} read",
                path=self.request.path,
                line=int(block.lines[0]),
                remedy="look for quotation marks inside cells near this line, or choose another quotation mark",
            )

    def _tell_progress(self, blocks: TextBlocks) -> None:
        share = blocks.share
        if len(self.lines) == 1 and self.request.max_rows is None:
            expected = min(int(self.n_rows / max(share, 1e-6) * 1.05), 200_000_000)
            for column in self.columns:
                column.reserve(expected)
        if self.request.progress is not None:
            self.request.progress(share)

    def _refuse_ragged(self) -> None:
        misfits = self.log[SHORT] + self.log[LONG]
        if misfits > max(1.0, MAX_MISFIT_SHARE * self.n_rows):
            as_header = ", as the header has" if self.spec.header else ""
            first = min(line for line in (self.log.first_line(SHORT), self.log.first_line(LONG)) if line is not None)
            raise DataError(
                f"{misfits:,} of {self.n_rows:,} rows do not have {self.layout.width} cells{as_header}, so this is no table",
                path=self.request.path,
                line=first,
                remedy="choose another delimiter or mend the file",
            )

    def _refuse_without_numbers(self) -> None:
        """Refuse a column that a person takes for numbers though all it holds is something else."""
        for name, column in zip(self.layout.names, self.columns, strict=True):
            if not column.is_free and column.has_no_number:
                raise DataError(
                    f"it is chosen to be numeric, and none of its cells is a finite number ({texts_shown(column.unreadable)})",
                    path=self.request.path,
                    line=int(np.concatenate(self.lines)[column.unreadable.rows[0]]),
                    column=name,
                    remedy="choose category or text for it",
                )


def _columns_of_text(frame: pd.DataFrame, chosen: Collection[int]) -> dict[int, NDArray[np.object_]]:
    """Return columns of a frame as arrays; all of them at once where all are wanted, which is much quicker for thousands."""
    if len(chosen) == frame.shape[1]:
        cells = frame.to_numpy(dtype=object)
        return {int(name): cells[:, place] for place, name in enumerate(frame.columns)}
    return {index: frame[index].to_numpy(dtype=object) for index in chosen}
