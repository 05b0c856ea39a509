"""What stands in the cells of the data view: values as read, with missing ones shown as missing."""

from __future__ import annotations

from engine.data.cells import CodedText, number_text
from engine.data.columns.column import Column
from engine.data.columns.dates import date_text
from gui.views.number_text import short_number, with_minus

MISSING = "missing"
NO_LOSS = "–"


class ColumnCells:
    """The cells of a column as a person writes them.

    Parameters
    ----------
    column : Column

    Attributes
    ----------
    name : str
    is_number : bool
        Whether the cells are set as numbers: right-aligned, in figures of equal width.
    """

    def __init__(self, column: Column) -> None:
        self.column, self.name = column, column.name
        self.is_number = not isinstance(column.values, CodedText)
        self._values, self._unit = column.values, column.unit

    def text(self, row: int) -> str:
        """Return the cell of a 0-based data row; empty where it is missing."""
        values = self._values
        if isinstance(values, CodedText):
            code = int(values.codes[row])
            return "" if code < 0 else values.levels[code]
        return self.value_text(float(values[row]))

    def value_text(self, value: float) -> str:
        """Return a number of the column; empty where it is missing."""
        if value != value:
            return ""
        return date_text(value, self._unit) if self._unit else with_minus(number_text(value))


def loss_text(loss: float) -> str:
    """Return the loss of a row with four significant digits at least."""
    return short_number(loss, 4)
