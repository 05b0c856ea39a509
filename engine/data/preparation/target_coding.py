"""The column to predict: which rows have it, and how it is coded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns.kinds import Column
from engine.data.columns.levels import Levels
from engine.data.errors import DataError
from engine.data.preparation.scaling import scaling_constants
from engine.data.prepared import Target
from engine.settings import ScalingName

MAX_CLASSES = 100
MIN_ROWS = 2


def rows_with_target(target: Column, name: str) -> NDArray[np.int64]:
    """Return the rows that have a value of the target.

    Parameters
    ----------
    target : Column
    name : str
        Where the data come from.

    Raises
    ------
    DataError
        When there are too few.
    """
    values = target.values
    present = values.codes >= 0 if isinstance(values, CodedText) else ~np.isnan(values)
    rows = np.flatnonzero(present).astype(np.int64, copy=False)
    if len(rows) < MIN_ROWS:
        count = "no row has" if len(rows) == 0 else "only 1 row has"
        raise DataError(
            f"{count} a value of the target, and at least {MIN_ROWS} are needed",
            path=name,
            column=target.name,
            remedy="choose another target or a file with more rows",
        )
    return rows


def class_codes(target: Column, rows: NDArray[np.int64], name: str) -> tuple[NDArray[np.int64], list[str]]:
    """Return each row's class as a code 0, 1, ... and the names of the classes in the order of the codes.

    Raises
    ------
    DataError
        When there are too few classes to learn anything, or too many.
    """
    levels = Levels(target, rows)
    codes, classes = levels.codes(rows), levels.names
    if len(classes) < 2:
        raise _constant(target, classes[0], name)
    if len(classes) == len(rows):
        what = f"the target has another value in each of the {len(rows):,} rows, so there are no classes to learn"
    elif len(classes) > MAX_CLASSES:
        what = f"the target has {len(classes):,} classes, and at most {MAX_CLASSES} can be learned"
    else:
        return codes, classes
    numeric = not isinstance(target.values, CodedText)
    remedy = "choose another target or the task regression" if numeric else "choose another target"
    raise DataError(what, path=name, column=target.name, remedy=remedy)


def quantities(target: Column, rows: NDArray[np.int64], name: str) -> NDArray[np.float64]:
    """Return each row's number to predict, in its own units.

    Raises
    ------
    DataError
        When the target is text, or the same in every row.
    """
    if isinstance(target.values, CodedText):
        what = "the target is text, and regression needs numbers"
        raise DataError(what, path=name, column=target.name, remedy="choose the task classification or another target")
    values = target.values[rows]
    if values.min() == values.max():
        raise _constant(target, f"{values[0]:g}", name)
    return values


def coded_target(
    name: str, values: NDArray[np.float64], classes: Sequence[str], training: NDArray[np.int64], scaling: ScalingName
) -> tuple[NDArray[np.float64], Target]:
    """Return the values to predict and how they are coded: class codes as they are, quantities scaled."""
    if classes:
        return values, Target(name, "classification", tuple(classes))
    mean, scale = scaling_constants(scaling, name, values[training])
    scale = scale or 1.0
    return (values - mean) / scale, Target(name, "regression", (), mean, scale)


def target_constants(column: Column, target: Target, scaling: ScalingName) -> dict[str, Any]:
    """Return how the target is coded, ready for JSON."""
    coding = {"name": target.name, "kind": column.kind, "task": target.task}
    if target.task == "classification":
        return coding | {"encoding": "class codes", "classes": list(target.classes)}
    return coding | {"encoding": scaling, "mean": target.mean, "scale": target.scale}


def _constant(target: Column, value: str, name: str) -> DataError:
    what = f"the target has the value {value!r} in every row, so there is nothing to learn"
    return DataError(what, path=name, column=target.name, remedy="choose another target")
