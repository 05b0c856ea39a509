"""What can go wrong with data, said in one sentence: what, where, and what to do."""

from __future__ import annotations

from pathlib import Path


class DataError(ValueError):
    """The data can't be used as they are.

    Parameters
    ----------
    what : str
        What happened, without a full stop.
    path : path or str, optional
        The file.
    line : int, optional
        1-based line of the file.
    column : str, optional
        Name of the column.
    remedy : str, optional
        What to do about it, without a full stop.
    """

    def __init__(
        self,
        what: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        column: str | None = None,
        remedy: str = "",
    ) -> None:
        super().__init__(what)
        self.what = what
        self.path = path
        self.line = line
        self.column = column
        self.remedy = remedy

    def __str__(self) -> str:
        places = [
            Path(self.path).name if self.path is not None else "",
            f"line {self.line:,}" if self.line is not None else "",
            f"column {self.column!r}" if self.column is not None else "",
        ]
        where = ", ".join(place for place in places if place)
        sentence = f"{where}: {self.what}" if where else self.what[:1].upper() + self.what[1:]
        return f"{sentence}; {self.remedy}." if self.remedy else f"{sentence}."


class ReadingCancelled(Exception):
    """Reading a file was stopped because the caller asked for it."""
