"""What a network is: its flat vector, which loss and output go together, its targets, and the forward pass in evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.data.prepared import Target
from engine.losses import LossOptions
from engine.network import NetworkSpec, encode_targets, forward, mean_loss, predictions, without
from engine.network_choice import network_spec
from engine.settings import SettingsError, make_settings

NUMBER = Target("y", "regression")
TWO, THREE = (Target("y", "classification", tuple("abc"[:n])) for n in (2, 3))


def spec_of(target: Target, **changes: Any) -> NetworkSpec:
    return network_spec(make_settings(**changes), 4, target)


# ---------------------------------------------------------------------- the flat vector


def test_the_flat_vector_is_in_the_order_that_files_name() -> None:
    spec = NetworkSpec((2, 3, 1), ("tanh", "identity"), "mse", normalization="batch")
    names = [(block.name, block.shape, block.start, block.stop) for block in spec.blocks]
    assert names == [
        ("layer_1/weights", (2, 3), 0, 6),
        ("layer_1/bias", (3,), 6, 9),
        ("layer_1/scale", (3,), 9, 12),
        ("layer_1/shift", (3,), 12, 15),
        ("layer_1/running_mean", (3,), 15, 18),
        ("layer_1/running_variance", (3,), 18, 21),
        ("layer_2/weights", (3, 1), 21, 24),
        ("layer_2/bias", (1,), 24, 25),
    ]
    assert spec.n_parameters == 25
    assert spec.n_trained == 19
    assert spec.layer_slices() == [slice(0, 21), slice(21, 25)]
    assert [bool(value) for value in spec.trained_mask()] == [True] * 15 + [False] * 6 + [True] * 4


@pytest.mark.parametrize("normalization", ["none", "layer"])
def test_everything_is_trained_without_running_averages(normalization: str) -> None:
    spec = NetworkSpec((2, 3, 1), ("tanh", "identity"), "mse", normalization=normalization)
    assert spec.trained_mask() is None
    assert spec.n_trained == spec.n_parameters


@pytest.mark.parametrize("normalization", ["none", "layer", "batch"])
def test_views_are_the_blocks_and_share_their_memory(normalization: str) -> None:
    spec = NetworkSpec((2, 3, 4, 1), ("tanh", "tanh", "identity"), "mse", normalization=normalization)
    vector = np.arange(float(spec.n_parameters))
    blocks = {block.name: vector[block.start : block.stop].reshape(block.shape) for block in spec.blocks}
    for number, layer in enumerate(spec.views(vector), start=1):
        assert np.array_equal(layer.weights, blocks[f"layer_{number}/weights"])
        assert np.array_equal(layer.bias, blocks[f"layer_{number}/bias"])
        assert np.array_equal(layer.matrix, np.vstack([layer.weights, layer.bias]))
        for kind in layer.normalization._fields if layer.normalization else ():
            part = getattr(layer.normalization, kind)
            assert (part is None) == (f"layer_{number}/{kind}" not in blocks)
            assert part is None or np.array_equal(part, blocks[f"layer_{number}/{kind}"])
        layer.matrix[:] = -1.0
    assert np.count_nonzero(vector == -1.0) == (2 + 1) * 3 + (3 + 1) * 4 + (4 + 1) * 1


def test_skips_go_around_hidden_layers_that_keep_the_width() -> None:
    spec = NetworkSpec((4, 4, 3, 3, 3), ("tanh",) * 4, "mse", skip=True)
    assert [spec.skips(index) for index in range(4)] == [True, False, True, False]
    plain = NetworkSpec((4, 4, 3, 3, 3), ("tanh",) * 4, "mse")
    assert not any(plain.skips(index) for index in range(4))


# ---------------------------------------------------------------------- what goes together


@pytest.mark.parametrize(
    ("target", "changes", "loss", "activation", "n_outputs"),
    [
        (NUMBER, {}, "mse", "identity", 1),
        (NUMBER, {"loss": "huber", "output_activation": "tanh"}, "huber", "tanh", 1),
        (NUMBER, {"loss": "mae", "output_activation": "sigmoid"}, "mae", "sigmoid", 1),
        (TWO, {}, "bce", "identity", 1),
        (TWO, {"output_activation": "sigmoid"}, "bce", "identity", 1),
        (TWO, {"loss": "mse", "output_activation": "sigmoid"}, "mse", "sigmoid", 1),
        (TWO, {"loss": "cross_entropy"}, "cross_entropy", "identity", 2),
        (TWO, {"loss": "hinge"}, "hinge", "identity", 1),
        (THREE, {}, "cross_entropy", "identity", 3),
        (THREE, {"output_activation": "softmax"}, "cross_entropy", "identity", 3),
        (THREE, {"loss": "hinge"}, "hinge", "identity", 3),
        (THREE, {"loss": "mse"}, "mse", "identity", 3),
    ],
)
def test_loss_and_output_follow_the_target(
    target: Target, changes: dict[str, Any], loss: str, activation: str, n_outputs: int
) -> None:
    spec = spec_of(target, hidden=(5,), **changes)
    assert (spec.loss, spec.activations[-1], spec.n_outputs) == (loss, activation, n_outputs)
    assert spec.sizes == (4, 5, n_outputs)


@pytest.mark.parametrize(
    ("target", "changes", "message"),
    [
        (NUMBER, {"loss": "bce"}, "loss: bce needs classes"),
        (NUMBER, {"loss": "hinge"}, "loss: hinge needs classes"),
        (TWO, {"loss": "mae"}, "loss: mae needs a number"),
        (THREE, {"loss": "bce"}, "bce needs 2 classes, but 'y' has 3"),
        (TWO, {"output_activation": "tanh"}, "tanh does not go with the loss bce; it allows auto, sigmoid, identity"),
        (TWO, {"loss": "hinge", "output_activation": "sigmoid"}, "sigmoid does not go with the loss hinge"),
        (NUMBER, {"output_activation": "softmax"}, "softmax does not go with the loss mse"),
        (NUMBER, {"label_smoothing": 0.1}, "label_smoothing: it goes with bce and cross_entropy, but the loss is mse"),
        (TWO, {"loss": "hinge", "label_smoothing": 0.1}, "but the loss is hinge"),
        (NUMBER, {"class_weights": True}, "class_weights: the target 'y' is a number"),
        (TWO, {"switched_off": ((0, 5),)}, "there is no input 5; the network has 4"),
    ],
)
def test_what_does_not_go_together_is_told(target: Target, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        spec_of(target, **changes)


def test_the_specification_takes_over_what_the_settings_say() -> None:
    spec = network_spec(
        make_settings(
            hidden=(3, 2),
            activation=("relu", "gelu"),
            huber_delta=0.5,
            loss="cross_entropy",
            label_smoothing=0.1,
            class_weights=True,
            normalization="layer",
            skip=True,
            switched_off=((1, 2), (0, 4), (1, 2)),
        ),
        4,
        TWO,
        [30, 10],
    )
    assert spec.activations == ("relu", "gelu", "identity")
    assert spec.loss_options == LossOptions(0.5, 0.1, (40 / 60, 40 / 20))
    assert (spec.normalization, spec.skip) == ("layer", True)
    assert spec.switched_off == ((0, 3), (1, 1)), "counted from 0, each once, in order"
    assert (spec.off(0), spec.off(1), spec.off(2)) == ([3], [1], [])


# ---------------------------------------------------------------------- evaluation


def test_forward_by_hand() -> None:
    """Two inputs, two units with a skip connection, one output: 1.5 = 2 + (-1) + 0.5, relu, plus the input, times (1, -1)."""
    spec = NetworkSpec((2, 2, 1), ("relu", "identity"), "mse", skip=True)
    parameters = np.array([2.0, 1.0, -1.0, -3.0, 0.5, 0.0, 1.0, -1.0, 0.25])
    inputs, hidden, output = forward(spec, parameters, np.array([[1.0], [1.0]]))
    assert inputs[:, 0].tolist() == [1.0, 1.0]
    assert hidden[:, 0].tolist() == [1.5 + 1.0, 0.0 + 1.0]
    assert output[:, 0].tolist() == [2.5 - 1.0 + 0.25]


@pytest.mark.parametrize("switched_off", [((0, 0),), ((1, 1),), ((0, 1), (1, 0), (1, 1))])
def test_what_is_off_is_zero_and_its_weights_do_not_matter(switched_off: tuple[tuple[int, int], ...]) -> None:
    spec = NetworkSpec((2, 2, 1), ("softplus", "identity"), "mse", skip=True, switched_off=switched_off)
    rng = np.random.default_rng(0)
    parameters, X = rng.normal(size=spec.n_parameters), rng.normal(size=(2, 5))
    before = X.copy()
    outputs = forward(spec, parameters, X)
    for layer, unit in switched_off:
        assert not outputs[layer][unit].any()
    assert np.count_nonzero(outputs[0]) + np.count_nonzero(outputs[1]) == 20 - 5 * len(switched_off)
    assert np.array_equal(X, before)
    changed = parameters.copy()
    first, second = spec.views(changed)
    for layer, unit in switched_off:
        (first, second)[layer].weights[unit] = 99.0
    assert np.array_equal(forward(spec, changed, X)[-1], outputs[-1])


def test_nothing_off_costs_no_copy() -> None:
    values = np.ones((3, 2))
    assert without(values, []) is values
    assert without(values, [1]) is not values
    assert values.all()


@pytest.mark.parametrize("slice_rows", [1, 7, 50, 10**6])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_the_mean_loss_does_not_depend_on_the_slices(slice_rows: int, normalization: str) -> None:
    options = LossOptions(class_weights=(0.5, 1.0, 2.0))
    spec = NetworkSpec((2, 3, 3), ("tanh", "identity"), "cross_entropy", options, normalization=normalization)
    rng = np.random.default_rng(1)
    parameters, X = rng.uniform(0.1, 1.0, spec.n_parameters), rng.normal(size=(2, 50))
    targets = encode_targets(spec, THREE, rng.integers(0, 3, 50).astype(float))
    expected = mean_loss(spec, parameters, X, targets)
    assert mean_loss(spec, parameters, X, targets, slice_rows) == pytest.approx(expected, rel=1e-13)


def test_predictions_are_probabilities_where_the_loss_takes_logits() -> None:
    output = np.array([[0.0, np.log(3.0)]])
    shown = {loss: predictions(NetworkSpec((1, 1), ("identity",), loss), output) for loss in ("mse", "bce", "hinge")}
    assert shown["mse"].tolist() == output.tolist()
    assert shown["bce"][0] == pytest.approx([0.5, 0.75], rel=1e-15)
    assert shown["hinge"][0] == pytest.approx([0.5, 0.75], rel=1e-15)
    several = predictions(NetworkSpec((1, 2), ("identity",), "cross_entropy"), np.array([[0.0], [np.log(3.0)]]))
    assert several[:, 0] == pytest.approx([0.25, 0.75], rel=1e-15)
    assert output.tolist() == [[0.0, np.log(3.0)]]


def test_numbers_are_targets_as_they_are() -> None:
    spec = spec_of(NUMBER)
    assert encode_targets(spec, NUMBER, np.array([0.5, -2.0])).tolist() == [[0.5, -2.0]]
