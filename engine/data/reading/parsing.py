"""The one parser: pandas' C engine, given resolved options only, a block at a time."""

from __future__ import annotations

import csv
import io
import re
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
_SPACED_EXPONENT = re.compile(rb"\+[0-9.,]+[eE][ \t\v\f\r]")


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


def columns_to_look_at(text: bytes, spec: ImportSpec, columns: set[int]) -> set[int]:
    """Return those of `columns` in which the parser may take something for a number that is none.

    That is digits with leading zeros, which are a code, and a sign, digits and an exponent behind a space ("+2E 2").
    """
    found = np.concatenate([_leading_zeros(text, spec), _spaced_exponents(text)])
    if not len(found):
        return set()
    if spec.quote is not None and spec.quote.encode() in text:
        return columns  # delimiters and line feeds inside of cells are not told from others here
    return columns & _columns_at(text, spec.delimiter, found)


def _leading_zeros(text: bytes, spec: ImportSpec) -> NDArray[np.int64]:
    """Return where a cell starts with 0 and another digit."""
    data = np.frombuffer(b"\n" + text, dtype=np.uint8)
    borders = [ord(mark) for mark in {spec.delimiter, "\n", " ", spec.quote or "\n"}]
    before, zero, behind = data[:-2], data[1:-1], data[2:]
    candidates = (zero == _ZERO) & (behind >= _ZERO) & (behind <= _NINE)
    candidates &= _is_one_of(before, [*borders, *map(ord, "+-")])
    found = np.flatnonzero(candidates)  # in `text`, as `data` has one byte more at its start
    signed = ~_is_one_of(data[found], borders)
    return found[~signed | _is_one_of(data[found - 1], borders)]


def _spaced_exponents(text: bytes) -> NDArray[np.int64]:
    """Return where the parser would pass over spaces within a number, which it does behind a plus sign only."""
    matches = _SPACED_EXPONENT.finditer(text) if b"+" in text else ()
    return np.array([found.start() for found in matches], dtype=np.int64)


def _columns_at(text: bytes, delimiter: str, found: NDArray[np.int64]) -> set[int]:
    """Return the columns of the bytes at the offsets `found`."""
    data = np.frombuffer(text, dtype=np.uint8)
    delimiters = np.flatnonzero(data == ord(delimiter))
    feeds = np.flatnonzero(data == ord("\n"))
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
