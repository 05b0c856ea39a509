"""The rows of a table as the data view shows them: every column as read, the part each row belongs to, and its loss."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns.column import Column
from engine.data.prepared import PreparedData
from gui.session.messages import RowLosses

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

LEFT_OUT, TRAIN, VALIDATION, TEST = range(4)
PARTS = ("left out", "train", "validation", "test")
"""The names of the parts by their codes; a row is left out where it has no value of the target."""

TINTS = 33
"""Tints that losses are shown in."""


class Place(NamedTuple):
    """Where a row stands among the prepared ones: the code of its part, and its position there."""

    part: int
    position: int


class LossScale:
    """The tints of losses by their rank: as many losses have a tint as have any other, however far the largest ones lie.

    Parameters
    ----------
    losses : ndarray of float32, shape (n_losses,)
        The finite ones.

    Attributes
    ----------
    quartiles : tuple of float
        The smallest loss, those that a quarter, half and three quarters do not exceed, and the largest; empty without losses.
    """

    def __init__(self, losses: NDArray[np.float32]) -> None:
        ordered = np.sort(losses)
        last = len(ordered) - 1
        self.quartiles = tuple(float(ordered[last * quarter // 4]) for quarter in range(5)) if last >= 0 else ()
        below = [math.ceil((tint - 0.5) / (TINTS - 1) * last) for tint in range(1, TINTS)] if last > 0 else []
        self._bounds = [float(ordered[count - 1]) for count in below]

    def tint_of(self, loss: float) -> int:
        """Return the tint of a loss, 0 for the smallest, `TINTS` - 1 for the largest; equal losses have the same."""
        return bisect_left(self._bounds, loss)


class DataRows:
    """All rows of the table that a run learns from.

    Parameters
    ----------
    data : PreparedData

    Attributes
    ----------
    columns : tuple of Column
        As read; where only prepared values are known, these in original units.
    n_rows : int
    parts : ndarray of uint8, shape (n_rows,)
        The part of every row, as a code of `PARTS`.
    losses : ndarray of float32, shape (n_rows,), or None
        NaN where the row is left out (or where its loss is no number); None as long as none are known.
    step : int or None
        The step the losses belong to.
    loss_scale : LossScale
    """

    def __init__(self, data: PreparedData) -> None:
        self.data = data
        self._groups = ((TRAIN, data.rows_train), (VALIDATION, data.rows_validation), (TEST, data.rows_test))
        largest = max((int(rows.max()) for _, rows in self._groups if len(rows)), default=-1)
        self.n_rows = data.columns[0].n_rows if data.columns else largest + 1
        self.columns = data.columns or _prepared_columns(data, self.n_rows)
        self.parts = np.zeros(self.n_rows, dtype=np.uint8)
        for part, rows in self._groups:
            self.parts[rows] = part
        self.counts = tuple(int(count) for count in np.bincount(self.parts, minlength=len(PARTS)))
        self.losses: NDArray[np.float32] | None = None
        self.step: int | None = None
        self.loss_scale = LossScale(np.empty(0, dtype=np.float32))
        self.n_not_finite = 0

    def set_losses(self, losses: RowLosses) -> bool:
        """Take the loss of every row at a step; return False where they are of another table."""
        groups = tuple(zip(self._groups, (losses.train, losses.validation, losses.test), strict=True))
        if any(len(rows) != len(values) for (_, rows), values in groups):
            return False
        self.losses = np.full(self.n_rows, np.nan, dtype=np.float32)
        for (_, rows), values in groups:
            self.losses[rows] = values
        known = self.losses[self.parts != LEFT_OUT]
        finite = known[np.isfinite(known)]
        self.step, self.n_not_finite = losses.step, len(known) - len(finite)
        self.loss_scale = LossScale(finite)
        return True

    def place_of(self, row: int) -> Place | None:
        """Return where a row stands among the prepared ones, None where it is left out."""
        part = int(self.parts[row])
        rows = dict(self._groups).get(part)
        return None if rows is None else Place(part, int(np.flatnonzero(rows == row)[0]))

    def inputs_of(self, row: int) -> Floats | None:
        """Return the prepared values of a row, shape (n_features,), None where it is left out."""
        place = self.place_of(row)
        if place is None:
            return None
        inputs = {TRAIN: self.data.X_train, VALIDATION: self.data.X_validation, TEST: self.data.X_test}
        return np.asarray(inputs[place.part][place.position], dtype=np.float64)

    def target_of(self, row: int) -> float:
        """Return what is predicted for a row: a class's code, or the scaled value; NaN where it is left out."""
        place = self.place_of(row)
        targets = {TRAIN: self.data.y_train, VALIDATION: self.data.y_validation, TEST: self.data.y_test}
        return float("nan") if place is None else float(targets[place.part][place.position])

    def targets(self) -> Floats:
        """Return what is predicted for every row, shape (n_rows,): a class's code, or the scaled value; NaN where left out."""
        targets = np.full(self.n_rows, np.nan)
        values = (self.data.y_train, self.data.y_validation, self.data.y_test)
        for (_, rows), y in zip(self._groups, values, strict=True):
            targets[rows] = y
        return targets


def _prepared_columns(data: PreparedData, n_rows: int) -> tuple[Column, ...]:
    """Return the inputs and the target in original units, missing in rows that are in no part."""
    groups = (
        (data.rows_train, data.X_train, data.y_train),
        (data.rows_validation, data.X_validation, data.y_validation),
        (data.rows_test, data.X_test, data.y_test),
    )
    inputs = np.full((n_rows, data.n_features), np.nan)
    y = np.full(n_rows, np.nan)
    for rows, X_part, y_part in groups:
        if len(rows):
            inputs[rows], y[rows] = X_part, y_part
    columns = [
        _number_column(feature.name, inputs[:, index] * feature.scale + feature.mean)
        for index, feature in enumerate(data.features)
    ]
    target = data.target
    if target.task == "regression":
        return (*columns, _number_column(target.name, y * target.scale + target.mean))
    absent = np.isnan(y)
    codes = np.where(absent, -1, y).astype(np.int32)
    return (*columns, Column(target.name, "category", int(absent.sum()), len(target.classes), CodedText(codes, target.classes)))


def _number_column(name: str, values: Floats) -> Column:
    missing = int(np.count_nonzero(np.isnan(values)))
    return Column(name, "numeric", missing, len(values) - missing, values)
