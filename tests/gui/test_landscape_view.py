"""The loss landscape panel: what it draws and says, that the path grows with training, and that it stays cheap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

from engine.data.prepared import Feature, PreparedData, Target
from engine.landscape.position import interpolated_loss
from engine.network_choice import spec_for
from engine.records import Measurement
from engine.settings import make_settings
from engine.trainer import Trainer
from gui.session.landscape_worker import pictures, position_of
from gui.session.messages import LandscapePosition, LandscapeRequest, RunInfo, RunState, Snapshot
from gui.theme import DARK, LIGHT
from gui.views.landscape_layers import thinned
from gui.views.landscape_trail import MOST_POINTS, Trail
from gui.views.landscape_view import LandscapeView, scale_ticks
from gui.views.loss_text import loss_text

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, when a window opens

SETTINGS = make_settings(hidden=(3,), learning_rate=0.05)
STEPS = 40


class Story:
    """A short real run: its surfaces, coarse first, and the snapshots and positions after the last of them."""

    def __init__(self) -> None:
        data = _table()
        spec = spec_for(SETTINGS, data)
        trainer = Trainer(SETTINGS, data)
        path = [trainer.parameters.copy()]
        for _ in range(STEPS):
            trainer.take_step()
            path.append(trainer.parameters.copy())
        self.run = RunInfo(5, "run", SETTINGS, spec, data)
        request = LandscapeRequest(5, 1, spec, data, np.arange(STEPS + 1), np.array(path), grid=17)
        self.pictures = [picture for picture in pictures(request) if picture is not None]
        self.frames: list[tuple[Snapshot, LandscapePosition]] = []
        for step in range(STEPS, STEPS + 30):
            measurement = trainer.measure()
            snapshot = Snapshot(
                run_id=5, branch_id=0, state=RunState.RUNNING, step=step, epoch=1, last_step=step, settings=SETTINGS,
                spec=spec, learning_rate=SETTINGS.learning_rate,
                parameters=trainer.parameters.copy(), gradient=None, batch_loss=None, measurement=measurement,
                train_metrics=None, validation_metrics=None, observation=None,
            )  # fmt: skip
            position = position_of(self.pictures[-1], trainer.parameters, step, measurement.train_loss)
            self.frames.append((snapshot, position))
            trainer.take_step()


def _table() -> PreparedData:
    generator = np.random.default_rng(2)
    X = generator.normal(size=(80, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(float)
    rows = np.arange(80)
    features = (Feature("x1", "x1"), Feature("x2", "x2"))
    target = Target("label", "classification", ("no", "yes"))
    return PreparedData("table", X[:60], y[:60], X[60:], y[60:], rows[:60], rows[60:], features, target, {})


@pytest.fixture(scope="module")
def story() -> Story:
    return Story()


@pytest.fixture
def view(qtbot: Any, story: Story) -> LandscapeView:
    view = LandscapeView()
    qtbot.addWidget(view)
    qtbot.addWidget(view.head)
    view.resize(740, 290)
    view.set_network(story.run)
    return view


def picture_of(widget: QWidget, ratio: float = 1.0) -> QImage:
    image = QImage(widget.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    QWidget.render(widget, image)
    return image


def plot_pixel(view: LandscapeView, alpha: float, beta: float) -> QColor:
    """Return the colour drawn at a point of the plane."""
    image = picture_of(view)
    in_scene = view._now.mapToScene(view._now.mapping().point(alpha, beta))
    return image.pixelColor(view.plot.mapTo(view, view.plot.mapFromScene(in_scene)))


# ---------------------------------------------------------------------- words


def test_says_what_to_do_while_there_is_no_surface(qtbot: Any, story: Story) -> None:
    view = LandscapeView()
    qtbot.addWidget(view)
    assert "Open a CSV file" in view._empty.text()
    assert not view._refresh.isEnabled()
    view.set_network(story.run)
    assert "after the first update" in view._empty.text()
    view.render(*story.frames[0])  # nothing to place the point on yet
    assert view._stack.currentIndex() == 0


def test_figures_are_those_of_the_messages(view: LandscapeView, story: Story) -> None:
    picture, (snapshot, position) = story.pictures[-1], story.frames[4]
    view.set_picture(picture)
    view.render(snapshot, position)
    texts = view.strip.texts()
    assert f"true loss {loss_text(position.true_loss)}" in texts
    assert f"plane loss {loss_text(position.plane_loss)}" in texts
    assert f"out of plane {100 * position.out_of_plane:.1f} %" in texts
    assert f"path in this plane {100 * picture.share_in_plane:.1f} % (a random walk: 87 %)" in texts
    assert "60 of 60 rows" in texts
    assert f"now, step {STEPS + 4}" in texts


def test_true_loss_of_an_earlier_step_says_which(view: LandscapeView, story: Story) -> None:
    snapshot, position = story.frames[4]
    view.set_picture(story.pictures[-1])
    view.render(replace(snapshot, measurement=Measurement(3, 1, 0.4321, None)), replace(position, true_loss=None))
    assert "true loss 0.4321 at step 3" in view.strip.texts()
    view.render(replace(snapshot, state=RunState.PAUSED), position)
    assert f"true loss {loss_text(position.true_loss)}" in view.strip.texts()


def test_axes_are_named_for_what_they_are(view: LandscapeView, story: Story) -> None:
    view.set_picture(story.pictures[-1])
    alpha, beta = view.plot.bottom_axis, view.plot.left_axis
    assert alpha._names[0] == "\N{GREEK SMALL LETTER ALPHA}: towards the start (distance in weight space)"
    assert beta._names[0] == "\N{GREEK SMALL LETTER BETA}: across (distance in weight space)"
    picture = story.pictures[-1]
    (low, high), (bottom, top) = view.plot.view_box.viewRange()
    np.testing.assert_allclose([low, high, bottom, top], [*picture.alphas[[0, -1]], *picture.betas[[0, -1]]])


def test_random_directions_are_called_random(view: LandscapeView, story: Story) -> None:
    view.set_picture(replace(story.pictures[-1], path_points=np.zeros((1, 2)), path_steps=np.zeros(1, dtype=np.int64)))
    assert "a random direction" in view.plot.bottom_axis._names[0]
    assert "two random directions" in view._plane.text()


def test_coarse_surfaces_say_what_is_being_computed(view: LandscapeView, story: Story) -> None:
    assert [len(picture.alphas) for picture in story.pictures] == [9, 17]
    view.set_picture(story.pictures[0])
    assert view._plane.text() == "computing 17 × 17 · plane: path (chord + residual)"
    view.set_picture(story.pictures[1])
    assert view._plane.text() == "plane: path (chord + residual)"


def test_hover_gives_coordinates_and_the_interpolated_loss(view: LandscapeView, story: Story) -> None:
    picture = story.pictures[-1]
    view.set_picture(picture)
    alpha, beta = float(picture.alphas[3]), float(picture.betas[5])
    text = view.text_at(alpha, beta)
    assert f"loss {loss_text(float(picture.losses[3, 5]))}" in text
    assert "interpolated on 17 × 17 computed points" in text
    between = interpolated_loss(picture.alphas, picture.betas, picture.losses, alpha + 0.01, beta)
    assert loss_text(between) in view.text_at(alpha + 0.01, beta)


def test_colour_scale_says_where_losses_share_the_top_colour(story: Story) -> None:
    picture = story.pictures[-1]
    lower = replace(picture, loss_ceiling=(picture.loss_floor + float(picture.losses.max())) / 2.0)
    assert dict(scale_ticks(lower))[1.0].startswith("> ")
    whole = replace(picture, loss_ceiling=float(picture.losses.max()))
    assert dict(scale_ticks(whole))[1.0] == loss_text(float(picture.losses.max()))
    assert dict(scale_ticks(whole))[0.0] == loss_text(picture.loss_floor)
    flat = replace(picture, loss_ceiling=picture.loss_floor)
    assert scale_ticks(flat) == [(0.5, loss_text(picture.loss_floor))]


# ---------------------------------------------------------------------- what is drawn


def test_what_is_not_finite_has_its_own_colour_and_count(view: LandscapeView, story: Story) -> None:
    picture = story.pictures[-1]
    image = picture.image.copy()
    image[-20:, -20:] = 0  # transparent: the upper right corner, away from the path
    losses = picture.losses.copy()
    losses[-3:, -3:] = np.nan
    view.set_picture(replace(picture, image=image, losses=losses, n_not_finite=9, contours=()))
    assert "9 points not finite" in view.strip.texts()
    corner = plot_pixel(view, float(picture.alphas[-1]) - 0.02, float(picture.betas[-1]) - 0.02)
    assert corner.name().upper() == LIGHT.not_finite
    view.set_theme(DARK)
    corner = plot_pixel(view, float(picture.alphas[-1]) - 0.02, float(picture.betas[-1]) - 0.02)
    assert corner.name().upper() == DARK.not_finite


def test_the_surface_is_the_right_way_up(view: LandscapeView, story: Story) -> None:
    picture = story.pictures[-1]
    view.set_picture(replace(picture, contours=()))
    height, width = picture.image.shape[:2]
    for column, row in ((3, 3), (3, height - 4), (width - 4, 3), (width - 4, height - 4)):
        alpha = np.interp((column + 0.5) / width, [0, 1], picture.alphas[[0, -1]])
        beta = np.interp((row + 0.5) / height, [0, 1], picture.betas[[0, -1]])
        seen, expected = plot_pixel(view, float(alpha), float(beta)), picture.image[row, column]
        assert np.abs(np.array([seen.red(), seen.green(), seen.blue()]) - expected[:3].astype(int)).max() < 16


def test_the_dot_is_where_the_position_says(view: LandscapeView, story: Story) -> None:
    view.set_picture(story.pictures[-1])
    snapshot, position = story.frames[3]
    view.render(snapshot, position)
    assert plot_pixel(view, position.alpha, position.beta).name().upper() == LIGHT.accent
    assert view._now._place == (position.alpha, position.beta)


def test_outside_the_window_an_arrow_and_words_stand_at_the_border(view: LandscapeView, story: Story) -> None:
    view.set_picture(story.pictures[-1])
    snapshot, position = story.frames[0]
    view.render(snapshot, position)
    inside = picture_of(view)
    view.render(snapshot, replace(position, alpha=1e6, beta=0.0, plane_loss=None))
    outside = picture_of(view)
    assert inside != outside
    assert "plane loss –" in view.strip.texts()
    top = float(story.pictures[-1].betas.mean())
    arrow = view._now.mapping().point(1e6, top)
    assert not view._now.boundingRect().contains(arrow)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_draws_at_every_size_and_resolution(view: LandscapeView, story: Story, theme: Any) -> None:
    view.set_theme(theme)
    view.set_picture(story.pictures[-1])
    view.render(*story.frames[0])
    for size in ((300, 200), (380, 330), (740, 290), (900, 500)):
        view.resize(*size)
        for ratio in (1.0, 1.5):
            image = picture_of(view, ratio)
            assert image.pixelColor(1, image.height() - 2) == QColor(theme.panel)
        assert view.strip.height() >= view.strip.heightForWidth(view.strip.width())


# ---------------------------------------------------------------------- the path


def test_the_path_grows_with_the_positions_seen(view: LandscapeView, story: Story) -> None:
    view.set_picture(story.pictures[-1])
    for frame in story.frames:
        view.render(*frame)
    assert view._trail.last_step == STEPS + 29
    assert len(view._trail) == STEPS + 30
    view.render(*story.frames[2])  # back in time: the future stays
    assert view._trail.last_step == STEPS + 29


def test_adding_to_the_drawing_is_the_same_as_drawing_anew(view: LandscapeView, story: Story) -> None:
    view.set_picture(story.pictures[-1])
    view.render(*story.frames[0])
    picture_of(view)
    for frame in story.frames:
        view.render(*frame)
    added = picture_of(view)
    view._surface.set_path(view._trail.points())
    anew = picture_of(view)
    difference = np.abs(_pixels(added).astype(int) - _pixels(anew).astype(int)).max(axis=2)
    assert np.mean(difference > 60) < 0.002


def test_finer_surfaces_of_the_same_plane_keep_the_path(view: LandscapeView, story: Story) -> None:
    view.set_picture(story.pictures[0])
    for frame in story.frames[:5]:
        view.render(*frame)
    view.set_picture(story.pictures[1])
    assert view._trail.last_step == STEPS + 4
    assert view._stack.currentIndex() == 1
    view.set_picture(replace(story.pictures[1], request_id=2))
    assert view._trail.last_step == STEPS


def test_a_branch_cuts_the_path_where_it_leaves(view: LandscapeView, story: Story) -> None:
    view.set_picture(story.pictures[-1])
    for frame in story.frames[:5]:
        view.render(*frame)
    snapshot, position = story.frames[0]
    view.cut_path(20)
    view.render(replace(snapshot, branch_id=1, step=20), replace(position, step=20))
    assert view._trail.last_step == 20


def test_messages_of_another_run_are_dropped(view: LandscapeView, story: Story) -> None:
    view.set_picture(replace(story.pictures[-1], run_id=6))
    assert view._stack.currentIndex() == 0
    view.set_picture(story.pictures[-1])
    snapshot, position = story.frames[3]
    view.render(replace(snapshot, run_id=6), position)
    assert view._position is None
    view.set_network(story.run)
    assert view._stack.currentIndex() == 0
    assert len(view._trail) == 0


def test_trail_keeps_order_and_stays_bounded() -> None:
    trail = Trail()
    trail.start_with(np.array([0, 5]), np.array([[2.0, 0.0], [0.0, 0.0]]))
    assert not trail.append(5, 1.0, 1.0)
    assert trail.append(6, 1.0, 1.0)
    assert trail.cut_after(5)
    assert not trail.cut_after(5)
    for step in range(6, MOST_POINTS + 100):
        trail.append(step, 0.0, float(step))
    assert len(trail) <= MOST_POINTS
    assert trail.points()[0].tolist() == [2.0, 0.0]


def test_thinning_keeps_both_ends() -> None:
    points = np.column_stack([np.linspace(0.0, 10.0, 101), np.zeros(101)])
    kept = thinned(points, 1.5)
    assert len(kept) == 8
    assert kept[0].tolist() == [0.0, 0.0]
    assert kept[-1].tolist() == [10.0, 0.0]


# ---------------------------------------------------------------------- cost and controls


class PaintCounter(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_a_frame_makes_no_items_and_paints_once(view: LandscapeView, story: Story, qtbot: Any) -> None:
    view.set_picture(story.pictures[-1])
    view.render(*story.frames[0])
    with qtbot.waitExposed(view):
        view.show()
    qtbot.wait(50)
    items = len(view.plot.scene().items())
    counter = PaintCounter(view.plot.viewport())
    pixmap = view._surface.pixmap
    for frame in story.frames[1:4]:
        view.render(*frame)
        qtbot.wait(20)
    assert counter.count == 3
    assert len(view.plot.scene().items()) == items
    assert view._surface.pixmap is pixmap  # heat and contours were not drawn again


def test_the_plane_follows_or_stays(view: LandscapeView, qtbot: Any) -> None:
    follow, keep = view._follow.menu().actions()
    with qtbot.waitSignal(view.follow_changed) as signal:
        keep.trigger()
    assert signal.args == [False]
    assert view._follow.text().startswith("fixed")
    follow, keep = view._follow.menu().actions()
    with qtbot.waitSignal(view.follow_changed) as signal:
        follow.trigger()
    assert signal.args == [True]


def test_redraw_asks_for_a_new_surface(view: LandscapeView, qtbot: Any) -> None:
    with qtbot.waitSignal(view.refresh_requested):
        qtbot.mouseClick(view._refresh, Qt.MouseButton.LeftButton)


def test_hovering_the_plot_says_what_is_there(view: LandscapeView, story: Story, qtbot: Any) -> None:
    view.set_picture(story.pictures[-1])
    with qtbot.waitExposed(view):
        view.show()
    centre = view.plot.mapFromScene(view.plot.view_box.sceneBoundingRect().center())
    with qtbot.waitSignal(view.plot.hovered) as signal:
        qtbot.mouseMove(view.plot.viewport(), QPoint(centre.x() + 3, centre.y()))
    alpha, beta, _ = signal.args[0]
    assert view.text_at(alpha, beta)


def _pixels(image: QImage) -> np.ndarray[Any, Any]:
    return np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)[..., :3]
