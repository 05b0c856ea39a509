"""What the pictures show of a network at one moment, in evaluation, computed from its parameters by the engine alone.

An `Observation` holds the response of every drawn unit over two chosen inputs, the prediction over the same plane, and the
predictions for a sample of rows. Other inputs are held at their mean over the training rows: 0 where they were standardised,
the share of the rows for a level of a category. What is switched off is 0.

Observing steals time from training, so it has a budget: the wider the network, the coarser the grid, the smaller the sample of
rows. It works in float32, which is ample for a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PartName, PreparedData
from engine.input_ranges import input_ranges
from engine.network import LayerView, NetworkSpec, forward, layer_output, predictions
from engine.observed_row import PlaceOfRow, activations_of_row, place_of_row

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)
Span = tuple[float, float]

FINEST_GRID = 48
"""Most cells per side of a map over two inputs."""

FINEST_LINE = 96
"""Most cells per side where there is one input only: the maps are lines then, and cost as little as lines."""

COARSEST_GRID = 16

MAX_ROWS = 1_000
"""Most rows predicted per part of the data."""

FEWEST_ROWS = 100

MAP_BUDGET_NS = 1.6e6
ROW_BUDGET_NS = 1.8e6
"""Time one observation may spend on the maps and on the rows, in nanoseconds, before they become coarser."""

NS_PER_UNIT = {"gelu": 45.0, "softplus": 45.0, "elu": 26.0, "selu": 26.0}
NS_PER_OTHER_UNIT = 9.0
NS_PER_NORMALIZATION = 5.0
NS_PER_WEIGHT = 0.1
"""Measured cost per sample in float32 on one core: a unit's bias and activation, what is on top of it where it is normalised,
and a weight's multiplication."""

MARGIN = 0.08
"""Room beyond the data on each side of an axis, as a share of the data's range; points at the edge have to fit in."""

KEEP_BONUS = 1.25
"""How much stronger than the weakest shown unit a hidden one must be to take its place; keeps the picture calm."""

_SAMPLE_SEED = 0


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
    row : int or None
        0-based number of the data row whose way through the network is wanted.
    spans : tuple of (low, high), or None
        What the axis of each input spans at least, in prepared values; it always spans the rows of every part.
    """

    input_pair: tuple[int, int] = (0, 1)
    max_units: int = 12
    maps: bool = True
    rows: bool = True
    row: int | None = None
    spans: tuple[Span, ...] | None = None


@dataclass(frozen=True)
class RowObservation:
    """What a network makes of one row; all arrays are read-only.

    Attributes
    ----------
    row : int
        0-based number of the data row.
    part : {"train", "validation", "test"}
    activations : tuple of ndarray of float64, shape (n_units,), one per layer, inputs and outputs included
        Inputs are the prepared values, outputs the predictions as shown (probabilities, or scaled values).
    loss : float
        Of this row alone, without penalty.
    """

    row: int
    part: PartName
    activations: tuple[NDArray[np.float64], ...]
    loss: float


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
        Activations; inputs are the standardised values, outputs the predictions as shown (probabilities, or standardised
        values). Empty where maps are not watched.
    prediction_map : ndarray of float32, shape (n_outputs, grid, grid)
        All outputs, as in the last entry of unit_maps but never hidden. With one input the rows are equal. Its grid has no
        cells where maps are not watched.
    train_rows, validation_rows : ndarray of int64
        Positions in X_train and X_validation of the rows predicted below: all of them, or a fixed sample; none where rows are
        not watched.
    train_predictions, validation_predictions : ndarray of float32, shape (n_outputs, n_rows)
    row : RowObservation or None
        None where no row is watched, or the watched one is in no part of the data.
    """

    input_pair: tuple[int, int]
    axis_x: FloatArray
    axis_y: FloatArray
    shown_units: tuple[IntArray, ...]
    unit_maps: tuple[FloatArray, ...]
    prediction_map: FloatArray
    train_rows: IntArray
    validation_rows: IntArray
    train_predictions: FloatArray
    validation_predictions: FloatArray
    row: RowObservation | None = None


@dataclass(frozen=True)
class _RowSamples:
    """The rows predicted in every frame: train rows first, then validation rows, as columns of `inputs`."""

    train_rows: IntArray
    validation_rows: IntArray
    inputs: FloatArray

    @classmethod
    def draw(cls, spec: NetworkSpec, data: PreparedData) -> _RowSamples:
        most = rows_per_part(spec)
        train, validation = _sample(len(data.X_train), most), _sample(len(data.X_validation), most)
        rows = np.concatenate([data.X_train[train], data.X_validation[validation]])
        return cls(train, validation, np.ascontiguousarray(rows.T, dtype=np.float32))


class Observer:
    """Observes one network on one table, frame after frame.

    What does not depend on the parameters (axes, the sample of rows) is settled once. Which units of a wide layer are shown
    changes only when others have become clearly stronger.

    Parameters
    ----------
    spec : NetworkSpec
    data : PreparedData

    Notes
    -----
    Used from one thread at a time: it remembers which units it showed last.
    """

    def __init__(self, spec: NetworkSpec, data: PreparedData) -> None:
        self.spec = spec
        self._data = data
        self._grid = grid_size(spec)
        self._ranges = input_ranges(data)
        self._held = self._ranges.means.astype(np.float32)
        self._held[spec.off(0)] = 0.0
        self._axes: dict[int, FloatArray] = {}
        self._spans: tuple[Span, ...] | None = None
        self._samples: _RowSamples | None = None
        self._shown: dict[int, IntArray] = {}
        self._place: tuple[int, PlaceOfRow | None] | None = None

    def observe(self, parameters: NDArray[np.floating], watch: Watch) -> Observation:
        """Return what the network with these parameters does.

        Parameters
        ----------
        parameters : ndarray of shape (n_parameters,)
        watch : Watch
            Inputs beyond the network's last one count as the last one.

        Returns
        -------
        Observation
        """
        pair = (min(watch.input_pair[0], self.spec.n_inputs - 1), min(watch.input_pair[1], self.spec.n_inputs - 1))
        if watch.spans != self._spans:
            self._axes, self._spans = {}, watch.spans
        with np.errstate(all="ignore"):  # numbers that are not finite are shown as such
            single = np.asarray(parameters, dtype=np.float32)
            layers = self.spec.views(single)
            shown = tuple(self._shown_units(layer, layers, watch.max_units, pair) for layer in range(len(self.spec.sizes)))
            unit_maps, prediction_map = self._maps(layers, pair, shown) if watch.maps else self._no_maps()
            rows = self._row_predictions(single) if watch.rows else self._no_rows()
            one_row = None if watch.row is None else self._observe_row(parameters, watch.row)
        return Observation(pair, self._axis(pair[0]), self._axis(pair[1]), shown, unit_maps, prediction_map, *rows, one_row)

    # ------------------------------------------------------------------ maps

    def _axis(self, feature: int) -> FloatArray:
        """Return the centres of the grid's cells over the values that an input has in any row, and over its wanted span."""
        if feature not in self._axes:
            low, high = float(self._ranges.lows[feature]), float(self._ranges.highs[feature])
            if low == high:
                low, high = low - 1.0, high + 1.0
            margin = MARGIN * (high - low)
            low, high = low - margin, high + margin
            if self._spans is not None and feature < len(self._spans):
                low, high = min(low, self._spans[feature][0]), max(high, self._spans[feature][1])
            edges = np.linspace(low, high, self._grid + 1)
            self._axes[feature] = _read_only(((edges[:-1] + edges[1:]) / 2.0).astype(np.float32))
        return self._axes[feature]

    def _maps(
        self, layers: list[LayerView], pair: tuple[int, int], shown: tuple[IntArray, ...]
    ) -> tuple[tuple[FloatArray, ...], FloatArray]:
        """Return the maps of the shown units of every layer, and those of all outputs."""
        n_rows = 1 if pair[0] == pair[1] else self._grid  # over one input all rows are equal: compute one
        x, y = self._values(pair[0]), self._values(pair[1])[:n_rows]
        maps = [self._input_maps(pair, shown[0])]
        inputs = _inputs_over(pair, x, y, self._held) if self.spec.skips(0) else x
        activation = _over_two_inputs(layers[0], pair, x, y, self._held)
        for index, layer in enumerate(layers):
            if index > 0:
                inputs = activation
                activation = np.asarray(layer.weights.T @ inputs, dtype=np.float32)
                activation += layer.bias[:, None]
            activation = layer_output(self.spec, index, layer, activation, inputs)
            if index == self.spec.n_layers - 1:
                activation = predictions(self.spec, activation)
            maps.append(self._squares(_rows_of(activation, shown[index + 1]), n_rows))
        return tuple(maps), self._squares(activation, n_rows)

    def _values(self, feature: int) -> FloatArray:
        """Return the values an input takes along its axis: 0 where it is switched off."""
        axis = self._axis(feature)
        return np.zeros_like(axis) if feature in self.spec.off(0) else axis

    def _input_maps(self, pair: tuple[int, int], shown: IntArray) -> FloatArray:
        maps = np.empty((len(shown), self._grid, self._grid), dtype=np.float32)
        maps[:] = self._held[shown][:, None, None]
        for place, unit in enumerate(shown):
            if unit == pair[0]:
                maps[place] = self._values(pair[0])
            elif unit == pair[1]:
                maps[place] = self._values(pair[1])[:, None]
        return _read_only(maps)

    def _squares(self, activation: FloatArray, n_rows: int) -> FloatArray:
        """Return activations of shape (n_units, n_rows * grid) as maps; one row stands for all where there is only one."""
        maps = activation.reshape(len(activation), n_rows, self._grid)
        return _read_only(np.broadcast_to(maps, (len(activation), self._grid, self._grid)))

    def _no_maps(self) -> tuple[tuple[FloatArray, ...], FloatArray]:
        nothing = _read_only(np.zeros((self.spec.n_outputs, 0, 0), dtype=np.float32))
        return (), nothing

    # ------------------------------------------------------------------ rows

    def _row_predictions(self, parameters: FloatArray) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        if self._samples is None:
            self._samples = _RowSamples.draw(self.spec, self._data)
        samples = self._samples
        shown = _read_only(predictions(self.spec, forward(self.spec, parameters, samples.inputs)[-1]))
        n_train = len(samples.train_rows)
        return samples.train_rows, samples.validation_rows, shown[:, :n_train], shown[:, n_train:]

    def _observe_row(self, parameters: NDArray[np.floating], row: int) -> RowObservation | None:
        """Return the way of one data row through the network; None where it is in no part of the data."""
        if self._place is None or self._place[0] != row:
            self._place = (row, place_of_row(self._data, row))
        place = self._place[1]
        if place is None:
            return None
        return RowObservation(row, place.part, *activations_of_row(self.spec, parameters, self._data, place))

    def _no_rows(self) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        rows = _read_only(np.zeros(0, dtype=np.int64))
        values = _read_only(np.zeros((self.spec.n_outputs, 0), dtype=np.float32))
        return rows, rows, values, values

    # ------------------------------------------------------------------ which units

    def _shown_units(self, layer: int, layers: list[LayerView], max_units: int, pair: tuple[int, int]) -> IntArray:
        """Return the units of a layer that are drawn, ascending: all, or those with the strongest links."""
        n_units = self.spec.sizes[layer]
        before = self._shown.get(layer)
        if n_units <= max_units:
            if before is None or len(before) != n_units:
                self._shown[layer] = _read_only(np.arange(n_units, dtype=np.int64))
            return self._shown[layer]
        strength = link_strengths(layers, layer)
        if before is not None:
            strength[before] *= KEEP_BONUS
        if layer == 0:
            strength[list(pair)] = np.inf  # the inputs the maps are drawn over are always there
        strongest = np.sort(np.argpartition(-strength, max_units - 1)[:max_units])
        if before is None or not np.array_equal(strongest, before):
            self._shown[layer] = _read_only(strongest.astype(np.int64))
        return self._shown[layer]


def observe(spec: NetworkSpec, parameters: NDArray[np.floating], data: PreparedData, watch: Watch) -> Observation:
    """Return what a network does at one moment; for frame after frame, keep one `Observer`.

    Parameters
    ----------
    spec : NetworkSpec
    parameters : ndarray of shape (n_parameters,)
    data : PreparedData
    watch : Watch
    """
    return Observer(spec, data).observe(parameters, watch)


def link_strengths(layers: list[LayerView], layer: int) -> FloatArray:
    """Return the sum of abs(weight) over the links in and out of each unit of a layer (0 = inputs); not finite counts as 0.

    Returns
    -------
    ndarray of shape (n_units,)
    """
    strength = np.zeros(1, dtype=np.float32)
    if layer > 0:
        strength = strength + np.abs(layers[layer - 1].weights).sum(axis=0)
    if layer < len(layers):
        strength = strength + np.abs(layers[layer].weights).sum(axis=1)
    return np.asarray(np.nan_to_num(strength, copy=False, nan=0.0, posinf=0.0), dtype=np.float32)


def grid_size(spec: NetworkSpec) -> int:
    """Return the cells per side of a network's maps: as fine as its width allows within the time budget."""
    if spec.n_inputs == 1:
        return FINEST_LINE
    after_inputs = sum(fan_in * fan_out for fan_in, fan_out in zip(spec.sizes[1:], spec.sizes[2:], strict=False))
    cells = MAP_BUDGET_NS / _cost_per_sample(spec, after_inputs)
    return int(np.clip(int(sqrt(cells)), COARSEST_GRID, FINEST_GRID))


def rows_per_part(spec: NetworkSpec) -> int:
    """Return the most rows predicted per part of the data within the time budget."""
    weights = sum(fan_in * fan_out for fan_in, fan_out in zip(spec.sizes, spec.sizes[1:], strict=False))
    rows = ROW_BUDGET_NS / _cost_per_sample(spec, weights) / 2.0
    return int(np.clip(int(rows), FEWEST_ROWS, MAX_ROWS))


def _cost_per_sample(spec: NetworkSpec, n_weights: int) -> float:
    normalization = NS_PER_NORMALIZATION if spec.normalization != "none" else 0.0
    hidden = zip(spec.sizes[1:-1], spec.activations, strict=False)
    units = sum(size * (NS_PER_UNIT.get(name, NS_PER_OTHER_UNIT) + normalization) for size, name in hidden)
    return units + NS_PER_OTHER_UNIT * spec.n_outputs + NS_PER_WEIGHT * n_weights


def _inputs_over(pair: tuple[int, int], x: FloatArray, y: FloatArray, held: FloatArray) -> FloatArray:
    """Return the inputs on the grid, shape (n_inputs, len(y) * len(x)); those beside the pair have their value of `held`."""
    inputs = np.empty((len(held), len(y), len(x)), dtype=np.float32)
    inputs[:] = held[:, None, None]
    inputs[pair[1]] = y[:, None]
    inputs[pair[0]] = x
    return inputs.reshape(len(held), -1)


def _over_two_inputs(layer: LayerView, pair: tuple[int, int], x: FloatArray, y: FloatArray, held: FloatArray) -> FloatArray:
    """Return z of the first layer on the grid, shape (n_units, len(y) * len(x)); other inputs have their value of `held`."""
    others = held.copy()
    others[list(pair)] = 0.0
    base = (layer.bias + others @ layer.weights)[:, None]
    along_x = layer.weights[pair[0]][:, None] * x
    if pair[0] == pair[1]:
        return np.asarray(along_x + base)
    along_y = layer.weights[pair[1]][:, None] * y + base
    return np.asarray((along_y[:, :, None] + along_x[:, None, :]).reshape(len(layer.bias), -1))


def _sample(n_rows: int, most: int) -> IntArray:
    """Return all row positions, or a fixed random sample of them, ascending."""
    if n_rows <= most:
        return _read_only(np.arange(n_rows))
    chosen = np.random.default_rng(_SAMPLE_SEED).choice(n_rows, most, replace=False)
    return _read_only(np.sort(chosen))


def _rows_of(activation: FloatArray, shown: IntArray) -> FloatArray:
    return activation if len(shown) == len(activation) else activation[shown]


def _read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.flags.writeable = False
    return array
