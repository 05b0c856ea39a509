"""Planes: projection, distance, and what keeps pictures in a row from flipping."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.landscape.chord import chord_plane
from engine.landscape.plane import Plane, lengths


def test_projection_onto_directions_that_are_not_orthogonal() -> None:
    generator = np.random.default_rng(0)
    origin, first, noise = generator.normal(size=(3, 105))
    plane = Plane(origin, 3.0 * first, first + 0.2 * noise)
    coordinates = generator.normal(size=(20, 2))
    points = np.array([plane.point(alpha, beta) for alpha, beta in coordinates])
    np.testing.assert_allclose(plane.project(points), coordinates, atol=1e-12)
    np.testing.assert_allclose(plane.project(points[3]), coordinates[3], atol=1e-12)
    np.testing.assert_allclose(plane.out_of_plane(points), 0.0, atol=1e-12)
    assert plane.share_in_plane(points) == pytest.approx(1.0, abs=1e-12)


def test_distance_out_of_plane_is_that_to_the_nearest_point() -> None:
    plane = Plane(np.zeros(3), np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0]))
    point = np.array([3.0, 4.0, 12.0])
    assert plane.out_of_plane(point) == pytest.approx(12.0)
    np.testing.assert_allclose(plane.project(point), [-1.0, 4.0], atol=1e-12)
    assert plane.share_in_plane(point[None, :]) == pytest.approx(25.0 / 169.0)


def test_directions_are_made_0_where_nothing_is_trained() -> None:
    plane = Plane(np.ones(3), np.array([1.0, 2.0, 5.0]), np.array([0.0, 1.0, 5.0]), np.array([True, True, False]))
    np.testing.assert_array_equal(plane.basis, [[1.0, 2.0, 0.0], [0.0, 1.0, 0.0]])
    np.testing.assert_array_equal(plane.point(1.0, 1.0), [2.0, 4.0, 1.0])
    assert plane.out_of_plane(np.array([2.0, 4.0, 7.0])) == pytest.approx(0.0, abs=1e-12)
    assert plane.share_in_plane(np.array([[1.0, 1.0, 7.0]])) == 1.0
    assert plane.aligned_with(Plane(-plane.origin, plane.direction_1, -plane.direction_2)).trained is plane.trained


def test_the_arrays_of_a_plane_are_read_only_copies() -> None:
    vector = np.arange(3.0)
    plane = Plane(vector, vector + 1.0, vector[::-1])
    vector[0] = 9.0
    assert plane.origin[0] == 0.0
    for array in (plane.origin, plane.basis[0], plane.projection[0]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


@given(st.integers(0, 2**32 - 1))
def test_aligned_planes_do_not_flip(seed: int) -> None:
    path = np.random.default_rng(seed).normal(size=(10, 15)).cumsum(axis=0)
    plane = chord_plane(path)
    flipped = Plane(plane.origin, plane.direction_1, -plane.direction_2)
    np.testing.assert_array_equal(flipped.aligned_with(plane).direction_2, plane.direction_2)
    np.testing.assert_array_equal(plane.aligned_with(plane).direction_2, plane.direction_2)
    np.testing.assert_array_equal(flipped.aligned_with(plane).direction_1, plane.direction_1)


def test_a_plane_of_another_network_aligns_nothing() -> None:
    plane = Plane(*np.eye(3))
    other = Plane(*-np.eye(4)[:3])
    assert plane.aligned_with(other) is plane
    assert plane.aligned_with(None) is plane


def test_lengths_of_vectors_whose_squares_overflow() -> None:
    np.testing.assert_allclose(lengths(np.array([[3e200, 4e200], [0.0, 0.0], [3.0, 4.0]])), [5e200, 0.0, 5.0])
