"""The inputs of the rows of one part, written column by column into an array that is made once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.preparation.encoders import Encoded

LARGE = 5_000_000
"""Numbers in a table (rows times inputs) above which they are kept in single precision."""


def is_large(n_rows: int, n_inputs: int) -> bool:
    """Return whether the inputs of a table are kept in single precision."""
    return n_rows * n_inputs > LARGE


def input_table(encoded: Sequence[Encoded], rows: NDArray[np.int64], *, large: bool) -> NDArray[np.floating[Any]]:
    """Return the inputs of rows, shape (n_rows, n_inputs), read-only.

    Parameters
    ----------
    encoded : sequence of Encoded
    rows : ndarray of int64
        Rows of the table.
    large : bool
        Whether to keep them in single precision and each input in one piece, so that X.T is a view in C order and nothing is
        held twice; otherwise they are float64 and each row is in one piece.
    """
    n_inputs = sum(len(part.features) for part in encoded)
    by_input = np.empty((n_inputs, len(rows)), dtype=np.float32 if large else np.float64)
    arrays = (array for part in encoded for array in part.inputs(rows))
    for position, array in enumerate(arrays):
        by_input[position] = array
    X = by_input.T if large else np.ascontiguousarray(by_input.T)
    X.flags.writeable = False
    return X


def storage_notes(n_rows: int, n_inputs: int) -> tuple[str, ...]:
    """Return a sentence that says how a large table is kept, and what it takes; none for one that is not large."""
    if not is_large(n_rows, n_inputs):
        return ()
    megabytes = n_rows * n_inputs * np.dtype(np.float32).itemsize / 1e6
    size = f"{n_rows:,} rows with {n_inputs:,} {'input' if n_inputs == 1 else 'inputs'}"
    return (f"{size} are a large table: the inputs are kept in single precision and take {megabytes:,.0f} MB.",)
