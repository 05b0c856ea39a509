"""What one data row makes of the network: the activation of every drawn unit as a number on it, and the row in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from engine.data.prepared import PreparedData
from engine.observe import RowObservation
from gui.session.messages import RunInfo
from gui.theme import SMALL_PX, Theme, diverging_table, mix
from gui.views.caption_strip import CaptionEntry
from gui.views.framed_plot import small_font
from gui.views.network_card import CardText, signed
from gui.views.network_geometry import Layout, UnitId
from gui.views.network_tiles import SIGNED, ColourRange, fixed_range
from gui.views.number_text import short_number, with_minus
from gui.views.prediction_confusion_grid import readable_on

_SHADES = 65
_CHIP_HEIGHT = 15
_CHIP_PADDING = 4.0
_LOOSE_PITCH = 15.0
"""Distance of two units from which on each has room for a number; closer ones show its colour alone."""

_WIDEST_SHARE = 0.8
"""Share of the distance between two columns that a number may take."""

_ROOMY_UNIT = 44
"""Units from this size on have the number at their lower edge, so that the middle of their map stays open."""


_LOSS_DIGITS = 4
"""As the table of the rows writes losses, so that the same number reads the same in both."""


@dataclass(frozen=True)
class Chip:
    """The activation of one unit: where it is drawn, its number (empty where there is no room), and its colours."""

    area: QRectF
    text: str
    fill: QColor
    ink: QColor


class RowChips:
    """The activations of the drawn units for one row.

    Everything is settled when a frame comes (`update`); a paint draws what is there. Without a row nothing is done at all.
    """

    def __init__(self) -> None:
        self.chips: tuple[Chip, ...] = ()
        self._font = small_font(SMALL_PX)
        self._metrics = QFontMetricsF(self._font)

    def set_theme(self, theme: Theme) -> None:
        """Take a theme's sign scale."""
        colours = ["#{:02X}{:02X}{:02X}".format(*row[:3]) for row in diverging_table(theme, _SHADES)]
        self._colours = [(QColor(colour), QColor(readable_on(colour, theme))) for colour in (*colours, theme.not_finite)]
        self._rim = QColor(mix(theme.panel, theme.text, 0.45))

    def update(
        self, row: RowObservation | None, layout: Layout | None, ranges: Sequence[ColourRange], off: Sequence[tuple[int, int]]
    ) -> None:
        """Take the activations of a frame.

        Parameters
        ----------
        row : RowObservation or None
        layout : Layout or None
        ranges : sequence of ColourRange
            Of the colours, one per layer.
        off : sequence of (int, int)
            Units that are switched off; they say so already.
        """
        if row is None or layout is None or len(row.activations) != len(layout.plans):
            self.chips = ()
            return
        roomy, last = layout.width / len(layout.plans) * _WIDEST_SHARE, len(layout.plans) - 1
        chips = []
        for layer, (plan, column) in enumerate(zip(layout.plans, layout.columns, strict=True)):
            values = row.activations[layer]
            for unit, top in zip(plan.units, column.tops, strict=True):
                if (layer, unit) not in off:
                    box = QRectF(column.left, top, column.size, column.size)
                    side = 1.0 if layer == 0 else -1.0 if layer == last else 0.0
                    chips.append(self._chip(float(values[unit]), box, column.pitch, ranges[layer], roomy, side))
        self.chips = tuple(chips)

    def paint(self, painter: QPainter) -> None:
        """Draw the numbers over the units."""
        if not self.chips:
            return
        painter.setFont(self._font)
        drop = self._metrics.capHeight() / 2
        for chip in self.chips:
            painter.fillRect(chip.area, self._rim)  # plain rectangles: round ones cost a frame three milliseconds
            painter.fillRect(chip.area.adjusted(1.0, 1.0, -1.0, -1.0), chip.fill)
            if chip.text:
                painter.setPen(chip.ink)
                painter.drawText(QPointF(chip.area.left() + _CHIP_PADDING, chip.area.center().y() + drop), chip.text)

    def _chip(self, value: float, box: QRectF, pitch: float, span: ColourRange, roomy: float, side: float) -> Chip:
        """Return the number of a unit: over its middle, or (`side` 1 or -1) from its left edge on or up to its right one.

        Inputs and outputs have their names on the other side.
        """
        fill, ink = self._colours[_shade(value, span)]
        text = activation_text(value)
        width = self._metrics.horizontalAdvance(text) + 2 * _CHIP_PADDING
        if pitch < _LOOSE_PITCH or width > roomy:
            return Chip(box, "", fill, ink)
        middle = box.bottom() - _CHIP_HEIGHT / 2 - 3 if box.width() >= _ROOMY_UNIT else box.center().y()
        beyond = max(0.0, width + 1.0 - box.width()) / 2
        left, top = round(box.center().x() - width / 2 + side * beyond), round(middle - _CHIP_HEIGHT / 2)
        return Chip(QRectF(left, top, math.ceil(width), _CHIP_HEIGHT), text, fill, ink)


def ranges_of(row: RowObservation, activations: Sequence[str], of_maps: Sequence[ColourRange]) -> tuple[ColourRange, ...]:
    """Return the range of every layer's colours: those of its maps, else fixed ones, else up to the row's largest activation.

    Parameters
    ----------
    row : RowObservation
    activations : sequence of str
        What every layer's activations come from, in the words of `gui.views.network_tiles.shown_activations`.
    of_maps : sequence of ColourRange
        Of the maps drawn in the same frame; empty where there are none.
    """
    if len(of_maps) == len(activations):
        return tuple(of_maps)
    return tuple(fixed_range(words) or _range_of(values) for words, values in zip(activations, row.activations, strict=False))


def activation_text(value: float) -> str:
    """Return an activation as it stands on a unit: short, and what is not finite as what it is.

    Examples
    --------
    >>> [activation_text(value) for value in (0.834, -0.5, 123.456, float("nan"), float("-inf"))]
    ['0.83', '−0.50', '123', 'NaN', '−∞']
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    return with_minus(f"{value:.2f}") if abs(value) < 100.0 else short_number(value, 3)


def row_entries(run: RunInfo, row: RowObservation) -> list[CaptionEntry]:
    """Return the row in words: "row 17 (validation): predicted 0.83, true 1, loss 0.19", in original units or class names."""
    predicted, share = _predicted(run, row.activations[-1])
    head, loss = f"row {row.row + 1:,} ({row.part})", short_number(row.loss, _LOSS_DIGITS)
    true = _true(run.data, row)
    full = f"{head}: predicted {predicted}{f' {share}' if share else ''}, true {true}, loss {loss}"
    return [
        CaptionEntry(head, full=full),
        CaptionEntry("predicted", predicted, after=share, full=""),
        CaptionEntry("true", true),
        CaptionEntry("loss", loss),
    ]


def with_row_value(text: CardText, row: RowObservation | None, unit: UnitId) -> CardText:
    """Return the card of a unit with its activation for the row watched, where there is one."""
    if row is None:
        return text
    value = float(row.activations[unit.layer][unit.unit])
    return replace(text, lines=(*text.lines, ((f"in row {row.row + 1:,}", signed(value)),)))


def _predicted(run: RunInfo, outputs: NDArray[np.floating[Any]]) -> tuple[str, str]:
    """Return the prediction in original units, or the name of the likeliest class and its share in brackets."""
    target = run.data.target
    if target.task == "regression":
        return short_number(float(outputs[0]) * target.scale + target.mean, 4), ""
    shares = np.array([1.0 - outputs[0], outputs[0]]) if len(outputs) == 1 else np.asarray(outputs)
    if not np.isfinite(shares).all():
        return "not finite", ""
    code = int(shares.argmax())
    return target.classes[code], f"({short_number(float(shares[code]))})"


def _true(data: PreparedData, row: RowObservation) -> str:
    parts = {
        "train": (data.rows_train, data.y_train),
        "validation": (data.rows_validation, data.y_validation),
        "test": (data.rows_test, data.y_test),
    }
    rows, y = parts[row.part]
    places = np.flatnonzero(rows == row.row)
    if not len(places):
        return "unknown"
    value = float(y[places[0]])
    target = data.target
    return target.classes[int(value)] if target.classes else short_number(value * target.scale + target.mean, 4)


def _range_of(values: NDArray[np.floating[Any]]) -> ColourRange:
    sizes = np.abs(values[np.isfinite(values)])
    largest = float(sizes.max(initial=0.0))
    return ColourRange(-largest, largest) if largest > 0.0 else SIGNED


def _shade(value: float, span: ColourRange) -> int:
    """Return the place of a value among the colours; the last one is for what is not finite."""
    if not math.isfinite(value):
        return _SHADES
    share = (value - span.low) / (span.high - span.low)
    return round(min(1.0, max(0.0, share)) * (_SHADES - 1))
