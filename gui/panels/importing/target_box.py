"""The box with the column to predict; it shares the model of the columns, however many there are."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from gui.panels.importing.column_model import NAME_ROLE, ColumnModel, Fact


class TargetBox(QComboBox):
    """Offers every column; turning the wheel over the closed box changes nothing."""

    def __init__(self, columns: ColumnModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMaxVisibleItems(16)
        self.setModel(columns)
        self.setModelColumn(Fact.NAME)
        self.setPlaceholderText("no column")

    @property
    def name(self) -> str | None:
        """The column shown."""
        return self.currentData(NAME_ROLE)

    def show_name(self, name: str | None) -> None:
        """Show a column, without a signal."""
        if name == self.name:
            return
        names = [column.name for column in self._columns.columns]
        self.setCurrentIndex(names.index(name) if name in names else -1)

    def minimumSizeHint(self) -> QSize:
        """Allow a box narrower than its longest name."""
        return QSize(96, super().minimumSizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel alone."""
        event.ignore()
