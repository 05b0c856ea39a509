"""The data and model panel: what it asks for, what it shows, and that mistakes are said where they are made."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit

from engine.data.prepared import Feature, PreparedData, Target
from engine.network_choice import spec_for
from engine.records import Measurement
from engine.settings import MAX_HIDDEN_LAYERS, Settings, choices, make_settings, shown
from gui.appearance import Appearance
from gui.panels.choice_box import CHOICE_LABELS
from gui.panels.data_model_panel import MIN_WIDTH, DataModelPanel
from gui.panels.dock import DockArea, PanelDock
from gui.panels.feature_picker import ColumnChoice
from gui.panels.fitting_label import FittingLabel
from gui.panels.number_field import NumberField, number_text
from gui.session.messages import Metrics, RunInfo, RunState, Snapshot
from gui.theme import DARK, PANEL_HEAD

TWO_CLASSES = Target("label", "classification", ("no", "yes"))
THREE_CLASSES = Target("kind", "classification", ("a", "b", "c"))
NUMBER = Target("price", "regression", (), mean=100.0, scale=50.0)
COLUMNS = (ColumnChoice("x1"), ColumnChoice("x2"), ColumnChoice("label"), ColumnChoice("id", usable=False, remark="constant"))

OFFSCREEN = "This plugin does not support"
"""What Qt says of windows without a display when a panel floats."""


def prepared(target: Target = TWO_CLASSES, notes: tuple[str, ...] = ()) -> PreparedData:
    """Ten rows: six of class 0 and two of class 1 (or so) to train on, two to validate with."""
    X = np.linspace(-1.0, 1.0, 20).reshape(10, 2)
    y = np.array([0, 0, 0, 0, 0, 0, 1, 1, 0, 1], dtype=np.float64)
    return PreparedData(
        "table.csv", X[:8], y[:8], X[8:], y[8:], np.arange(8), np.arange(8, 10),
        (Feature("x1", "x1"), Feature("x2", "x2")), target, {}, notes,
    )  # fmt: skip


def run_of(predicted: Target = TWO_CLASSES, notes: tuple[str, ...] = (), **changes: object) -> RunInfo:
    settings, data = make_settings(**changes), prepared(predicted, notes)
    return RunInfo(1, "run 1", settings, spec_for(settings, data), data)


def snapshot_of(run: RunInfo, train: Metrics, validation: Metrics | None) -> Snapshot:
    return Snapshot(
        run_id=1, branch_id=0, state=RunState.PAUSED, step=120, epoch=2, last_step=120, settings=run.settings, spec=run.spec,
        learning_rate=0.01, parameters=np.zeros(run.spec.n_parameters), gradient=None, batch_loss=0.5,
        measurement=Measurement(100, 2, 0.5, 0.6), train_metrics=train, validation_metrics=validation, observation=None,
    )  # fmt: skip


@pytest.fixture
def panel(qapp: QApplication, qtbot) -> DataModelPanel:
    Appearance(qapp, "light")
    panel = DataModelPanel()
    qtbot.addWidget(panel)
    panel.resize(240, 900)
    panel.set_columns(COLUMNS)
    panel.show_run(run_of())
    panel.show()
    return panel


def type_in(field: NumberField, text: str) -> None:
    field.setText(text)
    field.setModified(True)
    field.editingFinished.emit()


def unfold_all(panel: DataModelPanel) -> None:
    for section in (panel.network, panel.loss, panel.training, panel.regularisation, panel.schedule, panel.stop):
        section.toggle.click()
        assert section.is_open


def test_labels_and_help_come_from_the_table(panel: DataModelPanel):
    for name, row in panel.rows.items():
        assert row.label.text() == shown(name).label
        assert row.toolTip() == shown(name).help


def test_every_setting_has_a_row_or_a_place_of_its_own():
    elsewhere = {"learning_rate", "batch_size"}  # in the tool bar
    in_the_diagram = {"switched_off"}
    panel = DataModelPanel()
    assert set(panel.rows) == set(Settings.model_fields) - elsewhere - in_the_diagram
    panel.deleteLater()


def test_lists_offer_what_the_table_allows(panel: DataModelPanel):
    for name in ("task", "output_activation", "init", "normalization", "loss", "optimizer", "schedule", "precision"):
        box = panel.rows[name].field
        assert tuple(box.itemData(index) for index in range(box.count())) == choices(name)


def test_every_written_choice_exists():
    known = {choice for name in ("activation", "init", "loss", "optimizer", "schedule") for choice in choices(name)}
    assert set(CHOICE_LABELS) <= known


def test_choices_explain_themselves(panel: DataModelPanel):
    for name, part in (("optimizer", "p ← p"), ("schedule", "F"), ("loss", "squared"), ("activation", "max(z, 0)")):
        box = panel.rows[name].field
        tips = [box.itemData(index, Qt.ItemDataRole.ToolTipRole) for index in range(box.count())]
        assert any(part in tip for tip in tips)


def test_one_click_adds_a_layer_as_wide_as_the_last(panel: DataModelPanel, qtbot):
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        qtbot.mouseClick(panel.network.layers.stepper.more, Qt.MouseButton.LeftButton)
    assert asked.args == [{"hidden": (8, 8, 8)}]
    assert [row.stepper.field.text() for row in panel.network.layers.units] == ["8", "8", "8"]


def test_clicks_add_up_before_they_are_answered(panel: DataModelPanel, qtbot):
    asked: list[object] = []
    panel.new_run_requested.connect(asked.append)
    for _ in range(3):
        qtbot.mouseClick(panel.network.layers.units[0].stepper.more, Qt.MouseButton.LeftButton)
    assert asked == [{"hidden": (9, 8)}, {"hidden": (10, 8)}, {"hidden": (11, 8)}]


def test_layers_can_all_be_taken_away_and_come_back(panel: DataModelPanel, qtbot):
    layers = panel.network.layers
    for _ in range(2):
        qtbot.mouseClick(layers.stepper.less, Qt.MouseButton.LeftButton)
    assert not layers.stepper.less.isEnabled()
    assert not layers.unit_rows.isVisible()
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        qtbot.mouseClick(layers.stepper.more, Qt.MouseButton.LeftButton)
    assert asked.args == [{"hidden": (8,)}]


def test_layers_stop_at_the_limit(panel: DataModelPanel):
    panel.show_run(run_of(hidden=(1,) * MAX_HIDDEN_LAYERS))
    assert not panel.network.layers.stepper.more.isEnabled()


def test_what_belongs_to_layers_follows_their_number(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(activation=("tanh", "relu"), dropout=(0.1, 0.2), freeze=(2, 3)))
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        qtbot.mouseClick(panel.network.layers.stepper.more, Qt.MouseButton.LeftButton)
    assert asked.args == [
        {"hidden": (8, 8, 8), "activation": ("tanh", "relu", "relu"), "dropout": (0.1, 0.2, 0.2), "freeze": (2, 4)}
    ]


def test_a_choice_starts_a_new_run(panel: DataModelPanel, qtbot):
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        panel.rows["activation"].box.chosen.emit("relu")
    assert asked.args == [{"activation": ("relu",)}]


def test_a_live_setting_changes_inside_the_run(panel: DataModelPanel, qtbot):
    with qtbot.assertNotEmitted(panel.new_run_requested), qtbot.waitSignal(panel.settings_changed) as asked:
        type_in(panel.rows["l2"].number, "1e-3")
    assert asked.args == [{"l2": 0.001}]


@pytest.mark.parametrize(("text", "value"), [("25", 0.25), ("25 %", 0.25), ("12,5", 0.125), ("0", 0.0)])
def test_validation_is_typed_in_percent(panel: DataModelPanel, qtbot, text: str, value: float):
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        type_in(panel.rows["validation"].number, text)
    assert asked.args == [{"validation": value}]


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("l2", "abc", "it should be a number"),
        ("l2", "-1", "at least 0"),
        ("l2", "nan", "not allowed"),
        ("validation", "95", "0 to 90 %"),
        ("validation", "x", "0 to 90 %"),
        ("seed", "-1", "at least 0"),
        ("seed", "1.5", "whole number"),
    ],
)
def test_a_wrong_entry_is_said_below_its_field(panel: DataModelPanel, qtbot, name: str, text: str, part: str):
    row = panel.rows[name]
    with qtbot.assertNotEmitted(panel.settings_changed), qtbot.assertNotEmitted(panel.new_run_requested):
        type_in(row.number, text)
    assert part in row.error
    assert row.number.property("invalid") is True
    assert row.number.text() == text
    row.number.textEdited.emit("1")
    assert row.error == ""
    assert not row.number.property("invalid")


def test_a_loss_that_does_not_suit_is_refused_in_place(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(THREE_CLASSES))
    with qtbot.assertNotEmitted(panel.new_run_requested):
        panel.rows["loss"].box.chosen.emit("bce")
    assert "needs 2 classes" in panel.rows["loss"].error
    panel.show_run(run_of(THREE_CLASSES))
    assert panel.rows["loss"].error == ""


def test_a_refusal_of_the_session_is_shown_at_its_field(panel: DataModelPanel):
    assert panel.show_error("seed", "seed: it is taken.")
    assert panel.rows["seed"].error == "it is taken."
    assert not panel.show_error("learning_rate", "too long")


def test_new_seed_is_another_one(panel: DataModelPanel, qtbot):
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        qtbot.mouseClick(panel.rows["seed"].new_seed, Qt.MouseButton.LeftButton)
    (changes,) = asked.args
    assert changes["seed"] != 3
    assert panel.rows["seed"].number.text() == str(changes["seed"])


def test_an_error_unfolds_the_section_it_is_in(panel: DataModelPanel):
    assert panel.rows["clip_norm"].isHidden()
    assert panel.show_error("clip_norm", "clip_norm: it is too small.")
    assert panel.rows["clip_norm"].isVisible()
    assert panel.rows["clip_norm"].error == "it is too small."


def test_an_error_of_a_row_without_effect_is_not_shown(panel: DataModelPanel):
    assert not panel.show_error("momentum", "momentum: no.")
    assert panel.rows["momentum"].error == ""


def test_another_setting_is_named_as_the_window_names_it(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(batch_size=1))
    with qtbot.assertNotEmitted(panel.new_run_requested):
        panel.rows["normalization"].box.chosen.emit("batch")
    assert panel.rows["normalization"].error.startswith("Batch size: batch normalisation needs")


def test_lbfgs_asks_for_all_rows_and_leaving_it_keeps_them(panel: DataModelPanel, qtbot):
    with qtbot.waitSignal(panel.settings_changed) as asked:
        panel.rows["optimizer"].box.chosen.emit("lbfgs")
    assert asked.args == [{"optimizer": "lbfgs", "batch_size": "full"}]
    with qtbot.waitSignal(panel.settings_changed) as asked:
        panel.rows["optimizer"].box.chosen.emit("adam")
    assert asked.args == [{"optimizer": "adam"}]


def test_lbfgs_and_random_numbers_are_refused_in_place(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(dropout=(0.5,)))
    with qtbot.assertNotEmitted(panel.settings_changed):
        panel.rows["optimizer"].box.chosen.emit("lbfgs")
    assert panel.rows["optimizer"].error.startswith("Dropout: lbfgs needs")


def test_the_value_in_force_is_not_asked_for_again(panel: DataModelPanel, qtbot):
    with qtbot.assertNotEmitted(panel.new_run_requested):
        panel.rows["init"].box.chosen.emit("glorot_uniform")


def test_what_classes_alone_know_goes_with_a_new_target(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(label_smoothing=0.1, class_weights=True, switched_off=((0, 2), (1, 3))))
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        panel.data.target.box.chosen.emit("x2")
    (changes,) = asked.args
    assert changes["label_smoothing"] == 0.0
    assert changes["class_weights"] is False
    assert changes["switched_off"] == ((1, 3),)


def test_showing_settings_asks_for_nothing(panel: DataModelPanel, qtbot):
    with qtbot.assertNotEmitted(panel.settings_changed), qtbot.assertNotEmitted(panel.new_run_requested):
        panel.show_settings(make_settings(hidden=(3,), activation=("relu",), init="he_normal", seed=9, l2=0.5, loss="mse"))
    assert panel.rows["init"].field.currentText() == "He normal"
    assert panel.rows["l2"].number.text() == "0.5"


def test_rows_classes_and_parameters(panel: DataModelPanel):
    assert panel.data._row_counts.text() == "10 · 8 train · 2 val"
    assert panel.data.legend.accessibleName() == "no · 7, yes · 3"
    assert panel.network._count.text() == "105 parameters"


def test_auto_says_what_it_stands_for(panel: DataModelPanel):
    panel.show_run(run_of(THREE_CLASSES))
    assert panel.rows["loss"].box.currentText() == "auto · cross-entropy"
    assert panel.data.task.box.currentText() == "auto · classification"
    assert panel.network.output.box.currentText() == "auto · softmax"


def test_many_classes_are_counted(panel: DataModelPanel):
    panel.show_run(run_of(Target("digit", "classification", tuple("0123456789"))))
    assert not panel.data.legend.isVisible()
    assert panel.data.many_classes.text() == "10 classes, the largest 0 · 7"


def test_notes_unfold(panel: DataModelPanel, qtbot):
    notes = ("5 columns left out: id, name, ticket, cabin, date.", "2 rows dropped.")
    panel.show_run(run_of(notes=notes))
    assert panel.data.notes.text.isHidden()
    qtbot.mouseClick(panel.data.notes.toggle, Qt.MouseButton.LeftButton)
    assert panel.data.notes.text.text() == "\n".join(notes)
    assert panel.data.notes.text.isVisible()
    panel.show_run(run_of())
    assert panel.data.notes.isHidden()


def test_columns_of_an_example_can_not_be_chosen(panel: DataModelPanel):
    assert panel.data.target.box.isEnabled()
    panel.set_columns(())
    panel.show_run(run_of())
    assert not panel.data.target.box.isEnabled()
    assert not panel.data.features.picker.isEnabled()
    assert not panel.data.task.box.isEnabled()
    assert panel.data.target.box.currentText() == "label"


def test_target_offers_usable_columns(panel: DataModelPanel):
    box = panel.data.target.box
    assert [box.itemText(index) for index in range(box.count())] == ["x1", "x2", "label"]


def test_a_new_target_trades_places_with_the_old_one(panel: DataModelPanel, qtbot):
    panel.show_run(run_of(target="label", features=("x1", "x2"), task="classification"))
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        panel.data.target.box.chosen.emit("x2")
    assert asked.args == [{"target": "x2", "task": "auto", "features": ("x1", "label")}]


def test_features_are_ticked_searched_and_applied(panel: DataModelPanel, qtbot):
    picker = panel.data.features.picker
    assert picker.text() == "x1, x2"
    picker.popup.offer(picker._columns, frozenset({"x1", "x2"}))
    assert picker.popup.ticked() == ("x1", "x2")
    picker.popup._tick_none()
    assert not picker.popup.apply.isEnabled()
    assert picker.popup.count.text() == "tick at least one"
    picker.popup.search.setText("X1")
    picker.popup._tick_all()
    assert picker.popup.ticked() == ("x1",)
    with qtbot.waitSignal(panel.new_run_requested) as asked:
        picker.popup.apply.click()
    assert asked.args == [{"features": ("x1",)}]


def test_unusable_columns_stay_unticked(panel: DataModelPanel):
    popup = panel.data.features.picker.popup
    popup.offer(COLUMNS, frozenset())
    popup._tick_all()
    assert popup.ticked() == ("x1", "x2", "label")


def test_metrics_stay_in_sight_below_what_scrolls(panel: DataModelPanel):
    panel.resize(240, 480)
    QApplication.processEvents()
    run = run_of()
    panel.render(snapshot_of(run, Metrics(accuracy=0.9876), Metrics(accuracy=0.5)))
    assert panel.scroll_area.verticalScrollBar().maximum() > 0
    assert not panel.scroll_area.isAncestorOf(panel.fit)
    assert panel.fit.isVisible()
    assert panel.fit.mapTo(panel, QPoint(0, panel.fit.height())).y() <= panel.height()
    assert panel.fit.aside.text() == "step 100"


@pytest.mark.parametrize(("value", "text"), [(0.01, "0.01"), (1e-5, "1e-5"), (1e6, "1e6"), (0.0123456, "0.01235"), (0.0, "0")])
def test_number_text(value: float, text: str):
    assert number_text(value) == text


def test_turning_the_wheel_over_a_list_changes_nothing(panel: DataModelPanel, qtbot):
    box = panel.rows["init"].field
    before = box.currentIndex()
    place = QPointF(box.rect().center())
    turn = QWheelEvent(
        place, box.mapToGlobal(place), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    with qtbot.assertNotEmitted(panel.new_run_requested):
        QApplication.sendEvent(box, turn)
    assert box.currentIndex() == before


LONG_ENTRIES = {
    "adam": {"activation": ("gelu_tanh", *("relu",) * 11), "seed": 123456789, "dropout": (0.125,) * 12, "freeze": (1, 12, 13)},
    "sgd": {
        "optimizer": "sgd",
        "momentum": 0.9,
        "schedule": "plateau",
        "schedule_period": 10**9,
        "loss": "mse",
        "seconds": 1e8,
    },
    "rmsprop": {"optimizer": "rmsprop", "init": "uniform", "schedule": "warm_up", "patience": 10**6, "epochs": 10**6},
}


@pytest.mark.parametrize("changes", LONG_ENTRIES.values(), ids=LONG_ENTRIES)
@pytest.mark.parametrize("width", [MIN_WIDTH, 240, 320])
def test_no_label_is_cut(panel: DataModelPanel, width: int, changes: dict[str, object]):
    unfold_all(panel)
    panel.show_run(run_of(hidden=(4,) * 12, **changes))
    panel.resize(width, 500)
    QApplication.processEvents()
    for label in panel.findChildren(QLabel):
        if isinstance(label, FittingLabel):
            assert "…" not in label.text()
        elif label.isVisible() and not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
    for field in panel.findChildren(QLineEdit):
        if field.isVisible():
            for text in (field.text(), field.placeholderText()):
                assert field.fontMetrics().horizontalAdvance(text) <= field.width() - 14, text
    for button in panel.findChildren(QAbstractButton):
        if button.isVisible() and button.text():
            assert button.mapTo(panel, QPoint(button.width(), 0)).x() <= panel.width() - 2, button.text()
            assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 12, button.text()


def test_width_of_the_rows_does_not_depend_on_the_scroll_bar(panel: DataModelPanel):
    panel.resize(240, 1200)
    QApplication.processEvents()
    wide = panel.scroll_area.viewport().width()
    panel.resize(240, 300)
    QApplication.processEvents()
    assert panel.scroll_area.verticalScrollBar().maximum() > 0
    assert panel.scroll_area.viewport().width() == wide


def test_dark_theme_reaches_icons(panel: DataModelPanel):
    before = panel.rows["seed"].new_seed.icon().pixmap(16).toImage()
    panel.set_theme(DARK)
    assert panel.rows["seed"].new_seed.icon().pixmap(16).toImage() != before


def test_defaults_are_shown_before_any_run(qapp: QApplication, qtbot):
    panel = DataModelPanel()
    qtbot.addWidget(panel)
    assert panel.rows["seed"].number.text() == str(Settings().seed)


@pytest.mark.qt_log_ignore(OFFSCREEN)
def test_dock_has_a_head_and_remembers_its_name(qapp: QApplication, qtbot):
    area = DockArea()
    qtbot.addWidget(area)
    dock = PanelDock("loss", "Loss", QLabel("picture"), QLabel("head"))
    area.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    area.resize(600, 400)
    area.show()
    QApplication.processEvents()
    assert dock.titleBarWidget().height() == PANEL_HEAD
    assert dock.objectName() == "loss"
    assert dock._close.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.mouseClick(dock._float, Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    qtbot.mouseClick(dock._float, Qt.MouseButton.LeftButton)
    assert not dock.isFloating()
    qtbot.mouseClick(dock._close, Qt.MouseButton.LeftButton)
    assert dock.isHidden()


@pytest.mark.qt_log_ignore(OFFSCREEN)
def test_layout_of_docks_comes_back(qapp: QApplication, qtbot):
    area = DockArea()
    qtbot.addWidget(area)
    docks = [PanelDock(name, name, QLabel(name)) for name in ("one", "two")]
    for dock in docks:
        area.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    area.show()
    area.tabifyDockWidget(*docks)
    state = area.saveState()
    area.splitDockWidget(docks[0], docks[1], Qt.Orientation.Horizontal)
    assert area.tabifiedDockWidgets(docks[0]) == []
    assert area.restoreState(state)
    assert area.tabifiedDockWidgets(docks[0]) == [docks[1]]
