"""The prediction panel: the right picture for the data, in original units, honest about samples and what is not finite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from sklearn.metrics import confusion_matrix

from engine.data.prepared import Feature, PreparedData, Target
from engine.metrics import part_metrics, predict, predicted_classes
from engine.network_choice import spec_for
from engine.observe import Observation, Observer, Watch
from engine.settings import make_settings
from engine.trainer import Trainer
from gui.session.messages import Metrics, RunInfo, RunState, Snapshot
from gui.theme import DARK, LIGHT, rgb
from gui.views.confusion import MAX_CLASSES, confusion, places_of
from gui.views.map_colours import ClassColours, SignColours
from gui.views.prediction_confusion import PredictionConfusion
from gui.views.prediction_fit import PredictionFit
from gui.views.prediction_map import PredictionMap
from gui.views.prediction_points import MAX_POINTS, drawn_rows, spread_apart
from gui.views.prediction_scatter import PredictionScatter
from gui.views.prediction_view import PredictionMode, PredictionView, modes_for

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, when a window opens

SETTINGS = make_settings(hidden=(4,), learning_rate=0.05)
MEAN, SCALE = 100.0, 20.0
TARGET_MEAN, TARGET_SCALE = 50_000.0, 10_000.0


def table(n_features: int, n_classes: int, n_train: int = 60, n_validation: int = 20) -> PreparedData:
    """Return a table of standardised inputs; 0 classes mean a regression."""
    generator = np.random.default_rng(n_features + 10 * n_classes)
    X = generator.normal(size=(n_train + n_validation, n_features))
    if n_classes:
        y = np.digitize(X[:, 0], np.linspace(-1.0, 1.0, n_classes + 1)[1:-1]).astype(float)
        target = Target("kind", "classification", tuple(f"kind {code}" for code in range(n_classes)))
    else:
        y = X[:, 0] + 0.1 * generator.normal(size=len(X))
        target = Target("price", "regression", mean=TARGET_MEAN, scale=TARGET_SCALE)
    features = tuple(Feature(f"input {k}", f"input {k}", MEAN, SCALE) for k in range(n_features))
    rows = np.arange(len(X))
    parts = (X[:n_train], y[:n_train], X[n_train:], y[n_train:], rows[:n_train], rows[n_train:])
    return PreparedData("table", *parts, features, target, {})


def run_of(data: PreparedData, steps: int = 30) -> tuple[RunInfo, Snapshot]:
    """Return a run and its snapshot after some updates of the real trainer."""
    spec = spec_for(SETTINGS, data)
    trainer = Trainer(SETTINGS, data)
    for _ in range(steps):
        trainer.take_step()

    def metrics(X: Any, y: Any) -> Metrics:
        return Metrics(**part_metrics(data.target, predict(spec, trainer.parameters, X), y))

    snapshot = Snapshot(
        run_id=7, branch_id=0, state=RunState.RUNNING, step=steps, epoch=1, last_step=steps, settings=SETTINGS,
        spec=spec, learning_rate=SETTINGS.learning_rate,
        parameters=trainer.parameters.copy(), gradient=None, batch_loss=None, measurement=trainer.measure(),
        train_metrics=metrics(data.X_train, data.y_train), validation_metrics=metrics(data.X_validation, data.y_validation),
        observation=Observer(spec, data).observe(trainer.parameters, Watch()),
    )  # fmt: skip
    return RunInfo(7, "run", SETTINGS, spec, data), snapshot


def observed(snapshot: Snapshot) -> Observation:
    assert snapshot.observation is not None
    return snapshot.observation


@pytest.fixture
def shown(qtbot: Any) -> Callable[[PreparedData], tuple[PredictionView, Snapshot]]:
    def show(data: PreparedData) -> tuple[PredictionView, Snapshot]:
        view = PredictionView()
        qtbot.addWidget(view)
        qtbot.addWidget(view.head)
        run, snapshot = run_of(data)
        view.set_network(run)
        view.render(snapshot)
        view.resize(380, 330)
        return view, snapshot

    return show


def page(view: PredictionView) -> Any:
    return view._pages[view.mode]  # type: ignore[index]


def picture_of(widget: QWidget, ratio: float = 1.0) -> QImage:
    image = QImage(widget.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    QWidget.render(widget, image)
    return image


class PaintCounter(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


# ---------------------------------------------------------------------- which picture


@pytest.mark.parametrize(
    ("n_features", "n_classes", "kind"),
    [
        (1, 0, PredictionFit), (1, 2, PredictionFit), (1, 3, PredictionFit),
        (2, 0, PredictionMap), (2, 2, PredictionMap), (2, 3, PredictionMap),
        (5, 0, PredictionScatter), (5, 2, PredictionConfusion), (5, 4, PredictionConfusion),
    ],
)  # fmt: skip
def test_shows_the_picture_that_suits_the_data(shown: Any, n_features: int, n_classes: int, kind: type) -> None:
    view, _ = shown(table(n_features, n_classes))
    assert isinstance(page(view), kind)
    assert view.needs_maps != view.needs_rows
    for theme in (LIGHT, DARK):
        view.set_theme(theme)
        for size in ((300, 200), (380, 330), (740, 290), (900, 500)):
            view.resize(*size)
            for ratio in (1.0, 1.5):
                image = picture_of(view, ratio)
                assert image.pixelColor(1, image.height() - 2) == QColor(theme.panel)


def test_says_what_to_do_while_there_is_nothing_to_show(qtbot: Any) -> None:
    view = PredictionView()
    qtbot.addWidget(view)
    assert "Open a CSV file" in view._empty.text()
    assert view.mode is None
    view.clear("Something else.")
    assert view._empty.text() == "Something else."


def test_ignores_snapshots_of_another_run_and_without_observation(shown: Any) -> None:
    view, snapshot = shown(table(2, 2))
    before = page(view)._observation
    view.render(replace(snapshot, run_id=8, observation=replace(observed(snapshot))))
    view.render(replace(snapshot, observation=None))
    assert page(view)._observation is before


def test_ignores_what_was_not_watched(shown: Any) -> None:
    view, snapshot = shown(table(2, 2))
    nothing = replace(observed(snapshot), prediction_map=np.zeros((1, 0, 0), dtype=np.float32))
    before = page(view)._observation
    view.render(replace(snapshot, observation=nothing))
    assert page(view)._observation is before


def test_other_pictures_are_chosen_in_the_head(shown: Any, qtbot: Any) -> None:
    view, _ = shown(table(5, 3))
    assert modes_for(view._run) == (PredictionMode.CONFUSION, PredictionMode.MAP)
    with qtbot.waitSignal(view.mode_changed) as signal:
        view._choice.menu().actions()[1].trigger()
    assert signal.args == [PredictionMode.MAP]
    assert isinstance(page(view), PredictionMap)
    assert view._choice.menu().actions()[1].isChecked()
    assert view._inputs.text() == "input 0 × input 1"
    assert "3 other inputs at the mean" in page(view).strip.texts()


# ---------------------------------------------------------------------- one paint, no new items


@pytest.mark.parametrize(("n_features", "n_classes"), [(1, 0), (2, 2), (2, 0), (5, 0)])
def test_a_frame_makes_no_items_and_paints_once(shown: Any, qtbot: Any, n_features: int, n_classes: int) -> None:
    view, snapshot = shown(table(n_features, n_classes))
    with qtbot.waitExposed(view):
        view.show()
    qtbot.wait(50)
    plot = page(view).plot
    items, ranges = len(plot.scene().items()), plot.view_box.viewRange()
    counter = PaintCounter(plot.viewport())
    for _ in range(3):
        view.render(replace(snapshot, observation=replace(observed(snapshot))))
        qtbot.wait(20)
    assert counter.count == 3
    assert len(plot.scene().items()) == items
    assert plot.view_box.viewRange() == ranges


# ---------------------------------------------------------------------- maps


def test_map_is_in_original_units(shown: Any) -> None:
    view, snapshot = shown(table(2, 2))
    plot = page(view).plot
    axis = observed(snapshot).axis_x * SCALE + MEAN
    (low, high), _ = plot.view_box.viewRange()
    assert low < axis[0] < axis[-1] < high
    assert high - low == pytest.approx((axis[-1] - axis[0]) * len(axis) / (len(axis) - 1), rel=1e-4)
    assert plot.bottom_axis._names[0] == "input 0 (original units)"
    assert "scaled for training" in plot.bottom_axis.toolTip()


def test_points_of_few_values_are_drawn_whole(shown: Any) -> None:
    data = table(2, 2)
    data.X_train[:] = np.sign(data.X_train)
    data.X_validation[:] = np.sign(data.X_validation)
    view, _ = shown(data)
    view.resize(266, 200)  # the panel of the smallest window
    picture_of(view)
    assert "equal values drawn apart" in page(view).strip.texts()
    plot = page(view).plot
    inside = plot.view_box.boundingRect().adjusted(4, 4, -4, -4)
    assert all(inside.contains(QPointF(*place)) for place in plot.mark.mapping().points(plot._x, plot._y))


@pytest.mark.parametrize(("name", "words"), [
    ("price", "price (original units)"),
    ("price (EUR)", "price (EUR), original units"),
    ("mass [kg]", "mass [kg], original units"),
])  # fmt: skip
def test_an_axis_never_has_two_pairs_of_brackets(shown: Any, name: str, words: str) -> None:
    data = table(2, 2)
    first, _ = shown(replace(data, features=(replace(data.features[0], name=name), data.features[1])))
    assert page(first).plot.bottom_axis._names == (words, name)
    one, many = table(1, 0), table(5, 0)
    curve, _ = shown(replace(one, target=replace(one.target, name=name)))
    assert page(curve).plot.left_axis._names == (words, name)
    scatter, _ = shown(replace(many, target=replace(many.target, name=name)))
    assert page(scatter).plot.left_axis._names[0] == f"predicted {words}"
    assert page(scatter).plot.bottom_axis._names[0] == f"actual {words}"


def test_map_names_classes_with_their_markers(shown: Any) -> None:
    view, _ = shown(table(2, 3))
    entries = page(view).strip._entries
    assert [entry.label for entry in entries[:3]] == ["kind 0", "kind 1", "kind 2"]
    assert len({entry.style.symbol for entry in entries[:3]}) == 3
    assert "filled: train, open: validation" in page(view).strip.texts()


def test_two_classes_take_the_colours_of_the_signs() -> None:
    colours, n_not_finite = SignColours(LIGHT, 0.0, 1.0)(np.array([[[0.0, 0.5, 1.0, np.nan]]]))
    table_ends = SignColours(LIGHT, 0.0, 1.0).table[[0, 127, 255], :3]
    seen = [QColor(int(colour)) for colour in colours[0, :3]]
    assert [(colour.red(), colour.green(), colour.blue()) for colour in seen] == [tuple(row) for row in table_ends.tolist()]
    assert QColor(int(colours[0, 3])).name().upper() == LIGHT.not_finite
    assert n_not_finite == 1


def test_classes_are_mixed_by_probability() -> None:
    shares = np.array([[[1.0, 0.0, np.inf]], [[0.0, 0.5, 0.0]], [[0.0, 0.5, 0.0]]])
    colours, n_not_finite = ClassColours(DARK, 3)(shares)
    assert n_not_finite == 1
    assert QColor(int(colours[0, 2])).name().upper() == DARK.not_finite
    red = QColor(int(colours[0, 0])).red()
    assert abs(red - rgb(DARK.classes[0])[0]) < 90
    assert colours[0, 0] != colours[0, 1]


def test_huge_finite_values_take_the_ends_of_the_scale() -> None:
    huge = np.array([[[-3e38, 3e38]]], dtype=np.float32)
    colours, n_not_finite = SignColours(LIGHT, -1.0, 1.0)(huge)
    assert n_not_finite == 0
    assert colours[0, 0] != colours[0, 1]
    assert ClassColours(LIGHT, 3)(np.repeat(huge, 3, axis=0))[1] == 0


def test_map_counts_what_is_not_finite(shown: Any) -> None:
    view, snapshot = shown(table(2, 2))
    broken = observed(snapshot).prediction_map.copy()
    broken[0, 0, :3] = np.nan
    view.render(replace(snapshot, observation=replace(observed(snapshot), prediction_map=broken)))
    assert "3 cells not finite" in page(view).strip.texts()


def test_map_says_the_prediction_under_the_pointer(shown: Any) -> None:
    view, snapshot = shown(table(2, 2))
    observation = observed(snapshot)
    x, y = float(observation.axis_x[4]) * SCALE + MEAN, float(observation.axis_y[9]) * SCALE + MEAN
    share = float(observation.prediction_map[0, 9, 4])
    name, likely = ("kind 1", share) if share > 0.5 else ("kind 0", 1.0 - share)
    assert f"{name}: {likely:.2f}"[:-1] in page(view).text_at(x, y)
    regression, _ = shown(table(2, 0))
    assert "predicted price" in page(regression).text_at(MEAN, MEAN)


def test_regression_map_has_a_scale_in_original_units(shown: Any) -> None:
    view, _ = shown(table(2, 0))
    bar = page(view).bar
    assert bar.isVisibleTo(view)
    texts = [text for _, text in bar._ticks]
    assert "50,000" in texts
    assert not page(shown(table(2, 2))[0]).bar.isVisibleTo(view)


# ---------------------------------------------------------------------- samples


def test_at_most_a_thousand_points_are_drawn_and_said(shown: Any) -> None:
    data = table(2, 2, n_train=4000, n_validation=1000)
    rows = drawn_rows(data)
    assert (len(rows.train), len(rows.validation), rows.total) == (800, 200, 5000)
    assert rows.n_drawn == MAX_POINTS
    assert (rows.train[0], rows.train[-1]) == (0, 3999)
    view, _ = shown(data)
    assert "1,000 of 5,000 rows" in page(view).strip.texts()
    assert sum(len(group.x) for group in page(view)._points._groups) == MAX_POINTS


def test_equal_rows_are_drawn_apart_only_where_values_are_few() -> None:
    few = (np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0]))
    (first, second), moved = spread_apart(few, 0)
    assert moved
    assert len(np.unique(np.concatenate([first, second]))) == 6
    assert np.abs(first - few[0]).max() <= 0.04
    many = (np.arange(50.0), np.arange(50.0))
    assert spread_apart(many, 0) == (many, False)


# ---------------------------------------------------------------------- curve


def test_curve_is_the_prediction_in_original_units(shown: Any) -> None:
    view, snapshot = shown(table(1, 0))
    observation = observed(snapshot)
    curves = page(view)._curves
    np.testing.assert_allclose(curves._x, observation.axis_x * SCALE + MEAN, rtol=1e-6)
    expected = observation.prediction_map[0, 0].astype(float) * TARGET_SCALE + TARGET_MEAN
    np.testing.assert_allclose(curves._curves, expected[None], rtol=1e-6)
    assert page(view).plot.left_axis._names[0] == "price (original units)"


def test_curves_show_the_probability_of_classes(shown: Any) -> None:
    two, snapshot = shown(table(1, 2))
    np.testing.assert_allclose(page(two)._curves._curves[0], observed(snapshot).prediction_map[0, 0], rtol=1e-6)
    assert page(two).plot.left_axis._names[0] == "probability of kind 1"
    three, _ = shown(table(1, 3))
    assert len(page(three)._curves._curves) == 3
    heights = np.concatenate([group.y for group in page(three)._points._groups])
    assert heights.max() < 0.0  # the lanes lie below the curves


def test_curve_counts_what_is_not_finite(shown: Any) -> None:
    view, snapshot = shown(table(1, 0))
    broken = observed(snapshot).prediction_map.copy()
    broken[0, :, :2] = np.inf
    view.render(replace(snapshot, observation=replace(observed(snapshot), prediction_map=broken)))
    assert "2 values not finite" in page(view).strip.texts()
    picture_of(view)


# ---------------------------------------------------------------------- predicted against actual


def test_scatter_is_in_original_units_and_counts_what_it_cannot_draw(shown: Any) -> None:
    data = table(5, 0)
    view, snapshot = shown(data)
    observation = observed(snapshot)
    actual, predicted = page(view)._points._places[0]
    np.testing.assert_allclose(actual, data.y_train[observation.train_rows] * TARGET_SCALE + TARGET_MEAN)
    np.testing.assert_allclose(predicted, observation.train_predictions[0] * TARGET_SCALE + TARGET_MEAN, rtol=1e-6)
    assert "80 of 80 rows" in page(view).strip.texts()
    broken = observation.train_predictions.copy()
    broken[0, :2], broken[0, 2] = np.nan, 1e6
    view.render(replace(snapshot, observation=replace(observation, train_predictions=broken)))
    texts = page(view).strip.texts()
    assert "2 predictions not finite" in texts
    assert any("1 predictions outside the window" in text or "1 prediction outside the window" in text for text in texts)
    assert len(page(view)._points._places[0][0]) == 57


def test_scatter_says_the_metrics_of_all_rows_and_their_step(shown: Any) -> None:
    view, snapshot = shown(table(5, 0))
    assert snapshot.train_metrics is not None
    assert f"R² {snapshot.train_metrics.r2:.3f}" in page(view).strip.texts()[0]
    view.render(replace(snapshot, step=99))
    assert "R² and RMSE at step 30" in page(view).strip.texts()


# ---------------------------------------------------------------------- confusion matrix


def test_confusion_agrees_with_scikit_learn(shown: Any) -> None:
    data = table(5, 4)
    view, snapshot = shown(data)
    observation = observed(snapshot)
    predicted = predicted_classes(observation.validation_predictions)
    expected = confusion_matrix(data.y_validation[observation.validation_rows], predicted, labels=range(4))
    np.testing.assert_array_equal(page(view).grid._matrix.counts, expected)
    view._part.menu().actions()[1].trigger()
    assert page(view).part == "train"
    assert page(view).grid._matrix.counts.sum() == 60
    assert "60 of 60 train rows" in page(view).strip.texts()


def test_confusion_takes_the_rarest_classes_together() -> None:
    codes = np.concatenate([np.repeat(np.arange(20.0), 5), np.repeat(np.arange(11.0), 3)])
    places = places_of(20, codes)
    assert places.max() == MAX_CLASSES - 1
    matrix = confusion(tuple(str(code) for code in range(20)), codes, codes.astype(np.int64), places)
    assert matrix.names == (*(str(code) for code in range(11)), "9 others")
    assert matrix.counts.sum() == len(codes)
    assert matrix.counts[-1, -1] == 45
    np.testing.assert_allclose(matrix.shares().sum(axis=1), 1.0)


def test_confusion_leaves_out_what_is_not_finite() -> None:
    matrix = confusion(("no", "yes"), np.array([0.0, 1.0, 1.0]), np.array([0, 1, -1]), places_of(2, np.array([0.0])))
    assert matrix.n_not_finite == 1
    assert matrix.counts.tolist() == [[1, 0], [0, 1]]


def test_confusion_says_a_cell_in_words(shown: Any) -> None:
    view, _ = shown(table(5, 2))
    picture_of(view)
    grid = page(view).grid
    area = grid._area()
    words = grid.text_at(area.left() + 5, area.top() + 5)
    assert words.startswith("actual kind 0, predicted kind 0")
    assert grid.text_at(1.0, 1.0) == ""


def test_hovering_the_plot_says_what_is_there(shown: Any, qtbot: Any) -> None:
    view, _ = shown(table(2, 2))
    with qtbot.waitExposed(view):
        view.show()
    plot = page(view).plot
    centre = plot.mapFromScene(plot.view_box.sceneBoundingRect().center())
    with qtbot.waitSignal(plot.hovered) as signal:
        qtbot.mouseMove(plot.viewport(), QPoint(centre.x() + 3, centre.y()))
    assert signal.args[0] is not None
