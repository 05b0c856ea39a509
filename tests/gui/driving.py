"""Driving the whole window as a person would, and waiting until it is where it was sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.session.messages import RunState

MakeWindow = Callable[[], MainWindow]


def step(window: MainWindow) -> int:
    return window.session.snapshot.step if window.session.snapshot is not None else -1


def press(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    window.activateWindow()
    window.setFocus()
    QTest.keyClick(window, key, modifier)


def play_to(qtbot: QtBot, window: MainWindow, target: int) -> None:
    window.session.play_to(target)
    qtbot.waitUntil(lambda: step(window) == target and window.session.state is RunState.PAUSED)


def seek(qtbot: QtBot, window: MainWindow, target: int) -> np.ndarray:
    """Go to a recorded step and return the parameters there."""
    window.session.seek(target)
    qtbot.waitUntil(lambda: step(window) == target and window.session.state is RunState.PAUSED)
    return window.session.snapshot.parameters


def open_table(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    """Open a file with numbers, words, a missing value and a class to learn."""
    rng = np.random.default_rng(0)
    lines = ["size,colour,kind"]
    for row, size in enumerate(rng.normal(size=80)):
        colour, kind = "red" if row % 3 else "blue", '"large, or so"' if size > 0.2 else "small"
        lines.append(f"{'' if row == 5 else size},{colour},{kind}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    window.open_file(path)
    qtbot.waitUntil(lambda: window.session.run.data.name == path.name)
