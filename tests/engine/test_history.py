"""Going to any step gives exactly what training passed through; going on from there replays or forks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.history import History, ReplayError
from engine.memory_budget import MemoryBudget
from engine.settings import make_settings
from engine.trainer import Trainer

START = make_settings(batch_size=6, hidden=(4,))


def new_history(make_data: Any, budget: MemoryBudget | None = None) -> History:
    return History(Trainer(START, make_data()), budget)


def vectors_of_a_straight_run(make_data: Any, n_steps: int) -> list[bytes]:
    trainer = Trainer(START, make_data())
    vectors = [trainer.state().vector.tobytes()]
    for _ in range(n_steps):
        trainer.take_step()
        vectors.append(trainer.state().vector.tobytes())
    return vectors


def select(history: History, branch_id: int) -> None:
    for _ in history.select(branch_id):
        pass


def vector(history: History) -> bytes:
    return history.trainer.state().vector.tobytes()


def test_any_step_comes_back_bit_for_bit(make_data: Any) -> None:
    straight = vectors_of_a_straight_run(make_data, 100)
    history = new_history(make_data)
    history.advance(100)
    for step in (99, 98, 0, 1, 50, 100, 8, 7, 9, 63):
        history.go_to(step)
        assert history.step == step
        assert vector(history) == straight[step]


def test_paused_rewound_and_replayed_run_equals_the_straight_run(make_data: Any) -> None:
    straight = vectors_of_a_straight_run(make_data, 120)
    history = new_history(make_data)
    for n_steps in (1, 6, 23):
        history.advance(n_steps)
    history.go_to(11)
    history.advance(40)  # replays to 30, then goes on
    assert (history.step, history.last_step) == (51, 51)
    history.go_to(3)
    history.advance(117)
    assert vector(history) == straight[120]


def test_every_step_is_recorded_once_and_epoch_ends_are_measured(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(10)
    history.go_to(2)
    history.advance(12)
    records = history.records(1, 14)
    reference = Trainer(START, make_data())
    expected = [reference.take_step() for _ in range(14)]
    assert list(records.batch_losses) == [record.batch_loss for record in expected]
    assert list(records.epochs) == [record.epoch for record in expected]
    assert [measured.step for measured in records.measurements] == [0, 4, 8, 12]
    with pytest.raises(ValueError, match="read-only"):
        records.batch_losses[0] = 0.0


def test_a_change_at_the_end_is_replayed_at_its_step(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(10)
    assert not history.change(make_settings(START, learning_rate=0.3, batch_size=4))
    history.advance(10)
    at_20, at_12 = vector(history), None
    history.go_to(12)
    at_12 = vector(history)
    history.go_to(5)
    assert history.trainer.settings.learning_rate == START.learning_rate
    history.advance(7)
    assert vector(history) == at_12
    assert history.trainer.settings.batch_size == 4
    history.advance(8)
    assert vector(history) == at_20
    assert history.changes() == ((10, "learning rate 0.01 to 0.3, batch size 6 to 4"),)


def test_a_change_in_the_past_forks_and_the_old_future_stays(make_data: Any) -> None:
    straight = vectors_of_a_straight_run(make_data, 40)
    history = new_history(make_data)
    history.advance(40)
    history.go_to(17)
    assert history.change(make_settings(START, optimizer="sgd", momentum=0.9))
    assert (history.step, history.last_step) == (17, 17)
    history.advance(9)
    forked = dict.fromkeys(range(17, 27))
    for step in forked:
        history.go_to(step)
        forked[step] = vector(history)
    select(history, 0)
    assert (history.step, history.last_step) == (26, 40)
    for step in (26, 17, 18, 40):
        history.go_to(step)
        assert vector(history) == straight[step]
    select(history, 1)
    assert history.step == 26
    history.go_to(10)
    assert vector(history) == straight[10]
    for step in forked:
        history.go_to(step)
        assert vector(history) == forked[step]
    history.go_to(0)
    history.advance(26)
    assert vector(history) == forked[26]
    assert len(history.records(1, 26)) == 26


def test_several_changes_at_one_step_count_as_one(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(10)
    for rate in (0.02, 0.05, 0.1):
        history.change(make_settings(START, learning_rate=rate))
    assert history.changes() == ((10, "learning rate 0.01 to 0.1"),)
    before = vector(history)
    history.change(make_settings(START, optimizer="sgd"))
    history.change(START)
    assert history.changes() == ()
    assert vector(history) == before, "Adam's moments are there again when nothing was trained in between"
    history.advance(5)
    assert vector(history) == vectors_of_a_straight_run(make_data, 15)[15]


def test_a_second_change_at_a_fork_stays_on_the_fork(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(30)
    history.go_to(12)
    history.change(make_settings(START, learning_rate=0.2))
    history.change(make_settings(START, learning_rate=0.2, l2=0.1))
    assert len(history.branches) == 2
    assert history.branches[1].changes[0].words == "l2 0.0 to 0.1, learning rate 0.01 to 0.2"
    history.advance(6)
    end = vector(history)
    history.go_to(0)
    history.advance(18)
    assert vector(history) == end


def test_a_fork_at_step_0_keeps_the_losses_of_step_0(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(9)
    history.go_to(0)
    history.change(make_settings(START, learning_rate=0.2))
    history.advance(9)
    assert [measured.step for measured in history.records(1, 9).measurements] == [0, 4, 8]


def test_to_the_epoch_end_stops_there_also_across_a_change_of_the_batch_size(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(2)
    history.change(make_settings(START, batch_size="full"))
    history.advance(30)
    history.go_to(0)
    history.advance(10**9, to_epoch_end=True)
    assert (history.step, history.trainer.epoch) == (3, 1)


def test_forks_of_forks_each_keep_their_line(make_data: Any) -> None:
    history = new_history(make_data)
    ends = []
    for branch, fork_step in enumerate((None, 20, 25, 5, 5)):
        if fork_step is not None:
            history.go_to(fork_step)
            history.change(make_settings(history.trainer.settings, learning_rate=0.01 + branch / 100))
        history.advance(30)
        ends.append((history.last_step, vector(history)))
    assert [branch.parent.branch_id if branch.parent else None for branch in history.branches] == [None, 0, 1, 0, 3]
    for branch_id, (last_step, end) in enumerate(ends):
        select(history, branch_id)
        history.go_to(last_step)
        assert vector(history) == end
        assert history.records(1, last_step).last_step == last_step


def test_thinned_keyframes_still_lead_to_every_step(make_data: Any) -> None:
    straight = vectors_of_a_straight_run(make_data, 400)
    history = new_history(make_data, MemoryBudget(limit_bytes=40_000))
    history.advance(400)
    assert history.branch.stride > 8
    assert history.budget.used_bytes <= 40_000
    for step in (399, 1, 200, 257, 0, 400):
        history.go_to(step)
        assert vector(history) == straight[step]


def test_one_budget_covers_all_runs(make_data: Any) -> None:
    budget = MemoryBudget(limit_bytes=40_000)
    histories = [new_history(make_data, budget) for _ in range(3)]
    for history in histories:
        history.advance(150)
    assert budget.used_bytes <= 40_000
    assert any(branch.stride > 8 for history in histories for branch in history.branches)


def test_back_by_epochs_goes_to_where_the_epoch_before_ended(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(11)  # 4 steps an epoch
    assert history.start_of_epoch() == 8
    history.go_to(8)
    assert history.start_of_epoch() == 4
    history.go_to(3)
    assert history.start_of_epoch() == 0
    history.go_to(0)
    assert history.start_of_epoch() == 0


def test_back_by_epochs_on_a_fork_at_the_start(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(5)
    history.go_to(0)
    history.change(make_settings(START, learning_rate=0.2))
    history.advance(3)
    assert history.start_of_epoch() == 0
    history.advance(3)
    assert history.start_of_epoch() == 4


def test_the_path_goes_from_the_start_to_where_the_trainer_stands(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(100)
    history.go_to(77)
    steps, points = history.path(6, 10**9)
    assert (steps[0], steps[-1], len(steps)) == (0, 77, 6)
    assert (np.diff(steps) > 0).all()
    for step, point in zip(steps, points, strict=True):
        history.go_to(int(step))
        assert np.array_equal(history.trainer.parameters, point)


def test_a_replay_that_differs_from_its_record_is_reported(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(20)
    history.go_to(4)
    history.trainer._parameters += 1e-9
    with pytest.raises(ReplayError, match="step 5"):
        history.advance(1)


def test_a_step_that_is_not_recorded_is_refused(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(3)
    with pytest.raises(ValueError, match="goes from 0 to 3"):
        history.go_to(4)


@given(st.lists(st.tuples(st.sampled_from(["advance", "go", "change", "select"]), st.integers(0, 60)), min_size=1, max_size=14))
@settings(max_examples=40, deadline=None)
def test_whatever_was_done_every_line_replays_to_its_end(make_data: Any, actions: list[tuple[str, int]]) -> None:
    history = new_history(make_data)
    ends: dict[int, bytes] = {}
    for name, number in actions:
        if name == "advance":
            history.advance(number + 1)
        elif name == "go":
            history.go_to(min(number, history.last_step))
        elif name == "change":
            history.change(
                make_settings(history.trainer.settings, learning_rate=0.001 * (1 + number % 7), batch_size=1 + number % 9)
            )
        else:
            select(history, number % len(history.branches))
        if history.step == history.last_step:
            ends[history.branch.branch_id] = vector(history)
    for branch_id, end in ends.items():
        select(history, branch_id)
        history.go_to(0)
        history.advance(history.last_step)
        if history.step == history.branches[branch_id].last_step and history.step > 0:
            assert vector(history) == end
