"""Metrics against scikit-learn, and where figures are not defined."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle
from sklearn.exceptions import UndefinedMetricWarning

from engine.data.prepared import Target
from engine.metrics import SLICE_ROWS, accuracy, confusion_matrix, part_metrics, predict, predicted_classes, roc_auc
from engine.network import NetworkSpec, forward, predictions

NUMBERS = Target("price", "regression", mean=200.0, scale=50.0)
TWO = Target("kind", "classification", ("no", "yes"))
THREE = Target("kind", "classification", ("a", "b", "c"))
CLASS_FIGURES = {"accuracy", "balanced_accuracy", "f1", "roc_auc"}


def of_classes(n_classes: int) -> Target:
    return Target("kind", "classification", tuple(f"class {code}" for code in range(n_classes)))


def according_to_scikit_learn(predicted: Any, y: Any, n_classes: int) -> dict[str, float | None]:
    """Return the same figures from scikit-learn, what it calls undefined as None."""
    labels = list(range(n_classes))
    codes = (predicted[0] > 0.5).astype(int) if len(predicted) == 1 else predicted.argmax(axis=0)
    f1_options = {"average": "binary"} if n_classes == 2 else {"average": "macro", "labels": labels}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        warnings.filterwarnings("ignore", "y_pred contains classes not in y_true", UserWarning)
        warnings.filterwarnings("ignore", "A single label was found", UserWarning)
        areas = oracle_areas(predicted, y, n_classes)
        found = {
            "accuracy": oracle.accuracy_score(y, codes),
            "balanced_accuracy": oracle.balanced_accuracy_score(y, codes),
            "f1": oracle.f1_score(y, codes, zero_division=np.nan, **f1_options),
            "roc_auc": areas,
        }
    return {name: None if math.isnan(value) else float(value) for name, value in found.items()}


def oracle_areas(predicted: Any, y: Any, n_classes: int) -> float:
    if n_classes == 2:
        return oracle.roc_auc_score(y, predicted[-1])
    # What roc_auc_score does with multi_class="ovr", average="macro", without its demand that scores add up to 1.
    return oracle.roc_auc_score(y[:, None] == np.arange(n_classes), predicted.T, average="macro")


def assert_same(found: dict[str, float | None], expected: dict[str, float | None]) -> None:
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert (found[name] is None) == (value is None), name
        assert found[name] == (None if value is None else pytest.approx(value, rel=1e-12, abs=1e-15)), name


# ---------------------------------------------------------------------- numbers


def test_regression_metrics_are_those_of_the_original_units() -> None:
    rng = np.random.default_rng(0)
    y, predicted = rng.normal(size=(2, 40))
    found = part_metrics(NUMBERS, predicted[None, :], y)
    original, guessed = y * 50.0 + 200.0, predicted * 50.0 + 200.0
    assert found == {
        "r2": pytest.approx(oracle.r2_score(original, guessed), rel=1e-12),
        "rmse": pytest.approx(oracle.root_mean_squared_error(original, guessed), rel=1e-12),
        "mae": pytest.approx(oracle.mean_absolute_error(original, guessed), rel=1e-12),
    }


def test_regression_by_hand() -> None:
    found = part_metrics(NUMBERS, np.array([[1.0, 2.0, 2.0]]), np.array([0.0, 2.0, 4.0]))
    # Errors 1, 0, 2 standardised; squares 1 + 0 + 4 = 5; spread (-2)² + 0 + 2² = 8.
    assert found == {"r2": pytest.approx(1 - 5 / 8), "rmse": pytest.approx(50 * np.sqrt(5 / 3)), "mae": pytest.approx(50.0)}


def test_r2_of_rows_that_are_all_the_same_is_not_defined() -> None:
    found = part_metrics(NUMBERS, np.zeros((1, 3)), np.full(3, 0.1))
    assert found == {"r2": None, "rmse": pytest.approx(5.0), "mae": pytest.approx(5.0)}


def test_numbers_that_are_not_finite_stay_so() -> None:
    found = part_metrics(NUMBERS, np.array([[np.inf, 0.0]]), np.array([0.0, 1.0]))
    assert found == {"r2": -math.inf, "rmse": math.inf, "mae": math.inf}


# ---------------------------------------------------------------------- classes


def test_two_classes_are_decided_at_one_half() -> None:
    y = np.array([0.0, 1.0, 1.0, 0.0])
    found = part_metrics(TWO, np.array([[0.2, 0.9, 0.4, 0.5]]), y)
    # Class 1 is predicted once, rightly, and missed once: 2 / (2 + 0 + 1). Of the four pairs 0.4 loses to 0.5.
    assert found == {"accuracy": 0.75, "balanced_accuracy": 0.75, "f1": pytest.approx(2 / 3), "roc_auc": 0.75}


@pytest.mark.parametrize("n_classes", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_probabilities_agree_with_scikit_learn(n_classes: int, dtype: Any) -> None:
    rng = np.random.default_rng(n_classes)
    y = rng.integers(0, n_classes, 300).astype(float)
    z = rng.normal(size=(n_classes, 300)) + 0.8 * (np.arange(n_classes)[:, None] == y)
    predicted = (np.exp(z) / np.exp(z).sum(axis=0)).astype(dtype)
    found = part_metrics(of_classes(n_classes), predicted, y)
    assert_same(found, according_to_scikit_learn(predicted, y, n_classes))
    if n_classes > 2:
        whole = predicted.astype(float) / predicted.sum(axis=0, dtype=float)
        as_asked = oracle.roc_auc_score(y, whole.T, multi_class="ovr", average="macro")
        assert roc_auc(whole, y, n_classes) == pytest.approx(as_asked, rel=1e-12)


@given(st.data())
def test_any_table_agrees_with_scikit_learn(data: st.DataObject) -> None:
    """Few distinct scores make ties, few rows leave classes out, 0, 1 and tiny scores are extreme."""
    n_classes = data.draw(st.integers(2, 6))
    n_rows = data.draw(st.integers(1, 30))
    n_outputs = data.draw(st.sampled_from([1, 2])) if n_classes == 2 else n_classes
    score = st.sampled_from([0.0, 1e-300, 1e-9, 0.25, 0.5, 0.5000001, 0.75, 1.0 - 1e-16, 1.0]) | st.floats(0.0, 1.0)
    predicted = np.array(data.draw(st.lists(score, min_size=n_outputs * n_rows, max_size=n_outputs * n_rows)))
    predicted = predicted.reshape(n_outputs, n_rows)
    y = np.array(data.draw(st.lists(st.integers(0, n_classes - 1), min_size=n_rows, max_size=n_rows)), dtype=float)
    assert_same(part_metrics(of_classes(n_classes), predicted, y), according_to_scikit_learn(predicted, y, n_classes))
    expected = oracle.confusion_matrix(y, predicted_classes(predicted), labels=range(n_classes))
    np.testing.assert_array_equal(confusion_matrix(y, predicted_classes(predicted), n_classes), expected)


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=40), st.floats(1e-6, 1e6))
def test_area_is_the_share_of_pairs_ranked_right(rows: list[tuple[int, bool]], factor: float) -> None:
    scores, members = np.array([score * factor for score, _ in rows]), np.array([member for _, member in rows])
    area = roc_auc(scores[None, :], members.astype(float), 2)
    if members.all() or not members.any():
        assert area is None
        return
    pairs = np.sign(scores[members][:, None] - scores[~members][None, :])
    assert area == pytest.approx(0.5 + 0.5 * pairs.mean(), abs=1e-15)
    assert roc_auc(-scores[None, :], members.astype(float), 2) == pytest.approx(1.0 - area, abs=1e-15)


def test_area_of_many_rows_with_ties() -> None:
    rng = np.random.default_rng(4)
    y = (rng.random(50_000) < 0.1).astype(float)
    scores = np.round(rng.normal(size=50_000) + y, 1)
    for members in (y, 1.0 - y):
        assert roc_auc(scores[None, :], members, 2) == pytest.approx(oracle.roc_auc_score(members, scores), rel=1e-12)


def test_extreme_scores_set_classes_apart_or_not_at_all() -> None:
    y = np.array([0.0, 0.0, 1.0, 1.0])
    assert part_metrics(TWO, np.array([[0.0, 0.0, 1.0, 1.0]]), y) == dict.fromkeys(CLASS_FIGURES, 1.0)
    assert part_metrics(TWO, np.array([[1.0, 1.0, 0.0, 0.0]]), y) == dict.fromkeys(CLASS_FIGURES, 0.0)
    assert roc_auc(np.ones((1, 4)), y, 2) == 0.5


def test_part_with_one_class_has_no_area() -> None:
    found = part_metrics(TWO, np.array([[0.2, 0.9]]), np.zeros(2))
    assert found == {"accuracy": 0.5, "balanced_accuracy": 0.5, "f1": 0.0, "roc_auc": None}


def test_class_that_neither_occurs_nor_is_predicted_has_no_f1() -> None:
    assert part_metrics(TWO, np.array([[0.2, 0.3]]), np.zeros(2))["f1"] is None


def test_part_that_misses_a_class_has_no_area_and_leaves_it_out_of_the_means() -> None:
    predicted, y = np.eye(3)[:, [0, 1, 0, 1]], np.array([0.0, 1.0, 0.0, 0.0])
    found = part_metrics(THREE, predicted, y)
    # Recalls 2/3 and 1; F1 of a 4 / (3 + 2), of b 2 / (1 + 2).
    assert found == {
        "accuracy": 0.75,
        "balanced_accuracy": pytest.approx(5 / 6),
        "f1": pytest.approx((4 / 5 + 2 / 3) / 2),
        "roc_auc": None,
    }


def test_prediction_that_is_not_finite_is_wrong() -> None:
    predicted, y = np.array([[0.1, np.nan, np.inf]]), np.array([0.0, 0.0, 1.0])
    assert predicted_classes(predicted).tolist() == [0, -1, -1]
    assert confusion_matrix(y, predicted_classes(predicted), 2).tolist() == [[1, 0], [0, 0]]
    found = part_metrics(TWO, predicted, y)
    assert found == {"accuracy": pytest.approx(1 / 3), "balanced_accuracy": 0.25, "f1": 0.0, "roc_auc": None}
    assert found["accuracy"] == accuracy(predicted, y)


@pytest.mark.parametrize("target", [NUMBERS, TWO, THREE])
def test_part_without_rows_has_no_figures(target: Target) -> None:
    n_outputs = 3 if target is THREE else 1
    assert set(part_metrics(target, np.empty((n_outputs, 0)), np.empty(0)).values()) == {None}


# ---------------------------------------------------------------------- predictions


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
