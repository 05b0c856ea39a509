"""The first run takes the settings the program was started with; where they do not fit it begins without them, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from engine.settings import Settings, make_settings
from gui.run_desk import RunDesk
from gui.session.data_session import DataSession
from gui.session.session import Session

MakeDesk = Callable[[Settings], RunDesk]


@pytest.fixture
def make_desk(qtbot: QtBot, session: Session) -> Iterator[MakeDesk]:
    """Return a maker of desks on a real session and real data; their threads are ended after the test."""
    made: list[DataSession] = []

    def make(settings: Settings) -> RunDesk:
        made.append(DataSession())
        return RunDesk(session, made[-1], settings)

    yield make
    for data in made:
        data.shut_down()


def test_first_run_has_every_setting_it_was_started_with(qtbot: QtBot, session: Session, make_desk: MakeDesk) -> None:
    settings = make_settings(
        loss="cross_entropy", label_smoothing=0.1, class_weights=True, switched_off=[(0, 2)], dropout=(0.1,), patience=7
    )
    desk = make_desk(settings)
    desk.open_example("two_moons")
    qtbot.waitUntil(lambda: session.snapshot is not None)
    assert session.run is not None
    assert session.run.settings == settings
    assert session.run.spec.loss == "cross_entropy"


@pytest.mark.parametrize("wrong", [{"loss": "mae"}, {"target": "price"}, {"task": "regression"}])
def test_settings_that_do_not_fit_are_named_and_the_example_opens_without_them(
    qtbot: QtBot, session: Session, make_desk: MakeDesk, wrong: dict[str, str]
) -> None:
    desk = make_desk(make_settings(hidden=(5,), **wrong))
    said: list[str] = []
    session.refused.connect(lambda failure: said.append(failure.sentence))
    desk.refused.connect(said.append)
    desk.refused.connect(lambda _: desk.open_example("two_moons"))  # as the window does
    desk.open_example("two_moons")
    qtbot.waitUntil(lambda: session.snapshot is not None)
    assert len(said) == 1
    assert said[0].startswith(f"{next(iter(wrong))}: ")
    assert session.run is not None
    assert session.run.settings == make_settings(hidden=(5,))


def test_a_later_example_begins_with_training_settings_of_its_own(qtbot: QtBot, session: Session, make_desk: MakeDesk) -> None:
    desk = make_desk(make_settings(hidden=(5,), loss="mse", learning_rate=0.5))
    desk.open_example("two_moons")
    qtbot.waitUntil(lambda: session.snapshot is not None)
    desk.open_example("xor")
    qtbot.waitUntil(lambda: session.run is not None and session.run.data.name != "Two moons" and session.snapshot is not None)
    assert session.run is not None
    assert session.run.settings == make_settings(hidden=(5,))
