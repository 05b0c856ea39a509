"""A plane in parameter space, and the plane through a path: from now towards the start, and where the path strays most.

A point of a plane is origin + alpha direction_1 + beta direction_2. A projection onto it solves the 2 x 2 Gram system,
because two directions in a space of a hundred parameters are seldom orthogonal by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]

STRAIGHT = 1e-12
"""A path that strays from its chord by less than this share of its size counts as straight: what is left is rounding."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in parameter space; its arrays are read-only.

    Attributes
    ----------
    origin, direction_1, direction_2 : ndarray of float64, shape (n_parameters,)
        The directions may have any length and any angle but must not be parallel.
    """

    origin: Float64Array
    direction_1: Float64Array
    direction_2: Float64Array

    def __post_init__(self) -> None:
        for name in ("origin", "direction_1", "direction_2"):
            vector = np.array(getattr(self, name), dtype=np.float64)
            vector.flags.writeable = False
            object.__setattr__(self, name, vector)

    def point(self, alpha: float, beta: float) -> Float64Array:
        """Return the parameters at (alpha, beta)."""
        return self.origin + alpha * self.direction_1 + beta * self.direction_2

    def project(self, parameters: Array) -> Float64Array:
        """Return the coordinates (alpha, beta) of the nearest points of the plane.

        Parameters
        ----------
        parameters : ndarray of shape (n_parameters,) or (n_points, n_parameters)

        Returns
        -------
        ndarray of shape (2,) or (n_points, 2)
        """
        basis = np.stack([self.direction_1, self.direction_2])
        displacements = np.asarray(parameters, dtype=np.float64) - self.origin
        return np.asarray(np.linalg.solve(basis @ basis.T, basis @ displacements.T).T, dtype=np.float64)

    def out_of_plane(self, parameters: Array) -> Float64Array:
        """Return the distances from the plane, of shape () or (n_points,), in the units of the parameters."""
        coordinates = self.project(parameters)
        within = coordinates @ np.stack([self.direction_1, self.direction_2])
        return lengths(parameters - self.origin - within)

    def share_in_plane(self, path: Array) -> float:
        """Return which share of a path's squared length from the origin lies in the plane, 0 to 1.

        A path that never leaves the origin lies in the plane: 1.
        """
        whole = lengths(path - self.origin)
        longest = float(whole.max())
        if longest == 0.0:
            return 1.0
        outside = np.square(self.out_of_plane(path) / longest).sum() / np.square(whole / longest).sum()
        return float(np.clip(1.0 - outside, 0.0, 1.0))

    def aligned_with(self, previous: Plane | None) -> Plane:
        """Return this plane with direction_2 turned to the side of `previous`, so that pictures in a row do not flip.

        The first direction has a meaning (towards the start) and keeps its sign. A plane of another network changes nothing.
        """
        if previous is None or previous.direction_2.shape != self.direction_2.shape:
            return self
        if float(self.direction_2 @ previous.direction_2) >= 0.0:
            return self
        return replace(self, direction_2=-self.direction_2)


def lengths(vectors: Array) -> Float64Array:
    """Return the Euclidean lengths along the last axis; right also where the squares would overflow."""
    largest = np.abs(vectors).max(axis=-1, keepdims=True)
    scale = np.where(largest > 0.0, largest, 1.0)
    return np.asarray(np.linalg.norm(vectors / scale, axis=-1) * scale[..., 0], dtype=np.float64)


def chord_plane(path: Array, seed: int = 0) -> Plane:
    """Return the plane through the start and the current point of a path, turned to where the path strays most from its chord.

    Both end points lie exactly in the plane, so the loss drawn at either is the true loss.

    Parameters
    ----------
    path : ndarray of shape (n_points, n_parameters)
        First the start, last the current point, which becomes the origin.
    seed : int
        For the directions that the path leaves open: direction_2 of a straight path, both of a path that goes nowhere.

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
    path = np.asarray(path, dtype=np.float64)
    if len(path) == 0 or not np.isfinite(path).all():
        raise ValueError("A plane needs a path of at least one point whose parameters are all finite.")
    generator = np.random.Generator(np.random.PCG64(seed))
    displacements = path - path[-1]
    scale = float(np.abs(displacements).max())  # squares of huge parameters would overflow
    if scale > 0.0:
        displacements /= scale
    direction_1 = _unit_or_random(displacements[0], np.empty((0, path.shape[1])), generator, smallest=STRAIGHT)
    residual = displacements - np.outer(displacements @ direction_1, direction_1)
    direction_2 = _unit_or_random(first_component(residual), direction_1[None, :], generator, smallest=STRAIGHT)
    return Plane(path[-1], direction_1, direction_2)


def first_component(rows: Float64Array) -> Float64Array:
    """Return the first principal component of `rows`, not centred, scaled by its singular value; zeros for zero rows.

    The eigenvectors are those of the smaller of the two Gram matrices, n_points or n_parameters square.
    """
    wide = rows.shape[1] > rows.shape[0]
    _, vectors = np.linalg.eigh(rows @ rows.T if wide else rows.T @ rows)
    top: Float64Array = vectors[:, -1]
    return rows.T @ top if wide else top * np.linalg.norm(rows @ top)


def _unit_or_random(
    vector: Float64Array, orthogonal_to: Float64Array, generator: np.random.Generator, smallest: float
) -> Float64Array:
    """Return `vector` at length 1, or a random direction where it is too short, orthogonal to the given unit rows."""
    if float(np.linalg.norm(vector)) <= smallest:
        vector = generator.standard_normal(len(vector))
    vector = vector / np.linalg.norm(vector)
    for _ in range(2):  # the second pass removes what rounding left of the first
        vector = vector - orthogonal_to.T @ (orthogonal_to @ vector)
    return vector / np.linalg.norm(vector)


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
