"""A surface as a picture: the heat map as pixels and the iso-lines as curves, both on the same scale of losses."""

from __future__ import annotations

from typing import Any

import contourpy
import numpy as np
from numpy.typing import NDArray

from engine.landscape.scale import LossScale
from engine.landscape.upsampling import cell_centres, finer_nodes, upsampled
from engine.landscape.viridis import VIRIDIS

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]
Lines = tuple[Float64Array, ...]

PIXELS_PER_CELL = 8
MOST_PIXELS = 256
N_LEVELS = 12
CONTOUR_NODES = 65
"""About so many nodes per side carry the iso-lines: as smooth as the heat map, in a few milliseconds."""

TRANSPARENT = (0, 0, 0, 0)


def heat_image(
    losses: Array, scale: LossScale, pixels: int | None = None, not_finite: tuple[int, int, int, int] = TRANSPARENT
) -> NDArray[np.uint8]:
    """Return the heat map of a surface.

    Parameters
    ----------
    losses : ndarray of shape (n_alphas, n_betas)
    scale : LossScale
    pixels : int, optional
        Per side; 8 per cell but no more than 256 when not given. The image spans the rectangle from the first to the last
        coordinate of both axes.
    not_finite : tuple of int
        RGBA of the cells of nodes whose loss is not finite. Transparent by default, so that what lies below shows: the
        window's own colour for it.

    Returns
    -------
    ndarray of uint8, shape (pixels, pixels, 4)
        Row 0 at the smallest beta, column 0 at the smallest alpha.
    """
    positions = np.minimum(scale.position(losses).T, 2.0)  # what is far above the ceiling must not ring into what is not
    pixels = pixels or min(MOST_PIXELS, PIXELS_PER_CELL * (max(positions.shape) - 1))
    rows, columns = (cell_centres(size, pixels) for size in positions.shape)
    field = upsampled(positions, rows, columns)
    holes = ~np.isfinite(field)
    shades = np.where(holes, 0.0, np.clip(field, 0.0, 1.0))
    places = np.rint(shades * (len(VIRIDIS) - 1)).astype(np.intp)
    # Looked up as one 32-bit word per pixel: five times faster than four bytes.
    words = VIRIDIS.view(np.uint32)[:, 0].take(places)
    image: NDArray[np.uint8] = words.view(np.uint8).reshape(*places.shape, 4)
    image[holes] = not_finite
    return image


def contour_lines(
    alphas: Float64Array, betas: Float64Array, losses: Array, scale: LossScale, levels: Float64Array
) -> tuple[Lines, ...]:
    """Return the iso-lines of a surface, interpolated on its scale; none cross a cell whose loss is not finite.

    Parameters
    ----------
    losses : ndarray of shape (n_alphas, n_betas)
    levels : ndarray of shape (n_levels,)
        Losses.

    Returns
    -------
    tuple of tuple of ndarray of shape (n_points, 2)
        Per level its lines in (alpha, beta).
    """
    if scale.is_flat or len(levels) == 0:
        return tuple(() for _ in levels)
    positions = np.minimum(scale.position(losses).T, 2.0)
    factor = max(1, (CONTOUR_NODES - 1) // (len(alphas) - 1))
    beta_places, alpha_places = (finer_nodes(size, factor) for size in positions.shape)
    field = np.ma.masked_invalid(upsampled(positions, beta_places, alpha_places))
    generator = contourpy.contour_generator(
        np.interp(alpha_places, np.arange(len(alphas)), alphas),
        np.interp(beta_places, np.arange(len(betas)), betas),
        field,
        line_type=contourpy.LineType.Separate,
    )
    return tuple(tuple(_read_only(line) for line in generator.lines(float(level))) for level in scale.position(levels))


def _read_only(line: Any) -> Float64Array:
    points = np.asarray(line, dtype=np.float64)
    points.flags.writeable = False
    return points
