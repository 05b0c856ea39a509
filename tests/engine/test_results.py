"""The files of a run with test rows: measured once, at the end, and by what others make of the same numbers."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, r2_score, root_mean_squared_error

from engine.data.preparation.prepare import prepare
from engine.data.prepared import PreparedData
from engine.metrics import SLICE_ROWS, part_loss, predict
from engine.network_choice import spec_for
from engine.results.tables import data_arrays
from engine.run import run_headless
from engine.run_result import RunResult
from engine.settings import make_settings
from tests.engine.data.columns.columns_by_hand import numbers, text

SETTINGS: dict[str, Any] = {"steps": 30, "batch_size": 16, "seed": 2}


def some_data(n_classes: int = 2, n_rows: int = 200, **choices: Any) -> PreparedData:
    generator = np.random.default_rng(1)
    X = generator.normal(size=(n_rows, 3))
    score = X[:, 0] - X[:, 1] + generator.normal(0.0, 0.3, n_rows)
    target = numbers("y", 100.0 + 20.0 * score)
    if n_classes:
        edges = np.quantile(score, [0.15, 0.5][: n_classes - 1])
        target = text("y", [f"class {code}" for code in np.digitize(score, edges)])
    columns = [*(numbers(f"x{index}", column) for index, column in enumerate(X.T)), target]
    options = {"test": 0.25, "seed": 3} | choices
    return prepare(columns, name="t.csv", target="y", features=["x0", "x1", "x2"], **options)


def run(folder: Path, data: PreparedData, **changes: Any) -> tuple[RunResult, dict[str, Any]]:
    result = run_headless(make_settings(**{**SETTINGS, **changes}), data, folder)
    return result, json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def outputs_of(result: RunResult) -> np.ndarray:
    """Return the test rows' outputs before the output function, layer by layer by hand, shape (n_rows, n_outputs)."""
    values = result.data.X_test
    layers = result.spec.views(result.parameters)
    for index, layer in enumerate(layers):
        values = values @ layer.weights + layer.bias
        values = np.tanh(values) if index < len(layers) - 1 else values
    return values


def test_classes_of_test_rows_are_measured_once_at_the_end(tmp_path: Path) -> None:
    result, summary = run(tmp_path, some_data())
    data, logits = result.data, outputs_of(result)[:, 0]
    assert (summary["rows"], summary["rows_train"], summary["rows_validation"], summary["rows_test"]) == (200, 110, 40, 50)
    assert summary["test_loss"] == pytest.approx(log_loss(data.y_test, expit(logits)), rel=1e-12)
    codes = (logits > 0.0).astype(int)
    assert summary["metrics"]["test"]["accuracy"] == pytest.approx(accuracy_score(data.y_test, codes))
    assert summary["confusion"]["test"] == confusion_matrix(data.y_test, codes).tolist()
    commonest = np.bincount(data.y_train.astype(int)).argmax()
    assert summary["baselines"]["majority class"]["test"]["accuracy"] == pytest.approx(np.mean(data.y_test == commonest))


def test_numbers_of_test_rows_are_measured_in_original_units(tmp_path: Path) -> None:
    result, summary = run(tmp_path, some_data(0, target_scaling="min_max"))
    data, predicted = result.data, outputs_of(result)[:, 0]
    assert summary["test_loss"] == pytest.approx(np.mean((predicted - data.y_test) ** 2), rel=1e-12)
    y, p = (values * data.target.scale + data.target.mean for values in (data.y_test, predicted))
    assert summary["metrics"]["test"]["rmse"] == pytest.approx(root_mean_squared_error(y, p), rel=1e-9)
    assert summary["metrics"]["test"]["r2"] == pytest.approx(r2_score(y, p), rel=1e-9)
    linear = LinearRegression().fit(data.X_train, data.y_train)
    theirs = linear.score(data.X_test, data.y_test)
    assert summary["baselines"]["least squares"]["test"]["r2"] == pytest.approx(theirs, rel=1e-9)


def test_class_weights_are_in_the_test_loss_and_told(tmp_path: Path) -> None:
    result, summary = run(tmp_path, some_data(3), class_weights=True)
    data = result.data
    counts = np.bincount(data.y_train.astype(int))
    weights = len(data.y_train) / (3 * counts)
    of_rows = weights[data.y_test.astype(np.int64)]
    expected = log_loss(data.y_test, softmax(outputs_of(result), axis=1), sample_weight=of_rows, normalize=False) / len(of_rows)
    assert summary["test_loss"] == pytest.approx(expected, rel=1e-12)
    told = ", ".join(f"class {code} {weight:.4g}" for code, weight in enumerate(weights.tolist()))
    assert summary["notes"][-1] == f"Class weights in the loss, so that every class counts alike: {told}."


@pytest.mark.parametrize(
    "changes", [{}, {"loss": "hinge"}, {"label_smoothing": 0.2}, {"normalization": "batch"}, {"loss": "mse"}]
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_loss_of_a_part_is_the_one_that_training_measures(tmp_path: Path, n_classes: int, changes: dict[str, Any]) -> None:
    result, summary = run(tmp_path, some_data(n_classes), **changes)
    data = result.data
    loss = part_loss(result.spec, result.parameters, data.target, data.X_validation, data.y_validation)
    assert loss == pytest.approx(summary["validation_loss"], rel=1e-12)


def test_loss_in_slices_is_the_loss_of_the_whole() -> None:
    data = some_data(0, n_rows=2 * SLICE_ROWS + 7, validation=0.0, test=0.0)
    spec = spec_for(make_settings(), data)
    parameters = np.random.default_rng(0).normal(size=spec.n_parameters)
    expected = np.mean((predict(spec, parameters, data.X_train)[0] - data.y_train) ** 2)
    assert part_loss(spec, parameters, data.target, data.X_train, data.y_train) == pytest.approx(expected, rel=1e-12)
    assert part_loss(spec, parameters, data.target, data.X_test, data.y_test) is None
    assert part_loss(spec, parameters * 1e300, data.target, data.X_train, data.y_train) == np.inf


def test_test_rows_do_not_change_what_training_does(tmp_path: Path) -> None:
    data = some_data()
    without = replace(data, X_test=np.empty((0, 3)), y_test=np.empty(0), rows_test=np.empty(0, dtype=np.int64))
    with_test, _ = run(tmp_path / "with", data)
    alone, summary = run(tmp_path / "alone", without)
    assert np.array_equal(with_test.parameters, alone.parameters)
    history = [(tmp_path / name / "history.csv").read_text(encoding="utf-8") for name in ("with", "alone")]
    assert history[0] == history[1]
    assert (summary["rows_test"], summary["test_loss"], "test" in summary["metrics"]) == (0, None, False)


def test_data_file_has_the_test_rows(tmp_path: Path) -> None:
    result, _ = run(tmp_path, some_data())
    data = result.data
    with np.load(tmp_path / "data.npz", allow_pickle=False) as arrays:
        for part in ("train", "validation", "test"):
            assert np.array_equal(arrays[f"X_{part}"], getattr(data, f"X_{part}"))
            assert np.array_equal(arrays[f"y_{part}"], getattr(data, f"y_{part}"))
            assert np.array_equal(arrays[f"rows_{part}"], getattr(data, f"rows_{part}"))
    run(tmp_path / "none", some_data(test=0.0))
    with np.load(tmp_path / "none" / "data.npz", allow_pickle=False) as arrays:
        assert not [name for name in arrays.files if "test" in name]


def test_a_large_table_trains_and_is_filed_in_single_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exact, _ = run(tmp_path / "exact", some_data())
    monkeypatch.setattr("engine.data.preparation.input_table.LARGE", 100)
    large, summary = run(tmp_path / "large", some_data())
    assert large.data.X_train.dtype == np.float32
    assert np.allclose(large.parameters, exact.parameters, atol=1e-4)
    arrays = data_arrays(large)
    assert (arrays["X_train"].dtype, arrays["y_train"].dtype) == (np.float32, np.float64)
    assert data_arrays(exact)["X_train"].dtype == np.float64
    assert summary["baselines"]["least squares"]["test"]["accuracy"] is not None


def test_preparation_tells_shares_and_constants(tmp_path: Path) -> None:
    run(tmp_path, some_data(0, scaling="min_max", target_scaling="none"))
    filed = json.loads((tmp_path / "preparation.json").read_text(encoding="utf-8"))
    assert (filed["validation"], filed["test"], filed["seed"]) == (0.2, 0.25, 3)
    assert {column["encoding"] for column in filed["columns"].values()} == {"min_max"}
    assert (filed["target"]["encoding"], filed["target"]["mean"], filed["target"]["scale"]) == ("none", 0.0, 1.0)


@pytest.mark.heavy
@pytest.mark.parametrize("large", [False, True])
def test_the_run_is_repeated_by_pytorch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    if large:
        monkeypatch.setattr("engine.data.preparation.input_table.LARGE", 100)
    result, _ = run(tmp_path, some_data(0, scaling="min_max", target_scaling="min_max"))
    assert result.data.X_train.dtype == (np.float32 if large else np.float64)
    script = [sys.executable, "-W", "error", str(tmp_path / "train_torch.py")]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    theirs = [float(line.split(",")[1]) for line in done.stdout.splitlines()]
    ours = result.history.records(1, result.last_step).batch_losses
    np.testing.assert_allclose(theirs, ours, rtol=1e-9)
