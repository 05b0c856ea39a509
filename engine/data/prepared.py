"""What the network sees: standardised features, coded targets, and the split into training and validation rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Task = Literal["regression", "classification"]


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
    X_train, X_validation : ndarray of float64, shape (n_rows, n_features)
    y_train, y_validation : ndarray of float64, shape (n_rows,)
        Standardised values for regression, class codes 0, 1, ... for classification.
    rows_train, rows_validation : ndarray of int64, shape (n_rows,)
        0-based numbers of the data rows in the file.
    features : tuple of Feature
    target : Target
    preparation : dict
        Per column: kind, encoding and constants; JSON-ready.
    notes : tuple of str
        What was done that a person should know (rows dropped, columns ignored and why), a sentence each.
    """

    name: str
    X_train: NDArray[np.float64]
    y_train: NDArray[np.float64]
    X_validation: NDArray[np.float64]
    y_validation: NDArray[np.float64]
    rows_train: NDArray[np.int64]
    rows_validation: NDArray[np.int64]
    features: tuple[Feature, ...]
    target: Target
    preparation: dict[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def n_features(self) -> int:
        """Number of inputs of the network."""
        return len(self.features)
