"""What the pictures show of a network at one moment, computed from its parameters by the engine alone.

An `Observation` holds the response of every drawn unit over two chosen inputs, the prediction over the same plane, and the
predictions for a sample of rows. Other inputs are held at their mean, which is 0 after standardisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Watch:
    """What is to be observed.

    Attributes
    ----------
    input_pair : tuple of int
        The two inputs the maps are drawn over (horizontal, vertical); the same one twice where there is only one input.
    max_units : int
        Most units drawn per layer; wider layers show those with the strongest links.
    maps, rows : bool
        Whether the unit maps and the row predictions are wanted at all (a closed panel costs nothing).
    """

    input_pair: tuple[int, int] = (0, 1)
    max_units: int = 12
    maps: bool = True
    rows: bool = True


@dataclass(frozen=True)
class Observation:
    """What a network does at one moment; all arrays are read-only.

    Attributes
    ----------
    input_pair : tuple of int
    axis_x, axis_y : ndarray of float32, shape (grid,)
        Values of the two inputs (standardised) at the cells' centres; maps[row, column] is at (axis_x[column], axis_y[row]).
    shown_units : tuple of ndarray of int64, one per layer, inputs and outputs included
        Which units are drawn, ascending; the rest of a wide layer is hidden.
    unit_maps : tuple of ndarray of float32, shape (n_shown, grid, grid), one per layer, inputs and outputs included
        Activations; inputs are the standardised values, outputs the predictions as shown (probabilities, or standardised values).
    prediction_map : ndarray of float32, shape (n_outputs, grid, grid)
        All outputs, as in the last entry of unit_maps but never hidden. With one input the rows are equal.
    train_rows, validation_rows : ndarray of int64
        Positions in X_train and X_validation of the rows predicted below: all of them, or a fixed sample.
    train_predictions, validation_predictions : ndarray of float32, shape (n_outputs, n_rows)
    """

    input_pair: tuple[int, int]
    axis_x: FloatArray
    axis_y: FloatArray
    shown_units: tuple[NDArray[np.int64], ...]
    unit_maps: tuple[FloatArray, ...]
    prediction_map: FloatArray
    train_rows: NDArray[np.int64]
    validation_rows: NDArray[np.int64]
    train_predictions: FloatArray
    validation_predictions: FloatArray
