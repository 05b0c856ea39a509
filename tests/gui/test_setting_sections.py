"""The sections of the panel: which rows they show with which choices, and what each row asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.settings import Settings, choices, make_settings
from gui.appearance import Appearance
from gui.panels.check_row import CheckRow
from gui.panels.choices_in_force import has_effect
from gui.panels.foldable_section import FoldableSection
from gui.panels.freeze_row import FreezeRow
from gui.panels.loss_section import LossSection
from gui.panels.network_section import NetworkSection
from gui.panels.number_field import NumberField
from gui.panels.regularisation_section import RegularisationSection
from gui.panels.schedule_section import ScheduleSection
from gui.panels.setting_rows import NumberRow
from gui.panels.stop_section import StopSection
from gui.panels.training_section import TrainingSection


@pytest.fixture
def opened(qapp: QApplication, qtbot) -> Callable[..., FoldableSection]:
    """Return a function that shows a section with settings, all rows unfolded."""
    Appearance(qapp, "light")
    kept: list[FoldableSection] = []

    def open_section(kind: type[FoldableSection], **changes: object) -> FoldableSection:
        section = kind()
        kept.append(section)
        qtbot.addWidget(section)
        section.resize(216, 600)
        show(section, **changes)
        if not section.is_open:
            section.toggle.click()
        section.show()
        return section

    return open_section


def show(section: FoldableSection, **changes: object) -> None:
    settings = make_settings(**changes)
    section.show_settings(settings, lambda name: has_effect(name, settings, None))


def names(section: FoldableSection) -> set[str]:
    return {row.name for row in section.rows if row.isVisible()}


def row_of(section: FoldableSection, name: str):
    return next(row for row in section.rows if row.name == name)


def type_in(field: NumberField, text: str) -> None:
    field.setText(text)
    field.setModified(True)
    field.editingFinished.emit()


# ---------------------------------------------------------------------- which rows are shown

OF_OPTIMIZERS = {"momentum", "nesterov", "beta_1", "beta_2", "rho", "epsilon", "amsgrad"}


@pytest.mark.parametrize("optimizer", choices("optimizer"))
def test_an_optimizer_shows_what_it_uses(opened, optimizer: str):
    batch_size = "full" if optimizer == "lbfgs" else 32
    section = opened(TrainingSection, optimizer=optimizer, batch_size=batch_size, momentum=0.5)
    assert names(section) & OF_OPTIMIZERS == set(OPTIMIZERS[optimizer].uses) & OF_OPTIMIZERS


def test_nesterov_needs_momentum(opened):
    section = opened(TrainingSection, optimizer="sgd")
    assert "nesterov" not in names(section)
    show(section, optimizer="sgd", momentum=0.9)
    assert "nesterov" in names(section)


@pytest.mark.parametrize("schedule", choices("schedule"))
def test_a_schedule_shows_what_it_uses(opened, schedule: str):
    section = opened(ScheduleSection, schedule=schedule)
    assert names(section) == {"schedule", *SCHEDULES[schedule].uses}


def test_the_period_is_counted_in_epochs_on_a_plateau_and_in_updates_elsewhere(opened):
    section = opened(ScheduleSection, schedule="cosine", schedule_period=200)
    assert section.period.number.text() == "200 updates"
    show(section, schedule="plateau", schedule_period=200)
    assert section.period.number.text() == "200 epochs"


@pytest.mark.parametrize("init", choices("init"))
def test_the_initial_size_belongs_to_some_initialisations(opened, init: str):
    assert ("init_scale" in names(opened(NetworkSection, init=init))) == (init in ("constant", "uniform", "normal"))


@pytest.mark.parametrize("loss", choices("loss"))
def test_the_huber_delta_belongs_to_huber(opened, loss: str):
    assert ("huber_delta" in names(opened(LossSection, loss=loss))) == (loss == "huber")


def test_without_hidden_layers_nothing_of_them_is_offered(opened):
    assert names(opened(NetworkSection, hidden=())) == {"hidden", "init", "seed", "output_activation", "init_bias"}
    assert "dropout" not in names(opened(RegularisationSection, hidden=()))


# ---------------------------------------------------------------------- numbers that may be left out

OPTIONAL = [
    (RegularisationSection, "weight_decay", 0.5),
    (TrainingSection, "beta_1", 0.5),
    (TrainingSection, "beta_2", 0.5),
    (TrainingSection, "epsilon", 0.5),
    (TrainingSection, "clip_norm", 2.5),
    (TrainingSection, "clip_value", 2.5),
    (StopSection, "epochs", 7),
    (StopSection, "steps", 7),
    (StopSection, "seconds", 1.5),
    (StopSection, "stop_loss", 0.25),
    (StopSection, "stop_accuracy", 0.75),
    (StopSection, "patience", 7),
]


@pytest.mark.parametrize(("kind", "name", "value"), OPTIONAL)
def test_an_optional_number_is_typed_and_cleared(opened, qtbot, kind: type[FoldableSection], name: str, value: float):
    section = opened(kind)
    row = row_of(section, name)
    assert row.number.text() == ""
    assert row.number.placeholderText() != ""
    with qtbot.waitSignal(row.requested) as asked:
        type_in(row.number, str(value))
    assert asked.args == [name, value]
    assert type(asked.args[1]) is type(value)
    show(section, **{name: value})
    with qtbot.waitSignal(row.requested) as asked:
        type_in(row.number, "")
    assert asked.args == [name, None]


@pytest.mark.parametrize("text", ["off", "none", " ", "OFF"])
def test_off_can_be_written_out(opened, qtbot, text: str):
    section = opened(StopSection, patience=5)
    row = row_of(section, "patience")
    with qtbot.waitSignal(row.requested) as asked:
        type_in(row.number, text)
    assert asked.args == ["patience", None]


def test_a_number_that_must_be_given_can_not_be_cleared(opened, qtbot):
    row = row_of(opened(RegularisationSection), "l2")
    with qtbot.assertNotEmitted(row.requested):
        type_in(row.number, "")
    assert "a number" in row.error


@pytest.mark.parametrize(
    ("optimizer", "name", "text"),
    [
        ("adam", "beta_1", "0.9"),
        ("adam", "beta_2", "0.999"),
        ("lion", "beta_2", "0.99"),
        ("rmsprop", "rho", "0.99"),
        ("adadelta", "rho", "0.9"),
        ("adadelta", "epsilon", "1e-6"),
        ("adagrad", "epsilon", "1e-10"),
        ("adam", "epsilon", "1e-8"),
    ],
)
def test_the_optimizers_own_number_stands_in_the_empty_field(opened, optimizer: str, name: str, text: str):
    number = row_of(opened(TrainingSection, optimizer=optimizer), name).number
    assert (number.text(), number.placeholderText()) == ("", text)


@pytest.mark.parametrize(("optimizer", "text"), [("adam", "off"), ("adamw", "0.01")])
def test_weight_decay_that_is_not_given(opened, optimizer: str, text: str):
    assert row_of(opened(RegularisationSection, optimizer=optimizer), "weight_decay").number.placeholderText() == text


@pytest.mark.parametrize(
    ("kind", "name", "text", "part"),
    [
        (RegularisationSection, "l1", "11", "at most 10"),
        (RegularisationSection, "weight_decay", "-1", "at least 0"),
        (TrainingSection, "beta_1", "1", "less than 1"),
        (TrainingSection, "clip_norm", "0", "more than 0"),
        (StopSection, "epochs", "0", "at least 1"),
        (StopSection, "stop_accuracy", "95", "at most 1"),
        (StopSection, "patience", "2.5", "whole number"),
    ],
)
def test_a_wrong_number_is_said_below_its_field(opened, qtbot, kind, name: str, text: str, part: str):
    row = row_of(opened(kind), name)
    with qtbot.assertNotEmitted(row.requested):
        type_in(row.number, text)
    assert part in row.error
    assert row._sentence is not None
    assert row._sentence.isVisible()
    assert row.number.property("invalid") is True


def test_a_unit_is_read_and_written(opened, qtbot):
    section = opened(StopSection, seconds=90.0)
    row = row_of(section, "seconds")
    assert row.number.text() == "90 s"
    with qtbot.waitSignal(row.requested) as asked:
        type_in(row.number, "120 s")
    assert asked.args == ["seconds", 120.0]


def test_a_number_too_long_for_its_unit_stands_without(opened):
    section = opened(ScheduleSection, schedule="step", schedule_period=123_456_789)
    assert section.period.number.text() == "123456789"


# ---------------------------------------------------------------------- boxes

SWITCHES = [
    (NetworkSection, "skip", {}),
    (LossSection, "class_weights", {}),
    (TrainingSection, "nesterov", {"optimizer": "sgd", "momentum": 0.9}),
    (TrainingSection, "amsgrad", {}),
]


@pytest.mark.parametrize(("kind", "name", "changes"), SWITCHES)
def test_a_box_is_checked_and_cleared(opened, qtbot, kind, name: str, changes: dict[str, object]):
    section = opened(kind, **changes)
    row = row_of(section, name)
    assert isinstance(row, CheckRow)
    with qtbot.waitSignal(row.requested) as asked:
        qtbot.mouseClick(row.box, Qt.MouseButton.LeftButton, pos=QPoint(row.box.width() - 8, row.box.height() // 2))
    assert asked.args == [name, True]
    show(section, **changes, **{name: True})
    assert row.box.isChecked()
    with qtbot.waitSignal(row.requested) as asked:
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.label.geometry().center())
    assert asked.args == [name, False]


def test_showing_settings_asks_for_nothing(opened, qtbot):
    section = opened(TrainingSection)
    for row in section.rows:
        with qtbot.assertNotEmitted(row.requested):
            show(section, optimizer="sgd", momentum=0.9, nesterov=True, clip_norm=1.0, precision="float32")
    assert row_of(section, "nesterov").box.isChecked()


def test_layers_are_frozen_and_thawed(opened, qtbot):
    section = opened(RegularisationSection)
    row = row_of(section, "freeze")
    assert isinstance(row, FreezeRow)
    assert [box.text() for box in row.boxes if box.isVisible()] == ["1", "2", "out"]
    with qtbot.waitSignal(row.requested) as asked:
        row.boxes[2].click()
    assert asked.args == ["freeze", (3,)]
    show(section, freeze=(3,))
    with qtbot.waitSignal(row.requested) as asked:
        row.boxes[0].click()
    assert asked.args == ["freeze", (1, 3)]
    show(section, hidden=(4,), freeze=(1,))
    assert [(box.text(), box.isChecked()) for box in row.boxes if box.isVisible()] == [("1", True), ("out", False)]


def test_many_layers_can_be_frozen(opened):
    section = opened(RegularisationSection, hidden=(2,) * 20)
    QApplication.processEvents()
    row = row_of(section, "freeze")
    places = [box.geometry() for box in row.boxes if box.isVisible()]
    assert len(places) == 21
    assert not any(a.intersects(b) for index, a in enumerate(places) for b in places[:index])
    assert all(row.field.rect().contains(place) for place in places)


def test_every_row_belongs_to_one_section(opened):
    kinds = (NetworkSection, LossSection, TrainingSection, RegularisationSection, ScheduleSection, StopSection)
    found = [row.name for kind in kinds for row in opened(kind).rows]
    assert len(found) == len(set(found))
    assert set(found) <= set(Settings.model_fields)
    assert all(isinstance(row, NumberRow) for row in opened(StopSection).rows)
