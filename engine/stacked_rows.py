"""Rows laid out for training: one array per part of the data, shared by every run on the same data."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData
from engine.losses import LOSSES
from engine.network import NetworkSpec, encode_targets

Array = NDArray[np.floating[Any]]

_SHARED: WeakKeyDictionary[PreparedData, dict[tuple[object, ...], tuple[Array, Array]]] = WeakKeyDictionary()
"""Layouts by data and by what the rows depend on; gone with the data."""


def stacked_rows(spec: NetworkSpec, data: PreparedData, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """Return the training and the validation rows as columns: inputs, a row of ones, targets.

    Returns
    -------
    train, validation : ndarray of shape (n_inputs + 1 + n_outputs, n_rows)
        Read-only. A run that begins on the same data gets the same arrays, not a copy.
    """
    layouts = _SHARED.setdefault(data, {})
    signed = LOSSES[spec.loss].signed and spec.n_outputs == 1
    key = (spec.n_outputs, dtype.name, signed, spec.loss_options.label_smoothing)
    if key not in layouts:
        parts = ((data.X_train, data.y_train), (data.X_validation, data.y_validation))
        train, validation = (_stack(spec, data, X, y, dtype) for X, y in parts)
        layouts[key] = (train, validation)
    return layouts[key]


def _stack(
    spec: NetworkSpec, data: PreparedData, X: NDArray[np.float64], y: NDArray[np.float64], dtype: np.dtype[Any]
) -> Array:
    table = np.ones((spec.n_inputs + 1 + spec.n_outputs, len(X)), dtype=dtype)
    table[: spec.n_inputs] = X.T
    table[spec.n_inputs + 1 :] = encode_targets(spec, data.target, y)
    table.flags.writeable = False
    return table
