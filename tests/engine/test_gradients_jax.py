"""Gradients and whole updates against JAX: a second automatic differentiation that nobody here wrote."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.computation import Computation
from engine.losses import LossOptions
from engine.network import NetworkSpec
from engine.settings import make_settings
from engine.trainer import Trainer

pytestmark = pytest.mark.heavy

N_SAMPLES = 7
SMOOTHING = 0.1


@pytest.fixture(scope="module")
def jax() -> Any:
    module = pytest.importorskip("jax")
    module.config.update("jax_enable_x64", True)
    return module


def activation_of(jax: Any, name: str) -> Any:
    nn, jnp = jax.nn, jax.numpy
    return {
        "tanh": jnp.tanh,
        "relu": nn.relu,
        "sigmoid": nn.sigmoid,
        "identity": lambda z: z,
        "leaky_relu": nn.leaky_relu,
        "elu": nn.elu,
        "selu": nn.selu,
        "gelu": lambda z: nn.gelu(z, approximate=False),
        "gelu_tanh": lambda z: nn.gelu(z, approximate=True),
        "silu": nn.silu,
        "softplus": nn.softplus,
    }[name]


def loss_of(jax: Any, name: str, z: Any, classes: Any, values: Any) -> Any:
    jnp = jax.numpy
    if name == "cross_entropy":
        smooth = jax.nn.one_hot(classes, z.shape[1]) * (1 - SMOOTHING) + SMOOTHING / z.shape[1]
        return -jnp.mean(jnp.sum(smooth * jax.nn.log_softmax(z), axis=1))
    if name == "bce":
        soft = classes * (1 - SMOOTHING) + SMOOTHING / 2
        return jnp.mean(jax.nn.softplus(z[:, 0]) - soft * z[:, 0])
    error = z[:, 0] - values
    return jnp.mean({"mse": error**2, "mae": jnp.abs(error)}[name])


@pytest.mark.parametrize("normalization", ["none", "layer"])
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("loss", ["mse", "mae", "bce", "cross_entropy"])
@pytest.mark.parametrize(
    "activation",
    ["tanh", "relu", "sigmoid", "identity", "leaky_relu", "elu", "selu", "gelu", "gelu_tanh", "silu", "softplus"],
)
def test_gradient_is_that_of_jax(jax: Any, activation: str, loss: str, skip: bool, normalization: str) -> None:
    n_outputs = 3 if loss == "cross_entropy" else 1
    options = LossOptions(label_smoothing=SMOOTHING if loss in ("bce", "cross_entropy") else 0.0)
    spec = NetworkSpec((4, 5, 5, n_outputs), (activation, activation, "identity"), loss, options, normalization, skip)
    rng = np.random.default_rng(1)
    parameters = rng.normal(0.0, 0.7, spec.n_parameters)
    X, classes, values = (
        rng.normal(size=(N_SAMPLES, 4)),
        rng.integers(0, max(2, n_outputs), N_SAMPLES),
        rng.normal(size=N_SAMPLES),
    )
    computation = Computation(spec, parameters, gradient := np.zeros_like(parameters), N_SAMPLES)
    computation.batch[:4] = X.T
    one_hot = np.arange(n_outputs)[:, None] == classes
    computation.batch[5:] = {
        "cross_entropy": one_hot * (1 - SMOOTHING) + SMOOTHING / n_outputs,
        "bce": 1.0 - 2.0 * classes[None],
    }.get(loss, values[None])
    blocks = {block.name: slice(block.start, block.stop) for block in spec.blocks}
    shapes = {block.name: block.shape for block in spec.blocks}

    def whole(vector: Any) -> Any:
        jnp, a = jax.numpy, jax.numpy.asarray(X)
        part = {name: vector[where].reshape(shapes[name]) for name, where in blocks.items()}
        for layer in (1, 2):
            z = a @ part[f"layer_{layer}/weights"] + part[f"layer_{layer}/bias"]
            if normalization == "layer":
                z = (z - z.mean(1, keepdims=True)) / jnp.sqrt(z.var(1, keepdims=True) + 1e-5)
                z = z * part[f"layer_{layer}/scale"] + part[f"layer_{layer}/shift"]
            h = activation_of(jax, activation)(z)
            a = h + a if skip and layer == 2 else h
        return loss_of(jax, loss, a @ part["layer_3/weights"] + part["layer_3/bias"], classes, values)

    value, expected = jax.value_and_grad(whole)(jax.numpy.asarray(parameters))
    assert computation() == pytest.approx(float(value), rel=1e-12)
    assert np.linalg.norm(gradient - np.asarray(expected)) <= 1e-10 * np.linalg.norm(gradient)


def test_two_hundred_updates_of_adam_are_those_of_jax(jax: Any, make_data: Any) -> None:
    data = make_data(n_rows=40, n_inputs=4)
    settings = make_settings(hidden=(8, 8), batch_size="full", optimizer="adam", learning_rate=0.02)
    trainer = Trainer(settings, data)
    jnp, rate = jax.numpy, settings.learning_rate
    sizes = trainer.spec.sizes

    def loss(vector: Any) -> Any:
        a, start = jnp.asarray(data.X_train), 0
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), start=1):
            rows = vector[start : start + (fan_in + 1) * fan_out].reshape(fan_in + 1, fan_out)
            start += rows.size
            a = a @ rows[:-1] + rows[-1]
            a = jnp.tanh(a) if layer < len(sizes) - 1 else a
        return jnp.mean(jax.nn.softplus(a[:, 0]) - data.y_train * a[:, 0])

    gradient_of = jax.jit(jax.grad(loss))
    p = jnp.asarray(trainer.parameters)
    m = v = jnp.zeros_like(p)
    for t in range(1, 201):
        g = gradient_of(p)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        p = p - rate * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)
        trainer.take_step()
    assert np.linalg.norm(trainer.parameters - np.asarray(p)) <= 1e-10 * np.linalg.norm(trainer.parameters)
