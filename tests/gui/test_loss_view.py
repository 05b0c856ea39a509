import dataclasses
import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.data.prepared import Feature, PreparedData, Target
from engine.network import NetworkSpec
from engine.records import Measurement, StepRecords
from engine.settings import Settings
from gui.session.loss_curve import LossCurve
from gui.session.messages import BranchShown, RunInfo, RunState, Snapshot
from gui.theme import DARK, LIGHT
from gui.views.loss_cursor import reading
from gui.views.loss_text import loss_text
from gui.views.loss_view import LossView, loss_names
from gui.views.ticks import axis_end, linear_range, linear_ticks, log_range, log_ticks, step_text, step_ticks, tick_text


def run_info(task="classification", loss="bce"):
    table, row = np.zeros((2, 2)), np.arange(2)
    target = Target("label", task, ("0", "1") if task == "classification" else ())
    data = PreparedData("moons", table, row * 1.0, table, row * 1.0, row, row, (Feature("x1", "x1"),), target, {})
    return RunInfo(1, "run 1", Settings(), NetworkSpec((2, 8, 1), ("tanh", "identity"), loss), data)


def step_records(n, first=1, every=10):
    steps = np.arange(first, first + n)
    train, validation = 0.7 * 0.99 ** (steps / 5) + 0.01, 0.6 * 0.99 ** (steps / 9) + 0.05
    measurements = [Measurement(int(s), 1, train[s - first], validation[s - first]) for s in steps if s % every == 0]
    if first == 1:
        measurements.insert(0, Measurement(0, 0, 0.7, 0.65))
    losses = train * (1.0 + 0.4 * np.sin(steps * 1.7))
    return StepRecords(first, np.ones(n, np.int64), losses, tuple(measurements))


def curve_of(n=600, changes=()):
    curve = LossCurve()
    curve.replace(BranchShown(1, 1, step_records(n), (), tuple(changes)))
    return curve


def snapshot_of(curve, step=None):
    step = curve.step_count if step is None else step
    return Snapshot(
        run_id=1,
        branch_id=1,
        state=RunState.PAUSED,
        step=step,
        epoch=1,
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
    def __init__(self, widget):
        super().__init__(widget)
        self.paints = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.paints += event.type() == QEvent.Type.Paint
        return False


@pytest.fixture
def shown(qtbot):
    def show(curve, step=None, size=(380, 300), theme=LIGHT, run=None):
        view = LossView()
        qtbot.addWidget(view)
        qtbot.addWidget(view.head)
        view.set_theme(theme)
        view.set_network(run or run_info())
        view.set_curve(curve)
        view.resize(*size)
        view.render(snapshot_of(curve, step))
        with qtbot.waitExposed(view):
            view.show()
        settle()
        return view

    return show


def settle():
    for _ in range(3):
        QApplication.processEvents()


def picture(view):
    settle()
    image = view.grab().toImage()
    return np.array([[image.pixel(x, y) for x in range(image.width())] for y in range(image.height())], dtype=np.uint32)


def has_colour(pixels, colour):
    return bool(np.any(pixels == QColor(colour).rgba()))


def at_step(view, step, loss=None):
    """Return the place of a step in the plot's viewport, on the height of a loss or in the upper part."""
    plot = view.plot
    mapping = plot._cursor.mapping()
    y = mapping.point(0.0, plot.display.position(loss)).y() if loss is not None else 5.0
    return plot.mapFromScene(plot.view_box.mapToScene(QPointF(mapping.point(step, 0.0).x(), y)))


# -- one paint per frame ------------------------------------------------------------------------------------------------


def test_one_paint_per_render_while_the_run_grows(shown):
    curve = curve_of(600)
    view = shown(curve)
    plot, legend = PaintCounter(view.plot.viewport()), PaintCounter(view.legend)
    for frame in range(20):
        curve.append(step_records(50, first=curve.step_count + 1))
        view.render(snapshot_of(curve))
        settle()
        assert (plot.paints, legend.paints) == (frame + 1, frame + 1)


def test_one_paint_per_render_in_the_past(shown):
    curve = curve_of(600)
    view = shown(curve)
    counter = PaintCounter(view.plot.viewport())
    for frame, step in enumerate(range(10, 300, 10)):
        view.render(snapshot_of(curve, step))
        settle()
        assert counter.paints == frame + 1


@pytest.mark.parametrize(("start", "growth", "end"), [(610, 17, 780), (41_000, 400, 48_000)])
def test_drawing_grown_step_by_step_equals_drawing_at_once(shown, start, growth, end):
    curve = curve_of(start)
    grown = shown(curve)
    while curve.step_count < end:
        curve.append(step_records(growth, first=curve.step_count + 1))
        grown.render(snapshot_of(curve))
        settle()
    whole = shown(curve)
    assert np.mean(picture(grown) != picture(whole)) < 0.002


# -- what is seen -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("size", [(300, 200), (380, 300), (800, 500)])
def test_curves_are_drawn_in_the_theme(shown, theme, size):
    pixels = picture(shown(curve_of(), size=size, theme=theme))
    for colour in (theme.panel, theme.train, theme.validation, theme.accent):
        assert has_colour(pixels, colour)


def test_without_a_run_the_view_says_what_to_do(qtbot):
    view = LossView()
    qtbot.addWidget(view)
    qtbot.addWidget(view.head)
    assert "Open a CSV file" in view._stack.currentWidget().text()


def test_clear_after_a_run_says_what_to_do_again(shown):
    view = shown(curve_of())
    view.clear()
    assert "Open a CSV file" in view._stack.currentWidget().text()


def test_legend_has_the_values_of_the_snapshot(shown):
    step = curve_of().measurement_at(100).step
    view = shown(curve_of(), step=step)
    measurement = view.plot.display.curve.measurement_at(step)
    batch = view.plot.display.curve.batch_loss_at(step)
    expected = f"train {loss_text(measurement.train_loss)} · validation {loss_text(measurement.validation_loss)}"
    assert view.legend.text == f"{expected} · batch {loss_text(batch)}"
    assert view.plot._note.text() == "600 steps"


def test_losses_of_an_earlier_step_name_it_in_the_legend_and_the_dots_stand_there(shown):
    curve = curve_of(600)
    view = shown(curve, step=600)
    assert "at step" not in view.legend.text
    view.render(dataclasses.replace(snapshot_of(curve), measurement=Measurement(593, 1, 0.5, 0.25), step=597))
    assert view.legend.text.startswith("train 0.5000 · validation 0.2500 · at step 593 · batch ")
    assert view.plot.display.now.step == 593


def test_in_play_the_step_stays_named_and_at_rest_it_goes(shown, monkeypatch):
    monkeypatch.setattr("gui.views.frame_pace.FramePace.takes", lambda self, snapshot: True)
    curve = curve_of(600)
    view = shown(curve, step=600)
    for step, state, named in ((590, RunState.RUNNING, False), (597, RunState.RUNNING, True), (600, RunState.RUNNING, True)):
        view.render(dataclasses.replace(snapshot_of(curve, step), state=state))
        assert ("at step" in view.legend.text) is named
    view.render(snapshot_of(curve, 600))
    assert "at step" not in view.legend.text


def test_losses_the_curve_knows_of_a_later_step_take_the_place_of_older_ones(shown):
    curve = curve_of(600)
    view = shown(curve, step=600)
    known = curve.measurement_at(590)
    view.render(dataclasses.replace(snapshot_of(curve), measurement=curve.measurement_at(0), step=597))
    assert view.plot.display.now == known
    assert view.legend.text.startswith(f"train {loss_text(known.train_loss)} · ")
    assert " · at step 590 · batch " in view.legend.text


def test_losses_of_the_future_are_not_those_of_a_step_of_the_past(shown):
    curve = curve_of(600)
    view = shown(curve, step=600)
    view.render(dataclasses.replace(snapshot_of(curve), measurement=curve.measurement_at(600), step=305))
    assert view.plot.display.now == curve.measurement_at(300)


def test_words_about_the_losses_have_no_line_of_their_own_and_keep_the_batch_loss_in_its_place(shown):
    curve = curve_of(600)
    view = shown(curve, step=600, size=(700, 300))
    view.render(dataclasses.replace(snapshot_of(curve), step=597, measurement=curve.measurement_at(590)))
    places = view.legend._places
    view.render(dataclasses.replace(snapshot_of(curve), step=598, measurement=Measurement(596, 0, 0.125, 0.5)))
    assert view.legend._places == places
    assert [entry.name for entry in view.legend._entries if not entry.colour] == ["at step"]


def test_run_without_validation_rows_has_no_validation_in_the_legend(shown):
    curve = LossCurve()
    curve.append(StepRecords(1, np.ones(1, np.int64), np.ones(1), (Measurement(0, 0, 1.0, None), Measurement(1, 1, 0.5, None))))
    assert "validation" not in shown(curve).legend.text


def test_run_that_ended_not_finite_shows_it(shown):
    curve = curve_of(20)
    curve.append(StepRecords(21, np.ones(2, np.int64), np.array([1.2e45, math.nan]), (Measurement(21, 1, 1.2e45, math.inf),)))
    view = shown(curve)
    assert "1 not finite" in view.legend.text
    assert "train 1.2e+45" in view.legend.text
    assert has_colour(picture(view), LIGHT.not_finite)


def test_run_at_step_0_is_drawn(shown):
    curve = LossCurve()
    curve.append(StepRecords(1, np.empty(0, np.int64), np.empty(0), (Measurement(0, 0, 0.7, 0.65),)))
    view = shown(curve)
    assert view.plot._note.text() == "0 steps"
    assert has_colour(picture(view), LIGHT.train)


def test_future_is_faded(shown):
    curve = curve_of()
    now, past = picture(shown(curve)), picture(shown(curve, step=200))
    train = QColor(LIGHT.train).rgba()
    assert np.count_nonzero(past == train) < np.count_nonzero(now == train)


def test_losses_of_zero_and_of_one_value_are_drawn(shown):
    for losses in ([0.0] * 5, [0.5] * 5):
        curve = LossCurve()
        measurements = [Measurement(step, 1, loss, loss) for step, loss in enumerate(losses)]
        curve.append(StepRecords(1, np.ones(4, np.int64), np.array(losses[1:]), tuple(measurements)))
        view = shown(curve)
        view._set_logarithmic(False)
        settle()


@pytest.mark.parametrize(
    ("task", "loss", "name"),
    [
        ("regression", "mse", "loss (mean squared error, standardised target)"),
        ("classification", "mse", "loss (mean squared error)"),
        ("classification", "bce", "loss (binary cross-entropy)"),
    ],
)
def test_loss_axis_says_which_loss(task, loss, name):
    assert loss_names(run_info(task, loss))[0] == name


def test_view_hidden_while_the_run_went_on_catches_up(shown):
    curve = curve_of(100)
    view = shown(curve)
    view.hide()
    curve.append(step_records(400, first=101))
    view.render(snapshot_of(curve))
    view.show()
    settle()
    assert view.plot._note.text() == "500 steps"


# -- the head -----------------------------------------------------------------------------------------------------------


def test_head_switches_between_logarithmic_and_linear(shown):
    view = shown(curve_of())
    logarithmic = view.plot.viewRange()[1]
    view._scale.menu().actions()[1].trigger()
    assert view._scale.text() == "linear ▾"
    assert view.plot.viewRange()[1] != logarithmic
    assert view.plot.viewRange()[1][0] == 0.0


def test_head_smooths_the_batch_loss_and_says_so(shown):
    view = shown(curve_of())
    view._smoothing.menu().actions()[1].trigger()
    assert view._smoothing.text() == "smoothing 10 ▾"
    assert "batch, median of 10" in view.legend.text
    view._smoothing.menu().actions()[0].trigger()
    assert view._smoothing.text() == "smoothing off ▾"
    assert "median" not in view.legend.text


# -- zoom ---------------------------------------------------------------------------------------------------------------


def wheel(view, step, notches=1, modifiers=Qt.KeyboardModifier.NoModifier):
    place = QPointF(at_step(view, step))
    viewport = view.plot.viewport()
    event = QWheelEvent(
        place, QPointF(viewport.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def test_wheel_zooms_around_the_pointer_and_stays_while_the_run_grows(shown):
    curve = curve_of()
    view = shown(curve)
    before = at_step(view, 300)
    wheel(view, 300, notches=5)
    (low, high), _ = view.plot.viewRange()
    assert high - low < 300
    assert abs(at_step(view, 300).x() - before.x()) <= 2
    assert view._whole_run.isVisibleTo(view.head)
    curve.append(step_records(1000, first=601))
    view.render(snapshot_of(curve))
    assert view.plot.viewRange()[0] == [low, high]
    view._whole_run.click()
    assert view.plot.viewRange()[0][1] >= 1600
    assert not view._whole_run.isVisibleTo(view.head)


def test_zooming_all_the_way_out_is_the_whole_run_again(shown):
    view = shown(curve_of())
    wheel(view, 300, notches=3)
    wheel(view, 300, notches=-10)
    assert not view.plot.zoomed


def test_ctrl_and_wheel_zoom_the_loss(shown):
    view = shown(curve_of())
    x_range, y_range = view.plot.viewRange()
    wheel(view, 300, notches=2, modifiers=Qt.KeyboardModifier.ControlModifier)
    assert view.plot.viewRange()[0] == x_range
    assert np.ptp(view.plot.viewRange()[1]) < np.ptp(y_range)


def test_drag_moves_the_window_and_chooses_no_step(shown, qtbot):
    view = shown(curve_of())
    wheel(view, 300, notches=5)
    low = view.plot.viewRange()[0][0]
    chosen = []
    view.step_chosen.connect(chosen.append)
    start = at_step(view, 320)
    QTest.mousePress(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view.plot.viewport(), start - QPoint(40, 0))
    QTest.mouseRelease(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=start - QPoint(40, 0))
    assert view.plot.viewRange()[0][0] > low
    assert chosen == []


# -- choosing a step ----------------------------------------------------------------------------------------------------


def test_double_click_chooses_the_step(shown, qtbot):
    view = shown(curve_of())
    with qtbot.waitSignal(view.step_chosen) as signal:
        QTest.mouseDClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=at_step(view, 250))
    assert abs(signal.args[0] - 250) <= 2
    assert isinstance(signal.args[0], int)


def test_click_on_a_curve_chooses_the_step_and_beside_it_does_not(shown):
    view = shown(curve_of())
    chosen = []
    view.step_chosen.connect(chosen.append)
    loss = view.plot.display.curve.measurement_at(250).train_loss
    QTest.mouseClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=at_step(view, 250, loss))
    assert len(chosen) == 1
    assert abs(chosen[0] - 250) <= 2
    QTest.mouseClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=at_step(view, 250))
    assert len(chosen) == 1


def test_double_click_beyond_the_end_chooses_the_end(shown, qtbot):
    view = shown(curve_of(610))
    with qtbot.waitSignal(view.step_chosen) as signal:
        QTest.mouseDClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=at_step(view, 700))
    assert signal.args == [610]


def test_pointer_in_the_plot_reads_the_numbers_there(shown):
    view = shown(curve_of())
    QTest.mouseMove(view.plot.viewport(), at_step(view, 200))
    settle()
    assert abs(view.plot.display.hover_step - 200) <= 2
    assert has_colour(picture(view), LIGHT.text)


# -- the reading --------------------------------------------------------------------------------------------------------


def test_reading_of_a_step():
    curve = curve_of(600, changes=[(298, "learning rate 0.01 → 0.1")])
    rows = {row.label: row.value for row in reading(curve, 297, column=3, near=2)}
    measurement = curve.measurement_at(290)
    _, low, high = curve.batch_range(296, 298, 1)
    assert rows == {
        "step": "297",
        "train": loss_text(measurement.train_loss),
        "validation": loss_text(measurement.validation_loss),
        "measured at step": "290",
        "batch, 3 steps": f"{loss_text(low[0])} to {loss_text(high[0])}",
        "change at 298": "learning rate 0.01 → 0.1",
    }


def test_reading_counts_losses_that_are_not_finite():
    curve = LossCurve()
    curve.append(StepRecords(1, np.ones(3, np.int64), np.array([1.0, math.nan, math.inf])))
    assert reading(curve, 2, column=3)[-1].value == "1.000 to 1.000, 2 not finite"
    assert reading(curve, 3, column=1)[-1].value == loss_text(math.inf)


def test_reading_at_step_0_has_no_batch():
    assert [row.label for row in reading(curve_of(), 0)] == ["step", "train", "validation"]


# -- ticks and texts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "text"),
    [(0.0391234, "0.03912"), (12.345, "12.35"), (54321.0, "54,321"), (1.2e45, "1.2e+45"), (0.0, "0"), (None, "–")],
)
def test_loss_text(loss, text):
    assert loss_text(loss) == text


@pytest.mark.parametrize(("last", "end"), [(0, 10), (10, 10), (11, 12), (600, 600), (601, 800), (1_000_000, 1_000_000)])
def test_axis_end(last, end):
    assert axis_end(last) == end


def test_axis_end_leaves_room_but_not_much():
    for last in range(10, 5_000, 7):
        assert last <= axis_end(last) <= max(10, last * 1.34)


def test_log_ticks_are_1_2_5_then_decades_then_every_few_decades():
    assert log_ticks(math.log10(0.02), 0.0, 8) == [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    assert log_ticks(-4.0, 0.0, 6) == [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    wide = log_ticks(-5.0, 45.3, 8)
    assert 4 <= len(wide) <= 8
    assert wide[-1] == pytest.approx(1e40)


@pytest.mark.parametrize("low", [-300.0, -3.2, 0.0, 1.7])
@pytest.mark.parametrize("span", [0.01, 0.3, 1.0, 4.0, 60.0, 290.0])
@pytest.mark.parametrize("n_max", [3, 6, 12])
def test_log_ticks_are_never_too_many_and_inside(low, span, n_max):
    ticks = log_ticks(low, low + span, n_max)
    assert len(ticks) <= n_max
    assert all(low - 1e-6 <= math.log10(tick) <= low + span + 1e-6 for tick in ticks)


def test_ranges_hold_what_they_are_for():
    for low, high in [(0.0391, 0.7), (0.69, 0.7), (1e-9, 1.2e45), (3.0, 3.0), (1e-300, 1e-299)]:
        bottom, top = log_range(low, high)
        assert bottom <= math.log10(low) <= math.log10(high) <= top
        assert linear_range(low, high)[0] <= low <= high <= linear_range(low, high)[1]


def test_linear_and_step_ticks():
    assert linear_ticks(0.0, 600.0, 5) == [0.0, 200.0, 400.0, 600.0]
    assert step_ticks(0.0, 3.0, 9) == [0.0, 1.0, 2.0, 3.0]
    assert linear_ticks(1.0, 1.0, 5) == []
    assert (step_text(200_000, 500_000), step_text(250_000, 1e6), step_text(0, 1e6)) == ("200,000", "0.25M", "0")
    assert (tick_text(0.05), tick_text(1e45), tick_text(1e-5), tick_text(0)) == ("0.05", "1e+45", "1e−5", "0")


def test_the_loss_of_now_is_inside_in_a_first_epoch_without_another_measurement(shown):
    n = 600
    losses = np.geomspace(0.7, 0.01, n)
    curve = LossCurve()
    records = StepRecords(1, np.ones(n, np.int64), losses, (Measurement(0, 0, 0.7, 0.65),))
    curve.replace(BranchShown(1, 1, records, ()))
    view = shown(curve)
    view.render(dataclasses.replace(snapshot_of(curve), measurement=Measurement(n, 1, 0.011, 0.009)))
    settle()
    bottom, top = view.plot.viewRange()[1]
    assert bottom < math.log10(0.009)
    assert math.log10(0.7) < top
