"""The losses and metrics of frames in play keep up with training, at a bounded share of the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.assessment import Assessment
from engine.data.prepared import Feature, PreparedData, Target
from engine.metrics import part_metrics
from engine.settings import Settings, make_settings
from engine.trainer import Trainer
from gui.session.display_figures import BESIDE_SECONDS, BESIDE_SHARE, DisplayFigures
from gui.session.session import Session
from tests.gui.test_session import Listener

N_CLASSES = 7


def table(n_train: int, n_validation: int = 0) -> PreparedData:
    generator = np.random.default_rng(4)
    n_rows = n_train + n_validation
    X = generator.normal(size=(n_rows, 4))
    scores = X @ generator.normal(size=4) + generator.normal(size=n_rows)
    y = np.searchsorted(np.quantile(scores, np.linspace(0, 1, N_CLASSES + 1)[1:-1]), scores).astype(float)
    rows = np.arange(n_rows)
    features = tuple(Feature(f"x{place}", f"x{place}") for place in range(4))
    target = Target("rooms", "classification", tuple(str(code) for code in range(N_CLASSES)))
    parts = (X[:n_train], y[:n_train], X[n_train:], y[n_train:], rows[:n_train], rows[n_train:])
    return PreparedData("houses", *parts, features, target, {})


@pytest.fixture
def settings() -> Settings:
    return make_settings(hidden=(10, 8), batch_size=32, learning_rate=0.01)


def test_metrics_of_ten_thousand_rows_follow_full_speed(qtbot: QtBot, session: Session, settings: Settings) -> None:
    data = table(8_000, 2_000)
    listener = Listener(session)
    session.set_speed(None)
    session.start_run(settings, data)
    session.play()

    def shown() -> dict[int, Any]:
        return {s.step_of_metrics: s for s in listener.snapshots if s.step_of_metrics and s.train_metrics}

    qtbot.waitUntil(lambda: len(shown()) >= 3, timeout=5_000)
    session.pause()
    step = min(shown())
    trainer = Trainer(settings, data)
    for _ in range(step):
        trainer.take_step()
    evaluated = trainer.evaluate()
    found = shown()[step]
    for metrics, predicted, y in (
        (found.train_metrics, evaluated.train_predictions, data.y_train),
        (found.validation_metrics, evaluated.validation_predictions, data.y_validation),
    ):
        assert {name: getattr(metrics, name) for name in part_metrics(data.target, predicted, y)} == pytest.approx(
            part_metrics(data.target, predicted, y), rel=1e-12
        )


class Clock:
    """A clock that only work moves on."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("gui.session.display_figures.time", made)
    return made


def let_pieces_take(monkeypatch: pytest.MonkeyPatch, clock: Clock, seconds: float) -> list[int]:
    """Let every piece of an assessment take so long, and return the list of the steps whose assessments are done."""
    done: list[int] = []
    take_piece: Callable[[Assessment], bool] = Assessment.take_piece

    def slow(assessment: Assessment) -> bool:
        clock.now += seconds
        if take_piece(assessment):
            done.append(assessment.step)
        return assessment.done

    monkeypatch.setattr(Assessment, "take_piece", slow)
    return done


@pytest.mark.parametrize("seconds", [0.00003, 0.0025])
def test_assessments_take_their_share_of_the_time_and_are_not_begun_anew(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, settings: Settings, seconds: float
) -> None:
    """However short or long the pieces are; the trainer makes an update whenever the assessment rests."""
    monkeypatch.setattr("engine.evaluation.rows_per_slice", lambda spec: 64)
    done = let_pieces_take(monkeypatch, clock, seconds)
    trainer, figures = Trainer(settings, table(800)), DisplayFigures(in_pieces=True)
    started, worked, n_steps = clock.now, 0.0, 0
    while len(done) < 4 and n_steps < 3_000:
        before = clock.now
        figures.play_on(trainer)
        worked += clock.now - before
        assert clock.now - before <= BESIDE_SECONDS + seconds
        trainer.take_step()
        n_steps += 1
        clock.now += 0.002
    assert len(done) == 4
    share = worked / (clock.now - started)
    assert 0.5 / (1 + BESIDE_SHARE) < share <= 1.2 / (1 + BESIDE_SHARE)
    assert done == sorted(set(done))
    assert n_steps > done[-1] > done[1] > 0
