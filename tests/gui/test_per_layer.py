"""Activation and dropout: one for all hidden layers, or one per layer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.settings import choices, make_settings
from gui.appearance import Appearance
from gui.panels.number_field import NumberField
from gui.panels.per_layer import ONE_PER_LAYER, ActivationRow, DropoutRow


def show(row: ActivationRow | DropoutRow, qtbot, **changes: object) -> None:
    qtbot.addWidget(row)
    row.resize(216, 200)
    row.show_settings(make_settings(**changes))
    row.show()


@pytest.fixture
def activation(qapp: QApplication, qtbot) -> ActivationRow:
    Appearance(qapp, "light")
    row = ActivationRow()
    show(row, qtbot)
    return row


@pytest.fixture
def dropout(qapp: QApplication, qtbot) -> DropoutRow:
    Appearance(qapp, "light")
    row = DropoutRow()
    show(row, qtbot)
    return row


def type_in(field: NumberField, text: str) -> None:
    field.setText(text)
    field.setModified(True)
    field.editingFinished.emit()


def visible_texts(row: ActivationRow) -> list[str]:
    return [each.field.currentText() for each in row.layers.rows if each.isVisible()]


def test_one_activation_serves_all(activation: ActivationRow, qtbot):
    assert not activation.layers.isVisible()
    with qtbot.waitSignal(activation.requested) as asked:
        activation.box.chosen.emit("gelu")
    assert asked.args == ["activation", ("gelu",)]


def test_the_list_opens_without_a_request(activation: ActivationRow, qtbot):
    with qtbot.assertNotEmitted(activation.requested):
        activation.box.chosen.emit(ONE_PER_LAYER)
    assert visible_texts(activation) == ["tanh", "tanh"]


def test_each_layer_has_its_own(activation: ActivationRow, qtbot):
    activation.box.chosen.emit(ONE_PER_LAYER)
    with qtbot.waitSignal(activation.requested) as asked:
        activation.layers.rows[1].field.chosen.emit("leaky_relu")
    assert asked.args == ["activation", ("tanh", "leaky_relu")]
    with qtbot.waitSignal(activation.requested) as asked:
        activation.layers.rows[0].field.chosen.emit("relu")
    assert asked.args == ["activation", ("relu", "leaky_relu")]


def test_different_activations_open_the_list(activation: ActivationRow):
    activation.show_settings(make_settings(hidden=(4, 4, 4), activation=("tanh", "selu", "silu")))
    assert activation.box.currentText() == ONE_PER_LAYER
    assert visible_texts(activation) == ["tanh", "SELU", "SiLU"]


def test_one_hidden_layer_has_no_list(activation: ActivationRow):
    activation.box.chosen.emit(ONE_PER_LAYER)
    activation.show_settings(make_settings(hidden=(4,)))
    assert tuple(activation.box.itemData(index) for index in range(activation.box.count())) == choices("activation")
    assert activation.box.currentText() == "tanh"
    assert visible_texts(activation) == []


def test_going_back_to_one_for_all(activation: ActivationRow, qtbot):
    activation.show_settings(make_settings(activation=("tanh", "relu")))
    with qtbot.waitSignal(activation.requested) as asked:
        activation.box.chosen.emit("relu")
    assert asked.args == ["activation", ("relu",)]
    activation.show_settings(make_settings(activation=("relu",)))
    assert not activation.layers.isVisible()


def test_dropout_of_all_layers_is_typed(dropout: DropoutRow, qtbot):
    with qtbot.waitSignal(dropout.requested) as asked:
        type_in(dropout.number, "0,2")
    assert asked.args == ["dropout", (0.2,)]


def test_dropout_of_one_layer(dropout: DropoutRow, qtbot):
    with qtbot.assertNotEmitted(dropout.requested):
        qtbot.mouseClick(dropout.each, Qt.MouseButton.LeftButton)
    assert [each.field.text() for each in dropout.layers.rows if each.isVisible()] == ["0", "0"]
    with qtbot.waitSignal(dropout.requested) as asked:
        type_in(dropout.layers.rows[1].field, "0.5")
    assert asked.args == ["dropout", (0.0, 0.5)]


def test_different_dropouts_open_the_list_and_closing_it_asks_for_the_first(dropout: DropoutRow, qtbot):
    dropout.show_settings(make_settings(dropout=(0.1, 0.5)))
    assert dropout.number.text() == ""
    assert dropout.number.placeholderText() == "per layer"
    with qtbot.waitSignal(dropout.requested) as asked:
        qtbot.mouseClick(dropout.each, Qt.MouseButton.LeftButton)
    assert asked.args == ["dropout", (0.1,)]


@pytest.mark.parametrize(("text", "part"), [("1", "less than 1"), ("-0.1", "at least 0"), ("x", "a number"), ("", "a number")])
def test_a_wrong_dropout_is_said_at_its_layer(dropout: DropoutRow, qtbot, text: str, part: str):
    qtbot.mouseClick(dropout.each, Qt.MouseButton.LeftButton)
    layer = dropout.layers.rows[0]
    with qtbot.assertNotEmitted(dropout.requested):
        type_in(layer.field, text)
    assert part in layer.error
    assert layer.field.property("invalid") is True
    layer.field.textEdited.emit("0")
    assert layer.error == ""
