"""Formulas of the built-in examples: shapes on a plane whose class is to be told, and surfaces and curves to be followed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_SAMPLE_STREAM = 1
"""Added to the seed, so that the points do not share random numbers with the split."""

_BOARD_SQUARES = (((0, 0), (0, 2), (1, 1), (2, 0), (2, 2)), ((0, 1), (1, 0), (1, 2), (2, 1)))
"""Column and row of the checkerboard's squares, for each class."""


class Sample(NamedTuple):
    """Points drawn from a formula.

    Attributes
    ----------
    inputs : ndarray of float64, shape (n_rows, n_inputs)
    outputs : ndarray, shape (n_rows,)
        Class numbers (integers) or quantities (floats).
    """

    inputs: NDArray[np.float64]
    outputs: NDArray[np.int64] | NDArray[np.float64]


def two_moons(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw two half circles that reach into each other; noise is the standard deviation of a point's shift along each axis."""
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    angles = generator.uniform(0.0, np.pi, n_rows)
    upper = np.column_stack([np.cos(angles), np.sin(angles)])
    lower = np.column_stack([1.0 - np.cos(angles), 0.5 - np.sin(angles)])
    points = np.where(classes[:, None] == 0, upper, lower)
    return Sample(points + generator.normal(0.0, noise, points.shape), classes)


def circles(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw a ring around a disc; noise is the standard deviation of a point's shift along each axis."""
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    radii = np.where(classes == 0, generator.uniform(1.5, 2.0, n_rows), np.sqrt(generator.uniform(0.0, 1.0, n_rows)))
    points = _on_circle(radii, generator.uniform(0.0, 2.0 * np.pi, n_rows))
    return Sample(points + generator.normal(0.0, noise, points.shape), classes)


def xor(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw four squares, those across from each other of one class; noise is the standard deviation of a point's shift."""
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    x1 = generator.uniform(0.1, 1.0, n_rows) * generator.choice([-1.0, 1.0], n_rows)
    x2 = generator.uniform(0.1, 1.0, n_rows) * np.sign(x1) * np.where(classes == 0, 1.0, -1.0)
    points = np.column_stack([x1, x2])
    return Sample(points + generator.normal(0.0, noise, points.shape), classes)


def spirals(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw two spirals, one and a half turns each; noise is the standard deviation of a point's shift along each axis."""
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    along = np.sqrt(generator.uniform(0.02, 1.0, n_rows))
    points = _on_circle(2.0 * along, 3.0 * np.pi * along + np.pi * classes)
    return Sample(points + generator.normal(0.0, noise, points.shape), classes)


def two_gaussians(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw two clouds around (-1, -1) and (1, 1); noise is the standard deviation of a cloud along each axis."""
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    centres = np.array([[-1.0, -1.0], [1.0, 1.0]])
    return Sample(centres[classes] + generator.normal(0.0, noise, (n_rows, 2)), classes)


def gaussians(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw three clouds at the corners of a triangle; noise is the standard deviation of a cloud along each axis."""
    generator, classes = _generator_and_classes(seed, n_rows, 3)
    centres = _on_circle(np.full(3, 1.5), np.pi / 2.0 + 2.0 * np.pi * np.arange(3) / 3.0)
    return Sample(centres[classes] + generator.normal(0.0, noise, (n_rows, 2)), classes)


def checkerboard(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw a board of three by three squares around (0, 0), each 1 wide, the corners and the middle of one class.

    Both classes have equally many points. Noise is the standard deviation of a point's shift along each axis.
    """
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    squares = [np.array(_BOARD_SQUARES[code])[generator.integers(0, len(_BOARD_SQUARES[code]), n_rows)] for code in (0, 1)]
    corners = np.where(classes[:, None] == 0, *squares) - 1.5
    points = corners + generator.uniform(0.0, 1.0, (n_rows, 2))
    return Sample(points + generator.normal(0.0, noise, points.shape), classes)


def sine(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw points along y = sin(2 x); noise is the standard deviation added to y."""
    generator = sample_generator(seed)
    x = generator.uniform(-3.0, 3.0, n_rows)
    return Sample(x[:, None], np.sin(2.0 * x) + generator.normal(0.0, noise, n_rows))


def plane(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw points on the plane y = x1 - x2 / 2; noise is the standard deviation added to y."""
    generator = sample_generator(seed)
    points = generator.uniform(-2.0, 2.0, (n_rows, 2))
    return Sample(points, points[:, 0] - 0.5 * points[:, 1] + generator.normal(0.0, noise, n_rows))


def hills(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw points on a sum of Gaussians: hills at (1, 1) and (-1, -1), hollows at (1, -1) and (-1, 1).

    Noise is the standard deviation added to the height.
    """
    generator = sample_generator(seed)
    points = generator.uniform(-2.0, 2.0, (n_rows, 2))
    heights = np.zeros(n_rows)
    for centre, height in (((1.0, 1.0), 1.0), ((-1.0, -1.0), 1.0), ((1.0, -1.0), -1.0), ((-1.0, 1.0), -1.0)):
        heights += height * np.exp(-2.0 * ((points - np.array(centre)) ** 2).sum(axis=1))
    return Sample(points, heights + generator.normal(0.0, noise, n_rows))


def sample_generator(seed: int) -> np.random.Generator:
    """Return the random numbers of a sample."""
    return np.random.default_rng([seed, _SAMPLE_STREAM])


def _generator_and_classes(seed: int, n_rows: int, n_classes: int) -> tuple[np.random.Generator, NDArray[np.int64]]:
    """Return the generator and equally many rows of each class, in random order."""
    generator = sample_generator(seed)
    return generator, generator.permutation(np.arange(n_rows, dtype=np.int64) % n_classes)


def _on_circle(radii: NDArray[np.float64], angles: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    return np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
