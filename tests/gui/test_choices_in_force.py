"""What has an effect with the present data, and what changes along with a change."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data.prepared import Feature, PreparedData, Target
from engine.network_choice import spec_for
from engine.settings import Settings, make_settings
from gui.panels.choices_in_force import consequences, has_effect
from gui.session.messages import RunInfo

CLASSES = Target("label", "classification", ("no", "yes"))
NUMBER = Target("price", "regression", (), mean=100.0, scale=50.0)


def run_on(target: Target) -> RunInfo:
    X, y = np.linspace(-1.0, 1.0, 20).reshape(10, 2), np.arange(10) % 2.0
    features = (Feature("x1", "x1"), Feature("x2", "x2"))
    data = PreparedData("t", X[:8], y[:8], X[8:], y[8:], np.arange(8), np.arange(8, 10), features, target, {}, ())
    return RunInfo(1, "run 1", Settings(), spec_for(Settings(), data), data)


@pytest.mark.parametrize("name", ["label_smoothing", "class_weights", "stop_accuracy"])
def test_classes_are_needed(name: str):
    assert has_effect(name, Settings(), run_on(CLASSES))
    assert not has_effect(name, Settings(), run_on(NUMBER))


@pytest.mark.parametrize(
    ("loss", "smoothed"), [("auto", True), ("bce", True), ("cross_entropy", True), ("hinge", False), ("mse", False)]
)
def test_labels_are_smoothed_by_the_losses_of_probabilities(loss: str, smoothed: bool):
    assert has_effect("label_smoothing", make_settings(loss=loss), run_on(CLASSES)) is smoothed


def test_every_setting_may_have_an_effect_before_there_are_data():
    assert has_effect("label_smoothing", Settings(), None)
    assert has_effect("seed", Settings(), None)


@pytest.mark.parametrize(
    ("before", "changes", "besides"),
    [
        ({}, {"optimizer": "lbfgs"}, {"batch_size": "full"}),
        ({"batch_size": "full"}, {"optimizer": "lbfgs"}, {}),
        ({"batch_size": "full", "optimizer": "lbfgs"}, {"optimizer": "adam"}, {}),
        ({"optimizer": "sgd", "momentum": 0.9, "nesterov": True}, {"momentum": 0.0}, {"nesterov": False}),
        ({"optimizer": "sgd", "momentum": 0.9, "nesterov": True}, {"momentum": 0.5}, {}),
        ({"optimizer": "sgd", "momentum": 0.9, "nesterov": True}, {"optimizer": "sgd", "momentum": 0.0}, {"nesterov": False}),
        ({"activation": ("tanh", "relu")}, {"hidden": (4,)}, {"activation": ("tanh",)}),
        ({"activation": ("tanh", "relu")}, {"hidden": ()}, {"activation": ("tanh",)}),
        ({"activation": ("tanh", "relu")}, {"hidden": (4, 4)}, {}),
        ({"dropout": (0.1, 0.2)}, {"hidden": (4, 4, 4)}, {"dropout": (0.1, 0.2, 0.2)}),
        ({"freeze": (1, 2, 3)}, {"hidden": (8,)}, {"freeze": (1, 2)}),
        ({"freeze": (3,)}, {"hidden": ()}, {"freeze": (1,)}),
        ({"freeze": (1,)}, {"hidden": (4, 4)}, {}),
        ({"switched_off": ((0, 1), (1, 8), (2, 3))}, {"hidden": (4,)}, {"switched_off": ((0, 1),)}),
        ({"switched_off": ((1, 3),)}, {"hidden": (4,)}, {}),
        ({"switched_off": ((0, 1), (1, 3))}, {"features": ("x1",)}, {"switched_off": ((1, 3),)}),
        ({"label_smoothing": 0.1}, {"target": "price"}, {"label_smoothing": 0.0}),
        ({"label_smoothing": 0.1}, {"features": ("x1",)}, {}),
        ({}, {"l2": 0.1}, {}),
    ],
)
def test_what_a_change_asks_for_besides(before: dict[str, object], changes: dict[str, object], besides: dict[str, object]):
    settings = make_settings(**before)
    assert consequences(settings, changes) == besides
    make_settings(settings, **changes, **besides)
