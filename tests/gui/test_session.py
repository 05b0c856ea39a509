"""The session and its training thread: every step once and in order, pause, step, back, forks, failures, shutdown."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.data.prepared import PreparedData
from engine.results.folder import RESULT_FILES
from engine.run import run_headless
from engine.settings import Settings, make_settings
from engine.trainer import Trainer
from gui.session.messages import Exported, Failure, RunState, Snapshot, Stepped, Unit
from gui.session.session import Session


@pytest.fixture(params=["at once", "in slices"], autouse=True)
def measured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test also be one of a table so long that no turn measures all of its rows."""
    if request.param == "in slices":
        monkeypatch.setattr("engine.evaluation.rows_per_slice", lambda spec: 32)
        monkeypatch.setattr("gui.session.training_loop.TURN_SECONDS", 0.0005)


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


def test_play_to_stops_at_the_very_step(qtbot: QtBot, session: Session, small: Settings, moons: PreparedData) -> None:
    listener = start(qtbot, session, small, moons)
    session.play_to(123)
    qtbot.waitUntil(lambda: session.state is RunState.PAUSED)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == 123)


# ---------------------------------------------------------------------- export


def export(qtbot: QtBot, session: Session, folder: Path) -> Exported:
    with qtbot.waitSignal(session.exported) as blocker:
        session.export(folder)
    return blocker.args[0]


def export_in_vain(qtbot: QtBot, session: Session, folder: Path) -> Failure:
    with qtbot.waitSignal(session.export_failed) as blocker:
        session.export(folder)
    return blocker.args[0]


def summary_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def assert_same_files(mine: Path, theirs: Path) -> None:
    """Compare everything that two runs left behind but the time they took."""
    assert {path.name for path in mine.iterdir()} == set(RESULT_FILES)
    for name in RESULT_FILES:
        if name.endswith(".npz"):
            with np.load(mine / name) as my_file, np.load(theirs / name) as their_file:
                assert list(my_file) == list(their_file)
                for key in my_file:
                    np.testing.assert_array_equal(my_file[key], their_file[key], err_msg=f"{name}: {key}", strict=True)
        elif name != "summary.json":
            assert (mine / name).read_text(encoding="utf-8") == (theirs / name).read_text(encoding="utf-8"), name
    summaries = summary_of(mine), summary_of(theirs)
    for summary in summaries:
        assert summary.pop("seconds") > 0
        assert summary.pop("steps_per_second") > 0
    assert summaries[0] == summaries[1]


@pytest.mark.parametrize(
    "length",
    [
        {"steps": 53},
        {"epochs": 3},
        {"stop_loss": 0.45, "epochs": 500},
        {"patience": 3, "learning_rate": 0.5, "epochs": 500},
        {"learning_rate": 1e9, "optimizer": "sgd", "activation": ("relu",), "loss": "mse", "epochs": 500},
    ],
)
def test_a_run_played_to_its_end_is_exported_as_the_run_without_a_window(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path, length: dict[str, Any]
) -> None:
    settings = make_settings(small, **length)
    listener = start(qtbot, session, settings, moons)
    ends = (RunState.FAILED,) if "optimizer" in length else (RunState.FINISHED,)
    session.play()
    qtbot.waitUntil(lambda: session.state in ends)
    message = export(qtbot, session, tmp_path / "mine")
    assert session.state in ends
    result = run_headless(settings, moons, tmp_path / "theirs")
    assert_same_files(tmp_path / "mine", tmp_path / "theirs")
    assert (message.step, message.folder) == (result.history.step, tmp_path / "mine")
    assert listener.snapshots[-1].step == message.step


def test_training_pauses_for_an_export_and_goes_on_as_if_there_had_been_none(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path
) -> None:
    settings = make_settings(small, patience=40)
    listener = start(qtbot, session, settings, moons)
    session.play()
    qtbot.waitUntil(lambda: listener.snapshots[-1].step > 30)
    step = export(qtbot, session, tmp_path).step
    assert session.state is RunState.PAUSED
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == step)
    assert (summary_of(tmp_path)["steps"], summary_of(tmp_path)["stopped"]) == (
        step,
        f"interrupted: the run stood at step {step:,}",
    )
    play_until(qtbot, listener, step + 100)
    end = listener.snapshots[-1]
    assert np.array_equal(end.parameters, straight(small, moons, end.step).parameters)
    assert listener.steps == list(range(1, end.step + 1))


def test_an_export_waits_for_the_seek_under_way(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path
) -> None:
    session._worker._budget.limit_bytes = 0  # without keyframes a long way is replayed
    listener = start(qtbot, session, small, moons)
    session.play_to(8000)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == 8000 and session.state is RunState.PAUSED, timeout=60_000)
    session.seek(7777)
    session.play()  # asked for before the export, and ended by it
    assert export(qtbot, session, tmp_path).step == 7777
    assert session.state is RunState.PAUSED
    with np.load(tmp_path / "model.npz") as file:
        final = file["final/layer_1/weights"].ravel()
    assert np.array_equal(final, straight(small, moons, 7777).parameters[: final.size])
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 7779
    assert summary_of(tmp_path)["seconds"] is None  # what the first 7,777 updates took is not known


def test_a_fork_is_exported_as_its_own_line(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path
) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 60)
    go(qtbot, listener, 22)
    session.change({"learning_rate": 0.1, "batch_size": 30})
    qtbot.waitUntil(lambda: listener.snapshots[-1].branch_id == 1)
    session.play_to(50)
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == 50 and session.state is RunState.PAUSED)
    session.set_parameter(0, 0.5)
    qtbot.waitUntil(lambda: listener.snapshots[-1].parameters[0] == 0.5)
    assert export(qtbot, session, tmp_path).step == 50
    assert summary_of(tmp_path)["changes"] == [
        {"step": 22, "what": "learning rate 0.01 to 0.1, batch size 40 to 30"},
        {"step": 50, "what": "layer 1 weight 1 to 1 set to 0.5"},
    ]
    trainer = straight(small, moons, 22)
    trainer.change(make_settings(small, learning_rate=0.1, batch_size=30))
    batches = [trainer.batch_rows() for _ in range(28) if trainer.take_step() and trainer.step < 50]
    with np.load(tmp_path / "data.npz") as file:
        found = np.split(file["batches"], file["batch_starts"])[1:]
    assert [rows.tolist() for rows in found[23:]] == [rows.tolist() for rows in batches]
    with np.load(tmp_path / "model.npz") as file:
        final = file["final/layer_1/weights"].ravel()
    assert final[0] == 0.5
    assert np.array_equal(final[1:], trainer.parameters[1 : final.size])


def test_a_folder_that_is_a_file_is_told_and_the_run_goes_on(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path
) -> None:
    listener = start(qtbot, session, small, moons)
    (tmp_path / "file").write_text("mine")
    failure = export_in_vain(qtbot, session, tmp_path / "file" / "folder")
    assert failure.title == "The run was not exported"
    assert failure.sentence.startswith(f"{tmp_path / 'file' / 'folder'}: Not a directory. ")
    assert (tmp_path / "file").read_text() == "mine"
    play_until(qtbot, listener, 30)


def test_a_full_disk_leaves_whole_files_and_no_rests(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = start(qtbot, session, small, moons)
    play_until(qtbot, listener, 30)
    export(qtbot, session, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    play_until(qtbot, listener, listener.snapshots[-1].step + 30)
    flushed: list[int] = []

    def flush(descriptor: int) -> None:
        flushed.append(descriptor)
        if len(flushed) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", flush)
    failure = export_in_vain(qtbot, session, tmp_path)
    assert f"{tmp_path}: No space left on device." in failure.sentence
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {"history.csv", "data.npz"}  # the first two
    play_until(qtbot, listener, listener.snapshots[-1].step + 30)


def test_an_export_of_a_run_that_is_gone_is_answered(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path
) -> None:
    start(qtbot, session, small, moons)
    session.start_run(small, moons)
    failure = export_in_vain(qtbot, session, tmp_path / "folder")  # the session still believes in run 1
    assert "another run was begun" in failure.sentence
    assert not (tmp_path / "folder").exists()


def test_an_export_under_way_is_finished_before_the_thread_ends(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(qtbot, session, small, moons)
    monkeypatch.setattr("gui.session.session.STOP_TIMEOUT_MS", 0)
    session.export(tmp_path)
    session.shut_down()
    assert {path.name for path in tmp_path.iterdir()} == set(RESULT_FILES)


def test_shut_down_in_the_middle_of_training_is_quick_and_may_be_repeated(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    start(qtbot, session, small, moons)
    session.play()
    qtbot.waitUntil(lambda: session.state is RunState.RUNNING)
    session.shut_down()
    session.shut_down()
    assert not session._thread.isRunning()
