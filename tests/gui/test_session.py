"""The session and its training thread: every step once and in order, pause, step, back, forks, failures, shutdown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.data.prepared import PreparedData
from engine.settings import Settings, make_settings
from engine.trainer import Trainer
from gui.session.messages import Failure, RunState, Snapshot, Stepped, Unit
from gui.session.session import Session


class Listener:
    """Keeps what a session says, and gives the credit for each frame back."""

    def __init__(self, session: Session, shows_frames: bool = True) -> None:
        self.session = session
        self.records: list[Stepped] = []
        self.snapshots: list[Snapshot] = []
        self.states: list[RunState] = []
        self.order: list[str] = []
        session.stepped.connect(lambda _: self.order.append("stepped"))
        session.failed.connect(lambda _: self.order.append("failed"))
        session.stepped.connect(self.records.append)
        session.snapshot_ready.connect(self.snapshots.append)
        session.state_changed.connect(self.states.append)
        if shows_frames:
            session.snapshot_ready.connect(session.frame_shown)

    @property
    def steps(self) -> list[int]:
        return [step for message in self.records for step in range(message.records.first_step, message.records.last_step + 1)]


def start(qtbot: QtBot, session: Session, settings: Settings, data: PreparedData) -> Listener:
    listener = Listener(session)
    with qtbot.waitSignal(session.snapshot_ready):
        session.start_run(settings, data)
    return listener


def play_until(qtbot: QtBot, listener: Listener, step: int) -> None:
    listener.session.play()
    qtbot.waitUntil(lambda: listener.snapshots[-1].step >= step)
    listener.session.pause()
    qtbot.waitUntil(lambda: listener.session.state is RunState.PAUSED)
    qtbot.waitUntil(lambda: listener.snapshots[-1].state is RunState.PAUSED)


def go(qtbot: QtBot, listener: Listener, step: int) -> Snapshot:
    listener.session.seek(step)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == step)
    return listener.snapshots[-1]


def straight(settings: Settings, data: PreparedData, n_steps: int) -> Trainer:
    trainer = Trainer(settings, data)
    for _ in range(n_steps):
        trainer.take_step()
    return trainer


def test_a_run_starts_idle_at_step_0_with_its_first_weights(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = start(qtbot, session, small, moons)
    snapshot = listener.snapshots[-1]
    assert (snapshot.step, snapshot.state, session.state) == (0, RunState.IDLE, RunState.IDLE)
    assert np.array_equal(snapshot.parameters, Trainer(small, moons).parameters)
    assert snapshot.observation is not None
    assert not snapshot.parameters.flags.writeable


def test_every_step_arrives_exactly_once_and_in_order(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 300)
    session.step(Unit.UPDATE)
    qtbot.waitUntil(lambda: listener.steps[-1] == listener.snapshots[-1].step)
    assert listener.steps == list(range(1, listener.snapshots[-1].step + 1))
    losses = np.concatenate([message.records.batch_losses for message in listener.records])
    trainer = Trainer(small, moons)
    assert losses.tolist() == [trainer.take_step().batch_loss for _ in losses]


def test_paused_stepped_and_rewound_equals_straight(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 50)
    for _ in range(3):
        before = listener.snapshots[-1].step
        session.step(Unit.UPDATE)
        qtbot.waitUntil(lambda before=before: listener.snapshots[-1].step == before + 1)
    end = listener.snapshots[-1]
    middle = go(qtbot, listener, 17)
    assert np.array_equal(middle.parameters, straight(small, moons, 17).parameters)
    assert middle.last_step == end.step
    assert middle.gradient is not None
    session.back(Unit.UPDATE)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == 16)
    assert np.array_equal(go(qtbot, listener, end.step).parameters, straight(small, moons, end.step).parameters)


def test_step_and_back_by_epochs(qtbot: QtBot, session: Session, small: Settings, moons: PreparedData) -> None:
    listener = start(qtbot, session, small, moons)  # 320 rows, 8 updates an epoch
    for step in (8, 16):
        session.step(Unit.EPOCH)
        qtbot.waitUntil(lambda step=step: listener.snapshots[-1].step == step and session.state is RunState.PAUSED)
    session.back(Unit.EPOCH)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == 8)


def test_playing_from_the_past_replays_without_recording_again(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 100)
    end = listener.snapshots[-1].step
    go(qtbot, listener, 5)
    play_until(qtbot, listener, end + 20)
    assert listener.steps == list(range(1, listener.snapshots[-1].step + 1))
    assert listener.snapshots[-1].branch_id == 0


def test_a_change_in_the_past_forks_and_the_old_future_can_be_chosen(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 60)
    end = listener.snapshots[-1]
    go(qtbot, listener, 20)
    with qtbot.waitSignal(session.branch_shown) as shown:
        session.change({"learning_rate": 0.2})
    assert len(shown.args[0].branches) == 2
    assert shown.args[0].records.last_step == 20
    qtbot.waitUntil(lambda: listener.snapshots[-1].branch_id == 1)
    assert listener.snapshots[-1].settings.learning_rate == 0.2
    play_until(qtbot, listener, 40)
    session.select_branch(0)
    qtbot.waitUntil(lambda: listener.snapshots[-1].branch_id == 0)
    assert np.array_equal(go(qtbot, listener, end.step).parameters, end.parameters)


def test_a_live_change_at_the_end_does_not_fork(qtbot: QtBot, session: Session, small: Settings, moons: PreparedData) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 30)
    with qtbot.waitSignal(session.change_recorded) as recorded, qtbot.assertNotEmitted(session.branch_shown):
        session.change({"optimizer": "sgd", "momentum": 0.9})
    assert recorded.args[0].step == listener.snapshots[-1].step
    assert recorded.args[0].words == "optimizer adam to sgd, momentum 0.0 to 0.9"


def test_reset_starts_a_new_run_from_the_same_weights_and_keeps_the_old(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = start(qtbot, session, small, moons)
    first = listener.snapshots[0].parameters
    play_until(qtbot, listener, 30)
    old = listener.snapshots[-1]
    with qtbot.waitSignal(session.run_started) as started:
        session.start_run(session.settings(), moons)
    qtbot.waitUntil(lambda: listener.snapshots[-1].run_id == 2)
    assert np.array_equal(listener.snapshots[-1].parameters, first)
    assert [run.run_id for run in started.args[0].other_runs] == [1]
    session.select_run(1)
    qtbot.waitUntil(lambda: listener.snapshots[-1].run_id == 1)
    assert listener.snapshots[-1].step == old.step
    assert np.array_equal(listener.snapshots[-1].parameters, old.parameters)


def test_a_run_that_was_never_trained_is_replaced(qtbot: QtBot, session: Session, small: Settings, moons: PreparedData) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 20)
    end = listener.snapshots[-1].last_step
    started: list[Any] = []
    session.run_started.connect(started.append)
    for _ in range(3):
        session.start_run(small, moons)
    qtbot.waitUntil(lambda: listener.snapshots[-1].run_id == 4)
    assert [run.run_id for run in started[-1].other_runs] == [1]
    assert started[-1].other_runs[0].title.endswith(f"{end:,} steps")


def test_slow_play_sends_each_step_by_itself(qtbot: QtBot, session: Session, small: Settings, moons: PreparedData) -> None:
    listener = start(qtbot, session, small, moons)
    session.set_speed(40.0)
    play_until(qtbot, listener, 4)
    assert all(len(message.records) == 1 for message in listener.records)
    session.set_speed(None)
    play_until(qtbot, listener, 500)


def test_training_goes_on_when_nobody_paints(qtbot: QtBot, session: Session, small: Settings, moons: PreparedData) -> None:
    listener = Listener(session, shows_frames=False)
    with qtbot.waitSignal(session.snapshot_ready):
        session.start_run(small, moons)
    session.play()
    qtbot.waitUntil(lambda: len(listener.snapshots) >= 4)
    session.pause()
    qtbot.waitUntil(lambda: session.state is RunState.PAUSED)


def test_an_explosion_stops_in_the_step_and_leaves_the_last_finite_one(
    qtbot: QtBot, session: Session, moons: PreparedData
) -> None:
    settings = make_settings(activation=("relu",), loss="mse", output_activation="identity", optimizer="sgd", learning_rate=1e6)
    listener = start(qtbot, session, settings, moons)
    with qtbot.waitSignal(session.failed) as failed:
        session.play()
    failure: Failure = failed.args[0]
    qtbot.waitUntil(lambda: session.state is RunState.FAILED)
    assert failure.last_finite_step is not None
    assert f"Step {failure.last_finite_step + 1}:" in failure.sentence
    qtbot.waitUntil(lambda: listener.snapshots[-1].state is RunState.FAILED)
    assert np.isfinite(listener.snapshots[-1].parameters).all()
    assert listener.steps == list(range(1, failure.last_finite_step + 1))
    assert listener.order.index("stepped") < listener.order.index("failed"), "the curve must hold the explosion first"
    go(qtbot, listener, 2)
    assert session.state is RunState.PAUSED


def test_wrong_settings_are_refused_and_the_run_goes_on(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = start(qtbot, session, small, moons)
    with qtbot.waitSignal(session.refused) as refused:
        session.start_run(make_settings(loss="mse", output_activation="softmax"), moons)
    assert "output_activation" in refused.args[0].sentence
    with qtbot.waitSignal(session.refused):
        session.change({"learning_rate": -1.0})
    play_until(qtbot, listener, 10)
    assert listener.snapshots[-1].run_id == 1


def test_an_error_in_the_thread_becomes_a_message(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(qtbot, session, small, moons)

    def broken(*_: Any, **__: Any) -> int:
        raise RuntimeError("deliberate")

    monkeypatch.setattr("engine.history.History.advance", broken)
    with qtbot.waitSignal(session.failed) as failed:
        session.play()
    assert "deliberate" in failed.args[0].sentence
    qtbot.waitUntil(lambda: session.state is RunState.FAILED)


def test_a_run_of_a_given_length_finishes_and_can_be_played_on(qtbot: QtBot, session: Session, moons: PreparedData) -> None:
    listener = start(qtbot, session, make_settings(hidden=(3,), steps=25), moons)
    session.play()
    qtbot.waitUntil(lambda: session.state is RunState.FINISHED)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == 25)
    play_until(qtbot, listener, 30)


def test_a_single_step_does_not_lift_the_limit_of_a_run(qtbot: QtBot, session: Session, moons: PreparedData) -> None:
    listener = start(qtbot, session, make_settings(hidden=(3,), epochs=1), moons)
    session.step(Unit.UPDATE)
    session.play()
    qtbot.waitUntil(lambda: session.state is RunState.FINISHED)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == 10)


def test_a_change_during_a_seek_is_made_where_the_seek_arrives(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 600)
    with qtbot.waitSignal(session.change_recorded):
        session.change({"learning_rate": 0.1})
    play_until(qtbot, listener, listener.snapshots[-1].step + 10)
    session.seek(500)
    session.change({"l2": 0.1})
    qtbot.waitUntil(lambda: listener.snapshots[-1].branch_id == 1)
    forked = listener.snapshots[-1]
    assert forked.step == 500
    assert (forked.settings.learning_rate, forked.settings.l2) == (small.learning_rate, 0.1)


def test_steps_asked_for_during_a_seek_follow_it(qtbot: QtBot, session: Session, small: Settings, moons: PreparedData) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 600)
    session.seek(300)
    session.back(Unit.UPDATE)
    session.back(Unit.UPDATE)
    session.step(Unit.UPDATE)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == 299)
    assert np.array_equal(listener.snapshots[-1].parameters, straight(small, moons, 299).parameters)


def test_a_request_for_a_run_that_is_gone_is_dropped(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = start(qtbot, session, small, moons)
    session.start_run(small, moons)
    session.select_branch(7)  # the session still believes in run 1
    qtbot.waitUntil(lambda: listener.snapshots[-1].run_id == 2)
    play_until(qtbot, listener, 10)
    assert session.state is RunState.PAUSED


def test_runs_on_the_same_data_share_its_layout(small: Settings, moons: PreparedData) -> None:
    first, second = (Trainer(make_settings(small, hidden=(units,)), moons) for units in (3, 5))
    assert first._table is second._table


def test_play_to_stops_at_the_very_step(qtbot: QtBot, session: Session, small: Settings, moons: PreparedData) -> None:
    listener = start(qtbot, session, small, moons)
    session.play_to(123)
    qtbot.waitUntil(lambda: session.state is RunState.PAUSED)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == 123)


def test_shut_down_in_the_middle_of_training_is_quick_and_may_be_repeated(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    start(qtbot, session, small, moons)
    session.play()
    qtbot.waitUntil(lambda: session.state is RunState.RUNNING)
    session.shut_down()
    session.shut_down()
    assert not session._thread.isRunning()
