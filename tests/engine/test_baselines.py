"""The constant answer and the linear model, against scikit-learn's own."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, mean_absolute_error, r2_score, roc_auc_score

import engine.baselines
from engine.baselines import LEAST_SQUARES, baselines, least_squares
from engine.data.prepared import Feature, PreparedData, Target
from engine.metrics import part_metrics

NUMBER = Target("y", "regression", mean=10.0, scale=4.0)


def classes(n_classes: int) -> Target:
    return Target("y", "classification", tuple("abcdef"[:n_classes]))


def indicators(y: Any, n_classes: int) -> Any:
    return (y[:, None] == np.arange(n_classes)).astype(float)


def mixed_columns(rng: np.random.Generator, n_rows: int, n_levels: int = 4) -> Any:
    """Numbers beside all levels of two categories, which add up to the intercept, and a column that is twice another."""
    numbers = rng.normal(size=(n_rows, 2))
    levels = [indicators(rng.integers(0, n_levels, n_rows).astype(float), n_levels) for _ in range(2)]
    return np.column_stack([numbers, *levels, 2.0 * numbers[:, 0]])


def table(target: Target, n_rows: int = 120, n_validation: int = 40, seed: int = 0) -> PreparedData:
    rng = np.random.default_rng(seed)
    X = mixed_columns(rng, n_rows + n_validation)
    score = X @ rng.normal(size=X.shape[1]) + 0.5 * rng.normal(size=len(X))
    n_classes = len(target.classes)
    y = np.digitize(score, np.quantile(score, np.arange(1, n_classes) / n_classes)).astype(float) if n_classes else score
    rows = np.arange(len(X))
    return PreparedData(
        "table", X[:n_rows], y[:n_rows], X[n_rows:], y[n_rows:], rows[:n_rows], rows[n_rows:],
        tuple(Feature(f"x{i}", f"x{i}") for i in range(X.shape[1])), target, {},
    )  # fmt: skip


@pytest.mark.parametrize("n_rows", [5, 60, 40_000])
def test_numbers_are_predicted_as_by_linear_regression(n_rows: int) -> None:
    rng = np.random.default_rng(n_rows)
    X, y = mixed_columns(rng, n_rows), rng.normal(size=n_rows)
    unseen = rng.normal(size=(30, X.shape[1]))  # off the planes on which the columns depend on each other
    expected = LinearRegression().fit(X, y)
    found = least_squares(X, NUMBER, y)
    for rows in (X, mixed_columns(rng, 30), unseen):
        np.testing.assert_allclose(found.predict(rows)[0], expected.predict(rows), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_classes_are_predicted_as_by_linear_regression_on_their_indicators(n_classes: int) -> None:
    data = table(classes(n_classes))
    expected = LinearRegression().fit(data.X_train, indicators(data.y_train, n_classes)).predict(data.X_validation)
    found = least_squares(data.X_train, data.target, data.y_train).predict(data.X_validation)
    np.testing.assert_allclose(found, expected.T if n_classes > 2 else expected.T[1:], atol=1e-10)
    linear = baselines(data)[1]
    guessed = expected.argmax(axis=1)
    assert linear.name == LEAST_SQUARES
    assert linear.validation["accuracy"] == pytest.approx(accuracy_score(data.y_validation, guessed))
    assert linear.validation["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(data.y_validation, guessed))
    area = roc_auc_score(indicators(data.y_validation, n_classes), expected)  # macro over the classes
    assert linear.validation["roc_auc"] == pytest.approx(area)


@given(st.integers(1, 60), st.integers(1, 8), st.integers(0, 8), st.integers(0, 2**32 - 1))
def test_columns_may_depend_on_each_other_in_any_way(n_rows: int, n_columns: int, n_mixed: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(n_rows, n_columns))
    X, y = np.column_stack([own, own @ rng.normal(size=(n_columns, n_mixed))]), rng.normal(size=n_rows)
    found, expected = least_squares(X, NUMBER, y), LinearRegression().fit(X, y)
    for rows in (X, rng.normal(size=(20, X.shape[1]))):
        wanted = expected.predict(rows)
        np.testing.assert_allclose(found.predict(rows)[0], wanted, atol=1e-6 * max(1.0, np.abs(wanted).max()))


def test_columns_that_are_nearly_the_same_are_told_apart() -> None:
    rng = np.random.default_rng(7)
    first, apart = rng.normal(size=(2, 100))
    X, y = np.column_stack([first, first + 1e-5 * apart]), first + apart
    np.testing.assert_allclose(least_squares(X, NUMBER, y).predict(X)[0], y, atol=1e-4)


def test_mean_and_least_squares_in_original_units() -> None:
    data = table(NUMBER)
    constant, linear = baselines(data)
    assert (constant.name, linear.name) == ("mean", LEAST_SQUARES)
    y, guessed = data.y_validation, LinearRegression().fit(data.X_train, data.y_train).predict(data.X_validation)
    assert linear.validation["r2"] == pytest.approx(r2_score(y, guessed))
    assert linear.validation["mae"] == pytest.approx(4.0 * mean_absolute_error(y, guessed))
    assert constant.train["r2"] == pytest.approx(0.0, abs=1e-15)
    assert constant.train["rmse"] == pytest.approx(4.0 * data.y_train.std())
    assert constant.validation["rmse"] == pytest.approx(4.0 * np.sqrt(np.mean((y - data.y_train.mean()) ** 2)))


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_majority_class(n_classes: int) -> None:
    data = table(classes(n_classes))
    lopsided = np.where(np.arange(len(data.y_train)) % 3 > 0, n_classes - 1.0, data.y_train)
    data = replace(data, y_train=lopsided)
    constant = baselines(data)[0]
    guessed = DummyClassifier(strategy="most_frequent").fit(data.X_train, lopsided).predict(data.X_validation)
    assert constant.name == "majority class"
    assert constant.validation["accuracy"] == accuracy_score(data.y_validation, guessed)
    assert constant.validation["balanced_accuracy"] == pytest.approx(1 / n_classes)
    assert constant.validation["roc_auc"] == 0.5


def test_both_have_the_metrics_of_a_run() -> None:
    for target in (NUMBER, classes(2), classes(4)):
        data = table(target)
        names = list(part_metrics(target, np.zeros((max(1, len(target.classes)), 1)), np.zeros(1)))
        for each in baselines(data):
            assert list(each.train) == list(each.validation) == names
            assert each.rows_used == len(data.y_train)


def test_table_without_validation_rows_has_no_figures_there() -> None:
    for each in baselines(table(classes(2), n_validation=0)):
        assert set(each.validation.values()) == {None}
        assert None not in each.train.values()


def test_class_without_training_rows_is_never_predicted() -> None:
    data = table(classes(3))
    data = replace(data, y_train=np.minimum(data.y_train, 1.0))
    for each in baselines(data):
        assert each.train["accuracy"] is not None


def test_slices_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table(classes(3), n_rows=100)
    whole = least_squares(data.X_train, data.target, data.y_train)
    monkeypatch.setattr(engine.baselines, "SLICE_ROWS", 7)
    for once, sliced in zip(whole, least_squares(data.X_train, data.target, data.y_train), strict=True):
        np.testing.assert_allclose(sliced, once, atol=1e-12)


def test_long_tables_are_thinned_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table(NUMBER, n_rows=121)
    monkeypatch.setattr(engine.baselines, "MAX_PRODUCTS", 121 * 11 * 12 // 3)
    constant, linear = baselines(data)
    assert (constant.rows_used, linear.rows_used) == (121, 41)
    every_third = LinearRegression().fit(data.X_train[::3], data.y_train[::3])
    assert linear.train["r2"] == pytest.approx(every_third.score(data.X_train, data.y_train))


def test_wide_tables_have_no_linear_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.baselines, "MAX_FEATURES", 3)
    assert [each.name for each in baselines(table(NUMBER))] == ["mean"]


def test_computed_once_and_gone_with_the_table() -> None:
    data = table(NUMBER)
    assert baselines(data) is baselines(data)
    watched = weakref.ref(data)
    del data
    gc.collect()
    assert watched() is None
