"""A data row that is looked at: its point lights up in every picture, and a click on a point chooses its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.data.prepared import Feature, PreparedData, Target
from engine.metrics import part_metrics, predict, predicted_classes
from engine.network_choice import spec_for
from engine.observe import Observer, RowObservation, Watch
from engine.settings import make_settings
from engine.trainer import Trainer
from gui.session.messages import Metrics, RunInfo, RunState, Snapshot
from gui.theme import DARK, LIGHT
from gui.views.prediction_plot import PredictionPlot
from gui.views.prediction_row import find_row, outputs_of, row_lines, row_style
from gui.views.prediction_view import PredictionMode, PredictionView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, when a window opens

SETTINGS = make_settings(hidden=(4,), learning_rate=0.05)
MEAN, SCALE = 100.0, 20.0
TARGET_MEAN, TARGET_SCALE = 50_000.0, 10_000.0
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

MODES = [
    (1, 0, PredictionMode.FIT), (1, 2, PredictionMode.FIT), (1, 3, PredictionMode.FIT),
    (2, 0, PredictionMode.MAP), (2, 2, PredictionMode.MAP), (2, 3, PredictionMode.MAP),
    (5, 0, PredictionMode.SCATTER),
]  # fmt: skip


def table(n_features: int, n_classes: int, n_train: int = 60, n_validation: int = 20, n_test: int = 10) -> PreparedData:
    """Return a table whose rows are split like those of a file, in no order; 0 classes mean a regression."""
    generator = np.random.default_rng(n_features + 10 * n_classes)
    n_rows = n_train + n_validation + n_test
    X = generator.normal(size=(n_rows, n_features))
    if n_classes:
        y = np.digitize(X[:, 0], np.linspace(-1.0, 1.0, n_classes + 1)[1:-1]).astype(float)
        target = Target("kind", "classification", tuple(f"kind {code}" for code in range(n_classes)))
    else:
        y = X[:, 0] + 0.1 * generator.normal(size=n_rows)
        target = Target("price", "regression", mean=TARGET_MEAN, scale=TARGET_SCALE)
    features = tuple(Feature(f"input {k}", f"input {k}", MEAN, SCALE) for k in range(n_features))
    rows = generator.permutation(n_rows) + 1000
    cut, end = n_train, n_train + n_validation
    parts = (X[:cut], y[:cut], X[cut:end], y[cut:end], np.sort(rows[:cut]), np.sort(rows[cut:end]))
    test = {"X_test": X[end:], "y_test": y[end:], "rows_test": np.sort(rows[end:])}
    return PreparedData("table", *parts, features, target, {}, **test)


def run_of(data: PreparedData) -> tuple[RunInfo, Snapshot]:
    spec = spec_for(SETTINGS, data)
    trainer = Trainer(SETTINGS, data)
    for _ in range(20):
        trainer.take_step()

    def metrics(X: Any, y: Any) -> Metrics:
        return Metrics(**part_metrics(data.target, predict(spec, trainer.parameters, X), y))

    snapshot = Snapshot(
        run_id=7, branch_id=0, state=RunState.PAUSED, step=20, epoch=1, last_step=20, settings=SETTINGS, spec=spec,
        learning_rate=0.05, parameters=trainer.parameters.copy(), gradient=None, batch_loss=None,
        measurement=trainer.measure(), train_metrics=metrics(data.X_train, data.y_train),
        validation_metrics=metrics(data.X_validation, data.y_validation),
        observation=Observer(spec, data).observe(trainer.parameters, Watch()),
    )  # fmt: skip
    return RunInfo(7, "run", SETTINGS, spec, data), snapshot


def watching(run: RunInfo, snapshot: Snapshot, row: int) -> Snapshot:
    """Return the snapshot of a training thread that watches a row, its outputs computed by the network itself."""
    chosen = find_row(run.data, row)
    assert chosen is not None
    assert snapshot.observation is not None
    outputs = predict(run.spec, snapshot.parameters, chosen.inputs[None])[:, 0].astype(np.float64)
    watched = RowObservation(row, chosen.part, (chosen.inputs, outputs), 0.1)
    return replace(snapshot, observation=replace(snapshot.observation, row=watched))


Shown = tuple[PredictionView, RunInfo, Snapshot]


@pytest.fixture
def shown(qtbot: Any) -> Callable[[PreparedData], Shown]:
    def show(data: PreparedData) -> Shown:
        view = PredictionView()
        qtbot.addWidget(view)
        qtbot.addWidget(view.head)
        view.resize(420, 380)
        run, snapshot = run_of(data)
        view.set_network(run)
        view.render(snapshot)
        with qtbot.waitExposed(view):
            view.show()
        return view, run, snapshot

    return show


def page(view: PredictionView) -> Any:
    return view._pages[view.mode]  # type: ignore[index]


def pixel(plot: PredictionPlot, x: float, y: float) -> QPoint:
    return plot.mapFromScene(plot.view_box.mapViewToScene(QPointF(x, y)))


def picture_of(widget: QWidget) -> QImage:
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    QWidget.render(widget, image)
    return image


# ---------------------------------------------------------------------- what a row is


def test_a_row_is_found_in_every_part_by_its_number() -> None:
    data = table(3, 0)
    for part in ("train", "validation", "test"):
        rows = getattr(data, f"rows_{part}")
        chosen = find_row(data, int(rows[4]))
        assert chosen is not None
        assert (chosen.part, chosen.position, chosen.number) == (part, 4, rows[4])
        np.testing.assert_array_equal(chosen.inputs, getattr(data, f"X_{part}")[4])
        assert chosen.target == getattr(data, f"y_{part}")[4]
        assert chosen.words == f"row {rows[4] + 1:,}"
    assert find_row(data, 5) is None
    assert find_row(data, None) is None


def test_outputs_come_from_the_watched_row_or_from_the_sample() -> None:
    data = table(3, 3)
    run, snapshot = run_of(data)
    observation = snapshot.observation
    assert observation is not None
    for part, predicted in (("train", observation.train_predictions), ("validation", observation.validation_predictions)):
        chosen = find_row(data, int(getattr(data, f"rows_{part}")[7]))
        assert chosen is not None
        outputs = outputs_of(chosen, observation)
        np.testing.assert_array_equal(outputs, predicted[:, 7])
        np.testing.assert_allclose(outputs, predict(run.spec, snapshot.parameters, chosen.inputs[None])[:, 0], rtol=1e-4)
    held_out = find_row(data, int(data.rows_test[2]))
    assert held_out is not None
    assert outputs_of(held_out, observation) is None
    watched = watching(run, snapshot, held_out.number).observation
    assert watched is not None
    np.testing.assert_array_equal(outputs_of(held_out, watched), predict(run.spec, snapshot.parameters, data.X_test[2:3])[:, 0])
    sampled = replace(observation, train_rows=np.array([0, 9]), train_predictions=observation.train_predictions[:, [0, 9]])
    missing, there = find_row(data, int(data.rows_train[7])), find_row(data, int(data.rows_train[9]))
    assert missing is not None
    assert there is not None
    assert outputs_of(missing, sampled) is None
    np.testing.assert_array_equal(outputs_of(there, sampled), observation.train_predictions[:, 9])


def test_a_row_is_described_in_original_units() -> None:
    data = table(3, 0)
    chosen = find_row(data, int(data.rows_test[0]))
    assert chosen is not None
    lines = row_lines(data, replace(chosen, target=1.5), np.array([-0.25]))
    assert lines == (f"row {chosen.number + 1:,} · test", "actual 65,000", "predicted 47,500")
    classes = table(2, 3)
    first = find_row(classes, int(classes.rows_train[0]))
    assert first is not None
    lines = row_lines(classes, replace(first, target=2.0), np.array([0.2, 0.7, 0.1]))
    assert lines[1:] == ("actual kind 2", "predicted kind 1: 0.700")
    assert row_lines(classes, first, np.array([np.nan, 0.5, 0.5]))[2] == "predicted not finite"
    binary = table(2, 2)
    assert row_lines(binary, replace(first, target=0.0), np.array([0.9]))[2] == "predicted kind 1: 0.900"


def test_test_rows_have_a_mark_of_their_own() -> None:
    data = table(2, 2)
    styles = {part: row_style(LIGHT, data, find_row(data, int(getattr(data, f"rows_{part}")[0])), "o") for part in PARTS}  # type: ignore[arg-type]
    assert len({(style.fill == LIGHT.panel, style.outline == LIGHT.text) for style in styles.values()}) == 3


PARTS = ("train", "validation", "test")


# ---------------------------------------------------------------------- the point lights up


@pytest.mark.parametrize(("n_features", "n_classes", "mode"), MODES)
@pytest.mark.parametrize("part", PARTS)
def test_a_row_lights_up_in_every_picture(shown: Any, n_features: int, n_classes: int, mode: PredictionMode, part: str) -> None:
    data = table(n_features, n_classes)
    view, run, snapshot = shown(data)
    assert view.mode is mode
    row = int(getattr(data, f"rows_{part}")[3])
    view.render(watching(run, snapshot, row))
    before = picture_of(page(view).plot)
    view.show_row(row)
    mark = page(view).plot.mark
    chosen = find_row(data, row)
    assert mark.isVisible()
    assert mark.lines[0] == f"row {row + 1:,} · {part}"
    if mode is PredictionMode.SCATTER:
        outputs = predict(run.spec, snapshot.parameters, chosen.inputs[None])[0, 0]
        place = (chosen.target * TARGET_SCALE + TARGET_MEAN, outputs * TARGET_SCALE + TARGET_MEAN)
        assert mark.place == pytest.approx(place, rel=1e-4)
    else:
        assert mark.place[0] == pytest.approx(chosen.inputs[0] * SCALE + MEAN)
        if mode is PredictionMode.MAP:
            assert mark.place[1] == pytest.approx(chosen.inputs[1] * SCALE + MEAN)
        elif n_classes == 0:
            assert mark.place[1] == pytest.approx(chosen.target * TARGET_SCALE + TARGET_MEAN)
        else:  # in the band of its class: around 0 or 1, or below the curves
            middle = chosen.target if n_classes == 2 else -0.075 - 0.1 * chosen.target
            assert mark.place[1] == pytest.approx(middle, abs=0.036)
    assert picture_of(page(view).plot) != before
    view.show_row(None)
    assert not mark.isVisible()
    assert picture_of(page(view).plot) == before


def test_the_ring_is_drawn_around_the_point(shown: Any) -> None:
    data = table(2, 2)
    view, _, _ = shown(data)
    plot = page(view).plot
    inner = np.abs(data.X_train).max(axis=1).argmin()  # not at the edge
    view.show_row(int(data.rows_train[inner]))
    for theme in (LIGHT, DARK):
        view.set_theme(theme)
        at = pixel(plot, *plot.mark.place)
        image = picture_of(plot)
        around = {QColor(image.pixel(at.x() + dx, at.y())).name() for dx in range(-11, 12)}
        assert theme.text.lower() in around


def test_a_row_that_is_not_among_the_points_drawn_lights_up_too(shown: Any) -> None:
    data = table(2, 2, n_train=4000, n_validation=1000)
    view, _, _ = shown(data)
    plot = page(view).plot
    drawn = set(plot._rows.tolist())
    row = next(int(row) for row in data.rows_train if int(row) not in drawn)
    view.show_row(row)
    chosen = find_row(data, row)
    assert chosen is not None
    assert plot.mark.place == pytest.approx(tuple(chosen.inputs * SCALE + MEAN))
    assert plot.mark._style is not None


@pytest.mark.parametrize(("n_features", "n_classes", "mode"), MODES)
def test_every_point_and_a_chosen_test_row_lie_well_inside_the_axes(
    shown: Any, n_features: int, n_classes: int, mode: PredictionMode
) -> None:
    data = table(n_features, n_classes)
    data.X_validation[4] += 6.0
    data.X_test[2] -= 6.0
    if not n_classes:
        data.y_validation[4] += 6.0
        data.y_test[2] -= 6.0
    view, _run, snapshot = shown(data)
    if mode is PredictionMode.SCATTER:  # what is predicted is not asked to fit in
        truth = replace(
            snapshot.observation, train_predictions=data.y_train[None], validation_predictions=data.y_validation[None]
        )
        view.render(replace(snapshot, observation=truth))
    plot, row = page(view).plot, int(data.rows_test[2])
    view.show_row(row)
    assert int(data.rows_validation[4]) in plot._rows
    inside = plot.view_box.boundingRect().adjusted(5, 5, -5, -5)
    places = plot.mark.mapping().points(plot._x, plot._y)
    assert all(inside.contains(QPointF(*place)) for place in places)
    if mode is not PredictionMode.SCATTER:
        assert inside.contains(plot.mark.mapping().point(*plot.mark.place))


def test_a_scatter_says_where_a_prediction_is_not_known_or_not_finite(shown: Any) -> None:
    data = table(5, 0)
    view, run, snapshot = shown(data)
    row = int(data.rows_test[0])
    view.show_row(row)
    mark = page(view).plot.mark
    assert mark.lines[-1] == "prediction not observed"
    assert mark.place[1] == page(view)._window[0]
    known = watching(run, snapshot, row)
    assert known.observation is not None
    assert known.observation.row is not None
    broken = replace(known.observation.row, activations=(np.zeros(5), np.array([np.nan])))
    view.render(replace(known, observation=replace(known.observation, row=broken)))
    assert mark.lines[-1] == "predicted not finite"
    assert mark._style is None
    far = replace(known.observation.row, activations=(np.zeros(5), np.array([100.0])))
    view.render(replace(known, observation=replace(known.observation, row=far)))
    picture_of(page(view).plot)
    assert mark.place[1] == pytest.approx(100.0 * TARGET_SCALE + TARGET_MEAN)  # drawn at the edge, which the words say


def test_the_words_beside_a_point_of_the_map_follow_the_prediction(shown: Any) -> None:
    data = table(2, 2)
    view, run, snapshot = shown(data)
    row = int(data.rows_test[0])
    view.show_row(row)
    mark = page(view).plot.mark
    assert len(mark.lines) == 2  # the map's rows are not predicted before one is watched
    view.render(watching(run, snapshot, row))
    assert mark.lines[2].startswith("predicted kind ")


def test_the_mark_follows_the_prediction(shown: Any) -> None:
    data = table(5, 0)
    view, _, snapshot = shown(data)
    view.show_row(int(data.rows_train[3]))
    before = page(view).plot.mark.place
    observation = snapshot.observation
    view.render(replace(snapshot, observation=replace(observation, train_predictions=observation.train_predictions + 0.5)))
    after = page(view).plot.mark.place
    assert after[0] == before[0]
    assert after[1] == pytest.approx(before[1] + 0.5 * TARGET_SCALE, rel=1e-4)


def test_a_chosen_row_stays_chosen_in_another_picture_and_goes_with_another_run(shown: Any) -> None:
    data = table(2, 2)
    view, run, snapshot = shown(data)
    row = int(data.rows_validation[0])
    view.show_row(row)
    view.set_mode(PredictionMode.CONFUSION)
    assert page(view).grid.marked is not None
    view.set_mode(PredictionMode.MAP)
    assert page(view).plot.mark.lines[0].startswith(f"row {row + 1:,}")
    view.set_network(run)
    view.render(snapshot)
    assert not page(view).plot.mark.isVisible()


# ---------------------------------------------------------------------- a click chooses


@pytest.mark.parametrize(("n_features", "n_classes", "mode"), MODES)
def test_a_click_on_a_point_chooses_its_row(shown: Any, qtbot: Any, n_features: int, n_classes: int, mode: object) -> None:
    data = table(n_features, n_classes)
    view, _, _ = shown(data)
    plot = page(view).plot
    apart = _loneliest(plot)
    row, place = int(plot._rows[apart]), (float(plot._x[apart]), float(plot._y[apart]))
    with qtbot.waitSignal(view.row_chosen) as signal:
        QTest.mouseClick(plot.viewport(), LEFT, NO_KEY, pixel(plot, *place) + QPoint(2, 1))
    assert signal.args == [row]
    chosen = find_row(data, row)
    assert chosen is not None
    actual, value = chosen.target * TARGET_SCALE + TARGET_MEAN, chosen.inputs[0] * SCALE + MEAN
    assert place[0] == pytest.approx(actual if mode is PredictionMode.SCATTER else value)
    view.show_row(row)
    with qtbot.waitSignal(view.row_chosen) as signal:
        QTest.mouseClick(plot.viewport(), LEFT, NO_KEY, pixel(plot, *place))
    assert signal.args == [None]


def _loneliest(plot: PredictionPlot) -> int:
    """Return the point inside the window that is farthest from all others, so that a click means it alone."""
    points = plot.mark.mapping().points(plot._x, plot._y)
    distances = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) + np.diag(np.full(len(points), np.inf))
    rect = plot.view_box.rect()
    inside = (points > 12.0).all(axis=1) & (points < [rect.width() - 12.0, rect.height() - 12.0]).all(axis=1)
    return int(np.where(inside, distances.min(axis=1), -1.0).argmax())


def test_a_click_on_empty_ground_lets_the_row_go(shown: Any, qtbot: Any) -> None:
    data = table(2, 2)
    view, _, _ = shown(data)
    plot = page(view).plot
    (left, _), (low, _) = plot.view_box.viewRange()
    chosen: list[object] = []
    view.row_chosen.connect(chosen.append)
    corner = pixel(plot, left, low) + QPoint(4, -4)
    QTest.mouseClick(plot.viewport(), LEFT, NO_KEY, corner)
    assert chosen == []  # nothing was chosen, and nothing is
    view.show_row(int(data.rows_train[0]))
    QTest.mouseClick(plot.viewport(), LEFT, NO_KEY, corner)
    assert chosen == [None]
    QTest.mouseClick(plot.viewport(), LEFT, NO_KEY, QPoint(2, 2))  # beside the plot
    assert chosen == [None]


def test_dragging_and_other_buttons_choose_nothing(shown: Any) -> None:
    data = table(2, 2)
    view, _, _ = shown(data)
    plot = page(view).plot
    chosen: list[object] = []
    view.row_chosen.connect(chosen.append)
    at = pixel(plot, float(plot._x[0]), float(plot._y[0]))
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.RightButton, NO_KEY, at)
    QTest.mousePress(plot.viewport(), LEFT, NO_KEY, at + QPoint(40, 0))
    QTest.mouseMove(plot.viewport(), at)
    QTest.mouseRelease(plot.viewport(), LEFT, NO_KEY, at)
    assert chosen == []


# ---------------------------------------------------------------------- confusion


def test_the_cell_of_a_row_is_framed_in_its_part(shown: Any) -> None:
    data = table(5, 4)
    view, _, snapshot = shown(data)
    observation = snapshot.observation
    grid = page(view).grid
    for part, predictions in (("train", observation.train_predictions), ("validation", observation.validation_predictions)):
        row, y = int(getattr(data, f"rows_{part}")[5]), getattr(data, f"y_{part}")[5]
        view.show_row(row)
        assert page(view).part == part
        assert view._part.text().startswith(part)
        assert grid.marked == (int(y), int(predicted_classes(predictions)[5]))
        assert any(text.startswith(f"row {row + 1:,} · {part}, actual kind") for text in page(view).strip.texts())
    view.show_row(None)
    assert grid.marked is None


def test_a_test_row_is_told_but_not_framed(shown: Any) -> None:
    data = table(5, 4)
    view, run, snapshot = shown(data)
    row = int(data.rows_test[1])
    view.show_row(row)
    assert page(view).grid.marked is None
    assert any("not observed" in text for text in page(view).strip.texts())
    view.render(watching(run, snapshot, row))
    predicted = predicted_classes(predict(run.spec, snapshot.parameters, data.X_test[1:2]))[0]
    assert page(view).grid.marked is None  # it is not among the rows counted
    entry = next(entry for entry in page(view).strip._entries if entry.label.startswith("row"))
    assert entry.label.startswith(f"row {row + 1:,} · test, actual kind {int(data.y_test[1])}, predicted kind {predicted}")
    assert f"row {row + 1:,}: not counted here" in page(view).strip.texts()
    assert entry.style is None  # no sign of a frame


def test_no_row_is_framed_among_the_rows_of_another_part(shown: Any) -> None:
    data = table(5, 4)
    view, _, _ = shown(data)
    view.show_row(int(data.rows_validation[5]))
    framed = page(view).grid.marked
    assert framed is not None
    view._part.menu().actions()[1].trigger()
    assert page(view).part == "train"
    assert page(view).grid.marked is None
    view._part.menu().actions()[0].trigger()
    assert page(view).grid.marked == framed


def test_a_click_on_a_cell_chooses_its_first_row(shown: Any, qtbot: Any) -> None:
    data = table(5, 4)
    view, _, snapshot = shown(data)
    grid = page(view).grid
    mistaken = grid._matrix.counts * (1 - np.eye(4, dtype=int))
    cell = tuple(int(index) for index in np.unravel_index(mistaken.argmax(), mistaken.shape))
    with qtbot.waitSignal(view.row_chosen) as signal:
        QTest.mouseClick(grid, LEFT, NO_KEY, grid.cell_rect(cell).center().toPoint())
    row = signal.args[0]
    predicted = predicted_classes(snapshot.observation.validation_predictions)
    first = np.flatnonzero((data.y_validation == cell[0]) & (predicted == cell[1]))[0]
    assert row == data.rows_validation[first]
    view.show_row(row)
    assert grid.marked == cell
    with qtbot.waitSignal(view.row_chosen) as signal:
        QTest.mouseClick(grid, LEFT, NO_KEY, grid.cell_rect(cell).center().toPoint())
    assert signal.args == [None]


# ---------------------------------------------------------------------- one paint


class PaintCounter(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


@pytest.mark.parametrize(("n_features", "n_classes", "mode"), MODES)
def test_a_frame_with_a_chosen_row_makes_no_items_and_paints_once(
    shown: Any, qtbot: Any, n_features: int, n_classes: int, mode: object
) -> None:
    data = table(n_features, n_classes)
    view, run, snapshot = shown(data)
    row = int(data.rows_test[0])
    view.show_row(row)
    qtbot.wait(30)
    plot = page(view).plot
    items, counter = len(plot.scene().items()), PaintCounter(plot.viewport())
    for _ in range(3):
        view.render(watching(run, snapshot, row))
        qtbot.wait(20)
    assert counter.count == 3
    assert len(plot.scene().items()) == items
