"""Sessions that are always shut down, and data small enough to train on at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from engine.data.generators import example_data
from engine.data.prepared import PreparedData
from engine.settings import Settings, make_settings
from gui.session.session import Session


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
