"""The 2-2-1 walk by hand: one example, every number, the arithmetic written out."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from engine.data.prepared import Feature, PreparedData, Target
from engine.network import forward
from engine.settings import make_settings
from engine.trainer import Trainer

LEARNING_RATE = 0.1
START = np.array([0.3, 0.7, 0.5, 0.2, 0.1, 0.1, 0.4, 0.6, 0.1])  # W1 (row = input), b1, W2, b2


def sigmoid(z: float) -> float:
    return 1.0 / (1.0 + exp(-z))


def update_by_hand(p: list[float]) -> tuple[float, float, list[float]]:
    """Return prediction, loss and gradient for input (0.5, 0.8) and target 1, one scalar at a time."""
    w11, w12, w21, w22, b1, b2, v1, v2, c = p
    h1 = sigmoid(0.5 * w11 + 0.8 * w21 + b1)
    h2 = sigmoid(0.5 * w12 + 0.8 * w22 + b2)
    prediction = sigmoid(v1 * h1 + v2 * h2 + c)
    error = 2.0 * (prediction - 1.0)
    delta = error * prediction * (1.0 - prediction)
    delta_1 = delta * v1 * h1 * (1.0 - h1)
    delta_2 = delta * v2 * h2 * (1.0 - h2)
    gradient = [0.5 * delta_1, 0.5 * delta_2, 0.8 * delta_1, 0.8 * delta_2, delta_1, delta_2, delta * h1, delta * h2, delta]
    return prediction, (prediction - 1.0) ** 2, gradient


@pytest.fixture
def trainer() -> Trainer:
    row = np.array([[0.5, 0.8]])
    empty = np.empty((0, 2))
    data = PreparedData(
        "walk",
        row,
        np.array([1.0]),
        empty,
        np.empty(0),
        np.array([0]),
        np.empty(0, int),
        (Feature("a", "a"), Feature("b", "b")),
        Target("y", "regression"),
        {},
    )
    trainer = Trainer(
        make_settings(
            hidden=(2,),
            activation=("sigmoid",),
            output_activation="sigmoid",
            loss="mse",
            optimizer="sgd",
            learning_rate=LEARNING_RATE,
            batch_size=1,
        ),
        data,
    )
    state = trainer.state()
    trainer.restore(type(state)(START, state.words))
    return trainer


def test_every_number_of_the_first_step(trainer: Trainer) -> None:
    _, h, output = forward(trainer.spec, START, np.array([[0.5], [0.8]]))
    assert h[:, 0] == pytest.approx([0.65701046, 0.64794080], abs=5e-9)
    assert output[0, 0] == pytest.approx(0.67952041, abs=5e-9)
    record = trainer.take_step()
    assert record.batch_loss == pytest.approx(0.10270717, abs=5e-9)
    _, _, gradient = update_by_hand(list(START))
    assert trainer.gradient == pytest.approx(gradient, rel=1e-12)
    # dW1, db1 (the hidden deltas), dW2, db2 (the output delta), as printed in teaching texts:
    printed = [
        -0.00629095,
        -0.00955225,
        -0.01006552,
        -0.01528359,
        -0.01258191,
        -0.01910449,
        -0.09170765,
        -0.09044167,
        -0.13958323,
    ]
    assert trainer.gradient == pytest.approx(printed, abs=5e-9)
    assert trainer.parameters[6:] == pytest.approx([0.40917076, 0.60904417, 0.11395832], abs=5e-9)


def test_a_thousand_updates_follow_the_hand_calculation(trainer: Trainer) -> None:
    by_hand = list(START)
    for _ in range(1000):
        _, loss, gradient = update_by_hand(by_hand)
        assert trainer.take_step().batch_loss == pytest.approx(loss, rel=1e-12)
        by_hand = [value - LEARNING_RATE * slope for value, slope in zip(by_hand, gradient, strict=True)]
    assert trainer.parameters == pytest.approx(by_hand, rel=1e-12)
    prediction, loss, _ = update_by_hand(by_hand)
    assert (prediction, loss) == pytest.approx((0.96449668, 0.00126049), abs=5e-9)
    assert trainer.measure().train_loss == pytest.approx(loss, rel=1e-12)
