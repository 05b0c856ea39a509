"""The one parser: pandas' C engine, given resolved options only, a block at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.import_spec import ImportSpec

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS_CODED_HERE = 200
"""A short column is coded faster without calling pandas: some tables have thousands of them."""
_ZERO, _NINE = ord("0"), ord("9")


def parse_block(text: bytes, spec: ImportSpec, width: int, as_text: Collection[int]) -> pd.DataFrame:
    """Return a block of rows as columns; those `as_text` hold strings, the others what the parser makes of them.

    The parser is not told the thousands mark: it would take "1,2,3" for 123.
    """
    import pandas as pd

    types: Any = object if len(as_text) == width else dict.fromkeys(as_text, object)
    frame: pd.DataFrame = pd.read_csv(io.BytesIO(text), names=range(width), dtype=types, low_memory=False, **_options(spec))
    return frame


def parse_columns(text: bytes, spec: ImportSpec, width: int, columns: Collection[int]) -> pd.DataFrame:
    """Return single columns of a block as strings."""
    import pandas as pd

    frame: pd.DataFrame = pd.read_csv(
        io.BytesIO(text), names=range(width), usecols=sorted(columns), dtype=object, **_options(spec)
    )
    return frame


def coded(cells: NDArray[np.object_]) -> tuple[NDArray[np.int64], list[object]]:
    """Return the position of each cell among the distinct ones (-1 where missing), and those as they come."""
    import pandas as pd

    if len(cells) > MAX_ROWS_CODED_HERE:
        codes, texts = pd.factorize(cells)
        return codes.astype(np.int64, copy=False), list(texts)
    known: dict[object, int] = {}
    positions = [known.setdefault(cell, len(known)) if isinstance(cell, str) else -1 for cell in cells]
    return np.array(positions, dtype=np.int64), list(known)


def columns_with_leading_zeros(text: bytes, spec: ImportSpec) -> set[int] | None:
    """Return the columns with a cell that starts with 0 and another digit; None where it can't be told which they are."""
    data = np.frombuffer(b"\n" + text, dtype=np.uint8)
    borders = [ord(mark) for mark in {spec.delimiter, "\n", " ", spec.quote or "\n"}]
    before, zero, behind = data[:-2], data[1:-1], data[2:]
    candidates = (zero == _ZERO) & (behind >= _ZERO) & (behind <= _NINE)
    candidates &= _is_one_of(before, [*borders, *map(ord, "+-")])
    found = np.flatnonzero(candidates)  # in `text`, as `data` has one byte more at its start
    if not len(found):
        return set()
    signed = ~_is_one_of(data[found], borders)
    found = found[~signed | _is_one_of(data[found - 1], borders)]
    if not len(found):
        return set()
    if spec.quote is not None and spec.quote.encode() in text:
        return None
    delimiters = np.flatnonzero(data[1:] == ord(spec.delimiter))
    feeds = np.flatnonzero(data[1:] == ord("\n"))
    row_starts = np.concatenate([[0], feeds + 1])[np.searchsorted(feeds, found)]
    columns = np.searchsorted(delimiters, found) - np.searchsorted(delimiters, row_starts)
    return set(np.unique(columns).tolist())


def _is_one_of(data: NDArray[np.uint8], marks: list[int]) -> NDArray[np.bool_]:
    found = np.zeros(len(data), dtype=bool)
    for mark in marks:  # a comparison each is much quicker than a table of marks
        found |= data == mark
    return found


def _options(spec: ImportSpec) -> dict[str, Any]:
    return {
        "sep": spec.delimiter,
        "header": None,
        "index_col": False,
        "na_values": list(spec.missing),
        "keep_default_na": False,
        "decimal": spec.decimal,
        "quotechar": spec.quote or '"',
        "quoting": csv.QUOTE_NONE if spec.quote is None else csv.QUOTE_MINIMAL,
        "skipinitialspace": True,
        "skip_blank_lines": False,
        "engine": "c",
        "encoding": "utf-8",
    }
