"""One training step's mathematics, compiled once per configuration into a short list of bound calls.

For small networks the cost of a step is the number of calls into NumPy, so everything that does not change from step to step
(views, buffers, the order of calls) is settled when a `Computation` is made.

For a layer with input a (fan_in, n), weights W and bias b, output layer L last:
    z = W^T a + b                          (forward; one product, the bias being the last row of the layer's matrix)
    delta_L = dLoss/dz_L
    dLoss/dW = a delta^T, dLoss/db = sum over samples of delta
    delta_(l-1) = (W delta) * f'(z_(l-1))
References: Rumelhart, Hinton and Williams (1986); Goodfellow, Bengio and Courville (2016), algorithm 6.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.losses import LOSSES
from engine.network import NetworkSpec

Array = NDArray[np.floating[Any]]
Call = Callable[[], Any]

SLICE_SAMPLES = 16_384
"""Samples evaluated at a time."""


class ForwardPass:
    """The forward pass over one array of samples, on fixed parameters and fixed buffers.

    Parameters
    ----------
    spec : NetworkSpec
    parameters : ndarray of shape (n_parameters,)
    batch : ndarray of shape (n_inputs + 1 + n_outputs, n_samples)
        Inputs, a row of ones, targets.

    Attributes
    ----------
    layer_inputs : list of ndarray
        Inputs, then each layer's activations; each with a last row of ones that multiplies the next layer's bias.
    output, targets : ndarray of shape (n_outputs, n_samples)
    """

    def __init__(self, spec: NetworkSpec, parameters: Array, batch: Array) -> None:
        n_samples = batch.shape[1]
        self.batch = batch
        self.targets = batch[spec.n_inputs + 1 :]
        self.layer_inputs = [batch[: spec.n_inputs + 1]]
        self.layer_inputs += [np.ones((units + 1, n_samples), dtype=batch.dtype) for units in spec.sizes[1:]]
        self.output = self.layer_inputs[-1][:-1]
        self.calls: list[Call] = []
        for index, (layer, name) in enumerate(zip(spec.views(parameters), spec.activations, strict=True)):
            z = self.layer_inputs[index + 1][:-1]
            self.calls.append(partial(np.dot, layer.matrix.T, self.layer_inputs[index], z))
            if name != "identity":
                self.calls.append(partial(ACTIVATIONS[name].function, z, z))


class Computation:
    """Loss and gradient for batches of one size, on fixed vectors and fixed buffers.

    Parameters
    ----------
    spec : NetworkSpec
    parameters, gradient : ndarray of shape (n_parameters,)
        `gradient` is written by every call.
    batch_size : int

    Attributes
    ----------
    batch : ndarray of shape (n_inputs + 1 + n_outputs, batch_size)
        To be filled by the caller: inputs, a row of ones, targets.
    deltas : list of ndarray of shape (n_units, batch_size)
        dLoss/dz of each layer after a call.
    """

    def __init__(self, spec: NetworkSpec, parameters: Array, gradient: Array, batch_size: int) -> None:
        self.spec = spec
        self.batch = np.ones((spec.n_inputs + 1 + spec.n_outputs, batch_size), dtype=parameters.dtype)
        forward_pass = ForwardPass(spec, parameters, self.batch)
        self.layer_inputs = forward_pass.layer_inputs
        self.deltas = [np.empty((units, batch_size), dtype=parameters.dtype) for units in spec.sizes[1:]]
        self._scratch = [np.empty_like(delta) for delta in self.deltas]
        self._calls_before_loss = forward_pass.calls
        self._loss = partial(
            LOSSES[spec.loss].value_and_delta, forward_pass.output, forward_pass.targets, self.deltas[-1], self._scratch[-1]
        )
        self._calls_after_loss = self._backward_calls(parameters, gradient)

    def __call__(self) -> float:
        """Write the gradient of the batch's mean loss and return that loss, penalty excluded."""
        for call in self._calls_before_loss:
            call()
        loss = self._loss()
        for call in self._calls_after_loss:
            call()
        return loss

    def _backward_calls(self, parameters: Array, gradient: Array) -> list[Call]:
        calls: list[Call] = []
        layers = list(zip(self.spec.views(parameters), self.spec.views(gradient), strict=True))
        for index in reversed(range(self.spec.n_layers)):
            delta, name = self.deltas[index], self.spec.activations[index]
            if name != "identity":
                a = self.layer_inputs[index + 1][:-1]
                calls.append(partial(ACTIVATIONS[name].multiply_by_derivative, a, delta, self._scratch[index]))
            calls.append(partial(np.dot, self.layer_inputs[index], delta.T, layers[index][1].matrix))
            if index > 0:
                calls.append(partial(np.dot, layers[index][0].weights, delta, self.deltas[index - 1]))
        return calls


class Evaluation:
    """The mean loss over all samples of a table, in slices, so that memory stays bounded whatever the table's length.

    Parameters
    ----------
    spec : NetworkSpec
    parameters : ndarray of shape (n_parameters,)
    table : ndarray of shape (n_inputs + 1 + n_outputs, n_samples)
        Inputs, a row of ones, targets.
    """

    def __init__(self, spec: NetworkSpec, parameters: Array, table: Array) -> None:
        self._spec, self._parameters, self._table = spec, parameters, table
        self._per_sample = LOSSES[spec.loss].per_sample
        self._whole: ForwardPass | None = None

    def __call__(self) -> float:
        """Return the mean loss, penalty excluded."""
        return self._mean([self._total(done) for done in self._passes()])

    def with_output(self) -> tuple[float, Array]:
        """Return the mean loss, and the outputs as the loss takes them: shape (n_outputs, n_samples)."""
        totals, outputs = [], []
        for done in self._passes():
            totals.append(self._total(done))
            outputs.append(done.output.copy())
        return self._mean(totals), np.concatenate(outputs, axis=1)

    def rest(self) -> None:
        """Give the buffers back; they are made anew when they are needed."""
        self._whole = None

    def _mean(self, totals: list[float]) -> float:
        return sum(totals) / float(self._table.shape[1])

    def _total(self, done: ForwardPass) -> float:
        return float(np.add.reduce(self._per_sample(done.output, done.targets), dtype=np.float64))

    def _passes(self) -> Iterator[ForwardPass]:
        """Yield the forward pass of each slice, done; its buffers hold until the next. A table of one slice keeps its pass."""
        if self._whole is None and self._table.shape[1] <= SLICE_SAMPLES:
            self._whole = ForwardPass(self._spec, self._parameters, self._table)
        n_samples = self._table.shape[1]
        slices = (self._table[:, start : start + SLICE_SAMPLES] for start in range(0, n_samples, SLICE_SAMPLES))
        passes = [self._whole] if self._whole else (ForwardPass(self._spec, self._parameters, part) for part in slices)
        for forward_pass in passes:
            for call in forward_pass.calls:
                call()
            yield forward_pass
