"""How the rows of the scatter look: by class with a marker each, or by the value of a number on a sequential scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.landscape.viridis import VIRIDIS
from gui.theme import Theme, mix
from gui.views.caption_strip import CaptionEntry
from gui.views.colour_bar import ColourBar
from gui.views.data_rows import LEFT_OUT, PARTS, TEST, TRAIN, VALIDATION, DataRows
from gui.views.number_text import short_number, tick_texts
from gui.views.point_stamps import PointStyle
from gui.views.prediction_points import class_colour, class_marker, style_of_test_row, train_style, validation_style
from gui.views.ticks import linear_ticks

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

_SHADES = 24
_COVERED = (0.01, 0.99)
"""The shares of the rows between which the scale of a number lies; others take its ends' colours."""

_STYLES = {TRAIN: train_style, VALIDATION: validation_style, TEST: style_of_test_row}
_VALUE_MARKERS = {TRAIN: "o", VALIDATION: "s", TEST: "d"}
_WORDS = {TRAIN: "filled", VALIDATION: "open", TEST: "thick rim"}


class ScatterColours:
    """The looks of all rows of a table.

    Parameters
    ----------
    theme : Theme
    rows : DataRows
    """

    def __init__(self, theme: Theme, rows: DataRows) -> None:
        self._theme, self._rows, self._target = theme, rows, rows.data.target
        self._values = rows.targets()
        self._crowd = min(rows.n_rows, 5_000)
        self._low, self._high = 0.0, 1.0
        if self._target.task == "regression":
            self._values = self._values * self._target.scale + self._target.mean
            known = self._values[np.isfinite(self._values)]
            low, high = np.quantile(known, _COVERED) if len(known) else (0.0, 1.0)
            self._low, self._high = float(low), float(high) if high > low else float(low) + 1.0

    def groups(self, rows: Rows) -> Iterator[tuple[PointStyle, Mask]]:
        """Yield every look and which of these rows have it, train rows first."""
        parts, codes = self._rows.parts[rows], self._codes(rows)
        for part in (LEFT_OUT, TRAIN, VALIDATION, TEST):
            mine = parts == part
            for code in np.unique(codes[mine]):
                yield self._style(part, int(code)), mine & (codes == code)

    def style_of(self, row: int) -> PointStyle:
        """Return the look of one row."""
        return self._style(int(self._rows.parts[row]), int(self._codes(np.array([row]))[0]))

    def words_of(self, row: int) -> str:
        """Return the target of a row in words."""
        value = float(self._values[row])
        if np.isnan(value):
            return f"{self._target.name} missing"
        words = self._target.classes[int(value)] if self._target.classes else short_number(value, 4)
        return f"{self._target.name} {words}"

    def legend(self) -> Iterator[CaptionEntry]:
        """Yield what the looks mean: every class, and every part that has rows."""
        for code, name in enumerate(self._target.classes):
            yield CaptionEntry(name, style=self._style(TRAIN, code), full=f"{self._target.name} = {name}")
        parts = [part for part in (TRAIN, VALIDATION, TEST) if self._rows.counts[part]]
        if not self._target.classes:
            for part in parts:
                yield CaptionEntry(PARTS[part], style=PointStyle(_VALUE_MARKERS[part], self._theme.muted, self._theme.panel))
        elif len(parts) > 1:
            yield CaptionEntry(", ".join(f"{_WORDS[part]}: {PARTS[part]}" for part in parts))
        if self._rows.counts[LEFT_OUT]:
            yield CaptionEntry("left out", style=self._style(LEFT_OUT, -1))

    def show_scale(self, bar: ColourBar) -> None:
        """Show the scale of the target's values where it is a number."""
        bar.setVisible(not self._target.classes)
        if not self._target.classes:
            values = linear_ticks(self._low, self._high, 7)
            span = self._high - self._low
            texts = tick_texts(values)
            ticks = [((value - self._low) / span, text) for value, text in zip(values, texts, strict=True)]
            bar.set_scale(self._target.name, VIRIDIS, ticks)

    def _codes(self, rows: Rows) -> NDArray[np.int64]:
        """Return the class or the shade of rows, -1 where they have no target."""
        values = self._values[rows]
        known = np.isfinite(values)
        if self._target.classes:
            return np.where(known, np.where(known, values, 0.0), -1).astype(np.int64)
        shares = (np.where(known, values, self._low) - self._low) / (self._high - self._low)
        return np.where(known, np.clip(shares * _SHADES, 0, _SHADES - 1).astype(np.int64), -1)

    def _style(self, part: int, code: int) -> PointStyle:
        theme, n_classes = self._theme, len(self._target.classes)
        if part == LEFT_OUT or code < 0:
            return PointStyle("x", theme.muted, theme.muted, 5.5, 0.5)
        if n_classes:
            colour, marker = class_colour(theme, code, n_classes), class_marker(code, n_classes)
            return _STYLES[part](theme, colour, marker, self._crowd)
        return PointStyle(_VALUE_MARKERS[part], _shade(code), mix(theme.text, theme.panel, 0.35), 6.5, 0.7)


def _shade(code: int) -> str:
    """Return the colour of a shade of the sequential scale."""
    place = round((code + 0.5) / _SHADES * (len(VIRIDIS) - 1))
    return "#{:02X}{:02X}{:02X}".format(*VIRIDIS[place, :3])
