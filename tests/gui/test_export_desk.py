"""Exporting the run that the window shows."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from engine.results.folder import RESULT_FILES
from gui.main_window import MainWindow
from gui.panels.help_panel import HelpPanel
from gui.session.messages import RunState
from tests.gui.driving import open_table, play_to, press, seek, step


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
    assert entries == [
        "Open CSV…",
        "Open recent",
        "Paste table",
        "Examples",
        "Open example file…",
        "Draw your own points",
        "Export run…",
        "Quit",
    ]
    window._show_help()
    sheet = window.findChild(HelpPanel)
    assert "Ctrl+E" in [label.text() for label in sheet.findChildren(QLabel)]
    sheet.close()
