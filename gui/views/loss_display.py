"""What the loss plot shows and in which colours: one value that its layers share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.records import Measurement
from gui.session.loss_curve import LossCurve
from gui.theme import LIGHT, Theme, mix

Floats = NDArray[np.float64]

_SMALLEST = 1e-308
"""A loss of 0 stands here on a logarithmic axis: below every picture."""


def batch_colour(theme: Theme) -> str:
    """Return the colour of the batch loss: the train colour, pale, mixed to be opaque."""
    return mix(theme.panel, theme.train, 0.24)


def median_colour(theme: Theme) -> str:
    """Return the colour of the smoothed batch loss: between the band and the train curve, away from both."""
    return mix(batch_colour(theme), theme.text, 0.45)


@dataclass
class LossDisplay:
    """What is drawn and how: shared by the layers of one plot, changed by the plot alone.

    Attributes
    ----------
    curve : LossCurve
    theme : Theme
    logarithmic : bool
        Whether the loss axis is logarithmic; positions on it are then logarithms to base 10.
    window : int
        Steps of the running median of the batch loss, 0 for none.
    step : int
        Where the time cursor stands.
    hover_step : int or None
        The step under the pointer.
    now : Measurement or None
        The losses of now, as the legend tells them.
    """

    curve: LossCurve = field(default_factory=LossCurve)
    theme: Theme = LIGHT
    logarithmic: bool = True
    window: int = 0
    step: int = 0
    hover_step: int | None = None
    now: Measurement | None = None

    def positions(self, losses: Floats) -> Floats:
        """Return where losses lie on the axis; what is not finite has no place there."""
        positions = np.log10(np.maximum(losses, _SMALLEST)) if self.logarithmic else losses
        return np.where(np.isfinite(losses), positions, np.nan)

    def position(self, loss: float) -> float:
        """Return where one loss lies on the axis."""
        return float(self.positions(np.array([loss]))[0])
