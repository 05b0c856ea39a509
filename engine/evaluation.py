"""What a network makes of all rows of a table, without training: forward passes and losses, a slice of the rows at a time.

A slice is small enough to be done between two looks at an event loop, whatever the network. The mean loss does not depend on
how large the slices are: losses are added up in blocks of a fixed number of rows.
"""

from __future__ import annotations

from functools import partial
from math import log2
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS, Calls
from engine.losses import losses_per_sample
from engine.network import LayerView, NetworkSpec, layer_output
from engine.stacked_rows import Rows

Array = NDArray[np.floating[Any]]

SUM_ROWS = 16_384
"""Losses added up at a time, and the most rows of a slice."""

FEWEST_ROWS = 64

SLICE_NS = 2.5e6
"""Time one slice may take, in nanoseconds, as far as the cost per row can be told beforehand."""

SLICE_BYTES = 2**21
"""Memory of a slice's inputs and outputs in float64; what fits into a cache is also computed faster."""

NS_PER_UNIT = 25.0
NS_PER_WEIGHT = 0.12
"""Measured cost of one row in float64 on one core: a unit with its activation function, and a weight."""


class RowSource(Protocol):
    """Rows that can be written into the columns of a batch."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def write(self, rows: Rows, batch: Array) -> None:
        """Write rows into the columns of a batch: inputs, (its row of ones left as it is,) targets."""


class EvaluatedSlice(NamedTuple):
    """Some rows evaluated; the arrays are buffers, which hold until the next slice.

    Attributes
    ----------
    rows : slice
        Which rows of the part.
    output : ndarray of shape (n_outputs, n)
        As the loss takes it.
    losses : ndarray of shape (n,)
        Of each row, class weights included.
    """

    rows: slice
    output: Array
    losses: Array


def rows_per_slice(spec: NetworkSpec) -> int:
    """Return how many rows of a network's table make a slice: a power of two, so that whole slices fill a block of sums."""
    weights = sum(fan_in * fan_out for fan_in, fan_out in zip(spec.sizes, spec.sizes[1:], strict=False))
    in_time = SLICE_NS / (NS_PER_UNIT * sum(spec.sizes[1:]) + NS_PER_WEIGHT * weights)
    in_memory = SLICE_BYTES / (8.0 * sum(spec.sizes))
    return int(np.clip(2 ** int(log2(max(min(in_time, in_memory), 1.0))), FEWEST_ROWS, SUM_ROWS))


class Evaluation:
    """The evaluation of one part's rows at whatever the parameters are when it is asked.

    Parameters
    ----------
    spec : NetworkSpec
    parameters : ndarray of shape (n_parameters,)
        Looked at, not copied.
    rows : RowSource

    Attributes
    ----------
    n_rows, n_slices : int
    """

    def __init__(self, spec: NetworkSpec, parameters: Array, rows: RowSource) -> None:
        self._spec, self._parameters, self._rows = spec, parameters, rows
        self._layers = spec.views(parameters)
        self._passes: dict[int, ForwardPass] = {}
        self.n_rows = len(rows)
        self._slice_rows = rows_per_slice(spec)
        self.n_slices = -(-self.n_rows // self._slice_rows)

    def evaluate(self, index: int) -> EvaluatedSlice:
        """Evaluate a slice of the rows, counted from 0."""
        start = index * self._slice_rows
        rows = slice(start, min(start + self._slice_rows, self.n_rows))
        done = self._pass_over(rows)
        done()
        losses = losses_per_sample(self._spec.loss, done.output, done.targets, self._spec.loss_options)
        return EvaluatedSlice(rows, done.output, losses)

    def __call__(self) -> float:
        """Return the mean loss over all rows, penalty excluded."""
        mean = MeanLoss(self.n_rows)
        for index in range(self.n_slices):
            mean.add(self.evaluate(index).losses)
        return mean.value

    def with_output(self) -> tuple[float, Array]:
        """Return the mean loss, and the outputs as the loss takes them: shape (n_outputs, n_rows)."""
        mean = MeanLoss(self.n_rows)
        outputs = np.empty((self._spec.n_outputs, self.n_rows), dtype=self._parameters.dtype)
        for index in range(self.n_slices):
            done = self.evaluate(index)
            mean.add(done.losses)
            outputs[:, done.rows] = done.output
        return mean.value, outputs

    def rest(self) -> None:
        """Give the buffers back; they are made anew when they are needed."""
        self._passes.clear()

    def _pass_over(self, rows: slice) -> ForwardPass:
        """Return the forward pass for some rows, its batch filled; where one slice holds all rows that is done once."""
        n = rows.stop - rows.start
        found = self._passes.get(n)
        if found is None:
            found = self._passes[n] = ForwardPass(self._spec, self._layers, n, self._parameters.dtype)
        elif self.n_slices == 1:
            return found
        self._rows.write(rows, found.batch)
        found.switch_off_inputs()
        return found


class MeanLoss:
    """The mean of the losses of rows that come slice by slice, added up in blocks that do not depend on the slices.

    Attributes
    ----------
    value : float
        Once all rows are there.
    """

    def __init__(self, n_rows: int) -> None:
        self._n_rows = n_rows
        self._block: list[Array] = []
        self._n_added = 0
        self._total = 0.0

    def add(self, losses: Array) -> None:
        """Add the losses of the next rows; a block is filled exactly, or by the last rows."""
        self._block.append(losses)
        self._n_added += len(losses)
        if self._n_added % SUM_ROWS == 0 or self._n_added == self._n_rows:
            block = losses if len(self._block) == 1 else np.concatenate(self._block)
            self._total += float(np.add.reduce(block, dtype=np.float64))
            self._block = []

    @property
    def value(self) -> float:
        """The mean."""
        return self._total / float(self._n_rows)


class ForwardPass:
    """The forward pass for evaluation of a number of samples, on fixed parameters and fixed buffers.

    Parameters
    ----------
    spec : NetworkSpec
    layers : list of LayerView
    n_samples : int
    dtype : dtype

    Attributes
    ----------
    batch : ndarray of shape (n_inputs + 1 + n_outputs, n_samples)
        To be filled by the caller: inputs, a row of ones, targets.
    output, targets : ndarray of shape (n_outputs, n_samples)
    """

    def __init__(self, spec: NetworkSpec, layers: list[LayerView], n_samples: int, dtype: np.dtype[Any]) -> None:
        self.batch = np.ones((spec.n_inputs + 1 + spec.n_outputs, n_samples), dtype=dtype)
        self.targets = self.batch[spec.n_inputs + 1 :]
        self._off = spec.off(0)
        inputs = self.batch[: spec.n_inputs + 1]
        self._calls: Calls = []
        for index, layer in enumerate(layers):
            outputs = np.ones((spec.sizes[index + 1] + 1, n_samples), dtype=dtype)
            self._calls.append(partial(layer.matrix.T.dot, inputs, outputs[:-1]))
            self._calls += _evaluation_calls(spec, index, layer, inputs[:-1], outputs[:-1])
            inputs = outputs
        self.output = inputs[:-1]

    def switch_off_inputs(self) -> None:
        """Put 0 into the inputs that are switched off, after the batch was filled."""
        for unit in self._off:
            self.batch[unit].fill(0.0)

    def __call__(self) -> None:
        """Compute the output."""
        for call in self._calls:
            call()


def _evaluation_calls(spec: NetworkSpec, index: int, layer: LayerView, inputs: Array, z: Array) -> Calls:
    """Return the calls that turn a layer's pre-activations into its outputs, in place."""
    if layer.normalization is None and not spec.skips(index) and not spec.off(index + 1):
        return ACTIVATIONS[spec.activations[index]].calls(z, z)

    def finish() -> None:
        np.copyto(z, layer_output(spec, index, layer, z, inputs))

    return [finish]
