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

    So have scale and shift of a normalised unit; its running averages get 0. A unit whose parameters are all 0 gets the
    direction 0; nothing is divided by zero.
    """
    direction = generator.standard_normal(spec.n_parameters)
    trained = spec.trained_mask()
    if trained is not None:
        direction[~trained] = 0.0
    for random, actual in zip(spec.views(direction), spec.views(parameters), strict=True):
        random.matrix[...] *= np.linalg.norm(actual.matrix, axis=0) / np.linalg.norm(random.matrix, axis=0)
        if random.normalization is not None and actual.normalization is not None:
            ours, theirs = random.normalization, actual.normalization
            factor = np.hypot(theirs.scale, theirs.shift) / np.hypot(ours.scale, ours.shift)
            ours.scale[...] *= factor
            ours.shift[...] *= factor
    return direction


def random_plane(spec: NetworkSpec, parameters: Array, seed: int = 0) -> Plane:
    """Return a plane through `parameters` along two filter-normalised random directions, orthogonal unit vectors at the end.

    Parameters
    ----------
    parameters : ndarray of shape (n_parameters,)
        Becomes the origin. Where all weights and biases are 0 the directions are plain random ones.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    scale_from = _scaled_down(spec, np.asarray(parameters, dtype=np.float64))
    first, second = (filter_normalised_direction(spec, scale_from, generator) for _ in range(2))
    first /= np.linalg.norm(first)
    second -= (first @ second) * first
    return Plane(np.asarray(parameters, dtype=np.float64), first, second / np.linalg.norm(second), spec.trained_mask())


def _scaled_down(spec: NetworkSpec, parameters: Float64Array) -> Float64Array:
    """Return the parameters over the largest of them, so that no square overflows; ones where weights and biases are all 0."""
    if not any(np.any(layer.matrix) for layer in spec.views(parameters)):
        return np.ones_like(parameters)
    return parameters / float(np.abs(parameters).max())


def path_plane(spec: NetworkSpec, path: Array, seed: int = 0) -> Plane:
    """Return the plane to draw a path on: through its chord, or a random one while the path has gone nowhere."""
    trained = spec.trained_mask()
    moved = path != path[-1:]
    if trained is not None:
        moved &= trained
    return chord_plane(path, seed, trained) if len(path) == 0 or moved.any() else random_plane(spec, path[-1], seed)
