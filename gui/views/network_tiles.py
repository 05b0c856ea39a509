"""The units of the network diagram: their response maps as one image, rounded and framed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from engine.activations import ACTIVATIONS
from engine.network import NetworkSpec
from gui.theme import Theme, diverging_table, rgb

Array = NDArray[np.floating[Any]]

_COLOURS = 256
_NOT_FINITE = _COLOURS
_CORNER_SHARE = 0.15

COVERED_SHARE = 0.98
"""Share of a layer's activations, by size, inside the range of its colours where there is no bound."""

_FINE_GRID = 32
"""From this grid on every second cell each way tells the range: it costs a quarter."""


class ColourRange(NamedTuple):
    """Which activations take the two ends of the sign scale; beyond them the colour stays."""

    low: float
    high: float


SIGNED = ColourRange(-1.0, 1.0)
SHARE = ColourRange(0.0, 1.0)

_FIXED_RANGES = {"tanh": SIGNED, "identity": SIGNED, "sigmoid": SHARE, "softmax": SHARE}
_SEPARATOR = " · "
_NORMALIZATIONS = {"none": "", "batch": f"batch norm{_SEPARATOR}", "layer": f"layer norm{_SEPARATOR}"}


def shown_activations(spec: NetworkSpec) -> tuple[str, ...]:
    """Return in words where each layer's shown activations come from, inputs ("identity") first.

    The function is named last: "tanh", "ReLU + skip", "batch norm · SiLU".
    """
    hidden = [
        _NORMALIZATIONS[spec.normalization] + ACTIVATIONS[name].title + (" + skip" if spec.skips(index) else "")
        for index, name in enumerate(spec.activations[:-1])
    ]
    return ("identity", *hidden, spec.shown_activation)


def function_in(words: str) -> str:
    """Return the function alone that `shown_activations` names: "SiLU" for "batch norm · SiLU"."""
    return words.rpartition(_SEPARATOR)[2]


def fixed_range(words: str) -> ColourRange | None:
    """Return the range of a layer's colours where its activations are bounded (or scaled, as inputs are), else None."""
    return _FIXED_RANGES.get(function_in(words))


def colour_range(words: str, maps: Array) -> ColourRange:
    """Return the range of a layer's colours: fixed, or where there is no bound, up to what `COVERED_SHARE` of it do not exceed.

    One extreme corner of one map would otherwise leave all others pale.

    Parameters
    ----------
    words : str
        Of `shown_activations`.
    maps : ndarray of shape (n_shown, grid, grid)
    """
    fixed = fixed_range(words)
    if fixed is not None:
        return fixed
    if maps.shape[-1] >= _FINE_GRID:
        maps = maps[:, ::2, ::2]
    sizes = np.abs(maps[np.isfinite(maps)])
    if not len(sizes):
        return SIGNED
    place = math.ceil(COVERED_SHARE * len(sizes)) - 1
    covered = float(np.partition(sizes, place)[place]) or float(sizes.max())
    return ColourRange(-covered, covered) if covered > 0.0 else SIGNED


class ResponseAtlas:
    """All response maps of a frame in one image, one below the other.

    Attributes
    ----------
    ranges : tuple of ColourRange
        One per layer, of the last update.
    """

    def __init__(self) -> None:
        self.ranges: tuple[ColourRange, ...] = ()
        self._table: NDArray[np.uint32] = np.zeros(_COLOURS + 1, dtype=np.uint32)
        self._pixels: NDArray[np.uint32] = np.zeros((0, 0, 0), dtype=np.uint32)
        self._image = QImage()

    def set_theme(self, theme: Theme) -> None:
        """Take a theme's sign scale."""
        channels = diverging_table(theme, _COLOURS).astype(np.uint32)
        words = (channels[:, 3] << 24) | (channels[:, 0] << 16) | (channels[:, 1] << 8) | channels[:, 2]
        red, green, blue = rgb(theme.not_finite)
        self._table = np.append(words, np.uint32(0xFF000000 | red << 16 | green << 8 | blue)).astype(np.uint32)

    def update(self, maps: Sequence[Array], activations: Sequence[str]) -> None:
        """Colour the maps of a frame.

        Parameters
        ----------
        maps : sequence of ndarray of shape (n_shown, grid, grid), one per layer
        activations : sequence of str
            One per layer, of `shown_activations`.
        """
        shape = (sum(len(layer) for layer in maps), *maps[0].shape[1:])
        if self._pixels.shape != shape:
            n_tiles, height, width = shape
            self._image = QImage(width, n_tiles * height, QImage.Format.Format_RGB32)
            self._pixels = np.frombuffer(self._image.bits(), dtype=np.uint32).reshape(shape)
        self.ranges = tuple(colour_range(name, layer) for name, layer in zip(activations, maps, strict=True))
        start = 0
        with np.errstate(all="ignore"):  # values that are not finite get a colour of their own
            for layer, span in zip(maps, self.ranges, strict=True):
                numbers = _colour_numbers(layer[:, ::-1], span)  # images run downwards, axes upwards
                np.take(self._table, numbers, out=self._pixels[start : start + len(layer)], mode="clip")  # unbuffered
                start += len(layer)

    def paint(self, painter: QPainter, tile: int, target: QRectF) -> None:
        """Draw one map."""
        _, height, width = self._pixels.shape
        painter.drawImage(target, self._image, QRectF(0, tile * height, width, height))


def _colour_numbers(maps: Array, span: ColourRange) -> NDArray[np.intp]:
    """Return the place of every value in the colour table."""
    factor = (_COLOURS - 1) / (span.high - span.low)
    numbers = maps * np.float32(factor)
    numbers -= np.float32(span.low * factor - 0.5)
    np.clip(numbers, 0, _COLOURS - 1, out=numbers)
    if np.isfinite(maps.sum()):
        return numbers.astype(np.intp)
    finite = np.isfinite(maps)
    return np.where(finite, np.where(finite, numbers, 0.0).astype(np.intp), _NOT_FINITE)


class UnitFrames:
    """Drawings laid over the maps, which round their corners and frame them; made once per size."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._frames: dict[tuple[int, float], QPixmap] = {}

    def paint(self, painter: QPainter, boxes: Sequence[tuple[int, int, int]]) -> None:
        """Lay the frames over the units at left, top, side."""
        density = painter.device().devicePixelRatio() if painter.device() is not None else 1.0
        for left, top, side in boxes:
            frame = self._frames.get((side, density))
            if frame is None:
                frame = self._frames[side, density] = self._draw(side, density)
            painter.drawPixmap(left, top, frame)

    def _draw(self, side: int, density: float) -> QPixmap:
        pixels = max(1, round(side * density))
        frame = QPixmap(pixels, pixels)
        frame.setDevicePixelRatio(density)
        frame.fill(Qt.GlobalColor.transparent)
        radius = corner_radius(side)
        corners = QPainterPath()
        corners.addRect(QRectF(0, 0, side, side))
        corners.addRoundedRect(QRectF(0, 0, side, side), radius, radius)  # odd-even: what is in both stays open
        painter = QPainter(frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(corners, QColor(self._theme.panel))
        painter.setPen(QPen(QColor(self._theme.line), 1.0))
        painter.drawRoundedRect(QRectF(0.5, 0.5, side - 1, side - 1), radius, radius)
        painter.end()
        return frame


def corner_radius(side: int) -> float:
    """Return the radius of a unit's corners."""
    return min(8.0, max(1.5, _CORNER_SHARE * side))


class BiasBars:
    """Bars below the units for their biases: to the right of the middle for positive, to the left for negative.

    Parameters
    ----------
    boxes : sequence of (left, top, side)
        The units that have a bias.
    theme : Theme
    """

    def __init__(self, boxes: Sequence[tuple[int, int, int]], theme: Theme) -> None:
        self._places = [(left, top + side + 1, side, 2 if side < 24 else 3) for left, top, side in boxes]
        self._middle, self._not_finite = QColor(theme.muted), QColor(theme.not_finite)
        self._positive, self._negative = QColor(theme.positive), QColor(theme.negative)

    def paint_middles(self, painter: QPainter) -> None:
        """Draw where the bars begin."""
        for left, y, side, thickness in self._places:
            painter.fillRect(QRectF(left + side / 2 - 0.5, y, 1.0, thickness), self._middle)

    def paint(self, painter: QPainter, shares: Sequence[float]) -> None:
        """Draw the bars.

        Parameters
        ----------
        shares : sequence of float
            The biases as shares of the largest one drawn, -1 to 1; not finite is drawn over the full width.
        """
        for (left, y, side, thickness), share in zip(self._places, shares, strict=True):
            if not math.isfinite(share):
                painter.fillRect(QRectF(left, y, side, thickness), self._not_finite)
                continue
            length = min(abs(share), 1.0) * (side / 2 - 1)
            start = left + side / 2 + (0.5 if share > 0 else -0.5 - length)
            painter.fillRect(QRectF(start, y, length, thickness), self._positive if share > 0 else self._negative)
