"""Random directions scaled unit by unit."""

from __future__ import annotations

import numpy as np
import pytest

from engine.landscape.directions import filter_normalised_direction, path_plane, random_plane
from engine.network import NetworkSpec

SPEC = NetworkSpec((3, 4, 1), ("tanh", "identity"), "mse")


def test_every_unit_of_a_direction_has_the_norm_of_its_parameters() -> None:
    generator = np.random.default_rng(0)
    parameters = generator.normal(size=SPEC.n_parameters)
    layers = SPEC.views(parameters)
    layers[0].matrix[:, 2] = 0.0  # a unit whose parameters are all 0
    layers[1].bias[:] = 0.0
    direction = filter_normalised_direction(SPEC, parameters, generator)
    for actual, random in zip(layers, SPEC.views(direction), strict=True):
        np.testing.assert_allclose(
            np.linalg.norm(random.matrix, axis=0), np.linalg.norm(actual.matrix, axis=0), rtol=1e-12, atol=0.0
        )


def test_random_plane_is_orthonormal_and_the_same_for_the_same_seed() -> None:
    parameters = np.random.default_rng(1).normal(size=SPEC.n_parameters)
    plane = random_plane(SPEC, parameters, seed=4)
    basis = np.stack([plane.direction_1, plane.direction_2])
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-13)
    np.testing.assert_array_equal(random_plane(SPEC, parameters, seed=4).direction_1, plane.direction_1)
    assert np.any(random_plane(SPEC, parameters, seed=5).direction_1 != plane.direction_1)


def test_a_network_of_zeros_has_a_random_plane() -> None:
    plane = random_plane(SPEC, np.zeros(SPEC.n_parameters))
    assert np.linalg.norm(plane.direction_1) == pytest.approx(1.0)


def test_the_path_decides_between_chord_and_random_plane() -> None:
    parameters = np.random.default_rng(1).normal(size=SPEC.n_parameters)
    standing = np.tile(parameters, (3, 1))
    np.testing.assert_array_equal(path_plane(SPEC, standing).direction_1, random_plane(SPEC, parameters).direction_1)
    moved = standing + np.arange(3.0)[:, None]
    np.testing.assert_allclose(path_plane(SPEC, moved).direction_1, -1.0 / np.sqrt(SPEC.n_parameters))
