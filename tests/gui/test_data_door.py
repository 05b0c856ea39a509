"""Ways in for a file, in the whole window, while training goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from sklearn.metrics import accuracy_score, log_loss

from engine.data.examples.catalogue import EXAMPLES, example_columns
from engine.data.examples.drawn import DrawnPoints
from engine.metrics import predict
from gui.main_window import MainWindow
from gui.panels.import_dialog import ImportDialog
from gui.preferences import Preferences
from tests.gui.driving import open_table, play_to, press, step


def test_a_file_from_the_dialog_is_trained_on(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = "\n".join(f"{a:.3f};{b:.3f};{'yes' if a > b else 'no'}" for a, b in rng.normal(size=(60, 2)))
    path = tmp_path / "table.csv"
    path.write_text(f"first;second;above\n{rows}\n", encoding="utf-8")
    window.door.preview(path)
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
    window.door.preview(path)
    dialog = window.findChild(ImportDialog)
    qtbot.waitUntil(lambda: dialog.problem.text() != "")
    assert "picture.csv" in dialog.problem.text()
    assert not dialog.take.isEnabled()
    dialog.reject()
    play_to(qtbot, window, 10)
    assert window.session.run.run_id == 1


# ---------------------------------------------------------------------- other ways in


def table(n_rows: int) -> str:
    rng = np.random.default_rng(5)
    rows = "\n".join(f"{a:.3f}\t{b:.3f}\t{'yes' if a > b else 'no'}" for a, b in rng.normal(size=(n_rows, 2)))
    return f"first\tsecond\tabove\n{rows}\n"


def shown_dialog(window: MainWindow) -> ImportDialog:
    return next(dialog for dialog in window.findChildren(ImportDialog) if dialog.isVisible())


def take(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Take the table of the dialog that is open."""
    dialog = shown_dialog(window)
    qtbot.waitUntil(dialog.take.isEnabled)
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.run is not None and window.session.run.data.name == name)


def test_a_pasted_table_is_trained_on_and_not_among_the_recent_files(qtbot: QtBot, window: MainWindow) -> None:
    QApplication.clipboard().setText(table(60))
    press(qtbot, window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert shown_dialog(window).windowTitle() == "Pasted table"
    take(qtbot, window, "Pasted table")
    play_to(qtbot, window, 20)
    assert Preferences().recent_files == []
    assert "Pasted table" in window.windowTitle()


def test_a_clipboard_without_a_table_is_said(qtbot: QtBot, window: MainWindow) -> None:
    QApplication.clipboard().setText("one line only")
    press(qtbot, window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "the clipboard holds no table" in window.notice.sentence.lower()
    assert not [dialog for dialog in window.findChildren(ImportDialog) if dialog.isVisible()]


def test_the_examples_can_be_opened_as_files(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[Path] = []

    def choose(parent: object, title: str, folder: str, kinds: str) -> tuple[str, str]:
        offered.extend(sorted(Path(folder).iterdir()))
        return str(Path(folder) / "xor.csv"), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    window.door.choose_example_file()
    assert [path.stem for path in offered] == sorted(EXAMPLES)
    take(qtbot, window, "xor.csv")
    read, drawn = window.session.run.data, example_columns("xor")
    for column, made in zip(read.columns[:2], drawn[:2], strict=True):
        np.testing.assert_array_equal(column.values, made.values)


def test_a_recent_file_that_is_gone_is_said(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "gone.csv"
    Preferences().add_recent(path)
    recent = window._menus._recent
    recent.aboutToShow.emit()
    recent.actions()[0].trigger()
    assert window.notice.sentence.startswith(f"{path} is gone")
    assert Preferences().recent_files == []


@pytest.mark.parametrize("happening", ["deleted", "grown", "replaced"])
def test_training_goes_on_when_the_file_changes_and_a_line_says_so(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, happening: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(table(60), encoding="utf-8")
    window.door.preview(path)
    take(qtbot, window, "table.csv")
    window.session.play()
    qtbot.waitUntil(lambda: step(window) > 0)
    if happening == "deleted":
        path.unlink()
    elif happening == "grown":
        with path.open("a", encoding="utf-8") as file:
            file.write("1.0\t0.5\tyes\n" * 20)
    else:
        other = tmp_path / "other.csv"
        other.write_text(table(90), encoding="utf-8")
        other.replace(path)
    qtbot.waitUntil(lambda: window.notice.sentence.startswith("table.csv"))
    assert window.notice.sentence.endswith("The rows that were read stay in use.")
    before = step(window)
    qtbot.waitUntil(lambda: step(window) > before)
    assert len(window.session.run.data.rows_train) == 48
    window.notice.take_offer()
    if happening == "deleted":
        return
    take(qtbot, window, "table.csv")
    qtbot.waitUntil(lambda: len(window.session.run.data.rows_train) == (64 if happening == "grown" else 72))


def test_the_file_of_a_run_left_behind_is_watched_no_more(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(table(60), encoding="utf-8")
    open_table(qtbot, window, path)
    assert window.door._watch.path == path
    window.open_example("xor")
    qtbot.waitUntil(lambda: window.session.run.data.name == "XOR")
    assert window.door._watch.path is None


# ---------------------------------------------------------------------- rows


def test_a_row_chosen_in_the_table_lights_up_everywhere(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.data_view.isVisible)
    play_to(qtbot, window, 20)
    row = int(window.session.run.data.rows_validation[3])
    window.data_view.row_chosen.emit(row)
    qtbot.waitUntil(lambda: window.session.snapshot.observation.row is not None)
    found = window.session.snapshot.observation.row
    assert (found.row, found.part) == (row, "validation")
    assert window.data_view.chosen == row
    press(qtbot, window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.session.snapshot.observation.row is None)
    assert window.data_view.chosen is None


def test_a_row_is_forgotten_with_its_data(qtbot: QtBot, window: MainWindow) -> None:
    window.data_view.row_chosen.emit(7)
    qtbot.waitUntil(lambda: window.session.snapshot.observation.row is not None)
    window.open_example("xor")
    qtbot.waitUntil(lambda: window.session.run.data.name == "XOR" and window.session.snapshot is not None)
    qtbot.waitUntil(lambda: window.session.snapshot.observation.row is None)


def test_drawn_points_are_trained_on_at_once(qtbot: QtBot, window: MainWindow) -> None:
    points = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.1, 0.0], [0.9, 1.0]])
    window.prediction_view.drawn.emit(DrawnPoints("classes", points, np.array([0, 0, 1, 1, 0, 0])))
    qtbot.waitUntil(lambda: window.session.run.data.name == "Drawn points")
    assert window.session.run.settings.hidden == (8, 8)
    qtbot.waitUntil(lambda: step(window) > 20)


def test_the_test_rows_are_measured_when_somebody_asks(qtbot: QtBot, window: MainWindow) -> None:
    line = window.panel.fit.held_out
    assert not line.isVisible()
    window.desk.change({"test": 0.25})
    qtbot.waitUntil(line.isVisible)
    play_to(qtbot, window, 30)
    assert line.measure.text() == "Measure the 100 test rows"
    assert not line.figures.isVisible()
    qtbot.mouseClick(line.measure, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(line.figures.isVisible)
    data, snapshot = window.session.run.data, window.session.snapshot
    shown = predict(snapshot.spec, snapshot.parameters, data.X_test)[0]
    assert f"Accuracy {accuracy_score(data.y_test, shown > 0.5):.3f}" in line.figures.text()
    assert f"loss {log_loss(data.y_test, shown):.4g}" in line.figures.text()
    assert line.figures.text().startswith("Test at step 30: ")


def test_a_large_file_says_how_far_it_is_read(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text(table(60_000), encoding="utf-8")
    said: list[str] = []
    window.desk.reading.connect(lambda *_: said.append(window.notice.sentence))
    window.open_file(path)
    qtbot.waitUntil(lambda: window.session.run.data.name == "large.csv", timeout=20_000)
    assert said
    assert all(sentence.startswith("Reading large.csv: ") and sentence.endswith(" %") for sentence in said)
    assert window.notice.sentence == ""


def test_a_notice_goes_when_another_example_is_opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.door.preview(tmp_path / "gone.csv")
    assert "is gone" in window.notice.sentence
    window.open_example("xor")
    qtbot.waitUntil(lambda: window.session.run.data.name == "XOR")
    assert window.notice.sentence == ""


def test_a_run_trained_while_drawing_gives_way_to_the_next_and_no_other_does(qtbot: QtBot, window: MainWindow) -> None:
    points = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.1, 0.0], [0.9, 1.0]])
    play_to(qtbot, window, 5)
    first = window.session.run.run_id
    kept: list[set[int]] = []
    window.session.run_started.connect(lambda message: kept.append({run.run_id for run in message.other_runs}))
    for live in (False, True, True, True):
        before = window.session.run.run_id
        window.desk.open_drawn(DrawnPoints("classes", points, np.array([0, 0, 1, 1, 0, 0])), live=live)
        qtbot.waitUntil(lambda before=before: window.session.run.run_id > before and step(window) > 10)
    by_hand = first + 1
    assert kept == [{first}, {first, by_hand}, {first, by_hand}, {first, by_hand}]


def test_a_dropped_file_is_shown_and_two_at_once_are_not_taken(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(table(60), encoding="utf-8")
    copy, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)), QUrl.fromLocalFile(str(path))])
    both = QDragEnterEvent(QPoint(200, 200), copy, mime, buttons, keys)
    both.ignore()
    QApplication.sendEvent(window, both)
    assert not both.isAccepted()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(200, 200), copy, mime, buttons, keys))
    QApplication.sendEvent(window, QDropEvent(QPointF(200.0, 200.0), copy, mime, buttons, keys))
    take(qtbot, window, "table.csv")
