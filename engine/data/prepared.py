"""What the network sees: scaled features, coded targets, and the split into training, validation and test rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.kinds import Column

Task = Literal["regression", "classification"]
PartName = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Feature:
    """One input of the network.

    Attributes
    ----------
    name : str
        What to call it: the column's name, or `column = level` for one level of a category.
    column : str
        The column of the file it was made from.
    mean, scale : float
        original = scaled * scale + mean; both from the training rows only.
    """

    name: str
    column: str
    mean: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Target:
    """What is predicted.

    Attributes
    ----------
    name : str
    task : {"regression", "classification"}
    classes : tuple of str
        Names of the classes in the order of their codes; empty for regression.
    mean, scale : float
        Regression: original = scaled * scale + mean; from the training rows only.
    """

    name: str
    task: Task
    classes: tuple[str, ...] = ()
    mean: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, eq=False)
class PreparedData:
    """A table made ready for training; all arrays are read-only. Two tables are the same only when they are one object.

    Attributes
    ----------
    name : str
        Where it comes from: a file's name or an example's.
    X_train, X_validation, X_test : ndarray of shape (n_rows, n_features)
        float64, and each row in one piece (C order). Of a large table float32, and each input in one piece (Fortran order),
        so that X.T is a view in C order.
    y_train, y_validation, y_test : ndarray of float64, shape (n_rows,)
        Scaled values for regression, class codes 0, 1, ... for classification.
    rows_train, rows_validation, rows_test : ndarray of int64, shape (n_rows,)
        0-based numbers of the data rows in the file.
    features : tuple of Feature
    target : Target
    preparation : dict
        Per column: kind, encoding and constants; JSON-ready.
    notes : tuple of str
        What was done that a person should know (rows dropped, columns ignored and why), a sentence each.
    columns : tuple of Column
        Every column of the table as it was read, those left out included; none where only prepared values are known.
    """

    name: str
    X_train: NDArray[np.floating[Any]]
    y_train: NDArray[np.float64]
    X_validation: NDArray[np.floating[Any]]
    y_validation: NDArray[np.float64]
    rows_train: NDArray[np.int64]
    rows_validation: NDArray[np.int64]
    features: tuple[Feature, ...]
    target: Target
    preparation: dict[str, Any]
    notes: tuple[str, ...] = ()
    X_test: NDArray[np.floating[Any]] = field(default_factory=lambda: np.empty((0, 0)))
    y_test: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    rows_test: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    columns: tuple[Column, ...] = ()

    @property
    def n_features(self) -> int:
        """Number of inputs of the network."""
        return len(self.features)

    def parts(self) -> dict[PartName, tuple[NDArray[np.floating[Any]], NDArray[np.float64]]]:
        """Return inputs and targets of each part by its name; test rows only where there are any."""
        parts: dict[PartName, tuple[NDArray[np.floating[Any]], NDArray[np.float64]]] = {
            "train": (self.X_train, self.y_train),
            "validation": (self.X_validation, self.y_validation),
        }
        return parts | {"test": (self.X_test, self.y_test)} if len(self.y_test) else parts
