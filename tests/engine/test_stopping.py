"""A run ends by its rules at the ends of epochs, and stands at its best weights when patience ran out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.examples.catalogue import DEFAULT_EXAMPLE
from engine.data.loading import load_example
from engine.data.prepared import PreparedData
from engine.history import History
from engine.metrics import accuracy, predict
from engine.run import run_headless, train
from engine.run_result import RunResult
from engine.settings import make_settings
from engine.stopping import StopRules
from engine.trainer import Trainer

OVERFITS: dict[str, Any] = {"hidden": (32, 32), "learning_rate": 0.03, "batch_size": 5, "epochs": 200}


@pytest.fixture(scope="module")
def moons() -> PreparedData:
    return load_example(DEFAULT_EXAMPLE, make_settings())


def trained(data: Any, **settings: Any) -> RunResult:
    return train(Trainer(make_settings(**settings), data), lambda _: None, lambda: False)


def validation_losses(result: RunResult) -> dict[int, float]:
    """Return the validation loss at the end of each epoch, by step."""
    records = result.history.records(1, result.history.last_step)
    return {each.step: each.validation_loss for each in records.measurements if each.step > 0}  # type: ignore[misc]


def test_patience_ends_the_run_and_brings_the_best_weights_back(make_data: Any) -> None:
    data = make_data(n_rows=40, n_validation=20)
    result = trained(data, **OVERFITS, patience=4)
    assert result.stop.reason == "patience"
    losses = validation_losses(result)
    best = min(losses, key=losses.__getitem__)
    epoch_ends = sorted(losses)
    assert epoch_ends.index(result.history.last_step) - epoch_ends.index(best) == 4
    assert result.history.step == best
    straight = Trainer(make_settings(**OVERFITS), data)
    for _ in range(best):
        straight.take_step()
    assert np.array_equal(straight.parameters, result.parameters)


def test_the_first_epoch_that_is_good_enough_ends_the_run(moons: PreparedData) -> None:
    data = moons
    result = trained(data, hidden=(8,), learning_rate=0.02, epochs=500, stop_loss=0.15)
    losses = list(validation_losses(result).values())
    assert result.stop.reason == "loss"
    assert losses[-1] <= 0.15 < min(losses[:-1])
    assert result.history.step == result.history.last_step


def test_accuracy_is_that_of_the_validation_rows(moons: PreparedData) -> None:
    data = moons
    result = trained(data, hidden=(8,), learning_rate=0.02, epochs=500, stop_accuracy=0.9)
    assert result.stop.reason == "accuracy"
    reached = accuracy(predict(result.spec, result.parameters, data.X_validation), data.y_validation)
    assert reached is not None
    assert reached >= 0.9


def test_time_ends_a_run_that_has_no_other_end(make_data: Any, tmp_path: Path) -> None:
    result = run_headless(make_settings(hidden=(4,), seconds=0.05), make_data(), tmp_path)
    assert result.stop.reason == "seconds"
    assert not result.history.trainer.epoch_is_open
    assert (tmp_path / "summary.json").is_file()


def test_without_validation_rows_the_training_loss_decides(make_data: Any) -> None:
    result = trained(make_data(n_validation=0), hidden=(4,), learning_rate=0.05, epochs=300, stop_loss=0.4)
    assert result.stop.reason == "loss"
    assert "training loss" in result.stop.sentence


@pytest.mark.parametrize("looks_at", ["every epoch", "the last epoch only"])
def test_rules_come_to_the_same_however_often_they_look(make_data: Any, looks_at: str) -> None:
    data = make_data(n_rows=40, n_validation=20)
    history = History(Trainer(make_settings(**(OVERFITS | {"epochs": None}), patience=6), data))
    rules, found = StopRules(), None
    while found is None:
        history.advance(10**6, to_epoch_end=True)
        found = rules.after_epoch(history, 0.0) if looks_at == "every epoch" else StopRules().after_epoch(history, 0.0)
    again = trained(data, **OVERFITS, patience=6)
    assert (found.step, history.last_step) == (again.stop.step, again.history.last_step)


def test_another_branch_is_looked_at_anew(make_data: Any) -> None:
    data = make_data(n_rows=40, n_validation=20)
    settings = make_settings(**(OVERFITS | {"epochs": None}), patience=6)
    history = History(Trainer(settings, data))
    rules = StopRules()
    for _ in range(5):
        history.advance(10**6, to_epoch_end=True)
        rules.after_epoch(history, 0.0)
    history.go_to(8)
    history.change(make_settings(settings, learning_rate=1e-9))  # on this branch nothing moves any more
    stops = []
    for _ in range(12):
        history.advance(10**6, to_epoch_end=True)
        stops.append(rules.after_epoch(history, 0.0))
    fresh = StopRules().after_epoch(history, 0.0)
    assert stops[-1] == fresh
    assert fresh is not None
