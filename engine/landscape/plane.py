"""A plane in parameter space: its points, what projects onto it, and how far beside it something lies.

A point of a plane is origin + alpha direction_1 + beta direction_2. A projection onto it solves the 2 x 2 Gram system,
because two directions in a space of a hundred parameters are seldom orthogonal by themselves.

The flat vector of a batch-normalised network also holds running averages, which no gradient moves. They are no part of the
geometry: directions are 0 there, and distances are taken without them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]

BLOCK = 2**17
"""Numbers worked on at a time where a whole path would not fit the cache."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in parameter space; its arrays are read-only.

    Attributes
    ----------
    origin, direction_1, direction_2 : ndarray of float64, shape (n_parameters,)
        The directions may have any length and any angle but must not be parallel.
    trained : ndarray of bool, shape (n_parameters,), optional
        Which of the numbers training moves, where that is not all of them; the directions are made 0 at the others.
    """

    origin: Float64Array
    direction_1: Float64Array
    direction_2: Float64Array
    trained: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        for name in ("origin", "direction_1", "direction_2"):
            vector = np.array(getattr(self, name), dtype=np.float64)
            if self.trained is not None and name != "origin":
                vector[~self.trained] = 0.0
            vector.flags.writeable = False
            object.__setattr__(self, name, vector)

    @cached_property
    def basis(self) -> Float64Array:
        """The two directions, shape (2, n_parameters); read-only."""
        return _read_only(np.stack([self.direction_1, self.direction_2]))

    @cached_property
    def projection(self) -> Float64Array:
        """The matrix that takes a displacement to its coordinates, shape (2, n_parameters); read-only."""
        return _read_only(np.asarray(np.linalg.solve(self.basis @ self.basis.T, self.basis), dtype=np.float64))

    @cached_property
    def _projected_origin(self) -> Float64Array:
        return self.origin @ self.projection.T

    @cached_property
    def size_of_origin(self) -> float:
        """The norm of the origin's trained parameters."""
        return float(lengths(self.origin if self.trained is None else self.origin[self.trained]))

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
        # Projected before subtracting: no displacement of every point is held in memory.
        return np.asarray(parameters @ self.projection.T - self._projected_origin, dtype=np.float64)

    def displacement(self, parameters: Array) -> Float64Array:
        """Return what lies between the origin and some parameters, 0 where nothing is trained; of the parameters' shape."""
        difference = np.asarray(parameters - self.origin, dtype=np.float64)
        return difference if self.trained is None else np.where(self.trained, difference, 0.0)

    def out_of_plane(self, parameters: Array) -> Float64Array:
        """Return the distances from the plane, of shape () or (n_points,), in the units of the parameters."""
        return lengths(self.displacement(parameters) - self.project(parameters) @ self.basis)

    def share_in_plane(self, path: Array) -> float:
        """Return which share of a path's squared length from the origin lies in the plane, 0 to 1.

        A path that never leaves the origin lies in the plane: 1.
        """
        rows = max(1, BLOCK // path.shape[1])
        parts = [path[start : start + rows] for start in range(0, len(path), rows)]
        whole = np.concatenate([lengths(self.displacement(part)) for part in parts])
        longest = float(whole.max())
        if longest == 0.0:
            return 1.0
        coordinates = self.project(path) / longest
        inside = float(np.sum((coordinates @ (self.basis @ self.basis.T)) * coordinates))
        return min(max(inside / float(np.square(whole / longest).sum()), 0.0), 1.0)

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
    with np.errstate(over="ignore"):
        plain = np.asarray(np.linalg.norm(vectors, axis=-1), dtype=np.float64)
    if np.isfinite(plain).all():
        return plain
    scale = np.maximum(np.abs(vectors).max(axis=-1, keepdims=True), np.finfo(np.float64).tiny)
    return np.asarray(np.linalg.norm(vectors / scale, axis=-1) * scale[..., 0], dtype=np.float64)


def _read_only(array: Float64Array) -> Float64Array:
    array.flags.writeable = False
    return array
