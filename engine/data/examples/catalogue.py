"""Built-in examples: small problems drawn from formulas, the same for the same seed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.data.cells import CodedText, text_of
from engine.data.columns.kinds import Column, describe
from engine.data.errors import DataError
from engine.data.examples.houses import AGE, BEDROOMS, DISTANCE, PRICE, SIZE, house_prices
from engine.data.examples.shapes import (
    Sample,
    checkerboard,
    circles,
    gaussians,
    hills,
    plane,
    sine,
    spirals,
    two_gaussians,
    two_moons,
    xor,
)
from engine.data.preparation.prepare import prepare
from engine.data.prepared import PreparedData, Task
from engine.results.atomic import write_text
from engine.settings import ScalingName

DEFAULT_EXAMPLE = "two_moons"

_SHIFT = "standard deviation of each point's shift, in the units of its inputs"
_WIDTH = "standard deviation of each cloud, in the units of its inputs"
_ADDED = "standard deviation of what is added to y"
_SCATTER = "multiple of the usual scatter of prices, which is about 10 %"


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
        The noise that is drawn when none is asked for.
    noise_meaning : str
        What the noise is a measure of, and its unit.
    inputs : tuple of str
        Names of the inputs.
    output : str
        Name of the target.
    n_rows : int
        Rows drawn when no number is asked for.
    """

    title: str
    description: str
    task: Task
    draw: Callable[[int, int, float], Sample]
    noise: float
    noise_meaning: str
    inputs: tuple[str, ...] = ("x1", "x2")
    output: str = "label"
    n_rows: int = 400

    @property
    def has_noise(self) -> bool:
        """Whether the amount of noise can be chosen."""
        return self.noise > 0.0


EXAMPLES: dict[str, Example] = {
    "two_moons": Example(
        "Two moons", "Two half circles that a straight line can't part.", "classification", two_moons, 0.2, _SHIFT
    ),
    "circles": Example("Circles", "A ring around a disc: the inner class is enclosed.", "classification", circles, 0.1, _SHIFT),
    "xor": Example(
        "XOR", "Squares across from each other share a class; no single unit can do it.", "classification", xor, 0.05, _SHIFT
    ),
    "spirals": Example(
        "Spirals", "Two spirals wound around each other: needs width or depth.", "classification", spirals, 0.08, _SHIFT
    ),
    "checkerboard": Example(
        "Checkerboard",
        "Three by three squares of two classes: borders on all sides.",
        "classification",
        checkerboard,
        0.02,
        _SHIFT,
    ),
    "two_gaussians": Example(
        "Two clouds",
        "Two classes that overlap a little: one straight line is enough.",
        "classification",
        two_gaussians,
        0.8,
        _WIDTH,
    ),
    "gaussians": Example("Three clouds", "Three classes that overlap a little.", "classification", gaussians, 0.6, _WIDTH),
    "sine": Example(
        "Sine", "One input, one wave: watch the curve bend into place.", "regression", sine, 0.1, _ADDED, ("x",), "y"
    ),
    "plane": Example(
        "Plane", "A tilted plane over two inputs: a linear unit is enough.", "regression", plane, 0.1, _ADDED, output="y"
    ),
    "hills": Example("Hills", "Two hills and two hollows over two inputs.", "regression", hills, 0.05, _ADDED, output="y"),
    "house_prices": Example(
        "House prices",
        "Made-up sales: the price in EUR from size, bedrooms, distance to the centre and age.",
        "regression",
        house_prices,
        1.0,
        _SCATTER,
        (SIZE, BEDROOMS, DISTANCE, AGE),
        PRICE,
        n_rows=100_000,
    ),
}


def example_data(
    key: str = DEFAULT_EXAMPLE,
    *,
    validation: float = 0.2,
    test: float = 0.0,
    seed: int = 0,
    n_rows: int | None = None,
    noise: float | None = None,
    scaling: ScalingName = "standardise",
    target_scaling: ScalingName = "standardise",
    missing_indicator: bool = False,
) -> PreparedData:
    """Draw an example and prepare it as a file would be.

    Parameters
    ----------
    key : str
        One of `EXAMPLES`.
    validation, test : float
        Shares of the rows kept aside.
    seed : int
        Start of the random numbers of the points and of the split.
    n_rows, noise : optional
        The example's own unless given; `Example.noise_meaning` says what the noise measures.
    scaling, target_scaling, missing_indicator
        As for `prepare`.

    Raises
    ------
    DataError
        When there is no such example, or nothing can be learned from so few rows.
    """
    columns = example_columns(key, seed=seed, n_rows=n_rows, noise=noise)
    example = EXAMPLES[key]
    return prepare(
        columns,
        name=example.title,
        target=example.output,
        features=example.inputs,
        task=example.task,
        validation=validation,
        test=test,
        seed=seed,
        scaling=scaling,
        target_scaling=target_scaling,
        missing_indicator=missing_indicator,
    )


def example_columns(key: str, *, seed: int = 0, n_rows: int | None = None, noise: float | None = None) -> tuple[Column, ...]:
    """Draw an example as the columns of a table, the target last.

    Raises
    ------
    DataError
        When there is no such example.
    """
    if key not in EXAMPLES:
        raise DataError(f"there is no example {key!r}", remedy=f"choose one of {', '.join(EXAMPLES)}")
    example = EXAMPLES[key]
    size, spread = example.n_rows if n_rows is None else n_rows, example.noise if noise is None else noise
    sample = example.draw(seed, size, spread)
    inputs = (describe(name, values) for name, values in zip(example.inputs, sample.inputs.T, strict=True))
    return (*inputs, _target(example.output, sample))


def example_table(
    key: str, *, seed: int = 0, n_rows: int | None = None, noise: float | None = None
) -> Iterator[tuple[str, ...]]:
    """Yield an example's rows as text, the names of the columns first; numbers are written so that they read back the same.

    Raises
    ------
    DataError
        When there is no such example.
    """
    columns = example_columns(key, seed=seed, n_rows=n_rows, noise=noise)
    yield tuple(column.name for column in columns)
    for row in range(columns[0].n_rows):
        yield tuple(text_of(column.values, row) for column in columns)


def write_example_csv(key: str, path: Path | str, n_rows: int | None = None, noise: float | None = None, seed: int = 0) -> None:
    """Write an example as a CSV file (UTF-8, commas, decimal points) that holds the very numbers `example_data` prepares.

    Raises
    ------
    DataError
        When there is no such example.
    OSError
        When the file can't be written; a file that was there stays as it was.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(example_table(key, seed=seed, n_rows=n_rows, noise=noise))
    write_text(Path(path), text.getvalue())


def _target(name: str, sample: Sample) -> Column:
    if sample.outputs.dtype.kind == "f":
        return describe(name, sample.outputs.astype(np.float64))
    levels = tuple(f"class {code}" for code in range(int(sample.outputs.max(initial=0)) + 1))
    return describe(name, CodedText(sample.outputs.astype(np.int32), levels))
