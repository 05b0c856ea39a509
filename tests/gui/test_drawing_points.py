"""A drawing without a window: points added, erased, taken back; where a brush dabs."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data.examples.catalogue import example_data
from gui.views.drawing_points import MOST_POINTS, OWN_PLANE, DrawingPoints, dabs, spray
from gui.views.drawing_start import kind_of, points_shown


def stroke(drawing: DrawingPoints, points: list[tuple[float, float]], label: int = 0) -> None:
    drawing.begin_stroke()
    drawing.add(np.array(points), label)
    drawing.end_stroke()


def test_strokes_are_taken_back_one_by_one() -> None:
    drawing = DrawingPoints("classes")
    stroke(drawing, [(0.0, 0.0), (1.0, 1.0)])
    stroke(drawing, [(2.0, 2.0)], label=1)
    assert (drawing.count(0), drawing.count(1)) == (2, 1)
    drawing.undo()
    assert (drawing.count(0), drawing.count(1)) == (2, 0)
    drawing.undo()
    assert len(drawing) == 0
    assert not drawing.can_undo
    drawing.undo()
    assert len(drawing) == 0


def test_a_stroke_that_changed_nothing_is_not_taken_back() -> None:
    drawing = DrawingPoints("classes")
    stroke(drawing, [(0.0, 0.0)])
    stroke(drawing, [(99.0, 0.0)])  # outside the plane
    drawing.begin_stroke()
    drawing.erase((2.0, 2.0), (0.1, 0.1))
    drawing.end_stroke()
    drawing.undo()
    assert len(drawing) == 0


def test_clearing_can_be_taken_back() -> None:
    drawing = DrawingPoints("classes")
    drawing.clear()
    assert not drawing.can_undo
    stroke(drawing, [(0.0, 0.0)])
    drawing.clear()
    assert len(drawing) == 0
    drawing.undo()
    assert len(drawing) == 1


def test_the_eraser_takes_what_lies_in_its_ellipse() -> None:
    drawing = DrawingPoints("classes")
    stroke(drawing, [(0.0, 0.0), (0.4, 0.0), (0.0, 0.4), (1.0, 0.0)])
    drawing.erase((0.0, 0.0), (0.5, 0.3))
    assert sorted(map(tuple, drawing.state.points.tolist())) == [(0.0, 0.4), (1.0, 0.0)]


def test_points_outside_the_plane_and_beyond_the_limit_are_left_out() -> None:
    drawing = DrawingPoints("classes")
    stroke(drawing, [(-3.0, 3.0), (3.01, 0.0), (0.0, -3.01)])
    assert drawing.state.points.tolist() == [[-3.0, 3.0]]
    stroke(drawing, [(0.0, 0.0)] * (MOST_POINTS + 10))
    assert drawing.is_full
    assert len(drawing) == MOST_POINTS
    stroke(drawing, [(0.0, 0.0)])
    assert len(drawing) == MOST_POINTS


def test_dabs_are_evenly_spaced_over_all_pieces_of_a_stroke() -> None:
    places, travelled, at = [], 0.0, (0.0, 0.0)
    for to in ((7.0, 0.0), (7.0, 13.0), (40.0, 13.0), (40.5, 13.0)):
        found, travelled = dabs(at, to, 10.0, travelled)
        places, at = [*places, *found.tolist()], to
    np.testing.assert_allclose(places, [(7.0, 3.0), (7.0, 13.0), (17.0, 13.0), (27.0, 13.0), (37.0, 13.0)])
    assert travelled == pytest.approx(3.5)
    assert dabs((1.0, 1.0), (1.0, 1.0), 10.0, 2.0)[1] == 2.0


def test_a_wide_brush_fills_its_disc_evenly() -> None:
    points = spray(np.random.default_rng(0), np.array([[5.0, 5.0]]), 10.0, 20_000) - 5.0
    radii = np.hypot(*points.T)
    assert radii.max() <= 10.0
    assert np.mean(radii < 5.0) == pytest.approx(0.25, abs=0.01)
    assert spray(np.random.default_rng(0), np.array([[5.0, 5.0]]), 0.0, 1).tolist() == [[5.0, 5.0]]


@pytest.mark.parametrize(
    ("key", "kind"),
    [("two_moons", "classes"), ("gaussians", "classes"), ("sine", "curve"), ("hills", None), ("house_prices", None)],
)
def test_a_drawing_starts_from_what_it_could_have_drawn(key: str, kind: str | None) -> None:
    data = example_data(key, n_rows=300)
    assert kind_of(data) == kind
    if kind is None:
        return
    state = points_shown(data)
    (left, right), (low, high) = state.plane
    assert ((state.points >= [left, low]) & (state.points <= [right, high])).all()
    rows = np.concatenate([data.rows_train, data.rows_validation])
    columns = [np.asarray(column.values) for column in data.columns[:2]]
    np.testing.assert_allclose(state.points, np.column_stack([column[rows] for column in columns]), atol=1e-12)
    if kind == "classes":
        assert np.array_equal(
            np.bincount(state.labels), np.bincount(np.concatenate([data.y_train, data.y_validation]).astype(int))
        )


def test_many_points_are_started_from_evenly_and_their_plane_holds_them() -> None:
    data = example_data("gaussians", n_rows=20_000, noise=4.0)
    state = points_shown(data)
    assert len(state.labels) == 1000
    assert state.plane != OWN_PLANE
    drawing = DrawingPoints("classes")
    drawing.replace(state)
    drawing.undo()
    assert drawing.state.plane == OWN_PLANE
