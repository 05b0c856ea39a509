"""Changing the network in its diagram: what is typed there is what the engine computes with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.session.messages import RunState
from gui.views.network_geometry import LinkId, UnitId
from tests.gui.driving import play_to, seek, step


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
