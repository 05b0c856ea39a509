"""The layers that keep their parameters: a box for each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QGridLayout, QWidget

from engine.settings import Settings
from gui.panels.setting_rows import SettingRow

_IN_A_LINE = 4
_ANY_WIDTH = 16_777_215


class FreezeRow(SettingRow):
    """A check box for each layer, in lines of a few below the label; the output layer is the last.

    Attributes
    ----------
    boxes : list of QCheckBox
    """

    def __init__(self) -> None:
        self.boxes: list[QCheckBox] = []
        field = QWidget()
        self._grid = QGridLayout(field)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(4)
        super().__init__("freeze", field)
        self._line.setDirection(QBoxLayout.Direction.TopToBottom)
        field.setMaximumWidth(_ANY_WIDTH)
        for column in range(_IN_A_LINE):
            self._grid.setColumnStretch(column, 1)

    def show_settings(self, settings: Settings) -> None:
        """Show a box for each layer, checked where it is frozen."""
        n_layers = len(settings.hidden) + 1
        while len(self.boxes) < n_layers:
            self._add_box()
        for index, box in enumerate(self.boxes):
            is_output = index == n_layers - 1
            box.setText("out" if is_output else str(index + 1))
            box.setAccessibleName("Freeze the output layer" if is_output else f"Freeze layer {index + 1}")
            box.setToolTip(box.accessibleName())
            box.setChecked(index + 1 in settings.freeze)
            box.setHidden(index >= n_layers)
        n_lines = -(-n_layers // _IN_A_LINE)
        self.field.setFixedHeight(n_lines * self.boxes[0].sizeHint().height() + (n_lines - 1) * 4)

    def _add_box(self) -> None:
        index = len(self.boxes)
        box = QCheckBox()
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.clicked.connect(self._ask)
        self._grid.addWidget(box, index // _IN_A_LINE, index % _IN_A_LINE, Qt.AlignmentFlag.AlignLeft)
        self.boxes.append(box)

    @Slot()
    def _ask(self) -> None:
        self.show_error("")
        frozen = tuple(index + 1 for index, box in enumerate(self.boxes) if box.isChecked())
        self.requested.emit(self.name, frozen)
