"""The first weights: drawn from the distribution that was asked for, alike in both precisions, and what equal weights do."""

from __future__ import annotations

from math import sqrt
from typing import Any, get_args

import numpy as np
import pytest
from scipy import stats

from engine.initializers import INITIALIZERS, initial_parameters
from engine.network import NetworkSpec
from engine.settings import SHORT_NAMES, InitializerName, make_settings
from engine.trainer import Trainer

SIZES = (300, 200, 5)
SPEC = NetworkSpec(SIZES, ("tanh", "identity"), "mse")
SIZE = 0.3
"""The setting init_scale, which only uniform, normal and constant use."""

DEVIATIONS = {
    "glorot_uniform": lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
    "glorot_normal": lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
    "he_uniform": lambda fan_in, fan_out: sqrt(2 / fan_in),
    "he_normal": lambda fan_in, fan_out: sqrt(2 / fan_in),
    "lecun_uniform": lambda fan_in, fan_out: sqrt(1 / fan_in),
    "lecun_normal": lambda fan_in, fan_out: sqrt(1 / fan_in),
    "uniform": lambda fan_in, fan_out: SIZE / sqrt(3),
    "normal": lambda fan_in, fan_out: SIZE,
}
"""Standard deviation of the weights, as the papers have it: 2 over both fans, 2 over fan-in, 1 over fan-in."""

EXACT = {"constant": SIZE, "zeros": 0.0}
ALL = [*DEVIATIONS, *EXACT, "orthogonal"]


def drawn(init: str, spec: NetworkSpec = SPEC, seed: int = 7, **changes: Any) -> Any:
    settings = make_settings(hidden=spec.sizes[1:-1], init=init, init_scale=SIZE, **changes)
    return initial_parameters(spec, settings, np.random.default_rng(seed))


def test_the_table_holds_what_the_settings_offer() -> None:
    assert set(get_args(InitializerName)) == set(INITIALIZERS) == set(ALL)
    assert set(SHORT_NAMES.values()) <= set(INITIALIZERS)


@pytest.mark.parametrize("init", DEVIATIONS)
def test_mean_and_deviation_are_those_of_the_distribution(init: str) -> None:
    """Within four standard errors, for each layer by its own fans."""
    for layer in SPEC.views(drawn(init)):
        deviation = DEVIATIONS[init](*layer.weights.shape)
        n = layer.weights.size
        kurtosis = 1.8 if "uniform" in init else 3.0
        assert abs(layer.weights.mean()) <= 4 * deviation / sqrt(n)
        assert abs(layer.weights.var() / deviation**2 - 1) <= 4 * sqrt((kurtosis - 1) / n)


@pytest.mark.parametrize("init", DEVIATIONS)
def test_the_shape_is_that_of_the_distribution(init: str) -> None:
    layer = SPEC.views(drawn(init))[0]
    deviation = DEVIATIONS[init](*layer.weights.shape)
    limit = sqrt(3) * deviation
    expected = stats.uniform(-limit, 2 * limit) if "uniform" in init else stats.norm(0, deviation)
    assert stats.kstest(layer.weights.ravel(), expected.cdf).pvalue > 0.01
    if "uniform" in init:
        assert 0.999 * limit < np.abs(layer.weights).max() <= limit


@pytest.mark.parametrize("init", EXACT)
def test_zeros_and_constant_are_exact(init: str) -> None:
    for layer in SPEC.views(drawn(init)):
        assert (layer.weights == EXACT[init]).all()


@pytest.mark.parametrize("sizes", [(30, 12, 1), (12, 30, 4), (16, 16, 16)])
def test_orthogonal_columns_or_rows_are_orthonormal(sizes: tuple[int, ...]) -> None:
    spec = NetworkSpec(sizes, ("tanh", "identity"), "mse")
    for layer in spec.views(drawn("orthogonal", spec)):
        fan_in, fan_out = layer.weights.shape
        product = layer.weights.T @ layer.weights if fan_in >= fan_out else layer.weights @ layer.weights.T
        assert product == pytest.approx(np.eye(min(fan_in, fan_out)), abs=1e-13)


def test_orthogonal_is_uniform_over_all_such_matrices() -> None:
    """Signs included: every entry has mean 0 and variance 1 / n, which QR alone does not give on the diagonal."""
    spec = NetworkSpec((3, 3), ("identity",), "mse")
    generator, settings = np.random.default_rng(8), make_settings(hidden=(), init="orthogonal")
    entries = np.array([initial_parameters(spec, settings, generator)[:9] for _ in range(2000)])
    assert np.abs(entries.mean(axis=0)).max() <= 4 / sqrt(3 * 2000)
    assert np.abs((entries**2).mean(axis=0) - 1 / 3).max() <= 4 * sqrt(4 / 45 / 2000)


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("init", ALL)
def test_biases_start_at_one_number_and_normalisations_do_nothing_yet(init: str, normalization: str) -> None:
    spec = NetworkSpec((4, 6, 3, 2), ("tanh", "tanh", "identity"), "mse", normalization=normalization)
    parameters = drawn(init, spec, init_bias=-0.75)
    first = {"bias": -0.75, "scale": 1.0, "shift": 0.0, "running_mean": 0.0, "running_variance": 1.0}
    kinds = {block.name.split("/")[1] for block in spec.blocks} - {"weights"}
    assert len(kinds) == {"none": 1, "layer": 3, "batch": 5}[normalization]
    for block in spec.blocks:
        kind = block.name.split("/")[1]
        if kind != "weights":
            assert (parameters[block.start : block.stop] == first[kind]).all()


@pytest.mark.parametrize("init", ALL)
def test_same_seed_same_weights_in_both_precisions(init: str, make_data: Any) -> None:
    double, single, other = (
        Trainer(make_settings(init=init, precision=precision, seed=seed), make_data()).parameters
        for precision, seed in (("float64", 5), ("float32", 5), ("float64", 6))
    )
    assert (double.dtype, single.dtype) == ("float64", "float32")
    assert np.array_equal(double.astype("float32"), single)
    assert np.array_equal(double, other) == (init in EXACT)


@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.parametrize("init", ALL)
def test_units_that_start_alike_stay_alike(init: str, n_classes: int, make_data: Any) -> None:
    """The symmetry problem: alike in what they take in and alike in what they give out, they get the same updates for ever."""
    trainer = Trainer(make_settings(init=init, init_bias=0.1, hidden=(5, 4), batch_size=7), make_data(n_classes=n_classes))
    for _ in range(12):
        trainer.take_step()
    first, second, _ = trainer.spec.views(trainer.parameters)
    equal = [bool(np.ptp(layer.matrix, axis=1).max() < 1e-13) for layer in (first, second)]
    assert equal == [init in EXACT] * 2


def test_with_zeros_only_the_last_bias_learns(make_data: Any) -> None:
    """Nothing comes in to the other layers, and no error goes back through weights of 0."""
    trainer = Trainer(make_settings(init="zeros", hidden=(5, 4)), make_data(n_classes=0))
    for _ in range(12):
        trainer.take_step()
    parameters = trainer.parameters
    assert not parameters[:-1].any()
    assert parameters[-1] != 0.0
