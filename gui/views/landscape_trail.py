"""The path of training on a plane: what the surface was made with, and where the point has been since."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

MOST_POINTS = 20_000
"""Points kept since the surface was made; beyond, every second one is dropped."""


class Trail:
    """Points of a path in the order of their steps.

    Going back in time leaves the trail as it is (it is still the recorded future); a branch cuts it off where it leaves.
    """

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._points: list[tuple[float, float]] = []

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def last_step(self) -> int:
        """Step of the last point, -1 without points."""
        return self._steps[-1] if self._steps else -1

    def points(self) -> Points:
        """Return all points, shape (n_points, 2)."""
        return np.array(self._points, dtype=np.float64).reshape(-1, 2)

    def start_with(self, steps: NDArray[np.int64], points: Points) -> None:
        """Begin anew with the path a surface was made with."""
        self._steps = [int(step) for step in steps]
        self._points = [(float(alpha), float(beta)) for alpha, beta in points]

    def clear(self) -> None:
        """Forget everything."""
        self._steps, self._points = [], []

    def append(self, step: int, alpha: float, beta: float) -> bool:
        """Add a point and return True, unless its step has been passed already."""
        if step <= self.last_step:
            return False
        self._steps.append(step)
        self._points.append((alpha, beta))
        if len(self._steps) > MOST_POINTS:
            self._steps, self._points = self._steps[::2], self._points[::2]
        return True

    def cut_after(self, step: int) -> bool:
        """Drop the points of later steps: they belong to another branch. Return whether there were any."""
        kept = int(np.searchsorted(self._steps, step, side="right"))
        if kept == len(self._steps):
            return False
        del self._steps[kept:], self._points[kept:]
        return True
