"""Tables of many rows: measured in slices that may be interrupted anywhere, read where they lie, in the precision they have.

A slice is made a few rows long here, so that small tables have many.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tables import random_table
from engine.data.prepared import PreparedData
from engine.evaluation import rows_per_slice
from engine.history import History
from engine.memory_budget import MemoryBudget
from engine.network import mean_loss
from engine.network_choice import spec_for
from engine.run import train
from engine.settings import Settings, make_settings
from engine.stacked_rows import bytes_of_rows
from engine.trainer import Trainer

START = make_settings(batch_size=6, hidden=(4,))

RUNS: list[dict[str, Any]] = [
    {},
    {"precision": "float32", "skip": True, "hidden": (3, 3)},
    {"normalization": "batch", "dropout": (0.2,)},
    {"schedule": "plateau", "schedule_period": 1, "learning_rate": 0.3},
    {"batch_size": "full"},
]


@pytest.fixture
def few_rows_a_slice() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.evaluation.rows_per_slice", lambda spec: 2)
        yield


def everything(history: History) -> list[Any]:
    """Return what a history holds of every branch, to the last bit, and where it stands."""
    branches = [
        (
            [(m.step, m.train_loss, m.validation_loss) for m in branch._measurements],
            branch._batch_losses.tobytes(),
            [(state.step, state.vector.tobytes(), state.words.tobytes()) for state in branch._keyframes],
            branch.changes,
        )
        for branch in history.branches
    ]
    return [branches, history.branch.branch_id, history.step, history.trainer.state().vector.tobytes()]


def take(history: History, n_steps: int) -> None:
    """Take steps in the shortest turns there are; the last one's measurement may be left under way."""
    target = history.step + n_steps
    while history.step < target:
        history.advance(target - history.step, 0.0)


# ---------------------------------------------------------------------- in slices


@pytest.mark.parametrize("options", RUNS)
def test_a_run_in_slices_equals_the_run_at_once(make_data: Any, few_rows_a_slice: None, options: dict[str, Any]) -> None:
    settings = make_settings(START, **options)
    at_once, in_slices = History(Trainer(settings, make_data())), History(Trainer(settings, make_data()), in_slices=True)
    assert in_slices.is_measuring
    at_once.advance(30)
    interruptions = 0
    while in_slices.step < 30 or in_slices.is_measuring:
        in_slices.advance(30 - in_slices.step, 0.0)
        interruptions += in_slices.is_measuring
    assert interruptions > 30
    assert everything(in_slices) == everything(at_once)


@pytest.mark.parametrize("slice_rows", [64, 1_024, 4_096, 16_384])
def test_the_length_of_the_slices_changes_no_digit(slice_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = random_table(3, 3, 33_000, 17_000)
    monkeypatch.setattr("engine.evaluation.rows_per_slice", lambda spec: 16_384)
    whole = Trainer(START, data).measure()
    monkeypatch.setattr("engine.evaluation.rows_per_slice", lambda spec: slice_rows)
    assert Trainer(START, data).measure() == whole


def test_the_losses_are_those_over_all_rows(make_data: Any, few_rows_a_slice: None) -> None:
    data = make_data(n_classes=0)
    trainer = Trainer(START, data)
    trainer.take_step()
    expected = mean_loss(trainer.spec, trainer.parameters, data.X_validation.T, data.y_validation[None])
    assert trainer.measure().validation_loss == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("hidden", [(8, 8), (2000,), (256, 128), (1,)])
def test_slices_fill_the_blocks_in_which_losses_are_added_up(hidden: tuple[int, ...]) -> None:
    rows = rows_per_slice(spec_for(make_settings(hidden=hidden), random_table(20, 2, 10)))
    assert 64 <= rows <= 16_384
    assert 16_384 % rows == 0


def test_no_update_is_taken_before_the_measurement_is_complete(make_data: Any, few_rows_a_slice: None) -> None:
    history = History(Trainer(START, make_data()))
    history.advance(4)
    assert not history.is_measuring
    history.advance(4, to_epoch_end=True)
    take(history, 4)
    turns = 0
    while history.is_measuring:
        assert history.measurement().step == 8
        assert history.advance(100, 0.0) == 0
        turns += 1
    assert (turns, history.step, history.measurement().step) == (12, 12, 12)  # 20 and 6 rows, the first slice with the step


def test_a_table_of_few_rows_is_measured_within_its_step(make_data: Any) -> None:
    history = History(Trainer(START, make_data()), in_slices=True)
    assert not history.is_measuring
    take(history, 4)
    assert history.measurement().step == 4


def test_rules_are_asked_once_after_the_measurement_of_every_epoch(make_data: Any, few_rows_a_slice: None) -> None:
    history = History(Trainer(START, make_data()))
    asked: list[int] = []

    def should_stop(asking: History) -> bool:
        assert asking.measurement().step == asking.step
        asked.append(asking.step)
        return len(asked) == 3

    while len(asked) < 3:
        history.advance(100, 0.0, should_stop=should_stop)
    assert asked == [4, 8, 12]
    assert (history.step, history.is_measuring) == (12, False)


@pytest.mark.parametrize(
    "rule", [{"patience": 2, "learning_rate": 0.3}, {"stop_accuracy": 0.6}, {"stop_loss": 0.65}, {"epochs": 3}, {"steps": 8}]
)
def test_a_run_without_a_window_ends_alike(make_data: Any, rule: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = make_settings(START, **{"epochs": 200, **rule})
    data = make_data(n_rows=40, n_validation=20)
    at_once = train(Trainer(settings, data), lambda _: None, lambda: False)
    monkeypatch.setattr("engine.evaluation.rows_per_slice", lambda spec: 2)
    monkeypatch.setattr("engine.run.TURN_SECONDS", 0.0)
    in_slices = train(Trainer(settings, data), lambda _: None, lambda: False)
    assert (in_slices.stop.reason, in_slices.last_step) == (at_once.stop.reason, at_once.last_step)
    assert everything(in_slices.history)[0][0][1:] == everything(at_once.history)[0][0][1:]
    mine, theirs = (result.history.records(1, result.last_step).measurements for result in (in_slices, at_once))
    assert [m.step for m in mine] == [m.step for m in theirs]
    assert [m.train_loss for m in mine] == pytest.approx([m.train_loss for m in theirs], rel=1e-12)


def test_the_accuracy_that_stops_is_counted_over_the_rows_that_decide(make_data: Any, few_rows_a_slice: None) -> None:
    for n_validation in (0, 7):
        data = make_data(n_validation=n_validation, n_classes=3)
        trainer = Trainer(make_settings(START, stop_accuracy=1.0), data)
        trainer.take_step()
        evaluated = trainer.evaluate()
        shown = evaluated.train_predictions if evaluated.validation_predictions is None else evaluated.validation_predictions
        y = data.y_validation if n_validation else data.y_train
        assert trainer.decisive_accuracy() == np.mean(shown.argmax(axis=0) == y)


# ---------------------------------------------------------------------- interrupted


def test_a_seek_finishes_the_measurement_in_slices_first(
    make_data: Any, few_rows_a_slice: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.history.SEEK_SLICE_SECONDS", 0.0)
    history = History(Trainer(START, make_data()))
    take(history, 8)
    assert history.is_measuring
    places = list(history.seek(3))
    assert places[:5] == [8] * 5
    assert history.step == 3
    assert history.branch.measurement_at(8).step == 8


def test_a_number_put_in_does_not_reach_the_measurement_before_it(make_data: Any, few_rows_a_slice: None) -> None:
    reference = History(Trainer(START, make_data()))
    reference.advance(8)
    history = History(Trainer(START, make_data()))
    take(history, 8)
    assert history.is_measuring
    history.change(START, [(0, 5.0)])
    assert history.measurement() == reference.measurement()
    assert history.trainer.measure() != reference.trainer.measure()


def test_a_kept_run_goes_on_measuring(make_data: Any, few_rows_a_slice: None) -> None:
    reference = History(Trainer(START, make_data()))
    reference.advance(9)
    history = History(Trainer(START, make_data()))
    take(history, 8)
    assert history.is_measuring
    history.trainer.rest()
    history.advance(1)
    assert everything(history) == everything(reference)


def test_the_learning_rate_follows_the_loss_though_it_comes_late(make_data: Any, few_rows_a_slice: None) -> None:
    settings = make_settings(START, schedule="plateau", schedule_period=1, learning_rate=1.0, optimizer="sgd")
    data = make_data()
    reference, trainer = Trainer(settings, data), Trainer(settings, data)
    for _ in range(60):
        reference.take_step()
        reference.measure()
        trainer.take_step()  # what it owes is measured before the next epoch begins
    trainer.measure()
    assert trainer.learning_rate == reference.learning_rate < settings.learning_rate
    assert trainer.state().words.tobytes() == reference.state().words.tobytes()
    trainer.take_step()
    while not trainer.take_step().epoch_ended:
        pass
    state = trainer.state()  # finishes what decides a part of it
    assert trainer.measure().step == state.step


@pytest.mark.parametrize("edit", [True, False])
def test_what_is_changed_by_hand_does_not_reach_the_loss_that_decides(
    make_data: Any, few_rows_a_slice: None, edit: bool
) -> None:
    settings = make_settings(START, schedule="plateau", schedule_period=1, learning_rate=1.0, optimizer="sgd")
    trainers = [Trainer(settings, make_data()) for _ in range(2)]
    for _ in range(4):
        for trainer in trainers:
            trainer.take_step()
    trainers[0].measure()
    for trainer in trainers:
        if edit:
            trainer.set_parameter(0, 50.0)
        else:
            trainer.change(make_settings(settings, schedule_period=2))
    assert trainers[0].state().words.tobytes() == trainers[1].state().words.tobytes()


ACTIONS = st.sampled_from(["advance", "seek", "change", "edit", "select", "measure", "epoch"])


@given(
    st.lists(st.tuples(ACTIONS, st.integers(0, 40)), min_size=1, max_size=12),
    st.sampled_from(["none", "plateau"]),
    st.integers(1, 9),
)
def test_whatever_interrupts_it_the_history_is_the_same(
    make_data: Any, actions: list[tuple[str, int]], schedule: str, slice_rows: int
) -> None:
    settings = make_settings(START, schedule=schedule, schedule_period=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.evaluation.rows_per_slice", lambda spec: slice_rows)
        at_once = History(Trainer(settings, make_data()), MemoryBudget(20_000))
        in_slices = History(Trainer(settings, make_data()), MemoryBudget(20_000), in_slices=True)
        for name, number in actions:
            for history in (at_once, in_slices):
                _act(history, name, number, in_slices=history is in_slices)
        in_slices.finish_measuring()
        assert everything(in_slices) == everything(at_once)


def _act(history: History, name: str, number: int, *, in_slices: bool) -> None:
    if name == "advance" and in_slices:
        take(history, number % 13)
    elif name == "advance":
        history.advance(number % 13)
    elif name == "epoch":
        history.finish_measuring()  # what is asked for is the next epoch
        history.advance(10**6, to_epoch_end=True)
    elif name == "seek":
        history.go_to(min(number, history.last_step))
    elif name == "change":
        history.change(
            make_settings(history.trainer.settings, learning_rate=0.001 * (1 + number % 5), batch_size=3 + number % 9)
        )
    elif name == "edit":
        history.change(history.trainer.settings, [(number % history.trainer.spec.n_parameters, 0.1 * number)])
    elif name == "select":
        for _ in history.select(number % len(history.branches)):
            pass
    else:
        history.measure_here()


# ---------------------------------------------------------------------- memory and precision


def in_single_precision(data: PreparedData) -> PreparedData:
    return replace(data, X_train=data.X_train.astype(np.float32), X_validation=data.X_validation.astype(np.float32))


def cast_first(data: PreparedData) -> PreparedData:
    return replace(data, X_train=data.X_train.astype(np.float64), X_validation=data.X_validation.astype(np.float64))


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("n_classes", [0, 3])
def test_rows_stored_in_single_precision_train_as_if_they_were_cast_first(
    make_data: Any, n_classes: int, precision: str
) -> None:
    stored = in_single_precision(make_data(n_classes=n_classes))
    histories = [History(Trainer(make_settings(START, precision=precision), data)) for data in (stored, cast_first(stored))]
    for history in histories:
        history.advance(30)
    assert everything(histories[0]) == everything(histories[1])
    assert histories[0].trainer.parameters.dtype == precision


def held_bytes(settings: Settings, data: PreparedData) -> int:
    """Return what a run on some data takes after two steps."""
    tracemalloc.start()
    try:
        history = History(Trainer(settings, data))
        history.advance(2)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("batch_size", [6, 20_000])
def test_a_run_keeps_no_copy_of_the_rows(batch_size: int) -> None:
    settings = make_settings(START, batch_size=batch_size)
    short, long = (in_single_precision(random_table(40, 2, n_rows, n_rows // 2)) for n_rows in (60_000, 120_000))
    growth = held_bytes(settings, long) - held_bytes(settings, short)
    assert growth == pytest.approx(60_000 * 8, abs=50_000)  # the order of the training rows
    assert bytes_of_rows(long) == 120_000 * 1.5 * (40 * 4 + 8 + 8)


@pytest.mark.parametrize("batch_size", [7, "full"])
def test_batches_too_long_to_gather_beforehand_have_the_same_rows(
    make_data: Any, batch_size: int | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(START, batch_size=batch_size)
    gathered = History(Trainer(settings, make_data()))
    gathered.advance(25)
    monkeypatch.setattr("engine.trainer.GATHER_ROWS", 5)
    written = History(Trainer(settings, make_data()))
    written.advance(25)
    assert everything(written) == everything(gathered)
