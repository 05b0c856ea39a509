"""A number typed into the parameters is an event of the history: exact, replayed, and a branch in the past."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.history import History
from engine.settings import make_settings
from engine.trainer import Trainer

START = make_settings(hidden=(4,), batch_size=6, dropout=(0.25,), normalization="batch", momentum=0.0)


def new_history(make_data: Any) -> History:
    return History(Trainer(START, make_data()))


def state(history: History) -> tuple[bytes, bytes]:
    taken = history.trainer.state()
    return taken.vector.tobytes(), taken.words.tobytes()


def test_the_number_is_exactly_what_was_typed_and_the_next_update_starts_from_it(make_data: Any) -> None:
    data = make_data()
    history = History(Trainer(START, data))
    history.advance(5)
    straight = Trainer(START, data)
    for _ in range(5):
        straight.take_step()
    history.change(START, [(3, 0.1), (7, -2.5)])
    assert history.trainer.parameters[[3, 7]].tolist() == [0.1, -2.5]
    straight.set_parameter(3, 0.1)
    straight.set_parameter(7, -2.5)
    history.advance(1)
    straight.take_step()
    assert np.array_equal(history.trainer.parameters, straight.parameters)


def test_an_edit_is_replayed_from_any_keyframe(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(40)
    history.change(START, [(0, 1.5)])
    edited = state(history)
    history.advance(60)
    end = state(history)
    for step in (3, 39, 40, 41, 0, 100, 40):
        history.go_to(step)
    assert state(history) == edited
    history.advance(60)
    assert state(history) == end
    assert history.changes() == ((40, "layer 1 weight 1 to 1 set to 1.5"),)


def test_an_edit_in_the_past_starts_a_branch_and_leaves_the_old_future(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(50)
    old_end = state(history)
    history.go_to(20)
    assert history.change(START, [(1, 0.0)])
    history.advance(10)
    for _ in history.select(0):
        pass
    history.go_to(50)
    assert state(history) == old_end


def test_several_edits_and_settings_at_one_step_are_one_change(make_data: Any) -> None:
    history = new_history(make_data)
    history.advance(10)
    history.change(START, [(0, 1.0), (1, 2.0)])
    other = make_settings(START, learning_rate=0.5)
    history.change(other)
    history.change(other, [(0, 3.0)])
    here = state(history)
    assert history.trainer.parameters[:2].tolist() == [3.0, 2.0]
    assert len(history.changes()) == 1
    history.go_to(2)
    history.go_to(10)
    assert state(history) == here
    assert history.trainer.settings == other


@pytest.mark.parametrize(
    ("index", "value", "words"), [(-1, 0.0, "no parameter"), (10**6, 0.0, "no parameter"), (0, np.inf, "finite")]
)
def test_what_can_not_be_put_in_is_refused_and_nothing_changes(make_data: Any, index: int, value: float, words: str) -> None:
    history = new_history(make_data)
    history.advance(3)
    before = state(history)
    with pytest.raises(ValueError, match=words):
        history.change(START, [(index, value)])
    assert state(history) == before
    assert history.changes() == ()


def test_a_number_too_large_for_float32_is_refused(make_data: Any) -> None:
    settings = make_settings(START, precision="float32")
    history = History(Trainer(settings, make_data()))
    with pytest.raises(ValueError, match="finite"):
        history.change(settings, [(0, 1e300)])
