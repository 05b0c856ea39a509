"""The rectangle that is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.landscape.window import Axis, window_around

PLACES = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=8), st.floats(0.0, 1e6))
def test_path_and_current_point_are_inside_with_room_to_spare(points: list[tuple[float, float]], size: float) -> None:
    path = np.array(points)
    window = window_around(path, size)
    for axis, values in zip((window.alpha, window.beta), (path[:, 0], path[:, 1]), strict=True):
        low, high = min(values.min(), 0.0), max(values.max(), 0.0)
        margin = 0.25 * (high - low)
        assert axis.low < 0.0 < axis.high
        assert axis.low <= low - margin
        assert axis.high >= high + margin
        assert axis.length > 0.0


@given(st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=8), st.sampled_from([9, 17, 33, 65]))
def test_the_current_point_is_a_node_of_every_grid(points: list[tuple[float, float]], grid: int) -> None:
    window = window_around(np.array(points), 1.0)
    for axis in (window.alpha, window.beta):
        coordinates = axis.coordinates(grid)
        assert len(coordinates) == grid
        assert np.count_nonzero(coordinates == 0.0) == 1
        assert coordinates[0] == axis.low
        assert coordinates[-1] == pytest.approx(axis.high)
        assert np.ptp(np.diff(coordinates)) <= 1e-12 * axis.length


def test_the_window_is_not_much_larger_than_asked_for() -> None:
    path = np.column_stack([np.linspace(7.0, 0.0, 30), np.sin(np.linspace(0.0, 3.0, 30))])
    window = window_around(path, 3.0)
    assert 7.0 * 1.6 <= window.alpha.length <= 7.0 * 1.9


def test_a_straight_path_still_has_a_second_side() -> None:
    path = np.column_stack([np.linspace(4.0, 0.0, 5), np.zeros(5)])
    window = window_around(path, 1.0)
    assert window.beta.length >= 0.5 * 4.0


@pytest.mark.parametrize(("size", "expected"), [(3.6, 1.8), (0.0, 0.5)])
def test_a_path_that_has_not_moved_is_drawn_at_the_scale_of_the_parameters(size: float, expected: float) -> None:
    window = window_around(np.zeros((1, 2)), size)
    assert window.alpha == window.beta == Axis(expected / 8.0, 4)


def test_an_axis_without_the_current_point_is_refused() -> None:
    with pytest.raises(ValueError, match="50 points"):
        Axis(1.0, 4).coordinates(50)
