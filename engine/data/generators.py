"""Built-in examples: small problems drawn from formulas, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.errors import DataError
from engine.data.kinds import Column, describe
from engine.data.preparation import prepare
from engine.data.prepared import PreparedData, Task

DEFAULT_EXAMPLE = "two_moons"
_SAMPLE_STREAM = 1
"""Added to the seed, so that the points do not share random numbers with the split."""


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
    """Draw two half circles that reach into each other."""
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    angles = generator.uniform(0.0, np.pi, n_rows)
    upper = np.column_stack([np.cos(angles), np.sin(angles)])
    lower = np.column_stack([1.0 - np.cos(angles), 0.5 - np.sin(angles)])
    points = np.where(classes[:, None] == 0, upper, lower)
    return Sample(points + generator.normal(0.0, noise, points.shape), classes)


def circles(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw a ring around a disc."""
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    radii = np.where(classes == 0, generator.uniform(1.5, 2.0, n_rows), np.sqrt(generator.uniform(0.0, 1.0, n_rows)))
    points = _on_circle(radii, generator.uniform(0.0, 2.0 * np.pi, n_rows))
    return Sample(points + generator.normal(0.0, noise, points.shape), classes)


def xor(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw four squares; those across from each other share a class."""
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    x1 = generator.uniform(0.1, 1.0, n_rows) * generator.choice([-1.0, 1.0], n_rows)
    x2 = generator.uniform(0.1, 1.0, n_rows) * np.sign(x1) * np.where(classes == 0, 1.0, -1.0)
    points = np.column_stack([x1, x2])
    return Sample(points + generator.normal(0.0, noise, points.shape), classes)


def spirals(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw two spirals wound around each other, one and a half turns each."""
    generator, classes = _generator_and_classes(seed, n_rows, 2)
    along = np.sqrt(generator.uniform(0.02, 1.0, n_rows))
    points = _on_circle(2.0 * along, 3.0 * np.pi * along + np.pi * classes)
    return Sample(points + generator.normal(0.0, noise, points.shape), classes)


def gaussians(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw three clouds at the corners of a triangle."""
    generator, classes = _generator_and_classes(seed, n_rows, 3)
    centres = _on_circle(np.full(3, 1.5), np.pi / 2.0 + 2.0 * np.pi * np.arange(3) / 3.0)
    return Sample(centres[classes] + generator.normal(0.0, noise, (n_rows, 2)), classes)


def sine(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw points along y = sin(2 x)."""
    generator = _generator(seed)
    x = generator.uniform(-3.0, 3.0, n_rows)
    return Sample(x[:, None], np.sin(2.0 * x) + generator.normal(0.0, noise, n_rows))


def plane(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw points on the plane y = x1 - x2 / 2."""
    generator = _generator(seed)
    points = generator.uniform(-2.0, 2.0, (n_rows, 2))
    return Sample(points, points[:, 0] - 0.5 * points[:, 1] + generator.normal(0.0, noise, n_rows))


def hills(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw points on a surface of a hill at (1, 1), a hill at (-1, -1) and a hollow between the other two corners."""
    generator = _generator(seed)
    points = generator.uniform(-2.0, 2.0, (n_rows, 2))
    heights = np.zeros(n_rows)
    for centre, height in (((1.0, 1.0), 1.0), ((-1.0, -1.0), 1.0), ((1.0, -1.0), -1.0), ((-1.0, 1.0), -1.0)):
        heights += height * np.exp(-2.0 * ((points - np.array(centre)) ** 2).sum(axis=1))
    return Sample(points, heights + generator.normal(0.0, noise, n_rows))


@dataclass(frozen=True)
class Example:
    """A built-in example.

    Attributes
    ----------
    title : str
        The name in the menu.
    description : str
        One line that says what it shows.
    task : {"classification", "regression"}
    draw : callable
        (seed, n_rows, noise) -> Sample.
    noise : float
        Standard deviation of the noise that is drawn when none is asked for.
    n_rows : int
        Rows drawn when no number is asked for.
    """

    title: str
    description: str
    task: Task
    draw: Callable[[int, int, float], Sample]
    noise: float
    n_rows: int = 400


EXAMPLES: dict[str, Example] = {
    "two_moons": Example("Two moons", "Two half circles that a straight line can't part.", "classification", two_moons, 0.2),
    "circles": Example("Circles", "A ring around a disc: the inner class is enclosed.", "classification", circles, 0.1),
    "xor": Example(
        "XOR", "Squares across from each other share a class; no single unit can do it.", "classification", xor, 0.05
    ),
    "spirals": Example(
        "Spirals", "Two spirals wound around each other: needs width or depth.", "classification", spirals, 0.08
    ),
    "gaussians": Example("Three clouds", "Three classes that overlap a little.", "classification", gaussians, 0.6),
    "sine": Example("Sine", "One input, one wave: watch the curve bend into place.", "regression", sine, 0.1),
    "plane": Example("Plane", "A tilted plane over two inputs: a linear unit is enough.", "regression", plane, 0.1),
    "hills": Example("Hills", "Two hills and two hollows over two inputs.", "regression", hills, 0.05),
}


def example_data(
    key: str = DEFAULT_EXAMPLE,
    *,
    validation: float = 0.2,
    seed: int = 0,
    n_rows: int | None = None,
    noise: float | None = None,
) -> PreparedData:
    """Draw an example and prepare it as a file would be.

    Raises
    ------
    DataError
        When there is no such example.
    """
    if key not in EXAMPLES:
        raise DataError(f"there is no example {key!r}", remedy=f"choose one of {', '.join(EXAMPLES)}")
    example = EXAMPLES[key]
    size, spread = example.n_rows if n_rows is None else n_rows, example.noise if noise is None else noise
    inputs, target = _columns(example.draw(seed, size, spread))
    return prepare(
        [*inputs, target],
        name=example.title,
        target=target.name,
        features=[column.name for column in inputs],
        task=example.task,
        validation=validation,
        seed=seed,
    )


def _columns(sample: Sample) -> tuple[list[Column], Column]:
    names = ["x"] if sample.inputs.shape[1] == 1 else [f"x{index + 1}" for index in range(sample.inputs.shape[1])]
    inputs = [describe(name, values) for name, values in zip(names, sample.inputs.T, strict=True)]
    if sample.outputs.dtype.kind == "f":
        return inputs, describe("y", sample.outputs.astype(np.float64))
    levels = tuple(f"class {code}" for code in range(int(sample.outputs.max()) + 1))
    return inputs, describe("label", CodedText(sample.outputs.astype(np.int32), levels))


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, _SAMPLE_STREAM])


def _generator_and_classes(seed: int, n_rows: int, n_classes: int) -> tuple[np.random.Generator, NDArray[np.int64]]:
    """Return the generator and equally many rows of each class, in random order."""
    generator = _generator(seed)
    return generator, generator.permutation(np.arange(n_rows, dtype=np.int64) % n_classes)


def _on_circle(radii: NDArray[np.float64], angles: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    return np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
