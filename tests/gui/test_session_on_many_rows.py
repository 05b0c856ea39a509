"""The training thread on tables too long to be measured in one turn: whatever comes in the middle of a measurement is right.

A slice is made a few rows long and a turn one slice, so that every end of an epoch takes dozens of turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.assessment import Assessment
from engine.baselines import baselines
from engine.data.prepared import PreparedData
from engine.history import History
from engine.metrics import part_metrics
from engine.observe import Watch
from engine.row_losses import row_losses
from engine.run import run_headless
from engine.settings import Settings, make_settings
from engine.trainer import Trainer
from gui.session.messages import RowLosses, RunState, Snapshot, Unit
from gui.session.session import Session
from tests.gui.test_session import Listener, assert_same_files, export, summary_of

EPOCH = 8
"""Updates of an epoch of 320 rows in batches of 40."""


@pytest.fixture(autouse=True)
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.evaluation.rows_per_slice", lambda spec: 16)
    monkeypatch.setattr("gui.session.training_loop.TURN_SECONDS", 0.0)
    monkeypatch.setattr("engine.history.SEEK_SLICE_SECONDS", 0.0)


@pytest.fixture
def listener(qtbot: QtBot, session: Session, small: Settings, moons: PreparedData) -> Listener:
    """Return the listener of a run that stands at step 0, with all its figures."""
    made = Listener(session)
    session.start_run(small, moons)
    qtbot.waitUntil(lambda: bool(made.snapshots) and is_complete(made.snapshots[-1]))
    return made


def is_complete(snapshot: Snapshot) -> bool:
    metrics = snapshot.train_metrics
    of_its_step = snapshot.measurement.step == snapshot.step == snapshot.step_of_metrics
    return of_its_step and metrics is not None and bool(metrics.baselines)


def stand_in_the_middle(qtbot: QtBot, listener: Listener, step: int = EPOCH) -> None:
    """Stand, or train, at the end of an epoch whose measurement is held where it is until `let_go`."""
    worker = listener.session._worker
    listener.session.play_to(step)
    qtbot.waitUntil(lambda: worker._history.step == step and worker._history.is_measuring)


@pytest.fixture
def held(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Hold measurements at the ends of epochs until the function returned is called: so every request comes in the middle."""
    let: list[bool] = []
    measure_slice = Trainer.measure_slice

    def slice_or_wait(trainer: Trainer) -> bool:
        if not let and trainer.step:
            time.sleep(0.0005)
            return False
        return measure_slice(trainer)

    monkeypatch.setattr(Trainer, "measure_slice", slice_or_wait)
    return lambda: let.append(True)


def reference(settings: Settings, data: PreparedData, n_steps: int) -> History:
    history = History(Trainer(settings, data))
    history.advance(n_steps)
    return history


def assert_curve_is(listener: Listener, history: History) -> None:
    """Compare all that was told of steps and measurements with a history made without interruptions."""
    n_steps = history.last_step
    expected = history.records(1, n_steps)
    told = [message.records for message in listener.records]
    assert listener.steps[:n_steps] == list(range(1, n_steps + 1))
    assert np.concatenate([records.batch_losses for records in told])[:n_steps].tolist() == expected.batch_losses.tolist()
    measured = [m for records in told for m in records.measurements if 0 < m.step <= n_steps]
    assert measured == [m for m in expected.measurements if m.step > 0]


def settled(qtbot: QtBot, listener: Listener, step: int) -> Snapshot:
    qtbot.waitUntil(
        lambda: (
            listener.session.state is not RunState.RUNNING
            and bool(listener.snapshots)
            and listener.snapshots[-1].step == step
            and listener.snapshots[-1].state is not RunState.RUNNING
            and is_complete(listener.snapshots[-1])
        )
    )
    return listener.snapshots[-1]


# ---------------------------------------------------------------------- the figures of a moment


def test_the_first_frame_has_the_losses_of_step_0_and_the_next_its_metrics(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = Listener(session)
    shown: list[Any] = []
    session.branch_shown.connect(shown.append)
    with qtbot.waitSignal(session.run_started):
        session.start_run(small, moons)
    qtbot.waitUntil(lambda: bool(listener.snapshots) and is_complete(listener.snapshots[-1]))
    trainer = Trainer(small, moons)
    assert listener.snapshots[0].measurement == trainer.measure()
    assert shown[0].records.measurements == (trainer.measure(),)
    assert listener.snapshots[0].train_metrics is None, "no figure is shown that is not there"


@pytest.mark.parametrize("step", [1, EPOCH, EPOCH + 3])
def test_standing_still_brings_the_figures_of_the_step(
    qtbot: QtBot, listener: Listener, small: Settings, moons: PreparedData, step: int
) -> None:
    listener.session.play_to(step)
    snapshot = settled(qtbot, listener, step)
    trainer = reference(small, moons, step).trainer
    evaluated = trainer.evaluate()
    assert snapshot.measurement == trainer.measure()
    for metrics, predicted, y in (
        (snapshot.train_metrics, evaluated.train_predictions, moons.y_train),
        (snapshot.validation_metrics, evaluated.validation_predictions, moons.y_validation),
    ):
        expected = part_metrics(moons.target, predicted, y)
        assert {name: getattr(metrics, name) for name in expected} == expected
    assert [name for name, _ in snapshot.train_metrics.baselines] == [each.name for each in baselines(moons)]


def test_figures_in_play_name_the_step_they_are_of(
    qtbot: QtBot, listener: Listener, small: Settings, moons: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.session.display_figures.BESIDE_SHARE", 0)
    listener.session.play()
    qtbot.waitUntil(lambda: len({s.step_of_metrics for s in listener.snapshots}) > 4, timeout=20_000)
    listener.session.pause()
    qtbot.waitUntil(lambda: listener.session.state is RunState.PAUSED)
    for snapshot in {s.measurement.step: s for s in listener.snapshots}.values():
        step = snapshot.measurement.step
        assert step <= snapshot.step
        assert snapshot.measurement == reference(small, moons, step).trainer.measure()
    for snapshot in {s.step_of_metrics: s for s in listener.snapshots if s.train_metrics}.values():
        assert snapshot.step_of_metrics <= snapshot.step
        predicted = reference(small, moons, snapshot.step_of_metrics).trainer.evaluate().validation_predictions
        expected = part_metrics(moons.target, predicted, moons.y_validation)
        assert {name: getattr(snapshot.validation_metrics, name) for name in expected} == expected


def test_losses_at_the_end_of_an_epoch_are_shown_before_its_metrics(
    qtbot: QtBot, listener: Listener, small: Settings, moons: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Assessment, "take_piece", lambda self: False)
    metrics = listener.snapshots[-1].train_metrics
    listener.session.play()
    qtbot.waitUntil(lambda: listener.snapshots[-1].measurement.step >= 3 * EPOCH, timeout=20_000)
    listener.session.pause()
    qtbot.waitUntil(lambda: listener.session.state is RunState.PAUSED)
    last = listener.snapshots[-1]
    assert last.measurement.step % EPOCH == 0
    assert last.measurement == reference(small, moons, last.measurement.step).trainer.measure()
    assert (last.step_of_metrics, last.train_metrics) == (0, metrics)


def test_losses_of_a_later_step_are_not_shown_in_the_past(qtbot: QtBot, listener: Listener, held: Callable[[], None]) -> None:
    held()
    listener.session.play_to(2 * EPOCH + 3)
    settled(qtbot, listener, 2 * EPOCH + 3)
    n_frames = len(listener.snapshots)
    listener.session.seek(EPOCH + 1)
    settled(qtbot, listener, EPOCH + 1)
    in_the_past = [snapshot for snapshot in listener.snapshots[n_frames:] if snapshot.step == EPOCH + 1]
    assert in_the_past[0].measurement.step == EPOCH
    assert in_the_past[-1].measurement.step == EPOCH + 1


def test_metrics_move_on_while_every_update_ends_an_epoch(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = Listener(session)
    session.start_run(make_settings(small, batch_size=320), moons)
    session.play()
    qtbot.waitUntil(lambda: len({s.step_of_metrics for s in listener.snapshots if s.train_metrics}) > 3)


def test_metrics_and_row_losses_both_move_on_while_row_losses_are_always_wanted(qtbot: QtBot, listener: Listener) -> None:
    found: list[int] = []
    listener.session.row_losses_ready.connect(lambda losses: found.append(losses.step))
    listener.session.row_losses_ready.connect(listener.session.want_row_losses)
    listener.session.play()
    listener.session.want_row_losses()
    qtbot.waitUntil(lambda: len({s.step_of_metrics for s in listener.snapshots}) > 3 and len(set(found)) > 3)


def test_nothing_is_left_to_do_once_the_figures_are_there(qtbot: QtBot, listener: Listener) -> None:
    qtbot.waitUntil(lambda: not listener.session._worker._turn_timer.isActive())


def test_other_weights_at_the_same_step_have_figures_of_their_own(qtbot: QtBot, listener: Listener) -> None:
    before = listener.snapshots[-1]
    listener.session.set_parameter(0, 4.0)
    qtbot.waitUntil(lambda: listener.snapshots[-1].parameters[0] == 4.0 and is_complete(listener.snapshots[-1]))
    assert listener.snapshots[-1].measurement.train_loss != before.measurement.train_loss


# ---------------------------------------------------------------------- in the middle of a measurement


def test_training_waits_for_the_measurement_while_frames_go_on(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData
) -> None:
    listener.session.play()
    qtbot.waitUntil(lambda: listener.snapshots[-1].step == EPOCH)
    n_frames = len(listener.snapshots)
    qtbot.waitUntil(lambda: len(listener.snapshots) > n_frames + 5)
    assert {snapshot.step for snapshot in listener.snapshots[n_frames:]} == {EPOCH}
    held()
    qtbot.waitUntil(lambda: listener.snapshots[-1].step >= 3 * EPOCH)
    listener.session.pause()
    qtbot.waitUntil(lambda: listener.session.state is RunState.PAUSED)
    assert_curve_is(listener, reference(small, moons, 2 * EPOCH))


@pytest.mark.parametrize("pace", [None, 200.0])
def test_a_pause_stops_at_once_and_the_measurement_still_comes(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData, pace: float | None
) -> None:
    listener.session.set_speed(pace)
    listener.session.play()
    qtbot.waitUntil(lambda: listener.session._worker._history.is_measuring)
    listener.session.pause()
    qtbot.waitUntil(lambda: listener.session.state is RunState.PAUSED)
    held()
    settled(qtbot, listener, EPOCH)
    assert_curve_is(listener, reference(small, moons, EPOCH))
    listener.session.play_to(EPOCH + 5)
    settled(qtbot, listener, EPOCH + 5)
    assert_curve_is(listener, reference(small, moons, EPOCH + 5))


def test_a_step_waits_and_then_is_taken(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData
) -> None:
    stand_in_the_middle(qtbot, listener)
    listener.session.step(Unit.UPDATE)
    listener.session.step(Unit.UPDATE)
    held()
    settled(qtbot, listener, EPOCH + 2)
    assert_curve_is(listener, reference(small, moons, EPOCH + 2))


def test_an_epoch_ends_when_it_is_measured(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData
) -> None:
    listener.session.step(Unit.EPOCH)
    qtbot.waitUntil(lambda: listener.session._worker._history.is_measuring)
    listener.session.step(Unit.EPOCH)
    assert listener.session.state is RunState.RUNNING
    held()
    settled(qtbot, listener, 2 * EPOCH)
    assert_curve_is(listener, reference(small, moons, 2 * EPOCH))


@pytest.mark.parametrize("steps", [[3], [3, EPOCH], [EPOCH - 1, 0, 5]])
def test_a_seek_leaves_the_measurement_behind_in_the_curve(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData, steps: list[int]
) -> None:
    stand_in_the_middle(qtbot, listener)
    for step in steps:
        listener.session.seek(step)
    held()
    settled(qtbot, listener, steps[-1])
    assert_curve_is(listener, reference(small, moons, EPOCH))


@pytest.mark.parametrize(("unit", "step"), [(Unit.UPDATE, EPOCH - 1), (Unit.EPOCH, 0)])
def test_back_leaves_the_measurement_behind_in_the_curve(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData, unit: Unit, step: int
) -> None:
    stand_in_the_middle(qtbot, listener)
    listener.session.back(unit)
    held()
    settled(qtbot, listener, step)
    assert_curve_is(listener, reference(small, moons, EPOCH))


def test_a_change_is_made_after_the_measurement_and_kept_by_a_pause(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData
) -> None:
    changes: list[Any] = []
    listener.session.change_recorded.connect(changes.append)
    stand_in_the_middle(qtbot, listener)
    listener.session.change({"learning_rate": 0.2})
    listener.session.pause()
    held()
    qtbot.waitUntil(lambda: bool(changes))
    assert changes[0].step == EPOCH
    listener.session.play_to(2 * EPOCH + 1)
    end = settled(qtbot, listener, 2 * EPOCH + 1)
    history = reference(small, moons, EPOCH)
    history.change(make_settings(small, learning_rate=0.2))
    history.advance(EPOCH + 1)
    assert np.array_equal(end.parameters, history.trainer.parameters)
    assert_curve_is(listener, history)


def test_a_number_put_in_counts_from_the_next_update_on(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData
) -> None:
    stand_in_the_middle(qtbot, listener)
    listener.session.set_parameter(2, 1.5)
    held()
    qtbot.waitUntil(lambda: listener.snapshots[-1].parameters[2] == 1.5 and is_complete(listener.snapshots[-1]))
    history = reference(small, moons, EPOCH)
    history.change(small, [(2, 1.5)])
    assert listener.snapshots[-1].measurement == history.trainer.measure()
    assert_curve_is(listener, history)


def test_what_was_asked_before_a_seek_is_done_where_it_was_asked(
    qtbot: QtBot, listener: Listener, held: Callable[[], None]
) -> None:
    changes: list[Any] = []
    listener.session.change_recorded.connect(changes.append)
    stand_in_the_middle(qtbot, listener)
    listener.session.change({"learning_rate": 0.2})
    listener.session.seek(3)
    held()
    settled(qtbot, listener, 3)
    assert [change.step for change in changes] == [EPOCH]
    assert len(listener.session._worker._history.branches) == 1


def test_another_branch_is_shown_after_the_measurement(
    qtbot: QtBot, listener: Listener, small: Settings, moons: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = listener.session
    session.play_to(EPOCH + 2)
    settled(qtbot, listener, EPOCH + 2)
    session.seek(4)
    settled(qtbot, listener, 4)
    session.change({"learning_rate": 0.5})
    qtbot.waitUntil(lambda: listener.snapshots[-1].branch_id == 1)
    session.step(Unit.EPOCH)
    qtbot.waitUntil(lambda: session._worker._history.is_measuring)
    session.select_branch(0)
    qtbot.waitUntil(lambda: listener.snapshots[-1].branch_id == 0)
    end = settled(qtbot, listener, EPOCH)
    assert end.measurement == reference(small, moons, EPOCH).trainer.measure()
    history = reference(small, moons, 4)
    history.change(make_settings(small, learning_rate=0.5))
    history.advance(EPOCH - 4)
    assert session._worker._history.branches[1].measurement_at(EPOCH) == history.measurement()


def test_another_run_and_back_again(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData
) -> None:
    stand_in_the_middle(qtbot, listener)
    listener.session.start_run(make_settings(small, seed=9), moons)
    qtbot.waitUntil(lambda: listener.snapshots[-1].run_id == 2)
    held()
    listener.session.select_run(1)
    qtbot.waitUntil(lambda: listener.snapshots[-1].run_id == 1)
    settled(qtbot, listener, EPOCH)
    listener.session.play_to(EPOCH + 4)
    settled(qtbot, listener, EPOCH + 4)
    assert listener.session._worker._history.records(1, EPOCH + 4).measurements == (
        reference(small, moons, EPOCH + 4).records(1, EPOCH + 4).measurements
    )


def test_an_export_finishes_the_measurement_first(
    qtbot: QtBot, listener: Listener, held: Callable[[], None], small: Settings, moons: PreparedData, tmp_path: Path
) -> None:
    stand_in_the_middle(qtbot, listener)
    with qtbot.waitSignal(listener.session.exported) as exported:
        listener.session.export(tmp_path / "mine")
        held()
    assert exported.args[0].step == EPOCH
    run_headless(make_settings(small, steps=EPOCH), moons, tmp_path / "theirs")
    mine, theirs = ((tmp_path / name / "history.csv").read_text() for name in ("mine", "theirs"))
    assert mine == theirs
    assert summary_of(tmp_path / "mine")["train_loss"] == summary_of(tmp_path / "theirs")["train_loss"]


def test_shut_down_in_the_middle_does_not_wait_for_the_rest(qtbot: QtBot, listener: Listener, held: Callable[[], None]) -> None:
    stand_in_the_middle(qtbot, listener)
    listener.session.shut_down()
    assert not listener.session._thread.isRunning()


@pytest.mark.parametrize("length", [{"steps": 2 * EPOCH}, {"patience": 2, "learning_rate": 0.5}, {"stop_accuracy": 0.8}])
def test_a_pause_in_the_last_measurement_does_not_hide_the_end(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path, length: dict[str, Any]
) -> None:
    settings = make_settings(small, **{"epochs": 60, **length})
    expected = run_headless(settings, moons, tmp_path / "theirs")
    listener = Listener(session)
    session.start_run(settings, moons)
    session.play_to(expected.last_step)
    qtbot.waitUntil(lambda: session.run is not None and session._worker._run_id == 1)
    worker = session._worker
    qtbot.waitUntil(lambda: worker._history.step == expected.last_step and worker._history.is_measuring, timeout=30_000)
    session.pause()
    qtbot.waitUntil(lambda: session.state is RunState.FINISHED)
    settled(qtbot, listener, expected.history.step)
    export(qtbot, session, tmp_path / "mine")
    assert_same_files(tmp_path / "mine", tmp_path / "theirs")


# ---------------------------------------------------------------------- before the first frame


def test_what_is_asked_of_a_run_that_is_still_being_opened_follows(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData
) -> None:
    listener = Listener(session)
    session.start_run(small, moons)
    with qtbot.waitSignal(session.run_started):
        pass
    session.watch(Watch(maps=False, rows=False))
    session.change({"learning_rate": 0.1})
    session.seek(0)
    session.step(Unit.UPDATE)
    session.play_to(EPOCH + 1)
    session.want_row_losses()
    end = settled(qtbot, listener, EPOCH + 1)
    assert listener.snapshots[0].step == 0
    history = reference(make_settings(small, learning_rate=0.1), moons, EPOCH + 1)
    assert np.array_equal(end.parameters, history.trainer.parameters)
    assert_curve_is(listener, history)


def test_an_export_opens_the_run_first(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, tmp_path: Path
) -> None:
    listener = Listener(session)
    with qtbot.waitSignal(session.run_started):
        session.start_run(small, moons)
    assert export(qtbot, session, tmp_path).step == 0
    assert listener.snapshots[0].step == 0


# ---------------------------------------------------------------------- row losses


def expected_losses(settings: Settings, data: PreparedData, step: int) -> tuple[Any, ...]:
    trainer = reference(settings, data, step).trainer
    return row_losses(trainer.spec, trainer.parameters, data)


def assert_losses_are(found: RowLosses, expected: tuple[Any, ...]) -> None:
    for mine, theirs in zip((found.train, found.validation, found.test), expected, strict=True):
        assert np.array_equal(mine, theirs)
        assert not mine.flags.writeable


def test_row_losses_of_where_the_trainer_stands(qtbot: QtBot, listener: Listener, small: Settings, moons: PreparedData) -> None:
    listener.session.play_to(5)
    settled(qtbot, listener, 5)
    with qtbot.waitSignal(listener.session.row_losses_ready) as ready:
        listener.session.want_row_losses()
    found: RowLosses = ready.args[0]
    assert (found.run_id, found.branch_id, found.step) == (1, 0, 5)
    assert_losses_are(found, expected_losses(small, moons, 5))


@pytest.mark.parametrize("pace", [None, 300.0])
def test_row_losses_in_play_are_of_the_step_they_began_at(
    qtbot: QtBot, listener: Listener, small: Settings, moons: PreparedData, pace: float | None
) -> None:
    listener.session.set_speed(pace)
    listener.session.play()
    qtbot.waitUntil(lambda: listener.snapshots[-1].step > 3)
    with qtbot.waitSignal(listener.session.row_losses_ready) as ready:
        listener.session.want_row_losses()
    found: RowLosses = ready.args[0]
    qtbot.waitUntil(lambda: listener.snapshots[-1].step > found.step)
    assert_losses_are(found, expected_losses(small, moons, found.step))


def test_a_newer_wish_for_row_losses_takes_the_place_of_the_older(
    qtbot: QtBot, listener: Listener, small: Settings, moons: PreparedData
) -> None:
    found: list[RowLosses] = []
    listener.session.row_losses_ready.connect(found.append)
    listener.session.want_row_losses()
    listener.session.step(Unit.UPDATE)
    listener.session.want_row_losses()
    qtbot.waitUntil(lambda: bool(found))
    settled(qtbot, listener, 1)
    assert [losses.step for losses in found] == [1]


def test_row_losses_of_a_run_that_is_left_are_not_sent(
    qtbot: QtBot, listener: Listener, small: Settings, moons: PreparedData
) -> None:
    listener.session.step(Unit.UPDATE)
    settled(qtbot, listener, 1)
    found: list[RowLosses] = []
    listener.session.row_losses_ready.connect(found.append)
    listener.session.want_row_losses()
    listener.session.start_run(small, moons)
    listener.session.want_row_losses()  # the session still believes in run 1
    qtbot.waitUntil(lambda: listener.snapshots[-1].run_id == 2 and is_complete(listener.snapshots[-1]))
    assert found == []


# ---------------------------------------------------------------------- anything at any time

REQUESTS: dict[str, Callable[[Session, int], None]] = {
    "play": lambda session, number: session.play(),
    "pause": lambda session, number: session.pause(),
    "play to": lambda session, number: session.play_to(number),
    "step": lambda session, number: session.step(Unit.UPDATE),
    "epoch": lambda session, number: session.step(Unit.EPOCH),
    "back": lambda session, number: session.back(Unit.UPDATE),
    "back an epoch": lambda session, number: session.back(Unit.EPOCH),
    "seek": lambda session, number: session.seek(number),
    "change": lambda session, number: session.change({"learning_rate": 0.01 * (1 + number % 9)}),
    "edit": lambda session, number: session.set_parameter(number % 5, 0.1 * number),
    "branch": lambda session, number: session.select_branch(0),
    "row losses": lambda session, number: session.want_row_losses(),
    "watch": lambda session, number: session.watch(Watch(row=number)),
    "pace": lambda session, number: session.set_speed(None if number % 2 else 500.0),
}


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_asked_whenever_the_history_can_be_taken_again(
    qtbot: QtBot, session: Session, small: Settings, moons: PreparedData, seed: int
) -> None:
    """Every branch, trained again without interruption from what is written down, has the very same losses."""
    rng = np.random.default_rng(seed)
    problems: list[Any] = []
    session.failed.connect(problems.append)
    listener = Listener(session)
    session.start_run(small, moons)
    for name in rng.choice(sorted(REQUESTS), 14).tolist():
        REQUESTS[name](session, int(rng.integers(0, 40)))
        qtbot.wait(int(rng.integers(0, 7)))  # any moment will do
    session.pause()
    worker = session._worker
    qtbot.waitUntil(lambda: worker._run_id == 1 and session.state is not RunState.RUNNING)
    qtbot.waitUntil(lambda: not worker._turn_timer.isActive() and not worker._deferred, timeout=20_000)
    assert problems == []
    history = worker._history
    assert not history.is_measuring
    qtbot.waitUntil(lambda: is_complete(listener.snapshots[-1]))
    for branch in history.branches:
        again = _taken_again(history, branch.branch_id, small, moons)
        assert [m for m in branch._measurements if m.step] == [m for m in again if branch.fork_step < m.step]


def _taken_again(history: History, branch_id: int, settings: Settings, data: PreparedData) -> list[Any]:
    """Return the measurements of a branch's line, trained by a plain loop with the changes written down."""
    branch = history.branches[branch_id]
    line, stops = [branch], [branch.last_step]
    while line[0].parent is not None:
        stops.insert(0, line[0].fork_step)
        line.insert(0, line[0].parent)
    changes = {}
    for part, stop in zip(line, stops, strict=True):
        changes.update({change.step: change for change in part.changes if change.step <= stop})
    trainer = Trainer(settings, data)
    found = []
    for step in range(branch.last_step + 1):
        if step:
            record = trainer.take_step()
            found += [trainer.measure()] if record.epoch_ended else []
        change = changes.get(step)
        if change is not None:
            if change.settings != trainer.settings:
                trainer.change(change.settings)
            for index, value in change.edits:
                trainer.set_parameter(index, value)
    return found
