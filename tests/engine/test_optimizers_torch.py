"""Every optimizer and option against torch.optim: the same start, the same gradients, 200 updates in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from engine.optimizers import optimizer_for, weight_decay, weight_decay_rate
from engine.optimizers.line_search import Trial, strong_wolfe
from engine.schedules import schedule_for
from engine.settings import Settings, make_settings

pytestmark = pytest.mark.heavy


@pytest.fixture(autouse=True)
def _double_precision() -> Iterator[None]:
    """Let torch keep its numbers of state in float64 too: NAdam's product of momenta has torch's default type."""
    import torch

    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


N_UPDATES = 200
BETAS = {"beta_1": 0.8, "beta_2": 0.95}

CASES: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"optimizer": "sgd"}, "SGD", {}),
    ({"optimizer": "sgd", "momentum": 0.9}, "SGD", {"momentum": 0.9}),
    ({"optimizer": "sgd", "momentum": 0.9, "nesterov": True}, "SGD", {"momentum": 0.9, "nesterov": True}),
    ({"optimizer": "adagrad"}, "Adagrad", {}),
    ({"optimizer": "adagrad", "epsilon": 1e-2}, "Adagrad", {"eps": 1e-2}),
    ({"optimizer": "rmsprop"}, "RMSprop", {}),
    (
        {"optimizer": "rmsprop", "rho": 0.9, "epsilon": 1e-2, "momentum": 0.8},
        "RMSprop",
        {"alpha": 0.9, "eps": 1e-2, "momentum": 0.8},
    ),
    ({"optimizer": "adadelta", "learning_rate": 1.0}, "Adadelta", {}),
    ({"optimizer": "adadelta", "rho": 0.7, "epsilon": 1e-3}, "Adadelta", {"rho": 0.7, "eps": 1e-3}),
    ({"optimizer": "adam"}, "Adam", {}),
    ({"optimizer": "adam", "epsilon": 1e-2, **BETAS}, "Adam", {"betas": (0.8, 0.95), "eps": 1e-2}),
    ({"optimizer": "adam", "beta_1": 0.0, "beta_2": 0.0}, "Adam", {"betas": (0.0, 0.0)}),
    ({"optimizer": "adam", "amsgrad": True, **BETAS}, "Adam", {"amsgrad": True, "betas": (0.8, 0.95)}),
    ({"optimizer": "adamw"}, "AdamW", {}),
    ({"optimizer": "adamw", "weight_decay": 0.5, "amsgrad": True}, "AdamW", {"weight_decay": 0.5, "amsgrad": True}),
    ({"optimizer": "adam", "weight_decay": 0.5, "schedule": "step", "schedule_period": 50}, "AdamW", {"weight_decay": 0.5}),
    ({"optimizer": "nadam"}, "NAdam", {}),
    # Slower, for at 0.02 this path is chaotic: torch's own moves by 1e-2 when the start moves by the last bit.
    (
        {"optimizer": "nadam", "epsilon": 1e-2, "learning_rate": 0.005, **BETAS},
        "NAdam",
        {"betas": (0.8, 0.95), "eps": 1e-2},
    ),
    (
        {"optimizer": "nadam", "weight_decay": 0.5},
        "NAdam",
        {"weight_decay": 0.5, "decoupled_weight_decay": True},
    ),
]


class SmallNetwork:
    """The loss of a 2-3-1 network on 12 rows, as a function of its 13 parameters; gradients by torch for both sides."""

    def __init__(self, l2: float = 0.0) -> None:
        import torch

        self._l2 = l2
        rng = np.random.default_rng(7)
        self.start = rng.normal(size=13)
        self._inputs = torch.from_numpy(rng.normal(size=(12, 2)))
        self._targets = torch.from_numpy(rng.normal(size=(12, 1)))

    def loss(self, parameters: Any) -> Any:
        """Return the mean squared error as a tensor."""
        hidden = (self._inputs @ parameters[:6].reshape(2, 3) + parameters[6:9]).tanh()
        error = (hidden @ parameters[9:12].reshape(3, 1) + parameters[12] - self._targets).square().mean()
        return error + 0.5 * self._l2 * parameters.square().sum()

    def loss_and_gradient(self, parameters: np.ndarray) -> tuple[float, np.ndarray]:
        import torch

        tensor = torch.tensor(parameters, requires_grad=True)
        loss = self.loss(tensor)
        loss.backward()
        assert tensor.grad is not None
        return loss.item(), tensor.grad.numpy()


def ours(settings: Settings, problem: SmallNetwork) -> np.ndarray:
    """Return the parameters after every update, shape (N_UPDATES, n_parameters)."""
    parameters = problem.start.copy()
    size, optimizer = len(parameters), optimizer_for(settings)
    work = np.zeros(optimizer.work_slots * size)

    def evaluate() -> float:
        loss, work[:size] = problem.loss_and_gradient(parameters)
        return loss

    update = optimizer.bind(parameters, work, np.zeros(optimizer.slots * size + optimizer.scalars), evaluate)
    decay = weight_decay(parameters, weight_decay_rate(settings), None)
    factor = schedule_for(settings) or (lambda n: 1.0)
    path = []
    for n_updates in range(1, N_UPDATES + 1):
        evaluate()
        for part in (decay, update):
            part.prepare(n_updates, settings.learning_rate * factor(n_updates - 1))
            for call in part.calls:
                call()
        path.append(parameters.copy())
    return np.array(path)


def theirs(make: Callable[[list[Any]], Any], settings: Settings, problem: SmallNetwork) -> np.ndarray:
    import torch

    parameters = torch.tensor(problem.start, requires_grad=True)
    optimizer = make([parameters])
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, settings.schedule_period, settings.schedule_factor)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = problem.loss(parameters)
        loss.backward()
        return loss

    path = []
    for _ in range(N_UPDATES):
        optimizer.step(closure)
        if settings.schedule == "step":
            schedule.step()
        path.append(parameters.detach().numpy().copy())
    return np.array(path)


def largest_difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest distance of two paths, in units of the parameters' length."""
    return float((np.linalg.norm(one - other, axis=1) / np.linalg.norm(other, axis=1)).max())


@pytest.mark.parametrize(("options", "name", "torch_options"), CASES)
def test_optimizer_is_that_of_torch(options: dict[str, Any], name: str, torch_options: dict[str, Any]) -> None:
    import torch

    settings, problem = make_settings(**{"learning_rate": 0.02, **options}), SmallNetwork()
    path = ours(settings, problem)
    expected = theirs(
        lambda parameters: getattr(torch.optim, name)(parameters, lr=settings.learning_rate, **torch_options), settings, problem
    )
    assert np.linalg.norm(path[-1] - problem.start) > 0.1  # it moved at all
    assert largest_difference(path, expected) <= 1e-10


@pytest.mark.parametrize("learning_rate", [0.02, 0.3, 1.0, 5.0, 30.0, 1000.0])
def test_lbfgs_is_that_of_torch(learning_rate: float) -> None:
    """The first trial too short, right, and far too long; a penalty keeps rounding from growing along a flat valley."""
    import torch

    settings = make_settings(optimizer="lbfgs", batch_size="full", learning_rate=learning_rate)
    problem = SmallNetwork(l2=0.03)
    path = ours(settings, problem)
    expected = theirs(
        lambda parameters: torch.optim.LBFGS(
            parameters,
            lr=learning_rate,
            max_iter=1,
            max_eval=26,
            history_size=10,
            tolerance_grad=0.0,
            line_search_fn="strong_wolfe",
        ),
        settings,
        problem,
    )
    assert largest_difference(path, expected) <= 1e-6
    assert np.abs(problem.loss_and_gradient(path[-1])[1]).max() < 1e-4


Answer = Callable[[int, float], tuple[float, float]]
"""Loss and slope of the loss at a trial, from its number and its step."""


def curve(seed: int) -> Answer:
    """Return a wavy function that is bounded below."""
    a, b, c, phase = np.random.default_rng(seed).uniform([0.02, -2.0, 0.1, 0.0], [2.0, 2.0, 8.0, 3.0])
    return lambda number, t: (
        float(a * t * t + b * np.sin(c * t + phase)),
        float(2 * a * t + b * c * np.cos(c * t + phase)),
    )


def numbers_out_of_a_hat(seed: int) -> Answer:
    """Return answers that fit no function: they lead everywhere in the search, equal losses included."""
    rng = np.random.default_rng(seed)
    losses, slopes = np.round(rng.normal(-1.0, 1.5, 60), 1), rng.normal(-1.0, 3.0, 60)
    return lambda number, t: (float(losses[number]), float(slopes[number])) if number else (0.0, -2.0)


@pytest.mark.parametrize("largest_component", [1.0, 1e-8])
@pytest.mark.parametrize("first_step", [1e-3, 0.1, 1.0, 10.0, 1e3])
@pytest.mark.parametrize("answers", [curve, numbers_out_of_a_hat])
def test_line_search_is_that_of_torch(answers: Callable[[int], Answer], first_step: float, largest_component: float) -> None:
    """200 times: the same trials in the same order, and the same end."""
    n_searches = 0
    for seed in range(200):
        answer = answers(seed)
        if answer(0, 0.0)[1] < -1e-6:
            n_searches += 1
            trials, end = our_search(answer, first_step, largest_component)
            torch_trials, step, loss = their_search(answer, first_step, largest_component)
            np.testing.assert_allclose(trials, torch_trials, rtol=1e-9)
            assert end.step == pytest.approx(step, rel=1e-9)
            assert end.loss == pytest.approx(loss, rel=1e-9)
    assert n_searches > 50


def our_search(answer: Answer, first_step: float, largest_component: float) -> tuple[list[float], Trial]:
    trials: list[float] = []

    def try_step(t: float) -> Trial:
        trials.append(t)
        return Trial(t, *answer(len(trials), t), np.zeros(0))

    return trials, strong_wolfe(try_step, Trial(0.0, *answer(0, 0.0), np.zeros(0)), first_step, largest_component)


def their_search(answer: Answer, first_step: float, largest_component: float) -> tuple[list[float], float, float]:
    import torch
    from torch.optim.lbfgs import _strong_wolfe

    trials: list[float] = []
    direction = torch.tensor([largest_component])

    def objective(x: Any, t: Any, d: Any) -> tuple[float, Any]:
        trials.append(float(t))
        loss, slope = answer(len(trials), float(t))
        return loss, torch.tensor([slope]) / direction

    loss, slope = answer(0, 0.0)
    gradient = torch.tensor([slope]) / direction
    found = _strong_wolfe(objective, None, first_step, direction, loss, gradient, gradient.dot(direction))
    return trials, float(found[2]), found[0]
