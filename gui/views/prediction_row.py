"""One data row that a person chose: where it stands among the prepared rows, and what the network makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData
from engine.observe import Observation, PartName
from gui.theme import Theme
from gui.views.number_text import short_number
from gui.views.point_stamps import PointStyle
from gui.views.prediction_points import class_colour, class_marker, style_of_test_row, train_style, validation_style

Array = NDArray[np.floating[Any]]

_LONGEST_NAME = 22


@dataclass(frozen=True, eq=False)
class ChosenRow:
    """A row of the data that is looked at.

    Attributes
    ----------
    number : int
        0-based number of the data row; people read it counted from 1.
    part : {"train", "validation", "test"}
    position : int
        Its place in that part.
    inputs : ndarray of float64, shape (n_features,)
        Prepared values.
    target : float
        Class code, or scaled value.
    """

    number: int
    part: PartName
    position: int
    inputs: NDArray[np.float64]
    target: float

    @property
    def words(self) -> str:
        """What people call it."""
        return f"row {self.number + 1:,}"


def find_row(data: PreparedData, row: int | None) -> ChosenRow | None:
    """Return a data row with its prepared values, None where no row is asked for or it is in no part of the data."""
    if row is None:
        return None
    parts: tuple[tuple[PartName, NDArray[np.int64], Array, Array], ...] = (
        ("train", data.rows_train, data.X_train, data.y_train),
        ("validation", data.rows_validation, data.X_validation, data.y_validation),
        ("test", data.rows_test, data.X_test, data.y_test),
    )
    for part, rows, X, y in parts:
        places = np.flatnonzero(rows == row)
        if len(places):
            position = int(places[0])
            return ChosenRow(row, part, position, np.asarray(X[position], dtype=np.float64), float(y[position]))
    return None


def outputs_of(chosen: ChosenRow, observation: Observation) -> Array | None:
    """Return the network's outputs for a row, shape (n_outputs,), None where it was not observed."""
    watched = observation.row
    if watched is not None and watched.row == chosen.number:
        return watched.activations[-1]
    if chosen.part == "test":
        return None
    rows, outputs = observation.validation_rows, observation.validation_predictions
    if chosen.part == "train":
        rows, outputs = observation.train_rows, observation.train_predictions
    place = int(np.searchsorted(rows, chosen.position))  # the rows of a sample ascend
    return outputs[:, place] if place < len(rows) and rows[place] == chosen.position else None


def row_lines(data: PreparedData, chosen: ChosenRow, outputs: Array | None) -> tuple[str, ...]:
    """Return what is known of a row, in lines: its number and part, the actual value, and the prediction in original units."""
    target = data.target
    lines = [f"{chosen.words} · {chosen.part}"]
    if target.task == "regression":
        lines.append(f"actual {short_number(chosen.target * target.scale + target.mean, 4)}")
        if outputs is not None:
            lines.append(f"predicted {short_number(float(outputs[0]) * target.scale + target.mean, 4)}")
        return tuple(lines)
    lines.append(f"actual {_short(target.classes[int(chosen.target)])}")
    if outputs is not None:
        lines.append(f"predicted {_likeliest(target.classes, outputs)}")
    return tuple(lines)


def row_style(theme: Theme, data: PreparedData, chosen: ChosenRow, marker: str = "o", colour: str = "") -> PointStyle:
    """Return the look of a chosen row's point: its class' marker and colour (or those given), filled as its part is."""
    if data.target.task == "classification":
        n_classes, code = len(data.target.classes), int(chosen.target)
        marker, colour = class_marker(code, n_classes), class_colour(theme, code, n_classes)
    style = {"train": train_style, "validation": validation_style, "test": style_of_test_row}[chosen.part]
    return style(theme, colour or theme.muted, marker)


def _likeliest(classes: tuple[str, ...], outputs: Array) -> str:
    shares = np.array([1.0 - outputs[0], outputs[0]]) if len(outputs) == 1 else np.asarray(outputs)
    if not np.isfinite(shares).all():
        return "not finite"
    code = int(shares.argmax())
    return f"{_short(classes[code])}: {short_number(float(shares[code]))}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
