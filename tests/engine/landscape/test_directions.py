"""Random directions scaled unit by unit."""

from __future__ import annotations

from dataclasses import replace

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


@pytest.mark.parametrize("normalization", ["batch", "layer"])
def test_scale_and_shift_of_a_unit_have_the_norm_of_theirs_and_running_averages_stand_still(normalization: str) -> None:
    spec = replace(SPEC, normalization=normalization)
    generator = np.random.default_rng(0)
    parameters = generator.normal(size=spec.n_parameters)
    direction = filter_normalised_direction(spec, parameters, generator)
    random, actual = (spec.views(vector)[0] for vector in (direction, parameters))
    for parts in ((random.matrix, actual.matrix), (random.normalization[:2], actual.normalization[:2])):
        found, expected = (np.linalg.norm(part, axis=0) for part in parts)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    if normalization == "batch":
        trained = spec.trained_mask()
        assert not direction[~trained].any()
        plane = random_plane(spec, parameters)
        assert not plane.basis[:, ~trained].any()
        np.testing.assert_allclose(plane.basis @ plane.basis.T, np.eye(2), atol=1e-13)


@pytest.mark.parametrize("size", [1e-200, 1e160, 1e300])
def test_random_planes_do_not_depend_on_the_size_of_the_parameters(size: float) -> None:
    parameters = np.random.default_rng(1).normal(size=SPEC.n_parameters)
    expected, found = random_plane(SPEC, parameters), random_plane(SPEC, parameters * size)
    np.testing.assert_allclose(found.basis, expected.basis, atol=1e-13)
    np.testing.assert_array_equal(found.origin, parameters * size)


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


def test_a_normalised_network_without_weights_has_a_random_plane_of_all_its_parameters() -> None:
    spec = replace(SPEC, normalization="layer")
    parameters = np.zeros(spec.n_parameters)
    spec.views(parameters)[0].normalization.scale[:] = 1.0
    assert np.all(random_plane(spec, parameters).direction_1 != 0.0)


def test_a_path_on_which_only_running_averages_moved_has_gone_nowhere() -> None:
    spec = replace(SPEC, normalization="batch")
    parameters = np.random.default_rng(1).normal(size=spec.n_parameters)
    path = np.tile(parameters, (3, 1))
    path[:, ~spec.trained_mask()] += np.arange(3.0)[:, None]
    np.testing.assert_array_equal(path_plane(spec, path).basis, random_plane(spec, path[-1]).basis)


def test_the_path_decides_between_chord_and_random_plane() -> None:
    parameters = np.random.default_rng(1).normal(size=SPEC.n_parameters)
    standing = np.tile(parameters, (3, 1))
    np.testing.assert_array_equal(path_plane(SPEC, standing).direction_1, random_plane(SPEC, parameters).direction_1)
    moved = standing + np.arange(3.0)[:, None]
    np.testing.assert_allclose(path_plane(SPEC, moved).direction_1, -1.0 / np.sqrt(SPEC.n_parameters))
