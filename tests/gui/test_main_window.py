"""The whole window, driven as a person would: real clicks and keys, real training underneath."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.data.prepared import Feature
from gui.main_window import MainWindow, first_pair
from gui.session.messages import RunState
from gui.views.number_text import short_number
from tests.gui.driving import MakeWindow, play_to, press, seek, step


def test_space_plays_and_pauses(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.session.state is RunState.RUNNING and step(window) > 20)
    assert window.toolbar.play.text() == "Pause"
    press(qtbot, window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.session.state is RunState.PAUSED)
    assert window.toolbar.play.text() == "Play"
    qtbot.waitUntil(lambda: window.curve.step_count == window.session.snapshot.last_step)


def test_buttons_step_and_go_back(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.mouseClick(window.toolbar.step, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: step(window) == 1)
    press(qtbot, window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: step(window) == 2)
    qtbot.mouseClick(window.toolbar.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: step(window) == 1)
    press(qtbot, window, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: step(window) == 0)
    assert not window.toolbar.back.isEnabled()
    press(qtbot, window, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: step(window) == 10)


def test_r_resets_to_the_same_weights_and_keeps_the_old_run(qtbot: QtBot, window: MainWindow) -> None:
    first = window.session.snapshot.parameters
    play_to(qtbot, window, 30)
    press(qtbot, window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.session.run.run_id == 2 and step(window) == 0)
    assert np.array_equal(window.session.snapshot.parameters, first)


def test_typing_a_space_or_r_into_a_field_does_not_steer_training(qtbot: QtBot, window: MainWindow) -> None:
    field = window.toolbar.learning_rate_field
    line = field if isinstance(field, QLineEdit) else field.findChild(QLineEdit)
    line.setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_R, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(line, key)
    QTest.qWait(50)
    assert window.session.state is RunState.IDLE
    assert window.session.run.run_id == 1
    assert step(window) == 0


def test_a_finished_entry_gives_the_keys_back(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    field = window.toolbar.learning_rate_field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.05")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.snapshot.settings.learning_rate == 0.05)
    assert not field.hasFocus()
    QTest.keyClick(window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: step(window) == 1)


def test_at_slow_speed_every_panel_shows_every_step(qtbot: QtBot, window: MainWindow) -> None:
    seen: dict[str, list[int]] = {"loss": [], "timeline": []}
    window.toolbar.speed_changed.emit(20.0)
    for name, view in (("loss", window.loss_view), ("timeline", window.timeline)):
        original = view.render
        view.render = lambda snapshot, original=original, name=name: (seen[name].append(snapshot.step), original(snapshot))
    window.session.play()
    qtbot.waitUntil(lambda: step(window) >= 6)
    window.session.pause()
    qtbot.waitUntil(lambda: window.session.state is RunState.PAUSED)
    assert seen["loss"] == seen["timeline"]
    assert set(range(1, 6)) <= set(seen["loss"])


def test_dragging_the_timeline_brings_every_picture_to_the_step(qtbot: QtBot, window: MainWindow) -> None:
    play_to(qtbot, window, 200)
    end = window.session.snapshot.parameters
    window.timeline.step_requested.emit(50)
    qtbot.waitUntil(lambda: step(window) == 50)
    assert window.session.snapshot.last_step == 200
    window.timeline.step_requested.emit(200)
    qtbot.waitUntil(lambda: step(window) == 200)
    assert np.array_equal(window.session.snapshot.parameters, end)


def test_a_learning_rate_changed_in_the_past_forks(qtbot: QtBot, window: MainWindow) -> None:
    play_to(qtbot, window, 60)
    window.session.seek(20)
    qtbot.waitUntil(lambda: step(window) == 20)
    window.toolbar.settings_changed.emit({"learning_rate": 0.1})
    qtbot.waitUntil(lambda: window.session.snapshot.branch_id == 1)
    assert window.session.snapshot.settings.learning_rate == 0.1
    assert window.curve.step_count == 20
    assert "Branch 2 starts at step 20" in window.notice.sentence
    window.notice.take_offer()
    qtbot.waitUntil(lambda: window.session.snapshot.branch_id == 0)
    assert window.curve.step_count == 60


def test_one_click_changes_the_network(qtbot: QtBot, window: MainWindow) -> None:
    play_to(qtbot, window, 20)
    window.panel.new_run_requested.emit({"hidden": (8, 8, 8)})
    qtbot.waitUntil(lambda: window.session.run.spec.sizes == (2, 8, 8, 8, 1) and step(window) == 0)
    window.session.select_run(1)
    qtbot.waitUntil(lambda: window.session.run.run_id == 1 and step(window) == 20)


def test_the_landscape_appears_and_is_true_at_the_dot(qtbot: QtBot, window: MainWindow) -> None:
    play_to(qtbot, window, 80)
    with qtbot.waitSignal(
        window.landscape.picture_ready, check_params_cb=lambda picture: picture.final and picture.path_steps[-1] == 80
    ):
        pass
    position = window.landscape.position(window.session.snapshot)
    assert position.true_loss == window.session.snapshot.measurement.train_loss
    assert position.plane_loss == pytest.approx(position.true_loss, rel=0.05)
    assert position.out_of_plane == pytest.approx(0.0, abs=1e-6)


def test_an_explosion_is_said_and_the_way_back_is_offered(qtbot: QtBot, window: MainWindow) -> None:
    changes = {
        "activation": ("relu",),
        "loss": "mse",
        "output_activation": "identity",
        "optimizer": "sgd",
        "learning_rate": 1e6,
    }
    window.panel.new_run_requested.emit(changes)
    qtbot.waitUntil(lambda: window.session.run.run_id == 2 and window.session.snapshot is not None)
    window.session.play()
    qtbot.waitUntil(lambda: window.session.state is RunState.FAILED)
    qtbot.waitUntil(lambda: "no longer finite" in window.notice.sentence)
    assert not window.toolbar.play.isEnabled()
    window.notice.take_offer()
    qtbot.waitUntil(lambda: window.session.state is not RunState.FAILED and step(window) == 0)


def test_closed_panels_come_back_with_reset_layout(qtbot: QtBot, window: MainWindow) -> None:
    for dock in window.docks.values():
        dock.close()
    window.session.play()
    qtbot.waitUntil(lambda: step(window) > 10)  # training goes on though nothing is drawn
    window.session.pause()
    window.reset_layout()
    qtbot.waitUntil(lambda: all(dock.isVisible() for name, dock in window.docks.items() if name != "data"))


def test_fifty_times_open_train_close(qtbot: QtBot, make_window: MakeWindow) -> None:
    for _ in range(50):
        window = make_window()
        window.session.play()
        qtbot.waitUntil(lambda window=window: step(window) > 0)
        window.close()


# ---------------------------------------------------------------------- rules that end a run, schedules


def test_a_run_that_patience_ended_says_so_and_stands_at_its_best_step(qtbot: QtBot, window: MainWindow) -> None:
    window.session.change({"patience": 2, "freeze": (1, 2, 3)})  # nothing can get better
    window.session.play()
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED and step(window) == 10)
    assert window.session.snapshot.last_step == 30
    assert window.notice.sentence.startswith("Stopped early: the validation loss has not fallen for 2 epochs; its lowest, 0.")
    assert window.notice.sentence.endswith("is at step 10, and the run went back to it. Press Play to go on without this rule.")
    window.session.play()
    qtbot.waitUntil(lambda: window.session.snapshot.last_step > 40)
    assert window.notice.sentence == ""


def test_a_run_that_reached_its_loss_says_so_and_stays(qtbot: QtBot, window: MainWindow) -> None:
    window.session.change({"stop_loss": 5.0})
    window.session.play()
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED and step(window) == 10)
    assert window.notice.sentence.startswith("Stopped at step 10: the validation loss 0.")
    assert window.notice.sentence.endswith("is at most 5. Press Play to go on past it.")


def test_the_rate_of_a_schedule_is_shown_beside_the_losses(qtbot: QtBot, window: MainWindow) -> None:
    assert not window.rate.isVisible()
    window.session.change({"schedule": "exponential", "schedule_period": 10, "schedule_factor": 0.5})
    play_to(qtbot, window, 20)
    qtbot.waitUntil(window.rate.isVisible)
    assert window.rate.value == short_number(window.session.snapshot.learning_rate)
    assert window.session.snapshot.learning_rate < window.session.snapshot.settings.learning_rate
    seek(qtbot, window, 0)
    assert window.rate.value == short_number(0.01)


def test_maps_are_drawn_over_numbers_first() -> None:
    island = [Feature(f"island = {name}", "island") for name in "ABC"]
    bill, mass = Feature("bill", "bill"), Feature("mass", "mass")
    assert first_pair((*island, bill, mass)) == (3, 4)
    assert first_pair((*island, bill)) == (3, 0)
    assert first_pair(tuple(island)) == (0, 1)
    assert first_pair((bill,)) == (0, 0)
