"""The 2-2-1 walk by hand: one example, every number, the arithmetic written out in forty decimal digits.

Input (0.5, 0.8), target 1, sigmoid everywhere, squared error, learning rate 0.1.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.computation import Computation
from engine.data.prepared import Feature, PreparedData, Target
from engine.network import forward
from engine.settings import make_settings
from engine.trainer import Trainer

START = "0.3 0.7 0.5 0.2 0.1 0.1 0.4 0.6 0.1"  # W1 (row = input), b1, W2, b2
DIGITS = {"rel": 1e-12, "abs": 0.0}


class Walk(NamedTuple):
    """One step: every number on the way forward, and every number on the way back."""

    z1: list[Decimal]
    h: list[Decimal]
    z2: Decimal
    prediction: Decimal
    loss: Decimal
    error: Decimal  # dL/dprediction
    delta2: Decimal
    delta1: list[Decimal]
    gradient: list[Decimal]


def sigmoid(z: Decimal) -> Decimal:
    return 1 / (1 + (-z).exp())


def step_by_hand(parameters: list[Decimal]) -> Walk:
    w11, w12, w21, w22, b1, b2, v1, v2, c = parameters
    x1, x2, target = Decimal("0.5"), Decimal("0.8"), Decimal(1)
    z1, z2 = x1 * w11 + x2 * w21 + b1, x1 * w12 + x2 * w22 + b2
    h1, h2 = sigmoid(z1), sigmoid(z2)
    z = v1 * h1 + v2 * h2 + c
    prediction = sigmoid(z)
    error = 2 * (prediction - target)
    delta = error * prediction * (1 - prediction)
    delta_1 = delta * v1 * h1 * (1 - h1)
    delta_2 = delta * v2 * h2 * (1 - h2)
    gradient = [x1 * delta_1, x1 * delta_2, x2 * delta_1, x2 * delta_2, delta_1, delta_2, delta * h1, delta * h2, delta]
    loss = (prediction - target) ** 2
    return Walk([z1, z2], [h1, h2], z, prediction, loss, error, delta, [delta_1, delta_2], gradient)


def walk_by_hand(n_updates: int) -> tuple[list[Walk], list[Decimal]]:
    """Return the steps of so many updates and one more, and the parameters they led to."""
    with localcontext() as context:
        context.prec = 40
        parameters, walks = [Decimal(text) for text in START.split()], []
        for _ in range(n_updates):
            walks.append(step_by_hand(parameters))
            changes = [Decimal("0.1") * slope for slope in walks[-1].gradient]
            parameters = [value - change for value, change in zip(parameters, changes, strict=True)]
        return [*walks, step_by_hand(parameters)], parameters


def close(numbers: Any) -> Any:
    """Return what is right to 12 digits."""
    return pytest.approx([float(number) for number in numbers] if isinstance(numbers, list) else float(numbers), **DIGITS)


def start() -> Any:
    return np.array([float(text) for text in START.split()])


@pytest.fixture
def trainer() -> Trainer:
    row, none = np.array([[0.5, 0.8]]), np.empty((0, 2))
    data = PreparedData(
        name="walk",
        X_train=row,
        y_train=np.array([1.0]),
        X_validation=none,
        y_validation=np.empty(0),
        rows_train=np.array([0]),
        rows_validation=np.empty(0, int),
        features=(Feature("a", "a"), Feature("b", "b")),
        target=Target("y", "regression"),
        preparation={},
    )
    settings = make_settings(
        hidden=(2,),
        activation=("sigmoid",),
        output_activation="sigmoid",
        loss="mse",
        optimizer="sgd",
        learning_rate=0.1,
        batch_size=1,
    )
    trainer = Trainer(settings, data)
    for index, value in enumerate(start()):
        trainer.set_parameter(index, float(value))
    return trainer


def test_every_number_of_the_way_forward_and_back(trainer: Trainer) -> None:
    walk = walk_by_hand(0)[0][0]
    parameters, gradient = start(), np.empty(9)
    computation = Computation(trainer.spec, parameters, gradient, 1)
    computation.batch[:, 0] = 0.5, 0.8, 1.0, 1.0
    assert computation() == close(walk.loss)
    hidden, output = computation.layers
    assert hidden.outputs[:-1, 0].tolist() == close(walk.h)
    assert output.outputs[0, 0] == close(walk.prediction)
    assert output.delta[0, 0] == close(walk.delta2)
    assert hidden.delta[:, 0].tolist() == close(walk.delta1)
    assert gradient.tolist() == close(walk.gradient)
    assert parameters.tolist() == start().tolist()


def test_the_network_in_evaluation(trainer: Trainer) -> None:
    walk = walk_by_hand(0)[0][0]
    _, h, output = forward(trainer.spec, start(), np.array([[0.5], [0.8]]))
    assert h[:, 0].tolist() == close(walk.h)
    assert output[0, 0] == close(walk.prediction)
    assert trainer.measure().train_loss == close(walk.loss)


def test_a_thousand_updates(trainer: Trainer) -> None:
    walks, parameters = walk_by_hand(1000)
    for walk in walks[:-1]:
        assert trainer.take_step().batch_loss == close(walk.loss)
        assert trainer.gradient.tolist() == close(walk.gradient)
    assert trainer.parameters.tolist() == close(parameters)
    assert trainer.measure().train_loss == close(walks[-1].loss)


def test_the_hand_calculation_gives_the_figures_of_the_teaching_text() -> None:
    """Eight decimals, as they stand in the lesson."""
    (first, _), after = walk_by_hand(1)
    last = walk_by_hand(1000)[0][-1]
    printed = {
        "z1": (first.z1, [0.65, 0.61]),
        "h": (first.h, [0.65701046, 0.64794080]),
        "z2": ([first.z2], [0.75156867]),
        "prediction": ([first.prediction], [0.67952041]),
        "loss": ([first.loss], [0.10270717]),
        "dL/dprediction": ([first.error], [-0.64095918]),
        "delta2": ([first.delta2], [-0.13958323]),
        "dW2": (first.gradient[6:8], [-0.09170765, -0.09044167]),
        "delta1": (first.delta1, [-0.01258191, -0.01910449]),
        "dW1": (first.gradient[:4], [-0.00629095, -0.00955225, -0.01006552, -0.01528359]),
        "W2 and b2 after one update": (after[6:], [0.40917076, 0.60904417, 0.11395832]),
        "prediction and loss after 1000": ([last.prediction, last.loss], [0.96449668, 0.00126049]),
    }
    for name, (numbers, figures) in printed.items():
        assert [float(number) for number in numbers] == pytest.approx(figures, rel=0.0, abs=5e-9), name
