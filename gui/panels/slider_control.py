"""A slider with its name and its value above it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.panels.slider import StopSlider

_HEAD_PX, _SLIDER_PX = 18, 16


class SliderControl(QWidget):
    """Lay out a name at the left, the value (any widget) at the right, and the slider below."""

    def __init__(self, name: str, value: QWidget, stops: Sequence[float | None], width: int) -> None:
        super().__init__()
        self.slider = StopSlider(stops, self)
        self.slider.setAccessibleName(name)
        self.name = QLabel(name, self)
        self.name.setObjectName("controlLabel")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        head.addWidget(self.name)
        head.addStretch(1)
        head.addWidget(value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addLayout(head)
        column.addWidget(self.slider)
        column.addStretch(1)
        for widget in (self.name, value):
            widget.setFixedHeight(_HEAD_PX)
        self.slider.setFixedHeight(_SLIDER_PX)
        self.setFixedWidth(width)
