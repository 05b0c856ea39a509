"""A multilayer perceptron: its specification, its parameters as one flat vector with named views, and its forward pass.

Inside the engine samples are columns: activations have the shape (n_units, n_samples). Each layer's weights
(fan_in x fan_out, row = input, column = unit) are followed by its bias in the flat vector, so that together they are one matrix
of shape (fan_in + 1, fan_out) and the bias costs no call of its own. Where a layer is normalised, scale and shift follow and,
with batch normalisation, the running averages: these are no parameters (no gradient ever moves them), but a network computes
nothing without them, so they travel in the same vector.

A hidden layer computes f(normalise(W^T a + b)), plus its input where a skip connection adds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.data.prepared import Target
from engine.losses import LOSSES, PLAIN, LossOptions, losses_per_sample, softmax
from engine.normalization import NormalizationView, n_vectors, normalized

Array = NDArray[np.floating[Any]]


class ParameterBlock(NamedTuple):
    """Where the weights, the bias or a part of the normalisation of one layer stand in the flat vector."""

    name: str
    shape: tuple[int, ...]
    start: int
    stop: int

    @property
    def is_running_average(self) -> bool:
        """Whether no gradient moves it."""
        return self.name.endswith(("/running_mean", "/running_variance"))


class Place(NamedTuple):
    """What stands at one place of a flat vector: layer from 1, kind in words, unit and (for a weight) source from 0."""

    layer: int
    kind: str
    unit: int
    source: int | None = None


class LayerView(NamedTuple):
    """Views of one layer in a flat vector: they share its memory.

    `weights` has the shape (fan_in, fan_out), `bias` (fan_out,), `matrix` (fan_in + 1, fan_out) with the bias as last row;
    `normalization` is None where the layer has none.
    """

    weights: Array
    bias: Array
    matrix: Array
    normalization: NormalizationView | None = None


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
    loss_options : LossOptions
    normalization : {"none", "batch", "layer"}
        Of the hidden layers.
    skip : bool
        Whether a hidden layer with as many units as its input has adds that input to its output.
    switched_off : tuple of (int, int)
        Layer (0 for the inputs) and unit, counted from 0, of what is held at 0.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    loss_options: LossOptions = PLAIN
    normalization: str = "none"
    skip: bool = False
    switched_off: tuple[tuple[int, int], ...] = ()

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
        """The order of the flat vector: layer_1/weights, layer_1/bias, (layer_1/scale, ...,) layer_2/weights, ..."""
        blocks: list[ParameterBlock] = []
        start = 0
        for index, (fan_in, fan_out) in enumerate(pairwise(self.sizes)):
            kinds = [("weights", (fan_in, fan_out)), ("bias", (fan_out,))]
            kinds += [(kind, (fan_out,)) for kind in self._normalization_kinds(index)]
            for kind, shape in kinds:
                stop = start + int(np.prod(shape))
                blocks.append(ParameterBlock(f"layer_{index + 1}/{kind}", shape, start, stop))
                start = stop
        return tuple(blocks)

    def block(self, layer: int, kind: str) -> ParameterBlock:
        """Return where a part of a layer, counted from 1, stands: block(1, "weights")."""
        return self._blocks_by_name[f"layer_{layer}/{kind}"]

    def place_of(self, index: int) -> Place:
        """Return what stands at a place of the flat vector."""
        block = next(block for block in self.blocks if block.start <= index < block.stop)
        layer, kind = block.name.removeprefix("layer_").split("/")
        source, unit = divmod(index - block.start, block.shape[-1])
        is_weight = kind == "weights"
        return Place(int(layer), "weight" if is_weight else kind.replace("_", " "), unit, source if is_weight else None)

    def describe_parameter(self, index: int) -> str:
        """Return what a place of the flat vector holds, in words, layers and units counted from 1."""
        layer, kind, unit, source = self.place_of(index)
        return (
            f"layer {layer} {kind} of unit {unit + 1}" if source is None else f"layer {layer} {kind} {source + 1} to {unit + 1}"
        )

    @cached_property
    def _blocks_by_name(self) -> dict[str, ParameterBlock]:
        return {block.name: block for block in self.blocks}

    @property
    def n_parameters(self) -> int:
        """Length of the flat vector."""
        return self.blocks[-1].stop

    @cached_property
    def n_trained(self) -> int:
        """Number of parameters that training moves: the running averages are none of them."""
        return sum(block.stop - block.start for block in self.blocks if not block.is_running_average)

    @property
    def shown_activation(self) -> str:
        """The function that makes what is shown out of the output as the loss takes it.

        Scores of one output per class count only against each other, so they are shown through softmax.
        """
        name = LOSSES[self.loss].display_activation
        if name is None:
            return self.activations[-1]
        return "softmax" if self.n_outputs > 1 else name

    def trained_mask(self) -> NDArray[np.bool_] | None:
        """Return where the flat vector holds what training moves, shape (n_parameters,); None where that is everywhere."""
        if self.n_trained == self.n_parameters:
            return None
        mask = np.ones(self.n_parameters, dtype=bool)
        for block in self.blocks:
            if block.is_running_average:
                mask[block.start : block.stop] = False
        return mask

    def layer_slices(self) -> list[slice]:
        """Return where each layer stands in the flat vector, first hidden layer first."""
        starts = [block.start for block in self.blocks if block.name.endswith("/weights")]
        return [slice(start, stop) for start, stop in pairwise([*starts, self.n_parameters])]

    def skips(self, index: int) -> bool:
        """Return whether a layer, counted from 0, adds its input to its output."""
        return self.skip and index < self.n_layers - 1 and self.sizes[index] == self.sizes[index + 1]

    def off(self, layer: int) -> list[int]:
        """Return the units that are switched off, both counted from 0, layer 0 being the inputs."""
        return [unit for of_layer, unit in self.switched_off if of_layer == layer]

    def views(self, vector: Array) -> list[LayerView]:
        """Return the layers of a flat vector, first hidden layer first, as views that share its memory."""
        layers = []
        extra = n_vectors(self.normalization)
        for index, part in enumerate(self.layer_slices()):
            fan_in, fan_out = self.sizes[index : index + 2]
            rows = vector[part].reshape(-1, fan_out)
            matrix = rows[: fan_in + 1]
            view = None
            if extra and index < self.n_layers - 1:
                averages = rows[fan_in + 3 :] if extra == 4 else (None, None)
                view = NormalizationView(rows[fan_in + 1], rows[fan_in + 2], averages[0], averages[1])
            layers.append(LayerView(matrix[:fan_in], matrix[fan_in], matrix, view))
        return layers

    def _normalization_kinds(self, index: int) -> tuple[str, ...]:
        is_hidden = index < self.n_layers - 1
        return ("scale", "shift", "running_mean", "running_variance")[: n_vectors(self.normalization)] if is_hidden else ()


def encode_targets(spec: NetworkSpec, target: Target, y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return targets as the loss takes them: shape (n_outputs, n_samples).

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Standardised values, or class codes. Classes become one column each where there is one output per class (smoothed, where
        that is asked for), and signs, +1 for class 0 and -1 for class 1, where a loss takes one output for two classes.
    """
    if target.task == "regression":
        return y.reshape(1, -1).astype(np.float64)
    if spec.n_outputs == 1:
        return (1.0 - 2.0 * y if LOSSES[spec.loss].signed else y.astype(np.float64)).reshape(1, -1)
    one_hot: NDArray[np.float64] = (np.arange(spec.n_outputs)[:, None] == y[None, :]).astype(np.float64)
    smoothing = spec.loss_options.label_smoothing
    return one_hot if smoothing == 0.0 else one_hot * (1.0 - smoothing) + smoothing / spec.n_outputs


def forward(spec: NetworkSpec, parameters: Array, X: Array) -> list[Array]:
    """Return every layer's outputs for evaluation, inputs first; the last is the output as the loss takes it.

    Parameters
    ----------
    parameters : ndarray of shape (n_parameters,)
    X : ndarray of shape (n_inputs, n_samples)

    Returns
    -------
    list of ndarray of shape (n_units, n_samples)
    """
    outputs = [without(X, spec.off(0))]
    for index, layer in enumerate(spec.views(parameters)):
        z = layer.weights.T @ outputs[-1] + layer.bias[:, None]
        outputs.append(layer_output(spec, index, layer, z, outputs[-1]))
    return outputs


def layer_output(spec: NetworkSpec, index: int, layer: LayerView, z: Array, inputs: Array) -> Array:
    """Return what a layer, counted from 0, makes of its pre-activations in evaluation; `z` may be overwritten.

    Parameters
    ----------
    z : ndarray of shape (fan_out, n_samples)
    inputs : ndarray of shape (fan_in, n_samples)
        The layer's inputs, for a skip connection.
    """
    if layer.normalization is not None:
        z = normalized(z, layer.normalization)
    ACTIVATIONS[spec.activations[index]].apply(z, z)
    if spec.skips(index):
        z += inputs
    return without(z, spec.off(index + 1))


def without(values: Array, units: list[int]) -> Array:
    """Return the values of a layer's units with some of them at 0; the array itself where there are none."""
    if not units:
        return values
    rest = values.copy()
    rest[units] = 0.0
    return rest


def predictions(spec: NetworkSpec, output: Array) -> Array:
    """Return the outputs as they are shown: probabilities for losses from logits, else the outputs themselves."""
    shown = np.empty_like(output)
    if LOSSES[spec.loss].display_activation is None:
        np.copyto(shown, output)
    elif spec.shown_activation == "softmax":
        softmax(output, shown)
    else:
        ACTIVATIONS[spec.shown_activation].apply(output, shown)
    return shown


def mean_loss(spec: NetworkSpec, parameters: Array, X: Array, targets: Array, slice_rows: int = 16_384) -> float:
    """Return the mean loss over all samples, without penalty; computed in slices so that memory stays bounded.

    Parameters
    ----------
    X : ndarray of shape (n_inputs, n_samples)
    targets : ndarray of shape (n_outputs, n_samples)
    """
    n_samples = X.shape[1]
    total = 0.0
    for start in range(0, n_samples, slice_rows):
        part = slice(start, start + slice_rows)
        output = forward(spec, parameters, X[:, part])[-1]
        losses = losses_per_sample(spec.loss, output, targets[:, part], spec.loss_options)
        total += float(np.add.reduce(losses, dtype=np.float64))
    return total / float(n_samples)
