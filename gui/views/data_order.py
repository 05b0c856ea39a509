"""In which order a table's rows stand: always stable, missing values last.

A stable sort of row numbers by 64-bit keys is done as two sorts of plain 64-bit words, each 32 bits of key above 32 bits of
place: NumPy sorts such words with vector instructions, which takes less than half the time of `argsort`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns.column import Column
from gui.views.data_rows import LEFT_OUT, DataRows
from gui.views.data_text_order import text_ranks

Keys = NDArray[np.uint64]
Rows = NDArray[np.int64]

WORST_ROWS = 100

_SIGN = np.uint64(1 << 63)
_LOW = np.uint64(0xFFFF_FFFF)
_HALF = np.uint64(32)
_LAST = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def column_order(column: Column, *, descending: bool = False, ranks: Rows | None = None) -> Rows:
    """Return the rows by a column's values: numbers by value, text by text, missing last, equal ones by their row number.

    Parameters
    ----------
    column : Column
    descending : bool
    ranks : ndarray of int64, shape (n_levels,), or None
        Of the column's texts, where `text_ranks` found them before.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
    """
    values = column.values
    if isinstance(values, CodedText):
        ranks = text_ranks(values.levels) if ranks is None else ranks
        keys = np.append(ranks + 1, 0).astype(np.uint64)[values.codes]  # the last one is for the code -1
        return stable_order(_directed(keys, values.codes < 0, descending=descending))
    return stable_order(_directed(number_keys(values), np.isnan(values), descending=descending))


def loss_order(rows: DataRows, *, descending: bool = False) -> Rows:
    """Return the rows by their loss: what is not finite counts as the largest, rows without a loss come last."""
    absent = rows.parts == LEFT_OUT
    if rows.losses is None:
        return np.arange(rows.n_rows, dtype=np.int64)
    losses = np.where(np.isfinite(rows.losses), rows.losses, np.float32(np.inf))
    keys = number_keys(losses.astype(np.float64))
    return stable_order(_directed(keys, absent, descending=descending))


def code_order(codes: NDArray[np.integer], *, descending: bool = False) -> Rows:
    """Return the rows by whole numbers from 0 on."""
    keys = codes.astype(np.uint64) + np.uint64(1)
    return stable_order(_directed(keys, np.zeros(len(keys), dtype=bool), descending=descending))


def worst_rows(rows: DataRows) -> NDArray[np.bool_]:
    """Return which rows are the `WORST_ROWS` with the largest loss, shape (n_rows,); none where no losses are known."""
    worst = np.zeros(rows.n_rows, dtype=bool)
    if rows.losses is None:
        return worst
    losses = np.where(np.isfinite(rows.losses), rows.losses, np.float32(np.inf))
    losses[rows.parts == LEFT_OUT] = -np.inf
    count = min(WORST_ROWS, rows.n_rows - rows.counts[LEFT_OUT])
    if count:
        worst[np.argpartition(losses, -count)[-count:]] = True
    return worst


def number_keys(values: NDArray[np.float64]) -> Keys:
    """Return whole numbers in the order of the values (which are not NaN)."""
    bits = (values + 0.0).view(np.uint64)  # -0.0 and 0.0 are the same number
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def stable_order(keys: Keys) -> Rows:
    """Return the places of the keys in ascending order, equal keys in the order they stand in.

    Parameters
    ----------
    keys : ndarray of uint64, shape (n_rows,)
        At most 2**32 of them.
    """
    places = np.arange(len(keys), dtype=np.uint64)
    order: Keys | None = None
    for half in (keys & _LOW, keys >> _HALF):
        if not len(half) or half.min() == half.max():
            continue
        words = ((half if order is None else half[order]) << _HALF) | places
        words.sort()
        found = words & _LOW
        order = found if order is None else order[found]
    return (places if order is None else order).astype(np.int64)


def _directed(keys: Keys, absent: NDArray[np.bool_], *, descending: bool) -> Keys:
    """Return keys to sort by in ascending order, the absent ones last; 0 must not be a key, as its opposite is theirs."""
    keys = ~keys if descending else keys
    return np.where(absent, _LAST, keys)
