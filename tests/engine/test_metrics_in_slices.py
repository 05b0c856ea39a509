"""Metrics gathered slice by slice: the figures of scikit-learn, and those over all rows at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, mean_absolute_error, r2_score, roc_auc_score

from engine.assessment import Assessment
from engine.data.prepared import Target
from engine.metrics import part_metrics
from engine.metrics.in_slices import SlicedMetrics, sliced_metrics
from engine.settings import make_settings
from engine.trainer import Trainer


def gathered(target: Target, predicted: Any, y: Any, slice_rows: int) -> SlicedMetrics:
    metrics = sliced_metrics(target, y)
    for start in range(0, len(y), slice_rows):
        metrics.add(predicted[:, start : start + slice_rows], y[start : start + slice_rows])
    while not metrics.finish_piece():
        pass
    return metrics


def classes(n: int) -> Target:
    return Target("y", "classification", tuple(str(code) for code in range(n)))


@given(
    n_rows=st.integers(1, 300),
    n_classes=st.integers(2, 4),
    slice_rows=st.integers(1, 120),
    levels=st.sampled_from([1, 2, 7, 10**6]),
    seed=st.integers(0, 1000),
)
def test_classes_have_the_very_figures_of_all_rows_at_once(
    n_rows: int, n_classes: int, slice_rows: int, levels: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n_rows).astype(float)
    predicted = np.round(rng.random((1 if n_classes == 2 else n_classes, n_rows)) * levels) / levels
    expected = part_metrics(classes(n_classes), predicted, y)
    assert gathered(classes(n_classes), predicted, y, slice_rows).figures() == expected


def test_scores_that_repeat_and_scores_that_do_not_are_ranked_as_scikit_learn_does() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 20_000).astype(float)
    for scores in (rng.normal(size=20_000) + y, np.round(rng.normal(size=20_000) + y, 1), np.full(20_000, 0.3)):
        figures = gathered(classes(2), scores[None], y, 1_000).figures()
        assert figures["roc_auc"] == pytest.approx(roc_auc_score(y, scores), rel=1e-12)
        assert figures["f1"] == pytest.approx(f1_score(y, scores > 0.5), rel=1e-12)


def test_numbers_have_the_figures_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=5_000)
    predicted = 0.7 * y + rng.normal(size=5_000)
    figures = gathered(Target("y", "regression", scale=3.0), predicted[None], y, 700).figures()
    assert figures["r2"] == pytest.approx(r2_score(y, predicted), rel=1e-12)
    assert figures["mae"] == pytest.approx(3.0 * mean_absolute_error(y, predicted), rel=1e-12)
    assert figures["rmse"] == pytest.approx(3.0 * np.sqrt(np.mean((y - predicted) ** 2)), rel=1e-12)


@pytest.mark.parametrize("spoiled", [np.nan, np.inf])
def test_what_is_not_finite_is_wrong_and_ranks_nothing(spoiled: float) -> None:
    y = np.array([0.0, 1.0, 1.0, 0.0])
    predicted = np.array([[0.1, spoiled, 0.9, 0.2]])
    assert gathered(classes(2), predicted, y, 2).figures() == part_metrics(classes(2), predicted, y)
    numbers = gathered(Target("y", "regression"), predicted, y, 2).figures()
    assert repr(numbers["mae"]) == repr(part_metrics(Target("y", "regression"), predicted, y)["mae"])


def test_numbers_that_are_all_the_same_have_no_r2() -> None:
    assert gathered(Target("y", "regression"), np.ones((1, 5)), np.full(5, 2.0), 2).figures()["r2"] is None


def test_more_scores_than_are_ranked_say_how_many_were(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    y, predicted = rng.integers(0, 3, 1_000).astype(float), rng.random((3, 1_000))
    assert gathered(classes(3), predicted, y, 100).rows_ranked is None
    monkeypatch.setattr("engine.metrics.in_slices.MAX_SCORES", 1_000)
    metrics = gathered(classes(3), predicted, y, 100)
    assert metrics.rows_ranked == 340  # every third of each hundred
    sampled = np.concatenate([np.arange(start, start + 100, 3) for start in range(0, 1_000, 100)])
    expected = part_metrics(classes(3), predicted[:, sampled], y[sampled])["roc_auc"]
    exact = part_metrics(classes(3), predicted, y)
    assert metrics.figures() == {**exact, "roc_auc": pytest.approx(expected, rel=1e-12)}


@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.parametrize("n_validation", [0, 9])
def test_an_assessment_is_of_the_moment_it_began(
    make_data: Any, n_classes: int, n_validation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.evaluation.rows_per_slice", lambda spec: 3)
    data = make_data(n_classes=n_classes, n_validation=n_validation)
    trainer = Trainer(make_settings(hidden=(4,), batch_size=7), data)
    trainer.take_step()
    evaluated, measured = trainer.evaluate(), trainer.measure()
    assessment = Assessment(trainer)
    assert assessment.is_of(trainer)
    while not assessment.take_piece():
        trainer.take_step()
    assert not assessment.is_of(trainer)
    assert assessment.measurement == measured
    expected = [(evaluated.train_predictions, data.y_train), (evaluated.validation_predictions, data.y_validation)]
    for part, (predicted, y) in zip(assessment.figures, expected[: 1 + (n_validation > 0)], strict=True):
        assert part.metrics == pytest.approx(part_metrics(data.target, predicted, y), rel=1e-12)
        assert part.rows_ranked is None


def test_an_assessment_is_not_of_other_parameters_at_its_step(make_data: Any) -> None:
    trainer = Trainer(make_settings(hidden=(4,)), make_data())
    assessment = Assessment(trainer)
    trainer.set_parameter(0, 3.0)
    assert not assessment.is_of(trainer)
