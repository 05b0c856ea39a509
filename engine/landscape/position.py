"""Where a point of parameter space stands on a drawn surface, and how far beside it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.landscape.plane import Plane, lengths

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]


def interpolated_loss(alphas: Float64Array, betas: Float64Array, losses: Array, alpha: float, beta: float) -> float | None:
    """Return the loss at a place of a surface, linear in the logarithm of the loss between the four nodes around it.

    Parameters
    ----------
    alphas : ndarray of shape (n_alphas,)
    betas : ndarray of shape (n_betas,)
        Evenly spaced, ascending.
    losses : ndarray of shape (n_alphas, n_betas)

    Returns
    -------
    float or None
        None outside the grid; not finite where a node that counts is not. Where one of the four losses is 0 the interpolation
        is plainly linear.
    """
    inside = alphas[0] <= alpha <= alphas[-1] and betas[0] <= beta <= betas[-1]
    if not inside:
        return None
    (i, s), (j, t) = _cell(alphas, alpha), _cell(betas, beta)
    weights = np.outer([1.0 - s, s], [1.0 - t, t])
    counts = weights > 0.0
    corners, weights = losses[i : i + 2, j : j + 2][counts].astype(np.float64), weights[counts]
    if len(corners) == 1 or not np.isfinite(corners).all() or corners.min() <= 0.0:
        return float(corners @ weights)
    return float(np.exp(np.log(corners) @ weights))


def _cell(axis: Float64Array, value: float) -> tuple[int, float]:
    """Return the cell a value lies in and where in it, 0 to 1."""
    i = min(int(np.searchsorted(axis, value, side="right")) - 1, len(axis) - 2)
    return i, float((value - axis[i]) / (axis[i + 1] - axis[i]))


class Place(NamedTuple):
    """Where a point of parameter space projects onto a plane, and how far beside it the point lies.

    Attributes
    ----------
    alpha, beta : float
    out_of_plane : float
        Distance from the plane as a share, 0 (in the plane) to 1.
    """

    alpha: float
    beta: float
    out_of_plane: float


def place_of(plane: Plane, parameters: Array, plane_size: float) -> Place:
    """Return where a point stands.

    Parameters
    ----------
    parameters : ndarray of shape (n_parameters,)
    plane_size : float
        Half the longer side of what is drawn, in the units of the parameters. The share is taken of the distance to the
        plane's origin, but of no less than this: a point that has only just left the origin is not far out.
    """
    coordinates = plane.project(parameters)
    displacement = plane.displacement(parameters)
    whole = max(float(lengths(displacement)), plane_size)
    beside = float(lengths(displacement - coordinates @ plane.basis))
    return Place(float(coordinates[0]), float(coordinates[1]), beside / whole if whole > 0.0 else 0.0)
