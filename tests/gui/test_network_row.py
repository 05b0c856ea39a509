from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from engine.data.prepared import Target
from engine.network import forward, predictions
from engine.observe import RowObservation
from gui.session.messages import RunInfo, Snapshot
from gui.theme import DARK, LIGHT, diverging_table
from gui.views.data_cells import loss_text
from gui.views.network_diagram import NetworkDiagram
from gui.views.network_geometry import UnitId
from gui.views.network_row import RowChips, activation_text, ranges_of, row_entries
from gui.views.network_tiles import SHARE, SIGNED, shown_activations
from gui.views.network_view import NetworkView
from tests.gui.test_network_view import make_run, make_snapshot, move_mouse, shown

ROW = 44
"""A validation row of the made data: position 4 of that part."""


def watched(run: RunInfo, parameters: np.ndarray, row: int = ROW, loss: float = 0.1932) -> RowObservation:
    """Return what the engine's own pass makes of a row."""
    data = run.data
    part, rows, X = (
        ("validation", data.rows_validation, data.X_validation) if row >= 40 else ("train", data.rows_train, data.X_train)
    )
    outputs = forward(run.spec, parameters, X[np.flatnonzero(rows == row)].T)
    outputs[-1] = predictions(run.spec, outputs[-1])
    return RowObservation(row, part, tuple(np.asarray(layer, dtype=float)[:, 0] for layer in outputs), loss)


def with_row(run: RunInfo, snapshot: Snapshot, row: RowObservation | None = None) -> Snapshot:
    row = row or watched(run, snapshot.parameters)
    return replace(snapshot, observation=replace(snapshot.observation, row=row))


@pytest.fixture
def view(qtbot) -> NetworkView:
    view = NetworkView()
    qtbot.addWidget(view)
    qtbot.addWidget(view.head)
    view.set_theme(LIGHT)
    view.resize(750, 362)
    view.show()
    qtbot.waitExposed(view)
    return view


def settle(view: NetworkView) -> None:
    for _ in range(5):
        QApplication.processEvents()


# ---------------------------------------------------------------------- numbers on the units


@pytest.mark.parametrize("sizes", [(2, 8, 8, 1), (4, 6, 3), (2, 40, 1)], ids=str)
def test_every_drawn_unit_shows_its_activation(view, sizes):
    run = make_run(*sizes)
    view.set_network(run)
    snapshot = with_row(run, make_snapshot(run))
    view.render(snapshot)
    settle(view)
    layout, row = view.diagram.layout, snapshot.observation.row
    expected = [
        (activation_text(float(row.activations[layer][unit])), column.left, top, column.size)
        for layer, (plan, column) in enumerate(zip(layout.plans, layout.columns, strict=True))
        for unit, top in zip(plan.units, column.tops, strict=True)
    ]
    chips = view.diagram._chips.chips
    assert len(chips) == len(expected)
    for chip, (text, left, top, size) in zip(chips, expected, strict=True):
        assert chip.text in (text, "")
        assert chip.area.left() <= left + size / 2 <= chip.area.right()
        assert top - 2 <= chip.area.center().y() <= top + size + 2
    if sizes != (2, 40, 1):
        assert all(chip.text for chip in chips)


def test_numbers_do_not_overlap_and_leave_the_names_free(view):
    run = make_run(6, 12, 12, 1)
    shown(view, run)
    view.render(with_row(run, make_snapshot(run)))
    settle(view)
    layout = view.diagram.layout
    chips = [chip for chip in view.diagram._chips.chips if chip.text]
    assert len(chips) > 25
    for number, chip in enumerate(chips):
        assert not any(chip.area.intersects(other.area) for other in chips[number + 1 :])
    assert min(chip.area.left() for chip in chips) >= layout.columns[0].left
    assert max(chip.area.right() for chip in chips) <= layout.columns[-1].right + 1


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_numbers_have_the_colour_of_their_value(view, theme):
    view.set_theme(theme)
    run = make_run(2, 5, 1)
    view.set_network(run)
    snapshot = with_row(run, make_snapshot(run))
    view.render(snapshot)
    settle(view)
    image = view.canvas.viewport().grab().toImage()
    table = diverging_table(theme)
    values = snapshot.observation.row.activations[1]
    for chip, value in zip(view.diagram._chips.chips[2:7], values, strict=True):
        expected = table[round((min(max(float(value), -1.0), 1.0) + 1.0) * 127.5)][:3].astype(int)
        found = image.pixelColor(int(chip.area.left()) + 2, int(chip.area.center().y()))
        assert np.abs(np.array([found.red(), found.green(), found.blue()]) - expected).max() < 12


def test_units_too_close_for_numbers_show_their_colour_alone(view):
    view.resize(300, 200)
    run = make_run(2, 12, 1)
    view.set_network(run)
    snapshot = with_row(run, make_snapshot(run))
    view.render(snapshot)
    settle(view)
    chips = view.diagram._chips.chips[2:14]
    assert not any(chip.text for chip in chips)
    table = diverging_table(LIGHT, 65)
    for chip, value in zip(chips, snapshot.observation.row.activations[1], strict=True):
        place = round((min(max(float(value), -1.0), 1.0) + 1.0) * 32)
        assert chip.fill == QColor(*(int(channel) for channel in table[place, :3]))


def test_what_is_not_finite_is_shown_as_such(view):
    run = make_run(2, 3, 1)
    view.set_network(run)
    snapshot = make_snapshot(run)
    row = watched(run, snapshot.parameters)
    hidden = np.array([np.nan, np.inf, -np.inf])
    broken = replace(row, activations=(row.activations[0], hidden, np.array([np.nan])), loss=float("nan"))
    view.render(with_row(run, snapshot, broken))
    settle(view)
    chips = view.diagram._chips.chips
    assert [chip.text for chip in chips[2:]] == ["NaN", "∞", "−∞", "NaN"]
    assert {chip.fill.name().upper() for chip in chips[2:]} == {LIGHT.not_finite}
    assert view.strip.texts()[1] == "predicted not finite"
    assert view.strip.texts()[3] == "loss not finite"


def test_units_that_are_switched_off_keep_their_mark(view):
    run = make_run(2, 3, 1)
    view.set_network(run)
    snapshot = make_snapshot(run)
    spec = replace(run.spec, switched_off=((1, 1),))
    view.render(with_row(run, replace(snapshot, spec=spec), watched(run, snapshot.parameters)))
    settle(view)
    assert len(view.diagram._chips.chips) == 2 + 2 + 1


@pytest.mark.parametrize(
    ("value", "text"), [(0.834, "0.83"), (-0.5, "−0.50"), (99.99, "99.99"), (123.456, "123"), (-4.2e12, "−4.20e+12")]
)
def test_numbers_are_short(value, text):
    assert activation_text(value) == text


def test_colours_are_those_of_the_maps_or_fixed_or_up_to_the_largest():
    run = make_run(2, 3, 1, activation="relu")
    row = watched(run, make_snapshot(run).parameters)
    words = shown_activations(run.spec)
    of_maps = (SIGNED, (-7.0, 7.0), SHARE)
    assert ranges_of(row, words, of_maps) == of_maps
    largest = row.activations[1].max()
    assert ranges_of(row, words, ()) == (SIGNED, (-largest, largest), SHARE)


# ---------------------------------------------------------------------- words


def test_the_row_is_told_in_words(view):
    run = make_run(2, 3, 1)
    view.set_network(run)
    snapshot = with_row(run, make_snapshot(run))
    view.render(snapshot)
    probability = float(snapshot.observation.row.activations[-1][0])
    likeliest, share = ("yes", probability) if probability > 0.5 else ("no", 1.0 - probability)
    true = ("no", "yes")[int(run.data.y_validation[4])]
    assert view.strip.isVisible()
    assert view.strip.texts() == [
        "row 45 (validation)", f"predicted {likeliest} ({share:#.3g})", f"true {true}", "loss 0.1932",
    ]  # fmt: skip


def test_a_number_is_told_in_original_units(view):
    run = make_run(2, 3, 1)
    target = Target("price", "regression", (), mean=200.0, scale=50.0)
    run = replace(run, data=replace(run.data, target=target, y_train=run.data.y_train * 0.5))
    row = RowObservation(7, "train", (np.zeros(2), np.zeros(3), np.array([-0.5])), 0.25)
    entries = row_entries(run, row)
    true = 200.0 + 50.0 * float(run.data.y_train[7])
    assert [entry.words for entry in entries] == ["row 8 (train)", "predicted 175.0", f"true {true:.1f}", "loss 0.2500"]
    assert entries[0].full == f"row 8 (train): predicted 175.0, true {true:.1f}, loss 0.2500"


@pytest.mark.parametrize("loss", [1.13e-7, 0.04, 3.0, 12_345.678, 0.0])
def test_a_loss_is_written_as_in_the_table_of_the_rows(view, loss):
    row = RowObservation(7, "train", (np.zeros(2), np.zeros(3), np.array([0.5])), loss)
    assert row_entries(make_run(2, 3, 1), row)[3].value == loss_text(loss)


def test_the_likeliest_of_several_classes_is_named(view):
    run = make_run(2, 3, 4)
    row = RowObservation(7, "train", (np.zeros(2), np.zeros(3), np.array([0.1, 0.2, 0.6, 0.1])), 0.25)
    assert row_entries(run, row)[1].words == "predicted class 2 (0.600)"


def test_the_card_of_a_unit_has_its_activation_for_the_row(view):
    run = make_run(2, 3, 1)
    view.set_network(run)
    snapshot = with_row(run, make_snapshot(run))
    view.render(snapshot)
    settle(view)
    column = view.diagram.layout.columns[1]
    move_mouse(view, column.x, column.centres[2])
    assert view.diagram.target == UnitId(1, 2)
    label, value = view.diagram.card_text().lines[-1][0]
    assert label == "in row 45"
    assert float(value.replace("−", "-")) == pytest.approx(snapshot.observation.row.activations[1][2], abs=5e-5)


# ---------------------------------------------------------------------- coming and going


def test_when_the_row_goes_away_the_diagram_is_as_before(view):
    run = make_run(2, 8, 1)
    plain = shown(view, run)
    settle(view)
    before, layout = view.grab().toImage(), view.diagram.layout
    view.render(with_row(run, plain))
    settle(view)
    assert view.grab().toImage() != before
    view.render(plain)
    settle(view)
    assert not view.strip.isVisible()
    assert view.diagram._chips.chips == ()
    assert view.diagram.layout == layout
    assert view.grab().toImage() == before


def test_nothing_is_paid_when_no_row_is_watched(view, monkeypatch):
    asked = []
    monkeypatch.setattr(RowChips, "_chip", lambda *args: asked.append(args))
    monkeypatch.setattr("gui.views.network_view.row_entries", lambda *args: asked.append(args))
    run = make_run(2, 8, 1)
    shown(view, run)
    view.grab()
    assert asked == []


def test_the_numbers_follow_training_with_one_paint_for_each_frame(view, monkeypatch, qtbot):
    run = make_run(2, 8, 1)
    view.set_network(run)
    view.render(with_row(run, make_snapshot(run)))
    settle(view)
    paints = []
    original = NetworkDiagram.paint
    monkeypatch.setattr(NetworkDiagram, "paint", lambda self, *args: (paints.append(1), original(self, *args))[1])
    before = [chip.text for chip in view.diagram._chips.chips]
    view.render(with_row(run, make_snapshot(run, seed=5)))
    assert not paints
    qtbot.waitUntil(lambda: len(paints) > 0)
    settle(view)
    assert len(paints) == 1
    assert [chip.text for chip in view.diagram._chips.chips][2:] != before[2:]


def test_another_run_begins_without_a_row(view):
    run = make_run(2, 3, 1)
    view.set_network(run)
    view.render(with_row(run, make_snapshot(run)))
    view.set_network(make_run(3, 2, 1, run_id=2))
    assert view.strip.isHidden()
    assert view.diagram._chips.chips == ()
    view.clear()
    assert view.strip.isHidden()


def test_a_row_of_another_network_is_not_drawn(view):
    run = make_run(2, 3, 1)
    view.set_network(run)
    snapshot = make_snapshot(run)
    short = replace(watched(run, snapshot.parameters), activations=(np.zeros(2), np.zeros(1)))
    view.render(with_row(run, snapshot, short))
    assert view.diagram._chips.chips == ()
