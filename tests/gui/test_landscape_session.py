"""When a new surface is asked for: a session of its own tells the landscape what happens, and nothing is computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from engine.network import NetworkSpec
from engine.records import Measurement
from engine.settings import Settings
from gui.session import landscape_session
from gui.session.landscape_session import LandscapeSession
from gui.session.messages import LandscapeRequest, PathTaken, RunInfo, RunStarted, RunState, Snapshot
from tests.engine.landscape.conftest import make_data

SPEC = NetworkSpec((2, 3, 1), ("tanh", "identity"), "bce", normalization="batch")
AVERAGES = ~SPEC.trained_mask()
START = np.linspace(0.5, 1.5, SPEC.n_parameters)


class ToldSession(QObject):
    """Says what the test tells it to; answers a wish for the path at once, from a start far away."""

    run_started = Signal(object)
    snapshot_ready = Signal(object)
    state_changed = Signal(object)
    path_taken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.run = RunInfo(1, "run", Settings(), SPEC, make_data())
        self.snapshot: Snapshot | None = None
        self.state = RunState.PAUSED

    def want_path(self, max_points: int, max_bytes: int) -> None:
        assert self.snapshot is not None
        now = self.snapshot.parameters
        self.path_taken.emit(PathTaken(1, 0, np.arange(2), np.stack([now - 1.0, now])))

    def show(self, parameters: np.ndarray, state: RunState, spec: NetworkSpec = SPEC) -> None:
        self.state = state
        self.snapshot = Snapshot(
            run_id=1, branch_id=0, state=state, step=3, epoch=1, last_step=3, settings=Settings(), spec=spec, learning_rate=0.1,
            parameters=parameters, gradient=None, batch_loss=None, measurement=Measurement(3, 1, 0.5, None),
            train_metrics=None, validation_metrics=None, observation=None,
        )  # fmt: skip
        self.snapshot_ready.emit(self.snapshot)


class Listener:
    """A landscape that follows such a session, and the requests it sends."""

    def __init__(self) -> None:
        self.session = ToldSession()
        self.landscape = LandscapeSession(self.session)
        self.requests: list[LandscapeRequest] = []
        self.landscape._compute.disconnect()
        self.landscape._compute.connect(self.requests.append)
        self.session.run_started.emit(RunStarted(self.session.run))

    def n_asked(self, parameters: np.ndarray, state: RunState, spec: NetworkSpec = SPEC) -> int:
        """Return how many surfaces were asked for since the start, once a frame has been shown and rested on."""
        self.landscape._awaited = False
        self.session.show(parameters, state, spec)
        timer = self.landscape._rest_timer
        if timer.isActive():
            timer.stop()
            timer.timeout.emit()
        return len(self.requests)


@pytest.fixture
def listener(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setattr(landscape_session, "LEAST_SECONDS", 0.0)
    listener = Listener()
    yield listener
    listener.landscape.shut_down()


def moved(where: np.ndarray, by: float) -> np.ndarray:
    return START + np.where(where, by, 0.0)


def test_a_point_that_stands_still_has_one_surface(listener: Listener) -> None:
    assert [listener.n_asked(START, RunState.PAUSED) for _ in range(3)] == [1, 1, 1]


def test_while_training_running_averages_are_no_distance(listener: Listener) -> None:
    assert listener.n_asked(START, RunState.RUNNING) == 1
    assert listener.n_asked(moved(AVERAGES, 5.0), RunState.RUNNING) == 1
    assert listener.n_asked(moved(~AVERAGES, 5.0), RunState.RUNNING) == 2


def test_once_training_stands_the_surface_is_that_of_its_running_averages(listener: Listener) -> None:
    assert listener.n_asked(START, RunState.PAUSED) == 1
    assert listener.n_asked(moved(AVERAGES, 1e-3), RunState.PAUSED) == 2


@pytest.mark.parametrize("state", [RunState.PAUSED, RunState.RUNNING])
def test_switching_a_unit_off_changes_the_surface_though_nothing_moved(listener: Listener, state: RunState) -> None:
    off = replace(SPEC, switched_off=((1, 0),))
    assert listener.n_asked(START, state) == 1
    assert listener.n_asked(START, state, off) == 2
    assert listener.n_asked(START, state, off) == 2
    assert listener.requests[-1].spec == off
    assert listener.n_asked(START, state) == 3
