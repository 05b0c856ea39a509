"""A whole run without a window: how it ends, and what every file of it holds."""

from __future__ import annotations

import csv
import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.prepared import PreparedData
from engine.history import History
from engine.metrics import part_metrics, predict
from engine.network import encode_targets, mean_loss
from engine.results.atomic import replacing, write_text
from engine.results.folder import RESULT_FILES, problem_in_words, write_results
from engine.results.json_text import json_text
from engine.run import Progress, run_headless
from engine.run_result import RunResult, result_where_it_stands
from engine.settings import Settings, SettingsError, make_settings
from engine.stopping import Stop
from engine.trainer import Trainer

FILES = {
    "summary.json",
    "history.csv",
    "data.npz",
    "model.npz",
    "preparation.json",
    "landscape.npz",
    "parameters.json",
    "train_torch.py",
    "predict.py",
}


CLASS_METRICS = {"accuracy", "balanced_accuracy", "f1", "roc_auc"}


def run(folder: Path, data: PreparedData, **changes: Any) -> RunResult:
    return run_headless(make_settings(**{"hidden": (4,), "batch_size": 6, **changes}), data, folder)


def history_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def arrays_of(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


# ---------------------------------------------------------------------- files


def test_every_file_is_written_and_nothing_else(tmp_path: Path, make_data: Any) -> None:
    run(tmp_path / "new" / "folder", make_data(), epochs=2)
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == FILES


def test_history_has_a_row_for_step_0_and_one_per_update(tmp_path: Path, make_data: Any) -> None:
    data = make_data(n_rows=20)
    result = run(tmp_path, data, epochs=3)  # 4 updates per epoch, the last of 2 rows
    rows = history_of(tmp_path)
    assert [int(row["step"]) for row in rows] == list(range(13))
    assert [int(row["epoch"]) for row in rows] == [0, *[1] * 4, *[2] * 4, *[3] * 4]
    assert rows[0]["batch_loss"] == ""
    measured = [int(row["step"]) for row in rows if row["train_loss"]]
    assert measured == [0, 4, 8, 12]
    assert [bool(row["validation_loss"]) for row in rows] == [bool(row["train_loss"]) for row in rows]
    trainer = Trainer(result.settings, data)
    straight = [trainer.take_step().batch_loss for _ in range(12)]
    assert [float(row["batch_loss"]) for row in rows[1:]] == straight  # 17 digits: nothing is lost


def test_last_step_is_measured_inside_an_epoch(tmp_path: Path, make_data: Any) -> None:
    run(tmp_path, make_data(n_rows=20), steps=6)
    rows = history_of(tmp_path)
    assert [int(row["step"]) for row in rows if row["train_loss"]] == [0, 4, 6]
    summary = summary_of(tmp_path)
    assert summary["train_loss"] == float(rows[-1]["train_loss"])
    assert (summary["steps"], summary["epochs"], summary["stopped"]) == (6, 2, "steps")


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("n_classes", [0, 2, 3])
def test_summary_says_what_the_files_hold(tmp_path: Path, make_data: Any, n_classes: int, precision: str) -> None:
    data = make_data(n_classes=n_classes)
    result = run(tmp_path, data, epochs=2, precision=precision)
    summary, spec = summary_of(tmp_path), result.spec
    assert summary["rows"] == 26
    assert summary["features"] == 3
    assert summary["parameters"] == spec.n_parameters
    assert summary["precision"] == precision
    assert summary["metrics"]["train"] == part_metrics(
        data.target, predict(spec, result.parameters, data.X_train), data.y_train
    )
    assert set(summary["metrics"]["validation"]) == (CLASS_METRICS if n_classes else {"r2", "rmse", "mae"})
    targets = encode_targets(spec, data.target, data.y_validation)
    loss = mean_loss(spec, result.parameters.astype(np.float64), data.X_validation.T, targets)
    assert summary["validation_loss"] == pytest.approx(loss, rel=1e-5 if precision == "float32" else 1e-12)


def test_settings_of_the_summary_make_the_same_run_again(tmp_path: Path, make_data: Any) -> None:
    data = make_data(n_classes=3)
    run(tmp_path / "first", data, steps=9)
    used = summary_of(tmp_path / "first")["settings"]
    assert {used[name] for name in ("task", "loss", "output_activation")} == {"classification", "cross_entropy", "softmax"}
    assert used["features"] == ["x1", "x2", "x3"]
    run_headless(make_settings(**used), data, tmp_path / "second")
    assert history_of(tmp_path / "first") == history_of(tmp_path / "second")


def test_batches_are_the_rows_of_every_update(tmp_path: Path, make_data: Any) -> None:
    data = make_data(n_rows=20)
    result = run(tmp_path, data, steps=10, optimizer="sgd", l2=0.1)
    arrays = arrays_of(tmp_path / "data.npz")
    starts = arrays["batch_starts"]
    assert starts.tolist() == [0, 6, 12, 18, 20, 26, 32, 38, 40, 46]
    batches = np.split(arrays["batches"], starts)[1:]
    assert [len(batch) for batch in batches] == [6, 6, 6, 2, 6, 6, 6, 2, 6, 6]
    assert sorted(np.concatenate(batches[:4])) == list(range(20))
    assert batches[4].tolist() != batches[0].tolist()
    losses = [float(row["batch_loss"]) for row in history_of(tmp_path)[1:]]
    for step, rows in enumerate(batches):
        result.history.go_to(step)
        targets = encode_targets(result.spec, data.target, arrays["y_train"][rows])
        loss = mean_loss(result.spec, result.history.trainer.parameters, arrays["X_train"][rows].T, targets)
        assert loss == pytest.approx(losses[step], rel=1e-12)


def test_data_are_what_the_network_saw(tmp_path: Path, make_data: Any) -> None:
    data = make_data()
    run(tmp_path, data, steps=1, precision="float32")
    arrays = arrays_of(tmp_path / "data.npz")
    assert arrays["X_train"].dtype == np.float32
    np.testing.assert_array_equal(arrays["X_validation"], data.X_validation.astype(np.float32))
    np.testing.assert_array_equal(arrays["y_train"], data.y_train)
    np.testing.assert_array_equal(arrays["rows_validation"], data.rows_validation)


def test_model_holds_the_first_and_the_last_parameters(tmp_path: Path, make_data: Any) -> None:
    data = make_data()
    result = run(tmp_path, data, steps=5)
    arrays = arrays_of(tmp_path / "model.npz")
    order = json.loads((tmp_path / "parameters.json").read_text())
    assert order[0] == {"name": "layer_1/weights", "shape": [3, 4], "start": 0, "stop": 12}
    assert [block["name"] for block in order] == ["layer_1/weights", "layer_1/bias", "layer_2/weights", "layer_2/bias"]
    assert set(arrays) == {f"{moment}/{block['name']}" for moment in ("initial", "final") for block in order}
    first = np.concatenate([arrays[f"initial/{block['name']}"].ravel() for block in order])
    last = np.concatenate([arrays[f"final/{block['name']}"].ravel() for block in order])
    np.testing.assert_array_equal(first, Trainer(result.settings, data).parameters)
    np.testing.assert_array_equal(last, result.parameters)
    assert np.any(first != last)


@pytest.mark.parametrize("changes", [{"steps": 40}, {"steps": 0}, {"hidden": (), "steps": 20, "precision": "float32"}])
def test_landscape_is_the_true_loss_around_the_path(tmp_path: Path, make_data: Any, changes: dict[str, Any]) -> None:
    data = make_data()
    result = run(tmp_path, data, **changes)
    found = arrays_of(tmp_path / "landscape.npz")
    spec = result.spec
    X = data.X_train[found["rows_used"]].T
    targets = encode_targets(spec, data.target, data.y_train[found["rows_used"]])
    np.testing.assert_array_equal(found["origin"], result.parameters)
    assert found["losses"].shape == (len(found["alphas"]), len(found["betas"]))
    assert found["losses"].dtype == np.float64
    for i, j in [(0, 0), (3, 5), (-1, 2), (len(found["alphas"]) // 2, len(found["betas"]) // 2)]:
        point = found["origin"] + found["alphas"][i] * found["direction_1"] + found["betas"][j] * found["direction_2"]
        assert found["losses"][i, j] == pytest.approx(mean_loss(spec, point, X, targets), rel=1e-9)
    assert found["path"].shape == (len(found["path_steps"]), 2)
    assert found["path_steps"][-1] == result.history.last_step
    for step, loss in zip(found["path_steps"], found["path_losses"], strict=True):
        result.history.go_to(int(step))
        parameters = result.history.trainer.parameters.astype(np.float64)
        assert loss == pytest.approx(mean_loss(spec, parameters, X, targets), rel=1e-9)


def test_run_without_validation_rows_has_blanks(tmp_path: Path, make_data: Any) -> None:
    run(tmp_path, make_data(n_validation=0), epochs=1)
    assert {row["validation_loss"] for row in history_of(tmp_path)} == {""}
    summary = summary_of(tmp_path)
    assert summary["validation_loss"] is None
    assert summary["metrics"]["validation"] == dict.fromkeys(CLASS_METRICS)


# ---------------------------------------------------------------------- how it ends


def test_a_run_without_a_length_takes_100_epochs(tmp_path: Path, make_data: Any) -> None:
    result = run(tmp_path, make_data(n_rows=6))
    assert (result.history.step, str(result.stop), result.settings.epochs) == (100, "epochs", 100)


@pytest.mark.parametrize(
    ("length", "steps", "stopped"),
    [({"epochs": 2, "steps": 100}, 8, "epochs"), ({"epochs": 2, "steps": 5}, 5, "steps"), ({"steps": 0}, 0, "steps")],
)
def test_the_shorter_length_ends_the_run(
    tmp_path: Path, make_data: Any, length: dict[str, int], steps: int, stopped: str
) -> None:
    run(tmp_path, make_data(n_rows=20), **length)
    summary = summary_of(tmp_path)
    assert (summary["steps"], summary["stopped"]) == (steps, stopped)
    assert len(history_of(tmp_path)) == steps + 1
    assert len(arrays_of(tmp_path / "data.npz")["batch_starts"]) == steps


def test_non_finite_value_ends_the_run_and_is_named(tmp_path: Path, make_data: Any) -> None:
    data = make_data(n_classes=0)
    result = run(tmp_path, data, activation=("relu",), optimizer="sgd", learning_rate=1e6, epochs=50)
    summary = summary_of(tmp_path)
    assert result.stop.reason == "non-finite"
    assert summary["stopped"].startswith(f"non-finite: Step {summary['steps'] + 1}: ")
    assert len(history_of(tmp_path)) == summary["steps"] + 1
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert np.isfinite(arrays_of(tmp_path / "model.npz")["final/layer_1/weights"]).all()


def test_interruption_ends_the_run_after_a_whole_step(tmp_path: Path, make_data: Any) -> None:
    answers = iter([False, False, True])  # asked after every epoch of 4 updates
    settings = make_settings(batch_size=6, epochs=50)
    result = run_headless(settings, make_data(), tmp_path, interrupted=lambda: next(answers))
    assert result.stop.reason == "interrupted"
    summary = summary_of(tmp_path)
    assert summary["steps"] == 8
    assert summary["stopped"] == "interrupted: step 8 of 200 was reached"
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_progress_ends_at_the_last_step(tmp_path: Path, make_data: Any) -> None:
    seen: list[Progress] = []
    run_headless(make_settings(batch_size=6, steps=8), make_data(), tmp_path, seen.append)
    assert seen[-1][:2] == (8, 8)
    assert [progress.step for progress in seen] == sorted(progress.step for progress in seen)


def test_settings_that_do_not_fit_the_data_leave_no_folder(tmp_path: Path, make_data: Any) -> None:
    with pytest.raises(SettingsError, match="bce needs"):
        run(tmp_path / "out", make_data(n_classes=3), loss="bce")
    assert not (tmp_path / "out").exists()


def test_patience_is_told_in_numbers_that_are_true(tmp_path: Path, make_data: Any) -> None:
    data = make_data(n_rows=20)
    result = run(tmp_path, data, patience=3, learning_rate=0.3, epochs=200)  # 4 updates per epoch
    summary, rows, arrays = summary_of(tmp_path), history_of(tmp_path), arrays_of(tmp_path / "data.npz")
    assert summary["stopped"].startswith("patience: ")
    validation = {int(row["step"]): float(row["validation_loss"]) for row in rows[1:] if row["validation_loss"]}
    best = min(validation, key=validation.__getitem__)
    assert (summary["steps"], summary["epochs"], summary["steps_trained"]) == (best, best // 4, best + 12)
    assert len(rows) == summary["steps_trained"] + 1
    assert len(arrays["batch_starts"]) == summary["steps_trained"]
    assert summary["validation_loss"] == validation[best]
    assert summary["train_loss"] == float(rows[best]["train_loss"])
    assert summary["steps_per_second"] == pytest.approx(summary["steps_trained"] / summary["seconds"])
    straight = Trainer(result.settings, data)
    for _ in range(best):
        straight.take_step()
    final = arrays_of(tmp_path / "model.npz")["final/layer_1/weights"]
    assert np.array_equal(final.ravel(), straight.parameters[: final.size])
    assert arrays_of(tmp_path / "landscape.npz")["path_steps"][-1] == best
    assert summary["changes"] == []


# ---------------------------------------------------------------------- a run exported where it stands

SMALL = make_settings(hidden=(4,), batch_size=6)


def standing(data: PreparedData, n_steps: int, settings: Settings = SMALL) -> History:
    history = History(Trainer(settings, data))
    history.advance(n_steps)
    return history


def export(history: History, folder: Path, ended: Stop | None = None) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    write_results(result_where_it_stands(history, ended), folder)
    return summary_of(folder)


def same_files(one: Path, other: Path) -> None:
    """Compare everything that two runs left behind but the time they took and why they ended."""
    for name in RESULT_FILES:
        if name.endswith(".npz"):
            mine, theirs = arrays_of(one / name), arrays_of(other / name)
            assert list(mine) == list(theirs)
            for key in mine:
                np.testing.assert_array_equal(mine[key], theirs[key], err_msg=f"{name}: {key}", strict=True)
        elif name != "summary.json":
            assert (one / name).read_text(encoding="utf-8") == (other / name).read_text(encoding="utf-8"), name
    ignored = ("seconds", "steps_per_second", "stopped", "settings")
    mine, theirs = summary_of(one), summary_of(other)
    assert list(mine) == list(theirs)
    assert {key: mine[key] for key in mine if key not in ignored} == {key: theirs[key] for key in mine if key not in ignored}


@pytest.mark.parametrize("n_steps", [0, 4, 7, 12])
def test_a_run_gone_back_in_is_exported_as_one_that_ended_there(tmp_path: Path, make_data: Any, n_steps: int) -> None:
    data = make_data(n_rows=20)
    history = standing(data, 30)
    history.go_to(n_steps)
    summary = export(history, tmp_path / "mine")
    run_headless(make_settings(SMALL, steps=n_steps), data, tmp_path / "theirs")
    same_files(tmp_path / "mine", tmp_path / "theirs")
    assert summary["stopped"] == f"interrupted: the run stood at step {n_steps} of 30"
    assert (summary["seconds"], summary["steps_per_second"]) == (None, None)


def test_an_export_changes_nothing_in_the_history(tmp_path: Path, make_data: Any) -> None:
    data = make_data(n_rows=20)
    history = standing(data, 7)  # inside an epoch, where nothing is measured
    export(history, tmp_path / "first")
    assert [measurement.step for measurement in history.records(1, 7).measurements] == [0, 4]
    history.advance(23)
    straight = standing(data, 30)
    assert np.array_equal(history.trainer.parameters, straight.trainer.parameters)
    assert history.records(1, 30).measurements == straight.records(1, 30).measurements


def test_a_fork_is_exported_with_its_changes_and_its_own_line(tmp_path: Path, make_data: Any) -> None:
    data = make_data(n_rows=20)
    history = standing(data, 30)
    history.go_to(10)
    history.change(make_settings(SMALL, learning_rate=0.1, batch_size=4))
    history.advance(10)
    history.change(make_settings(SMALL, learning_rate=0.1, switched_off=((1, 2),)), [(0, 0.5)])
    history.advance(5)
    summary = export(history, tmp_path)
    assert summary["stopped"] == "interrupted: the run stood at step 25"
    assert (summary["steps"], summary["steps_trained"], summary["settings"]["learning_rate"]) == (25, 25, 0.01)
    assert summary["changes"] == [
        {"step": 10, "what": "learning rate 0.01 to 0.1, batch size 6 to 4"},
        {"step": 20, "what": "layer 1 unit 2 switched off, batch size 4 to 6, layer 1 weight 1 to 1 set to 0.5"},
    ]
    rows = history_of(tmp_path)
    assert [float(row["batch_loss"]) for row in rows[1:]] == history.records(1, 25).batch_losses.tolist()
    assert len(arrays_of(tmp_path / "data.npz")["batch_starts"]) == 25
    namespace = runpy.run_path(str(tmp_path / "predict.py"))
    predicted = predict(history.trainer.spec, history.trainer.parameters, data.X_validation)
    np.testing.assert_allclose(namespace["predict"](data.X_validation).T, predicted, rtol=1e-12)
    history.go_to(15)
    assert [change["step"] for change in export(history, tmp_path)["changes"]] == [10]
    assert len(history_of(tmp_path)) == 16
    history.go_to(9)
    assert export(history, tmp_path)["changes"] == []


def test_what_is_changed_before_the_first_update_is_how_the_run_starts(tmp_path: Path, make_data: Any) -> None:
    data = make_data(n_rows=20)
    history = standing(data, 0)
    history.change(make_settings(SMALL, learning_rate=0.1, batch_size=4))
    history.advance(10)
    summary = export(history, tmp_path / "mine")
    run_headless(make_settings(SMALL, learning_rate=0.1, batch_size=4, steps=10), data, tmp_path / "theirs")
    same_files(tmp_path / "mine", tmp_path / "theirs")
    assert (summary["changes"], summary["settings"]["learning_rate"]) == ([], 0.1)


def test_a_number_put_in_before_the_first_update_is_a_first_weight(tmp_path: Path, make_data: Any) -> None:
    history = standing(make_data(n_rows=20), 0)
    drawn = history.trainer.parameters
    history.change(SMALL, [(1, 0.25)])
    first = history.trainer.parameters
    history.advance(10)
    summary = export(history, tmp_path)
    initial = arrays_of(tmp_path / "model.npz")["initial/layer_1/weights"].ravel()
    assert np.array_equal(initial, first[: initial.size])
    assert not np.array_equal(initial, drawn[: initial.size])
    assert summary["changes"] == [{"step": 0, "what": "layer 1 weight 1 to 2 set to 0.25"}]
    assert "ONLY THE FIRST" not in (tmp_path / "train_torch.py").read_text()


def test_losses_are_those_of_the_final_parameters_after_a_number_was_put_in(tmp_path: Path, make_data: Any) -> None:
    data = make_data(n_rows=20)
    history = standing(data, 8)
    history.change(SMALL, [(1, 5.0)])
    summary = export(history, tmp_path)
    spec, final = history.trainer.spec, arrays_of(tmp_path / "model.npz")
    parameters = np.concatenate([final[f"final/{block.name}"].ravel() for block in spec.blocks])
    assert parameters[1] == 5.0
    targets = encode_targets(spec, data.target, data.y_train)
    assert summary["train_loss"] == pytest.approx(mean_loss(spec, parameters, data.X_train.T, targets), rel=1e-12)
    assert summary["train_loss"] != float(history_of(tmp_path)[8]["train_loss"])  # measured before


@pytest.mark.parametrize(
    ("length", "n_steps", "stopped"),
    [
        ({"steps": 7}, 7, "steps"),
        ({"epochs": 2}, 8, "epochs"),
        ({"epochs": 2}, 7, "interrupted: the run stood at step 7"),
        ({"epochs": 2}, 9, "interrupted: the run stood at step 9"),  # gone on past its length
    ],
)
def test_a_run_at_its_length_says_so(
    tmp_path: Path, make_data: Any, length: dict[str, int], n_steps: int, stopped: str
) -> None:
    history = standing(make_data(n_rows=20), n_steps, make_settings(SMALL, **length))
    assert export(history, tmp_path)["stopped"] == stopped


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OSError(28, "No space left on device"),
            ["No space left on device", "check your rights and the space", "another folder"],
        ),
        (MemoryError(), ["memory", "earlier step"]),
        (KeyError("x"), ["KeyError", "unharmed"]),
    ],
)
def test_why_files_could_not_be_written_is_told(tmp_path: Path, error: Exception, words: list[str]) -> None:
    sentence = problem_in_words(tmp_path, error)
    assert [word for word in [str(tmp_path), *words] if word not in sentence] == []


# ---------------------------------------------------------------------- writing


def test_list_of_files_is_that_of_what_is_written() -> None:
    assert set(RESULT_FILES) == FILES
    assert RESULT_FILES[-1] == "summary.json"


def write_half(path: Path) -> None:
    with replacing(path) as file:
        file.write(b"half of the n")
        raise OSError("no space")


def test_old_file_stays_when_the_new_one_is_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    write_text(path, "old")
    with pytest.raises(OSError, match="no space"):
        write_half(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_file_is_replaced_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    write_text(path, "old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_second_run_replaces_the_files_of_the_first(tmp_path: Path, make_data: Any) -> None:
    run(tmp_path, make_data(), steps=9)
    (tmp_path / "notes.txt").write_text("mine")
    run(tmp_path, make_data(), steps=3)
    assert {path.name for path in tmp_path.iterdir()} == FILES | {"notes.txt"}
    assert len(history_of(tmp_path)) == 4


def test_json_stays_json_whatever_the_numbers() -> None:
    value = {"loss": float("inf"), "list": (1.5, float("nan"), -np.inf), "array": np.array([1, 2]), "name": "größe \udc80"}
    text = json_text(value)
    assert json.loads(text)["list"] == [1.5, "NaN", "-Infinity"]
    assert json.loads(text)["loss"] == "Infinity"
    assert json.loads(text)["array"] == [1, 2]


def test_file_name_that_is_no_unicode_can_be_written(tmp_path: Path) -> None:
    write_text(tmp_path / "x.json", json_text({"name": "größe \udc80"}))
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == {"name": "größe \udc80"}
