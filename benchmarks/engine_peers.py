"""The same training step in PyTorch, scikit-learn and JAX, each in its plain form, for the benchmark of the engine.

PyTorch: a training loop with zero_grad, forward, loss, backward, step. scikit-learn: whole epochs of its own loop. JAX: a
jitted step that takes and gives parameters and optimizer state, its loss read back after each (a step one can see), and the
fused form that scans over a whole epoch inside the compiler (no step can be seen).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.tables import random_table
from engine.data.prepared import PreparedData

SECONDS = 0.5
"""Time each measurement lasts."""

RATE = 0.01


@dataclass(frozen=True)
class Case:
    """A network, its batch and its optimizer; `loss` is "bce" (one output) or "cross_entropy" (one output per class)."""

    name: str
    n_inputs: int
    hidden: tuple[int, ...]
    n_classes: int
    batch_size: int
    optimizer: str
    loss: str
    activation: str = "relu"
    precision: str = "float64"
    n_rows: int = 960

    @property
    def data(self) -> PreparedData:
        """A table of the right shape."""
        return random_table(self.n_inputs, self.n_classes, self.n_rows)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every layer, inputs first."""
        return (self.n_inputs, *self.hidden, 1 if self.loss == "bce" else self.n_classes)


def steps_per_second(step: Callable[[], Any], steps_per_call: int = 1) -> float:
    """Return how many steps a second `step` takes, which takes `steps_per_call` at each call."""
    for _ in range(max(2, 20 // steps_per_call)):
        step()
    done, start = 0, time.perf_counter()
    while True:
        for _ in range(max(1, 10 // steps_per_call)):
            step()
            done += steps_per_call
        elapsed = time.perf_counter() - start
        if elapsed >= SECONDS:
            return done / elapsed


def torch_eager(case: Case) -> float:
    """Measure a plain PyTorch loop."""
    import torch

    kind = getattr(torch, case.precision)
    data = case.data
    activation = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[case.activation]
    layers: list[torch.nn.Module] = []
    for fan_in, fan_out in pairwise(case.sizes):
        layers += [torch.nn.Linear(fan_in, fan_out, dtype=kind), activation()]
    model = torch.nn.Sequential(*layers[:-1])
    X = torch.tensor(data.X_train, dtype=kind)
    binary = case.loss == "bce"
    y = torch.tensor(data.y_train, dtype=kind).reshape(-1, 1) if binary else torch.tensor(data.y_train, dtype=torch.int64)
    loss_function = torch.nn.BCEWithLogitsLoss() if binary else torch.nn.CrossEntropyLoss()
    make = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[case.optimizer]
    optimizer = make(model.parameters(), lr=RATE)
    batches = _batches(case)
    place = 0

    def step() -> None:
        nonlocal place
        rows = batches[place % len(batches)]
        place += 1
        optimizer.zero_grad()
        loss = loss_function(model(X[rows]), y[rows])
        loss.backward()
        optimizer.step()

    return steps_per_second(step)


def scikit_learn(case: Case) -> float:
    """Measure scikit-learn's MLP over whole epochs of its own loop."""
    from sklearn.neural_network import MLPClassifier

    data = case.data
    X, y = data.X_train.astype(case.precision), data.y_train.astype(int)
    epochs, elapsed = 2, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that it was stopped before it converged
        while elapsed < SECONDS:
            epochs *= 2
            model = MLPClassifier(
                case.hidden,
                activation=case.activation,
                solver=case.optimizer,
                batch_size=case.batch_size,
                momentum=0.0,
                nesterovs_momentum=False,
                alpha=0.0,
                max_iter=epochs,
                tol=0.0,
                n_iter_no_change=10**9,
            )
            start = time.perf_counter()
            model.fit(X, y)
            elapsed = time.perf_counter() - start
    return epochs * len(_batches(case)) / elapsed


def jax_step(case: Case) -> float:
    """Measure a jitted JAX step whose loss is read after each."""
    problem = _JaxProblem(case)
    step = problem.jax.jit(problem.update)
    state = problem.state
    place = 0

    def take_step() -> None:
        nonlocal state, place
        rows = problem.batches[place % len(problem.batches)]
        place += 1
        state, loss = step(state, *rows)
        float(loss)

    return steps_per_second(take_step)


def jax_scan(case: Case) -> float:
    """Measure JAX with a whole epoch fused into one call."""
    problem = _JaxProblem(case)
    jax, jnp = problem.jax, problem.jax.numpy
    X, y = (jnp.stack(parts) for parts in zip(*problem.batches, strict=True))
    epoch = jax.jit(lambda state: jax.lax.scan(lambda carry, rows: problem.update(carry, *rows), state, (X, y)))
    state = problem.state

    def take_epoch() -> None:
        nonlocal state
        state, losses = epoch(state)
        losses.block_until_ready()

    return steps_per_second(take_epoch, len(problem.batches))


class _JaxProblem:
    """A network, its batches and one update in JAX, with the optimizers written out as its documentation does."""

    def __init__(self, case: Case) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax, self._case = jax, case
        data = case.data
        rng = np.random.default_rng(0)
        kind = case.precision
        parameters = [
            (rng.normal(0.0, (2.0 / (a + b)) ** 0.5, (a, b)).astype(kind), np.zeros(b, kind)) for a, b in pairwise(case.sizes)
        ]
        zeros = jax.tree.map(np.zeros_like, parameters)
        self.state = jax.device_put((parameters, zeros, zeros, np.zeros((), kind)))
        X, y = data.X_train.astype(kind), data.y_train.astype(kind if case.loss == "bce" else np.int64)
        self.batches = [jax.device_put((X[rows], y[rows])) for rows in _batches(case)]

    def update(self, state: Any, X: Any, y: Any) -> tuple[Any, Any]:
        """Return the state after one update, and the loss before it."""
        jax, jnp = self.jax, self.jax.numpy
        parameters, first, second, count = state
        loss, gradient = jax.value_and_grad(self._loss)(parameters, X, y)
        if self._case.optimizer == "sgd":
            moved = jax.tree.map(lambda p, g: p - RATE * g, parameters, gradient)
            return (moved, first, second, count), loss
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        rate, root = RATE / (1 - 0.9**count), jnp.sqrt(1 - 0.999**count)
        moved = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + 1e-8), parameters, first, second)
        return (moved, first, second, count), loss

    def _loss(self, parameters: Any, X: Any, y: Any) -> Any:
        jax, jnp = self.jax, self.jax.numpy
        function = {"relu": jax.nn.relu, "tanh": jnp.tanh}[self._case.activation]
        for W, b in parameters[:-1]:
            X = function(X @ W + b)
        W, b = parameters[-1]
        z = X @ W + b
        if self._case.loss == "bce":
            return jnp.mean(jax.nn.softplus(z[:, 0]) - y * z[:, 0])
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1))


def _batches(case: Case) -> list[slice]:
    """Return the rows of every batch of an epoch, in order; the cases have no partial batch."""
    return [slice(start, start + case.batch_size) for start in range(0, case.n_rows, case.batch_size)]


PEERS: dict[str, Callable[[Case], float]] = {
    "torch": torch_eager,
    "sklearn": scikit_learn,
    "jax_step": jax_step,
    "jax_scan": jax_scan,
}
