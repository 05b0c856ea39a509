"""A CSV file as a table: every row and cell accounted for, every repair told."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.data.cells import Cells, text_of
from engine.data.import_spec import ImportSpec
from engine.data.reading.reader import Request, read_columns
from engine.data.recognition.dialect import recognise
from engine.data.recognition.encoding import UndecodableError, check_encoding
from engine.data.repairs import Repair

__all__ = ["Repair", "Table", "read_table"]


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
    complete: bool = True

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
    *,
    max_rows: int | None = None,
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
    max_rows : int, optional
        Read the first rows only, as many as this.

    Raises
    ------
    DataError
        When the file is no table of text; the sentence says why and where.
    ReadingCancelled
        When `cancelled` returned True.
    """
    path = Path(path)
    request = Request(path, progress, cancelled, max_rows)
    if spec is not None:
        spec.check(path)
        check_encoding(path, spec.encoding, spec.compression)
        return _read(request, spec)
    request = dataclasses.replace(request, is_guessed=True)
    spec = recognise(path, cancelled=cancelled).spec
    try:
        return _read(request, spec)
    except UndecodableError:
        if spec.encoding != "utf-8":
            raise
    # Only the beginning of a large file was looked at for its characters, and beyond it they are not UTF-8.
    return _read(request, recognise(path, encoding="cp1252", cancelled=cancelled).spec)


def _read(request: Request, spec: ImportSpec) -> Table:
    read = read_columns(request, spec)
    return Table(request.path.name, read.names, read.columns, read.n_rows, spec, read.repairs, read.complete)
