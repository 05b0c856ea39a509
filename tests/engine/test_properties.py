"""What holds for all settings there are: they train, their state comes back, and going back in time changes nothing."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.history import History
from engine.nonfinite import NonFiniteError
from engine.settings import (
    LIVE_SETTINGS,
    NormalizationName,
    OptimizerName,
    ScheduleName,
    Settings,
    make_settings,
)
from engine.trainer import Trainer
from tests.engine.any_settings import live_changes, live_values, runs

OF_THE_PREPARATION = {
    *("target", "features", "task", "test", "scaling", "target_scaling", "missing_indicator"),
    *("example_rows", "example_noise"),
}
"""They make the data that the trainer gets; the strategies draw those directly."""


def test_the_strategies_know_every_setting() -> None:
    """A new setting has to be drawn, too."""
    drawn: set[str] = set()

    @given(st.data(), runs(wild=True))
    @settings(max_examples=1, database=None)
    def draw(data: st.DataObject, run: tuple[dict[str, int], Settings]) -> None:
        drawn.update(run[1].model_fields_set)
        live = data.draw(st.composite(live_values)((3,), run[0], "none", wild=True))
        assert set(live) == set(LIVE_SETTINGS)

    draw()
    assert drawn == set(Settings.model_fields) - OF_THE_PREPARATION


# ---------------------------------------------------------------------- training

N_STEPS = 20


def state_bytes(trainer: Trainer) -> tuple[bytes, bytes]:
    state = trainer.state()
    return state.vector.tobytes(), state.words.tobytes()


def train(trainer: Trainer, n_steps: int) -> list[str]:
    """Take steps until all are taken or one fails; return what came of them, to the last digit."""
    happened = []
    for _ in range(n_steps):
        try:
            record = trainer.take_step()
        except NonFiniteError as error:
            return [*happened, str(error)]
        happened.append(repr(record))
        if record.epoch_ended:
            happened.append(repr(trainer.measure()))
    return happened


def check_failure(trainer: Trainer, error: NonFiniteError, step: int) -> None:
    """Hold what is told of a failure against the network and the table."""
    assert (error.step, trainer.step) == (step, step - 1)
    assert 1 <= error.layer <= trainer.spec.n_layers
    assert error.unit is None or 0 <= error.unit < trainer.spec.sizes[error.layer]
    assert error.row is None or error.row in trainer.data.rows_train
    assert error.quantity in str(error)


@given(runs(wild=True))
@settings(max_examples=150)
def test_any_settings_train(make_data: Any, run: tuple[dict[str, int], Settings]) -> None:
    """Twenty steps, or fewer where numbers leave their range: then it is told where, and the last finite state stays."""
    table, chosen = run
    trainer = Trainer(chosen, make_data(**table))
    for step in range(1, N_STEPS + 1):
        before = state_bytes(trainer)
        try:
            record = trainer.take_step()
        except NonFiniteError as error:
            check_failure(trainer, error, step)
            assert state_bytes(trainer) == before
            return
        assert (record.step, trainer.step) == (step, step)
        assert isinstance(record.batch_loss, float)
        assert isfinite(record.batch_loss)
        assert np.isfinite(trainer.state().vector).all()
    trainer.measure()
    evaluated = trainer.evaluate()
    assert repr(evaluated.measurement) == repr(trainer.measure()), "a loss may have no number for the weights just reached"
    assert evaluated.train_predictions.shape == (trainer.spec.n_outputs, table["n_rows"])


@pytest.mark.parametrize("penalty", [{}, {"l1": 0.01}, {"l2": 0.01}])
@pytest.mark.parametrize("normalization", get_args(NormalizationName))
def test_a_failure_leaves_nothing_behind(make_data: Any, normalization: str, penalty: dict[str, float]) -> None:
    """The same step fails in the same way again, and from an earlier state the same steps can be taken up to it."""
    exploding: dict[str, Any] = {"activation": ("relu",), "optimizer": "adamw", "learning_rate": 1e8, "clip_value": 0.5}
    settings = make_settings(hidden=(2, 2), normalization=normalization, batch_size="full", **exploding, **penalty)
    trainer = Trainer(settings, make_data(n_classes=0))
    start = trainer.state()
    happened = train(trainer, 2000)
    assert "no longer finite" in happened[-1]
    assert train(trainer, 1) == happened[-1:]
    trainer.restore(start)
    assert train(trainer, 2000) == happened


@given(runs(wild=False), st.integers(0, 25), st.integers(1, 25))
@settings(max_examples=80)
def test_any_state_comes_back(make_data: Any, run: tuple[dict[str, int], Settings], n_before: int, n_after: int) -> None:
    """State out, other steps, state in: the same future bit for bit, in the same trainer and in a new one."""
    table, chosen = run
    data = make_data(**table)
    trainer = Trainer(chosen, data)
    train(trainer, n_before)
    state, kept = trainer.state(), state_bytes(trainer)
    future, end = train(trainer, n_after), state_bytes(trainer)
    other = Trainer(chosen, data)
    train(other, 3)
    for again in (trainer, other):
        again.restore(state)
        assert state_bytes(again) == kept
        assert train(again, n_after) == future
        assert state_bytes(again) == end


# ---------------------------------------------------------------------- history

Changes = dict[int, tuple[Settings, dict[int, float]]]
"""By step: the settings in force from there on, and the parameters put there by hand."""

LONGEST = 60
"""Steps that a history of the tests below may have."""


def straight(start: Settings, data: Any, changes: Changes, n_steps: int) -> tuple[bytes, bytes]:
    """Return the state after a run that was never taken back."""
    trainer = Trainer(start, data)
    for step in range(n_steps + 1):
        chosen, edits = changes.get(step, (trainer.settings, {}))
        if chosen != trainer.settings:
            trainer.change(chosen)
        for index, value in edits.items():
            trainer.set_parameter(index, value)
        if step < n_steps:
            trainer.take_step()
    return state_bytes(trainer)


class Lines:
    """A history, and beside it what a person would write down of it: for each branch its length and its changes."""

    def __init__(self, start: Settings, data: Any) -> None:
        self.start, self.data = start, data
        self.history = History(Trainer(start, data))
        self.written: list[tuple[int, Changes]] = [(0, {})]

    def advance(self, n_steps: int) -> None:
        history = self.history
        history.advance(min(n_steps, LONGEST - history.step) or 1)
        branch_id = history.branch.branch_id
        self.written[branch_id] = (history.last_step, self.written[branch_id][1])

    def change(self, chosen: Settings, edits: dict[int, float]) -> None:
        history, step = self.history, self.history.step
        if chosen == history.trainer.settings and not edits:
            return
        length, changes = self.written[history.branch.branch_id]
        earlier = changes.get(step, (chosen, {}))[1]
        changed = {at: change for at, change in changes.items() if at < step} | {step: (chosen, earlier | edits)}
        if history.change(chosen, tuple(edits.items())):
            self.written.append((step, changed))
        else:
            self.written[history.branch.branch_id] = (length, changed)

    def check_where_it_stands(self) -> None:
        changes = self.written[self.history.branch.branch_id][1]
        step = self.history.step
        expected = straight(self.start, self.data, {at: change for at, change in changes.items() if at <= step}, step)
        assert state_bytes(self.history.trainer) == expected

    def check_every_line(self) -> None:
        for branch_id, (length, _) in enumerate(self.written):
            for _ in self.history.select(branch_id):
                pass
            for step in (length, length // 2, 0):
                self.history.go_to(step)
                self.check_where_it_stands()
            while self.history.step < length:  # one by one: every step of the line is replayed
                self.history.advance(1)
                assert self.history.branch.branch_id == branch_id
            self.check_where_it_stands()


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["advance", "go", "change", "take back", "edit", "select"]), st.integers(0, 40)), max_size=8
)


@given(st.data(), runs(wild=False), ACTIONS)
@settings(max_examples=60)
def test_paused_rewound_and_forked_equals_straight(make_data: Any, data: st.DataObject, run: Any, actions: Any) -> None:
    """Whatever is done, every state on every line is, bit for bit, that of a run without going back."""
    table, start = run
    lines = Lines(start, make_data(**table))
    history = lines.history
    try:
        lines.advance(9)
        for name, many in actions:
            if name == "advance":
                lines.advance(many)
            elif name == "go":
                history.go_to(min(many, history.last_step))
            elif name == "change":
                lines.change(data.draw(live_changes(history.trainer.settings, table)), {})
            elif name == "take back":
                lines.change(start, {})
            elif name == "edit":
                lines.change(history.trainer.settings, {many % history.trainer.spec.n_parameters: 0.5})
            else:
                list(history.select(many % len(history.branches)))
            lines.check_where_it_stands()
    except NonFiniteError:
        return  # numbers left their range, which the tests above are about
    lines.check_every_line()


def test_a_fork_may_take_back_the_change_at_its_step(make_data: Any) -> None:
    start = make_settings(hidden=(4,), batch_size=6)
    lines = Lines(start, make_data())
    lines.advance(10)
    lines.change(make_settings(start, learning_rate=0.3), {})
    lines.advance(10)
    lines.history.go_to(10)
    lines.change(start, {})
    lines.advance(5)
    lines.check_every_line()


# ---------------------------------------------------------------------- every optimizer and schedule, with everything on

EVERYTHING: dict[str, Any] = {
    "hidden": (4, 4, 3),
    "activation": ("gelu", "tanh", "relu"),
    "normalization": "batch",
    "skip": True,
    "dropout": (0.2, 0.0, 0.3),
    "input_noise": 0.1,
    "label_smoothing": 0.1,
    "class_weights": True,
    "l1": 0.001,
    "l2": 0.01,
    "weight_decay": 0.01,
    "momentum": 0.9,
    "nesterov": True,
    "amsgrad": True,
    "clip_norm": 1.0,
    "clip_value": 0.5,
    "freeze": (2,),
    "switched_off": ((0, 1), (1, 2)),
    "batch_size": 6,
    "learning_rate": 0.02,
    "schedule_period": 7,
    "schedule_factor": 0.5,
}


def everything_on(optimizer: str, schedule: str, **changes: Any) -> Settings:
    searching = {"dropout": (0.0,), "input_noise": 0.0, "batch_size": "full", "clip_norm": None, "clip_value": None}
    possible = searching if optimizer == "lbfgs" else {}
    return make_settings(**{**EVERYTHING, **possible, "optimizer": optimizer, "schedule": schedule, **changes})


@pytest.mark.parametrize("schedule", get_args(ScheduleName))
@pytest.mark.parametrize("optimizer", get_args(OptimizerName))
def test_every_optimizer_and_schedule_comes_back_with_everything_on(make_data: Any, optimizer: str, schedule: str) -> None:
    start = everything_on(optimizer, schedule)
    lines = Lines(start, make_data(n_classes=3))
    lines.advance(25)
    lines.history.go_to(11)
    lines.advance(20)
    lines.check_where_it_stands()
    lines.history.go_to(13)
    lines.change(make_settings(start, learning_rate=0.05, l2=0.0, freeze=()), {5: 0.25})
    lines.advance(15)
    lines.check_every_line()


@pytest.mark.parametrize("optimizers", list(pairwise([*get_args(OptimizerName), "sgd"])), ids=str)
def test_every_optimizer_may_follow_another(make_data: Any, optimizers: tuple[str, str]) -> None:
    """Between runs with and without random numbers, and with the plateau's own state or without."""
    first, second = optimizers
    start = everything_on(first, "plateau")
    lines = Lines(start, make_data(n_classes=3))
    lines.advance(13)
    changed = everything_on(second, "cosine")
    lines.change(changed, {})
    lines.advance(12)
    lines.history.go_to(6)
    lines.change(changed, {})
    lines.advance(8)
    lines.check_every_line()
