"""From the values of a column to inputs of the network; every constant comes from the training rows only.

A column is looked at once; its inputs are then computed for whichever rows are asked for, one at a time: so a large table
never stands in memory a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns.kinds import Column
from engine.data.columns.levels import Levels
from engine.data.preparation.scaling import refuse_huge, scaling_constants
from engine.data.prepared import Feature
from engine.settings import ScalingName

MAX_LEVELS = 50
MISSING_LEVEL = "missing"
OTHER_LEVEL = "other"

Inputs = NDArray[np.float64] | NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Encoded:
    """What one column became; by itself a column that tells the training rows nothing.

    Attributes
    ----------
    features : tuple of Feature
        Empty where the column tells the training rows nothing.
    constants : dict
        How the inputs are made, ready for JSON.
    notes : tuple of str
        What a person should know, a sentence each.
    """

    features: tuple[Feature, ...]
    constants: dict[str, Any]
    notes: tuple[str, ...] = ()

    def inputs(self, rows: NDArray[np.int64]) -> Iterator[Inputs]:
        """Yield the inputs of rows of the table, an array of shape (n_rows,) for each feature."""
        yield from ()


@dataclass(frozen=True, eq=False, kw_only=True)
class EncodedNumbers(Encoded):
    """Numbers or dates as one scaled input, and where asked for a second one that marks the missing."""

    values: NDArray[np.float64]

    def inputs(self, rows: NDArray[np.int64]) -> Iterator[Inputs]:
        """Yield the scaled numbers, then 1 where the number was missing."""
        values = self.values[rows]
        absent = np.isnan(values)
        np.copyto(values, self.constants["median"], where=absent)
        if self.constants["encoding"] != "none":
            values -= self.constants["mean"]
            values /= self.constants["scale"]
        yield values
        if self.constants["indicator"]:
            yield absent


@dataclass(frozen=True, eq=False, kw_only=True)
class EncodedLevels(Encoded):
    """Categories as an input of 0 or 1 for each of the levels in `kept`, and one for all others where there are any."""

    levels: Levels
    missing_code: int
    kept: tuple[int, ...]

    def inputs(self, rows: NDArray[np.int64]) -> Iterator[Inputs]:
        """Yield 1 where a row has the level."""
        codes = self.levels.codes(rows)
        codes[codes < 0] = self.missing_code
        for code in self.kept:
            yield codes == code
        if self.constants["other"]:
            yield np.isin(codes, self.kept, invert=True)


def encode(
    column: Column,
    rows: NDArray[np.int64],
    training: NDArray[np.int64],
    *,
    scaling: ScalingName = "standardise",
    missing_indicator: bool = False,
) -> Encoded:
    """Learn from the training rows how a column is encoded.

    Parameters
    ----------
    column : Column
        Numbers and dates are scaled; categories, yes or no and text become one input for each level.
    rows : ndarray of int64
        The rows of the table that are used.
    training : ndarray of int64
        Those of them that are trained on.
    scaling : {"standardise", "min_max", "none"}
        Of numbers and dates.
    missing_indicator : bool
        Whether numbers and dates that are missing in training rows get a second input, 1 where there was none.

    Raises
    ------
    DataError
        When the numbers are too large to be learned from.
    """
    if column.kind == "boolean" or isinstance(column.values, CodedText):
        return _levels_encoded(column, rows, training)
    return _numbers_encoded(column, column.values, rows, training, scaling, missing_indicator=missing_indicator)


def _numbers_encoded(
    column: Column,
    values: NDArray[np.float64],
    rows: NDArray[np.int64],
    training: NDArray[np.int64],
    scaling: ScalingName,
    *,
    missing_indicator: bool,
) -> Encoded:
    used = values if len(rows) == len(values) else values[rows]
    n_absent = int(np.count_nonzero(np.isnan(used)))
    constants: dict[str, Any] = {"kind": column.kind, "encoding": scaling, "missing": n_absent}
    if column.unit:
        constants |= {"unit": column.unit, "date_order": column.date_order}
    known = values[training]
    absent = np.isnan(known)
    if absent.all():
        return _left_out(column, constants, "it has no value in the training rows")
    filled, median = _filled(column.name, known, absent, scaling)
    mean, scale = scaling_constants(scaling, column.name, filled)
    if scale == 0.0:
        return _left_out(column, constants, "it has one value only in the training rows")
    indicator = missing_indicator and bool(absent.any())
    constants |= {"median": median, "mean": mean, "scale": scale, "indicator": indicator}
    features = (Feature(column.name, column.name, mean, scale), Feature(f"{column.name} = {MISSING_LEVEL}", column.name))
    notes = _number_notes(column.name, n_absent, median)
    return EncodedNumbers(features[: 1 + indicator], constants, notes, values=values)


def _filled(
    name: str, values: NDArray[np.float64], absent: NDArray[np.bool_], scaling: ScalingName
) -> tuple[NDArray[np.float64], float]:
    """Return the training values with the median in place of the missing ones, and the median."""
    known = values[~absent]
    refuse_huge(name, known, scaling)
    median = float(np.median(known))
    np.copyto(values, median, where=absent)
    return values, median


def _number_notes(name: str, n_absent: int, median: float) -> tuple[str, ...]:
    return (f"{name}: {_values(n_absent)} missing: filled with the median {median:g}.",) if n_absent else ()


def _levels_encoded(column: Column, rows: NDArray[np.int64], training: NDArray[np.int64]) -> Encoded:
    levels = Levels(column, rows)
    names, codes, missing_code = levels.names, levels.codes(training), -1
    n_absent = int(np.count_nonzero(levels.codes(rows) < 0))
    if n_absent:
        names, missing_code = _with_missing_level(names)
        codes[codes < 0] = missing_code
    seen = np.bincount(codes, minlength=len(names))
    kept = _most_frequent(seen, names)
    constants: dict[str, Any] = {
        "kind": column.kind,
        "encoding": "one-hot",
        "levels": [names[code] for code in kept],
        "missing": n_absent,
        "numbers": not isinstance(column.values, CodedText),
    }
    if len(kept) < 2:
        return _left_out(column, constants, "it has one value only in the training rows")
    notes = _level_notes(column.name, seen, kept, n_absent)
    rare = int(np.count_nonzero(seen)) > len(kept)
    constants["other"] = rare
    if len(kept) == 2 and not rare:
        constants["encoding"] = "binary"
        kept = kept[1:]
    labels = [names[code] for code in kept] + [OTHER_LEVEL] * rare
    features = tuple(Feature(f"{column.name} = {label}", column.name) for label in labels)
    return EncodedLevels(features, constants, notes, levels=levels, missing_code=missing_code, kept=tuple(kept))


def _with_missing_level(names: Sequence[str]) -> tuple[list[str], int]:
    """Give missing values a level of their own, or that of a value which is written "missing"; return names and its code."""
    names = list(names) if MISSING_LEVEL in names else [*names, MISSING_LEVEL]
    return names, names.index(MISSING_LEVEL)


def _most_frequent(seen: NDArray[np.int64], names: Sequence[str]) -> list[int]:
    """Return the levels of the training rows, at most 50, in their order."""
    occurring = np.flatnonzero(seen).tolist()
    return sorted(sorted(occurring, key=lambda code: (-int(seen[code]), names[code]))[:MAX_LEVELS])


def _level_notes(name: str, seen: NDArray[np.int64], kept: Sequence[int], n_absent: int) -> tuple[str, ...]:
    notes = []
    if n_absent:
        notes.append(f"{name}: {_values(n_absent)} missing: a level of their own.")
    rare = int(np.count_nonzero(seen)) - len(kept)
    if rare:
        notes.append(f"{name}: the {len(kept)} most frequent levels have an input each, the other {rare:,} share one.")
    return tuple(notes)


def _left_out(column: Column, constants: dict[str, Any], reason: str) -> Encoded:
    constants = {**constants, "encoding": "left out", "reason": reason}
    return Encoded((), constants, (f"{column.name} is left out: {reason}.",))


def _values(count: int) -> str:
    return "1 value is" if count == 1 else f"{count:,} values are"
