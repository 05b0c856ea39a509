"""A drawing that starts from the points of a run: which runs have one, and their points as a drawing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.examples.drawn import MOST_CLASSES, DrawnKind
from engine.data.prepared import PreparedData
from gui.views.drawing_points import OWN_PLANE, DrawingState, Range
from gui.views.framed_plot import padded
from gui.views.prediction_points import drawn_rows, original

Array = NDArray[np.floating[Any]]


def kind_of(data: PreparedData) -> DrawnKind | None:
    """Return the kind of drawing that data could come from, None where they have more inputs or classes than a drawing."""
    if data.n_features == 1 and data.target.task == "regression":
        return "curve"
    if data.n_features == 2 and data.target.task == "classification" and len(data.target.classes) <= MOST_CLASSES:
        return "classes"
    return None


def points_shown(data: PreparedData) -> DrawingState:
    """Return the train and validation rows that the pictures show, in original units, on a plane that holds them all."""
    rows = drawn_rows(data)
    X = np.concatenate([data.X_train[rows.train], data.X_validation[rows.validation]]).astype(np.float64)
    y = np.concatenate([data.y_train[rows.train], data.y_validation[rows.validation]])
    first = original(X[:, 0], data.features[0])
    if kind_of(data) == "curve":
        second, labels = y * data.target.scale + data.target.mean, np.zeros(len(y), dtype=np.int64)
    else:
        second, labels = original(X[:, 1], data.features[1]), y.astype(np.int64)
    plane = (_holding(first, OWN_PLANE[0]), _holding(second, OWN_PLANE[1]))
    return DrawingState(np.column_stack([first, second]), labels, plane)


def _holding(values: Array, own: Range) -> Range:
    """Return the bounds of the empty plane where they suit the values, else round ones with some room around them."""
    low, high = float(values.min()), float(values.max())
    if own[0] <= low and high <= own[1] and high - low > 0.3 * (own[1] - own[0]):
        return own
    low, high = padded(low, high)
    step = 10.0 ** math.floor(math.log10(high - low)) / 2.0
    return math.floor(low / step) * step, math.ceil(high / step) * step
