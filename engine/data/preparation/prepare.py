"""A table made ready for training: rows chosen and split, columns encoded, the target coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.kinds import Column
from engine.data.columns.suggestion import columns_of, task_of
from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.preparation.encoders import Encoded, encode
from engine.data.preparation.input_table import input_table, is_large, storage_notes
from engine.data.preparation.split import Split, split_rows
from engine.data.preparation.target_coding import class_codes, coded_target, quantities, rows_with_target, target_constants
from engine.data.prepared import PreparedData, Task
from engine.data.table import Table
from engine.settings import ScalingName


def prepare(
    data: Table | Sequence[Column],
    *,
    name: str,
    target: str,
    features: Sequence[str],
    task: Task | Literal["auto"] = "auto",
    validation: float = 0.2,
    test: float = 0.0,
    scaling: ScalingName = "standardise",
    target_scaling: ScalingName = "standardise",
    missing_indicator: bool = False,
    seed: int = 0,
    notes: Sequence[str] = (),
    left_out: Mapping[str, str] | None = None,
    import_spec: ImportSpec | None = None,
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
    validation, test : float
        Shares of the rows kept aside.
    scaling, target_scaling : {"standardise", "min_max", "none"}
        Of the numbers among the features, and of a number to predict.
    missing_indicator : bool
        Whether numbers that are missing in training rows get a second input, 1 where there was none.
    seed : int
        Start of the random numbers that draw the validation and test rows.
    notes : sequence of str
        Sentences to put before those of the preparation.
    left_out : mapping of str to str, optional
        Columns that nobody chose and why; kept for the record.
    import_spec : ImportSpec, optional
        How the file was read; kept for the record.

    Raises
    ------
    DataError
        When nothing can be learned from these columns; the sentence says why and what to do.
    """
    columns = columns_of(data)
    by_name = {column.name: column for column in columns}
    _check_choice(by_name, name, target, features)
    target_column = by_name[target]
    chosen: Task = task_of(target_column) if task == "auto" else task
    rows = rows_with_target(target_column, name)
    codes, classes = class_codes(target_column, rows, name) if chosen == "classification" else (None, [])
    split = split_rows(len(rows), validation, seed, codes, test=test)
    values = codes.astype(np.float64) if codes is not None else quantities(target_column, rows, name)
    y, coded = coded_target(target, values, classes, split.train, target_scaling)
    encoded = {
        feature: encode(by_name[feature], rows, rows[split.train], scaling=scaling, missing_indicator=missing_indicator)
        for feature in features
    }
    inputs = tuple(feature for part in encoded.values() for feature in part.features)
    _check_inputs(len(inputs), name)
    return PreparedData(
        name=name,
        **_parts(split, rows, y, tuple(encoded.values())),
        features=inputs,
        target=coded,
        preparation={
            "columns": {feature: part.constants for feature, part in encoded.items()},
            "target": target_constants(target_column, coded, target_scaling),
            "validation": validation,
            "test": test,
            "seed": seed,
            "left_out": dict(left_out or {}),
            "import_spec": None if import_spec is None else import_spec.as_dict(),
        },
        notes=(
            *notes,
            *_row_notes(target_column, len(rows), split, validation, test),
            *_column_notes(by_name, encoded, target),
            *storage_notes(len(rows), len(inputs)),
        ),
        columns=columns,
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
    if len(set(features)) < len(features):
        twice = next(feature for index, feature in enumerate(features) if feature in features[:index])
        raise DataError("the column is given twice among the features", path=name, column=twice, remedy="give it once")
    if not features:
        raise DataError(
            f"there are no usable features to predict {target!r} from",
            path=name,
            remedy="choose columns with numbers or categories",
        )


def _check_inputs(n_inputs: int, name: str) -> None:
    if not n_inputs:
        raise DataError(
            "none of the chosen features has different values in the training rows",
            path=name,
            remedy="choose other features",
        )


def _parts(
    split: Split, rows: NDArray[np.int64], y: NDArray[np.float64], encoded: Sequence[Encoded]
) -> dict[str, NDArray[Any]]:
    """Return inputs, targets and row numbers of each part by the names that `PreparedData` has for them."""
    arrays: dict[str, NDArray[Any]] = {}
    large = is_large(len(rows), sum(len(part.features) for part in encoded))
    for part, positions in split._asdict().items():
        rows_of_part, y_of_part = rows[positions], y[positions]
        rows_of_part.flags.writeable = y_of_part.flags.writeable = False
        X = input_table(encoded, rows_of_part, large=large)
        arrays |= {f"X_{part}": X, f"y_{part}": y_of_part, f"rows_{part}": rows_of_part}
    return arrays


def _row_notes(target: Column, n_rows: int, split: Split, validation: float, test: float) -> tuple[str, ...]:
    notes = []
    dropped = target.n_rows - n_rows
    if dropped:
        rows = "1 row has" if dropped == 1 else f"{dropped:,} rows have"
        notes.append(f"{rows} no value of the target {target.name!r}: left out.")
    for share, count, purpose in ((validation, len(split.validation), "validation"), (test, len(split.test), "the test")):
        if count < round(share * n_rows) or (share > 0.0 and not count):
            aside = "no row is" if not count else f"only {count:,} {'row is' if count == 1 else 'rows are'}"
            notes.append(f"Of {n_rows:,} rows {aside} kept aside for {purpose}: the others are needed for training.")
    return tuple(notes)


def _column_notes(columns: Mapping[str, Column], encoded: Mapping[str, Encoded], target: str) -> tuple[str, ...]:
    """Return how the cells of each column were understood, where that needs a word, and what was done to them."""
    notes = [f"{target}: {columns[target].note}"] if columns[target].note else []
    for name, part in encoded.items():
        understood = columns[name].note
        notes += [f"{name}: {understood}", *part.notes] if understood else part.notes
    return tuple(notes)
