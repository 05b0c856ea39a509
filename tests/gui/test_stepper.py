"""The field for a whole number: what is typed is taken, at most at its limits."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.panels.stepper import Stepper


@pytest.mark.parametrize(("typed", "taken"), [("12", 12), ("0", 1), ("5000", 4096), ("", 8)])
def test_a_typed_number_is_brought_to_the_limits(qtbot: QtBot, typed: str, taken: int) -> None:
    stepper = Stepper("Units", 1, 4096)
    qtbot.addWidget(stepper)
    stepper.show_value(8)
    asked: list[int] = []
    stepper.value_requested.connect(asked.append)
    stepper.field.selectAll()
    QTest.keyClick(stepper.field, Qt.Key.Key_Delete)
    QTest.keyClicks(stepper.field, typed)
    QTest.keyClick(stepper.field, Qt.Key.Key_Return)
    assert asked == ([taken] if taken != 8 else [])
    assert stepper.field.text() == str(taken)
