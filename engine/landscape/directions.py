"""Random directions scaled unit by unit, for a path that has not moved yet.

References
----------
Li, Xu, Taylor, Studer and Goldstein (2018), "Visualizing the loss landscape of neural nets", section 4 (filter
normalisation). A filter of a fully connected layer is what feeds one unit; here the bias belongs to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.landscape.chord import chord_plane
from engine.landscape.plane import Plane
from engine.network import NetworkSpec

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]


def filter_normalised_direction(spec: NetworkSpec, parameters: Array, generator: np.random.Generator) -> Float64Array:
    """Return a random direction in which every unit's weights and bias together have the norm they have in `parameters`.

    A unit whose parameters are all 0 gets the direction 0; nothing is divided by zero.
    """
    direction = generator.standard_normal(spec.n_parameters)
    for random, actual in zip(spec.views(direction), spec.views(parameters), strict=True):
        norms = np.linalg.norm(actual.matrix, axis=0)
        random.matrix[...] *= norms / np.linalg.norm(random.matrix, axis=0)
    return direction


def random_plane(spec: NetworkSpec, parameters: Array, seed: int = 0) -> Plane:
    """Return a plane through `parameters` along two filter-normalised random directions, orthogonal unit vectors at the end.

    Parameters
    ----------
    parameters : ndarray of shape (n_parameters,)
        Becomes the origin. Where all of it is 0 the directions are plain random ones.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    scale_from = parameters if np.any(parameters) else np.ones(spec.n_parameters)
    first, second = (filter_normalised_direction(spec, scale_from, generator) for _ in range(2))
    first /= np.linalg.norm(first)
    second -= (first @ second) * first
    return Plane(np.asarray(parameters, dtype=np.float64), first, second / np.linalg.norm(second))


def path_plane(spec: NetworkSpec, path: Array, seed: int = 0) -> Plane:
    """Return the plane to draw a path on: through its chord, or a random one while the path has gone nowhere."""
    if len(path) == 0 or np.any(path != path[-1]):
        return chord_plane(path, seed)
    return random_plane(spec, path[-1], seed)
