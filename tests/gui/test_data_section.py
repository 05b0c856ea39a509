"""The data section of the panel: which rows apply to the data, and what it says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.data.examples.catalogue import EXAMPLES
from engine.data.loading import load_example
from engine.data.preparation.prepare import prepare
from engine.data.prepared import PreparedData
from engine.network_choice import spec_for
from engine.settings import make_settings
from gui.appearance import Appearance
from gui.panels.data_model_panel import MIN_WIDTH, DataModelPanel
from gui.panels.feature_picker import ColumnChoice
from gui.session.messages import RunInfo
from tests.engine.data.columns.columns_by_hand import numbers, text

FOLDED = ("test", "scaling", "target_scaling", "missing_indicator")
OF_EXAMPLES = ("example_rows", "example_noise")


def table(target: str = "price", *, missing: bool = True, test: float = 0.0, **choices: Any) -> PreparedData:
    generator = np.random.default_rng(0)
    area: list[float | None] = generator.normal(100.0, 30.0, 60).tolist()
    if missing:
        area[4] = area[40] = None
    columns = [
        numbers("area", area),
        text("garden", [("yes", "no", "no")[row % 3] for row in range(60)]),
        numbers("price", generator.normal(5.0, 2.0, 60).tolist()),
    ]
    features = [column.name for column in columns if column.name != target]
    return prepare(columns, name="houses.csv", target=target, features=features, test=test, **choices)


def run_of(data: PreparedData, **changes: Any) -> RunInfo:
    settings = make_settings(**changes)
    return RunInfo(1, "run 1", settings, spec_for(settings, data), data)


@pytest.fixture
def panel(qapp: QApplication, qtbot) -> DataModelPanel:
    Appearance(qapp, "light")
    panel = DataModelPanel()
    qtbot.addWidget(panel)
    panel.resize(240, 900)
    panel.set_columns(tuple(ColumnChoice(name) for name in ("area", "garden", "price")))
    panel.show()
    return panel


def shown(panel: DataModelPanel) -> list[str]:
    return [row.name for row in panel.data.rows if not row.isHidden()]


def test_preparation_is_folded_away_until_it_is_wanted(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(table()))
    assert shown(panel) == ["target", "task", "features", "validation"]
    qtbot.mouseClick(panel.data.toggle, Qt.MouseButton.LeftButton)
    assert shown(panel) == ["target", "task", "features", "validation", *FOLDED]


def test_what_is_in_force_is_never_folded_away(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(table(test=0.2), test=0.2, scaling="min_max"))
    qtbot.mouseClick(panel.data.toggle, Qt.MouseButton.LeftButton)
    assert shown(panel)[-2:] == ["test", "scaling"]
    assert panel.rows["test"].number.text() == "20 %"
    assert panel.rows["scaling"].box.currentText() == "0 to 1"


def test_what_does_not_apply_is_hidden(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(table("garden")))
    qtbot.mouseClick(panel.data.toggle, Qt.MouseButton.LeftButton)
    assert shown(panel)[4:] == ["test", "scaling", "missing_indicator"]
    panel.show_run(run_of(table(missing=False)))
    assert shown(panel)[4:] == ["test", "scaling", "target_scaling"]
    panel.show_run(run_of(table("price", missing=True)))
    assert shown(panel)[4:] == list(FOLDED)


def test_an_example_can_be_drawn_anew_with_other_rows_and_noise(panel: DataModelPanel, qtbot):
    panel.set_columns(())
    panel.show_run(run_of(load_example("two_moons", make_settings())))
    assert shown(panel) == ["target", "features", *OF_EXAMPLES, "validation"]
    rows, noise = panel.data.rows_drawn.number, panel.data.noise.number
    own = EXAMPLES["two_moons"]
    assert (rows.text(), rows.placeholderText(), noise.placeholderText()) == ("", f"{own.n_rows:,}", f"{own.noise:g}")
    assert own.noise_meaning[1:] in noise.toolTip()
    rows.setText("1000")
    rows.setModified(True)
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        rows.editingFinished.emit()
    assert asked.args == [{"example_rows": 1000}]


def test_rows_and_noise_are_of_examples_only(panel: DataModelPanel):
    panel.show_run(run_of(table()))
    assert not set(OF_EXAMPLES) & set(shown(panel))
    panel.set_columns(())  # points drawn by hand have no columns to choose from either
    panel.show_run(run_of(table()))
    assert not set(OF_EXAMPLES) & set(shown(panel))


@pytest.mark.parametrize(("name", "value"), [("scaling", "none"), ("target_scaling", "min_max"), ("missing_indicator", True)])
def test_a_choice_asks_for_a_new_run(panel: DataModelPanel, qtbot, name: str, value: object):
    panel.show_run(run_of(table()))
    panel.data.toggle.click()
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        if value is True:
            panel.rows[name].box.click()
        else:
            panel.rows[name].box.chosen.emit(value)
    assert asked.args == [{name: value}]


def test_shares_that_leave_too_few_rows_are_refused_beside_the_field(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(table(), validation=0.5))
    panel.data.toggle.click()
    field = panel.rows["test"].number
    field.setText("50")
    field.setModified(True)
    with qtbot.assertNotEmitted(panel.new_run_requested):
        field.editingFinished.emit()
    assert "leaves too few rows to train on" in panel.rows["test"].error


def test_three_parts_have_a_line_of_their_own(panel: DataModelPanel):
    panel.show_run(run_of(table()))
    assert panel.data._row_counts.text() == "60 · 48 train · 12 val"
    assert not panel.data._part_counts.isVisible()
    panel.show_run(run_of(table(test=0.25)))
    assert panel.data._row_counts.text() == "60"
    assert panel.data._part_counts.text() == "33 train · 12 val · 15 test"
    assert "15 for a last test" in panel.data._part_counts.toolTip()
    panel.resize(MIN_WIDTH, 900)
    assert panel.data._part_counts.text() == "33 train · 12 val · 15 test"


def test_balance_of_classes_is_that_of_all_parts(panel: DataModelPanel):
    panel.show_run(run_of(table("garden", test=0.25)))
    assert panel.data.legend.accessibleName() == "no · 40, yes · 20"
    assert panel.data.legend.toolTip().splitlines() == [
        "no: 40 of 60 rows, 66.7 % (22 train, 8 validation, 10 test)",
        "yes: 20 of 60 rows, 33.3 % (11 train, 4 validation, 5 test)",
    ]


def test_class_weights_are_told_while_they_are_in_force(panel: DataModelPanel):
    data = table("garden")
    panel.show_run(run_of(data, class_weights=True))
    assert panel.data.notes.text.text().splitlines()[-1] == (
        "Class weights in the loss, so that every class counts alike: no 0.75, yes 1.5."
    )
    panel.show_run(run_of(data))
    assert "Class weights" not in panel.data.notes.text.text()
