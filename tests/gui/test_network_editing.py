"""Clicks on links and units of the network diagram: numbers typed, units switched off, layers frozen, and how that is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from engine.network import NetworkSpec
from engine.observe import Watch, observe
from engine.settings import make_settings
from gui.session.messages import RunInfo, RunState, Snapshot
from gui.theme import DARK, LIGHT
from gui.views.network_edits import NumberPlace, freezing, numbers_of, switching
from gui.views.network_geometry import LinkId, UnitId
from gui.views.network_labels import caption_of
from gui.views.network_marks import dashes_along
from gui.views.network_view import NetworkView
from gui.views.number_entry import exact_text, number_from
from tests.gui.test_network_view import make_run, make_snapshot, move_mouse, weight

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def view(qtbot) -> NetworkView:
    view = NetworkView()
    qtbot.addWidget(view)
    qtbot.addWidget(view.head)
    view.set_theme(LIGHT)
    view.resize(750, 338)
    view.show()
    qtbot.waitExposed(view)
    view.activateWindow()
    return view


@pytest.fixture
def asked(view) -> list[object]:
    """Return what the view asks for, as it comes."""
    requests: list[object] = []
    view.parameter_entered.connect(lambda index, value: requests.append((index, value)))
    view.settings_changed.connect(requests.append)
    return requests


def shown(view: NetworkView, *sizes: int, normalization: str = "none", **settings) -> tuple[RunInfo, Snapshot]:
    """Show a network; settings are those of the snapshot."""
    plain = make_run(*sizes)
    run = replace(
        plain,
        spec=replace(plain.spec, normalization=normalization),
        settings=make_settings(hidden=sizes[1:-1], normalization=normalization),
    )
    snapshot = with_settings(make_snapshot(run), run, **settings)
    view.set_network(run)
    view.render(snapshot)
    return run, snapshot


def with_settings(snapshot: Snapshot, run: RunInfo, **changes) -> Snapshot:
    """Return a snapshot as the engine sends it after a change of settings."""
    settings = make_settings(run.settings, **changes)
    off = tuple((layer, unit - 1) for layer, unit in settings.switched_off)
    spec = replace(run.spec, switched_off=off)
    observation = observe(spec, snapshot.parameters, run.data, Watch())
    return replace(snapshot, settings=settings, spec=spec, observation=observation)


def place_of(view: NetworkView, target: LinkId | UnitId) -> QPoint:
    """Return a place where the diagram has a link or unit on top."""
    if isinstance(target, UnitId):
        left, top, side = view.diagram.layout.unit_box(target)
        return QPoint(left + side // 2, top + side // 2)
    links = view.diagram.links
    for x, y in links.points[links.ids.index(target)]:
        point = QPoint(round(x), round(y))
        if view.diagram.target_at(point.toPointF()) == target:
            return point
    raise AssertionError(f"{target} is covered everywhere")


def click(view: NetworkView, target: LinkId | UnitId, button: Qt.MouseButton = LEFT) -> None:
    QTest.mouseClick(view.canvas.viewport(), button, pos=place_of(view, target))


def type_into(field: QLineEdit, text: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


# ---------------------------------------------------------------------- numbers


@pytest.mark.parametrize("button", [LEFT, RIGHT])
def test_a_weight_is_typed_and_asked_for(view, asked, button):
    run, snapshot = shown(view, 2, 3, 2, 1)
    link = LinkId(2, 1, 0)
    click(view, link, button)
    entry = view.editor.entries["weight"]
    assert view.editor.isVisible()
    assert entry.hasFocus()
    assert float(entry.text()) == weight(run, snapshot.parameters, link)  # all digits, not those of the card
    type_into(entry, "0.1234567890123")
    places = np.arange(run.spec.n_parameters, dtype=np.float64)
    assert asked == [(weight(run, places, link), 0.1234567890123)]
    assert not entry.hasFocus()  # a finished entry gives the keys back


def test_the_bias_of_a_unit_is_typed_and_asked_for(view, asked):
    run, snapshot = shown(view, 2, 3, 1)
    click(view, UnitId(1, 2))
    assert [name for name, entry in view.editor.entries.items() if entry.isVisible()] == ["bias"]
    entry = view.editor.entries["bias"]
    assert float(entry.text()) == run.spec.views(snapshot.parameters)[0].bias[2]
    type_into(entry, "-2")
    places = np.arange(run.spec.n_parameters, dtype=np.float64)
    assert asked == [(run.spec.views(places)[0].bias[2], -2.0)]


@pytest.mark.parametrize("normalization", ["batch", "layer"])
def test_a_normalised_layer_has_scale_and_shift_too(view, asked, normalization):
    run, _ = shown(view, 2, 3, 3, 1, normalization=normalization)
    places = np.arange(run.spec.n_parameters, dtype=np.float64)
    layers = run.spec.views(places)
    expected = {
        "bias": layers[1].bias[1],
        "scale": layers[1].normalization.scale[1],
        "shift": layers[1].normalization.shift[1],
    }
    click(view, UnitId(2, 1))
    for name, place in expected.items():
        type_into(view.editor.entries[name], "0.75")
        assert asked.pop() == (place, 0.75)
    assert numbers_of(run.spec, UnitId(3, 0)) == (NumberPlace("bias", int(layers[2].bias[0])),)
    assert numbers_of(run.spec, LinkId(3, 2, 0)) == (NumberPlace("weight", int(layers[2].weights[2, 0])),)


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_every_link_is_drawn_from_the_weight_it_asks_for(view, normalization):
    run, _ = shown(view, 2, 3, 3, 1, normalization=normalization)
    links = view.diagram.links
    expected = [numbers_of(run.spec, link)[0].index for link in links.ids]
    assert links.parameters.tolist() == expected


@pytest.mark.parametrize("text", ["1,5", " 1.5 ", "15e-1", "+1.5"])
def test_numbers_are_taken_as_people_write_them(text):
    assert number_from(text) == 1.5


@pytest.mark.parametrize("text", ["\u22121.5", "-1,5"])
def test_both_signs_of_minus_are_taken(text):
    assert number_from(text) == -1.5


@pytest.mark.parametrize("text", ["", "abc", "0,5x", "1.2.3", "1,000,000", "1_0", "nan", "inf", "1e999"])
def test_what_is_no_finite_number_is_said_below_the_field(view, asked, text):
    shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    entry = view.editor.entries["bias"]
    entry.clear()
    entry.setModified(True)
    type_into(entry, text)
    assert asked == []
    assert entry.property("invalid")
    assert view.editor.problem.isVisible()
    assert repr(text) in view.editor.problem.text()
    assert view.editor.problem.geometry().top() >= entry.geometry().bottom()
    QTest.keyClick(entry, Qt.Key.Key_1)
    assert not view.editor.problem.isVisible()
    assert not entry.property("invalid")


def test_a_number_beyond_the_precision_of_the_run_is_refused():
    assert number_from("1e39", np.float64) == 1e39
    with pytest.raises(ValueError, match="float32"):
        number_from("1e39", np.float32)


@pytest.mark.parametrize("value", [np.float64(0.1), np.float64(1 / 3), np.float32(0.1), np.float32(1 / 3), np.float64(-3e-17)])
def test_the_digits_shown_stand_for_exactly_that_number(value):
    assert type(value)(exact_text(value)) == value


def test_the_longest_number_fits_into_its_field(view):
    run, snapshot = shown(view, 2, 3, 1)
    parameters = snapshot.parameters.copy()
    parameters[run.spec.block(1, "bias").start] = -1.2345678901234567e-300
    view.render(replace(snapshot, parameters=parameters))
    click(view, UnitId(1, 0))
    entry = view.editor.entries["bias"]
    assert len(entry.text()) == 24
    assert entry.fontMetrics().horizontalAdvance(entry.text()) <= entry.width() - 18  # what the style sheet puts around it


def test_escape_leaves_everything_as_it_was(view, asked):
    shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    entry = view.editor.entries["bias"]
    entry.selectAll()
    QTest.keyClicks(entry, "7")
    QTest.keyClick(entry, Qt.Key.Key_Escape)
    assert asked == []
    assert not view.editor.isVisible()
    click(view, UnitId(1, 0))
    assert entry.text() != "7"


def test_the_number_that_is_there_already_is_not_asked_for_again(view, asked):
    shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    entry = view.editor.entries["bias"]
    type_into(entry, entry.text())
    assert asked == []
    QTest.keyClick(entry, Qt.Key.Key_Return)  # and Enter alone asks for nothing
    assert asked == []


# ---------------------------------------------------------------------- the card while time passes


def test_at_another_step_the_card_shows_the_number_then(view):
    run, _ = shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    later = make_snapshot(run, seed=8, step=40)
    view.render(later)
    assert float(view.editor.entries["bias"].text()) == run.spec.views(later.parameters)[0].bias[0]
    assert view.editor.moment.text() == "at step 40"
    assert view.editor.target == UnitId(1, 0)


def test_while_training_runs_the_field_keeps_the_number_and_what_is_typed(view, asked):
    run, _ = shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    entry = view.editor.entries["bias"]
    opened = entry.text()
    view.render(replace(make_snapshot(run, seed=8, step=40), state=RunState.RUNNING))
    assert entry.text() == opened
    entry.selectAll()
    QTest.keyClicks(entry, "0.2")
    view.render(replace(make_snapshot(run, seed=9, step=41), state=RunState.RUNNING))
    assert entry.text() == "0.2"
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert asked == [(run.spec.block(1, "bias").start, 0.2)]


def test_a_field_that_lost_the_keys_follows_training(view):
    run, _ = shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    entry = view.editor.entries["bias"]
    type_into(entry, "0.2")
    view.editor._pace.restart()
    later = replace(make_snapshot(run, seed=8, step=40), state=RunState.RUNNING)
    view.render(later)
    assert float(entry.text()) == run.spec.views(later.parameters)[0].bias[0]


def test_a_click_elsewhere_and_a_new_network_close_the_card(view):
    shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    QTest.mouseClick(view.canvas.viewport(), LEFT, pos=QPoint(745, 5))
    assert not view.editor.isVisible()
    assert view.diagram.target is None
    click(view, UnitId(1, 0))
    view.set_network(make_run(2, 4, 1))
    assert not view.editor.isVisible()
    assert view.editor.target is None


def test_another_field_that_takes_the_keys_closes_the_card(view, qtbot):
    other = QLineEdit(view)
    other.show()
    shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    qtbot.waitUntil(view.editor.entries["bias"].hasFocus)
    other.setFocus()
    assert not view.editor.isVisible()


def test_a_click_on_another_unit_moves_the_card(view):
    shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    click(view, UnitId(2, 0))
    assert view.editor.target == UnitId(2, 0)
    assert view.editor.title.text().startswith("output")


def test_while_the_card_is_open_what_it_speaks_of_stays_marked(view):
    run, _ = shown(view, 2, 3, 1)
    click(view, UnitId(1, 0))
    move_mouse(view, 3, 330)
    assert view.diagram.target == UnitId(1, 0)
    view.resize(600, 300)
    assert view.diagram.target == UnitId(1, 0)
    view.render(with_settings(make_snapshot(run), run, freeze=(1,)))  # the diagram is arranged anew
    assert view.diagram.target == UnitId(1, 0)
    assert view.rect().contains(view.editor.geometry())


@pytest.mark.parametrize("size", [(300, 180), (750, 338)])
def test_the_card_stays_inside_the_panel(view, size):
    view.resize(*size)
    shown(view, 2, 8, 8, 1)
    for target in (UnitId(0, 0), UnitId(2, 7), UnitId(3, 0)):
        click(view, target)
        assert view.rect().contains(view.editor.geometry())


# ---------------------------------------------------------------------- switching off and freezing


def test_a_hidden_unit_is_switched_off_and_on_and_its_layer_frozen_and_thawed(view, asked):
    run, snapshot = shown(view, 2, 3, 4, 1)
    click(view, UnitId(2, 3))
    editor = view.editor
    assert (editor.switch.text(), editor.freeze.text()) == ("Switch off", "Freeze layer 2")
    QTest.mouseClick(editor.switch, LEFT)
    QTest.mouseClick(editor.freeze, LEFT)
    assert asked == [{"switched_off": ((2, 4),)}, {"freeze": (2,)}]
    view.render(with_settings(snapshot, run, switched_off=((2, 4),), freeze=(2,)))
    assert (editor.switch.text(), editor.freeze.text()) == ("Switch on", "Thaw layer 2")
    QTest.mouseClick(editor.switch, LEFT)
    QTest.mouseClick(editor.freeze, LEFT)
    assert asked[2:] == [{"switched_off": ()}, {"freeze": ()}]


def test_inputs_can_only_be_switched_off_and_outputs_not_at_all(view, asked):
    shown(view, 2, 3, 1)
    editor = view.editor
    click(view, UnitId(0, 1))
    assert editor.switch.isVisible()
    assert not editor.freeze.isVisible()
    assert not any(entry.isVisible() for entry in editor.entries.values())
    QTest.mouseClick(editor.switch, LEFT)
    click(view, UnitId(2, 0))
    assert not editor.switch.isVisible()
    assert editor.freeze.text() == "Freeze output layer"
    assert editor.entries["bias"].isVisible()
    QTest.mouseClick(editor.freeze, LEFT)
    assert asked == [{"switched_off": ((0, 2),)}, {"freeze": (2,)}]


def test_what_was_off_and_frozen_before_stays_so():
    settings = make_settings(hidden=(4, 4), switched_off=((1, 2), (0, 1)), freeze=(3,))
    assert switching(settings, UnitId(1, 0)) == {"switched_off": ((0, 1), (1, 1), (1, 2))}
    assert switching(settings, UnitId(1, 1)) == {"switched_off": ((0, 1),)}
    assert freezing(settings, 1) == {"freeze": (1, 3)}
    assert freezing(settings, 3) == {"freeze": ()}


# ---------------------------------------------------------------------- drawing


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_unit_that_is_off_is_grey_and_struck_through(view, theme):
    view.set_theme(theme)
    run, snapshot = shown(view, 2, 3, 1)
    before = view.grab().toImage()
    view.render(with_settings(snapshot, run, switched_off=((0, 1),)))
    after = view.grab().toImage()
    left, top, side = view.diagram.layout.unit_box(UnitId(0, 0))
    quarter = side // 4
    assert after.pixelColor(left + quarter, top + quarter) == QColor(theme.zero)
    assert before.pixelColor(left + quarter, top + quarter) != QColor(theme.zero)
    stroke = after.pixelColor(left + quarter, top + side - quarter)  # lower left to upper right
    assert stroke != QColor(theme.zero)


def test_links_that_nothing_comes_through_are_not_drawn_as_weights(view):
    run, snapshot = shown(view, 2, 3, 1)
    view.render(with_settings(snapshot, run, switched_off=((1, 2),)))
    marks, look, links = view.diagram._off_marks, view.diagram._look, view.diagram.links
    drawn = [links.ids[number] for number in marks.without_off(look).order]
    assert {(link.layer - 1, link.source) for link in links.ids} - {(link.layer - 1, link.source) for link in drawn} == {(1, 1)}
    assert view.diagram.target_at(place_of(view, LinkId(2, 1, 0)).toPointF()) == LinkId(2, 1, 0)  # but found under the mouse
    view.render(with_settings(snapshot, run))
    assert view.diagram._off_marks.without_off(look) is look


def test_dashes_follow_the_curve_with_even_lengths():
    x = np.linspace(0.0, 70.0, 141)
    dashes = dashes_along(np.column_stack([x, 2.0 * x]))
    np.testing.assert_allclose(dashes[:, [1, 3]], 2.0 * dashes[:, [0, 2]])
    lengths = np.hypot(dashes[:, 2] - dashes[:, 0], dashes[:, 3] - dashes[:, 1])
    np.testing.assert_allclose(lengths[:-1], 3.0)
    assert np.all(lengths > 1.0)


def test_a_frozen_layer_says_so_below_its_column(view):
    run, snapshot = shown(view, 2, 3, 3, 1)
    plain = view.grab().toImage()
    view.render(with_settings(snapshot, run, freeze=(2, 3)))
    captions = [caption_of(plan, 0).strip() for plan in view.diagram.layout.plans]
    assert captions == ["inputs", "3 · tanh", "3 · tanh · frozen", "output · frozen"]
    assert view.grab().toImage() != plain


@pytest.mark.parametrize("size", [(300, 180), (750, 338)])
def test_the_lock_of_a_frozen_layer_is_drawn_however_narrow_the_panel(view, size):
    view.resize(*size)
    run, snapshot = shown(view, 2, 8, 8, 8, 8, 8, 8, 1)
    plain = view.grab().toImage()
    view.render(with_settings(snapshot, run, freeze=(4,)))
    frozen = view.grab().toImage()
    column, top = view.diagram.layout.columns[4], int(view.diagram.layout.caption_y)
    area = [(x, y) for x in range(int(column.x) - 60, int(column.x) + 20) for y in range(top, top + 16)]
    assert any(plain.pixel(x, y) != frozen.pixel(x, y) for x, y in area if 0 <= x < size[0])


def test_the_card_beside_the_pointer_says_what_is_off_and_what_is_frozen(view):
    run, snapshot = shown(view, 2, 3, 1)
    view.render(with_settings(snapshot, run, switched_off=((0, 1), (1, 3)), freeze=(2,)))
    notes = {}
    for target in (UnitId(0, 0), UnitId(1, 2), UnitId(2, 0), LinkId(2, 2, 0), LinkId(1, 1, 0)):
        view.diagram._target = target
        notes[target] = " · ".join(view.diagram.card_text().notes)
    assert notes[UnitId(0, 0)] == "switched off: held at 10.0"
    assert notes[UnitId(1, 2)] == "switched off: held at 0"
    assert notes[UnitId(2, 0)] == "frozen: updates leave it as it is"
    assert notes[LinkId(2, 2, 0)] == "nothing comes through: its source is off · frozen: updates leave it as it is"
    assert notes[LinkId(1, 1, 0)] == ""


def test_the_card_of_a_normalised_unit_has_scale_and_shift(view):
    run, snapshot = shown(view, 2, 3, 1, normalization="layer")
    view.diagram._target = UnitId(1, 1)
    pairs = dict(pair for line in view.diagram.card_text().lines for pair in line)
    scale = run.spec.views(snapshot.parameters)[0].normalization.scale[1]
    assert float(pairs["scale"].replace("−", "-")) == pytest.approx(scale, abs=5e-5)
    assert "shift" in pairs


def test_what_can_be_changed_shows_a_hand(view):
    shown(view, 2, 3, 1)
    place = place_of(view, UnitId(1, 0))
    move_mouse(view, place.x(), place.y())
    assert view.canvas.viewport().cursor().shape() is Qt.CursorShape.PointingHandCursor
    move_mouse(view, 745, 5)
    assert view.canvas.viewport().cursor().shape() is Qt.CursorShape.ArrowCursor


def test_an_empty_panel_takes_clicks_without_a_card(view):
    view.clear()
    QTest.mouseClick(view.canvas.viewport(), LEFT, pos=QPoint(200, 100))
    assert not view.editor.isVisible()


def test_a_network_without_hidden_layers_can_be_edited(view, asked):
    run, _ = shown(view, 2, 1)
    assert isinstance(run.spec, NetworkSpec)
    click(view, LinkId(1, 0, 0))
    type_into(view.editor.entries["weight"], "3")
    assert asked == [(0, 3.0)]
