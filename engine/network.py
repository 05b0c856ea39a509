"""A multilayer perceptron: its specification, its parameters as one flat vector with named views, and its forward pass.

Inside the engine samples are columns: activations have the shape (n_units, n_samples). Each layer's weights
(fan_in x fan_out, row = input, column = unit) are followed by its bias in the flat vector, so that together they are one matrix
of shape (fan_in + 1, fan_out) and the bias costs no call of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.data.prepared import PreparedData, Target
from engine.losses import LOSSES, softmax
from engine.settings import Settings, SettingsError

Array = NDArray[np.floating[Any]]


class ParameterBlock(NamedTuple):
    """Where the weights or the bias of one layer stand in the flat vector."""

    name: str
    shape: tuple[int, ...]
    start: int
    stop: int


class LayerView(NamedTuple):
    """Views of one layer in a flat vector: they share its memory.

    `weights` has the shape (fan_in, fan_out), `bias` (fan_out,), `matrix` (fan_in + 1, fan_out) with the bias as last row.
    """

    weights: Array
    bias: Array
    matrix: Array


@dataclass(frozen=True)
class NetworkSpec:
    """What a network is, apart from its numbers.

    Attributes
    ----------
    sizes : tuple of int
        Units of every layer, inputs first, outputs last.
    activations : tuple of str
        One name per layer after the inputs; the last is that of the output layer as the loss sees it
        (identity for losses from logits).
    loss : str
        A name of `LOSSES`.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str

    @property
    def n_layers(self) -> int:
        """Number of layers with parameters: hidden layers and the output layer."""
        return len(self.sizes) - 1

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return self.sizes[0]

    @property
    def n_outputs(self) -> int:
        """Number of outputs."""
        return self.sizes[-1]

    @cached_property
    def blocks(self) -> tuple[ParameterBlock, ...]:
        """The order of the flat vector: layer_1/weights, layer_1/bias, layer_2/weights, ..."""
        blocks: list[ParameterBlock] = []
        start = 0
        for layer, (fan_in, fan_out) in enumerate(zip(self.sizes, self.sizes[1:], strict=False), start=1):
            for kind, shape in (("weights", (fan_in, fan_out)), ("bias", (fan_out,))):
                stop = start + int(np.prod(shape))
                blocks.append(ParameterBlock(f"layer_{layer}/{kind}", shape, start, stop))
                start = stop
        return tuple(blocks)

    @property
    def n_parameters(self) -> int:
        """Length of the flat vector."""
        return self.blocks[-1].stop

    def views(self, vector: Array) -> list[LayerView]:
        """Return the layers of a flat vector, first hidden layer first, as views that share its memory."""
        layers = []
        for weights, bias in zip(self.blocks[::2], self.blocks[1::2], strict=True):
            fan_in, fan_out = weights.shape
            matrix = vector[weights.start : bias.stop].reshape(fan_in + 1, fan_out)
            layers.append(LayerView(matrix[:fan_in], matrix[fan_in], matrix))
        return layers


def network_spec(settings: Settings, n_inputs: int, target: Target) -> NetworkSpec:
    """Return the network that `settings` ask for on data with `n_inputs` inputs and this target.

    Raises
    ------
    SettingsError
        When loss, output activation and task do not go together.
    """
    loss = _resolve_loss(settings.loss, target)
    output_activation = _resolve_output(settings.output_activation, loss)
    one_output = target.task == "regression" or (len(target.classes) == 2 and loss != "cross_entropy")
    n_outputs = 1 if one_output else len(target.classes)
    hidden = tuple(settings.activation_of(layer) for layer in range(len(settings.hidden)))
    return NetworkSpec((n_inputs, *settings.hidden, n_outputs), (*hidden, output_activation), loss)


def _resolve_loss(name: str, target: Target) -> str:
    n_classes = len(target.classes)
    if name == "auto":
        return "mse" if target.task == "regression" else "bce" if n_classes == 2 else "cross_entropy"
    if target.task == "regression" and name != "mse":
        raise SettingsError(f"loss: {name} needs classes, but the target {target.name!r} is a number; use mse.")
    if name == "bce" and n_classes != 2:
        raise SettingsError(f"loss: bce needs 2 classes, but {target.name!r} has {n_classes}; use cross_entropy.")
    return name


def _resolve_output(name: str, loss: str) -> str:
    """Return the output layer's activation as the loss sees it."""
    allowed = {"mse": ("identity", "sigmoid", "tanh"), "bce": ("sigmoid", "identity"), "cross_entropy": ("softmax", "identity")}
    if name != "auto" and name not in allowed[loss]:
        raise SettingsError(
            f"output_activation: {name} does not go with the loss {loss}; it allows auto, {', '.join(allowed[loss])}."
        )
    return name if loss == "mse" and name != "auto" else "identity"


def encode_targets(spec: NetworkSpec, target: Target, y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return targets as the network's outputs should be: shape (n_outputs, n_samples).

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Standardised values, or class codes; classes become one-hot columns where there is one output per class.
    """
    if target.task == "regression" or spec.n_outputs == 1:
        return y.reshape(1, -1).astype(np.float64)
    one_hot: NDArray[np.float64] = (np.arange(spec.n_outputs)[:, None] == y[None, :]).astype(np.float64)
    return one_hot


def forward(spec: NetworkSpec, parameters: Array, X: Array) -> list[Array]:
    """Return every layer's activations, inputs first; the last is the output as the loss takes it.

    Parameters
    ----------
    parameters : ndarray of shape (n_parameters,)
    X : ndarray of shape (n_inputs, n_samples)

    Returns
    -------
    list of ndarray of shape (n_units, n_samples)
    """
    activations = [X]
    for layer, name in zip(spec.views(parameters), spec.activations, strict=True):
        z = layer.weights.T @ activations[-1] + layer.bias[:, None]
        ACTIVATIONS[name].function(z, z)
        activations.append(z)
    return activations


def predictions(spec: NetworkSpec, output: Array) -> Array:
    """Return the outputs as they are shown: probabilities for losses from logits, else the outputs themselves."""
    shown = np.empty_like(output)
    name = LOSSES[spec.loss].display_activation
    if name == "softmax":
        softmax(output, shown)
    else:
        ACTIVATIONS[name or "identity"].function(output, shown)
    return shown


def mean_loss(spec: NetworkSpec, parameters: Array, X: Array, targets: Array, slice_rows: int = 16_384) -> float:
    """Return the mean loss over all samples, without penalty; computed in slices so that memory stays bounded.

    Parameters
    ----------
    X : ndarray of shape (n_inputs, n_samples)
    targets : ndarray of shape (n_outputs, n_samples)
    """
    per_sample = LOSSES[spec.loss].per_sample
    n_samples = X.shape[1]
    total = 0.0
    for start in range(0, n_samples, slice_rows):
        part = slice(start, start + slice_rows)
        output = forward(spec, parameters, X[:, part])[-1]
        total += float(np.add.reduce(per_sample(output, targets[:, part]), dtype=np.float64))
    return total / float(n_samples)


def spec_for(settings: Settings, data: PreparedData) -> NetworkSpec:
    """Return the network that `settings` ask for on `data`."""
    return network_spec(settings, data.n_features, data.target)
