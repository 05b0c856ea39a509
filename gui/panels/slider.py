"""A slider over a table of values on a logarithmic scale."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

_PLACES_PER_STOP = 100


class StopSlider(QSlider):
    """Choose one of a table of positive values ("stops"), equally spaced on the slider.

    A value between two stops is shown where it belongs, a value outside at the end; the user moves from stop to stop.

    Signals
    -------
    chosen(object)
        The stop the user moved to, a float, or None for "no limit" where the table ends with None.
    """

    chosen = Signal(object)

    def __init__(self, stops: Sequence[float | None], parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._stops = tuple(stops)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setRange(0, (len(self._stops) - 1) * _PLACES_PER_STOP)
        self.setSingleStep(_PLACES_PER_STOP)
        self.setPageStep(3 * _PLACES_PER_STOP)
        self.actionTriggered.connect(self._snap)
        self.valueChanged.connect(self._pass_on)

    def show_value(self, value: float | None) -> None:
        """Put the handle where `value` belongs, without a signal; a handle held by the user stays in the hand."""
        if self.isSliderDown():
            return
        blocked = self.blockSignals(True)
        self.setValue(round(self._place_of(value) * _PLACES_PER_STOP))
        self.blockSignals(blocked)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to the pointer, wherever on the groove it is pressed."""
        if event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            parts = self.style()
            handle = parts.subControlRect(QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self)
            if not handle.contains(event.position().toPoint()):
                travel = self.width() - handle.width()
                x = round(event.position().x() - handle.width() / 2)
                self.setValue(self._nearest_stop(parts.sliderValueFromPosition(0, self.maximum(), x, travel)))
        super().mousePressEvent(event)

    def _place_of(self, value: float | None) -> float:
        """Return where a value stands, in stops from the left."""
        finite = [stop for stop in self._stops if stop is not None]
        if value is None:
            return len(self._stops) - 1
        if value <= finite[0] or math.isnan(value):
            return 0
        if value >= finite[-1]:
            return len(finite) - 1
        left = bisect_right(finite, value) - 1
        return left + math.log(value / finite[left]) / math.log(finite[left + 1] / finite[left])

    def _nearest_stop(self, place: int) -> int:
        return round(place / _PLACES_PER_STOP) * _PLACES_PER_STOP

    @Slot()
    def _snap(self) -> None:
        self.setSliderPosition(self._nearest_stop(self.sliderPosition()))

    @Slot(int)
    def _pass_on(self, place: int) -> None:
        self.chosen.emit(self._stops[round(place / _PLACES_PER_STOP)])
