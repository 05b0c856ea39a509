import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from engine.data.prepared import Feature, PreparedData, Target
from engine.network import NetworkSpec
from engine.records import Measurement, StepRecords
from engine.settings import Settings
from gui.session.loss_curve import LossCurve
from gui.session.messages import BranchInfo, BranchShown, RunInfo, RunState, Snapshot
from gui.theme import DARK, LIGHT, TIMELINE_HEIGHT
from gui.views.line_marks import branch_label, fork_marks
from gui.views.timeline import TimelineView
from gui.views.timeline_figures import step_from

ONE = (BranchInfo(1, None, 0, 600),)
TREE = (
    BranchInfo(1, None, 0, 20_000),
    BranchInfo(2, 1, 12_000, 15_000, "learning rate 0.01 → 0.03"),
    BranchInfo(3, 2, 13_000, 14_000, "batch 32 → 8"),
    BranchInfo(4, 1, 16_000, 17_000),
)


def run_info(run_id=1, n_validation=2):
    table, row = np.zeros((2, 2)), np.arange(2)
    validation = np.arange(n_validation)
    data = PreparedData(
        "moons", table, row * 1.0, table[:n_validation], validation * 1.0, row, validation,
        (Feature("x1", "x1"),), Target("label", "classification", ("0", "1")), {},
    )  # fmt: skip
    return RunInfo(run_id, f"run {run_id} · two moons", Settings(), NetworkSpec((2, 1), ("identity",), "bce"), data)


def step_records(n, first=1, every=10):
    steps = np.arange(first, first + n)
    measurements = [Measurement(int(s), 1, 0.7 * 0.999**s, 0.05 + abs(0.001 * (s - 300))) for s in steps if s % every == 0]
    if first == 1:
        measurements.insert(0, Measurement(0, 0, 0.7, 0.65))
    return StepRecords(first, np.ones(n, np.int64), 0.7 * 0.999**steps, tuple(measurements))


def curve_of(n=600, changes=()):
    curve = LossCurve()
    curve.replace(BranchShown(1, 1, step_records(n), (), tuple(changes)))
    return curve


def snapshot_of(curve, step=None, state=RunState.PAUSED):
    step = curve.step_count if step is None else step
    return Snapshot(
        run_id=1,
        branch_id=1,
        state=state,
        step=step,
        epoch=48,
        last_step=curve.step_count,
        settings=Settings(),
        spec=NetworkSpec((2, 1), ("identity",), "bce"),
        learning_rate=0.01,
        parameters=np.zeros(1),
        gradient=None,
        batch_loss=curve.batch_loss_at(step),
        measurement=curve.measurement_at(step),
        train_metrics=None,
        validation_metrics=None,
        observation=None,
    )


class PaintCounter(QObject):
    def __init__(self, *widgets):
        super().__init__()
        self.paints = dict.fromkeys(widgets, 0)
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.paints[watched] += 1
        return False


def settle():
    for _ in range(3):
        QApplication.processEvents()


@pytest.fixture
def shown(qtbot):
    windows = []  # the fixed height of a timeline is for its window to keep; without a reference the window would be gone

    def show(curve, step=None, width=1024, theme=LIGHT, branches=ONE, state=RunState.PAUSED):
        window = QWidget()
        qtbot.addWidget(window)
        windows.append(window)
        view = TimelineView(window)
        view.set_theme(theme)
        view.set_network(run_info())
        view.set_runs(run_info(), ())
        view.set_branches(branches, 1)
        view.set_curve(curve)
        window.resize(width, TIMELINE_HEIGHT)
        view.setGeometry(window.rect())
        view.render(snapshot_of(curve, step, state))
        with qtbot.waitExposed(window):
            window.show()
        settle()
        return view

    return show


@pytest.fixture
def requests():
    return []


def place(view, step):
    return QPoint(round(view.track.x_of(step)), 35)


# -- figures ------------------------------------------------------------------------------------------------------------


def test_figures_are_those_of_the_snapshot(shown):
    view = shown(curve_of(12_345))
    assert (view.step.value, view.epoch.value) == ("12,345", "48")
    assert view.train.caption == "train, step 12,340"
    view.render(snapshot_of(curve_of(600)))
    assert view.train.caption == "train loss"
    assert view.validation.value == "0.3500"
    assert view.validation.accessibleName() == "validation loss 0.3500"


def test_losses_that_are_not_finite_or_huge_are_said(shown):
    curve = curve_of(20)
    curve.append(StepRecords(21, np.ones(1, np.int64), np.array([math.nan]), (Measurement(21, 1, 1.2e45, math.nan),)))
    view = shown(curve)
    assert (view.train.value, view.validation.value) == ("1.2e+45", "not finite")


def test_run_without_validation_rows_has_no_validation_figure(shown):
    view = shown(curve_of())
    view.set_network(run_info(n_validation=0))
    assert not view.validation.isVisible()


def test_clear_shows_no_numbers_and_takes_no_clicks(shown, requests):
    view = shown(curve_of())
    view.step_requested.connect(requests.append)
    view.clear()
    QTest.mouseClick(view.track, Qt.MouseButton.LeftButton, pos=QPoint(200, 35))
    assert {figure.value for figure in (view.step, view.epoch, view.train, view.validation)} == {"–"}
    assert "No run yet" in view._message.text()
    assert requests == []


# -- painting -----------------------------------------------------------------------------------------------------------


def test_each_part_is_painted_at_most_once_per_render(shown):
    curve = curve_of(600)
    view = shown(curve)
    counter = PaintCounter(view, *view.findChildren(QWidget))
    for frame in range(10):
        curve.append(step_records(40, first=curve.step_count + 1))
        view.render(snapshot_of(curve))
        settle()
        assert counter.paints[view.track] == frame + 1
        assert max(counter.paints.values()) == frame + 1


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("width", [700, 1024, 1920])
def test_track_has_curves_best_and_cursor_in_the_theme(shown, theme, width):
    image = shown(curve_of(), width=width, theme=theme).grab().toImage()
    colours = {image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(image.height())}
    assert {theme.train.upper(), theme.validation.upper(), theme.accent.upper(), theme.field.upper()} <= colours


def test_loss_that_is_not_finite_is_marked_on_the_track(shown):
    curve = curve_of(300)
    curve.append(StepRecords(301, np.ones(1, np.int64), np.array([math.nan]), ()))
    curve.append(step_records(299, first=302))
    image = shown(curve).grab().toImage()
    wanted = QColor(LIGHT.not_finite).rgba()
    assert any(image.pixel(x, 40) == wanted for x in range(image.width()))


# -- dragging and clicking ----------------------------------------------------------------------------------------------


def test_drag_asks_for_every_step_it_passes_and_the_cursor_follows_at_once(shown, requests):
    view = shown(curve_of())
    view.step_requested.connect(requests.append)
    QTest.mousePress(view.track, Qt.MouseButton.LeftButton, pos=place(view, 500))
    for step in (400, 300, 100):
        QTest.mouseMove(view.track, place(view, step))
        assert abs(view.track.shown_step - step) <= 1
    QTest.mouseRelease(view.track, Qt.MouseButton.LeftButton, pos=place(view, 100))
    assert np.allclose(requests, [500, 400, 300, 100], atol=1)
    assert all(isinstance(step, int) for step in requests)
    assert abs(view.track.shown_step - 100) <= 1
    view.render(snapshot_of(curve_of(), step=requests[-1]))
    assert view.track.shown_step == requests[-1]


def test_drag_beyond_the_ends_stays_on_the_line(shown, requests):
    view = shown(curve_of())
    view.step_requested.connect(requests.append)
    QTest.mousePress(view.track, Qt.MouseButton.LeftButton, pos=place(view, 300))
    QTest.mouseMove(view.track, QPoint(-500, 35))
    QTest.mouseMove(view.track, QPoint(5000, 35))
    QTest.mouseRelease(view.track, Qt.MouseButton.LeftButton, pos=QPoint(5000, 35))
    assert requests[1:] == [0, 600]


def test_snapshots_on_the_way_do_not_take_the_cursor_from_the_hand(shown):
    curve = curve_of()
    view = shown(curve)
    QTest.mousePress(view.track, Qt.MouseButton.LeftButton, pos=place(view, 200))
    asked = view.track.shown_step
    view.render(snapshot_of(curve, step=450))
    assert view.track.shown_step == asked
    QTest.mouseRelease(view.track, Qt.MouseButton.LeftButton, pos=place(view, 200))


def test_click_jumps_once(shown, requests):
    view = shown(curve_of())
    view.step_requested.connect(requests.append)
    QTest.mouseClick(view.track, Qt.MouseButton.LeftButton, pos=place(view, 250))
    assert len(requests) == 1
    assert abs(requests[0] - 250) <= 1


@pytest.mark.parametrize(
    ("key", "step"), [(Qt.Key.Key_Home, 0), (Qt.Key.Key_End, 600), (Qt.Key.Key_PageUp, 240), (Qt.Key.Key_PageDown, 360)]
)
def test_keys_move_along_the_line(shown, qtbot, key, step):
    view = shown(curve_of(), step=300)
    with qtbot.waitSignal(view.step_requested) as signal:
        QTest.keyClick(view.track, key)
    assert signal.args == [step]


@pytest.mark.parametrize("key", [Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_R])
def test_window_keys_are_left_to_the_window(shown, key):
    view = shown(curve_of(), step=300)
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    event.accept()
    view.track.keyPressEvent(event)
    assert not event.isAccepted()


# -- go to step ---------------------------------------------------------------------------------------------------------


def test_step_typed_is_asked_for(shown, qtbot):
    view = shown(curve_of())
    QTest.mouseDClick(view.step, Qt.MouseButton.LeftButton)
    assert view.step.field.isVisible()
    view.step.field.setText("1 23")
    with qtbot.waitSignal(view.step_requested) as signal:
        QTest.keyClick(view.step.field, Qt.Key.Key_Return)
    assert signal.args == [123]
    assert not view.step.field.isVisible()


@pytest.mark.qt_log_ignore("does not support raise")  # the tooltip, on a display without windows to raise
@pytest.mark.parametrize("text", ["601", "-1", "abc", "", "1.5"])
def test_step_that_is_none_is_refused_at_the_field(shown, requests, text):
    view = shown(curve_of())
    view.step_requested.connect(requests.append)
    view.step.open_field()
    view.step.field.setText(text)
    QTest.keyClick(view.step.field, Qt.Key.Key_Return)
    assert view.step.field.isVisible()
    assert view.step.field.property("invalid")
    assert "from 0 to 600" in view.step.field.toolTip()
    QTest.keyClick(view.step.field, Qt.Key.Key_Escape)
    assert not view.step.field.isVisible()
    assert requests == []


def test_step_from():
    assert [step_from(text) for text in ("12,345", "12 345", "12345", "x", "")] == [12_345, 12_345, 12_345, None, None]


# -- the past -----------------------------------------------------------------------------------------------------------


def test_at_the_end_nothing_is_said_about_a_future(shown):
    view = shown(curve_of())
    assert not view._message.isVisible()
    assert not view._to_end.isVisible()


@pytest.mark.parametrize(("state", "word"), [(RunState.PAUSED, "in the past"), (RunState.RUNNING, "replaying")])
def test_in_the_past_the_recorded_future_is_said_and_one_click_away(shown, qtbot, state, word):
    view = shown(curve_of(20_000), step=12_340, state=state, width=1440)
    assert view._message.text() == f"{word}: the recorded future goes on to step 20,000 ·"
    with qtbot.waitSignal(view.step_requested) as signal:
        view._to_end.click()
    assert signal.args == [20_000]
    view.render(snapshot_of(curve_of(20_000)))
    assert not view._to_end.isVisible()


# -- runs and branches --------------------------------------------------------------------------------------------------


def test_one_run_and_one_branch_leave_nothing_to_choose(shown):
    view = shown(curve_of())
    assert not view.runs.isVisible()
    assert not view.branches.isVisible()


def test_branch_is_chosen_from_the_menu(shown, qtbot):
    view = shown(curve_of(20_000), branches=TREE)
    assert view.branches.text() == "branch 1 of 4 ▾"
    actions = view.branches.menu().actions()
    assert [action.isChecked() for action in actions] == [True, False, False, False]
    with qtbot.waitSignal(view.branch_chosen) as signal:
        actions[2].trigger()
    assert signal.args == [3]
    assert view.branches.text() == "branch 1 of 4 ▾"


def test_run_is_chosen_from_the_menu(shown, qtbot):
    view = shown(curve_of())
    view.set_runs(run_info(2), (run_info(3), run_info(1)))
    assert view.runs.text() == "run 2 of 3 ▾"
    with qtbot.waitSignal(view.run_chosen) as signal:
        view.runs.menu().actions()[0].trigger()
    assert signal.args == [1]


def test_marks_tell_what_they_stand_for(shown):
    view = shown(curve_of(20_000, changes=[(5_000, "batch 32 → 8")]), branches=TREE)
    assert view.track.text_at(view.track.x_of(5_000)) == "step 5,000: batch 32 → 8"
    assert view.track.text_at(view.track.x_of(12_000)) == "step 12,000: branch 2 leaves here: learning rate 0.01 → 0.03"
    assert "lowest validation loss" in view.track.text_at(view.track.x_of(300))
    assert view.track.text_at(view.track.x_of(8_000)) == ""


def test_forks_of_the_first_line():
    assert [(mark.step, mark.text) for mark in fork_marks(TREE, 1)] == [
        (12_000, "branch 2 leaves here: learning rate 0.01 → 0.03"),
        (16_000, "branch 4 leaves here"),
    ]


def test_forks_of_a_line_through_two_parents():
    assert [(mark.step, mark.text) for mark in fork_marks(TREE, 3)] == [
        (12_000, "branch 2 begins here: learning rate 0.01 → 0.03"),
        (13_000, "branch 3 begins here: batch 32 → 8"),
    ]


def test_forks_without_branches():
    assert fork_marks((), 1) == []


def test_branch_labels():
    assert branch_label(TREE[0], 1) == "branch 1 · from the start to 20,000"
    assert branch_label(TREE[1], 2) == "branch 2 · from step 12,000 to 15,000 · learning rate 0.01 → 0.03"


def test_parts_have_names_for_people_who_hear(shown):
    view = shown(curve_of(), branches=TREE)
    figures = (view.step, view.epoch, view.train, view.validation)
    for part in (view, view.track, *figures, view.branches, view.runs, view.step.field):
        assert part.accessibleName()
