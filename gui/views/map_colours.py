"""From predictions over the plane of two inputs to colours; what is not finite gets its own colour and is counted."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gui.theme import Theme, diverging_table, mix, rgb
from gui.views.prediction_points import class_colour

Array = NDArray[np.floating[Any]]
Colours = NDArray[np.uint32]

_BACKGROUND_SHARE = 0.32
"""How much of the panel's colour is mixed into a map, so that points of the same colour stand out from it."""


_LARGEST_SHARE = 1e6
"""Outputs that are no probabilities (a squared error on classes) may be huge; their sum must not overflow."""


class MapColours(Protocol):
    """A way to colour a map of predictions."""

    def __call__(self, predictions: Array) -> tuple[Colours, int]:
        """Return the colours of a map and the number of its cells that are not finite.

        Parameters
        ----------
        predictions : ndarray of shape (n_outputs, grid, grid)

        Returns
        -------
        colours : ndarray of uint32, shape (grid, grid)
            0xFFRRGGBB.
        n_not_finite : int
        """
        ...


class SignColours:
    """Colours one quantity by the diverging scale between two limits.

    Parameters
    ----------
    theme : Theme
    low, high : float
        Values that take the ends' colours; the neutral colour lies midway.
    output : int
        Which output is the quantity.
    """

    def __init__(self, theme: Theme, low: float, high: float, output: int = -1) -> None:
        self.table = muted_table(theme)
        self._packed = np.append(_pack(self.table[:, :3]), _pack(np.array([rgb(theme.not_finite)], dtype=np.uint8)))
        self._low, self._high = low, high
        self._output = output

    def __call__(self, predictions: Array) -> tuple[Colours, int]:
        """Return the colours of a map and the number of its cells that are not finite."""
        values = predictions[self._output]
        finite = np.isfinite(values)
        inside = np.clip(np.where(finite, values, self._low), self._low, self._high)
        places = (inside - self._low) * (255.0 / (self._high - self._low))
        indices = np.where(finite, places.astype(np.intp), 256)
        return self._packed[indices], int(finite.size - np.count_nonzero(finite))


class ClassColours:
    """Mixes the colours of three and more classes by their probabilities."""

    def __init__(self, theme: Theme, n_classes: int) -> None:
        muted = [mix(class_colour(theme, code, n_classes), theme.panel, _BACKGROUND_SHARE) for code in range(n_classes)]
        self._colours = np.array([rgb(colour) for colour in muted], dtype=np.float32)
        self._not_finite = int(_pack(np.array([rgb(theme.not_finite)], dtype=np.uint8))[0])

    def __call__(self, predictions: Array) -> tuple[Colours, int]:
        """Return the colours of a map and the number of its cells that are not finite."""
        finite = np.isfinite(predictions).all(axis=0)
        shares = np.clip(np.where(finite, predictions, 1.0), 0.0, _LARGEST_SHARE)
        shares = shares / np.maximum(shares.sum(axis=0), 1e-12)
        mixed = np.tensordot(shares, self._colours, axes=(0, 0))
        colours = _pack(np.clip(mixed, 0.0, 255.0).astype(np.uint8))
        colours[~finite] = self._not_finite
        return colours, int(finite.size - np.count_nonzero(finite))


def muted_table(theme: Theme) -> NDArray[np.uint8]:
    """Return the diverging scale as maps use it, of shape (256, 4) in RGBA."""
    table = diverging_table(theme).astype(np.float64)
    table[:, :3] += (np.array(rgb(theme.panel)) - table[:, :3]) * _BACKGROUND_SHARE
    return table.round().astype(np.uint8)


def _pack(colours: NDArray[np.uint8]) -> Colours:
    """Return RGB in the last axis as 0xFFRRGGBB."""
    wide = colours.astype(np.uint32)
    return np.uint32(0xFF000000) | wide[..., 0] << np.uint32(16) | wide[..., 1] << np.uint32(8) | wide[..., 2]
