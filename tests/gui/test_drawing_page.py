"""Drawing in the prediction panel with a real pointer and real keys, and training on what was drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSlider, QApplication, QPushButton, QVBoxLayout, QWidget

from engine.data.examples.catalogue import example_data
from engine.data.examples.drawn import NAME, DrawnPoints, drawn_data
from engine.data.prepared import PreparedData
from engine.network_choice import spec_for
from engine.observe import Observer, Watch
from engine.settings import make_settings
from engine.trainer import Trainer
from gui.session.messages import RunInfo, RunState, Snapshot
from gui.theme import DARK, LIGHT
from gui.views.drawing_canvas import DrawingCanvas
from gui.views.drawing_pace import LIVE_PAUSE_MS
from gui.views.drawing_page import DrawingPage
from gui.views.drawing_tools import ERASER
from gui.views.prediction_map import PredictionMap
from gui.views.prediction_view import PredictionView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, when a window opens

SETTINGS = make_settings(hidden=(4,), learning_rate=0.05)
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def run_of(data: PreparedData, run_id: int = 7) -> tuple[RunInfo, Snapshot]:
    spec = spec_for(SETTINGS, data)
    trainer = Trainer(SETTINGS, data)
    for _ in range(20):
        trainer.take_step()
    snapshot = Snapshot(
        run_id=run_id, branch_id=0, state=RunState.PAUSED, step=20, epoch=1, last_step=20, settings=SETTINGS, spec=spec,
        learning_rate=0.05, parameters=trainer.parameters.copy(), gradient=None, batch_loss=None,
        measurement=trainer.measure(), train_metrics=None, validation_metrics=None,
        observation=Observer(spec, data).observe(trainer.parameters, Watch()),
    )  # fmt: skip
    return RunInfo(run_id, "run", SETTINGS, spec, data), snapshot


@pytest.fixture
def view(qtbot: Any) -> PredictionView:
    """Return the prediction panel of a run on two moons, with the plane to draw on open."""
    made = PredictionView()
    qtbot.addWidget(made)
    qtbot.addWidget(made.head)
    made.resize(420, 420)
    run, snapshot = run_of(example_data("two_moons"))
    made.set_network(run)
    made.render(snapshot)
    with qtbot.waitExposed(made):
        made.show()
    made.set_drawing(True)
    qtbot.waitUntil(lambda: page_of(made).canvas.hasFocus())
    return made


@pytest.fixture
def page(view: PredictionView) -> DrawingPage:
    return page_of(view)


def page_of(view: PredictionView) -> DrawingPage:
    assert view.drawing.page is not None
    return view.drawing.page


def pixel(canvas: DrawingCanvas, x: float, y: float) -> QPoint:
    """Return the pixel of the viewport where a place of the plane is."""
    point = canvas.view_box.mapViewToScene(QPointF(x, y))
    return canvas.mapFromScene(point)


def click(canvas: DrawingCanvas, x: float, y: float) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, NO_KEY, pixel(canvas, x, y))


def drag(canvas: DrawingCanvas, *places: tuple[float, float]) -> None:
    QTest.mousePress(canvas.viewport(), LEFT, NO_KEY, pixel(canvas, *places[0]))
    for place in places[1:]:
        QTest.mouseMove(canvas.viewport(), pixel(canvas, *place))
    QTest.mouseRelease(canvas.viewport(), LEFT, NO_KEY, pixel(canvas, *places[-1]))


def two_classes(page: DrawingPage) -> None:
    """Draw three points of class 1 and two of class 2."""
    for x in (-2.0, -1.5, -1.0):
        click(page.canvas, x, 1.0)
    QTest.keyClick(page.canvas, Qt.Key.Key_2)
    for x in (1.0, 2.0):
        click(page.canvas, x, -1.0)


# ---------------------------------------------------------------------- strokes


def test_a_click_draws_one_point_where_the_pointer_is(page: DrawingPage) -> None:
    click(page.canvas, -1.25, 2.0)
    (x_range, _), half_pixel = page.canvas.view_box.viewRange(), 0.5 * 6.0 / page.canvas.view_box.rect().height()
    assert x_range == [-3.0, 3.0]
    np.testing.assert_allclose(page.drawing.state.points, [[-1.25, 2.0]], atol=2 * half_pixel)
    assert page.drawing.state.labels.tolist() == [0]


def test_dragging_draws_points_along_the_way(page: DrawingPage) -> None:
    drag(page.canvas, (-2.0, 0.0), (0.0, 0.0), (2.0, 0.0))
    points = page.drawing.state.points
    spacing = np.diff(points[:, 0])
    assert len(points) > 15
    np.testing.assert_allclose(spacing, spacing[0], rtol=1e-6)
    assert np.ptp(points[:, 1]) == 0.0
    QTest.keyClick(page.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(page.drawing) == 0


def test_a_wide_brush_sprays_inside_its_ring(page: DrawingPage) -> None:
    page.tools.brush.setValue(24)
    click(page.canvas, 0.0, 0.0)
    assert len(page.drawing) == 9
    rect = page.canvas.view_box.rect()
    pixels = page.drawing.state.points / 6.0 * [rect.width(), rect.height()]
    assert np.hypot(*pixels.T).max() <= 25.0


def test_a_stroke_that_leaves_the_plane_draws_only_inside(page: DrawingPage) -> None:
    drag(page.canvas, (2.0, 0.0), (2.9, 0.0), (3.6, 0.0))
    assert page.drawing.state.points[:, 0].max() <= 3.0
    before = len(page.drawing)
    QTest.mouseClick(page.canvas.viewport(), LEFT, NO_KEY, QPoint(3, 3))  # beside the plane
    assert len(page.drawing) == before


def test_two_quick_clicks_draw_two_points(page: DrawingPage) -> None:
    at = pixel(page.canvas, 0.0, 0.0)
    QTest.mouseClick(page.canvas.viewport(), LEFT, NO_KEY, at)
    QTest.mouseDClick(page.canvas.viewport(), LEFT, NO_KEY, at)
    assert len(page.drawing) == 2


def test_other_buttons_draw_nothing(page: DrawingPage) -> None:
    QTest.mouseClick(page.canvas.viewport(), Qt.MouseButton.RightButton, NO_KEY, pixel(page.canvas, 0.0, 0.0))
    assert len(page.drawing) == 0


@pytest.mark.parametrize("key", range(1, 7))
def test_keys_and_buttons_choose_the_class(page: DrawingPage, key: int) -> None:
    QTest.keyClick(page.canvas, str(key))
    click(page.canvas, 0.0, 0.0)
    page.tools._buttons[6 - key].click()
    click(page.canvas, 1.0, 1.0)
    assert page.drawing.state.labels.tolist() == [key - 1, 6 - key]


class Window(QWidget):
    """Stands for the main window: takes the focus of a click beside fields, and keeps the keys of sliders from shortcuts."""

    def __init__(self, view: PredictionView) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        column = QVBoxLayout(self)
        column.addWidget(view.head)
        column.addWidget(view)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(self.focusWidget(), QAbstractSlider):
            event.accept()
            return True
        return super().event(event)


@pytest.fixture
def window(view: PredictionView, qtbot: Any) -> Window:
    made = Window(view)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    page_of(view).canvas.setFocus()
    return made


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEY) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, modifiers)


@pytest.mark.parametrize("used", ["brush", "_eraser", "undo", "clear", "while_drawing", "page", "strip"])
def test_keys_work_after_a_click_on_another_control(window: Window, page: DrawingPage, qtbot: Any, used: str) -> None:
    two_classes(page)
    control = page if used == "page" else getattr(page, used, None) or getattr(page.tools, used)
    qtbot.mouseClick(control, LEFT, pos=QPoint(8, control.height() // 2) if used == "while_drawing" else QPoint())
    before = len(page.drawing)
    assert page.tools.tool == (ERASER if used == "_eraser" else 1)
    for key, tool in ((Qt.Key.Key_4, 3), (Qt.Key.Key_E, ERASER), (Qt.Key.Key_1, 0)):
        press(key)
        assert page.tools.tool == tool
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(page.drawing) != before


@pytest.mark.parametrize("used", ["brush", "_eraser", "undo", "while_drawing", "train", "kind", "draw"])
def test_keys_work_with_the_focus_of_the_keyboard_on_another_control(
    window: Window, view: PredictionView, page: DrawingPage, used: str
) -> None:
    two_classes(page)
    links = dict(zip(("kind", "draw"), view.drawing.links, strict=True))
    control = links.get(used) or getattr(page, used, None) or getattr(page.tools, used)
    control.setFocus(Qt.FocusReason.TabFocusReason)
    assert QApplication.focusWidget() is control
    press(Qt.Key.Key_5)
    assert page.tools.tool == 4
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(page.drawing) == 4


def test_the_focus_returns_from_the_menu_of_kinds(window: Window, view: PredictionView, page: DrawingPage) -> None:
    page.while_drawing.setFocus()
    view.drawing._kind.menu().actions()[1].trigger()
    assert page.canvas.hasFocus()


def test_keys_are_left_alone_where_nothing_is_drawn(window: Window, view: PredictionView, page: DrawingPage) -> None:
    _, draw = view.drawing.links
    view.set_drawing(False)
    draw.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_5)
    assert page.tools.tool == 0


@pytest.mark.parametrize("part", ["canvas", "brush"])
def test_a_hidden_page_gives_the_keys_back_from_every_part(
    window: Window, view: PredictionView, page: DrawingPage, part: str
) -> None:
    focused = page.canvas if part == "canvas" else page.tools.brush
    focused.setFocus()
    view.set_drawing(False)
    assert QApplication.focusWidget() is None


def test_the_eraser_takes_points_away(page: DrawingPage) -> None:
    two_classes(page)
    QTest.keyClick(page.canvas, Qt.Key.Key_E)
    drag(page.canvas, (-2.0, 1.0), (-1.5, 1.0))
    assert page.drawing.state.labels.tolist() == [0, 1, 1]
    page.tools.undo.click()
    assert page.drawing.state.labels.tolist() == [0, 0, 0, 1, 1]
    page.tools.clear.click()
    assert len(page.drawing) == 0
    assert not page.tools.clear.isEnabled()
    page.tools.undo.click()
    assert len(page.drawing) == 5


def test_points_have_the_colours_their_classes_will_have(page: DrawingPage) -> None:
    two_classes(page)
    fills = {group.style.fill for group in page.canvas._points._groups}
    assert fills == {LIGHT.negative, LIGHT.positive}
    QTest.keyClick(page.canvas, Qt.Key.Key_3)
    click(page.canvas, 0.0, 0.0)
    fills = {group.style.fill for group in page.canvas._points._groups}
    assert fills == set(LIGHT.classes[:3])
    page.set_theme(DARK)
    assert {group.style.fill for group in page.canvas._points._groups} == set(DARK.classes[:3])


def test_a_class_in_hand_changes_no_colour_before_it_is_drawn(page: DrawingPage) -> None:
    two_classes(page)
    QTest.keyClick(page.canvas, Qt.Key.Key_4)
    assert {group.style.fill for group in page.canvas._points._groups} == {LIGHT.negative, LIGHT.positive}
    looks = [page.tools._look(label).fill for label in range(6)]
    assert looks[:2] == [LIGHT.negative, LIGHT.positive]
    assert len(set(looks)) == 6
    click(page.canvas, 0.0, 0.0)
    assert page.tools._look(3).fill == looks[3]
    assert LIGHT.negative not in {group.style.fill for group in page.canvas._points._groups}


# ---------------------------------------------------------------------- training


def test_the_button_says_what_is_missing_and_then_trains(view: PredictionView, page: DrawingPage, qtbot: Any) -> None:
    assert not page.train.isEnabled()
    assert page.train.toolTip() == "Draw points of two classes at least."
    assert "Draw points of two classes at least." in page.strip.texts()
    two_classes(page)
    assert page.train.isEnabled()
    assert "class 1 3" in page.strip.texts()
    with qtbot.waitSignal(view.drawn) as signal:
        qtbot.mouseClick(page.train, LEFT)
    points = signal.args[0]
    assert isinstance(points, DrawnPoints)
    assert (points.kind, points.labels.tolist()) == ("classes", [0, 0, 0, 1, 1])
    data = drawn_data(points, SETTINGS)
    assert data.target.classes == ("class 1", "class 2")


def test_the_run_of_a_drawing_takes_the_place_of_the_plane(view: PredictionView, page: DrawingPage) -> None:
    two_classes(page)
    page.train.click()
    run, snapshot = run_of(drawn_data(page.drawing.drawn, SETTINGS), 8)
    view.set_network(run)
    view.render(snapshot)
    assert not view.drawing.shown
    assert isinstance(view._stack.currentWidget(), PredictionMap)
    assert view.needs_maps
    view.set_drawing(True)
    assert len(page.drawing) == 5  # to go on with
    assert "shaded: the network's prediction" in page.strip.texts()
    assert page.canvas.image.isVisible()
    click(page.canvas, 0.0, 2.0)
    page.train.click()
    view.set_network(run_of(drawn_data(page.drawing.drawn, SETTINGS), 9)[0])
    assert not view.drawing.shown  # the second time, too


def test_training_while_drawing_goes_on_after_every_stroke(view: PredictionView, page: DrawingPage) -> None:
    emitted: list[DrawnPoints] = []
    view.drawn.connect(emitted.append)
    page.while_drawing.setChecked(True)
    two_classes(page)
    assert [len(points.labels) for points in emitted] == [4]  # the first drawing that can be learnt from
    let_the_pause_end(page)
    assert [len(points.labels) for points in emitted] == [4, 5]
    run, snapshot = run_of(drawn_data(emitted[-1], SETTINGS), 8)
    view.set_network(run)
    view.render(snapshot)
    assert view.drawing.shown
    assert view.needs_maps
    assert page.canvas.image.isVisible()
    np.testing.assert_array_equal(page.drawing.state.points, emitted[-1].points)


def let_the_pause_end(page: DrawingPage) -> None:
    pause = page._pace._pause
    assert pause.isActive()
    pause.stop()
    pause.timeout.emit()


def test_drawing_starts_one_run_a_second_at_most_and_never_within_a_stroke(view: PredictionView, page: DrawingPage) -> None:
    emitted: list[DrawnPoints] = []
    view.drawn.connect(emitted.append)
    two_classes(page)
    page.while_drawing.setChecked(True)
    for x in (-2.0, -1.0, 0.0, 1.0):
        click(page.canvas, x, 2.0)
    assert [len(points.labels) for points in emitted] == [6]
    assert page._pace._pause.interval() == LIVE_PAUSE_MS >= 1000
    QTest.mousePress(page.canvas.viewport(), LEFT, NO_KEY, pixel(page.canvas, 2.0, 2.0))
    let_the_pause_end(page)
    assert len(emitted) == 1  # the stroke goes on
    QTest.mouseRelease(page.canvas.viewport(), LEFT, NO_KEY, pixel(page.canvas, 2.0, 2.0))
    assert [len(points.labels) for points in emitted] == [6, 10]
    let_the_pause_end(page)
    assert len(emitted) == 2  # nothing new


def test_live_drawing_goes_on_by_itself_after_the_pause(view: PredictionView, page: DrawingPage, qtbot: Any) -> None:
    emitted: list[DrawnPoints] = []
    view.drawn.connect(emitted.append)
    page._pace._pause.setInterval(20)
    page.while_drawing.setChecked(True)
    two_classes(page)
    qtbot.waitUntil(lambda: len(emitted) > 0 and len(emitted[-1].labels) == 5)


def test_a_stroke_that_changes_nothing_starts_no_run(view: PredictionView, page: DrawingPage) -> None:
    two_classes(page)
    page.while_drawing.setChecked(True)
    emitted: list[DrawnPoints] = []
    view.drawn.connect(emitted.append)
    QTest.keyClick(page.canvas, Qt.Key.Key_E)
    drag(page.canvas, (0.0, -2.5), (1.0, -2.5))
    assert not emitted


def test_done_trains_on_what_still_waits_and_other_data_forget_it(view: PredictionView, page: DrawingPage) -> None:
    emitted: list[DrawnPoints] = []
    view.drawn.connect(emitted.append)
    page.while_drawing.setChecked(True)
    two_classes(page)
    view.drawing.links[1].click()
    assert [len(points.labels) for points in emitted] == [4, 5]
    assert not page._pace._pause.isActive()
    view.set_drawing(True)
    click(page.canvas, 0.0, 2.0)
    click(page.canvas, 0.0, 1.0)
    view.set_network(run_of(example_data("circles"), 9)[0])
    assert not view.drawing.shown
    assert not page._pace.waits
    assert len(emitted) == 3


def test_other_data_end_the_drawing_and_keep_it(view: PredictionView, page: DrawingPage) -> None:
    two_classes(page)
    run, snapshot = run_of(example_data("two_moons", seed=1), 8)
    view.set_network(run)  # another network on the same data
    assert view.drawing.shown
    run, snapshot = run_of(example_data("circles"), 9)
    view.set_network(run)
    view.render(snapshot)
    assert not view.drawing.shown
    assert len(page.drawing) == 5


def test_the_map_below_a_drawing_follows_the_axes_of_the_plane(view: PredictionView, page: DrawingPage) -> None:
    two_classes(page)
    data = drawn_data(page.drawing.drawn, SETTINGS)
    run, snapshot = run_of(data, 8)
    page.set_network(run)
    page.render(snapshot)
    straight = (page.canvas.image._colours, page.canvas.image._x_range)
    assert snapshot.observation is not None
    observer = Observer(run.spec, data)
    swapped = observer.observe(snapshot.parameters, Watch(input_pair=(1, 0)))
    page.render(Snapshot(**{name: getattr(snapshot, name) for name in Snapshot.__slots__} | {"observation": swapped}))
    np.testing.assert_array_equal(page.canvas.image._colours, straight[0])
    assert page.canvas.image._x_range == straight[1]


@pytest.mark.parametrize("pair", [(0, 1), (1, 0)])
def test_the_map_below_a_drawing_covers_the_plane(view: PredictionView, page: DrawingPage, pair: tuple[int, int]) -> None:
    assert view.spans is None  # two moons are no drawing
    two_classes(page)
    run, snapshot = run_of(drawn_data(page.drawing.drawn, SETTINGS), 8)
    page.set_network(run)
    observation = Observer(run.spec, run.data).observe(snapshot.parameters, Watch(input_pair=pair, spans=view.spans))
    page.render(replace(snapshot, observation=observation))
    for covered in (page.canvas.image._x_range, page.canvas.image._y_range):
        assert covered[0] == pytest.approx(-3.0, abs=1e-4)
        assert covered[1] == pytest.approx(3.0, abs=1e-4)
    view.set_drawing(False)
    assert view.spans is None


def test_other_bounds_of_the_plane_are_asked_for_at_once(view: PredictionView, page: DrawingPage) -> None:
    run, _ = run_of(example_data("gaussians", n_rows=300, noise=4.0), 8)
    page.set_network(run)
    asked: list[object] = []
    view.mode_changed.connect(asked.append)
    page.tools.take.click()
    assert page.drawing.state.plane[0] != (-3.0, 3.0)
    assert asked


# ---------------------------------------------------------------------- a curve


def test_a_curve_is_drawn_point_by_point(view: PredictionView, page: DrawingPage, qtbot: Any) -> None:
    two_classes(page)
    view.drawing._kind.menu().actions()[1].trigger()
    assert page.kind == "curve"
    assert len(page.drawing) == 0
    assert page.train.toolTip() == "Draw 3 points of the curve at least."
    drag(page.canvas, *((x, np.sin(x)) for x in np.linspace(-2.5, 2.5, 30)))
    with qtbot.waitSignal(view.drawn) as signal:
        page.train.click()
    points = signal.args[0]
    assert points.kind == "curve"
    assert view.spans is None
    assert not points.labels.any()
    assert np.abs(points.points[:, 1] - np.sin(points.points[:, 0])).max() < 0.1
    run, snapshot = run_of(drawn_data(points, SETTINGS), 8)
    view.set_network(run)
    view.set_drawing(True)
    watch = Watch(spans=view.spans)
    view.render(replace(snapshot, observation=Observer(run.spec, run.data).observe(snapshot.parameters, watch)))
    assert page.canvas.curve.isVisible()
    half_cell = 3.0 / 96
    assert (page.canvas.curve._x[0], page.canvas.curve._x[-1]) == pytest.approx((half_cell - 3.0, 3.0 - half_cell), abs=1e-3)
    view.drawing._kind.menu().actions()[0].trigger()
    assert len(page.drawing) == 5  # the classes are still there
    assert not page.canvas.curve.isVisible()


# ---------------------------------------------------------------------- start, bounds, page


def test_a_drawing_can_start_from_the_points_shown(view: PredictionView, page: DrawingPage, qtbot: Any) -> None:
    assert page.tools.take.isVisible()
    qtbot.mouseClick(page.tools.take, LEFT)
    assert len(page.drawing) == 400
    assert (page.drawing.count(0), page.drawing.count(1)) == (200, 200)
    assert not page.tools.take.isVisible()
    page.tools.undo.click()
    assert len(page.drawing) == 0
    view.drawing._kind.menu().actions()[1].trigger()
    assert not page.tools.take.isVisible()  # two moons are no curve


def test_the_bounds_of_the_plane_are_stated(view: PredictionView, page: DrawingPage) -> None:
    assert "x1 and x2 from −3 to 3" in page.strip.texts()
    assert page.canvas.bottom_axis._names == ("x1",)
    run, _ = run_of(example_data("gaussians", n_rows=300, noise=4.0), 8)
    page.set_network(run)
    page.tools.take.click()
    (left, right), (low, high) = page.canvas.view_box.viewRange()
    points = page.drawing.state.points
    assert left < points[:, 0].min() < points[:, 0].max() < right
    assert low < points[:, 1].min() < points[:, 1].max() < high
    across, upward = f"{left:g} to {right:g}", f"{low:g} to {high:g}"
    words = f"x1 and x2 from {across}" if across == upward else f"x1 from {across}, x2 from {upward}"
    assert words.replace("-", "−") in page.strip.texts()


def test_drawing_without_a_run_is_possible(qtbot: Any) -> None:
    view = PredictionView()
    qtbot.addWidget(view)
    qtbot.addWidget(view.head)
    changes: list[object] = []
    view.mode_changed.connect(changes.append)
    view.drawing.links[1].click()
    assert view.drawing.shown
    assert not view.needs_maps
    assert not view.needs_rows
    view.drawing.links[1].click()
    assert not view.drawing.shown
    assert view._stack.currentWidget() is view._empty
    assert changes == [None, None]


def test_only_the_links_of_what_is_shown_are_offered(view: PredictionView) -> None:
    kind, draw = view.drawing.links
    assert [part.isHidden() for part in (view._choice, view._inputs, kind)] == [True, True, False]
    assert draw.text() == "Done"
    draw.click()
    assert [part.isHidden() for part in (view._choice, view._inputs, kind)] == [False, False, True]
    assert draw.text() == "Draw"


def test_the_links_of_both_never_stand_side_by_side(view: PredictionView) -> None:
    """The panel grows with its head at once, and does not shrink again."""
    kind, draw = view.drawing.links
    widest = view.head.sizeHint().width()
    view.head.show()
    view.head.resize(widest, 32)

    class Together(QObject):
        seen = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.ShowToParent:
                self.seen += not (view._choice.isHidden() or kind.isHidden())
            return False

    watcher = Together()
    for link in (kind, view._choice):
        link.installEventFilter(watcher)
    for _ in range(4):
        draw.click()
    assert watcher.seen == 0
    view.head.hide()


def test_a_hidden_page_gives_the_keys_back(view: PredictionView, page: DrawingPage) -> None:
    assert page.canvas.hasFocus()
    view.set_drawing(False)
    assert view.window().focusWidget() is None


def test_drawing_makes_no_items_and_training_paints_the_plane_once(view: PredictionView, page: DrawingPage, qtbot: Any) -> None:
    two_classes(page)
    run, snapshot = run_of(drawn_data(page.drawing.drawn, SETTINGS), 8)
    page.set_network(run)
    page.render(snapshot)
    items = len(page.canvas.scene().items())
    drag(page.canvas, (-2.0, 0.0), (2.0, 0.0))
    page.render(run_of(run.data, 8)[1])
    assert len(page.canvas.scene().items()) == items


@pytest.mark.parametrize("size", [(240, 180), (266, 240), (420, 420), (900, 600)])
def test_everything_fits_at_every_size(view: PredictionView, page: DrawingPage, qtbot: Any, size: tuple[int, int]) -> None:
    view.resize(*size)
    two_classes(page)
    qtbot.wait(10)
    assert page.canvas.view_box.rect().height() > 20
    button = page.findChild(QPushButton)
    assert button is not None
    assert page.rect().contains(button.geometry())
    if size[0] >= 266:  # the panel of the smallest window
        for part in (*page.tools._buttons, page.tools._eraser, page.tools.undo, page.tools.clear):
            assert page.tools.rect().contains(part.geometry())
            assert part.isVisible()
            assert part.width() >= min(part.sizeHint().width(), 29)


def test_a_run_of_drawn_points_offers_no_points_to_take(page: DrawingPage) -> None:
    two_classes(page)
    run, _ = run_of(drawn_data(page.drawing.drawn, SETTINGS), 8)
    assert run.data.name == NAME
    page.set_network(run)
    page.tools.clear.click()
    assert not page.tools.take.isVisible()
    assert page.tools.clear.isVisible()
