"""What was done to every column of a table, in words; and the way back from prepared inputs to original values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.preparation.encoders import MISSING_LEVEL, OTHER_LEVEL
from engine.data.prepared import PartName, PreparedData, Target

Original = float | str | None
"""A number (a date in days since 1970-01-01, a time as a share of the day), the name of a level, or None: not to be told."""

_NOT_CHOSEN = "it is not among the chosen features"
_COUNTED = {
    "days": "Dates are counted in days since 1970-01-01.",
    "years": "Years are numbers as they are.",
    "times": "Times are counted as shares of a day.",
}


@dataclass(frozen=True)
class ColumnAccount:
    """What became of one column of the table.

    Attributes
    ----------
    name : str
    kind : str
        What it holds, as :class:`engine.data.columns.kinds.Column` names it.
    role : {"feature", "target", "left out"}
    done : tuple of str
        What was done to it, a sentence each, at least one.
    inputs : tuple of str
        Names of the inputs that were made of it; none for the target and for what is left out.
    positions : tuple of int
        Where these stand among the inputs of the network: columns of `X_train`, `X_validation` and `X_test`.
    constants : dict
        As in `PreparedData.preparation`; none for what is left out without having been looked at.
    """

    name: str
    kind: str
    role: Literal["feature", "target", "left out"]
    done: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    constants: dict[str, Any] = field(default_factory=dict)


def account(data: PreparedData) -> tuple[ColumnAccount, ...]:
    """Return what was done to each column, in the order of the table."""
    features: Mapping[str, dict[str, Any]] = data.preparation.get("columns", {})
    kinds = {column.name: str(column.kind) for column in data.columns}
    kinds = kinds or {**{name: str(constants["kind"]) for name, constants in features.items()}, data.target.name: ""}
    positions = _positions(data)
    return tuple(_account_of(name, kind, data, features, positions.get(name, ())) for name, kind in kinds.items())


def original_of(data: PreparedData, part: PartName, position: int) -> dict[str, Original]:
    """Return the original values of a row as its prepared inputs tell them, by column, the target last.

    Parameters
    ----------
    data : PreparedData
    part : {"train", "validation", "test"}
    position : int
        Of the row in that part.
    """
    inputs: NDArray[np.floating[Any]] = getattr(data, f"X_{part}")[position]
    target: NDArray[np.float64] = getattr(data, f"y_{part}")
    return {**originals(data, inputs), data.target.name: original_target(data.target, float(target[position]))}


def originals(data: PreparedData, inputs: NDArray[np.floating[Any]]) -> dict[str, Original]:
    """Return the original values, by column, that these inputs of the network stand for.

    Parameters
    ----------
    data : PreparedData
    inputs : ndarray of shape (n_features,)

    Notes
    -----
    Where nothing marks a number that was missing, the median stands there. Of a level that shares the input of the rare ones
    nothing but that is known ("other"), and of a level that no training row has not even that (None).
    """
    found: dict[str, Original] = {}
    positions = _positions(data)
    for column, constants in data.preparation["columns"].items():
        if column in positions:
            own = [float(inputs[position]) for position in positions[column]]
            found[column] = _level(own, constants) if "levels" in constants else _number(own, constants)
    return found


def original_target(target: Target, value: float) -> Original:
    """Return what a prepared target, or a prediction of it, is in the units of the file; the name of its class."""
    if target.task == "regression":
        return value * target.scale + target.mean
    return target.classes[int(value)]


def _number(inputs: Sequence[float], constants: Mapping[str, Any]) -> Original:
    if constants.get("indicator") and inputs[1] == 1.0:
        return None
    return float(inputs[0] * constants["scale"] + constants["mean"])


def _level(inputs: Sequence[float], constants: Mapping[str, Any]) -> Original:
    levels: list[str] = constants["levels"]
    if constants["encoding"] == "binary":
        return levels[int(inputs[0] == 1.0)]
    names = [*levels, OTHER_LEVEL]
    return next((names[place] for place, value in enumerate(inputs) if value == 1.0), None)


def _positions(data: PreparedData) -> dict[str, tuple[int, ...]]:
    """Return where the inputs made of each column stand."""
    positions: dict[str, list[int]] = {}
    for position, feature in enumerate(data.features):
        positions.setdefault(feature.column, []).append(position)
    return {column: tuple(found) for column, found in positions.items()}


def _account_of(
    name: str, kind: str, data: PreparedData, features: Mapping[str, dict[str, Any]], positions: tuple[int, ...]
) -> ColumnAccount:
    if name == data.target.name:
        constants = data.preparation.get("target", {})
        return ColumnAccount(name, kind or str(constants.get("kind", "")), "target", _done_to_target(data), (), (), constants)
    if name not in features:
        reason = data.preparation.get("left_out", {}).get(name, _NOT_CHOSEN)
        return ColumnAccount(name, kind, "left out", (f"Left out: {reason}.",))
    constants = features[name]
    if constants["encoding"] == "left out":
        return ColumnAccount(name, kind, "left out", (f"Left out: {constants['reason']}.",), (), (), constants)
    inputs = tuple(data.features[position].name for position in positions)
    done = _done_to_levels(constants) if "levels" in constants else _done_to_numbers(constants)
    return ColumnAccount(name, kind, "feature", done, inputs, positions, constants)


def _done_to_target(data: PreparedData) -> tuple[str, ...]:
    target, constants = data.target, data.preparation.get("target", {})
    if target.task == "classification":
        return (f"Each of the {len(target.classes)} classes has a code from 0 to {len(target.classes) - 1}.",)
    return (_scaled(str(constants.get("encoding", "standardise")), target.mean, target.scale),)


def _done_to_numbers(constants: Mapping[str, Any]) -> tuple[str, ...]:
    counted = _COUNTED.get(constants.get("unit", ""))
    missing = _missing_numbers(constants)
    return (*((counted,) if counted else ()), *missing, _scaled(constants["encoding"], constants["mean"], constants["scale"]))


def _missing_numbers(constants: Mapping[str, Any]) -> tuple[str, ...]:
    if not constants["missing"]:
        return ()
    marked = "; a second input is 1 there" if constants["indicator"] else ""
    return (f"{_count(constants['missing'], 'missing value')}: filled with the median {constants['median']:.6g}{marked}.",)


def _scaled(encoding: str, mean: float, scale: float) -> str:
    if encoding == "standardise":
        return f"Standardised: (value \u2212 mean {mean:.6g}) / standard deviation {scale:.6g}, both of the training rows."
    if encoding == "min_max":
        return f"To the range 0 to 1: (value \u2212 smallest {mean:.6g}) / range {scale:.6g}, both of the training rows."
    return "Not scaled."


def _done_to_levels(constants: Mapping[str, Any]) -> tuple[str, ...]:
    levels: list[str] = constants["levels"]
    missing = (
        (f"{_count(constants['missing'], 'missing value')}: a level of their own, {MISSING_LEVEL!r}.",)
        if constants["missing"]
        else ()
    )
    if constants["encoding"] == "binary":
        return (*missing, f"One input: 0 for {levels[0]!r}, 1 for {levels[1]!r}.")
    rest = f", and one for all others ({OTHER_LEVEL!r})" if constants["other"] else ""
    return (*missing, f"An input of 0 or 1 for each of {len(levels)} levels{rest}.")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
