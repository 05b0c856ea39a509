"""The tool bar: what it asks for, what it shows, and that nothing is cut when it gets narrow."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from engine.settings import Settings, make_settings
from gui.appearance import Appearance
from gui.panels.optimizer_menu import optimizer_label
from gui.panels.toolbar import Example, Toolbar
from gui.panels.toolbar_choices import LEARNING_RATES, SPEEDS
from gui.session.messages import RunState, Unit
from gui.theme import TOOLBAR_HEIGHT

EXAMPLES = (Example("moons", "Two moons", "two half circles"), Example("sine", "Sine", "one input"))
KEYS = {"open": "Ctrl+O", "reset": "R", "back": "Left", "play": "Space", "step": "Right"}


@pytest.fixture
def toolbar(qapp: QApplication, qtbot) -> Toolbar:
    Appearance(qapp, "light")
    bar = Toolbar(EXAMPLES, KEYS)
    qtbot.addWidget(bar)
    bar.resize(1440, TOOLBAR_HEIGHT)
    bar.show_state(RunState.PAUSED, can_go_back=True)
    bar.show()
    return bar


def click(qtbot, button: QWidget) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("button", "signal"),
    [
        ("open", "open_requested"),
        ("reset", "reset_requested"),
        ("back", "back_requested"),
        ("play", "play_toggled"),
        ("step", "step_requested"),
    ],
)
def test_a_click_asks(toolbar: Toolbar, qtbot, button: str, signal: str):
    with qtbot.waitSignal(getattr(toolbar, signal)):
        click(qtbot, getattr(toolbar, button))


def test_buttons_take_no_focus_by_click(toolbar: Toolbar):
    buttons = toolbar.findChildren(QAbstractButton)
    assert len(buttons) >= 9
    assert all(not button.focusPolicy() & Qt.FocusPolicy.ClickFocus for button in buttons)
    assert all(button.focusPolicy() & Qt.FocusPolicy.TabFocus for button in buttons)


def test_every_button_has_a_name_and_a_tip(toolbar: Toolbar):
    for button in toolbar.findChildren(QAbstractButton):
        assert button.toolTip()
        assert button.accessibleName() or button.text() or button is toolbar.more


@pytest.mark.parametrize(
    ("state", "reset", "back", "play", "step"),
    [
        (RunState.IDLE, True, True, True, True),
        (RunState.RUNNING, True, True, True, True),
        (RunState.PAUSED, True, True, True, True),
        (RunState.FAILED, True, True, False, False),
    ],
)
def test_state_enables_buttons(toolbar: Toolbar, state: RunState, reset: bool, back: bool, play: bool, step: bool):
    toolbar.show_state(state, can_go_back=True)
    enabled = [button.isEnabled() for button in (toolbar.reset, toolbar.back, toolbar.play, toolbar.step)]
    assert enabled == [reset, back, play, step]


def test_no_way_back_from_step_0(toolbar: Toolbar):
    toolbar.show_state(RunState.PAUSED, can_go_back=False)
    assert not toolbar.back.isEnabled()


def test_play_becomes_pause_in_place(toolbar: Toolbar):
    before = toolbar.play.geometry()
    assert toolbar.play.text() == "Play"
    assert toolbar.play.toolTip() == "Play (Space)"
    toolbar.show_state(RunState.RUNNING, can_go_back=True)
    QApplication.processEvents()
    assert toolbar.play.text() == "Pause"
    assert toolbar.play.toolTip() == "Pause (Space)"
    assert toolbar.play.geometry() == before


def test_examples_menu_names_and_describes(toolbar: Toolbar, qtbot):
    first = toolbar.examples.choices.actions()[0]
    assert first.text() == "Two moons\ttwo half circles"
    with qtbot.waitSignal(toolbar.example_chosen) as chosen:
        first.trigger()
    assert chosen.args == ["moons"]


def test_unit_is_asked_for_and_named_in_the_tips(toolbar: Toolbar, qtbot):
    with qtbot.waitSignal(toolbar.unit_changed) as changed:
        toolbar.unit.choices.actions()[1].trigger()
    assert changed.args == [Unit.EPOCH]
    assert toolbar.unit.text() == "Step: epoch"
    assert toolbar.step.toolTip() == "Forward one epoch (Right)"


def test_speed_ends_with_full(toolbar: Toolbar, qtbot):
    slider = toolbar.speed.slider
    with qtbot.waitSignal(toolbar.speed_changed) as changed:
        qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(1, slider.height() // 2))
    assert changed.args == [SPEEDS[0]]
    with qtbot.waitSignal(toolbar.speed_changed) as changed:
        qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 1, slider.height() // 2))
    assert changed.args == [None]
    toolbar.show_speed(30.0)
    assert toolbar._speed_value.text() == "30/s"


def test_learning_rate_slider_goes_from_stop_to_stop(toolbar: Toolbar, qtbot):
    slider = toolbar.learning_rate.slider
    toolbar.show_settings(Settings(learning_rate=0.012))
    with qtbot.waitSignal(toolbar.settings_changed) as changed:
        qtbot.keyClick(slider, Qt.Key.Key_Up)
    (asked,) = changed.args
    assert asked["learning_rate"] in LEARNING_RATES
    assert asked["learning_rate"] > 0.012


def test_showing_settings_asks_for_nothing(toolbar: Toolbar, qtbot):
    with qtbot.assertNotEmitted(toolbar.settings_changed):
        toolbar.show_settings(make_settings(learning_rate=0.5, optimizer="sgd", momentum=0.9, batch_size="full"))
    assert toolbar.learning_rate_field.text() == "0.5"
    assert toolbar.optimizer.text() == "Momentum 0.9"
    assert toolbar.batch.text() == "Batch full"
    assert [action.text() for action in toolbar.optimizer.choices.actions() if action.isChecked()] == ["Momentum 0.9"]


def test_a_rate_beyond_the_slider_is_shown_as_it_is(toolbar: Toolbar):
    toolbar.show_settings(make_settings(learning_rate=1e6))
    assert toolbar.learning_rate_field.text() == "1e6"
    assert toolbar.learning_rate.slider.value() == toolbar.learning_rate.slider.maximum()


def test_any_rate_can_be_typed(toolbar: Toolbar, qtbot):
    field = toolbar.learning_rate_field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0,0123")
    with qtbot.waitSignal(toolbar.settings_changed) as changed:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert changed.args == [{"learning_rate": 0.0123}]


def test_a_refused_rate_is_taken_back(toolbar: Toolbar):
    toolbar.learning_rate.slider.chosen.emit(5.0)
    assert toolbar.learning_rate_field.text() == "5"
    toolbar.show_settings(Settings())
    assert toolbar.learning_rate_field.text() == "0.01"


def test_a_wrong_rate_is_said_where_it_is_made(toolbar: Toolbar, qtbot):
    field = toolbar.learning_rate_field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "-1")
    with qtbot.assertNotEmitted(toolbar.settings_changed):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.property("invalid") is True
    assert toolbar._error.isVisible()
    assert toolbar._error.text() == "'-1' is not allowed; it should be more than 0."
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not toolbar._error.isVisible()
    assert field.text() == "0.01"


@pytest.mark.parametrize(
    ("index", "asked"),
    [(0, {"optimizer": "sgd", "momentum": 0.0}), (1, {"optimizer": "sgd", "momentum": 0.9}), (2, {"optimizer": "adam"})],
)
def test_optimizers(toolbar: Toolbar, qtbot, index: int, asked: dict[str, object]):
    with qtbot.waitSignal(toolbar.settings_changed) as changed:
        toolbar.optimizer.choices.actions()[index].trigger()
    assert changed.args == [asked]
    make_settings(**asked)


def test_batch_sizes(toolbar: Toolbar, qtbot):
    with qtbot.waitSignal(toolbar.settings_changed) as changed:
        toolbar.batch.choices.actions()[0].trigger()
    assert changed.args == [{"batch_size": 1}]


def test_any_batch_size_can_be_typed_in_the_menu(toolbar: Toolbar, qtbot):
    field = toolbar._batch_entry._field
    field.setText("0")
    field.setModified(True)
    field.editingFinished.emit()
    assert "at least 1 row" in toolbar._batch_entry._sentence.text()
    field.setText("48")
    field.setModified(True)
    with qtbot.waitSignal(toolbar.settings_changed) as changed:
        field.editingFinished.emit()
    assert changed.args == [{"batch_size": 48}]


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"optimizer": "adam"}, "Adam"),
        ({"optimizer": "sgd"}, "SGD"),
        ({"optimizer": "sgd", "momentum": 0.5}, "Momentum 0.5"),
    ],
)
def test_optimizer_label(changes: dict[str, object], label: str):
    assert optimizer_label(make_settings(**changes)) == label


def test_rates_keep_their_width(toolbar: Toolbar):
    widths = set()
    for steps, frames in ((1.0, 1.0), (12_140.0, 30.0), (250_000.0, 60.0)):
        toolbar.show_rates(steps, frames)
        QApplication.processEvents()
        widths.add(toolbar.status.width())
    assert len(widths) == 1
    toolbar.show_rates(12_140.0, 30.0)
    assert toolbar.status._figures.text() == "12,140 steps/s · 30 frames/s"


@pytest.mark.parametrize("width", [1920, 1440, 1280, 1100, 1024, 900, 800])
def test_nothing_is_cut(toolbar: Toolbar, width: int):
    toolbar.resize(width, TOOLBAR_HEIGHT)
    QApplication.processEvents()
    shown = [
        each for each in toolbar.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly) if each.isVisible()
    ]
    places = sorted((each.geometry() for each in shown), key=lambda place: place.left())
    assert places[-1].right() < width
    assert all(left.right() < right.left() for left, right in itertools.pairwise(places))
    buttons = [each for each in shown if isinstance(each, QAbstractButton)]
    assert all(each.width() >= each.minimumSizeHint().width() for each in buttons if each.text())


def test_at_1024_all_controls_are_in_the_bar(toolbar: Toolbar):
    toolbar.resize(1024, TOOLBAR_HEIGHT)
    QApplication.processEvents()
    assert toolbar.optimizer.isVisible()
    assert toolbar.batch.isVisible()
    assert not toolbar.more.isVisible()


def test_what_does_not_fit_stays_reachable(toolbar: Toolbar):
    toolbar.resize(toolbar.minimumSizeHint().width(), TOOLBAR_HEIGHT)
    QApplication.processEvents()
    assert not toolbar.batch.isVisible()
    assert toolbar.more.isVisible()
    menus = [action.menu() for action in toolbar.more.menu().actions()]
    assert menus == [toolbar.optimizer.choices, toolbar.batch.choices]


def test_an_uncommon_value_is_shown_in_full(toolbar: Toolbar):
    toolbar.show_settings(make_settings(optimizer="sgd", momentum=0.975, batch_size=16_384))
    QApplication.processEvents()
    for button, label in ((toolbar.optimizer, "Momentum 0.975"), (toolbar.batch, "Batch 16384")):
        assert button.text() == label
        assert button.width() >= button.fontMetrics().horizontalAdvance(label) + 30
