"""A column at a glance: how its values are spread, which come most often, what is missing."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText, number_text
from engine.data.columns.cautions import cautions
from engine.data.columns.column import Column, count_distinct
from engine.data.import_spec import Kind

__all__ = ["ColumnProfile", "cautions", "class_balance", "profile"]

MAX_BINS = 20
MAX_LEVELS = 12
MAX_WHOLE_RANGE = 1e6
"""Beyond it a bin holds so many whole numbers that its limits need not be halves."""
LARGEST_FLOAT = sys.float_info.max
LARGEST_HALF = 2.0**52
"""Floats beyond it are all whole."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ColumnProfile:
    """How the values of a column are spread.

    Attributes
    ----------
    name : str
    kind : str
    n_rows, missing, distinct : int
        Of the rows looked at.
    counts : tuple of int
        Values in each bin of the histogram; empty for text.
    edges : tuple of float
        Limits of the bins, one more than there are counts: a value on a limit belongs to the bin after it, the largest to the
        last. Bins of whole numbers have a whole width, 1 where there are few. Dates in the unit of the column.
    levels : tuple of (str, int)
        The most frequent values and how often they come, twelve at most; none for measurements and dates.
    smallest, largest, mean : float or None
        None for text and where there is no value. Dates in the unit of the column.
    """

    name: str
    kind: Kind
    n_rows: int
    missing: int
    distinct: int
    counts: tuple[int, ...] = ()
    edges: tuple[float, ...] = ()
    levels: tuple[tuple[str, int], ...] = ()
    smallest: float | None = None
    largest: float | None = None
    mean: float | None = None


def profile(column: Column, rows: NDArray[np.int64] | None = None) -> ColumnProfile:
    """Return how the values of a column are spread, over all its rows or over some.

    Parameters
    ----------
    column : Column
    rows : ndarray of int64, optional
        0-based positions of the rows to look at.
    """
    values = column.values
    if isinstance(values, CodedText):
        return _profile_of_text(column, values.codes if rows is None else values.codes[rows], values.levels)
    return _profile_of_numbers(column, values if rows is None else values[rows], everything=rows is None)


def class_balance(column: Column) -> tuple[tuple[str, int], ...]:
    """Return every value of a column and how many rows have it, the most frequent first; of equal ones the first in order."""
    values = column.values
    if isinstance(values, CodedText):
        counts = np.bincount(values.codes[values.codes >= 0], minlength=len(values.levels))
        pairs = zip(values.levels, counts.tolist(), strict=True)
        return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
    numbers, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return tuple((number_text(float(numbers[index])), int(counts[index])) for index in order)


def _profile_of_text(column: Column, codes: NDArray[np.int32], levels: tuple[str, ...]) -> ColumnProfile:
    present = codes[codes >= 0]
    counts = np.bincount(present, minlength=len(levels))
    n_shown = min(MAX_LEVELS, int(np.count_nonzero(counts)))
    if len(counts) > 10 * MAX_LEVELS:  # sorting a million names of rows for twelve of them would cost more than all the rest
        least = np.partition(counts, len(counts) - n_shown)[len(counts) - n_shown]
        likely = np.concatenate([np.flatnonzero(counts > least), np.flatnonzero(counts == least)[:n_shown]])
    else:
        likely = np.arange(len(counts))
    common = likely[np.argsort(-counts[likely], kind="stable")][:n_shown]
    return ColumnProfile(
        column.name,
        column.kind,
        len(codes),
        len(codes) - len(present),
        int(np.count_nonzero(counts)),
        levels=tuple((levels[int(index)], int(counts[index])) for index in common),
    )


def _profile_of_numbers(column: Column, values: _Floats, *, everything: bool) -> ColumnProfile:
    present = values[np.isfinite(values)]
    distinct = column.distinct if everything else count_distinct(present)
    missing = len(values) - len(present)
    if not len(present):
        return ColumnProfile(column.name, column.kind, len(values), missing, distinct)
    smallest, largest = float(present.min()), float(present.max())
    counts, edges = _histogram(present, smallest, largest)
    return ColumnProfile(
        column.name,
        column.kind,
        len(values),
        missing,
        distinct,
        tuple(counts.tolist()),
        tuple(edges.tolist()),
        _levels_of_numbers(present) if column.kind in ("boolean", "constant") else (),
        smallest,
        largest,
        _mean(present),
    )


def _levels_of_numbers(present: _Floats) -> tuple[tuple[str, int], ...]:
    numbers, counts = np.unique(present, return_counts=True)
    common = np.argsort(-counts, kind="stable")[:MAX_LEVELS]
    return tuple((number_text(float(numbers[index])), int(counts[index])) for index in common)


def _histogram(present: _Floats, smallest: float, largest: float) -> tuple[NDArray[np.int64], _Floats]:
    if smallest == largest:
        half = max(0.5, 4.0 * math.ulp(smallest))
        return np.array([len(present)]), np.array([smallest - half, min(smallest + half, LARGEST_FLOAT)])
    if not np.isfinite(largest - smallest):  # the width itself overflows
        counts, edges = _histogram(present / 4.0, smallest / 4.0, largest / 4.0)
        return counts, edges * 4.0
    short = largest - smallest <= MAX_WHOLE_RANGE and max(-smallest, largest) < LARGEST_HALF
    if short and bool(np.array_equal(present, np.floor(present))):
        return _histogram_of_whole_numbers(present, int(smallest), int(largest))
    edges = np.linspace(smallest, largest, MAX_BINS + 1)
    if bool(np.all(np.diff(edges) > 4.0 * math.ulp(max(-smallest, largest)))):
        counts = np.histogram(present, bins=MAX_BINS, range=(smallest, largest))[0]
    else:  # hardly any float lies between the smallest and the largest
        edges = np.unique(edges)
        counts = np.histogram(present, bins=edges)[0]
    return counts.astype(np.int64), edges


def _histogram_of_whole_numbers(present: _Floats, smallest: int, largest: int) -> tuple[NDArray[np.int64], _Floats]:
    """Return bins that hold equally many whole numbers each, so that none stands out by its width."""
    width = -(-(largest - smallest + 1) // MAX_BINS)
    positions = (present.astype(np.int64) - smallest) // width
    counts = np.bincount(positions).astype(np.int64)
    edges = smallest - 0.5 + width * np.arange(len(counts) + 1, dtype=np.float64)
    return counts, edges


def _mean(present: _Floats) -> float:
    with np.errstate(over="ignore"):
        mean = float(present.mean())
    return mean if np.isfinite(mean) else float(np.sum(present / len(present)))
