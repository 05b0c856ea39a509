"""Gradients of every activation, loss and depth, against central differences and against autograd."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from engine.activations import ACTIVATIONS
from engine.computation import Computation
from engine.network import NetworkSpec
from engine.trainer import quiet

OUTPUTS = [
    ("mse", 1, "identity"),
    ("mse", 1, "sigmoid"),
    ("mse", 2, "tanh"),
    ("bce", 1, "identity"),
    ("cross_entropy", 3, "identity"),
]
HIDDEN = {0: (), 1: (5,), 2: (5, 4), 4: (5, 4, 4, 3)}
N_SAMPLES = 7


def case(activation: str, loss: str, n_outputs: int, output_activation: str, depth: int) -> tuple[NetworkSpec, Any, Any, Any]:
    hidden = HIDDEN[depth]
    spec = NetworkSpec((3, *hidden, n_outputs), (*[activation] * len(hidden), output_activation), loss)
    rng = np.random.default_rng(depth)
    parameters = rng.normal(0.0, 0.7, spec.n_parameters)
    X = rng.normal(size=(3, N_SAMPLES))
    targets = rng.normal(size=(n_outputs, N_SAMPLES))
    if loss == "bce":
        targets = rng.integers(0, 2, (1, N_SAMPLES)).astype(float)
    if loss == "cross_entropy":
        targets = np.eye(n_outputs)[rng.integers(0, n_outputs, N_SAMPLES)].T
    return spec, parameters, X, targets


def engine_gradient(spec: NetworkSpec, parameters: Any, X: Any, targets: Any) -> tuple[float, Any]:
    gradient = np.empty_like(parameters)
    computation = Computation(spec, parameters, gradient, N_SAMPLES)
    computation.batch[: spec.n_inputs] = X
    computation.batch[spec.n_inputs + 1 :] = targets
    with quiet():
        return computation(), gradient


def independent_loss(spec: NetworkSpec, parameters: Any, X: Any, targets: Any) -> Any:
    """The same mathematics, written as one would on paper: rows are samples, weights and biases apart."""
    functions = {
        "tanh": anp.tanh,
        "relu": lambda z: anp.where(z > 0, z, 0.0),
        "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
        "identity": lambda z: z,
    }
    a, start = X.T, 0
    for fan_in, fan_out, name in zip(spec.sizes, spec.sizes[1:], spec.activations, strict=False):
        weights = parameters[start : start + fan_in * fan_out].reshape(fan_in, fan_out)
        bias = parameters[start + fan_in * fan_out : start + (fan_in + 1) * fan_out]
        start += (fan_in + 1) * fan_out
        a = functions[name](anp.dot(a, weights) + bias)
    y = targets.T
    if spec.loss == "mse":
        return anp.mean((a - y) ** 2)
    if spec.loss == "bce":
        p = 1 / (1 + anp.exp(-a))
        return -anp.mean(y * anp.log(p) + (1 - y) * anp.log(1 - p))
    return -anp.mean(anp.sum(y * (a - anp.log(anp.sum(anp.exp(a), axis=1, keepdims=True))), axis=1))


@pytest.mark.parametrize("depth", HIDDEN)
@pytest.mark.parametrize(("loss", "n_outputs", "output_activation"), OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_equals_autograd(activation: str, loss: str, n_outputs: int, output_activation: str, depth: int) -> None:
    spec, parameters, X, targets = case(activation, loss, n_outputs, output_activation, depth)
    value, gradient = engine_gradient(spec, parameters, X, targets)
    expected = grad(lambda p: independent_loss(spec, p, X, targets))(parameters)
    assert value == pytest.approx(float(independent_loss(spec, parameters, X, targets)), rel=1e-12)
    assert np.linalg.norm(gradient - expected) <= 1e-10 * np.linalg.norm(expected)


@pytest.mark.parametrize("depth", HIDDEN)
@pytest.mark.parametrize(("loss", "n_outputs", "output_activation"), OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_equals_central_differences(
    activation: str, loss: str, n_outputs: int, output_activation: str, depth: int
) -> None:
    spec, parameters, X, targets = case(activation, loss, n_outputs, output_activation, depth)
    _, gradient = engine_gradient(spec, parameters, X, targets)
    h = 1e-6
    differences = np.empty_like(parameters)
    for index in range(len(parameters)):
        shift = np.zeros_like(parameters)
        shift[index] = h
        above, _ = engine_gradient(spec, parameters + shift, X, targets)
        below, _ = engine_gradient(spec, parameters - shift, X, targets)
        differences[index] = (above - below) / (2 * h)
    assert np.linalg.norm(gradient - differences) <= 1e-6 * np.linalg.norm(gradient)


@pytest.mark.parametrize(("loss", "n_outputs"), [("bce", 1), ("cross_entropy", 3)])
def test_losses_from_logits_survive_huge_logits(loss: str, n_outputs: int) -> None:
    spec = NetworkSpec((1, n_outputs), ("identity",), loss)
    parameters = np.array([1e4, 0.0]) if n_outputs == 1 else np.array([1e4, 0.0, -1e4, 0.0, 0.0, 0.0])
    targets = np.zeros((n_outputs, N_SAMPLES))
    targets[-1] = 1.0
    value, gradient = engine_gradient(spec, parameters, np.full((1, N_SAMPLES), 2.0), targets)
    # Binary: logit 20,000 with label 1 costs nothing. Three classes: logits 20,000, 0, -20,000, the last one right: 40,000.
    assert value == pytest.approx(0.0 if n_outputs == 1 else 40_000.0)
    assert np.isfinite(gradient).all()
