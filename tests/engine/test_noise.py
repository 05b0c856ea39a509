"""Dropout and noise on the inputs: how much, where, only in training, and again from the same seed."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest

from engine.computation import Computation
from engine.network import NetworkSpec, forward
from engine.noise import Noise, is_random, noise_for
from engine.settings import make_settings
from engine.trainer import Trainer

N_SAMPLES = 4000
SPEC = NetworkSpec((3, 5, 4, 1), ("tanh", "sigmoid", "identity"), "mse")


def computation(dropout: tuple[float, float], input_noise: float = 0.0, dtype: str = "float64", seed: int = 1) -> Computation:
    rng = np.random.default_rng(0)
    parameters = rng.normal(size=SPEC.n_parameters).astype(dtype)
    noise = Noise(np.random.default_rng(seed), dropout, input_noise)
    bound = Computation(SPEC, parameters, np.zeros_like(parameters), N_SAMPLES, noise)
    bound.batch[:3] = rng.normal(size=(3, N_SAMPLES))
    bound.batch[4:] = 0.5
    return bound


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_dropout_drops_its_share_and_scales_up_the_rest(share: float, dtype: str) -> None:
    bound = computation((share, 0.0), dtype=dtype)
    bound()
    layer = bound.layers[0]
    kept = layer.outputs[:-1] != 0.0
    assert layer.outputs.dtype == layer.delta.dtype == dtype
    assert abs(kept.mean() - (1 - share)) <= 4 * sqrt(share * (1 - share) / kept.size)
    assert layer.outputs[:-1][kept] == pytest.approx(layer.activation[kept] / (1 - share), rel=1e-6)
    assert (layer.outputs[-1] == 1.0).all(), "the row of ones for the next layer's bias is never dropped"
    assert np.count_nonzero(bound.layers[1].outputs[:-1]) == bound.layers[1].outputs[:-1].size


def test_units_and_rows_drop_out_one_by_one() -> None:
    """Every unit in its own rows: shares of units, of rows and of pairs of units are those of independent draws."""
    bound = computation((0.5, 0.0))
    bound()
    kept = (bound.layers[0].outputs[:-1] != 0.0).astype(float)
    assert np.abs(kept.mean(axis=1) - 0.5).max() <= 4 * 0.5 / sqrt(N_SAMPLES)
    assert np.abs(np.corrcoef(kept) - np.eye(5)).max() <= 4 / sqrt(N_SAMPLES)
    assert kept.mean(axis=0).std() == pytest.approx(sqrt(0.25 / 5), rel=0.1)


def test_every_step_drops_others() -> None:
    bound = computation((0.5, 0.5))
    masks = []
    for _ in range(2):
        bound()
        masks.append(bound.layers[0].outputs[:-1] == 0.0)
    assert 0.4 < (masks[0] != masks[1]).mean() < 0.6


def test_what_was_dropped_gets_no_error_and_the_rest_its_factor() -> None:
    bound = computation((0.5, 0.0))
    bound()
    first, second = bound.layers[:2]
    dropped = first.outputs[:-1] == 0.0
    assert not first.delta[dropped].any()
    expected = 2.0 * (second.parameters.weights @ second.delta) * (1 - first.activation**2)
    assert first.delta[~dropped] == pytest.approx(expected[~dropped], rel=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_noise_on_the_inputs_has_the_deviation_asked_for(dtype: str) -> None:
    bound = computation((0.0, 0.0), input_noise=0.3, dtype=dtype)
    before = bound.batch.copy()
    bound()
    assert np.array_equal(bound.batch, before), "the rows themselves stay as they are"
    inputs = bound.layers[0].inputs
    noise = inputs[:-1] - before[:3]
    assert inputs.dtype == dtype
    assert (inputs[-1] == 1.0).all()
    assert abs(noise.mean()) <= 4 * 0.3 / sqrt(noise.size)
    assert abs(noise.std() / 0.3 - 1) <= 4 / sqrt(2 * noise.size)
    assert np.abs(np.corrcoef(noise) - np.eye(3)).max() <= 4 / sqrt(N_SAMPLES)


def test_same_seed_same_numbers() -> None:
    first, second, third = (computation((0.3, 0.4), 0.2, seed=seed) for seed in (5, 5, 6))
    losses = [[bound() for _ in range(3)] for bound in (first, second, third)]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


@pytest.mark.parametrize("changes", [{}, {"dropout": (0.0,)}, {"dropout": (0.0, 0.0)}, {"input_noise": 0.0}])
def test_no_noise_where_none_is_asked_for(changes: dict[str, Any]) -> None:
    settings = make_settings(**changes)
    assert not is_random(settings)
    assert noise_for(settings, np.random.default_rng(0)) is None


@pytest.mark.parametrize(
    ("dropout", "expected"),
    [((0.2,), (0.2, 0.2, 0.2)), ((0.0, 0.5, 0.1), (0.0, 0.5, 0.1))],
    ids=["one for all", "each its own"],
)
def test_dropout_is_given_once_or_for_each_layer(dropout: tuple[float, ...], expected: tuple[float, ...]) -> None:
    settings = make_settings(hidden=(3, 4, 5), dropout=dropout)
    noise = noise_for(settings, np.random.default_rng(0))
    assert noise is not None
    assert noise.dropout == expected
    assert is_random(settings)


def test_evaluation_knows_no_noise(make_data: Any) -> None:
    data = make_data()
    trainer = Trainer(make_settings(dropout=(0.5,), input_noise=0.5, learning_rate=1e-9, optimizer="sgd"), data)
    plain = Trainer(make_settings(learning_rate=1e-9, optimizer="sgd"), data)
    assert trainer.measure() == plain.measure()
    assert trainer.take_step().batch_loss != plain.take_step().batch_loss
    assert trainer.measure().train_loss == pytest.approx(plain.measure().train_loss, rel=1e-6)


def test_the_mean_over_many_draws_is_the_network_without_dropout() -> None:
    """Inverted dropout keeps the mean of what the next layer takes in."""
    spec = NetworkSpec((2, 50, 1), ("tanh", "identity"), "mse")
    rng = np.random.default_rng(2)
    parameters = rng.normal(size=spec.n_parameters)
    bound = Computation(spec, parameters, np.empty_like(parameters), N_SAMPLES, Noise(rng, (0.4,), 0.0))
    x = np.array([[0.3], [-0.7]])
    bound.batch[:2] = x
    bound()
    outputs = bound.layers[-1].outputs[0]
    expected = forward(spec, parameters, x)[-1][0, 0]
    assert abs(outputs.mean() - expected) <= 4 * outputs.std() / sqrt(N_SAMPLES)


def test_noise_draws_nothing_from_the_order_of_the_rows(make_data: Any) -> None:
    """Runs with and without dropout see the same batches, so that their curves can be compared."""
    data = make_data()
    trainers = [Trainer(make_settings(dropout=(share,), batch_size=6), data) for share in (0.0, 0.4)]
    for _ in range(10):
        first, second = (trainer.batch_rows() for trainer in trainers)
        assert np.array_equal(first, second)
        for trainer in trainers:
            trainer.take_step()
