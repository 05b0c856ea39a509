"""Batch and layer normalisation by themselves: what training does, what evaluation does, and what is carried between them."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from engine.computation import Computation
from engine.network import NetworkSpec, forward
from engine.normalization import NormalizationCalls, NormalizationView, batch_calls, layer_calls, n_vectors, normalized
from engine.settings import OptimizerName, make_settings
from engine.trainer import Trainer

N_UNITS, N_SAMPLES = 3, 8


def view(dtype: str = "float64", averages: bool = True) -> NormalizationView:
    scale, shift, mean, variance = np.array(
        [[1.5, 0.5, 2.0], [0.25, -1.0, 0.0], [0.4, -0.2, 3.0], [2.0, 0.5, 1.0]], dtype=dtype
    )
    return NormalizationView(scale, shift, mean if averages else None, variance if averages else None)


def values(dtype: str = "float64", n_samples: int = N_SAMPLES) -> Any:
    rng = np.random.default_rng(1)
    return (rng.normal(size=(N_UNITS, n_samples)) * [[1.0], [5.0], [0.1]] + [[0.0], [20.0], [-3.0]]).astype(dtype)


def bound(kind: str, z: Any, parameters: NormalizationView) -> NormalizationCalls:
    gradient = NormalizationView(*(None if vector is None else np.zeros_like(vector) for vector in parameters))  # type: ignore[arg-type]
    bind = batch_calls if kind == "batch" else layer_calls
    return bind(z, np.empty_like(z), parameters, gradient)


def train(kind: str, z: Any, parameters: NormalizationView) -> Any:
    """Return y, which takes the place of z."""
    for call in bound(kind, z, parameters).forward:
        call()
    return z


@pytest.mark.parametrize(("kind", "axis"), [("batch", 1), ("layer", 0)])
def test_what_comes_out_has_the_mean_and_deviation_asked_for(kind: str, axis: int) -> None:
    """With scale 1 and shift 0: mean 0 and variance v / (v + 1e-5)."""
    z = values()
    variance = z.var(axis=axis)
    plain = NormalizationView(np.ones(3), np.zeros(3), np.zeros(3), np.ones(3))
    y = train(kind, z, plain)
    assert y.mean(axis=axis) == pytest.approx(np.zeros(y.shape[1 - axis]), abs=1e-14)
    assert y.var(axis=axis) == pytest.approx(variance / (variance + 1e-5), rel=1e-12)


def test_scale_and_shift_belong_to_units() -> None:
    for kind in ("batch", "layer"):
        plain = train(kind, values(), NormalizationView(np.ones(3), np.zeros(3), np.zeros(3), np.ones(3)))
        y = train(kind, values(), view())
        assert y == pytest.approx(plain * [[1.5], [0.5], [2.0]] + [[0.25], [-1.0], [0.0]], rel=1e-14)


def test_a_batch_moves_the_running_averages_by_a_tenth() -> None:
    """Towards its mean, and its variance as n - 1 estimates it; the mean over samples that normalises divides by n."""
    z, parameters = values(), view()
    mean, variance = z.mean(axis=1), z.var(axis=1, ddof=1)
    before = view()
    train("batch", z, parameters)
    assert parameters.running_mean == pytest.approx(0.9 * before.running_mean + 0.1 * mean, rel=1e-14)
    assert parameters.running_variance == pytest.approx(0.9 * before.running_variance + 0.1 * variance, rel=1e-14)
    assert np.array_equal(parameters.scale, before.scale)
    assert np.array_equal(parameters.shift, before.shift)


def test_the_running_averages_come_to_those_of_the_data() -> None:
    z, parameters = values(), view()
    for _ in range(400):
        train("batch", z.copy(), parameters)
    assert parameters.running_mean == pytest.approx(z.mean(axis=1), rel=1e-12)
    assert parameters.running_variance == pytest.approx(z.var(axis=1, ddof=1), rel=1e-12)


def test_evaluation_of_batch_normalisation_goes_by_the_running_averages() -> None:
    z, parameters = values(), view()
    expected = parameters.scale[:, None] * (z - parameters.running_mean[:, None])
    expected = expected / np.sqrt(parameters.running_variance[:, None] + 1e-5) + parameters.shift[:, None]
    assert normalized(z, parameters) == pytest.approx(expected, rel=1e-14)
    one_by_one = [normalized(z[:, [row]], parameters)[:, 0] for row in range(N_SAMPLES)]
    assert np.array_equal(normalized(z, parameters), np.transpose(one_by_one)), "a row's value depends on no other row"


def test_layer_normalisation_is_the_same_in_training_and_evaluation() -> None:
    parameters = view(averages=False)
    assert train("layer", values(), parameters) == pytest.approx(normalized(values(), parameters), rel=1e-12)


def test_a_batch_of_one_row_goes_by_the_running_averages_and_leaves_them() -> None:
    parameters = view()
    expected = normalized(values(n_samples=1), parameters)
    assert train("batch", values(n_samples=1), parameters) == pytest.approx(expected, rel=1e-14)
    assert np.array_equal(parameters.running_mean, view().running_mean)
    assert np.array_equal(parameters.running_variance, view().running_variance)


@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_values_that_do_not_vary_become_the_shift(kind: str) -> None:
    y = train(kind, np.full((N_UNITS, N_SAMPLES), 0.5), view())
    assert y == pytest.approx(np.repeat([[0.25], [-1.0], [0.0]], N_SAMPLES, axis=1), abs=1e-13)


@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_single_precision_stays_single(kind: str) -> None:
    parameters = view("float32")
    y = train(kind, values("float32"), parameters)
    assert y.dtype == normalized(values("float32"), parameters).dtype == "float32"
    assert y == pytest.approx(train(kind, values(), view()), abs=1e-4)


@pytest.mark.parametrize(("kind", "vectors"), [("none", 0), ("layer", 2), ("batch", 4)])
def test_the_flat_vector_has_room_for_it_behind_each_hidden_layer(kind: str, vectors: int) -> None:
    spec = NetworkSpec((2, 3, 4, 1), ("tanh", "tanh", "identity"), "mse", normalization=kind)
    assert n_vectors(kind) == vectors
    assert spec.n_parameters == (3 * 3 + vectors * 3) + (4 * 4 + vectors * 4) + 5
    assert spec.n_trained == (3 * 3 + min(vectors, 2) * 3) + (4 * 4 + min(vectors, 2) * 4) + 5
    assert spec.views(np.zeros(spec.n_parameters))[-1].normalization is None


@pytest.mark.parametrize("n_samples", [1, 2, 7])
def test_no_gradient_reaches_the_running_averages(n_samples: int) -> None:
    spec = NetworkSpec((2, 3, 1), ("tanh", "identity"), "mse", normalization="batch")
    rng = np.random.default_rng(2)
    parameters, gradient = rng.uniform(0.5, 1.5, spec.n_parameters), np.zeros(spec.n_parameters)
    computation = Computation(spec, parameters, gradient, n_samples)
    computation.batch[[0, 1, 3]] = rng.normal(size=(3, n_samples))
    computation()
    mask = spec.trained_mask()
    assert mask is not None
    assert not gradient[~mask].any()
    assert np.count_nonzero(mask) == spec.n_trained


def test_a_batch_of_one_row_has_the_gradient_of_evaluation() -> None:
    """Its running averages are constants, so the network is the one of evaluation: by differences of its loss."""
    spec = NetworkSpec((2, 4, 3, 1), ("tanh", "softplus", "identity"), "mse", normalization="batch")
    rng = np.random.default_rng(3)
    start, gradient = rng.uniform(0.3, 1.5, spec.n_parameters), np.zeros(spec.n_parameters)
    x, y = rng.normal(size=(2, 1)), 0.7
    computation = Computation(spec, start.copy(), gradient, 1)
    computation.batch[:2], computation.batch[3] = x, y

    def loss(parameters: Any) -> float:
        return float((forward(spec, parameters, x)[-1][0, 0] - y) ** 2)

    assert computation() == pytest.approx(loss(start), rel=1e-13)
    mask, h = spec.trained_mask(), 1e-6
    directions = np.eye(spec.n_parameters)[mask]
    differences = [(loss(start + h * direction) - loss(start - h * direction)) / (2 * h) for direction in directions]
    assert gradient[mask] == pytest.approx(np.array(differences), rel=1e-6, abs=1e-9)


def test_measuring_and_looking_leave_the_running_averages_alone(make_data: Any) -> None:
    trainer = Trainer(make_settings(normalization="batch", batch_size=7), make_data())
    trainer.take_step()
    before = trainer.parameters
    trainer.measure()
    trainer.evaluate()
    forward(trainer.spec, trainer.parameters, trainer.data.X_train.T)
    assert np.array_equal(trainer.parameters, before)


def test_training_moves_the_running_averages_and_no_optimizer_touches_them(make_data: Any) -> None:
    """With decay, momentum and penalties on: the averages follow the batches' own statistics, by hand."""
    settings = make_settings(
        hidden=(4,), normalization="batch", batch_size="full", optimizer="sgd", momentum=0.9, weight_decay=0.3, l1=0.1, l2=0.1
    )
    data = make_data()
    trainer = Trainer(settings, data)
    mean, variance = np.zeros(4), np.ones(4)
    for _ in range(10):
        layer = trainer.spec.views(trainer.parameters)[0]
        z = data.X_train @ layer.weights + layer.bias
        mean, variance = 0.9 * mean + 0.1 * z.mean(axis=0), 0.9 * variance + 0.1 * z.var(axis=0, ddof=1)
        trainer.take_step()
        view = trainer.spec.views(trainer.parameters)[0].normalization
        assert view.running_mean == pytest.approx(mean, rel=1e-12)
        assert view.running_variance == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize("optimizer", get_args(OptimizerName))
def test_a_step_moves_the_running_averages_once(make_data: Any, optimizer: str) -> None:
    """By the statistics of its batch at the parameters before the update, however often an optimizer looks at the loss."""
    data = make_data(n_classes=0)
    trainer = Trainer(make_settings(optimizer=optimizer, hidden=(4,), normalization="batch", batch_size="full"), data)
    for _ in range(6):
        layer = trainer.spec.views(trainer.parameters)[0]
        mean = (data.X_train @ layer.weights + layer.bias).mean(axis=0)
        trainer.take_step()
        moved = trainer.spec.views(trainer.parameters)[0].normalization
        assert moved.running_mean == pytest.approx(0.9 * layer.normalization.running_mean + 0.1 * mean, rel=1e-10, abs=1e-12)
