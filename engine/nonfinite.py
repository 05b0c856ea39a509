"""Where a number stopped being finite: found by taking the failed step again, quantity by quantity, in its order."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.computation import Computation
from engine.losses import losses_per_sample
from engine.network import NetworkSpec


class Failed(NamedTuple):
    """The first number of a step that is not finite.

    Attributes
    ----------
    layer : int
        1 for the first hidden layer; that of the output for the loss.
    quantity : str
    unit : int or None
        Counted from 0; None where the quantity belongs to no unit.
    sample : int or None
        Position in the batch; None where the quantity belongs to no row.
    """

    layer: int
    quantity: str
    unit: int | None = None
    sample: int | None = None


class NonFiniteError(ArithmeticError):
    """Training reached a number that is infinite or not a number.

    Attributes
    ----------
    step : int
        The update that failed; the trainer stays at the step before it.
    layer, quantity, unit
        As in `Failed`.
    row : int or None
        0-based number of the data row in the file.
    """

    def __init__(self, step: int, failed: Failed, rows: NDArray[np.int64], n_layers: int) -> None:
        self.step = step
        self.layer, self.quantity, self.unit = failed.layer, failed.quantity, failed.unit
        self.row = None if failed.sample is None else int(rows[failed.sample])
        place = f"layer {self.layer}" + (" (output)" if self.layer == n_layers else "")
        unit = "" if self.unit is None else f" of unit {self.unit + 1} in"
        row = "" if self.row is None else f", at data row {self.row + 1:,},"
        super().__init__(
            f"Step {step:,}: the {self.quantity}{unit or ' of'} {place}{row} is no longer finite. "
            f"The weights of step {step - 1:,} are the last finite ones; go back and take a smaller learning rate."
        )


def first_non_finite(
    computation: Computation, loss: float, gradient: NDArray[np.floating[Any]], spoiled: NDArray[np.floating[Any]]
) -> Failed:
    """Return the first quantity that is not finite after `computation` was called.

    The order is that of the computation: forward, loss, backward, update.

    Parameters
    ----------
    loss : float
        What the computation returned.
    gradient : ndarray of shape (n_parameters,)
    spoiled : ndarray of shape ((1 + slots) * n_parameters + scalars,)
        The trainer's vector after the failed update: where everything before was finite, the update itself overflowed.
    """
    n_layers = computation.spec.n_layers
    for number, layer in enumerate(computation.layers, start=1):
        found = _first(layer.outputs[:-1])
        if found is not None:
            return Failed(number, "activation", *found)
    if not np.isfinite(loss):
        return Failed(n_layers, "loss", sample=_first_row_of_loss(computation))
    for number in reversed(range(1, n_layers + 1)):
        found = _first(computation.layers[number - 1].delta)
        if found is not None:
            return Failed(number, "error signal (delta)", *found)
    return _first_of_update(computation.spec, gradient, spoiled)


def _first_row_of_loss(computation: Computation) -> int | None:
    """Return the first sample whose own loss is not finite; None where only their sum is not."""
    spec = computation.spec
    output, targets = computation.layers[-1].outputs[:-1], computation.batch[spec.n_inputs + 1 :]
    found = np.flatnonzero(~np.isfinite(losses_per_sample(spec.loss, output, targets, spec.loss_options)))
    return int(found[0]) if len(found) else None


def _first_of_update(spec: NetworkSpec, gradient: NDArray[np.floating[Any]], spoiled: NDArray[np.floating[Any]]) -> Failed:
    size = spec.n_parameters
    n_sections = len(spoiled) // size
    sections = spoiled[: n_sections * size].reshape(n_sections, size)
    states = [("optimizer's state of the ", state) for state in sections[1:]]
    named = [("gradient of the ", gradient), *states, ("", sections[0])]
    for name, vector in named:
        found = np.flatnonzero(~np.isfinite(vector))
        if len(found):
            place = spec.place_of(int(found[0]))
            return Failed(place.layer, name + place.kind, unit=place.unit)
    return Failed(spec.n_layers, "optimizer's state")


def _first(values: NDArray[np.floating[Any]]) -> tuple[int, int] | None:
    """Return row and column of the first number that is not finite, None where all are."""
    places = np.argwhere(~np.isfinite(values))
    return (int(places[0][0]), int(places[0][1])) if len(places) else None
