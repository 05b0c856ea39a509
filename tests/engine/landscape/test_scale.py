"""The scale of losses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.landscape.scale import LossScale, loss_scale


def test_equal_steps_are_equal_factors_above_the_floor() -> None:
    scale = LossScale(floor=2.0, ceiling=102.0)  # eps = 1
    positions = scale.position(np.array([2.0, 2.0 + np.sqrt(101.0) - 1.0, 102.0]))
    np.testing.assert_allclose(positions, [0.0, 0.5, 1.0], atol=1e-12)


@given(st.floats(0.0, 1e3), st.floats(0.01, 1e6))
def test_losses_come_back_from_their_positions(floor: float, height: float) -> None:
    scale = LossScale(floor, floor + height)
    losses = np.linspace(floor, floor + height, 7)
    np.testing.assert_allclose(scale.loss_at(scale.position(losses)), losses, rtol=1e-9, atol=1e-9 * height)


def test_levels_stand_at_equal_steps_between_floor_and_ceiling() -> None:
    scale = LossScale(0.1, 5.0)
    levels = scale.levels(12)
    assert len(levels) == 12
    assert levels.min() > 0.1
    assert levels.max() < 5.0
    np.testing.assert_allclose(np.diff(scale.position(levels)), 1.0 / 12.0)


def test_the_ceiling_is_five_times_the_start_or_where_most_of_the_surface_lies() -> None:
    losses = np.append(np.linspace(0.1, 1.0, 99), 1000.0)
    assert loss_scale(losses, 0.7) == LossScale(0.1, 3.5)
    high = np.linspace(0.0, 100.0, 101)
    assert loss_scale(high, 0.7) == LossScale(0.0, 90.0)
    assert loss_scale(np.linspace(0.0, 1.0, 11), 0.7).ceiling == 1.0  # never more than there is


def test_losses_that_are_not_finite_have_no_position_and_do_not_count() -> None:
    losses = np.array([1.0, np.nan, 3.0, np.inf])
    scale = loss_scale(losses, np.inf)
    assert scale.floor == 1.0
    assert scale.ceiling <= 3.0
    np.testing.assert_array_equal(np.isnan(scale.position(losses)), [False, True, False, True])


@pytest.mark.parametrize("losses", [np.full(9, 0.7), 0.7 + 1e-8 * np.arange(9), np.full(9, np.nan), np.zeros(9)])
def test_a_flat_surface_has_one_shade_and_no_lines(losses: np.ndarray) -> None:
    scale = loss_scale(losses, 0.7)
    assert scale.is_flat
    assert len(scale.levels(12)) == 0
    np.testing.assert_array_equal(scale.position(losses), np.where(np.isnan(losses), np.nan, 0.0))


def test_huge_losses_do_not_overflow() -> None:
    scale = loss_scale(np.array([1.0, 1e300, 1.7e308]), 1e308)
    positions = scale.position(np.array([1.0, 1e300, 1.7e308]))
    assert np.isfinite(positions).all()
