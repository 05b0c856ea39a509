"""The data: rows, target, features, preparation, split, classes and what was done to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from engine.data.examples.catalogue import EXAMPLES, Example
from engine.data.prepared import PreparedData
from engine.stacked_rows import bytes_of_rows
from engine.weights_in_words import class_weights_in_words
from gui.panels.check_row import CheckRow
from gui.panels.class_legend import MOST_CLASSES, ClassLegend
from gui.panels.column_rows import FeaturesRow, TargetRow
from gui.panels.example_row import ExampleRow
from gui.panels.feature_picker import ColumnChoice
from gui.panels.fitting_label import FittingLabel
from gui.panels.foldable_section import FoldableSection
from gui.panels.form import FieldRow
from gui.panels.notes import Notes
from gui.panels.scaling_row import ScalingRow
from gui.panels.setting_rows import ChoiceRow, NumberRow
from gui.session.messages import RunInfo
from gui.theme import Theme

_ANY_WIDTH = 16_777_215


class DataSection(FoldableSection):
    """What is learned from, what is learned, and how it is prepared.

    Rows that do not apply to the data are hidden: those of an example beside a file, the scaling of a target that is no number,
    the mark of missing numbers where none is missing.
    """

    def __init__(self) -> None:
        self.target, self.features = TargetRow(), FeaturesRow()
        self.task = ChoiceRow("task")
        self.rows_drawn, self.noise = ExampleRow("example_rows"), ExampleRow("example_noise")
        super().__init__(
            "Data",
            (self.target, self.task, self.features, self.rows_drawn, self.noise, NumberRow("validation", percent=True)),
            (
                NumberRow("test", percent=True),
                ScalingRow("scaling"),
                ScalingRow("target_scaling"),
                CheckRow("missing_indicator"),
            ),
        )
        self.setProperty("first", True)
        self._row_counts = FittingLabel()
        self._row_counts.setProperty("role", "muted")
        self._row_counts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        counts = FieldRow("Rows", self._row_counts)
        self._row_counts.setMaximumWidth(_ANY_WIDTH)
        self._part_counts = FittingLabel()
        self._part_counts.setProperty("role", "small")
        self._part_counts.setAlignment(Qt.AlignmentFlag.AlignRight)
        counts.add_below(self._part_counts)
        self._column.insertWidget(1, counts)
        self.legend = ClassLegend()
        self.many_classes = QLabel()
        self.many_classes.setProperty("role", "small")
        self.notes = Notes()
        for widget in (self.legend, self.many_classes, self.notes):
            self.add(widget)
        self._columns: tuple[ColumnChoice, ...] = ()
        self.without_effect: frozenset[str] = frozenset()

    def set_columns(self, columns: tuple[ColumnChoice, ...]) -> None:
        """Tell all columns of the file, to be offered from the next run shown on; none for an example."""
        self._columns = columns

    def show_run(self, run: RunInfo) -> None:
        """Show the data of a run."""
        data = run.data
        self._show_size(data)
        features = tuple(dict.fromkeys(feature.column for feature in data.features))
        columns = self._columns if {column.name for column in self._columns}.issuperset(features) else ()
        self.target.show_columns(tuple(column.name for column in columns if column.usable), data.target.name)
        self.features.show_columns(tuple(column for column in columns if column.name != data.target.name), features)
        self.task.explain_auto(data.target.task)
        self.task.box.setEnabled(bool(columns))
        example = None if columns else _example_of(data)
        if example is not None:
            self.rows_drawn.show_own(example.n_rows)
            self.noise.show_own(example.noise, f"{example.noise_meaning[:1].upper()}{example.noise_meaning[1:]}.")
        self.without_effect = without_effect_on(data, example)
        self.show_settings(run.settings, lambda name: name not in self.without_effect)
        self._show_classes(data)
        self.notes.show_notes((*data.notes, *_weights(run)))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        super().set_theme(theme)
        self.legend.set_theme(theme)
        self.notes.set_theme(theme)

    def _show_size(self, data: PreparedData) -> None:
        n_train, n_validation, n_test = len(data.y_train), len(data.y_validation), len(data.y_test)
        n_rows = n_train + n_validation + n_test
        parts = f"{n_train:,} train · {n_validation:,} val"
        self._part_counts.setVisible(n_test > 0)
        if n_test:  # three parts need a line of their own
            self._row_counts.set_texts((f"{n_rows:,}",))
            self._part_counts.set_texts((f"{parts} · {n_test:,} test", f"{n_train:,} · {n_validation:,} · {n_test:,}"))
        else:
            self._row_counts.set_texts((f"{n_rows:,} · {parts}", parts, f"{n_rows:,}"))
        of_test = f", {n_test:,} for a last test" if n_test else ""
        tip = f"{n_rows:,} rows from {data.name}: {n_train:,} to train on, {n_validation:,} to validate with{of_test}"
        tip += f"\nThey take {bytes_of_rows(data) / 1e6:,.1f} MB of memory."
        for label in (self._row_counts, self._part_counts):
            label.setToolTip(tip)

    def _show_classes(self, data: PreparedData) -> None:
        classes = data.target.classes
        by_part = {part: _counts(y, len(classes)) for part, (_, y) in data.parts().items()} if classes else {}
        counts = sum(by_part.values(), np.zeros(len(classes), np.int64))
        few = 0 < len(classes) <= MOST_CLASSES
        self.legend.setVisible(few)
        self.many_classes.setVisible(len(classes) > MOST_CLASSES)
        if few:
            self.legend.show_classes(tuple((name, int(count)) for name, count in zip(classes, counts, strict=True)))
            self.legend.setToolTip("\n".join(_balance(name, code, by_part) for code, name in enumerate(classes)))
        elif classes:
            largest = int(counts.argmax())
            self.many_classes.setText(f"{len(classes):,} classes, the largest {classes[largest]} · {counts[largest]:,}")


def without_effect_on(data: PreparedData, example: Example | None) -> frozenset[str]:
    """Return the settings of the section that make no difference with these data.

    Parameters
    ----------
    data : PreparedData
    example : Example or None
        The built-in example that the data were drawn from.
    """
    constants = list(data.preparation.get("columns", {}).values())
    numbers = [column for column in constants if "levels" not in column]
    missing = any(column.get("missing") and "median" in column for column in numbers)
    effect: Mapping[str, Any] = {
        "task": example is None,
        "example_rows": example is not None,
        "example_noise": example is not None and example.has_noise,
        "scaling": numbers or not constants,
        "target_scaling": data.target.task == "regression",
        "missing_indicator": missing,
    }
    return frozenset(name for name, has_effect in effect.items() if not has_effect)


def _example_of(data: PreparedData) -> Example | None:
    """Return the built-in example that data were drawn from."""
    return next((example for example in EXAMPLES.values() if example.title == data.name), None)


def _counts(y: np.ndarray[Any, np.dtype[np.float64]], n_classes: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.bincount(y.astype(np.int64), minlength=n_classes)


def _balance(name: str, code: int, by_part: Mapping[Any, np.ndarray[Any, np.dtype[np.int64]]]) -> str:
    """Return how many rows a class has, and how many of each part."""
    total, n_rows = sum(int(counts[code]) for counts in by_part.values()), sum(int(counts.sum()) for counts in by_part.values())
    parts = ", ".join(f"{counts[code]:,} {part}" for part, counts in by_part.items())
    return f"{name}: {total:,} of {n_rows:,} rows, {100 * total / n_rows:.3g} % ({parts})"


def _weights(run: RunInfo) -> tuple[str, ...]:
    """Return a sentence about the class weights in force; none where there are none."""
    weights = run.spec.loss_options.class_weights
    return (class_weights_in_words(run.data.target.classes, weights),) if weights else ()
