"""From the values of a column to inputs of the network; every constant comes from the training rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText, number_text
from engine.data.errors import DataError
from engine.data.kinds import Column
from engine.data.prepared import Feature

MAX_LEVELS = 50
MAX_MAGNITUDE = 1e140
MISSING_LEVEL = "missing"
OTHER_LEVEL = "other"


@dataclass(frozen=True)
class Encoded:
    """What one column became.

    Attributes
    ----------
    features : tuple of Feature
        Empty where the column tells the training rows nothing.
    inputs : ndarray of float64, shape (n_rows, n_features)
    constants : dict
        How it was made, ready for JSON.
    notes : tuple of str
        What a person should know, a sentence each.
    """

    features: tuple[Feature, ...]
    inputs: NDArray[np.float64]
    constants: dict[str, Any]
    notes: tuple[str, ...] = ()


def encode(column: Column, rows: NDArray[np.int64], training: NDArray[np.int64]) -> Encoded:
    """Encode a column.

    Parameters
    ----------
    column : Column
        Numbers and dates are standardised; categories, yes or no and text become one input for each level.
    rows : ndarray of int64
        The rows of the table to encode.
    training : ndarray of int64
        Positions in `rows` of the training rows.
    """
    if column.kind == "boolean" or isinstance(column.values, CodedText):
        return _encode_levels(column, rows, training)
    return _encode_numbers(column, column.values[rows], training)


def standardisation(column: str, values: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and population standard deviation; the latter is 0 exactly where all values are equal.

    Raises
    ------
    DataError
        When the values are so large that their squares may not be numbers.
    """
    refuse_huge(column, values)
    if values.min() == values.max():
        return float(values[0]), 0.0
    return float(values.mean()), float(values.std())


def refuse_huge(column: str, values: NDArray[np.float64]) -> None:
    """Raise a `DataError` where the squares of the values may overflow."""
    largest = float(np.abs(values).max())
    if largest > MAX_MAGNITUDE:
        what = f"numbers as large as {largest:.3g} can't be standardised"
        raise DataError(what, column=column, remedy="rescale the column or leave it out")


def _encode_numbers(column: Column, values: NDArray[np.float64], training: NDArray[np.int64]) -> Encoded:
    absent = np.isnan(values)
    known = values[training][~absent[training]]
    constants: dict[str, Any] = {"kind": column.kind, "encoding": "standardise", "missing": int(absent.sum())}
    if not len(known):
        return _left_out(column, len(values), constants, "it has no value in the training rows")
    refuse_huge(column.name, known)
    median = float(np.median(known))
    filled = np.where(absent, median, values)
    mean, scale = standardisation(column.name, filled[training])
    if scale == 0.0:
        return _left_out(column, len(values), constants, "it has one value only in the training rows")
    constants |= {"median": median, "mean": mean, "scale": scale}
    notes = (
        (f"{column.name}: {_values(int(absent.sum()))} missing: filled with the median {median:g}.",) if absent.any() else ()
    )
    return Encoded((Feature(column.name, column.name, mean, scale),), ((filled - mean) / scale)[:, None], constants, notes)


def _encode_levels(column: Column, rows: NDArray[np.int64], training: NDArray[np.int64]) -> Encoded:
    codes, names = level_codes(column, rows)
    absent = codes < 0
    if absent.any():
        names, codes = _with_missing_level(names, codes)
    seen = np.bincount(codes[training], minlength=len(names))
    kept = _most_frequent(seen, names)
    constants: dict[str, Any] = {
        "kind": column.kind,
        "encoding": "one-hot",
        "levels": [names[int(code)] for code in kept],
        "missing": int(absent.sum()),
    }
    if len(kept) < 2:
        return _left_out(column, len(rows), constants, "it has one value only in the training rows")
    notes = _level_notes(column, names, seen, kept, int(absent.sum()))
    rare = int(np.count_nonzero(seen)) > len(kept)
    constants["other"] = rare
    if len(kept) == 2 and not rare:
        constants["encoding"] = "binary"
        kept = kept[1:]
    inputs = (codes[:, None] == kept[None, :]).astype(np.float64)
    labels = [names[int(code)] for code in kept]
    if rare:
        inputs = np.column_stack([inputs, np.isin(codes, kept, invert=True)])
        labels.append(OTHER_LEVEL)
    features = tuple(Feature(f"{column.name} = {label}", column.name) for label in labels)
    return Encoded(features, inputs, constants, notes)


def level_codes(column: Column, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[str]]:
    """Return each row's level (-1 where missing) and the levels' names: numbers in their order, text in the alphabet's."""
    if isinstance(column.values, CodedText):
        texts = column.values.levels
        order = sorted(range(len(texts)), key=texts.__getitem__)
        position = np.full(len(texts) + 1, -1)  # the last one is for the code -1
        position[order] = np.arange(len(texts))
        return position[column.values.codes[rows]], [texts[index] for index in order]
    values = column.values[rows]
    levels = np.unique(values[~np.isnan(values)])
    codes = np.where(np.isnan(values), -1, np.searchsorted(levels, values))
    return codes.astype(np.int64), [number_text(float(level)) for level in levels]


def _with_missing_level(names: Sequence[str], codes: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    """Give missing values a level of their own, or that of a value which is written "missing"."""
    names = list(names) if MISSING_LEVEL in names else [*names, MISSING_LEVEL]
    return names, np.where(codes < 0, names.index(MISSING_LEVEL), codes)


def _most_frequent(seen: NDArray[np.int64], names: Sequence[str]) -> NDArray[np.int64]:
    """Return the levels of the training rows, at most 50, in their order."""
    by_count = sorted(np.flatnonzero(seen), key=lambda code: (-int(seen[code]), names[int(code)]))
    return np.sort(np.array(by_count[:MAX_LEVELS], dtype=np.int64))


def _level_notes(
    column: Column, names: Sequence[str], seen: NDArray[np.int64], kept: NDArray[np.int64], n_absent: int
) -> tuple[str, ...]:
    notes = []
    if n_absent:
        notes.append(f"{column.name}: {_values(n_absent)} missing: a level of their own.")
    rare = int(np.count_nonzero(seen)) - len(kept)
    if rare:
        notes.append(f"{column.name}: the {len(kept)} most frequent levels have an input each, the other {rare:,} share one.")
    return tuple(notes)


def _left_out(column: Column, n_rows: int, constants: dict[str, Any], reason: str) -> Encoded:
    constants = {**constants, "encoding": "left out"}
    return Encoded((), np.empty((n_rows, 0)), constants, (f"{column.name} is left out: {reason}.",))


def _values(count: int) -> str:
    return "1 value is" if count == 1 else f"{count:,} values are"
