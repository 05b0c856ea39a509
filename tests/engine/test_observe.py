from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.activations import ACTIVATIONS
from engine.data.prepared import Feature, PreparedData, Target
from engine.input_ranges import input_ranges
from engine.network import NetworkSpec, forward, predictions
from engine.observe import MARGIN, MAX_ROWS, Observer, Watch, grid_size, observe, rows_per_part


def make_data(
    n_inputs: int = 2, n_train: int = 50, n_validation: int = 20, classes: tuple[str, ...] = ("no", "yes")
) -> PreparedData:
    generator = np.random.default_rng(7)
    features = tuple(Feature(f"x{number}", f"x{number}") for number in range(n_inputs))
    return PreparedData(
        name="made",
        X_train=generator.normal(size=(n_train, n_inputs)),
        y_train=generator.integers(0, len(classes), n_train).astype(float),
        X_validation=generator.normal(size=(n_validation, n_inputs)),
        y_validation=generator.integers(0, len(classes), n_validation).astype(float),
        rows_train=np.arange(n_train),
        rows_validation=np.arange(n_train, n_train + n_validation),
        features=features,
        target=Target("target", "classification", classes),
        preparation={},
    )


def make_spec(*sizes: int, activation: str = "tanh", loss: str = "bce", **changes) -> NetworkSpec:
    return NetworkSpec(sizes, (*[activation] * (len(sizes) - 2), "identity"), loss, **changes)


def make_parameters(spec: NetworkSpec, seed: int = 0) -> np.ndarray:
    parameters = np.random.default_rng(seed).normal(size=spec.n_parameters)
    for layer in spec.views(parameters):
        if layer.normalization is not None and layer.normalization.running_variance is not None:
            layer.normalization.running_variance[:] = np.abs(layer.normalization.running_variance) + 0.3
    return parameters


def plane(observation, data: PreparedData) -> np.ndarray:
    """Return the grid's points as columns of inputs, in the order of a map's cells; other inputs at their training mean."""
    x, y = np.meshgrid(observation.axis_x, observation.axis_y)
    points = np.tile(data.X_train.mean(axis=0)[:, None], x.size)
    points[observation.input_pair[0]] = x.ravel()
    points[observation.input_pair[1]] = y.ravel()
    return points


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
@pytest.mark.parametrize("pair", [(0, 1), (3, 1)])
def test_maps_are_the_forward_pass_over_the_plane_with_other_inputs_at_their_mean(activation, pair):
    spec = make_spec(4, 5, 3, 1, activation=activation)
    parameters = make_parameters(spec)
    data = make_data(4)
    observation = observe(spec, parameters, data, Watch(input_pair=pair))
    layers = forward(spec, parameters, plane(observation, data))
    layers[-1] = predictions(spec, layers[-1])
    assert len(observation.unit_maps) == 4
    for maps, expected in zip(observation.unit_maps, layers, strict=True):
        np.testing.assert_allclose(maps.reshape(len(expected), -1), expected, rtol=2e-4, atol=2e-5)
    np.testing.assert_array_equal(observation.prediction_map, observation.unit_maps[-1])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("switched_off", [(), ((0, 1), (1, 0), (2, 3)), ((0, 2), (1, 2))])
@pytest.mark.parametrize(("loss", "n_outputs"), [("bce", 1), ("hinge", 3), ("mse", 1)])
def test_every_network_is_observed_as_its_forward_pass_has_it(activation, normalization, skip, switched_off, loss, n_outputs):
    kinds = {"normalization": normalization, "skip": skip, "switched_off": switched_off}
    spec = make_spec(4, 4, 4, 3, n_outputs, activation=activation, loss=loss, **kinds)
    parameters = make_parameters(spec)
    data = make_data(4, classes=("a", "b", "c")[: max(n_outputs, 2)])
    observation = observe(spec, parameters, data, Watch(input_pair=(3, 1)))
    layers = forward(spec, parameters, plane(observation, data))
    layers[-1] = predictions(spec, layers[-1])
    for layer, (maps, expected) in enumerate(zip(observation.unit_maps, layers, strict=True)):
        tolerance = 1e-5 * max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(maps.reshape(len(expected), -1), expected, rtol=2e-4, atol=tolerance)
        assert not maps[spec.off(layer)].any()
    expected = predictions(spec, forward(spec, parameters, data.X_train.T)[-1])
    tolerance = 1e-5 * max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(observation.train_predictions, expected, rtol=2e-4, atol=tolerance)


@pytest.mark.parametrize("normalization", ["none", "layer"])
def test_one_input_with_a_skip_connection(normalization):
    spec = make_spec(1, 1, 1, normalization=normalization, skip=True, loss="mse")
    parameters = make_parameters(spec)
    observation = observe(spec, parameters, make_data(1), Watch())
    expected = forward(spec, parameters, observation.axis_x[None, :].astype(float))
    for maps, layer in zip(observation.unit_maps, expected, strict=True):
        np.testing.assert_allclose(maps[0], np.tile(layer, (len(maps[0]), 1)), rtol=1e-4, atol=1e-5)


def test_a_switched_off_input_keeps_its_axis():
    spec = make_spec(2, 3, 1, switched_off=((0, 0),))
    data = make_data()
    observation = observe(spec, make_parameters(spec), data, Watch())
    assert observation.axis_x[0] < data.X_train[:, 0].min() < data.X_train[:, 0].max() < observation.axis_x[-1]
    assert not observation.unit_maps[0][0].any()
    assert np.ptp(observation.prediction_map[0], axis=1).max() == 0.0


def test_softmax_outputs_are_probabilities():
    spec = make_spec(3, 4, 3, loss="cross_entropy")
    observation = observe(spec, make_parameters(spec), make_data(3, classes=("a", "b", "c")), Watch())
    np.testing.assert_allclose(observation.prediction_map.sum(axis=0), 1.0, rtol=1e-5)
    np.testing.assert_allclose(observation.train_predictions.sum(axis=0), 1.0, rtol=1e-5)


def test_one_input_gives_equal_rows():
    spec = make_spec(1, 4, 1, loss="mse")
    parameters = make_parameters(spec)
    observation = observe(spec, parameters, make_data(1), Watch())
    assert observation.input_pair == (0, 0)
    expected = forward(spec, parameters, observation.axis_x[None, :].astype(float))[-1]
    for row in observation.prediction_map[0]:
        np.testing.assert_allclose(row, expected[0], rtol=1e-4, atol=1e-5)


def test_a_network_without_hidden_layers_is_observed():
    spec = make_spec(2, 1)
    parameters = make_parameters(spec)
    observation = observe(spec, parameters, make_data(), Watch())
    expected = predictions(spec, forward(spec, parameters, plane(observation, make_data()))[-1])
    np.testing.assert_allclose(observation.prediction_map.reshape(1, -1), expected, rtol=1e-4)


def with_far_rows() -> PreparedData:
    """Return data with a validation row and a test row far from the training rows."""
    data = make_data()
    data.X_validation[3] = 7.0, -1.0
    return replace(data, X_test=np.array([[0.0, -9.0], [1.0, 0.5]]), y_test=np.zeros(2), rows_test=np.arange(70, 72))


def test_axes_cover_the_rows_of_every_part_with_a_margin():
    data = with_far_rows()
    spec = make_spec(2, 3, 1)
    observation = observe(spec, make_parameters(spec), data, Watch())
    rows = np.concatenate([data.X_train, data.X_validation, data.X_test])
    for axis, values in zip((observation.axis_x, observation.axis_y), rows.T, strict=True):
        half_cell = (axis[1] - axis[0]) / 2
        margin = MARGIN * np.ptp(values)
        assert axis[0] - half_cell == pytest.approx(values.min() - margin, rel=1e-5)
        assert axis[-1] + half_cell == pytest.approx(values.max() + margin, rel=1e-5)


def test_ranges_agree_with_pandas_and_means_are_those_of_the_training_rows():
    data = with_far_rows()
    ranges = input_ranges(data)
    every = pd.DataFrame(np.concatenate([data.X_train, data.X_validation, data.X_test])).describe()
    np.testing.assert_array_equal(ranges.lows, every.loc["min"])
    np.testing.assert_array_equal(ranges.highs, every.loc["max"])
    np.testing.assert_allclose(ranges.means, pd.DataFrame(data.X_train).mean(), rtol=1e-12)


def test_axes_span_what_is_wanted_as_long_as_it_is_wanted():
    data, spec = make_data(), make_spec(2, 3, 1)
    observer, parameters = Observer(spec, data), make_parameters(spec)
    rows_alone = observer.observe(parameters, Watch())
    wide = observer.observe(parameters, Watch(spans=((-10.0, 12.0), (0.0, 0.1))))
    half_cell = (wide.axis_x[1] - wide.axis_x[0]) / 2
    assert (wide.axis_x[0] - half_cell, wide.axis_x[-1] + half_cell) == pytest.approx((-10.0, 12.0), rel=1e-5)
    np.testing.assert_array_equal(wide.axis_y, rows_alone.axis_y)  # the rows need more
    layers = forward(spec, parameters, plane(wide, data))
    np.testing.assert_allclose(wide.prediction_map[0].ravel(), predictions(spec, layers[-1])[0], rtol=2e-4, atol=2e-5)
    np.testing.assert_array_equal(observer.observe(parameters, Watch()).axis_x, rows_alone.axis_x)


def test_a_constant_input_still_has_an_axis():
    data = make_data()
    data.X_train[:, 1] = 0.0
    spec = make_spec(2, 3, 1)
    axis = observe(spec, make_parameters(spec), data, Watch()).axis_y
    assert axis[0] < 0.0 < axis[-1]


def test_all_rows_are_predicted_where_they_are_few():
    data = make_data(n_train=50, n_validation=20)
    spec = make_spec(2, 8, 8, 1)
    parameters = make_parameters(spec)
    observation = observe(spec, parameters, data, Watch())
    np.testing.assert_array_equal(observation.train_rows, np.arange(50))
    expected = predictions(spec, forward(spec, parameters, data.X_validation.T)[-1])
    np.testing.assert_allclose(observation.validation_predictions, expected, rtol=2e-4, atol=1e-5)


def test_many_rows_are_a_fixed_sample_in_order():
    data = make_data(n_train=MAX_ROWS + 500)
    spec = make_spec(2, 4, 1)
    parameters = make_parameters(spec)
    first = observe(spec, parameters, data, Watch())
    again = observe(spec, make_parameters(spec, 1), data, Watch())
    assert len(first.train_rows) == MAX_ROWS == first.train_predictions.shape[1]
    assert np.all(np.diff(first.train_rows) > 0)
    np.testing.assert_array_equal(first.train_rows, again.train_rows)
    expected = predictions(spec, forward(spec, parameters, data.X_train[first.train_rows].T)[-1])
    np.testing.assert_allclose(first.train_predictions, expected, rtol=2e-4, atol=1e-5)


def test_data_without_validation_rows_is_observed():
    spec = make_spec(2, 4, 1)
    observation = observe(spec, make_parameters(spec), make_data(n_validation=0), Watch())
    assert observation.validation_predictions.shape == (1, 0)


def test_wide_layers_show_the_units_with_the_strongest_links():
    spec = make_spec(2, 40, 1)
    parameters = make_parameters(spec) * 0.01
    layers = spec.views(parameters)
    layers[0].weights[1, [3, 17, 31]] = -5.0
    layers[1].weights[25] = 4.0
    observation = observe(spec, parameters, make_data(), Watch(max_units=4))
    np.testing.assert_array_equal(observation.shown_units[1], [3, 17, 25, 31])
    assert observation.unit_maps[1].shape[0] == 4
    expected = forward(spec, parameters, plane(observation, make_data()))[1][[3, 17, 25, 31]]
    np.testing.assert_allclose(observation.unit_maps[1].reshape(4, -1), expected, rtol=1e-4, atol=1e-5)


def test_the_watched_inputs_are_always_shown():
    spec = make_spec(30, 4, 1)
    parameters = make_parameters(spec)
    spec.views(parameters)[0].weights[[20, 29]] = 0.0
    shown = observe(spec, parameters, make_data(30), Watch(input_pair=(29, 20), max_units=5)).shown_units[0]
    assert {20, 29} <= set(shown.tolist())
    assert len(shown) == 5


def test_shown_units_stay_until_another_is_clearly_stronger():
    spec = make_spec(2, 6, 1)
    observer = Observer(spec, make_data())
    parameters = np.zeros(spec.n_parameters)
    strengths = spec.views(parameters)[1].weights[:, 0]
    strengths[:] = [1.0, 0.9, 0.8, 0.1, 0.1, 0.1]
    watch = Watch(max_units=3)
    np.testing.assert_array_equal(observer.observe(parameters, watch).shown_units[1], [0, 1, 2])
    strengths[5] = 0.9
    np.testing.assert_array_equal(observer.observe(parameters, watch).shown_units[1], [0, 1, 2])
    strengths[5] = 1.1
    np.testing.assert_array_equal(observer.observe(parameters, watch).shown_units[1], [0, 1, 5])


def test_what_is_not_watched_costs_nothing_and_is_empty():
    spec = make_spec(2, 3, 1)
    parameters = make_parameters(spec)
    without_maps = observe(spec, parameters, make_data(), Watch(maps=False))
    assert without_maps.unit_maps == ()
    assert without_maps.prediction_map.shape == (1, 0, 0)
    without_rows = observe(spec, parameters, make_data(), Watch(rows=False))
    assert len(without_rows.train_rows) == 0
    assert without_rows.train_predictions.shape == (1, 0)


def test_everything_is_read_only_and_float32():
    spec = make_spec(3, 20, 2, loss="cross_entropy")
    observation = observe(spec, make_parameters(spec), make_data(3), Watch(max_units=6))
    floats = [
        observation.axis_x,
        observation.axis_y,
        *observation.unit_maps,
        observation.prediction_map,
        observation.train_predictions,
        observation.validation_predictions,
    ]
    assert {array.dtype for array in floats} == {np.dtype(np.float32)}
    whole_numbers = [*observation.shown_units, observation.train_rows, observation.validation_rows]
    assert {array.dtype for array in whole_numbers} == {np.dtype(np.int64)}
    assert not any(array.flags.writeable for array in floats + whole_numbers)


def test_the_parameters_are_left_alone():
    spec = make_spec(2, 5, 1)
    parameters = make_parameters(spec).astype(np.float32)
    before = parameters.copy()
    observe(spec, parameters, make_data(), Watch())
    np.testing.assert_array_equal(parameters, before)


def test_parameters_that_are_not_finite_are_observed_without_a_warning():
    spec = make_spec(2, 20, 1, activation="relu")
    parameters = make_parameters(spec) * 1e200
    parameters[0] = np.nan
    observation = observe(spec, parameters, make_data(), Watch(max_units=5))
    assert not np.isfinite(observation.prediction_map).all()


def test_the_wider_the_network_the_coarser_the_grid_and_the_fewer_the_rows():
    specs = [make_spec(2, 8, 8, 1), make_spec(13, 64, 64, 1), make_spec(784, 256, 128, 10)]
    grids = [grid_size(spec) for spec in specs]
    rows = [rows_per_part(spec) for spec in specs]
    assert grids == sorted(grids, reverse=True)
    assert rows == sorted(rows, reverse=True)
    assert (grids[0], rows[0]) == (48, MAX_ROWS)


def test_costly_activations_and_normalisation_get_a_coarser_grid_and_fewer_rows():
    plain = make_spec(13, 64, 64, 1)
    for costly in (
        make_spec(13, 64, 64, 1, activation="gelu"),
        make_spec(13, 64, 64, 1, activation="softplus"),
        make_spec(13, 64, 64, 1, normalization="layer"),
    ):
        assert grid_size(costly) < grid_size(plain)
        assert rows_per_part(costly) < rows_per_part(plain)
