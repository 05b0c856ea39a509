from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.activations import ACTIVATIONS
from engine.data.prepared import Feature, PreparedData, Target
from engine.network import NetworkSpec
from engine.observe import Watch, observe
from engine.records import Measurement
from engine.settings import Settings
from gui.session.messages import RunInfo, RunState, Snapshot
from gui.theme import DARK, LIGHT, diverging_table
from gui.views.network_card import place_card, signed
from gui.views.network_diagram import EMPTY_TEXT, NetworkDiagram
from gui.views.network_geometry import LABEL_GAP, LinkId, UnitId, caption_of, caption_span
from gui.views.network_legend import legend_rows
from gui.views.network_links import MAX_LINKS
from gui.views.network_strokes import LEVELS, NOT_FINITE
from gui.views.network_tiles import ResponseAtlas, colour_range, function_in, shown_activations
from gui.views.network_view import NetworkView
from gui.views.number_text import short_number

CASES = {
    "2-8-8-1": (2, 8, 8, 1),
    "1-4-1": (1, 4, 1),
    "2-1": (2, 1),
    "4-16-16-3": (4, 16, 16, 3),
    "13-64-64-1": (13, 64, 64, 1),
    "784-256-128-10": (784, 256, 128, 10),
    "2-8-8-8-8-8-8-1": (2, 8, 8, 8, 8, 8, 8, 1),
}
PANELS = [(300, 180), (750, 338), (1400, 900)]


def make_run(*sizes: int, activation: str = "tanh", run_id: int = 1) -> RunInfo:
    n_outputs = sizes[-1]
    classes = ("no", "yes") if n_outputs == 1 else tuple(f"class {number}" for number in range(n_outputs))
    generator = np.random.default_rng(5)
    data = PreparedData(
        name="made",
        X_train=generator.normal(size=(40, sizes[0])),
        y_train=generator.integers(0, len(classes), 40).astype(float),
        X_validation=generator.normal(size=(10, sizes[0])),
        y_validation=generator.integers(0, len(classes), 10).astype(float),
        rows_train=np.arange(40),
        rows_validation=np.arange(40, 50),
        features=tuple(Feature(f"column {number}", f"column {number}", mean=10.0, scale=2.0) for number in range(sizes[0])),
        target=Target("answer", "classification", classes),
        preparation={},
    )
    hidden = (activation,) * (len(sizes) - 2)
    spec = NetworkSpec(sizes, (*hidden, "identity"), "bce" if n_outputs == 1 else "cross_entropy")
    return RunInfo(run_id, "run", Settings(), spec, data)


def make_snapshot(run: RunInfo, seed: int = 0, step: int = 3, watch: Watch | None = None) -> Snapshot:
    generator = np.random.default_rng(seed)
    parameters = generator.normal(size=run.spec.n_parameters)
    return Snapshot(
        run_id=run.run_id,
        branch_id=0,
        state=RunState.PAUSED,
        step=step,
        epoch=1,
        last_step=step,
        settings=run.settings,
        spec=run.spec,
        learning_rate=run.settings.learning_rate,
        parameters=parameters,
        gradient=generator.normal(size=run.spec.n_parameters) * 0.01,
        batch_loss=0.5,
        measurement=Measurement(step, 1, 0.5, 0.6),
        train_metrics=None,
        validation_metrics=None,
        observation=observe(run.spec, parameters, run.data, watch or Watch()),
    )


@pytest.fixture
def view(qtbot) -> NetworkView:
    view = NetworkView()
    qtbot.addWidget(view)
    qtbot.addWidget(view.head)
    view.set_theme(LIGHT)
    view.resize(750, 338)
    view.show()
    qtbot.waitExposed(view)
    return view


def shown(view: NetworkView, run: RunInfo, seed: int = 0, **changes) -> Snapshot:
    snapshot = replace(make_snapshot(run, seed), **changes)
    view.set_network(run)
    view.render(snapshot)
    return snapshot


def move_mouse(view: NetworkView, x: float, y: float) -> None:
    """Move the mouse as Qt would tell the canvas."""
    place = QPointF(x, y)
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, place, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(view.canvas.viewport(), event)


def weight(run: RunInfo, vector: np.ndarray, link: LinkId) -> float:
    return float(run.spec.views(vector)[link.layer - 1].weights[link.source, link.unit])


# ---------------------------------------------------------------------- hovering


@pytest.mark.parametrize("sizes", CASES.values(), ids=CASES)
def test_every_unit_is_found_at_its_centre(view, sizes):
    run = make_run(*sizes)
    shown(view, run)
    layout = view.diagram.layout
    for layer, (plan, column) in enumerate(zip(layout.plans, layout.columns, strict=True)):
        for unit, middle in zip(plan.units, column.centres, strict=True):
            assert layout.unit_at(column.x, middle, slack=0.0) == UnitId(layer, unit)


def test_a_link_is_found_on_its_curve_and_tells_its_weight_and_gradient(view):
    run = make_run(2, 3, 1)
    snapshot = shown(view, run)
    links = view.diagram.links
    for number, link in enumerate(links.ids):
        x, y = links.points[number][2]  # near the source, where the curves have parted but not yet crossed
        move_mouse(view, x, y)
        target = view.diagram.target
        assert isinstance(target, LinkId)
        assert (target.layer, target.source) == (link.layer, link.source)
        text = view.diagram.card_text()
        value, gradient = (pair[1] for pair in text.lines[0])
        assert value == signed(weight(run, snapshot.parameters, target))
        assert gradient == signed(weight(run, snapshot.gradient, target))
        assert float(value.replace("−", "-")) == pytest.approx(weight(run, snapshot.parameters, target), abs=5e-5)


def test_a_link_alone_in_the_gap_is_the_one_found(view):
    run = make_run(1, 1)
    shown(view, run)
    x, y = view.diagram.links.points[0][8]
    move_mouse(view, x, y)
    assert view.diagram.target == LinkId(1, 0, 0)
    move_mouse(view, x, y + 40)
    assert view.diagram.target is None


def test_titles_name_the_ends_of_a_link(view):
    run = make_run(2, 3, 3, 1)
    shown(view, run)
    titles = []
    for link in (LinkId(1, 1, 2), LinkId(2, 0, 1), LinkId(3, 2, 0)):
        view.diagram._target = link
        titles.append(view.diagram.card_text().title)
    assert titles == ["w  column 1 → layer 1, unit 3", "w  layer 1, unit 1 → layer 2, unit 2", "w  layer 2, unit 3 → output"]


def test_the_number_under_the_mouse_follows_training(view):
    run = make_run(1, 1)
    shown(view, run)
    move_mouse(view, *view.diagram.links.points[0][8])
    later = make_snapshot(run, seed=9, step=4)
    view.render(later)
    assert view.diagram.card_text().lines[0][0][1] == signed(weight(run, later.parameters, LinkId(1, 0, 0)))


def test_the_card_of_a_unit_has_bias_gradient_and_activation(view):
    run = make_run(2, 3, 1)
    snapshot = shown(view, run)
    column = view.diagram.layout.columns[1]
    move_mouse(view, column.x, column.centres[1])
    text = view.diagram.card_text()
    assert text.title == "layer 1, unit 2 · tanh"
    assert text.lines[0][0] == ("bias", signed(float(run.spec.views(snapshot.parameters)[0].bias[1])))
    assert text.lines[0][1] == ("gradient", signed(float(run.spec.views(snapshot.gradient)[0].bias[1])))
    response = snapshot.observation.unit_maps[1][1]
    low, high = re.findall(r"[−\d.]+", text.lines[1][0][1])
    assert float(low.replace("−", "-")) == pytest.approx(response.min(), abs=0.006)
    assert float(high.replace("−", "-")) == pytest.approx(response.max(), abs=0.006)


def test_the_card_of_an_input_has_original_units(view):
    run = make_run(3, 2, 1)
    snapshot = shown(view, run)
    layout = view.diagram.layout
    move_mouse(view, layout.columns[0].x, layout.columns[0].centres[0])
    lines = dict(pair for line in view.diagram.card_text().lines for pair in line)
    original = 10.0 + 2.0 * float(snapshot.observation.axis_x[0])
    assert float(lines["in original units"].split(" to ")[0]) == pytest.approx(original, rel=0.01)
    move_mouse(view, layout.columns[0].x, layout.columns[0].centres[2])
    held = 10.0 + 2.0 * float(run.data.X_train[:, 2].mean())
    assert view.diagram.card_text().lines == ((("held at its mean", short_number(held)),),)


def test_no_gradient_is_shown_before_the_first_update(view):
    run = make_run(1, 1)
    shown(view, run, step=0)
    move_mouse(view, *view.diagram.links.points[0][8])
    assert [label for label, _ in view.diagram.card_text().lines[0]] == [""]


def test_what_is_hovered_is_announced_once_and_again_when_it_is_left(view, qtbot):
    run = make_run(1, 1)
    shown(view, run)
    heard = []
    view.link_hovered.connect(heard.append)
    x, y = view.diagram.links.points[0][8]
    move_mouse(view, x, y)
    move_mouse(view, x + 1, y)
    QApplication.sendEvent(view.canvas, QEvent(QEvent.Type.Leave))
    assert heard == [LinkId(1, 0, 0), None]


@pytest.mark.parametrize("size", PANELS)
def test_the_card_stays_inside_the_panel_and_off_what_it_speaks_of(view, size):
    view.resize(*size)
    run = make_run(2, 8, 8, 1)
    shown(view, run)
    panel = view.diagram.boundingRect()
    for number in range(0, len(view.diagram.links), 7):
        view.diagram._target, view.diagram._pointer = (
            view.diagram.links.ids[number],
            QPointF(*view.diagram.links.points[number][8]),
        )
        text_size = view.diagram._card.size(view.diagram.card_text())
        points = view.diagram._hovered_points()
        box = QRectF(place_card(text_size, view.diagram._pointer, panel, points, 8.0), text_size)
        assert panel.contains(box)
        if size[0] >= 750:
            assert not any(box.contains(QPointF(*point)) for point in points)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.314, "+2.3140"),
        (-0.0041, "−0.0041"),
        (3.2e-5, "+3.2e-05"),
        (0.0, "+0.0000"),
        (np.nan, "not finite"),
        (-3.1e7, "−3.1e+07"),
    ],
)
def test_numbers_carry_their_sign(value, text):
    assert signed(value) == text


# ---------------------------------------------------------------------- layout


@pytest.mark.parametrize("size", PANELS)
@pytest.mark.parametrize("sizes", CASES.values(), ids=CASES)
def test_nothing_overlaps_and_nothing_leaves_the_panel(view, sizes, size):
    view.resize(*size)
    shown(view, make_run(*sizes))
    layout, legend = view.diagram.layout, view.diagram._legend
    for column in layout.columns:
        assert all(column.size <= below - above for above, below in pairwise(column.tops))
        assert column.tops[0] >= 0
        assert column.bottom <= layout.caption_y
        assert column.left >= legend.right or column.tops[0] >= legend.bottom
    for left, right in pairwise(layout.columns):
        assert left.right < right.left
    assert layout.columns[0].left - layout.left_room >= 0
    assert layout.columns[-1].right + LABEL_GAP + layout.right_room <= size[0]


@pytest.mark.parametrize("size", PANELS)
@pytest.mark.parametrize("sizes", CASES.values(), ids=CASES)
def test_captions_do_not_touch(view, sizes, size):
    view.resize(*size)
    shown(view, make_run(*sizes))
    layout = view.diagram.layout

    def width(text: str) -> float:
        return 6.5 * len(text)

    for texts in (
        [caption_of(plan, layout.caption_level) for plan in layout.plans],
        [layout.hidden_text(plan) for plan in layout.plans],
    ):
        spans = [
            caption_span(text, column.x, size[0], width) for text, column in zip(texts, layout.columns, strict=True) if text
        ]
        assert all(right <= left for (_, right), (left, _) in pairwise(spans))


def test_wide_layers_say_how_many_units_are_hidden(view):
    view.resize(1400, 900)
    shown(view, make_run(784, 256, 128, 10))
    layout = view.diagram.layout
    assert [layout.hidden_text(plan) for plan in layout.plans] == ["+ 772 not drawn", "+ 244 not drawn", "+ 116 not drawn", ""]
    assert [caption_of(plan, layout.caption_level) for plan in layout.plans] == ["inputs", "256 · tanh", "128 · tanh", "output"]


def test_the_units_drawn_are_those_of_the_observation(view):
    run = make_run(2, 40, 1)
    snapshot = shown(view, run)
    assert view.diagram.layout.plans[1].units == tuple(snapshot.observation.shown_units[1].tolist())
    indices = view.diagram.links.parameters
    links = view.diagram.links.ids
    expected = [weight(run, snapshot.parameters, link) for link in links]
    np.testing.assert_array_equal(snapshot.parameters[indices], expected)


def test_more_links_than_the_most_are_cut_to_the_strongest_and_counted(view):
    run = make_run(784, 256, 128, 10)
    snapshot = shown(view, run)
    look = view.diagram._look
    drawn = np.abs(snapshot.parameters[view.diagram.links.parameters[look.order]])
    assert len(drawn) == MAX_LINKS < len(view.diagram.links)
    assert np.all(np.diff(drawn) >= 0)
    n_weights = 784 * 256 + 256 * 128 + 128 * 10
    assert view.diagram._legend._notes == (f"{MAX_LINKS} of {n_weights:,} weights",)


# ---------------------------------------------------------------------- frames


def test_one_render_is_one_paint_and_makes_no_items(monkeypatch, qtbot):
    paints = []
    original = NetworkDiagram.paint
    monkeypatch.setattr(NetworkDiagram, "paint", lambda self, *args: (paints.append(1), original(self, *args))[1])
    view = NetworkView()
    qtbot.addWidget(view)
    qtbot.addWidget(view.head)
    view.resize(750, 338)
    view.show()
    qtbot.waitExposed(view)
    run = make_run(2, 8, 8, 1)
    view.set_network(run)
    view.render(make_snapshot(run))
    qtbot.waitUntil(lambda: len(paints) > 0)
    QApplication.processEvents()
    items = view.canvas.scene().items()
    for seed in range(1, 6):
        paints.clear()
        view.render(make_snapshot(run, seed))
        assert not paints  # a slot stores, a frame paints
        qtbot.waitUntil(lambda: len(paints) > 0)
        for _ in range(5):
            QApplication.processEvents()
        assert len(paints) == 1
    assert view.canvas.scene().items() == items


def test_frames_of_the_same_units_keep_the_geometry(view):
    run = make_run(2, 8, 1)
    shown(view, run)
    links, layout = view.diagram.links, view.diagram.layout
    view.render(make_snapshot(run, 1))
    assert view.diagram.links is links
    assert view.diagram.layout is layout


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("sizes", CASES.values(), ids=CASES)
def test_every_network_is_drawn_in_both_themes(view, sizes, theme):
    view.set_theme(theme)
    shown(view, make_run(*sizes))
    image = view.grab().toImage()
    assert image.pixelColor(image.width() - 2, 2) == QColor(theme.panel)
    colours = {image.pixel(x, image.height() // 2) for x in range(image.width())}
    assert len(colours) > 5


def test_the_middle_of_a_unit_has_the_colour_of_its_response(view):
    run = make_run(2, 3, 1)
    snapshot = shown(view, run)
    image = view.grab().toImage()
    column = view.diagram.layout.columns[1]
    response = snapshot.observation.unit_maps[1]
    grid = response.shape[1]
    table = diverging_table(LIGHT)
    for unit, middle in enumerate(column.centres):
        value = float(response[unit, grid // 2, grid // 2])
        expected = table[round((min(max(value, -1.0), 1.0) + 1.0) * 127.5)][:3]
        found = image.pixelColor(int(column.x), int(middle))
        assert np.abs(np.array([found.red(), found.green(), found.blue()]) - expected.astype(int)).max() < 40


def test_the_first_axis_runs_right_and_the_second_up(view):
    run = make_run(2, 3, 1)
    shown(view, run)
    image = view.grab().toImage()
    column = view.diagram.layout.columns[0]
    reach = column.size // 2 - 6

    def blue_minus_red(x: float, y: float) -> int:
        colour = image.pixelColor(int(x), int(y))
        return colour.blue() - colour.red()

    first, second = column.centres
    assert blue_minus_red(column.x + reach, first) > 0 > blue_minus_red(column.x - reach, first)
    assert blue_minus_red(column.x, second - reach) > 0 > blue_minus_red(column.x, second + reach)


def test_numbers_that_are_not_finite_are_drawn_as_such_and_counted(view):
    run = make_run(2, 3, 1)
    snapshot = make_snapshot(run)
    parameters = snapshot.parameters.copy()
    parameters[0] = np.nan
    parameters[2] = -np.inf
    observation = observe(run.spec, parameters, run.data, Watch())
    shown(view, run, parameters=parameters, observation=observation)
    look = view.diagram._look
    assert look.n_not_finite == 2
    assert sorted(look.levels[look.order[-2:]].tolist()) == [NOT_FINITE, NOT_FINITE]
    image = view.grab().toImage()
    column = view.diagram.layout.columns[1]
    assert image.pixelColor(int(column.x), int(column.centres[0])) == QColor(LIGHT.not_finite)


def test_a_weight_of_zero_has_the_neutral_pen_and_signs_have_their_own(view):
    run = make_run(1, 3, 1)
    snapshot = make_snapshot(run)
    parameters = snapshot.parameters.copy()
    parameters[:3] = [-2.0, 0.0, 4.0]
    parameters[6:9] = 1.0
    shown(view, run, parameters=parameters)
    look = view.diagram._look
    assert look.levels[:3].tolist() == [LEVELS - LEVELS // 2, LEVELS, 2 * LEVELS]
    assert look.scale == 4.0


def test_without_an_observation_units_are_plain(view):
    run = make_run(2, 3, 1)
    shown(view, run, observation=None)
    image = view.grab().toImage()
    column = view.diagram.layout.columns[1]
    assert image.pixelColor(int(column.x), int(column.centres[0])) == QColor(LIGHT.zero)


def test_a_snapshot_of_another_network_is_not_shown(view):
    run = make_run(2, 3, 1)
    snapshot = shown(view, run)
    before = view.diagram._snapshot
    view.render(make_snapshot(make_run(2, 5, 1)))
    assert view.diagram._snapshot is before is snapshot


def test_an_empty_panel_says_what_to_do(view, monkeypatch):
    shown(view, make_run(2, 3, 1))
    view.clear()
    assert view.diagram.layout is None
    assert "CSV" in EMPTY_TEXT
    image = view.grab().toImage()
    middle = {image.pixel(x, y) for x in range(200, 550) for y in range(155, 185)}
    assert len(middle) > 5  # the words
    assert view.diagram.card_text() is None


# ---------------------------------------------------------------------- colours of the units


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tanh", (-1, 1)),
        ("identity", (-1, 1)),
        ("sigmoid", (0, 1)),
        ("softmax", (0, 1)),
        ("layer norm · sigmoid", (0, 1)),
        ("ReLU", (-4, 4)),
        ("softplus", (-4, 4)),
        ("tanh + skip", (-4, 4)),
    ],
)
def test_every_activation_has_its_range_of_colours(words, expected):
    assert colour_range(words, np.array([[[0.0, 4.0], [np.inf, np.nan]]])) == expected
    assert colour_range(words, np.array([[[-4.0, 1.0], [-np.inf, np.nan]]])) == expected


def test_one_extreme_corner_does_not_leave_the_other_maps_pale():
    maps = np.random.default_rng(0).normal(size=(4, 48, 48)).astype(np.float32)
    maps[0, :3, :3] = 1e6
    low, high = colour_range("ReLU", maps)
    assert high == pytest.approx(np.quantile(np.abs(maps), 0.98), rel=0.05)
    assert low == -high
    assert colour_range("ReLU", np.where(np.arange(4096).reshape(1, 64, 64) == 130, 5.0, 0.0)) == (-5, 5)


def test_captions_keep_the_normalisation_as_letters_before_they_drop_it(view):
    run = make_run(2, 8, 8, 1)
    run = replace(run, spec=replace(run.spec, normalization="batch"))
    parameters = np.abs(make_snapshot(run).parameters)
    captions = []
    for width in (900, 520, 420, 330):
        view.resize(width, 338)
        shown(view, run, parameters=parameters, observation=None)
        layout = view.diagram.layout
        captions.append(caption_of(layout.plans[1], layout.caption_level))
    assert captions == ["8 · batch norm · tanh", "8 · BN · tanh", "8 · tanh", "8"]


def test_a_layer_of_zeros_has_a_range_of_colours():
    assert colour_range("ReLU", np.zeros((2, 3, 3))) == (-1, 1)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_the_units_of_a_layer_compute_is_said_in_words(activation):
    title = ACTIVATIONS[activation].title
    spec = NetworkSpec((2, 3, 3, 1), (activation, activation, "identity"), "bce")
    assert shown_activations(spec) == ("identity", title, title, "sigmoid")
    words = shown_activations(replace(spec, normalization="batch", skip=True))
    assert words == ("identity", f"batch norm · {title}", f"batch norm · {title} + skip", "sigmoid")
    assert [function_in(each) for each in words[1:3]] == [title, f"{title} + skip"]
    assert len(legend_rows(words)) <= 3


def test_the_legend_has_a_row_for_every_kind_of_range():
    rows = legend_rows(("identity", "layer norm · tanh", "tanh + skip", "leaky ReLU", "sigmoid"))
    assert [row.words for row in rows] == ["inputs, tanh", "tanh + skip, leaky ReLU", "output"]
    assert [row.ticks[2] for row in rows] == ["+1", "p98", "1"]


@pytest.mark.parametrize("normalization", ["batch", "layer"])
def test_links_and_colours_of_a_normalised_network(view, normalization):
    run = make_run(3, 4, 4, 1)
    run = replace(run, spec=replace(run.spec, normalization=normalization, skip=True))
    parameters = np.abs(make_snapshot(run).parameters)  # running variances among them
    snapshot = shown(view, run, parameters=parameters, observation=observe(run.spec, parameters, run.data, Watch()))
    links = view.diagram.links
    expected = [weight(run, parameters, link) for link in links.ids]
    np.testing.assert_array_equal(parameters[links.parameters], expected)
    ranges = view.diagram._atlas.ranges
    assert ranges[1] == (-1.0, 1.0)
    sizes = np.abs(snapshot.observation.unit_maps[2])
    assert np.mean(sizes <= ranges[2][1]) == pytest.approx(0.98, abs=0.005)
    assert ranges[2][1] > 1.0


def test_the_atlas_clamps_beyond_the_range(qapp):
    atlas = ResponseAtlas()
    atlas.set_theme(LIGHT)
    maps = np.array([[[-7.0, 0.0], [1.0, 9.0]]], dtype=np.float32)
    atlas.update([maps], ["tanh"])
    image = atlas._image
    names = [QColor(image.pixel(x, y)).name().upper() for y in (1, 0) for x in (0, 1)]
    assert (names[0], names[2], names[3]) == (LIGHT.negative, LIGHT.positive, LIGHT.positive)


# ---------------------------------------------------------------------- the pair of inputs


def test_choosing_an_input_asks_for_the_pair(view, qtbot):
    shown(view, make_run(4, 2, 1))
    with qtbot.waitSignal(view.input_pair_chosen) as heard:
        view.head.vertical.menu().aboutToShow.emit()
        view.head.vertical.menu().actions()[3].trigger()
    assert heard.args == [(0, 3)]
    assert view.head.vertical.text() == "column 3 ▾"


def test_choosing_the_other_input_swaps_them(view, qtbot):
    shown(view, make_run(4, 2, 1))
    with qtbot.waitSignal(view.input_pair_chosen) as heard:
        view.head.horizontal.chosen.emit(1)
    assert heard.args == [(1, 0)]


def test_the_head_follows_the_pair_observed(view):
    run = make_run(4, 2, 1)
    shown(view, run)
    view.render(make_snapshot(run, watch=Watch(input_pair=(2, 3))))
    assert (view.head.horizontal.current, view.head.vertical.current) == (2, 3)


def test_one_input_leaves_nothing_to_choose_vertically(view):
    shown(view, make_run(1, 2, 1))
    assert not view.head.horizontal.isHidden()
    assert view.head.vertical.isHidden()


def test_many_inputs_are_grouped_in_submenus(view):
    shown(view, make_run(784, 2, 1))
    menu = view.head.horizontal.menu()
    menu.aboutToShow.emit()
    groups = [action.menu() for action in menu.actions()]
    assert sum(len(group.actions()) for group in groups) == 784
    assert len(groups) < 40


def test_words_of_the_head_give_way_to_long_names_of_inputs(view):
    view.set_network(make_run(2, 3, 1))
    head = view.head
    head.set_names(["a very long name of an input", "another name as long as that one"])
    links = head.horizontal.minimumSizeHint().width() + head.vertical.minimumSizeHint().width()
    assert head.minimumSizeHint().width() <= links + 40  # no room is demanded for "response over"
