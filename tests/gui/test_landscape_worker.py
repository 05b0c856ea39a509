"""The landscape's worker: pictures level by level in its own thread, newer requests first, and nothing after a stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from engine.landscape.plane import Plane
from engine.network import NetworkSpec, encode_targets, mean_loss
from gui.session import landscape_worker
from gui.session.landscape_worker import LandscapeWorker, pictures, position_of
from gui.session.messages import LandscapePicture, LandscapeRequest
from tests.engine.landscape.conftest import make_data

SPEC = NetworkSpec((2, 8, 8, 1), ("tanh", "tanh", "identity"), "bce")


def make_request(
    request_id: int = 1, n_points: int = 20, grid: int = 33, n_rows: int = 200, **changes: Any
) -> LandscapeRequest:
    path = np.random.default_rng(2).normal(0.0, 0.1, (n_points, SPEC.n_parameters)).cumsum(axis=0)
    steps = np.arange(n_points, dtype=np.int64)
    return replace(LandscapeRequest(7, request_id, SPEC, make_data(n_rows), steps, path, grid), **changes)


def last_picture(request: LandscapeRequest, previous: Plane | None = None) -> LandscapePicture:
    return [picture for picture in pictures(request, previous) if picture is not None][-1]


def true_loss(request: LandscapeRequest, parameters: np.ndarray) -> float:
    data = request.data
    return mean_loss(request.spec, parameters, data.X_train.T, encode_targets(request.spec, data.target, data.y_train))


class Client(QObject):
    """Asks as the window does, through signals, and keeps what comes back."""

    compute = Signal(object)
    cancel = Signal()
    stop = Signal()
    set_duty_cycle = Signal(object)

    def __init__(self, worker: LandscapeWorker) -> None:
        super().__init__()
        self.worker = worker
        self.thread_of_worker = QThread()
        self.pictures: list[LandscapePicture] = []
        self.failures: list[str] = []
        for name in ("compute", "cancel", "stop", "set_duty_cycle"):
            getattr(self, name).connect(getattr(worker, name))
        worker.picture_ready.connect(self._on_picture)
        worker.failed.connect(self._on_failed)

    @Slot(object)
    def _on_picture(self, picture: LandscapePicture) -> None:
        self.pictures.append(picture)

    @Slot(object)
    def _on_failed(self, sentence: str) -> None:
        self.failures.append(sentence)


@pytest.fixture
def waiting_client(qapp: Any) -> Iterator[Client]:
    """Return a client whose worker's thread has not started: what is asked for meanwhile arrives at once."""
    worker = LandscapeWorker()
    client = Client(worker)
    worker.moveToThread(client.thread_of_worker)
    yield client
    client.thread_of_worker.start()  # for tests that did not
    client.stop.emit()
    client.stop.emit()
    client.thread_of_worker.quit()
    assert client.thread_of_worker.wait(5000)


@pytest.fixture
def client(waiting_client: Client) -> Client:
    waiting_client.thread_of_worker.start()
    return waiting_client


def test_levels_arrive_coarse_first_and_the_last_is_final(client: Client, qtbot: QtBot) -> None:
    client.compute.emit(make_request())
    qtbot.waitUntil(lambda: len(client.pictures) == 3)
    assert [len(picture.alphas) for picture in client.pictures] == [9, 17, 33]
    assert [picture.final for picture in client.pictures] == [False, False, True]
    assert {(picture.run_id, picture.request_id) for picture in client.pictures} == {(7, 1)}
    assert client.failures == []


def test_a_newer_request_replaces_an_older_one(waiting_client: Client, qtbot: QtBot) -> None:
    client = waiting_client
    client.compute.emit(make_request(1))
    client.compute.emit(make_request(2))
    client.thread_of_worker.start()
    qtbot.waitUntil(lambda: any(picture.final for picture in client.pictures))
    assert {picture.request_id for picture in client.pictures} == {2}


def test_a_request_under_way_gives_way_to_a_newer_one(client: Client, qtbot: QtBot) -> None:
    client.compute.emit(make_request(1, grid=129, n_rows=1000))
    qtbot.waitUntil(lambda: len(client.pictures) > 0)
    client.compute.emit(make_request(2))
    qtbot.waitUntil(lambda: any(picture.final for picture in client.pictures))
    answered = [picture.request_id for picture in client.pictures]
    assert answered == sorted(answered)
    assert [picture.request_id for picture in client.pictures if picture.final] == [2]


def test_a_cancelled_request_answers_no_more(waiting_client: Client, qtbot: QtBot) -> None:
    client = waiting_client
    client.compute.emit(make_request(1))
    client.cancel.emit()
    client.thread_of_worker.start()
    with qtbot.assertNotEmitted(client.worker.picture_ready, wait=100):
        pass
    client.compute.emit(make_request(2))
    qtbot.waitUntil(lambda: any(picture.final for picture in client.pictures))
    assert {picture.request_id for picture in client.pictures} == {2}


def test_after_stop_nothing_is_accepted(client: Client, qtbot: QtBot) -> None:
    client.stop.emit()
    client.compute.emit(make_request())
    with qtbot.assertNotEmitted(client.worker.picture_ready, wait=100):
        pass
    assert client.failures == []


def test_an_exception_becomes_a_message_and_the_worker_goes_on(client: Client, qtbot: QtBot) -> None:
    broken = make_request(1)
    broken.path[3, 4] = np.nan
    client.compute.emit(broken)
    qtbot.waitUntil(lambda: len(client.failures) == 1)
    assert "finite" in client.failures[0]
    client.compute.emit(make_request(2))
    qtbot.waitUntil(lambda: any(picture.final for picture in client.pictures))


def test_the_worker_rests_in_proportion_to_its_work(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is the test's own: every look at it takes 5 ms, so a turn of two looks is 10 ms of work."""
    worker = LandscapeWorker()
    clock = iter(np.arange(0.0, 100.0, 0.005))
    monkeypatch.setattr(landscape_worker, "perf_counter", lambda: float(next(clock)))
    worker.compute(make_request())
    for share, expected in ((1.0, 0), (0.5, 10), (0.2, 40), (5.0, 0)):
        worker.set_duty_cycle(share)
        worker._timer.stop()
        worker._take_turn()
        assert worker._timer.interval() == pytest.approx(expected, abs=expected / 2)
    worker.stop()
    assert not worker._timer.isActive()


def test_a_run_keeps_its_plane_from_flipping(qapp: Any) -> None:
    request = make_request()
    first = last_picture(request)
    flipped = Plane(first.plane.origin, first.plane.direction_1, -first.plane.direction_2)
    again = last_picture(request, flipped)
    np.testing.assert_array_equal(again.plane.direction_2, -first.plane.direction_2)
    np.testing.assert_allclose(again.path_points[:, 1], -first.path_points[:, 1], atol=1e-12)


def test_the_worker_aligns_with_the_last_plane_of_the_same_run_only(client: Client, qtbot: QtBot) -> None:
    plane = last_picture(make_request()).plane
    client.worker._planes = {7: Plane(plane.origin, plane.direction_1, -plane.direction_2)}
    client.compute.emit(make_request(1))
    qtbot.waitUntil(lambda: any(picture.final for picture in client.pictures))
    assert client.pictures[-1].plane.direction_2 @ plane.direction_2 < 0.0
    client.compute.emit(make_request(2, run_id=8))
    qtbot.waitUntil(lambda: client.pictures[-1].final and client.pictures[-1].request_id == 2)
    assert client.pictures[-1].plane.direction_2 @ plane.direction_2 > 0.0


def test_a_picture_says_what_the_engine_computed(qapp: Any) -> None:
    request = make_request()
    picture = last_picture(request)
    for i, j in ((0, 0), (5, 30), (32, 7)):
        loss = true_loss(request, picture.plane.point(picture.alphas[i], picture.betas[j]))
        assert picture.losses[i, j] == pytest.approx(loss, rel=1e-6)
    assert picture.rows_used == picture.rows_total == 200
    assert 0.0 < picture.share_in_plane < 1.0
    assert 0.8 < picture.random_walk_share < 1.0
    assert picture.n_not_finite == 0
    assert len(picture.level_values) == len(picture.contours)
    assert picture.notes == ()
    for array in (picture.alphas, picture.betas, picture.losses, picture.image, picture.path_points):
        assert not array.flags.writeable


def test_the_current_point_has_its_true_loss_on_a_fresh_plane(qapp: Any) -> None:
    request = make_request()
    now = request.path[-1]
    position = position_of(last_picture(request), now, 19, true_loss(request, now))
    assert (position.alpha, position.beta) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert position.plane_loss == pytest.approx(position.true_loss, rel=1e-6)
    assert position.out_of_plane == pytest.approx(0.0, abs=1e-12)
    assert position.step == 19


def test_a_point_elsewhere_is_placed_and_its_distance_told(qapp: Any) -> None:
    request = make_request()
    picture = last_picture(request)
    middle = request.path[10]
    position = position_of(picture, middle, 10, 0.5)
    assert (position.alpha, position.beta) == pytest.approx(tuple(picture.path_points[10]))
    assert position.plane_loss == pytest.approx(
        true_loss(request, picture.plane.point(position.alpha, position.beta)), rel=0.05
    )
    assert 0.0 < position.out_of_plane <= 1.0
    far = picture.plane.point(float(picture.alphas[-1]) + 1.0, 0.0)
    assert position_of(picture, far, 11, 0.5).plane_loss is None


def test_a_batch_normalised_network_is_placed_without_its_running_averages(qapp: Any) -> None:
    spec = replace(SPEC, normalization="batch")
    generator = np.random.default_rng(4)
    path = generator.normal(0.0, 0.1, (20, spec.n_parameters)).cumsum(axis=0)
    averages = ~spec.trained_mask()
    path[:, averages] = generator.uniform(0.5, 2.0, (20, int(averages.sum())))
    request = make_request(spec=spec, path=path)
    picture = last_picture(request)
    assert any("running averages" in note for note in picture.notes)
    now = path[-1].copy()
    position = position_of(picture, now, 19, true_loss(request, now))
    assert position.plane_loss == pytest.approx(position.true_loss, rel=1e-6)
    now[averages] += 100.0
    moved = position_of(picture, now, 19, None)
    assert (moved.alpha, moved.beta, moved.out_of_plane) == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)


def test_many_rows_are_sampled_and_the_picture_says_so(qapp: Any) -> None:
    picture = last_picture(make_request(grid=9, n_rows=5_000))
    assert (picture.rows_used, picture.rows_total) == (1_000, 5_000)
    assert "1,000 of 5,000" in picture.notes[0]


def test_a_large_network_gets_a_coarser_picture_and_the_picture_says_so(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landscape_worker, "BUDGET_SECONDS", 0.005)
    picture = last_picture(make_request())
    assert len(picture.alphas) < 33
    assert picture.final
    assert any("too large" in note for note in picture.notes)


def test_the_first_step_has_a_picture_too(qapp: Any) -> None:
    picture = last_picture(make_request(n_points=1))
    assert np.isfinite(picture.losses).all()
    assert picture.random_walk_share == picture.share_in_plane == 1.0
    assert any("not moved" in note for note in picture.notes)


def test_a_small_loss_is_computed_in_float64(qapp: Any) -> None:
    spec = NetworkSpec((2, 1), ("identity",), "mse")
    request = make_request(spec=spec, path=np.array([[0.3, 0.1, 0.2], [1.0, 0.0, 1e-5]]), path_steps=np.arange(2))
    X = request.data.X_train
    request = replace(
        request, data=replace(request.data, y_train=X[:, 0], target=replace(request.data.target, task="regression", classes=()))
    )
    picture = last_picture(request)
    now = position_of(picture, request.path[-1], 1, true_loss(request, request.path[-1]))
    assert now.true_loss == pytest.approx(1e-10)
    assert now.plane_loss == pytest.approx(now.true_loss, rel=1e-12, abs=0.0)


def test_losses_that_are_not_finite_are_counted_and_transparent(qapp: Any) -> None:
    path = np.zeros((2, SPEC.n_parameters))
    path[1] = np.random.default_rng(3).normal(size=SPEC.n_parameters) * 1e160
    spec = replace(SPEC, activations=("relu", "relu", "identity"), loss="mse")
    picture = last_picture(make_request(spec=spec, path=path, path_steps=np.arange(2)))
    assert picture.n_not_finite == np.count_nonzero(~np.isfinite(picture.losses)) > 0
    assert (picture.image[:, :, 3] == 0).any()
    assert picture.notes == ()
    assert position_of(picture, path[1], 1, float("inf")).plane_loss is not None


def test_a_plane_on_which_the_loss_never_changes_says_so(qapp: Any) -> None:
    """All inputs are 0, so weights have no effect, and the path moves the weights only."""
    spec = NetworkSpec((2, 1), ("identity",), "mse")
    data = make_data()
    path = np.array([[0.0, 0.0, 0.3], [1.0, 1.0, 0.3], [2.0, 0.0, 0.3]])
    request = make_request(
        spec=spec, path=path, path_steps=np.arange(3), data=replace(data, X_train=np.zeros_like(data.X_train))
    )
    picture = last_picture(request)
    assert picture.level_values == picture.contours == ()
    assert picture.notes == ("The loss does not change on this plane.",)
