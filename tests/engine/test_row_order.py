"""In which order the rows come, epoch by epoch, and that it survives every pause, rewind and change."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.history import History
from engine.settings import make_settings
from engine.trainer import Trainer

IN_ORDER = make_settings(hidden=(4,), batch_size=6, shuffle=False)
SHUFFLED = make_settings(IN_ORDER, shuffle=True)


def rows_of(trainer: Trainer, n_steps: int) -> list[list[int]]:
    batches = []
    for _ in range(n_steps):
        batches.append(trainer.batch_rows().tolist())
        trainer.take_step()
    return batches


def test_without_reshuffling_every_epoch_takes_the_rows_as_they_stand(make_data: Any) -> None:
    data = make_data(n_rows=20)
    in_order = [list(range(start, min(start + 6, 20))) for start in range(0, 20, 6)]
    assert rows_of(Trainer(IN_ORDER, data), 8) == in_order * 2


def test_rows_in_order_are_the_rows_computed_with(make_data: Any) -> None:
    data = make_data(n_rows=20)
    trainer = Trainer(IN_ORDER, data)
    before = trainer.parameters
    record = trainer.take_step()
    part = type(data)(
        **{**vars(data), "X_train": data.X_train[:6], "y_train": data.y_train[:6], "rows_train": data.rows_train[:6]}
    )
    alone = Trainer(make_settings(IN_ORDER, batch_size="full"), part)
    assert np.array_equal(alone.parameters, before)
    assert alone.take_step().batch_loss == record.batch_loss


def test_switching_in_the_middle_of_an_epoch_holds_from_the_next_one_on(make_data: Any) -> None:
    data = make_data(n_rows=20)
    trainer, straight = Trainer(SHUFFLED, data), Trainer(SHUFFLED, data)
    whole = rows_of(straight, 4)
    assert rows_of(trainer, 2) == whole[:2]
    trainer.change(IN_ORDER)
    assert rows_of(trainer, 2) == whole[2:]
    assert rows_of(trainer, 4) == [list(range(start, min(start + 6, 20))) for start in range(0, 20, 6)]
    trainer.change(SHUFFLED)
    assert rows_of(trainer, 4) == rows_of(straight, 4)  # no number was drawn meanwhile


def test_history_comes_back_bit_for_bit_across_both_kinds_of_order(make_data: Any) -> None:
    history = History(Trainer(SHUFFLED, make_data(n_rows=20)))
    history.advance(10)
    history.change(IN_ORDER)
    history.advance(41)
    history.change(SHUFFLED)
    history.advance(30)
    states = {}
    for step in (81, 52, 51, 50, 13, 12, 11, 10, 9):
        history.go_to(step)
        states[step] = history.trainer.state()
    for step in sorted(states):
        history.go_to(step)
        again = history.trainer.state()
        assert np.array_equal(again.vector, states[step].vector)
        assert np.array_equal(again.words, states[step].words)
        follower = Trainer(history.trainer.settings, history.trainer.data)
        follower.restore(again, history.trainer.settings)
        assert follower.batch_rows().tolist() == history.trainer.batch_rows().tolist()
