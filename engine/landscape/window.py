"""The part of a plane that is drawn: around the whole path, with room at its sides, never empty.

The origin of the plane is a node of the coarsest grid and so of every grid: the loss drawn under the dot is computed there,
not interpolated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]

CELLS = 8
"""Cells per side of the coarsest grid."""

MARGIN = 0.3
"""Room left on either side of the path, as a share of its extent."""

SMALLEST_SHARE = 0.5
"""The shortest side, as a share of the longer one and of the norm of the parameters."""


@dataclass(frozen=True)
class Axis:
    """One side of the window, cut so that 0 is the end of a coarse cell.

    Attributes
    ----------
    cell : float
        Length of one of the 8 coarse cells.
    cells_before : int
        How many of them lie below 0, 0 to 8.
    """

    cell: float
    cells_before: int

    def coordinates(self, grid: int) -> Float64Array:
        """Return `grid` evenly spaced coordinates, one of them exactly 0.

        Raises
        ------
        ValueError
            When grid - 1 is not a multiple of 8: then 0 would lie between two of them.
        """
        if grid < 2 or (grid - 1) % CELLS:
            raise ValueError(f"An axis of {grid} points leaves out the current point; use 9, 17, 33, 65 or 129.")
        places = np.arange(grid, dtype=np.float64) * (CELLS / (grid - 1)) - self.cells_before
        return np.asarray(self.cell * places, dtype=np.float64)

    @property
    def low(self) -> float:
        """Smallest coordinate."""
        return -self.cell * self.cells_before

    @property
    def high(self) -> float:
        """Largest coordinate."""
        return self.cell * (CELLS - self.cells_before)

    @property
    def length(self) -> float:
        """Length of the side."""
        return self.cell * CELLS


@dataclass(frozen=True)
class Window:
    """The rectangle of a plane that is drawn."""

    alpha: Axis
    beta: Axis


def window_around(points: Float64Array, size_of_origin: float) -> Window:
    """Return the window to draw for a path.

    Parameters
    ----------
    points : ndarray of shape (n_points, 2)
        The path on the plane; (0, 0), the current point, belongs to it whether listed or not.
    size_of_origin : float
        The norm of the current parameters: the scale of a path that has hardly moved. 0 counts as 1.
    """
    low = np.minimum(points.min(axis=0), 0.0)
    high = np.maximum(points.max(axis=0), 0.0)
    sides = (high - low) * (1.0 + 2.0 * MARGIN)
    smallest = SMALLEST_SHARE * max(float(sides.max()), size_of_origin or 1.0)
    sides = np.maximum(sides, smallest)
    middle = (low + high) / 2.0
    return Window(*(_axis_over(middle[k] - sides[k] / 2.0, middle[k] + sides[k] / 2.0) for k in range(2)))


def _axis_over(low: float, high: float) -> Axis:
    """Return the shortest axis that covers low < 0 < high."""
    axes = [Axis(max(-low / before, high / (CELLS - before)), before) for before in range(1, CELLS)]
    return min(axes, key=lambda axis: axis.cell)
