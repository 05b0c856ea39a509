"""The plane through a path: from now towards the start, and where the path strays most; and what a random walk shows there."""

from __future__ import annotations

from math import isfinite, nan, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.landscape.plane import BLOCK, Plane

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]

STRAIGHT = 1e-10
"""A path that strays from its chord by less than this share of its length counts as straight: what is left is rounding."""

LARGE = 1e100
"""Parameters beyond this are scaled down first: their squares would overflow."""


def chord_plane(path: Array, seed: int = 0, trained: NDArray[np.bool_] | None = None) -> Plane:
    """Return the plane through the start and the current point of a path, turned to where the path strays most from its chord.

    Both end points lie exactly in the plane, so the loss drawn at either is the true loss.

    Parameters
    ----------
    path : ndarray of shape (n_points, n_parameters)
        First the start, last the current point, which becomes the origin.
    seed : int
        For the directions that the path leaves open: direction_2 of a straight path, both of a path that goes nowhere.
    trained : ndarray of bool, shape (n_parameters,), optional
        Which parameters count, where not all do (see `Plane`).

    Returns
    -------
    Plane
        direction_1 is the unit vector from the current point towards the start; direction_2 the first principal component
        (not centred) of what the chord leaves of the path, a unit vector orthogonal to direction_1.

    Raises
    ------
    ValueError
        When the path is empty or not finite.
    """
    smallest, largest = (float(path.min()), float(path.max())) if len(path) else (nan, nan)
    scale = max(-smallest, largest)
    if not isfinite(scale):
        raise ValueError("A plane needs a path of at least one point whose parameters are all finite.")
    generator = np.random.Generator(np.random.PCG64(seed))
    now = path[-1]
    if trained is not None:
        path = np.where(trained, path, now)  # what no training moves stands still
    if scale > LARGE:
        path = path / scale
    origin = path[-1].astype(np.float64)
    free = np.ones(len(origin)) if trained is None else trained.astype(np.float64)
    direction_1 = _unit_or_random(path[0] - origin, np.empty((0, len(origin))), free, generator)
    direction_2 = _unit_or_random(_main_stray(path, origin, direction_1), direction_1[None, :], free, generator)
    return Plane(now, direction_1, direction_2, trained)


def _main_stray(path: Array, origin: Float64Array, direction: Float64Array) -> Float64Array:
    """Return the first principal component, not centred, of what `direction` leaves of the path; zeros for a straight path.

    It is a sum of the path's points, whose weights are the top eigenvector of the Gram matrix of the residuals.
    """
    gram = np.zeros((len(path), len(path)))
    columns = max(1, BLOCK // len(path))
    along = path @ direction - origin @ direction
    for start in range(0, path.shape[1], columns):
        part = slice(start, start + columns)
        residual = path[:, part] - origin[part] - np.outer(along, direction[part])
        gram += residual @ residual.T
    values, vectors = np.linalg.eigh(gram)
    if values[-1] <= STRAIGHT**2 * max(float(along @ along), float(np.finfo(float).tiny)):
        return np.zeros_like(origin)
    weights = vectors[:, -1] if vectors[:, -1].sum() >= 0.0 else -vectors[:, -1]  # most of the path lies on the positive side
    return np.asarray(weights @ path - weights.sum() * origin, dtype=np.float64)


def _unit_or_random(
    vector: Float64Array, orthogonal_to: Float64Array, free: Float64Array, generator: np.random.Generator
) -> Float64Array:
    """Return `vector` times `free` at length 1, or a random direction where that is 0, orthogonal to the given unit rows."""
    vector = vector * free
    largest = float(np.abs(vector).max())
    vector = vector / largest if largest > 0.0 else generator.standard_normal(len(vector)) * free
    for _ in range(2):  # the second pass removes what rounding left of the first
        vector = vector - orthogonal_to.T @ (orthogonal_to @ vector)
        vector = vector / np.linalg.norm(vector)
    return vector


def random_walk_share(n_points: int) -> float:
    """Return the share of a random walk that lies in its own `chord_plane`, on average: what no learning at all would show.

    In many dimensions a walk of n steps is its chord plus a bridge independent of it. Summed over the points, squared lengths
    from the last one are, per unit of squared step,
        chord                  (n + 1) (2 n + 1) / 6
        bridge                 (n^2 - 1) / 6, of which 1 / (4 sin^2(pi / 2n)) lies along its first component
    so the share is [chord + first component] / [n (n + 1) / 2], which tends to 2/3 + 2/pi^2 = 0.869 for long walks.

    References
    ----------
    Antognini and Sohl-Dickstein (2018), "PCA of high dimensional random walks with comparison to neural network training"
    (arXiv 1806.08805), who derive the shares 6 / (pi k)^2 of plain principal components; the first component used here is
    that of a Brownian bridge, whose covariance has the inverse of the second-difference matrix as its discrete form.
    """
    n_steps = n_points - 1
    if n_steps < 2:
        return 1.0
    chord = (n_steps + 1) * (2 * n_steps + 1) / 6.0
    component = 1.0 / (4.0 * sin(pi / (2.0 * n_steps)) ** 2)
    return (chord + component) / (n_steps * (n_steps + 1) / 2.0)
