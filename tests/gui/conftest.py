"""Sessions that are always shut down, and data small enough to train on at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.data.examples.catalogue import example_data
from engine.data.prepared import PreparedData
from engine.settings import Settings, make_settings
from gui.appearance import Appearance
from gui.main_window import MainWindow
from gui.preferences import Preferences
from gui.session.session import Session
from tests.gui.driving import MakeWindow


@pytest.fixture(scope="session")
def moons() -> PreparedData:
    """Return the built-in example."""
    return example_data("two_moons", validation=0.2, seed=3)


@pytest.fixture
def small() -> Settings:
    """Return the settings of a small network."""
    return make_settings(hidden=(4,), batch_size=40)


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    """Return a session; its thread is ended after the test."""
    made = Session()
    yield made
    made.shut_down()


@pytest.fixture(scope="session")
def appearance(qapp: QApplication) -> Appearance:
    """Return the look of the application, which lives as long as it does."""
    return Appearance(qapp, "light")


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication, appearance: Appearance) -> Iterator[MakeWindow]:
    """Return a maker of shown windows on the built-in example; they are closed after the test."""
    windows: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow(appearance, Preferences())
        windows.append(window)
        window.show()
        window.open_example("two_moons")
        qtbot.waitUntil(lambda: window.session.snapshot is not None)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    """Return a window on the built-in example."""
    return make_window()
