"""The confusion matrix of a classifier with too many inputs to draw a map."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data.prepared import PreparedData
from engine.metrics import predicted_classes
from gui.session.messages import Metrics, RunInfo, Snapshot
from gui.theme import LIGHT, Theme
from gui.views.caption_strip import CaptionEntry, CaptionStrip
from gui.views.confusion import Confusion, confusion, places_of
from gui.views.number_text import fixed_number
from gui.views.point_stamps import PointStyle
from gui.views.prediction_confusion_grid import ConfusionGrid, PartName
from gui.views.prediction_map import not_finite_entry
from gui.views.prediction_row import ChosenRow, find_row, outputs_of, row_lines

Array = NDArray[np.floating[Any]]
Rows = NDArray[np.int64]


class CountedRows(NamedTuple):
    """The rows in the matrix: data row, actual class and outputs of each, and how many there are in the part."""

    numbers: Rows
    actual: Array
    outputs: Array
    total: int


class PredictionConfusion(QWidget):
    """Confusion matrix of the train or the validation rows, with the accuracy over all of them.

    Lives in the GUI thread.

    Signals
    -------
    row_chosen(object)
        A 0-based data row of the cell that was clicked, the first one among the rows counted; None for a click on the framed
        cell or beside the cells.
    part_changed(object)
        The part that is shown now, because the chosen row belongs to it.
    """

    row_chosen = Signal(object)
    part_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._run: RunInfo | None = None
        self._snapshot: Snapshot | None = None
        self._places = np.zeros(1, dtype=np.int64)
        self._part: PartName = "validation"
        self._chosen: ChosenRow | None = None
        self.strip = CaptionStrip(self, max_lines=3)
        self.grid = ConfusionGrid(self)
        self.grid.clicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.grid, 1)

    @property
    def part(self) -> PartName:
        """The rows the matrix is of."""
        return self._part

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.strip.set_theme(theme)
        self.grid.set_theme(theme)
        self._refresh()

    def set_network(self, run: RunInfo) -> None:
        """Show another run."""
        self._run, self._snapshot = run, None
        self._places = places_of(len(run.data.target.classes), run.data.y_train)
        self._part = "validation" if len(run.data.X_validation) else "train"
        self._chosen = None
        self.grid.set_mark(None)
        self.grid.set_matrix(None, self._part)
        self._refresh()

    def set_part(self, part: PartName) -> None:
        """Show the rows of another part."""
        self._part = part
        self._refresh()

    def render(self, snapshot: Snapshot) -> None:
        """Show the predictions of a snapshot."""
        observation = snapshot.observation
        if observation is None or self._run is None:
            return
        if not len(observation.train_rows) + len(observation.validation_rows):
            return  # rows were not watched when this was observed
        self._snapshot = snapshot
        self._refresh()

    def show_row(self, row: int | None) -> None:
        """Frame the cell a data row is counted in, after turning to the part it belongs to; None frames none."""
        self._chosen = None if self._run is None else find_row(self._run.data, row)
        part = None if self._chosen is None else self._chosen.part
        if part is not None and part != "test" and part != self._part:
            self._part = part
            self.part_changed.emit(part)
        self._refresh()

    @Slot(object)
    def _choose(self, cell: tuple[int, int] | None) -> None:
        row = None if cell is None or cell == self.grid.marked else self._first_row_in(cell)
        if row is not None or self._chosen is not None:
            self.row_chosen.emit(row)

    def _first_row_in(self, cell: tuple[int, int]) -> int | None:
        """Return the first data row counted in a cell, None in an empty one."""
        counted = self._counted()
        if counted is None:
            return None
        predicted = predicted_classes(counted.outputs)
        actual = self._places[counted.actual.astype(np.int64)]
        found = np.flatnonzero((predicted >= 0) & (actual == cell[0]) & (self._places[predicted] == cell[1]))
        return int(counted.numbers[found[0]]) if len(found) else None

    def _counted(self) -> CountedRows | None:
        """Return the rows in the matrix: those of the part that were observed."""
        if self._run is None or self._snapshot is None or self._snapshot.observation is None:
            return None
        observation, data = self._snapshot.observation, self._run.data
        if self._part == "train":
            rows, outputs, numbers, y = observation.train_rows, observation.train_predictions, data.rows_train, data.y_train
        else:
            rows, outputs = observation.validation_rows, observation.validation_predictions
            numbers, y = data.rows_validation, data.y_validation
        return CountedRows(numbers[rows], y[rows], outputs, len(y))

    def _refresh(self) -> None:
        counted = self._counted()
        if counted is None:
            return
        assert self._run is not None
        classes = self._run.data.target.classes
        matrix = confusion(classes, counted.actual, predicted_classes(counted.outputs), self._places)
        self.grid.set_matrix(matrix, self._part)
        self.grid.set_mark(self._cell_of_chosen())
        self.strip.set_entries(self._entries(matrix, len(counted.actual), counted.total))

    def _cell_of_chosen(self) -> tuple[int, int] | None:
        """Return where the chosen row is counted, None where it is in another part or its prediction is no number."""
        counted = self._counted()
        if self._chosen is None or counted is None or self._chosen.number not in counted.numbers:
            return None
        outputs = self._outputs_of_chosen()
        predicted = -1 if outputs is None else int(predicted_classes(outputs[:, None])[0])
        if predicted < 0:
            return None
        return int(self._places[int(self._chosen.target)]), int(self._places[predicted])

    def _outputs_of_chosen(self) -> NDArray[np.floating[Any]] | None:
        observation = self._snapshot.observation if self._snapshot is not None else None
        return None if self._chosen is None or observation is None else outputs_of(self._chosen, observation)

    def _entries(self, matrix: Confusion, n_shown: int, n_rows: int) -> list[CaptionEntry]:
        assert self._snapshot is not None
        theme, snapshot = self._theme, self._snapshot
        metrics = snapshot.train_metrics if self._part == "train" else snapshot.validation_metrics
        colour = theme.train if self._part == "train" else theme.validation
        style = PointStyle("s", colour, theme.panel, 9.0)
        entries = [CaptionEntry(f"{self._part} accuracy", _accuracy_words(metrics), style, colour)]
        if snapshot.step_of_metrics != snapshot.step:
            entries.append(CaptionEntry(f"at step {snapshot.step_of_metrics:,}"))
        rows = f"{n_shown:,} of {n_rows:,} {self._part} rows"
        entries.append(CaptionEntry(rows, full=f"In the matrix: {rows}. The accuracy is over all of them."))
        if self._chosen is not None and self._run is not None:
            entries += self._entries_of_row(self._run.data, self._chosen)
        entries.append(CaptionEntry("darker: larger share of the row"))
        if matrix.n_not_finite:
            entries.append(not_finite_entry(theme, matrix.n_not_finite, "prediction"))
        return entries

    def _entries_of_row(self, data: PreparedData, chosen: ChosenRow) -> list[CaptionEntry]:
        """Return what is known of the chosen row: with a frame as its sign where its cell is framed, else why it is not."""
        outputs, colour = self._outputs_of_chosen(), self._theme.text
        words = ", ".join((*row_lines(data, chosen, outputs), *(() if outputs is not None else ("not observed",))))
        if self.grid.marked is not None:
            return [CaptionEntry(words, style=PointStyle("s", "", colour, 9.0, 2.0), colour=colour)]
        return [CaptionEntry(words, colour=colour), CaptionEntry(f"{chosen.words}: not counted here", colour=colour)]


def _accuracy_words(metrics: Metrics | None) -> str:
    return "–" if metrics is None or metrics.accuracy is None else fixed_number(metrics.accuracy, 3)
