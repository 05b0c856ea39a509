"""The tool bar's optimizer menu: every optimizer, and what has to go with it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from engine.optimizers import OPTIMIZERS
from engine.settings import choices, make_settings
from gui.appearance import Appearance
from gui.panels.optimizer_menu import OPTIMIZER_LINES, optimizer_line
from gui.panels.toolbar import Toolbar


@pytest.fixture
def toolbar(qapp: QApplication, qtbot) -> Toolbar:
    Appearance(qapp, "light")
    bar = Toolbar()
    qtbot.addWidget(bar)
    return bar


def line_of(toolbar: Toolbar, label: str):
    return next(action for action in toolbar.optimizer.choices.actions() if action.text() == label)


def test_every_optimizer_has_a_line():
    assert {line["optimizer"] for line in OPTIMIZER_LINES} == set(choices("optimizer"))
    assert [line["optimizer"] for line in OPTIMIZER_LINES[:3]] == ["sgd", "sgd", "adam"]


def test_lines_are_named_and_explained(toolbar: Toolbar):
    actions = toolbar.optimizer.choices.actions()
    assert [action.text() for action in actions] == [
        "SGD", "Momentum 0.9", "Adam", "Adagrad", "RMSprop", "Adadelta", "AdamW", "NAdam", "Lion", "L-BFGS",
    ]  # fmt: skip
    assert all(
        OPTIMIZERS[str(line["optimizer"])].formula in action.toolTip()
        for line, action in zip(OPTIMIZER_LINES, actions, strict=True)
    )


@pytest.mark.parametrize("name", choices("optimizer"))
def test_the_optimizer_in_force_is_marked(toolbar: Toolbar, name: str):
    settings = make_settings(optimizer=name, batch_size="full")
    toolbar.show_settings(settings)
    (checked,) = [action for action in toolbar.optimizer.choices.actions() if action.isChecked()]
    assert checked.text() == toolbar.optimizer.text()
    assert optimizer_line(settings) is not None


def test_lbfgs_asks_for_all_rows_and_leaving_it_for_nothing_more(toolbar: Toolbar, qtbot):
    with qtbot.waitSignal(toolbar.settings_changed) as asked:
        line_of(toolbar, "L-BFGS").trigger()
    assert asked.args == [{"optimizer": "lbfgs", "batch_size": "full"}]
    toolbar.show_settings(make_settings(optimizer="lbfgs", batch_size="full"))
    with qtbot.waitSignal(toolbar.settings_changed) as asked:
        line_of(toolbar, "Adam").trigger()
    assert asked.args == [{"optimizer": "adam"}]


def test_plain_descent_drops_nesterov(toolbar: Toolbar, qtbot):
    toolbar.show_settings(make_settings(optimizer="sgd", momentum=0.9, nesterov=True))
    with qtbot.waitSignal(toolbar.settings_changed) as asked:
        line_of(toolbar, "SGD").trigger()
    assert asked.args == [{"optimizer": "sgd", "momentum": 0.0, "nesterov": False}]


def test_the_longest_label_fits(toolbar: Toolbar):
    toolbar.resize(1440, toolbar.height())
    toolbar.show()
    for name in choices("optimizer"):
        toolbar.show_settings(make_settings(optimizer=name, batch_size="full"))
        button = toolbar.optimizer
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 30
