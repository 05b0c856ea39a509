"""What becomes of an optimizer's state when its hyper-parameters change in the middle of a run."""

from __future__ import annotations

import numpy as np

from engine.optimizers.update import Array, ElementwiseOptimizer, Optimizer


def carried_state(before: Optimizer, after: Optimizer, state: Array, n_parameters: int) -> Array | None:
    """Return the state with which `after` goes on from the state of `before`; None where it starts anew, from zero.

    It goes on where it is the same rule with other numbers. A vector that both have keeps its meaning: means, which are kept as
    sums, are converted to the new decay, as if they had been kept as means. One that only `after` has starts at zero.

    Parameters
    ----------
    before, after : Optimizer
    state : ndarray of shape (before.slots * n_parameters + before.scalars,)
    n_parameters : int

    Returns
    -------
    ndarray of shape (after.slots * n_parameters + after.scalars,) or None
    """
    if before == after:
        return state.copy()
    if type(before) is not type(after):
        return None
    if not isinstance(before, ElementwiseOptimizer) or not isinstance(after, ElementwiseOptimizer):
        return None
    rows = state.reshape(before.slots, n_parameters)
    kept = {vector.name: (vector.unit, row) for vector, row in zip(before.state_vectors, rows, strict=True)}
    carried = np.zeros((after.slots, n_parameters), dtype=state.dtype)
    for vector, row in zip(after.state_vectors, carried, strict=True):
        if vector.name in kept:
            unit, old = kept[vector.name]
            np.multiply(old, unit / vector.unit, row)
    return carried.ravel()
