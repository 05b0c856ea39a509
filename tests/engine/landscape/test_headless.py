"""The landscape as arrays for a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.landscape import headless
from engine.landscape.headless import landscape_arrays
from engine.network import NetworkSpec, encode_targets, mean_loss
from tests.engine.landscape.conftest import make_data

SPEC = NetworkSpec((2, 6, 1), ("tanh", "identity"), "bce")


def make_path(n_points: int = 12) -> np.ndarray:
    return np.random.default_rng(1).normal(0.0, 0.3, (n_points, SPEC.n_parameters)).cumsum(axis=0)


def test_the_arrays_are_those_of_the_file_and_mean_what_it_says() -> None:
    data, path = make_data(), make_path()
    arrays = landscape_arrays(SPEC, data, path, np.arange(12) * 5, grid=17)
    assert set(arrays) == {
        "origin", "direction_1", "direction_2", "alphas", "betas", "losses", "path", "path_steps", "path_losses", "rows_used",
    }  # fmt: skip
    assert arrays["losses"].shape == (17, 17)
    assert arrays["losses"].dtype == np.float64
    np.testing.assert_array_equal(arrays["origin"], path[-1])
    np.testing.assert_array_equal(arrays["path_steps"], np.arange(12) * 5)
    np.testing.assert_array_equal(arrays["rows_used"], np.arange(120))
    X, targets = data.X_train.T, encode_targets(SPEC, data.target, data.y_train)
    for i, j in ((0, 0), (3, 11), (16, 2)):
        point = arrays["origin"] + arrays["alphas"][i] * arrays["direction_1"] + arrays["betas"][j] * arrays["direction_2"]
        assert arrays["losses"][i, j] == pytest.approx(mean_loss(SPEC, point, X, targets), rel=1e-12)
    for parameters, loss in zip(path, arrays["path_losses"], strict=True):
        assert loss == mean_loss(SPEC, parameters, X, targets)


def test_the_final_point_lies_on_a_node_with_its_true_loss() -> None:
    arrays = landscape_arrays(SPEC, make_data(), make_path(), np.arange(12))
    i, j = np.flatnonzero(arrays["alphas"] == 0.0), np.flatnonzero(arrays["betas"] == 0.0)
    np.testing.assert_allclose(arrays["losses"][i, j], arrays["path_losses"][-1], rtol=1e-12)
    np.testing.assert_allclose(arrays["path"][-1], 0.0, atol=1e-12)


def test_many_rows_are_sampled_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless, "FILE_SECONDS", 0.003)
    data = make_data(n_train=500)
    arrays = landscape_arrays(SPEC, data, make_path(), np.arange(12), grid=17)
    rows = arrays["rows_used"]
    assert 1 <= len(rows) < 500
    X, targets = data.X_train.T, encode_targets(SPEC, data.target, data.y_train)
    expected = mean_loss(SPEC, arrays["origin"], X[:, rows], targets[:, rows])
    centre = arrays["losses"][np.ix_(arrays["alphas"] == 0.0, arrays["betas"] == 0.0)]
    assert centre == pytest.approx(expected, rel=1e-12)
    assert arrays["path_losses"][-1] == mean_loss(SPEC, arrays["origin"], X, targets)


def test_a_run_of_no_steps_has_a_landscape() -> None:
    arrays = landscape_arrays(SPEC, make_data(), make_path(1), np.zeros(1, dtype=np.int64), grid=9)
    assert np.isfinite(arrays["losses"]).all()
    np.testing.assert_allclose(arrays["path"], 0.0, atol=1e-12)


def test_a_batch_normalised_run_has_the_losses_of_its_own_averages_along_the_path() -> None:
    spec = replace(SPEC, normalization="batch")
    generator = np.random.default_rng(2)
    path = generator.normal(0.0, 0.3, (12, spec.n_parameters)).cumsum(axis=0)
    averages = ~spec.trained_mask()
    path[:, averages] = generator.uniform(0.3, 3.0, (12, int(averages.sum())))
    data = make_data()
    arrays = landscape_arrays(spec, data, path, np.arange(12), grid=17)
    X, targets = data.X_train.T, encode_targets(spec, data.target, data.y_train)
    for parameters, loss in zip(path, arrays["path_losses"], strict=True):
        assert loss == mean_loss(spec, parameters, X, targets)
    assert not arrays["direction_1"][averages].any()
    assert not arrays["direction_2"][averages].any()
    for i, j in ((0, 0), (3, 11), (16, 2)):
        point = arrays["origin"] + arrays["alphas"][i] * arrays["direction_1"] + arrays["betas"][j] * arrays["direction_2"]
        assert arrays["losses"][i, j] == pytest.approx(mean_loss(spec, point, X, targets), rel=1e-12)
    extent = np.ptp(arrays["path"], axis=0)
    assert extent[0] < np.linalg.norm(np.ptp(path[:, ~averages], axis=0))  # in units of the trained parameters alone


@pytest.mark.parametrize("n_points", [1, 12])
def test_parameters_whose_squares_overflow_have_a_landscape(n_points: int) -> None:
    arrays = landscape_arrays(SPEC, make_data(), 1e160 * make_path(n_points), np.arange(n_points), grid=9)
    assert np.isfinite(arrays["path"]).all()
    assert np.isfinite(arrays["alphas"]).all()


def test_a_path_that_ran_away_warns_nobody() -> None:
    path = make_path()
    path[-1] *= 1e160
    spec = replace(SPEC, activations=("relu", "identity"), loss="mse")
    arrays = landscape_arrays(spec, make_data(), path, np.arange(12), grid=9)
    assert not np.isfinite(arrays["losses"]).all()
    assert np.isfinite(arrays["path"]).all()
