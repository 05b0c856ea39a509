"""Points that a person drew: classes on a plane, or a curve; prepared as a file would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns.kinds import Column, describe
from engine.data.errors import DataError
from engine.data.preparation.prepare import prepare
from engine.data.prepared import PreparedData, Task
from engine.settings import Settings

NAME = "Drawn points"
MOST_CLASSES = 6
FEWEST_CURVE_POINTS = 3

DrawnKind = Literal["classes", "curve"]


@dataclass(frozen=True, eq=False)
class DrawnPoints:
    """What was drawn; the arrays are copies and read-only.

    Attributes
    ----------
    kind : {"classes", "curve"}
    points : ndarray of float64, shape (n_points, 2)
        Places on the plane (x1, x2), or places of the curve (x, y).
    labels : ndarray of int64, shape (n_points,)
        0-based class of every point, 0 for all points of a curve.

    Raises
    ------
    DataError
        When the shapes don't go together, a number is not finite or a class is not one of the six.
    """

    kind: DrawnKind
    points: NDArray[np.float64]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        points, labels = np.array(self.points, dtype=np.float64), np.array(self.labels, dtype=np.int64)
        if points.ndim != 2 or points.shape[1] != 2 or labels.shape != points.shape[:1]:
            what = f"points of shape {points.shape} with labels of shape {labels.shape} are no drawing"
            raise DataError(what, remedy="give every point two numbers and one label")
        if not np.isfinite(points).all():
            raise DataError("a drawn point is not finite", remedy="draw inside the plane")
        if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < MOST_CLASSES:
            raise DataError(f"a drawn point has another class than 0 to {MOST_CLASSES - 1}", remedy="choose one of the six")
        for name, array in (("points", points), ("labels", labels)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def lack(self) -> str:
        """What is missing before a network can learn from it, as a sentence; empty where nothing is."""
        if self.kind == "curve":
            return _lack_of_curve(self.points)
        return _lack_of_classes(self.points, self.labels)


def class_name(label: int) -> str:
    """Return what a drawn class is called: label 0 is "class 1", the class of the key 1."""
    return f"class {label + 1}"


def drawn_data(points: DrawnPoints, settings: Settings) -> PreparedData:
    """Prepare drawn points: inputs x1 and x2 with the target label, or the input x with the target y.

    Target, features and task that the settings name are taken instead.

    Raises
    ------
    DataError
        When there is too little to learn from; the sentence says what is missing.
    """
    if points.lack:
        lack = points.lack[:1].lower() + points.lack[1:].rstrip(".")
        raise DataError("there is not enough to learn from", path=NAME, remedy=lack)
    columns = drawn_columns(points)
    target = settings.target or columns[-1].name
    own_task: Task = "regression" if points.kind == "curve" else "classification"
    return prepare(
        columns,
        name=NAME,
        target=target,
        features=settings.features or [column.name for column in columns if column.name != target],
        task=own_task if settings.task == "auto" and settings.target is None else settings.task,
        validation=settings.validation,
        test=settings.test,
        seed=settings.seed,
        scaling=settings.scaling,
        target_scaling=settings.target_scaling,
        missing_indicator=settings.missing_indicator,
    )


def drawn_columns(points: DrawnPoints) -> tuple[Column, ...]:
    """Return drawn points as the columns of a table, the target last."""
    first, second = (np.ascontiguousarray(values) for values in points.points.T)
    if points.kind == "curve":
        return describe("x", first), describe("y", second)
    used, codes = np.unique(points.labels, return_inverse=True)
    levels = tuple(class_name(int(label)) for label in used)
    return describe("x1", first), describe("x2", second), describe("label", CodedText(codes.astype(np.int32), levels))


def _lack_of_classes(points: NDArray[np.float64], labels: NDArray[np.int64]) -> str:
    n_classes = len(np.unique(labels))
    if n_classes < 2:
        return "Draw points of two classes at least."
    if n_classes == len(labels):
        return "Draw a second point of one class at least."
    return "" if (np.ptp(points, axis=0) > 0.0).any() else "Draw points at two different places at least."


def _lack_of_curve(points: NDArray[np.float64]) -> str:
    if len(points) < FEWEST_CURVE_POINTS:
        return f"Draw {FEWEST_CURVE_POINTS} points of the curve at least."
    if len(np.unique(points[:, 0])) < 2:
        return "Draw points at two different x at least."
    return "" if len(np.unique(points[:, 1])) > 1 else "Draw points at two different y at least."
