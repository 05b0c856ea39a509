"""Accuracy, R² and RMSE against scikit-learn and against arithmetic by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score, root_mean_squared_error

from engine.data.prepared import Target
from engine.metrics import SLICE_ROWS, part_metrics, predict, predicted_classes
from engine.network import NetworkSpec, forward, predictions

NUMBERS = Target("price", "regression", mean=200.0, scale=50.0)
TWO = Target("kind", "classification", ("no", "yes"))
THREE = Target("kind", "classification", ("a", "b", "c"))


def test_regression_metrics_are_those_of_the_original_units() -> None:
    rng = np.random.default_rng(0)
    y, predicted = rng.normal(size=(2, 40))
    found = part_metrics(NUMBERS, predicted[None, :], y)
    original, guessed = y * 50.0 + 200.0, predicted * 50.0 + 200.0
    assert found["r2"] == pytest.approx(r2_score(original, guessed), rel=1e-12)
    assert found["rmse"] == pytest.approx(root_mean_squared_error(original, guessed), rel=1e-12)


def test_regression_by_hand() -> None:
    found = part_metrics(NUMBERS, np.array([[1.0, 2.0, 2.0]]), np.array([0.0, 2.0, 4.0]))
    # Errors 1, 0, 2 standardised; squares 1 + 0 + 4 = 5; spread (-2)² + 0 + 2² = 8.
    assert found == {"r2": pytest.approx(1 - 5 / 8), "rmse": pytest.approx(50 * np.sqrt(5 / 3))}


def test_two_classes_are_decided_at_one_half() -> None:
    y = np.array([0.0, 1.0, 1.0, 0.0])
    assert part_metrics(TWO, np.array([[0.2, 0.9, 0.4, 0.5]]), y) == {"accuracy": 0.75}


def test_more_classes_are_decided_by_the_largest_output() -> None:
    rng = np.random.default_rng(1)
    predicted, y = rng.random((3, 50)), rng.integers(0, 3, 50).astype(float)
    assert part_metrics(THREE, predicted, y) == {"accuracy": pytest.approx(accuracy_score(y, predicted.argmax(axis=0)))}


def test_prediction_that_is_not_finite_is_wrong() -> None:
    predicted = np.array([[0.1, np.nan, np.inf]])
    assert predicted_classes(predicted).tolist() == [0, -1, -1]
    assert part_metrics(TWO, predicted, np.array([0.0, 0.0, 1.0])) == {"accuracy": pytest.approx(1 / 3)}


@pytest.mark.parametrize("target", [NUMBERS, TWO])
def test_part_without_rows_has_no_figures(target: Target) -> None:
    assert set(part_metrics(target, np.empty((1, 0)), np.empty(0)).values()) == {None}


def test_r2_of_rows_that_are_all_the_same_is_not_defined() -> None:
    found = part_metrics(NUMBERS, np.zeros((1, 3)), np.full(3, 0.1))
    assert found["r2"] is None
    assert found["rmse"] == pytest.approx(5.0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_predictions_of_many_rows_equal_those_taken_at_once(dtype: Any) -> None:
    spec = NetworkSpec((2, 3, 3), ("tanh", "identity"), "cross_entropy")
    rng = np.random.default_rng(2)
    parameters = rng.normal(size=spec.n_parameters).astype(dtype)
    X = rng.normal(size=(SLICE_ROWS + 7, 2))
    found = predict(spec, parameters, X)
    at_once = predictions(spec, forward(spec, parameters, X.T.astype(dtype))[-1])
    assert found.dtype == dtype
    np.testing.assert_allclose(found, at_once, rtol=1e-5 if dtype == np.float32 else 1e-12)
    np.testing.assert_allclose(found.sum(axis=0), 1.0, rtol=1e-5)
