"""Points as they are being drawn: added, erased, cleared, and each of these taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.examples.drawn import DrawnKind, DrawnPoints

Array = NDArray[np.floating[Any]]
Range = tuple[float, float]

MOST_POINTS = 5_000
"""Most points of a drawing."""

MOST_UNDONE = 100
"""Strokes that can be taken back."""

OWN_PLANE: tuple[Range, Range] = ((-3.0, 3.0), (-3.0, 3.0))
"""Bounds of an empty plane."""


@dataclass(frozen=True, eq=False)
class DrawingState:
    """A drawing at one moment: points (n, 2) with their labels (n,), and the bounds of the plane."""

    points: NDArray[np.float64]
    labels: NDArray[np.int64]
    plane: tuple[Range, Range] = OWN_PLANE


EMPTY = DrawingState(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))


class DrawingPoints:
    """A drawing of one kind and the states before its last strokes.

    Parameters
    ----------
    kind : {"classes", "curve"}
    """

    def __init__(self, kind: DrawnKind) -> None:
        self.kind: DrawnKind = kind
        self._state = EMPTY
        self._before: list[DrawingState] = []

    def __len__(self) -> int:
        return len(self._state.labels)

    @property
    def state(self) -> DrawingState:
        """The drawing as it is now."""
        return self._state

    @property
    def is_full(self) -> bool:
        """Whether no further point can be added."""
        return len(self) >= MOST_POINTS

    @property
    def can_undo(self) -> bool:
        """Whether there is a stroke to take back."""
        return bool(self._before)

    @property
    def drawn(self) -> DrawnPoints:
        """The drawing as data to learn from."""
        return DrawnPoints(self.kind, self._state.points, self._state.labels)

    def count(self, label: int) -> int:
        """Return the number of points of a class."""
        return int(np.count_nonzero(self._state.labels == label))

    def begin_stroke(self) -> None:
        """Remember the drawing as it is; what follows is one stroke, taken back at once."""
        self._before = [*self._before[-MOST_UNDONE + 1 :], self._state]

    def end_stroke(self) -> bool:
        """Forget a stroke that changed nothing; return whether it changed something."""
        if self._before and self._before[-1] is self._state:
            self._before.pop()
            return False
        return True

    def add(self, points: Array, label: int) -> None:
        """Add points of one class, shape (n, 2), inside the plane; those outside it and those beyond the limit are left out."""
        (left, right), (low, high) = self._state.plane
        x, y = points[:, 0], points[:, 1]
        inside = points[(x >= left) & (x <= right) & (y >= low) & (y <= high)][: MOST_POINTS - len(self)]
        if len(inside):
            labels = np.full(len(inside), label, dtype=np.int64)
            self._change(np.concatenate([self._state.points, inside]), np.concatenate([self._state.labels, labels]))

    def erase(self, centre: tuple[float, float], reach: tuple[float, float]) -> None:
        """Remove the points in an ellipse around `centre`; `reach` is half its width and half its height."""
        offsets = (self._state.points - np.array(centre)) / np.array(reach)
        kept = (offsets**2).sum(axis=1) > 1.0
        if not kept.all():
            self._change(self._state.points[kept], self._state.labels[kept])

    def clear(self) -> None:
        """Remove all points; the plane is the empty one again."""
        self.replace(EMPTY)

    def replace(self, state: DrawingState) -> None:
        """Put another drawing in the place of this one, as one stroke."""
        self.begin_stroke()
        self._state = state if len(state.labels) or len(self) or state.plane != self._state.plane else self._state
        self.end_stroke()

    def undo(self) -> None:
        """Take back the last stroke."""
        if self._before:
            self._state = self._before.pop()

    def _change(self, points: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
        self._state = replace(self._state, points=points, labels=labels)


def dabs(start: tuple[float, float], end: tuple[float, float], spacing: float, travelled: float) -> tuple[Array, float]:
    """Return where a brush dabs on its way from `start` to `end`, in pixels.

    Parameters
    ----------
    start, end : tuple of float
    spacing : float
        Way between two dabs.
    travelled : float
        Way since the last dab.

    Returns
    -------
    places : ndarray of shape (n_dabs, 2)
    travelled : float
        Way since the last of them.
    """
    way = np.array(end) - np.array(start)
    length = float(np.hypot(*way))
    at = np.arange(spacing - travelled, length + 1e-9, spacing)
    if not len(at):
        return np.zeros((0, 2)), travelled + length
    return np.array(start) + at[:, None] / length * way, length - float(at[-1])


def spray(generator: np.random.Generator, centres: Array, radius: float, per_dab: int) -> Array:
    """Return points spread evenly over the discs around the centres, `per_dab` in each, in pixels."""
    places = np.repeat(centres, per_dab, axis=0)
    if radius <= 0.0:
        return places
    distances = radius * np.sqrt(generator.uniform(0.0, 1.0, len(places)))
    angles = generator.uniform(0.0, 2.0 * np.pi, len(places))
    return places + np.column_stack([distances * np.cos(angles), distances * np.sin(angles)])
