"""Changes that are refused or taken back, and failures, leave a run exactly where it was and able to go on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.history import History
from engine.nonfinite import NonFiniteError
from engine.settings import SettingsError, make_settings
from engine.stopping import StopRules
from engine.trainer import Trainer

START = make_settings(hidden=(4,), batch_size=6)


def state(trainer: Trainer) -> tuple[bytes, bytes]:
    taken = trainer.state()
    return taken.vector.tobytes(), taken.words.tobytes()


def train_to_failure(trainer: Trainer, most: int = 5000) -> int:
    """Return the step that failed."""
    for _ in range(most):
        try:
            trainer.take_step()
        except NonFiniteError as error:
            return error.step
    pytest.fail("no step failed")


def test_fork_that_takes_a_change_back_can_be_replayed(make_data: Any) -> None:
    history = History(Trainer(START, make_data()))
    history.advance(10)
    faster = make_settings(START, learning_rate=0.05)
    history.change(faster)
    history.advance(10)
    history.go_to(10)
    assert history.change(START)
    history.advance(10)
    end = state(history.trainer)
    history.go_to(0)
    history.advance(20)
    assert state(history.trainer) == end
    assert history.changes() == ()
    for _ in history.select(0):
        pass
    history.go_to(20)
    assert history.trainer.settings == faster


@pytest.mark.parametrize("at_a_change", [False, True])
def test_refused_change_changes_nothing(make_data: Any, at_a_change: bool) -> None:
    history = History(Trainer(START, make_data(n_inputs=3)))
    history.advance(5)
    if at_a_change:
        history.change(make_settings(START, learning_rate=0.3))
    before, settings = state(history.trainer), history.trainer.settings
    wrong = make_settings(settings, switched_off=((0, 9),), dropout=(0.5,))
    for _ in range(2):
        with pytest.raises(SettingsError, match="no input 9"):
            history.change(wrong)
        with pytest.raises(SettingsError, match="no input 9"):
            history.trainer.change(wrong)
    assert (state(history.trainer), history.trainer.settings) == (before, settings)
    history.advance(20)
    end = state(history.trainer)
    history.go_to(2)
    history.go_to(25)
    assert state(history.trainer) == end


def test_failure_with_batch_norm_and_a_penalty_leaves_nothing_behind(make_data: Any) -> None:
    settings = make_settings(
        hidden=(3,),
        activation=("relu",),
        normalization="batch",
        l2=0.01,
        optimizer="sgd",
        learning_rate=1e5,
        batch_size="full",
        loss="mse",
    )
    trainer = Trainer(settings, make_data(n_classes=0))
    failed = train_to_failure(trainer)
    assert trainer.step == failed - 1
    assert train_to_failure(trainer, most=1) == failed  # the same step fails again, and no earlier one
    straight = Trainer(settings, trainer.data)
    for _ in range(failed - 1):
        straight.take_step()
    assert state(trainer) == state(straight)


@pytest.mark.parametrize("rate", [0.9, 0.95, 1.0])
def test_failure_on_a_plateau_comes_back_to_the_state_before_it(make_data: Any, rate: float) -> None:
    """The last state kept for rescue is that of step 64, an end of an epoch: the rate lowered there belongs to it."""
    settings = make_settings(
        hidden=(),
        precision="float32",
        optimizer="sgd",
        learning_rate=rate,
        batch_size="full",
        schedule="plateau",
        schedule_period=1,
        schedule_factor=0.999,
    )
    trainer = Trainer(settings, make_data(n_classes=0))
    failed = train_to_failure(trainer)
    assert failed > 64
    straight = Trainer(settings, trainer.data)
    for _ in range(failed - 1):
        straight.take_step()
    assert state(trainer) == state(straight)


def test_overflowing_loss_names_its_row(make_data: Any) -> None:
    data = make_data(n_classes=0, n_rows=8)
    y = data.y_train.copy()
    y[5] = 1e200
    trainer = Trainer(make_settings(hidden=(), batch_size="full"), type(data)(**{**vars(data), "y_train": y}))
    with pytest.raises(NonFiniteError, match=r"loss .* data row 6") as caught:
        trainer.take_step()
    assert caught.value.row == 5


def test_freezing_a_layer_makes_lbfgs_forget_what_it_knew_of_it(make_data: Any) -> None:
    settings = make_settings(hidden=(6,), optimizer="lbfgs", batch_size="full", learning_rate=1.0)
    data = make_data(n_rows=30)
    live, fresh = Trainer(settings, data), Trainer(settings, data)
    for _ in range(8):
        live.take_step()
        fresh.take_step()
    frozen = make_settings(settings, freeze=(1,))
    live.change(frozen)
    fresh.change(make_settings(settings, optimizer="adam"))
    fresh.change(frozen)
    for _ in range(10):
        live.take_step()
        fresh.take_step()
    assert np.array_equal(live.parameters, fresh.parameters)


def test_epochs_before_an_edit_do_not_count_for_patience(make_data: Any) -> None:
    history = History(Trainer(make_settings(START, patience=50), make_data()))
    rules = StopRules()
    for _ in range(10):
        history.advance(10**6, to_epoch_end=True)
        rules.after_epoch(history, 0.0)
    history.change(history.trainer.settings, [(0, 5.0)])
    stops = []
    for _ in range(60):
        history.advance(10**6, to_epoch_end=True)
        stops.append((rules.after_epoch(history, 0.0), StopRules().after_epoch(history, 0.0)))
    assert [kept for kept, _ in stops] == [anew for _, anew in stops]


def test_time_is_looked_at_inside_an_epoch(make_data: Any, tmp_path: Any) -> None:
    from engine.run import run_headless

    result = run_headless(make_settings(hidden=(4,), batch_size=1, seconds=0.1), make_data(n_rows=20_000), tmp_path)
    assert result.stop.reason == "seconds"
    assert result.history.trainer.epoch_is_open


def test_lbfgs_that_stands_still_has_converged(make_data: Any, tmp_path: Any) -> None:
    from engine.run import run_headless

    settings = make_settings(hidden=(), optimizer="lbfgs", batch_size="full", learning_rate=1.0, l2=0.1, epochs=500)
    result = run_headless(settings, make_data(n_rows=40), tmp_path)
    assert result.stop.reason == "converged"
    assert result.history.last_step < 100
