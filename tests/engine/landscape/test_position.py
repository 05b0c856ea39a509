"""Where a point stands on a surface."""

from __future__ import annotations

import numpy as np
import pytest

from engine.landscape.plane import Plane
from engine.landscape.position import interpolated_loss, place_of

ALPHAS, BETAS = np.linspace(-1.0, 1.0, 9), np.linspace(0.0, 4.0, 5)


def test_exponentials_are_met_exactly_and_nodes_too() -> None:
    losses = np.exp(2.0 * ALPHAS[:, None] - 0.5 * BETAS[None, :])
    assert interpolated_loss(ALPHAS, BETAS, losses, 0.33, 1.7) == pytest.approx(np.exp(0.66 - 0.85))
    assert interpolated_loss(ALPHAS, BETAS, losses, 0.25, 3.0) == losses[5, 3]
    assert interpolated_loss(ALPHAS, BETAS, losses, 1.0, 4.0) == losses[8, 4]
    assert interpolated_loss(ALPHAS, BETAS, losses, -1.0, 0.0) == losses[0, 0]


@pytest.mark.parametrize(("alpha", "beta"), [(1.01, 1.0), (-1.01, 1.0), (0.0, -0.01), (0.0, 4.01), (np.nan, 1.0)])
def test_outside_the_window_there_is_no_loss(alpha: float, beta: float) -> None:
    assert interpolated_loss(ALPHAS, BETAS, np.ones((9, 5)), alpha, beta) is None


def test_a_loss_of_zero_does_not_spoil_its_cell() -> None:
    losses = np.ones((9, 5))
    losses[4, 0] = 0.0
    assert interpolated_loss(ALPHAS, BETAS, losses, 0.125, 0.0) == pytest.approx(0.5)


def test_a_node_that_is_not_finite_shows_where_it_counts() -> None:
    losses = np.ones((9, 5))
    losses[4, 1] = np.inf
    assert interpolated_loss(ALPHAS, BETAS, losses, 0.1, 0.9) == np.inf
    assert interpolated_loss(ALPHAS, BETAS, losses, 0.0, 0.0) == 1.0  # a node of the same cell
    assert interpolated_loss(ALPHAS, BETAS, losses, 0.25, 0.5) == 1.0  # its edge away from the hole


def test_share_out_of_plane() -> None:
    plane = Plane(np.zeros(3), np.array([1.0, 0.0, 0.0]), np.array([0.0, 2.0, 0.0]))
    assert place_of(plane, np.array([3.0, 0.0, 4.0]), 1.0) == pytest.approx((3.0, 0.0, 0.8))
    assert place_of(plane, np.array([0.0, 6.0, 8.0]), 1.0) == pytest.approx((0.0, 3.0, 0.8))
    assert place_of(plane, np.array([0.0, 0.0, 0.5]), 5.0).out_of_plane == pytest.approx(0.1)  # has only just left
    assert place_of(plane, np.zeros(3), 1.0).out_of_plane == 0.0
    assert place_of(plane, np.zeros(3), 0.0).out_of_plane == 0.0


def test_what_is_not_trained_is_nowhere() -> None:
    plane = Plane(np.ones(3), np.array([1.0, 0.0, 7.0]), np.array([0.0, 1.0, 7.0]), np.array([True, True, False]))
    assert place_of(plane, np.array([3.0, 0.0, 99.0]), 1.0) == pytest.approx((2.0, -1.0, 0.0))
