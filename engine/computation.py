"""One training step's mathematics, compiled once per configuration into a short list of bound calls.

For small networks the cost of a step is the number of calls into NumPy, so everything that does not change from step to step
(views, buffers, the order of calls) is settled when a `Computation` is made. What is switched off leaves no call behind.

For a layer with input a (fan_in, n), weights W and bias b, output layer L last:
    z = W^T a + b                          (forward; one product, the bias being the last row of the layer's matrix)
    delta_L = dLoss/dz_L
    dLoss/dW = a delta^T, dLoss/db = sum over samples of delta
    delta_(l-1) = (W delta) * f'(z_(l-1))
References: Rumelhart, Hinton and Williams (1986); Goodfellow, Bengio and Courville (2016), algorithm 6.4. Skip connections: He,
Zhang, Ren and Sun (2016), "Deep residual learning", eq. 1.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS, Activation, Calls
from engine.losses import bind_loss
from engine.network import LayerView, NetworkSpec
from engine.noise import Noise
from engine.normalization import NormalizationCalls, batch_calls, layer_calls

Array = NDArray[np.floating[Any]]


class Layer:
    """One layer's share of a step: its buffers, all of shape (n_units, n_samples), and its calls.

    Parameters
    ----------
    spec : NetworkSpec
    index : int
        Counted from 0.
    parameters, gradient : LayerView
    inputs : ndarray of shape (fan_in + 1, n_samples)
        The outputs of the layer before, with a last row of ones.
    activation : ndarray of shape (fan_out + 1, n_samples)
        Room for the activations and a row of ones.
    noise : Noise or None

    Attributes
    ----------
    inputs, outputs : ndarray of shape (n + 1, n_samples)
        With a last row of ones; `outputs` is `activation` where nothing comes after the activation function.
    delta : ndarray
        dLoss/dz after a step.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        index: int,
        parameters: LayerView,
        gradient: LayerView,
        inputs: Array,
        activation: Array,
        noise: Noise | None,
    ) -> None:
        self.parameters, self.gradient, self.inputs = parameters, gradient, inputs
        self.function: Activation = ACTIVATIONS[spec.activations[index]]
        self.activation = activation[:-1]
        self.z = np.empty_like(self.activation) if self.function.needs_pre_activation else self.activation
        self.delta = np.empty_like(self.activation)
        self.is_hidden = index < spec.n_layers - 1
        self._skips = spec.skips(index)
        self._off = spec.off(index + 1)
        self._noise = noise if noise is not None and self.is_hidden and noise.dropout[index] > 0.0 else None
        self._mask = np.empty_like(self.activation) if self._noise else None
        self._index = index
        ends_with_function = not (self._skips or self._noise or self._off)
        self.outputs = activation if ends_with_function else np.ones_like(activation)
        self.normalization = self._normalization(spec.normalization)

    def _normalization(self, name: str) -> NormalizationCalls | None:
        if self.parameters.normalization is None or self.gradient.normalization is None:
            return None
        bind = batch_calls if name == "batch" else layer_calls
        return bind(self.z, self.delta, self.parameters.normalization, self.gradient.normalization)

    def forward_calls(self) -> Calls:
        """Return the calls from the layer's inputs to its outputs."""
        calls: Calls = [partial(self.parameters.matrix.T.dot, self.inputs, self.z)]
        if self.normalization is not None:
            calls += self.normalization.forward
        calls += self.function.calls(self.z, self.activation)
        outputs = self.outputs[:-1]
        if self._noise is not None and self._mask is not None:
            calls += self._noise.mask_calls(self._mask, self._index)
            calls.append(partial(np.multiply, self.activation, self._mask, outputs))
        elif self._skips or self._off:
            calls.append(partial(np.copyto, outputs, self.activation))
        if self._skips:
            calls.append(partial(np.add, outputs, self.inputs[:-1], outputs))
        return calls + [partial(outputs[unit].fill, 0.0) for unit in self._off]

    def backward_calls(self, slope: Array | None, before: Array | None) -> Calls:
        """Return the calls from dLoss/d(outputs), which is in `delta`, to the gradient and to dLoss/d(inputs).

        Parameters
        ----------
        slope : ndarray of shape (n_units, n_samples) or None
            The activation function's derivative; None for the identity.
        before : ndarray of shape (fan_in, n_samples) or None
            Where dLoss/d(inputs) goes: the delta of the layer before; None for the first layer.
        """
        calls: Calls = [partial(self.delta[unit].fill, 0.0) for unit in self._off]
        skipped = np.empty_like(self.delta) if self._skips and before is not None else None
        if skipped is not None:
            calls.append(partial(np.copyto, skipped, self.delta))
        if self._mask is not None:
            calls.append(partial(np.multiply, self.delta, self._mask, self.delta))
        if slope is not None:
            calls.append(partial(np.multiply, self.delta, slope, self.delta))
        if self.normalization is not None:
            calls += self.normalization.backward
        calls.append(partial(self.inputs.dot, self.delta.T, self.gradient.matrix))
        if before is not None:
            calls.append(partial(self.parameters.weights.dot, self.delta, before))
        if skipped is not None:
            calls.append(partial(np.add, before, skipped, before))
        return calls


class Computation:
    """Loss and gradient for batches of one size, on fixed vectors and fixed buffers.

    Parameters
    ----------
    spec : NetworkSpec
    parameters, gradient : ndarray of shape (n_parameters,)
        `gradient` is written by the calls; with batch normalisation so are the running averages among the parameters.
    batch_size : int
    noise : Noise, optional

    Attributes
    ----------
    batch : ndarray of shape (n_inputs + 1 + n_outputs, batch_size)
        To be filled by the caller: inputs, a row of ones, targets.
    calls : list of callables
        To be made in their order: they write the gradient of the batch's mean loss, penalty excluded.
    value : callable () -> float
        That loss, after the calls.
    layers : list of Layer
    """

    def __init__(
        self, spec: NetworkSpec, parameters: Array, gradient: Array, batch_size: int, noise: Noise | None = None
    ) -> None:
        self.spec = spec
        self.batch = np.ones((spec.n_inputs + 1 + spec.n_outputs, batch_size), dtype=parameters.dtype)
        inputs, self.calls = self._input_calls(noise)
        self._activations = np.ones((sum(spec.sizes[1:]) + spec.n_layers, batch_size), dtype=parameters.dtype)
        self.layers: list[Layer] = []
        row = 0
        views = zip(spec.views(parameters), spec.views(gradient), strict=True)
        for index, (mine, its_gradient) in enumerate(views):
            room = self._activations[row : row + spec.sizes[index + 1] + 1]
            self.layers.append(Layer(spec, index, mine, its_gradient, inputs, room, noise))
            inputs = self.layers[-1].outputs
            row += len(room)
        for layer in self.layers:
            self.calls += layer.forward_calls()
        loss = bind_loss(spec.loss, inputs[:-1], self.batch[spec.n_inputs + 1 :], self.layers[-1].delta, spec.loss_options)
        self.value = loss.value
        self.calls += loss.calls
        self.calls += self._backward_calls()

    def __call__(self) -> float:
        """Write the gradient of the batch's mean loss and return that loss, penalty excluded."""
        for call in self.calls:
            call()
        return self.value()

    def _input_calls(self, noise: Noise | None) -> tuple[Array, Calls]:
        """Return what the first layer takes in, and the calls that make it from the batch."""
        n_inputs = self.spec.n_inputs
        inputs = self.batch[: n_inputs + 1]
        calls: Calls = []
        if noise is not None and noise.input_noise > 0.0:
            noisy = np.ones_like(inputs)
            calls += noise.input_calls(inputs[:-1], noisy[:-1])
            inputs = noisy
        return inputs, calls + [partial(inputs[unit].fill, 0.0) for unit in self.spec.off(0)]

    def _backward_calls(self) -> Calls:
        calls, slopes = self._slopes()
        for index in reversed(range(len(self.layers))):
            before = self.layers[index - 1].delta if index else None
            calls += self.layers[index].backward_calls(slopes[index], before)
        return calls

    def _slopes(self) -> tuple[Calls, list[Array | None]]:
        """Return one derivative per layer, and the calls that write them.

        Neighbouring layers with one activation function stand one after the other in memory, so that their derivatives are
        taken together.
        """
        calls: Calls = []
        slopes: list[Array | None] = [None] * len(self.layers)
        room = np.empty_like(self._activations)
        first = row = 0
        while first < len(self.layers):
            function, last, stop = self.layers[first].function, first, row
            while last < len(self.layers) and self.layers[last].function is function:
                stop += len(self.layers[last].activation) + 1
                last += 1
            if function.name != "identity":
                calls += self._slope_calls(first, last, self._activations[row : stop - 1], room[row : stop - 1])
                for index in range(first, last):
                    slopes[index] = room[row : row + len(self.layers[index].activation)]
                    row += len(self.layers[index].activation) + 1
            first, row = last, stop
        return calls, slopes

    def _slope_calls(self, first: int, last: int, activations: Array, room: Array) -> Calls:
        function = self.layers[first].function
        if not function.needs_pre_activation:
            return function.derivative_calls(activations, room)
        calls: Calls = []
        row = 0
        for layer in self.layers[first:last]:
            calls += function.derivative_calls(layer.z, room[row : row + len(layer.z)])
            row += len(layer.z) + 1
        return calls
