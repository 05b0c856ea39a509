"""Where a number stopped being finite: found by taking the failed step again, quantity by quantity, in its order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.computation import Computation


class NonFiniteError(ArithmeticError):
    """Training reached a number that is infinite or not a number.

    Attributes
    ----------
    step : int
        The update that failed; the trainer stays at the step before it.
    layer : int
        1 for the first hidden layer; that of the output for the loss.
    quantity : str
    """

    def __init__(self, step: int, layer: int, quantity: str, n_layers: int) -> None:
        self.step = step
        self.layer = layer
        self.quantity = quantity
        place = f"layer {layer}" + (" (output)" if layer == n_layers else "")
        super().__init__(
            f"Step {step:,}: the {quantity} of {place} is no longer finite. The weights of step {step - 1:,} are the last "
            "finite ones; go back and take a smaller learning rate."
        )


def first_non_finite(
    computation: Computation, loss: float, gradient: NDArray[np.floating[Any]], spoiled: NDArray[np.floating[Any]]
) -> tuple[int, str]:
    """Return layer and name of the first quantity that is not finite after `computation` was called.

    The order is that of the computation: forward, loss, backward, update.

    Parameters
    ----------
    loss : float
        What the computation returned.
    gradient : ndarray of shape (n_parameters,)
    spoiled : ndarray of shape ((1 + slots) * n_parameters,)
        The trainer's vector after the failed update: where everything before was finite, the update itself overflowed.
    """
    for layer, values in enumerate(computation.layer_inputs[1:], start=1):
        if not np.isfinite(values).all():
            return layer, "activation"
    if not np.isfinite(loss):
        return computation.spec.n_layers, "loss"
    for layer in reversed(range(1, computation.spec.n_layers + 1)):
        if not np.isfinite(computation.deltas[layer - 1]).all():
            return layer, "error signal (delta)"
    spec = computation.spec
    sections = spoiled.reshape(-1, spec.n_parameters)
    named = [("gradient", gradient), *(("optimizer's state", section) for section in sections[1:]), ("weight", sections[0])]
    for name, vector in named:
        for layer, view in enumerate(spec.views(vector), start=1):
            if not np.isfinite(view.matrix).all():
                return layer, name
    raise AssertionError("a non-finite step was reported, but every number of it is finite")
