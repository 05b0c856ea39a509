"""A field for each hidden layer, below the row of a setting that can differ from layer to layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.panels.choice_box import ChoiceBox
from gui.panels.form import FieldRow
from gui.panels.number_field import NumberField

_INDENT_PX = 12


class LayerField(FieldRow):
    """The field of one hidden layer.

    Signals
    -------
    chosen(int, object)
        Index of the hidden layer from 0, and the value wanted.
    """

    chosen = Signal(int, object)

    def __init__(self, layer: int, field: ChoiceBox | NumberField) -> None:
        super().__init__(f"Layer {layer + 1}", field)
        self._layer = layer
        self.label.setIndent(_INDENT_PX)
        if isinstance(field, ChoiceBox):
            field.chosen.connect(self._pass_on)
        else:
            field.committed.connect(self._pass_on)
            field.rejected.connect(self._refuse)
            field.corrected.connect(self._clear)

    def show_value(self, value: Any) -> None:
        """Show the layer's value, without a signal."""
        if isinstance(self.field, ChoiceBox):
            self.field.show_choice(value)
        else:
            self.field.show_value(value)

    @Slot(str)
    @Slot(object)
    def _pass_on(self, value: object) -> None:
        self.show_error("")
        self.chosen.emit(self._layer, value)

    @Slot(str)
    def _refuse(self, sentence: str) -> None:
        self.show_error(sentence.partition(": ")[2])

    @Slot()
    def _clear(self) -> None:
        self.show_error("")


class LayerFields(QWidget):
    """A field for each hidden layer, made when they are first needed.

    Parameters
    ----------
    make_field : callable () -> ChoiceBox or NumberField

    Signals
    -------
    changed(object)
        The tuple of values wanted, one per hidden layer.

    Attributes
    ----------
    rows : list of LayerField
    """

    changed = Signal(object)

    def __init__(self, make_field: Callable[[], ChoiceBox | NumberField]) -> None:
        super().__init__()
        self.rows: list[LayerField] = []
        self._make_field = make_field
        self._values: tuple[Any, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 0)
        self._column.setSpacing(4)
        self.hide()

    def show_values(self, values: tuple[Any, ...]) -> None:
        """Show a field for each of the values; none hides all."""
        self._values = values
        while len(self.rows) < len(values):
            self._add_row()
        for index, row in enumerate(self.rows):
            row.setHidden(index >= len(values))
            if index < len(values):
                row.show_value(values[index])
        self.setHidden(not values)

    def _add_row(self) -> None:
        row = LayerField(len(self.rows), self._make_field())
        row.chosen.connect(self._change)
        self._column.addWidget(row)
        self.rows.append(row)

    @Slot(int, object)
    def _change(self, layer: int, value: object) -> None:
        self._values = (*self._values[:layer], value, *self._values[layer + 1 :])
        self.changed.emit(self._values)
