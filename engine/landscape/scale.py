"""The scale of losses: equal steps of colour and of iso-lines for equal factors above the smallest loss drawn.

Reference
---------
Garipov, Izmailov, Podoprikhin, Vetrov and Wilson (2018), "Loss surfaces, mode connectivity, and fast ensembling of DNNs",
figure 1: levels spaced evenly in the logarithm of the height above the minimum, and one colour for everything above a ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]

RANGE = 100.0
"""How many times the smallest height above the floor that is told apart goes into the whole range."""

NOISE = 1e-6
"""A surface with smaller relative differences is flat: colours would make mountains of the rounding of float32."""

CEILING_OVER_START = 5.0
CEILING_PERCENTILE = 90.0


@dataclass(frozen=True)
class LossScale:
    """Where a loss stands between the floor and the ceiling of a picture.

    position = log(1 + (loss - floor) / eps) / log(1 + (ceiling - floor) / eps), with eps = (ceiling - floor) / 100

    Attributes
    ----------
    floor, ceiling : float
        The smallest loss drawn, and the loss from which the top colour is used; not a number where no loss is finite.
    """

    floor: float
    ceiling: float

    @property
    def is_flat(self) -> bool:
        """Whether there is nothing to tell apart: all finite losses are equal but for rounding, or there are none."""
        height = self.ceiling - self.floor
        return not (isfinite(height) and height > NOISE * abs(self.ceiling))

    @property
    def _eps(self) -> float:
        return self.ceiling / RANGE - self.floor / RANGE

    def position(self, losses: Array) -> Float64Array:
        """Return 0 at the floor, 1 at the ceiling, more above it; non-finite losses stay non-finite."""
        losses = np.asarray(losses, dtype=np.float64)
        with np.errstate(all="ignore"):
            if self.is_flat:
                return losses - losses
            heights = np.maximum(losses - self.floor, 0.0)
            positions: Float64Array = np.log1p(heights / self._eps) / log(1.0 + RANGE)
        positions[~np.isfinite(losses)] = np.nan
        return positions

    def loss_at(self, position: Array) -> Float64Array:
        """Return the loss at a position: the inverse of `position`."""
        return np.asarray(self.floor + self._eps * np.expm1(np.asarray(position, dtype=np.float64) * log(1.0 + RANGE)))

    def levels(self, n_levels: int) -> Float64Array:
        """Return the losses of `n_levels` iso-lines at equal steps of the scale, none at its ends; none on a flat surface."""
        if self.is_flat:
            return np.empty(0)
        return self.loss_at((np.arange(n_levels) + 0.5) / n_levels)


def loss_scale(losses: Array, start_loss: float) -> LossScale:
    """Return the scale for a surface.

    Parameters
    ----------
    losses : ndarray of any shape
    start_loss : float
        The loss at the start of the path. The ceiling is 5 times that, or the 90th percentile of the surface if that is more;
        never more than the largest loss drawn.
    """
    finite = losses[np.isfinite(losses)]
    if finite.size == 0:
        return LossScale(float("nan"), float("nan"))
    start = start_loss if isfinite(start_loss) else 0.0
    ceiling = max(CEILING_OVER_START * start, float(np.percentile(finite, CEILING_PERCENTILE)))
    return LossScale(float(finite.min()), min(ceiling, float(finite.max())))
