"""A table made ready for training: rows chosen and split, columns encoded, the target coded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns import columns_of, task_of
from engine.data.encoders import Encoded, encode, level_codes, standardisation
from engine.data.errors import DataError
from engine.data.kinds import Column
from engine.data.prepared import PreparedData, Target, Task
from engine.data.split import split_rows
from engine.data.table import Table

MAX_CLASSES = 100
MIN_ROWS = 2


def prepare(
    data: Table | Sequence[Column],
    *,
    name: str,
    target: str,
    features: Sequence[str],
    task: Task | Literal["auto"] = "auto",
    validation: float = 0.2,
    seed: int = 0,
    notes: Sequence[str] = (),
) -> PreparedData:
    """Prepare a table for training.

    Parameters
    ----------
    data : Table or sequence of Column
    name : str
        Where the data come from.
    target : str
        The column to predict. Rows where it is missing are left out.
    features : sequence of str
        The columns to predict from.
    task : {"auto", "classification", "regression"}
    validation : float
        Share of the rows kept aside.
    seed : int
        Start of the random numbers that draw the validation rows.
    notes : sequence of str
        Sentences to put before those of the preparation.

    Raises
    ------
    DataError
        When nothing can be learned from these columns; the sentence says why and what to do.
    """
    by_name = {column.name: column for column in columns_of(data)}
    _check_choice(by_name, name, target, features)
    target_column = by_name[target]
    chosen: Task = task_of(target_column) if task == "auto" else task
    rows = _rows_with_target(target_column, name)
    codes, classes = _classes(target_column, rows, name) if chosen == "classification" else (None, [])
    train, validation_rows = split_rows(len(rows), validation, seed, codes)
    values = codes.astype(np.float64) if codes is not None else _quantities(target_column, rows, name)
    y, scaled_target = _coded_target(target, values, classes, train)
    encoded = {feature: encode(by_name[feature], rows, train) for feature in features}
    X = _inputs(encoded, name)
    return PreparedData(
        name=name,
        X_train=_read_only(X[train]),
        y_train=_read_only(y[train]),
        X_validation=_read_only(X[validation_rows]),
        y_validation=_read_only(y[validation_rows]),
        rows_train=_read_only(rows[train]),
        rows_validation=_read_only(rows[validation_rows]),
        features=tuple(feature for part in encoded.values() for feature in part.features),
        target=scaled_target,
        preparation=_preparation(encoded, target_column, scaled_target, validation, seed),
        notes=(*notes, *_notes(target_column, len(rows), validation, len(validation_rows), encoded)),
    )


def _check_choice(columns: dict[str, Column], name: str, target: str, features: Sequence[str]) -> None:
    for chosen in (target, *features):
        if chosen not in columns:
            shown = ", ".join(repr(known) for known in list(columns)[:8])
            raise DataError(f"there is no column {chosen!r}", path=name, remedy=f"the columns are {shown}")
    if target in features:
        raise DataError(
            "the column is the target and a feature at once", path=name, column=target, remedy="remove one of the two"
        )
    twice = next((feature for index, feature in enumerate(features) if feature in features[:index]), None)
    if twice is not None:
        raise DataError("the column is given twice among the features", path=name, column=twice, remedy="give it once")
    if not features:
        raise DataError(
            f"there are no usable features to predict {target!r} from",
            path=name,
            remedy="choose columns with numbers or categories",
        )


def _rows_with_target(target: Column, name: str) -> NDArray[np.int64]:
    values = target.values
    present = values.codes >= 0 if isinstance(values, CodedText) else ~np.isnan(values)
    rows = np.flatnonzero(present).astype(np.int64)
    if len(rows) < MIN_ROWS:
        count = "no row has" if len(rows) == 0 else "only 1 row has"
        raise DataError(
            f"{count} a value of the target, and at least {MIN_ROWS} are needed",
            path=name,
            column=target.name,
            remedy="choose another target or a file with more rows",
        )
    return rows


def _classes(target: Column, rows: NDArray[np.int64], name: str) -> tuple[NDArray[np.int64], list[str]]:
    codes, classes = level_codes(target, rows)
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


def _quantities(target: Column, rows: NDArray[np.int64], name: str) -> NDArray[np.float64]:
    if isinstance(target.values, CodedText):
        what = "the target is text, and regression needs numbers"
        raise DataError(what, path=name, column=target.name, remedy="choose the task classification or another target")
    values = target.values[rows]
    if values.min() == values.max():
        raise _constant(target, f"{values[0]:g}", name)
    return values


def _constant(target: Column, value: str, name: str) -> DataError:
    what = f"the target has the value {value!r} in every row, so there is nothing to learn"
    return DataError(what, path=name, column=target.name, remedy="choose another target")


def _coded_target(
    name: str, values: NDArray[np.float64], classes: Sequence[str], training: NDArray[np.int64]
) -> tuple[NDArray[np.float64], Target]:
    """Return the values to predict and how they are coded: class codes as they are, quantities standardised."""
    if classes:
        return values, Target(name, "classification", tuple(classes))
    mean, scale = standardisation(name, values[training])
    scale = scale or 1.0
    return (values - mean) / scale, Target(name, "regression", (), mean, scale)


def _inputs(encoded: dict[str, Encoded], name: str) -> NDArray[np.float64]:
    X = np.concatenate([part.inputs for part in encoded.values()], axis=1)
    if not X.shape[1]:
        raise DataError(
            "none of the chosen features has different values in the training rows",
            path=name,
            remedy="choose other features",
        )
    return X


def _preparation(
    encoded: dict[str, Encoded], target_column: Column, target: Target, validation: float, seed: int
) -> dict[str, Any]:
    """Return all constants, ready for JSON."""
    coding: dict[str, Any] = {"name": target.name, "kind": target_column.kind, "task": target.task}
    if target.task == "classification":
        coding |= {"encoding": "class codes", "classes": list(target.classes)}
    else:
        coding |= {"encoding": "standardise", "mean": target.mean, "scale": target.scale}
    return {
        "columns": {name: part.constants for name, part in encoded.items()},
        "target": coding,
        "validation": validation,
        "seed": seed,
    }


def _notes(target: Column, n_rows: int, validation: float, n_validation: int, encoded: dict[str, Encoded]) -> tuple[str, ...]:
    notes = []
    dropped = target.n_rows - n_rows
    if dropped:
        rows = "1 row has" if dropped == 1 else f"{dropped:,} rows have"
        notes.append(f"{rows} no value of the target {target.name!r}: left out.")
    if n_validation < round(validation * n_rows) or (validation > 0.0 and not n_validation):
        aside = "no row is" if not n_validation else f"only {n_validation:,} {'row is' if n_validation == 1 else 'rows are'}"
        notes.append(f"Of {n_rows:,} rows {aside} kept aside for validation: the others are needed for training.")
    return (*notes, *(note for part in encoded.values() for note in part.notes))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
