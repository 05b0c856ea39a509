"""The batches of a line are told by its history, bit for bit those that the trainer named before every update."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.batch_log import BatchLog
from engine.history import History
from engine.settings import Settings, make_settings
from engine.trainer import Trainer

Batches = list[NDArray[np.int64]]

START = make_settings(hidden=(3,), batch_size=6)


def new_history(make_data: Any, settings: Settings = START, n_rows: int = 20) -> History:
    return History(Trainer(settings, make_data(n_rows=n_rows)))


def train(history: History, used: Batches, n_steps: int) -> Batches:
    """Go on by some updates; return the batches of the line, each as the trainer names it before its update."""
    used = used[: history.step]
    for _ in range(n_steps):
        used.append(history.trainer.batch_rows())
        history.advance(1)
    return used


def check(history: History, used: Batches) -> None:
    log = BatchLog.from_history(history, len(used))
    assert (log.rows.dtype, log.starts.dtype) == (np.int32, np.int64)
    assert len(log.starts) == len(used)
    found = np.split(log.rows, log.starts)[1:]
    assert [batch.tolist() for batch in found] == [batch.tolist() for batch in used]


@pytest.mark.parametrize("batch_size", [1, 6, 7, 20, 99, "full"])
@pytest.mark.parametrize("n_steps", [0, 1, 3, 4, 45])
def test_batches_of_a_straight_line(make_data: Any, batch_size: Any, n_steps: int) -> None:
    history = new_history(make_data, make_settings(START, batch_size=batch_size))
    check(history, train(history, [], n_steps))


@pytest.mark.parametrize(
    "changes",
    [
        {"dropout": (0.5,), "input_noise": 0.1},
        {"seed": 7, "init": "orthogonal"},
        {"init": "zeros"},
        {"schedule": "plateau", "schedule_period": 1},
        {"optimizer": "lbfgs", "batch_size": "full"},
    ],
)
def test_whatever_else_draws_numbers_or_keeps_words_in_the_state(make_data: Any, changes: dict[str, Any]) -> None:
    history = new_history(make_data, make_settings(START, **changes))
    check(history, train(history, [], 30))


@pytest.mark.parametrize("at", [0, 1, 3, 4, 5, 8])  # 4 updates an epoch
def test_rows_in_the_order_of_the_file_for_a_while(make_data: Any, at: int) -> None:
    history = new_history(make_data)
    used = train(history, [], at)
    history.change(make_settings(START, shuffle=False))
    used = train(history, used, 7)
    history.change(START)
    check(history, train(history, used, 30))


MOVES = st.one_of(
    st.tuples(st.just("train"), st.integers(1, 9)),
    st.tuples(st.just("go to"), st.integers(0, 30)),
    st.tuples(st.just("batch_size"), st.sampled_from([1, 3, 8, 13, 20, 99, "full"])),
    st.tuples(st.just("shuffle"), st.booleans()),
    st.tuples(st.just("learning_rate"), st.sampled_from([0.01, 0.02])),
)


@given(moves=st.lists(MOVES, max_size=20))
def test_batches_of_any_line(make_data: Any, moves: list[tuple[str, Any]]) -> None:
    history, used = new_history(make_data), []
    for move, value in moves:
        if move == "train":
            end = used[history.step :]
            used = train(history, used, value) + end[value:]
        elif move == "go to":
            history.go_to(min(value, history.last_step))
        else:
            history.change(make_settings(history.trainer.settings, **{move: value}))
            used = used[: history.last_step]
    check(history, used)
    check(history, used[: history.step])


@pytest.mark.parametrize("at", [0, 1, 3, 4, 5, 8])  # 4 updates an epoch
@pytest.mark.parametrize("batch_size", [1, 7, 19, "full"])
def test_another_batch_size_inside_an_epoch(make_data: Any, at: int, batch_size: Any) -> None:
    history = new_history(make_data)
    used = train(history, [], at)
    history.change(make_settings(START, batch_size=batch_size))
    used = train(history, used, 9)
    history.change(make_settings(START, batch_size=2))
    check(history, train(history, used, 30))


def test_a_line_is_cut_at_a_past_step(make_data: Any) -> None:
    history = new_history(make_data)
    used = train(history, [], 10)
    history.change(make_settings(START, batch_size=3))
    used = train(history, used, 20)
    for step in (0, 2, 9, 10, 11, 29):
        history.go_to(step)
        check(history, used[:step])


def test_every_line_of_a_run_with_forks_has_its_own_batches(make_data: Any) -> None:
    history = new_history(make_data)
    lines = {0: train(history, [], 30)}
    history.change(make_settings(START, batch_size=9))
    lines[0] = train(history, lines[0], 5)
    for parent, fork_step, batch_size in ((0, 13, 4), (1, 21, "full"), (0, 0, 8), (0, 30, 2), (2, 13, 11)):
        for _ in history.select(parent):
            pass
        history.go_to(fork_step)
        history.change(make_settings(history.trainer.settings, batch_size=batch_size))
        assert history.branch.branch_id == len(lines)
        lines[history.branch.branch_id] = train(history, lines[parent], 25)
    for branch_id, used in lines.items():
        for _ in history.select(branch_id):
            pass
        check(history, used)
    assert len({tuple(map(len, used)) for used in lines.values()}) == len(lines)  # all of them differ


def test_changes_behind_a_step_are_left_out(make_data: Any) -> None:
    history = new_history(make_data)
    train(history, [], 10)
    history.change(make_settings(START, batch_size=3))
    train(history, [], 20)
    history.go_to(15)
    history.change(make_settings(START, batch_size=4))
    train(history, [], 20)
    for last_step, steps in ((9, [0]), (10, [0, 10]), (14, [0, 10]), (15, [0, 10, 15]), (35, [0, 10, 15])):
        assert [change.step for change in history.changes_until(last_step)] == steps


def test_changes_at_one_step_count_as_the_last_of_them(make_data: Any) -> None:
    history = new_history(make_data)
    used = train(history, [], 10)
    for batch_size in (3, 9, 5):
        history.change(make_settings(START, batch_size=batch_size))
    used = train(history, used, 10)
    check(history, used)
    history.go_to(10)
    history.change(make_settings(START, batch_size=2))
    used = train(history, used, 10)
    check(history, used)
    found = history.changes_until(20)
    assert [(change.step, change.settings.batch_size) for change in found] == [(0, 6), (10, 2)]


def test_a_keyframe_dropped_for_want_of_memory_makes_no_difference(make_data: Any) -> None:
    history = new_history(make_data)
    history.budget.limit_bytes = 0
    used = train(history, [], 400)
    check(history, used)
