"""The data: rows, target, features, split, classes and what was done to them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel

from engine.data.prepared import PreparedData
from engine.settings import Settings
from gui.panels.choice_box import ChoiceBox
from gui.panels.class_legend import MOST_CLASSES, ClassLegend
from gui.panels.feature_picker import ColumnChoice, FeaturePicker
from gui.panels.fitting_label import FittingLabel
from gui.panels.form import FieldRow, Section
from gui.panels.notes import Notes
from gui.panels.setting_rows import ChoiceRow, NumberRow, SettingRow
from gui.session.messages import RunInfo
from gui.theme import Theme

_ANY_WIDTH = 16_777_215
_FIXED = "The columns of an example are given; those of a CSV file can be chosen."


class TargetRow(SettingRow):
    """The column to predict."""

    def __init__(self) -> None:
        self.box = ChoiceBox()
        super().__init__("target", self.box)
        self._in_use = ""
        self.box.chosen.connect(self._ask)

    def show_columns(self, names: tuple[str, ...], target: str) -> None:
        """Offer these columns and show the one in use."""
        self._in_use = target
        self.box.set_choices(names or (target,), {})
        self.box.show_choice(target)
        self.box.setEnabled(bool(names))
        self.box.setToolTip("\n".join((self.toolTip(), target if names else _FIXED)))

    def show_settings(self, settings: Settings) -> None:
        """Show the column asked for; where none is named, the one in use."""
        self.box.show_choice(settings.target or self._in_use)

    @Slot(str)
    def _ask(self, name: str) -> None:
        self.show_error("")
        self.requested.emit(self.name, name)


class FeaturesRow(SettingRow):
    """The columns to predict from."""

    def __init__(self) -> None:
        self.picker = FeaturePicker()
        super().__init__("features", self.picker)
        self._columns: tuple[ColumnChoice, ...] = ()
        self._in_use: tuple[str, ...] = ()
        self.picker.chosen.connect(self._ask)

    def show_columns(self, columns: tuple[ColumnChoice, ...], features: tuple[str, ...]) -> None:
        """Offer these columns and show the ones in use."""
        self._columns, self._in_use = columns, features
        self.picker.show_features(columns, features)
        self.picker.setEnabled(bool(columns))
        self.picker.setToolTip("\n".join((self.toolTip(), ", ".join(features) if columns else _FIXED)))

    def show_settings(self, settings: Settings) -> None:
        """Show the columns asked for; where none are named, those in use."""
        self.picker.show_features(self._columns, settings.features or self._in_use)

    def set_theme(self, theme: Theme) -> None:
        """Tint the arrow."""
        self.picker.set_theme(theme)

    @Slot(object)
    def _ask(self, features: tuple[str, ...]) -> None:
        self.show_error("")
        self.requested.emit(self.name, features)


class DataSection(Section):
    """What is learned from and what is learned."""

    def __init__(self) -> None:
        super().__init__("Data", first=True)
        self._row_counts = FittingLabel()
        self._row_counts.setProperty("role", "muted")
        self._row_counts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.target, self.features = TargetRow(), FeaturesRow()
        self.task = ChoiceRow("task")
        self.rows: tuple[SettingRow, ...] = (self.target, self.task, self.features, NumberRow("validation", percent=True))
        self.legend = ClassLegend()
        self.many_classes = QLabel()
        self.many_classes.setProperty("role", "small")
        self.notes = Notes()
        rows = FieldRow("Rows", self._row_counts)
        self._row_counts.setMaximumWidth(_ANY_WIDTH)
        for widget in (rows, *self.rows, self.legend, self.many_classes, self.notes):
            self.add(widget)
        self._columns: tuple[ColumnChoice, ...] = ()

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
        self._show_classes(data)
        self.notes.show_notes(data.notes)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.legend.set_theme(theme)
        self.notes.set_theme(theme)

    def _show_size(self, data: PreparedData) -> None:
        n_train, n_validation = len(data.y_train), len(data.y_validation)
        n_rows = n_train + n_validation
        parts = f"{n_train:,} train · {n_validation:,} val"
        self._row_counts.set_texts((f"{n_rows:,} · {parts}", parts, f"{n_rows:,}"))
        self._row_counts.setToolTip(
            f"{n_rows:,} rows from {data.name}: {n_train:,} to train on, {n_validation:,} to validate with"
        )

    def _show_classes(self, data: PreparedData) -> None:
        classes = data.target.classes
        codes = np.concatenate([data.y_train, data.y_validation]).astype(np.int64) if classes else np.zeros(0, np.int64)
        counts = np.bincount(codes, minlength=len(classes))
        few = 0 < len(classes) <= MOST_CLASSES
        self.legend.setVisible(few)
        self.many_classes.setVisible(len(classes) > MOST_CLASSES)
        if few:
            self.legend.show_classes(tuple((name, int(count)) for name, count in zip(classes, counts, strict=True)))
        elif classes:
            largest = int(counts.argmax())
            self.many_classes.setText(f"{len(classes):,} classes, the largest {classes[largest]} · {counts[largest]:,}")
