"""The whole window, driven as a person would: real clicks and keys, real training underneath."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from engine.results.folder import RESULT_FILES
from gui.appearance import Appearance
from gui.main_window import MainWindow
from gui.panels.help_panel import HelpPanel
from gui.panels.import_dialog import ImportDialog
from gui.preferences import Preferences
from gui.session.messages import RunState
from gui.views.network_geometry import LinkId, UnitId
from gui.views.number_text import short_number

MakeWindow = Callable[[], MainWindow]


@pytest.fixture(scope="session")
def appearance(qapp: QApplication) -> Appearance:
    """Return the look of the application, which lives as long as it does."""
    return Appearance(qapp, "light")


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication, appearance: Appearance) -> Iterator[MakeWindow]:
    """Return a maker of shown windows on the built-in example; they are closed after the test."""
    windows: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow(appearance, Preferences())
        windows.append(window)
        window.show()
        window.open_example("two_moons")
        qtbot.waitUntil(lambda: window.session.snapshot is not None)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    """Return a window on the built-in example."""
    return make_window()


def step(window: MainWindow) -> int:
    return window.session.snapshot.step if window.session.snapshot is not None else -1


def press(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    window.activateWindow()
    window.setFocus()
    QTest.keyClick(window, key, modifier)


def play_to(qtbot: QtBot, window: MainWindow, target: int) -> None:
    window.session.play_to(target)
    qtbot.waitUntil(lambda: step(window) == target and window.session.state is RunState.PAUSED)


def open_editor(window: MainWindow, target: LinkId | UnitId) -> None:
    """Click on a link or unit of the network diagram."""
    diagram = window.network_view.diagram
    if isinstance(target, UnitId):
        left, top, side = diagram.layout.unit_box(target)
        places = [QPoint(left + side // 2, top + side // 2)]
    else:
        curve = diagram.links.points[diagram.links.ids.index(target)]
        places = [QPoint(round(x), round(y)) for x, y in curve]
    place = next(place for place in places if diagram.target_at(place.toPointF()) == target)
    QTest.mouseClick(window.network_view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.network_view.editor.target == target


def type_number(window: MainWindow, name: str, text: str) -> None:
    entry = window.network_view.editor.entries[name]
    entry.selectAll()
    QTest.keyClicks(entry, text)
    QTest.keyClick(entry, Qt.Key.Key_Return)


def seek(qtbot: QtBot, window: MainWindow, target: int) -> np.ndarray:
    """Go to a recorded step and return the parameters there."""
    window.session.seek(target)
    qtbot.waitUntil(lambda: step(window) == target and window.session.state is RunState.PAUSED)
    return window.session.snapshot.parameters


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


def test_a_file_from_the_dialog_is_trained_on(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = "\n".join(f"{a:.3f};{b:.3f};{'yes' if a > b else 'no'}" for a, b in rng.normal(size=(60, 2)))
    path = tmp_path / "table.csv"
    path.write_text(f"first;second;above\n{rows}\n", encoding="utf-8")
    window.preview_file(path)
    dialog = window.findChild(ImportDialog)
    qtbot.waitUntil(dialog.take.isEnabled)
    assert "60 rows" in dialog.summary.text()
    assert dialog.target.currentData() == "above"
    assert dialog.chosen_features() == ["first", "second"]
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.run is not None and window.session.run.data.name == "table.csv")
    play_to(qtbot, window, 50)
    assert Preferences().recent_files == [path.resolve()]
    recent = window._menus._recent
    recent.aboutToShow.emit()
    assert [action.text() for action in recent.actions()] == ["table.csv"]
    recent.actions()[0].trigger()
    again = next(dialog for dialog in window.findChildren(ImportDialog) if dialog.isVisible())
    qtbot.waitUntil(again.take.isEnabled)
    again.reject()


def test_a_wrong_file_leaves_the_old_data_in_place_and_says_why(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    window.preview_file(path)
    dialog = window.findChild(ImportDialog)
    qtbot.waitUntil(lambda: dialog.problem.text() != "")
    assert "picture.csv" in dialog.problem.text()
    assert not dialog.take.isEnabled()
    dialog.reject()
    play_to(qtbot, window, 10)
    assert window.session.run.run_id == 1


def test_closed_panels_come_back_with_reset_layout(qtbot: QtBot, window: MainWindow) -> None:
    for dock in window.docks.values():
        dock.close()
    window.session.play()
    qtbot.waitUntil(lambda: step(window) > 10)  # training goes on though nothing is drawn
    window.session.pause()
    window.reset_layout()
    qtbot.waitUntil(lambda: all(dock.isVisible() for dock in window.docks.values()))


def test_fifty_times_open_train_close(qtbot: QtBot, make_window: MakeWindow) -> None:
    for _ in range(50):
        window = make_window()
        window.session.play()
        qtbot.waitUntil(lambda window=window: step(window) > 0)
        window.close()


# ---------------------------------------------------------------------- changing the network in its diagram


def test_a_weight_typed_in_the_diagram_is_the_engines_weight_and_part_of_the_history(qtbot: QtBot, window: MainWindow) -> None:
    play_to(qtbot, window, 30)
    before = window.session.snapshot.parameters
    index = window.session.run.spec.block(1, "weights").start + 8 + 2  # input 2 to unit 3
    open_editor(window, LinkId(1, 1, 2))
    assert float(window.network_view.editor.entries["weight"].text()) == before[index]
    type_number(window, "weight", "0,123456789012345")
    qtbot.waitUntil(lambda: window.session.snapshot.parameters[index] == 0.123456789012345)
    assert np.array_equal(np.delete(window.session.snapshot.parameters, index), np.delete(before, index))
    assert [(at, "layer 1 weight 2 to 3 set to 0.123456789012345" in words) for at, words in window.curve.changes] == [
        (30, True)
    ]
    qtbot.waitUntil(lambda: any("weight 2 to 3 set" in mark.text for mark in window.timeline.track._marks))
    play_to(qtbot, window, 60)
    end = window.session.snapshot.parameters
    assert seek(qtbot, window, 30)[index] == 0.123456789012345
    assert seek(qtbot, window, 29)[index] != 0.123456789012345
    assert np.array_equal(seek(qtbot, window, 60), end)


def test_a_weight_typed_in_the_past_starts_a_branch_and_the_card_shows_each_step(qtbot: QtBot, window: MainWindow) -> None:
    play_to(qtbot, window, 40)
    open_editor(window, UnitId(3, 0))
    entry = window.network_view.editor.entries["bias"]
    at_end = entry.text()
    then = seek(qtbot, window, 20)
    assert float(entry.text()) == then[-1]
    assert entry.text() != at_end
    type_number(window, "bias", "2")
    qtbot.waitUntil(lambda: window.session.snapshot.branch_id == 1)
    assert window.session.snapshot.parameters[-1] == 2.0
    assert "layer 3 bias of unit 1 set to 2" in window.notice.sentence
    window.notice.take_offer()
    qtbot.waitUntil(lambda: window.session.snapshot.branch_id == 0)
    assert float(entry.text()) == then[-1]


def test_keys_typed_into_the_card_do_not_steer_training_and_come_back(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    open_editor(window, UnitId(1, 0))
    entry = window.network_view.editor.entries["bias"]
    qtbot.waitUntil(entry.hasFocus)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_R, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(entry, key)
    QTest.qWait(50)
    assert (step(window), window.session.run.run_id, window.session.state) == (0, 1, RunState.IDLE)
    type_number(window, "bias", "0.5")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: step(window) == 1)
    assert window.network_view.editor.isVisible()
    qtbot.mouseClick(window.toolbar.step, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: step(window) == 2)


def test_a_number_typed_while_training_runs_is_taken_at_the_next_update(qtbot: QtBot, window: MainWindow) -> None:
    window.toolbar.speed_changed.emit(20.0)
    window.session.play()
    qtbot.waitUntil(lambda: step(window) > 2)
    open_editor(window, UnitId(1, 0))
    opened = window.network_view.editor.entries["bias"].text()
    qtbot.waitUntil(lambda: step(window) > 5)
    assert window.network_view.editor.entries["bias"].text() == opened
    type_number(window, "bias", "7.5")
    qtbot.waitUntil(lambda: window.curve.changes != ())
    ((at, words),) = window.curve.changes
    assert words == "layer 1 bias of unit 1 set to 7.5"
    window.session.pause()
    qtbot.waitUntil(lambda: window.session.state is RunState.PAUSED)
    assert seek(qtbot, window, at)[window.session.run.spec.block(1, "bias").start] == 7.5


def test_a_unit_switched_off_and_on_again(qtbot: QtBot, window: MainWindow) -> None:
    play_to(qtbot, window, 100)
    loss = window.session.snapshot.measurement.train_loss
    open_editor(window, UnitId(2, 4))
    switch = window.network_view.editor.switch
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.snapshot.settings.switched_off == ((2, 5),))
    assert switch.text() == "Switch on"
    assert window.session.snapshot.measurement.train_loss != loss
    assert not window.session.snapshot.observation.unit_maps[2][4].any()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.snapshot.settings.switched_off == ())
    assert window.session.snapshot.measurement.train_loss == loss


def test_an_input_switched_off_makes_no_difference_to_the_output(qtbot: QtBot, window: MainWindow) -> None:
    open_editor(window, UnitId(0, 1))
    qtbot.mouseClick(window.network_view.editor.switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.snapshot.settings.switched_off == ((0, 2),))
    output = window.session.snapshot.observation.unit_maps[3][0]
    np.testing.assert_allclose(output, np.broadcast_to(output[:1], output.shape), atol=1e-6)  # the same up and down


def test_a_frozen_layer_keeps_its_parameters(qtbot: QtBot, window: MainWindow) -> None:
    play_to(qtbot, window, 20)
    open_editor(window, UnitId(1, 0))
    qtbot.mouseClick(window.network_view.editor.freeze, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.snapshot.settings.freeze == (1,))
    assert window.network_view.editor.freeze.text() == "Thaw layer 1"
    before = window.session.snapshot.parameters
    play_to(qtbot, window, 40)
    after = window.session.snapshot.parameters
    first = window.session.run.spec.layer_slices()[0]
    assert np.array_equal(before[first], after[first])
    assert not np.any(before[first.stop :] == after[first.stop :])


def test_other_inputs_are_all_on(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.session.change({"switched_off": ((0, 2), (1, 3))})
    qtbot.waitUntil(lambda: window.session.snapshot.settings.switched_off == ((0, 2), (1, 3)))
    window.panel.new_run_requested.emit({"init": "he_normal"})
    qtbot.waitUntil(lambda: window.session.run.run_id == 2)
    assert window.session.run.settings.switched_off == ((0, 2), (1, 3))
    path = tmp_path / "table.csv"
    rows = "\n".join(f"{number},{number % 7},{'yes' if number % 3 else 'no'}" for number in range(60))
    path.write_text(f"first,second,above\n{rows}\n", encoding="utf-8")
    window.open_file(path)
    qtbot.waitUntil(lambda: window.session.run.data.name == "table.csv")
    assert window.session.run.settings.switched_off == ((1, 3),)


# ---------------------------------------------------------------------- export


@pytest.fixture
def chosen_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder that every dialog answers with."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    return folder


def press_export(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.session.exported):
        press(qtbot, window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)


def open_table(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    """Open a file with numbers, words, a missing value and a class to learn."""
    rng = np.random.default_rng(0)
    lines = ["size,colour,kind"]
    for row, size in enumerate(rng.normal(size=80)):
        colour, kind = "red" if row % 3 else "blue", '"large, or so"' if size > 0.2 else "small"
        lines.append(f"{'' if row == 5 else size},{colour},{kind}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    window.open_file(path)
    qtbot.waitUntil(lambda: window.session.run.data.name == path.name)


def test_ctrl_e_exports_what_is_shown_and_pauses(qtbot: QtBot, window: MainWindow, chosen_folder: Path) -> None:
    window.session.play()
    qtbot.waitUntil(lambda: step(window) > 30)
    press_export(qtbot, window)
    qtbot.waitUntil(lambda: window.session.state is RunState.PAUSED)
    assert {path.name for path in chosen_folder.iterdir()} == set(RESULT_FILES)
    assert window.notice.sentence == f"The run was exported at step {step(window):,} into {chosen_folder}."
    snapshot = window.session.snapshot
    summary = json.loads((chosen_folder / "summary.json").read_text(encoding="utf-8"))
    assert (summary["steps"], summary["epochs"]) == (snapshot.step, snapshot.epoch)
    assert (summary["train_loss"], summary["validation_loss"]) == snapshot.measurement[2:]
    assert summary["metrics"]["validation"]["accuracy"] == snapshot.validation_metrics.accuracy
    with (chosen_folder / "history.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(snapshot.step + 1))
    assert float(rows[-1]["batch_loss"]) == snapshot.batch_loss
    assert summary["seconds"] > 0


def test_the_exported_program_predicts_as_the_window_does(
    qtbot: QtBot, window: MainWindow, chosen_folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    open_table(qtbot, window, path)
    play_to(qtbot, window, 200)
    seek(qtbot, window, 120)
    window.session.change({"switched_off": ((1, 3),), "learning_rate": 0.05})
    qtbot.waitUntil(lambda: window.session.snapshot.branch_id == 1)
    play_to(qtbot, window, 170)
    press_export(qtbot, window)
    program = [sys.executable, "-W", "error", str(chosen_folder / "predict.py"), str(path)]
    done = subprocess.run(program, capture_output=True, text=True, encoding="utf-8", check=True, cwd=tmp_path)
    predicted = [row[0] for row in csv.reader(done.stdout.splitlines())]
    with path.open(encoding="utf-8", newline="") as file:
        actual = [row["kind"] for row in csv.DictReader(file)]
    with np.load(chosen_folder / "data.npz") as arrays:
        parts = {"train": arrays["rows_train"], "validation": arrays["rows_validation"]}
    for part, metrics in (
        ("train", window.session.snapshot.train_metrics),
        ("validation", window.session.snapshot.validation_metrics),
    ):
        assert np.mean([predicted[row] == actual[row] for row in parts[part]]) == pytest.approx(metrics.accuracy, rel=1e-12)
    summary = json.loads((chosen_folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["changes"] == [{"step": 120, "what": "layer 1 unit 3 switched off, learning rate 0.01 to 0.05"}]


@pytest.mark.heavy
@pytest.mark.parametrize("case", ["as it is", "in the past", "changed", "on a fork"])
def test_the_exported_script_repeats_the_run_in_torch(qtbot: QtBot, window: MainWindow, chosen_folder: Path, case: str) -> None:
    window.session.change({"learning_rate": 0.02, "batch_size": 30})  # before the first update: no change inside the run
    play_to(qtbot, window, 130)
    repeated = 130
    if case != "as it is":
        seek(qtbot, window, 77)
        repeated = 77
    if case in ("changed", "on a fork"):
        window.session.change({"optimizer": "sgd"})
        qtbot.waitUntil(lambda: window.session.snapshot.branch_id == 1)
    if case == "on a fork":
        play_to(qtbot, window, 99)
    press_export(qtbot, window)
    program = [sys.executable, "-W", "error", str(chosen_folder / "train_torch.py")]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    printed = [line.split(",") for line in done.stdout.splitlines()]
    with (chosen_folder / "history.csv").open(encoding="utf-8", newline="") as file:
        recorded = [(row["step"], row["batch_loss"]) for row in csv.DictReader(file)][1:]
    assert len(recorded) == step(window)
    assert [number for number, _ in printed] == [number for number, _ in recorded[:repeated]]
    np.testing.assert_allclose(
        [float(loss) for _, loss in printed], [float(loss) for _, loss in recorded[:repeated]], rtol=1e-9
    )
    if case in ("as it is", "in the past"):
        assert float(done.stderr.split(":")[1]) < 1e-12
    else:
        assert done.stderr.startswith("77 updates; then the run was changed")


def test_an_export_that_fails_is_told(qtbot: QtBot, window: MainWindow, chosen_folder: Path) -> None:
    chosen_folder.rmdir()
    chosen_folder.write_text("mine")
    with qtbot.waitSignal(window.session.export_failed):
        press(qtbot, window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert window.notice.sentence.startswith(f"The run was not exported: {chosen_folder}: File exists. ")
    assert chosen_folder.read_text() == "mine"
    play_to(qtbot, window, 10)


def test_files_that_are_there_are_replaced_when_the_user_says_so(
    qtbot: QtBot, window: MainWindow, chosen_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press_export(qtbot, window)
    (chosen_folder / "history.csv").write_text("mine")
    asked: list[str] = []

    def answer(button: QMessageBox.StandardButton) -> None:
        monkeypatch.setattr(QMessageBox, "question", lambda *about: asked.append(about[2]) or button)

    answer(QMessageBox.StandardButton.No)
    window.export.choose_folder()
    play_to(qtbot, window, 10)
    assert (chosen_folder / "history.csv").read_text() == "mine"
    answer(QMessageBox.StandardButton.Yes)
    press_export(qtbot, window)
    assert len((chosen_folder / "history.csv").read_text().splitlines()) == 12
    assert [sentence.startswith(f"{chosen_folder} holds history.csv, data.npz, ") for sentence in asked] == [True, True]


def test_without_a_folder_nothing_is_exported(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    with qtbot.assertNotEmitted(window.session.exported, wait=100):
        press(qtbot, window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert window.notice.sentence == ""


def test_export_stands_in_the_file_menu_and_in_the_list_of_keys(window: MainWindow) -> None:
    menu = next(action.menu() for action in window.menuBar().actions() if action.text() == "&File")
    entries = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert entries == ["Open CSV…", "Open recent", "Examples", "Export run…", "Quit"]
    window._show_help()
    sheet = window.findChild(HelpPanel)
    assert "Ctrl+E" in [label.text() for label in sheet.findChildren(QLabel)]
    sheet.close()


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
