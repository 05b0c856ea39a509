"""One row of the data on its way through a network: where it stands, and what every layer makes of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PartName, PreparedData
from engine.losses import losses_per_sample
from engine.network import NetworkSpec, encode_targets, forward, predictions

Array = NDArray[np.float64]


class PlaceOfRow(NamedTuple):
    """The part of the data a row belongs to, and its position there."""

    part: PartName
    position: int


def place_of_row(data: PreparedData, row: int) -> PlaceOfRow | None:
    """Return where a data row, 0-based in the file, stands; None where it is in no part."""
    parts: tuple[tuple[PartName, NDArray[np.int64]], ...] = (
        ("train", data.rows_train),
        ("validation", data.rows_validation),
        ("test", data.rows_test),
    )
    for part, rows in parts:
        found = np.flatnonzero(rows == row)
        if len(found):
            return PlaceOfRow(part, int(found[0]))
    return None


def activations_of_row(
    spec: NetworkSpec, parameters: NDArray[np.floating], data: PreparedData, place: PlaceOfRow
) -> tuple[tuple[Array, ...], float]:
    """Return the outputs of every layer for one row, inputs first, and the row's own loss; computed in float64.

    Returns
    -------
    activations : tuple of ndarray of shape (n_units,)
        Read-only. The last are the predictions as they are shown.
    loss : float
        In evaluation, without penalty, class weights included.
    """
    X, y = {
        "train": (data.X_train, data.y_train),
        "validation": (data.X_validation, data.y_validation),
        "test": (data.X_test, data.y_test),
    }[place.part]
    one = slice(place.position, place.position + 1)
    layers = forward(spec, parameters.astype(np.float64), X[one].T.astype(np.float64))
    targets = encode_targets(spec, data.target, y[one])
    loss = float(losses_per_sample(spec.loss, layers[-1], targets, spec.loss_options)[0])
    shown = [*layers[:-1], predictions(spec, layers[-1])]
    activations = tuple(np.ascontiguousarray(layer[:, 0]) for layer in shown)
    for values in activations:
        values.flags.writeable = False
    return activations, loss
