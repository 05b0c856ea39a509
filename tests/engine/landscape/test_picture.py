"""Heat map, iso-lines and the interpolation below both."""

from __future__ import annotations

import numpy as np
import pytest

from engine.landscape.picture import contour_lines, heat_image
from engine.landscape.scale import LossScale, loss_scale
from engine.landscape.upsampling import cell_centres, finer_nodes, upsampled
from engine.landscape.viridis import VIRIDIS

MAGENTA = (194, 24, 91, 255)


def bowl(n_alphas: int = 17, n_betas: int = 17) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    alphas, betas = np.linspace(-1.0, 3.0, n_alphas), np.linspace(-2.0, 2.0, n_betas)
    return alphas, betas, 0.1 + alphas[:, None] ** 2 + 2.0 * betas[None, :] ** 2


def test_nodes_keep_their_values() -> None:
    values = np.random.default_rng(0).normal(size=(9, 5))
    field = upsampled(values, finer_nodes(9, 4), finer_nodes(5, 3))
    np.testing.assert_allclose(field[::4, ::3], values, atol=1e-13)


@pytest.mark.parametrize("degree", [0, 1, 2])
def test_polynomials_are_met_exactly(degree: int) -> None:
    """Catmull-Rom meets parabolas inside; beyond the outer nodes the line goes on straight, so the rim meets lines only."""
    nodes = np.arange(12.0)
    values = (0.5 + nodes[:, None]) ** degree + (0.3 * nodes[None, :]) ** degree
    places = cell_centres(12, 64)
    field = upsampled(values, places, places)
    expected = (0.5 + places[:, None]) ** degree + (0.3 * places[None, :]) ** degree
    inside = slice(None) if degree < 2 else (places > 1.0) & (places < 10.0)
    rows = np.ix_(inside, inside) if degree == 2 else (inside, inside)
    np.testing.assert_allclose(field[rows], expected[rows], atol=1e-12)


def test_a_hole_is_neither_filled_nor_grown() -> None:
    values = np.ones((9, 9))
    values[4, 4] = np.nan
    places = cell_centres(9, 160)
    field = upsampled(values, places, places)
    nearest = np.floor(places + 0.5) == 4
    np.testing.assert_array_equal(np.isnan(field), np.outer(nearest, nearest))


def test_what_is_beside_a_hole_is_made_of_finite_nodes_only() -> None:
    values = np.add.outer(np.arange(9.0), 10.0 * np.arange(9.0))
    values[4, 4] = np.inf
    places = cell_centres(9, 80)
    field = upsampled(values, places, places)
    beside = np.abs(places - 4.0) < 1.0
    around = ~np.outer(beside, beside)
    expected = np.add.outer(places, 10.0 * places)  # an interpolation that used the hole would be off the plane
    np.testing.assert_allclose(field[around], expected[around], atol=1e-9)
    assert set(field[~around][np.isfinite(field[~around])]) <= set(values.ravel())


def test_image_has_the_smallest_beta_in_row_0_and_the_smallest_alpha_in_column_0() -> None:
    alphas, betas = np.linspace(0.0, 1.0, 9), np.linspace(0.0, 1.0, 9)
    losses = 1.0 + alphas[:, None] * 10.0 + betas[None, :]  # rises steeply along alpha
    image = heat_image(losses, LossScale(1.0, 12.0), pixels=64)
    assert image.shape == (64, 64, 4)
    assert image.dtype == np.uint8
    shades = [np.flatnonzero((image[place] == VIRIDIS).all(axis=1))[0] for place in ((0, 0), (0, 63), (63, 0), (63, 63))]
    low_low, beta_low_alpha_high, beta_high_alpha_low, high_high = shades
    assert low_low < beta_high_alpha_low < beta_low_alpha_high < high_high
    assert low_low < 20
    assert high_high == 255


def test_image_of_an_oblong_surface() -> None:
    alphas, _, losses = bowl(17, 9)
    image = heat_image(losses, loss_scale(losses, 1.0))
    assert image.shape == (128, 128, 4)
    middle_of_alpha = round((0.0 - alphas[0]) / 4.0 * 128)
    assert (image[64, middle_of_alpha, :3] == VIRIDIS[0, :3]).all()


def test_cells_that_are_not_finite_have_their_own_colour_and_no_other_pixel_has_it() -> None:
    _, _, losses = bowl()
    losses[3, 11] = np.nan
    losses[3, 12] = np.inf
    scale = loss_scale(losses, 1.0)
    image = heat_image(losses, scale, pixels=160, not_finite=MAGENTA)
    marked = (image == MAGENTA).all(axis=2)
    rows, columns = np.nonzero(marked)
    assert marked.sum() == 2 * 10 * 10
    assert (rows.min(), rows.max()) == (105, 124)  # beta nodes 11 and 12
    assert (columns.min(), columns.max()) == (25, 34)  # alpha node 3
    transparent = heat_image(losses, scale, pixels=160)
    np.testing.assert_array_equal(transparent[:, :, 3] == 0, marked)


def test_image_without_any_finite_loss() -> None:
    losses = np.full((9, 9), np.nan)
    assert (heat_image(losses, loss_scale(losses, 1.0), not_finite=MAGENTA) == MAGENTA).all()


def test_losses_above_the_ceiling_take_the_top_colour() -> None:
    losses = np.full((9, 9), 1e30)
    losses[0, 0] = 1.0
    image = heat_image(losses, LossScale(1.0, 2.0))
    assert (image[-1, -1] == VIRIDIS[-1]).all()


def test_contours_of_a_bowl_are_its_ellipses() -> None:
    alphas, betas, losses = bowl(33, 33)
    scale = loss_scale(losses, 2.0)
    levels = scale.levels(6)
    contours = contour_lines(alphas, betas, losses, scale, levels)
    assert len(contours) == 6
    for level, lines in zip(levels, contours, strict=True):
        points = np.concatenate(lines)
        on_line = 0.1 + points[:, 0] ** 2 + 2.0 * points[:, 1] ** 2
        np.testing.assert_allclose(on_line, level, rtol=0.03, atol=0.02)
        assert not points.flags.writeable or all(not line.flags.writeable for line in lines)


def test_contours_on_oblong_axes_do_not_swap_them() -> None:
    alphas, betas, losses = bowl(33, 9)
    scale = loss_scale(losses, 2.0)
    lines = contour_lines(alphas, betas, losses, scale, np.array([4.0]))[0]
    points = np.concatenate(lines)
    assert points[:, 0].max() == pytest.approx(np.sqrt(3.9), abs=0.05)
    assert points[:, 1].max() == pytest.approx(np.sqrt(3.9 / 2.0), abs=0.05)


def test_no_contour_enters_a_hole() -> None:
    alphas, betas, losses = bowl(33, 33)
    scale, levels = loss_scale(losses, 2.0), loss_scale(losses, 2.0).levels(8)
    losses[:, 20:24] = np.nan
    for lines in contour_lines(alphas, betas, losses, scale, levels):
        for line in lines:
            places = np.interp(line[:, 1], betas, np.arange(33))
            assert not ((places > 19.01) & (places < 23.49)).any()


def test_a_flat_surface_has_no_contours() -> None:
    axis = np.linspace(0.0, 1.0, 9)
    losses = np.full((9, 9), 0.7)
    assert contour_lines(axis, axis, losses, loss_scale(losses, 0.7), np.empty(0)) == ()


def test_viridis_is_read_only_and_rises_in_brightness() -> None:
    assert VIRIDIS.shape == (256, 4)
    assert not VIRIDIS.flags.writeable
    assert tuple(VIRIDIS[0]) == (68, 1, 84, 255)
    assert tuple(VIRIDIS[255]) == (253, 231, 37, 255)
    brightness = VIRIDIS[:, :3] @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(brightness) > -0.5).all()
