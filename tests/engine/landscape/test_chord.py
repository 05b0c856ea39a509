"""The plane through a path, and what a random walk would show there."""

from __future__ import annotations

import numpy as np
import pytest

from engine.landscape.chord import chord_plane, random_walk_share


def test_both_ends_of_the_path_lie_in_its_plane(moving_path: np.ndarray) -> None:
    plane = chord_plane(moving_path)
    points = plane.project(moving_path)
    chord = np.linalg.norm(moving_path[0] - moving_path[-1])
    np.testing.assert_allclose(points[-1], [0.0, 0.0], atol=1e-13)
    np.testing.assert_allclose(points[0], [chord, 0.0], atol=1e-12)
    np.testing.assert_allclose(plane.out_of_plane(moving_path[[0, -1]]), 0.0, atol=1e-12)


def test_directions_of_the_path_plane_are_orthonormal_and_the_second_is_the_main_stray(moving_path: np.ndarray) -> None:
    plane = chord_plane(moving_path)
    basis = np.stack([plane.direction_1, plane.direction_2])
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-13)
    displacements = moving_path - moving_path[-1]
    residual = displacements - np.outer(displacements @ plane.direction_1, plane.direction_1)
    reference = np.linalg.svd(residual)[2][0]
    assert abs(reference @ plane.direction_2) == pytest.approx(1.0, abs=1e-12)
    assert plane.project(moving_path)[:, 1].sum() > 0.0


@pytest.mark.parametrize("n_points", [1, 2, 7])
def test_a_path_that_has_not_moved_still_has_a_plane(n_points: int) -> None:
    path = np.tile(np.linspace(-1.0, 1.0, 12), (n_points, 1))
    plane = chord_plane(path, seed=3)
    basis = np.stack([plane.direction_1, plane.direction_2])
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-13)
    np.testing.assert_array_equal(plane.origin, path[-1])
    np.testing.assert_array_equal(chord_plane(path, seed=3).direction_2, plane.direction_2)
    assert plane.share_in_plane(path) == 1.0


def test_a_straight_path_gets_an_orthogonal_direction_of_its_own() -> None:
    step = np.random.default_rng(2).normal(size=20)
    path = np.arange(6.0)[:, None] * step + 0.3
    plane = chord_plane(path)
    assert plane.direction_1 @ plane.direction_2 == pytest.approx(0.0, abs=1e-13)
    assert np.linalg.norm(plane.direction_2) == pytest.approx(1.0)
    assert plane.direction_1 @ step < 0.0  # towards the start


def test_a_path_of_huge_parameters_does_not_overflow(moving_path: np.ndarray) -> None:
    huge = chord_plane(moving_path * 1e200)
    plain = chord_plane(moving_path)
    np.testing.assert_allclose(huge.direction_2, plain.direction_2, atol=1e-12)
    assert huge.share_in_plane(moving_path * 1e200) == pytest.approx(plain.share_in_plane(moving_path))


def test_what_no_training_moves_does_not_count(moving_path: np.ndarray) -> None:
    trained = np.arange(33) % 3 != 1
    expected = chord_plane(moving_path[:, trained])
    moving_path[:, ~trained] *= 1e3
    plane = chord_plane(moving_path, trained=trained)
    assert not plane.basis[:, ~trained].any()
    np.testing.assert_array_equal(plane.origin, moving_path[-1])
    np.testing.assert_allclose(plane.basis[:, trained], expected.basis, atol=1e-12)
    np.testing.assert_allclose(plane.project(moving_path), expected.project(moving_path[:, trained]), atol=1e-11)
    np.testing.assert_allclose(plane.out_of_plane(moving_path), expected.out_of_plane(moving_path[:, trained]), atol=1e-11)
    assert plane.share_in_plane(moving_path) == pytest.approx(expected.share_in_plane(moving_path[:, trained]))
    assert plane.size_of_origin == pytest.approx(expected.size_of_origin)


@pytest.mark.parametrize("n_moved", [0, 1])
def test_directions_left_open_are_drawn_among_what_is_trained(n_moved: int) -> None:
    trained = np.arange(12) % 4 != 0
    path = np.tile(np.linspace(-1.0, 1.0, 12), (3, 1))
    path[:n_moved] += 0.5
    plane = chord_plane(path, trained=trained)
    assert not plane.basis[:, ~trained].any()
    np.testing.assert_allclose(plane.basis @ plane.basis.T, np.eye(2), atol=1e-13)


def test_a_path_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        chord_plane(np.array([[0.0, 1.0], [np.nan, 1.0]]))
    with pytest.raises(ValueError, match="at least one point"):
        chord_plane(np.empty((0, 2)))


@pytest.mark.parametrize("n_points", [3, 10, 60])
def test_share_of_random_walks(n_points: int) -> None:
    generator = np.random.default_rng(n_points)
    shares = []
    for _ in range(20):
        path = generator.normal(size=(n_points, 2000)).cumsum(axis=0)
        shares.append(chord_plane(path).share_in_plane(path))
    assert np.mean(shares) == pytest.approx(random_walk_share(n_points), abs=0.01)


def test_share_of_long_and_of_trivial_walks() -> None:
    assert random_walk_share(100_000) == pytest.approx(2.0 / 3.0 + 2.0 / np.pi**2, abs=1e-4)
    assert [random_walk_share(n_points) for n_points in (1, 2)] == [1.0, 1.0]
    assert random_walk_share(3) == pytest.approx(1.0)  # three points always lie in a plane
