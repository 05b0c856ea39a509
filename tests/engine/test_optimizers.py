"""Optimizers against the textbook in plain numbers, and what must hold for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from math import copysign, sqrt
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import optimizers
from engine.optimizers import LBFGS, OPTIMIZERS, carried_state, optimizer_for, weight_decay, weight_decay_rate
from engine.optimizers.line_search import CURVATURE, SUFFICIENT_DECREASE, Trial, cubic_minimum, strong_wolfe
from engine.optimizers.update import Update
from engine.settings import OptimizerName, Settings, make_settings

VARIANTS: dict[str, dict[str, Any]] = {
    "sgd": {"optimizer": "sgd"},
    "momentum": {"optimizer": "sgd", "momentum": 0.9},
    "nesterov": {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    "adagrad": {"optimizer": "adagrad"},
    "rmsprop": {"optimizer": "rmsprop"},
    "rmsprop_momentum": {"optimizer": "rmsprop", "momentum": 0.9},
    "adadelta": {"optimizer": "adadelta"},
    "adam": {"optimizer": "adam"},
    "amsgrad": {"optimizer": "adam", "amsgrad": True},
    "adamw": {"optimizer": "adamw"},
    "nadam": {"optimizer": "nadam"},
    "lion": {"optimizer": "lion"},
}
ALL_VARIANTS = {**VARIANTS, "lbfgs": {"optimizer": "lbfgs", "batch_size": "full"}}


class Run:
    """Parameters with an optimizer, bound the way a trainer does it."""

    def __init__(self, settings: Settings, parameters: np.ndarray, state: np.ndarray | None = None) -> None:
        self.settings = settings
        self.parameters = parameters
        size, optimizer = len(parameters), optimizer_for(settings)
        self.work = np.zeros(optimizer.work_slots * size, dtype=parameters.dtype)
        length = optimizer.slots * size + optimizer.scalars
        self.state = np.zeros(length, dtype=parameters.dtype) if state is None else state
        assert len(self.state) == length
        self.gradient = self.work[:size]
        self.n_evaluations = 0
        self.update = optimizer.bind(parameters, self.work, self.state, self.evaluate)

    def evaluate(self) -> float:
        """Return a loss with valleys and hills, and write its gradient."""
        self.n_evaluations += 1
        p = self.parameters.astype(np.float64)
        stiffness = 1.0 + np.arange(len(p))
        self.gradient[:] = stiffness * (p - 1.0) + 2.0 * np.cos(3.0 * p)
        return float((0.5 * stiffness * (p - 1.0) ** 2 + 2.0 / 3.0 * np.sin(3.0 * p)).sum())

    def step(self, n_updates: int, gradient: np.ndarray | None = None) -> None:
        if gradient is None:
            self.evaluate()
        else:
            self.gradient[:] = gradient
        run(self.update, n_updates, self.settings.learning_rate)


def run(update: Update, n_updates: int, learning_rate: float) -> None:
    update.prepare(n_updates, learning_rate)
    for call in update.calls:
        call()


def random_numbers(size: int, dtype: str = "float64", seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=size).astype(dtype)


# ---------------------------------------------------------------------- the textbook, one parameter, plain numbers

Path = Iterator[float]


def textbook_sgd(p: float, gradients: list[float], lr: float, momentum: float = 0.0, nesterov: bool = False) -> Path:
    velocity = 0.0
    for g in gradients:
        velocity = momentum * velocity + g
        p -= lr * (g + momentum * velocity if nesterov else velocity)
        yield p


def textbook_adagrad(p: float, gradients: list[float], lr: float) -> Path:
    for t, g in enumerate(gradients):
        p -= lr * g / (sqrt(sum(earlier**2 for earlier in gradients[: t + 1])) + 1e-10)
        yield p


def textbook_rmsprop(p: float, gradients: list[float], lr: float, momentum: float = 0.0) -> Path:
    mean_square = velocity = 0.0
    for g in gradients:
        mean_square = 0.99 * mean_square + 0.01 * g**2
        velocity = momentum * velocity + g / (sqrt(mean_square) + 1e-8)
        p -= lr * velocity
        yield p


def textbook_adadelta(p: float, gradients: list[float], lr: float) -> Path:
    mean_square = mean_square_step = 0.0
    for g in gradients:
        mean_square = 0.9 * mean_square + 0.1 * g**2
        step = sqrt(mean_square_step + 1e-6) / sqrt(mean_square + 1e-6) * g
        mean_square_step = 0.9 * mean_square_step + 0.1 * step**2
        p -= lr * step
        yield p


def textbook_adam(p: float, gradients: list[float], lr: float, amsgrad: bool = False) -> Path:
    m = v = largest = 0.0
    for t, g in enumerate(gradients, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        largest = max(largest, v) if amsgrad else v
        p -= lr * (m / (1 - 0.9**t)) / (sqrt(largest / (1 - 0.999**t)) + 1e-8)
        yield p


def textbook_nadam(p: float, gradients: list[float], lr: float) -> Path:
    m = v = 0.0
    product = 1.0
    for t, g in enumerate(gradients, start=1):
        mu, mu_next = (0.9 * (1 - 0.5 * 0.96 ** (0.004 * s)) for s in (t, t + 1))
        product *= mu
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        mixed = mu_next * m / (1 - product * mu_next) + (1 - mu) * g / (1 - product)
        p -= lr * mixed / (sqrt(v / (1 - 0.999**t)) + 1e-8)
        yield p


def textbook_lion(p: float, gradients: list[float], lr: float) -> Path:
    m = 0.0
    for g in gradients:
        p -= lr * copysign(1.0, 0.9 * m + 0.1 * g)
        m = 0.99 * m + 0.01 * g
        yield p


TEXTBOOK: dict[str, Callable[[float, list[float], float], Path]] = {
    "sgd": textbook_sgd,
    "momentum": partial(textbook_sgd, momentum=0.9),
    "nesterov": partial(textbook_sgd, momentum=0.9, nesterov=True),
    "adagrad": textbook_adagrad,
    "rmsprop": textbook_rmsprop,
    "rmsprop_momentum": partial(textbook_rmsprop, momentum=0.9),
    "adadelta": textbook_adadelta,
    "adam": textbook_adam,
    "amsgrad": partial(textbook_adam, amsgrad=True),
    "adamw": textbook_adam,  # its decay is an update of its own
    "nadam": textbook_nadam,
    "lion": textbook_lion,
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_updates_are_those_of_the_textbook(variant: str) -> None:
    one = Run(make_settings(learning_rate=0.01, **VARIANTS[variant]), np.array([0.5]))
    gradients = [float(g) for g in 3.0 * random_numbers(200) + 1.0]
    for n_updates, (gradient, expected) in enumerate(
        zip(gradients, TEXTBOOK[variant](0.5, gradients, 0.01), strict=True), start=1
    ):
        one.step(n_updates, np.array([gradient]))
        assert one.parameters[0] == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_first_updates_of_adam_by_hand() -> None:
    """One parameter at 1, gradients 0.5 and -1, learning rate 0.1.

    Update 1: m = 0.05, v = 0.00025; corrected 0.5 and 0.25; p = 1 - 0.1 * 0.5 / (0.5 + 1e-8) = 0.900000002
    Update 2: m = 0.045 - 0.1 = -0.055, v = 0.00024975 + 0.001 = 0.00124975;
              corrected -0.055 / 0.19 = -0.28947368421 and 0.00124975 / 0.001999 = 0.62518759380, root 0.79068805087
              p = 0.900000002 + 0.1 * 0.28947368421 / 0.79068806087 = 0.936610408
    """
    one = Run(make_settings(learning_rate=0.1), np.array([1.0]))
    one.step(1, np.array([0.5]))
    assert one.parameters[0] == pytest.approx(0.900000002, abs=1e-12)
    one.step(2, np.array([-1.0]))
    assert one.parameters[0] == pytest.approx(0.900000002 + 0.1 * 0.28947368421 / 0.79068806087, abs=1e-10)


# ---------------------------------------------------------------------- what holds for all of them


def test_table_has_every_optimizer_of_the_settings() -> None:
    assert tuple(OPTIMIZERS) == get_args(OptimizerName)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_formula_on_display_is_that_of_the_class(name: str) -> None:
    entry = OPTIMIZERS[name]
    documented = " ".join((type(entry.make(Settings())).__doc__ or "").split())
    lines = [line for line in entry.formula.split("\n") if "weight decay" not in line]
    assert lines
    assert all(line in documented for line in lines)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_uses_the_settings_it_names_and_no_others(name: str) -> None:
    values = {"momentum": 0.5, "nesterov": True, "amsgrad": True, "beta_1": 0.5, "beta_2": 0.5, "rho": 0.5, "epsilon": 0.5}
    entry, plain = OPTIMIZERS[name], Settings()
    changing = {key for key, value in values.items() if entry.make(plain.model_copy(update={key: value})) != entry.make(plain)}
    assert changing == set(entry.uses)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("variant", ALL_VARIANTS)
def test_state_taken_out_and_put_back_goes_on_bit_for_bit(variant: str, dtype: str) -> None:
    settings = make_settings(learning_rate=0.05, **ALL_VARIANTS[variant])
    straight = Run(settings, random_numbers(7, dtype))
    for n_updates in range(1, 16):
        straight.step(n_updates)
    again = Run(settings, straight.parameters.copy(), straight.state.copy())
    for n_updates in range(16, 31):
        straight.step(n_updates)
        again.step(n_updates)
        assert np.array_equal(straight.parameters, again.parameters)
        assert np.array_equal(straight.state, again.state)
    assert straight.parameters.dtype == straight.state.dtype == dtype
    assert not np.array_equal(straight.parameters, random_numbers(7, dtype))


@pytest.mark.parametrize("variant", ALL_VARIANTS)
def test_earlier_state_in_the_same_vectors_goes_on_bit_for_bit(variant: str) -> None:
    settings = make_settings(learning_rate=0.05, **ALL_VARIANTS[variant])
    straight = Run(settings, random_numbers(7))
    path, states = [straight.parameters.copy()], [straight.state.copy()]
    for n_updates in range(1, 21):
        straight.step(n_updates)
        path.append(straight.parameters.copy())
        states.append(straight.state.copy())
    straight.parameters[:], straight.state[:] = path[5], states[5]
    for n_updates in range(6, 21):
        straight.step(n_updates)
        assert np.array_equal(straight.parameters, path[n_updates])


@pytest.mark.parametrize("variant", ALL_VARIANTS)
def test_gradient_is_left_as_it_is(variant: str) -> None:
    settings = make_settings(learning_rate=0.05, **ALL_VARIANTS[variant])
    one = Run(settings, random_numbers(7))
    for n_updates in range(1, 6):
        one.evaluate()
        before = one.gradient.copy()
        run(one.update, n_updates, settings.learning_rate)
        assert np.array_equal(one.gradient, before)


@pytest.mark.parametrize("variant", ALL_VARIANTS)
def test_float32_follows_float64(variant: str) -> None:
    settings = make_settings(learning_rate=0.05, **ALL_VARIANTS[variant])
    start = random_numbers(7, "float32")
    single, double = Run(settings, start), Run(settings, start.astype("float64"))
    for n_updates in range(1, 11):
        single.step(n_updates)
        double.step(n_updates)
    np.testing.assert_allclose(single.parameters, double.parameters, rtol=2e-3, atol=2e-4)


@given(seed=st.integers(0, 1000), size=st.integers(1, 40), variant=st.sampled_from(sorted(VARIANTS)))
def test_every_parameter_is_treated_by_itself(seed: int, size: int, variant: str) -> None:
    settings = make_settings(learning_rate=0.05, **VARIANTS[variant])
    start, gradients = random_numbers(size, seed=seed), random_numbers(3 * size, seed=seed + 1).reshape(3, size)
    order = np.random.default_rng(seed).permutation(size)
    straight, shuffled = Run(settings, start.copy()), Run(settings, start[order])
    for n_updates, gradient in enumerate(gradients, start=1):
        straight.step(n_updates, gradient)
        shuffled.step(n_updates, gradient[order])
    assert np.array_equal(straight.parameters[order], shuffled.parameters)


@given(seed=st.integers(0, 1000), variant=st.sampled_from(sorted(VARIANTS)), rate=st.floats(1e-6, 1.0))
def test_first_update_goes_down(seed: int, variant: str, rate: float) -> None:
    one = Run(make_settings(learning_rate=rate, **VARIANTS[variant]), np.zeros(5))
    gradient = random_numbers(5, seed=seed)
    one.step(1, gradient)
    assert np.array_equal(np.sign(one.parameters), -np.sign(gradient))


@pytest.mark.parametrize("variant", ALL_VARIANTS)
def test_parameters_without_a_gradient_stay(variant: str) -> None:
    one = Run(make_settings(learning_rate=0.05, **ALL_VARIANTS[variant]), random_numbers(7))
    one.update.prepare(1, 0.05)
    if variant == "lbfgs":  # looks at the loss itself: at its lowest point
        one = Run(one.settings, np.ones(7))
        one.evaluate = lambda: one.gradient.fill(0.0) or 3.0  # type: ignore[method-assign,func-returns-value]
        one.update = optimizer_for(one.settings).bind(one.parameters, one.work, one.state, one.evaluate)
    before = one.parameters.copy()
    for n_updates in range(1, 4):
        one.step(n_updates, np.zeros(7))
    assert np.array_equal(one.parameters, before)


@pytest.mark.parametrize(("variant", "n_calls"), [("sgd", 2), ("momentum", 4), ("adam", 8), ("amsgrad", 9), ("adamw", 8)])
def test_number_of_calls(variant: str, n_calls: int) -> None:
    assert len(Run(make_settings(**VARIANTS[variant]), np.zeros(3)).update.calls) == n_calls


@pytest.mark.parametrize("variant", ["adam", "nadam"])
def test_corrections_vanish_after_ten_million_updates(variant: str) -> None:
    """With a constant gradient the means are the gradient itself, and Adam's step is the learning rate."""
    g = 0.25
    state = np.array([g / (1.0 - 0.9), g * g / (1.0 - 0.999)])  # kept as sums
    one = Run(make_settings(learning_rate=0.01, **VARIANTS[variant]), np.array([1.0]), state)
    one.step(10**7, np.array([g]))
    mu = 0.9 if variant == "nadam" else 1.0
    step = 0.01 * (mu + (1.0 - mu)) * g / (g + 1e-8)
    assert 1.0 - one.parameters[0] == pytest.approx(step, rel=1e-10)


# ---------------------------------------------------------------------- a setting changed in the middle of a run


def halfway(before: dict[str, Any], after: dict[str, Any], gradients: list[float]) -> float:
    """Return the parameter after as many updates with one setting as with the other."""
    first = Run(make_settings(learning_rate=0.01, **before), np.array([0.5]))
    middle = len(gradients) // 2
    for n_updates, gradient in enumerate(gradients[:middle], start=1):
        first.step(n_updates, np.array([gradient]))
    settings = make_settings(learning_rate=0.01, **after)
    state = carried_state(optimizer_for(first.settings), optimizer_for(settings), first.state, 1)
    assert state is not None
    second = Run(settings, first.parameters, state)
    for n_updates, gradient in enumerate(gradients[middle:], start=middle + 1):
        second.step(n_updates, np.array([gradient]))
    return float(second.parameters[0])


def test_mean_keeps_its_value_when_its_decay_changes() -> None:
    gradients = [float(g) for g in random_numbers(40) + 0.5]
    p, m, v = 0.5, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        beta_1, beta_2 = (0.9, 0.999) if t <= 20 else (0.5, 0.8)
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
        p -= 0.01 * (m / (1 - beta_1**t)) / (sqrt(v / (1 - beta_2**t)) + 1e-8)
    assert halfway({}, {"beta_1": 0.5, "beta_2": 0.8}, gradients) == pytest.approx(p, rel=1e-12)


def test_momentum_switched_on_starts_from_rest_and_off_forgets() -> None:
    gradients = [1.0, 2.0, 4.0, 8.0]
    on, off = {"optimizer": "sgd", "momentum": 0.5}, {"optimizer": "sgd"}
    assert halfway(off, on, gradients) == pytest.approx(0.5 - 0.01 * (1 + 2 + 4 + (8 + 0.5 * 4)))
    assert halfway(on, off, gradients) == pytest.approx(0.5 - 0.01 * (1 + (2 + 0.5 * 1) + 4 + 8))


def test_velocity_of_rmsprop_keeps_its_value_when_its_decay_changes() -> None:
    gradients = [1.0, -2.0, 4.0, 8.0]
    p, v, b = 0.5, 0.0, 0.0
    for t, g in enumerate(gradients):
        rho = 0.99 if t < 2 else 0.5
        v = rho * v + (1 - rho) * g * g
        b = 0.9 * b + g / (sqrt(v) + 1e-8)
        p -= 0.01 * b
    base = {"optimizer": "rmsprop", "momentum": 0.9}
    assert halfway(base, {**base, "rho": 0.5}, gradients) == pytest.approx(p, rel=1e-12)


def test_state_is_carried_over_within_one_rule_only() -> None:
    adam, adamw, amsgrad = (optimizer_for(make_settings(**VARIANTS[name])) for name in ("adam", "adamw", "amsgrad"))
    state = random_numbers(6)
    for same in (adam, adamw):
        carried = carried_state(adam, same, state, 3)
        assert carried is not state
        np.testing.assert_array_equal(carried, state)
    np.testing.assert_array_equal(carried_state(adam, amsgrad, state, 3), [*state, 0.0, 0.0, 0.0])
    assert carried_state(adam, optimizers.NAdam(), state, 3) is None
    lbfgs_state = random_numbers(LBFGS.slots * 3 + LBFGS.scalars)
    np.testing.assert_array_equal(carried_state(LBFGS(), LBFGS(), lbfgs_state, 3), lbfgs_state)
    assert carried_state(adam, LBFGS(), state, 3) is None


# ---------------------------------------------------------------------- weight decay


def test_weight_decay_not_given_is_that_of_adamw_or_none() -> None:
    assert [weight_decay_rate(make_settings(optimizer=name)) for name in ("adam", "adamw", "sgd")] == [0.0, 0.01, 0.0]
    assert weight_decay_rate(make_settings(optimizer="adamw", weight_decay=0.0)) == 0.0
    assert weight_decay_rate(make_settings(optimizer="sgd", weight_decay=0.3)) == 0.3


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_weight_decay_takes_its_share_of_what_is_trained(dtype: str) -> None:
    parameters, masked = np.array([1.0, -2.0, 4.0], dtype=dtype), np.array([1.0, -2.0, 4.0], dtype=dtype)
    everything = weight_decay(parameters, 0.5, None)
    without_last = weight_decay(masked, 0.5, np.array([1.0, 1.0, 0.0]))
    for learning_rate in (0.1, 0.2):  # 1 - 0.05 and 1 - 0.1
        run(everything, 1, learning_rate)
        run(without_last, 1, learning_rate)
    np.testing.assert_allclose(parameters, np.array([1.0, -2.0, 4.0]) * 0.95 * 0.9, rtol=1e-6)
    np.testing.assert_allclose(masked, [0.95 * 0.9, -2.0 * 0.95 * 0.9, 4.0], rtol=1e-6)
    assert masked[2] == 4.0
    assert parameters.dtype == masked.dtype == dtype


# ---------------------------------------------------------------------- L-BFGS and its line search


def lbfgs(learning_rate: float = 1.0) -> Settings:
    return make_settings(optimizer="lbfgs", batch_size="full", learning_rate=learning_rate)


class LossOf(Run):
    """A run on a loss given as a function that returns loss and gradient."""

    def __init__(
        self, function: Callable[[np.ndarray], tuple[float, Any]], start: list[float], learning_rate: float = 1.0
    ) -> None:
        self.function = function
        super().__init__(lbfgs(learning_rate), np.array(start, dtype=float))

    def evaluate(self) -> float:
        self.n_evaluations += 1
        loss, self.gradient[:] = self.function(self.parameters)
        return loss


def rosenbrock(p: np.ndarray) -> tuple[float, list[float]]:
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2, [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]


def test_lbfgs_finds_the_minimum_of_the_rosenbrock_function() -> None:
    one = LossOf(rosenbrock, [-1.2, 1.0])
    for n_updates in range(1, 61):
        one.step(n_updates)
    np.testing.assert_allclose(one.parameters, [1.0, 1.0], atol=1e-4)


def test_lbfgs_asks_for_the_loss_where_it_stands_and_at_one_point_more() -> None:
    """On a loss that is easy everywhere. The first question is about what the step itself has computed, and costs nothing."""
    one = LossOf(lambda p: (float(np.log(np.cosh(p)).sum()), np.tanh(p)), [0.3, -0.2])
    one.step(1)
    one.n_evaluations = 0
    for n_updates in range(2, 4):
        one.step(n_updates)
    assert one.n_evaluations == 2 * 3


def test_lbfgs_looks_again_when_parameters_were_changed_in_between() -> None:
    one = LossOf(rosenbrock, [-1.2, 1.0])
    for n_updates in range(1, 11):
        one.step(n_updates)
        one.parameters *= 0.999
        before = one.evaluate()
        lower = one.parameters.copy()
        run(one.update, n_updates, 1.0)
        assert rosenbrock(one.parameters)[0] < before
        assert not np.array_equal(one.parameters, lower)


def test_lbfgs_looks_again_when_only_the_parameters_were_changed() -> None:
    """As by weight decay, which comes after the gradient was computed: the search starts where the parameters are."""
    one = LossOf(rosenbrock, [-1.2, 1.0])
    for n_updates in range(1, 11):
        one.evaluate()
        one.parameters *= 0.999
        start = one.parameters.copy()
        run(one.update, n_updates, 1.0)
        np.testing.assert_array_equal(one.gradient, rosenbrock(start)[1])


def test_lbfgs_looks_again_when_the_loss_was_changed_in_between() -> None:
    """With the stale, much lower loss of the first function no step on the second would look like a descent."""
    one = LossOf(lambda p: (float(p @ p), 2.0 * p), [3.0, 4.0], learning_rate=0.1)
    one.step(1)
    one.step(2)
    one.function = lambda p: (1000.0 + 3.0 * float(p @ p), 6.0 * p)
    before = one.parameters.copy()
    one.step(3)
    assert one.parameters @ one.parameters < 0.99 * (before @ before)


def test_lbfgs_keeps_ten_pairs_and_forgets_the_oldest() -> None:
    one = Run(lbfgs(), random_numbers(30))
    length, oldest = (one.state[LBFGS.slots * 30 + i : LBFGS.slots * 30 + i + 1] for i in (2, 3))
    seen = set()
    for n_updates in range(1, 16):
        one.step(n_updates)
        seen.add((int(length[0]), int(oldest[0])))
    assert seen == {*((i, 0) for i in range(1, 11)), *((10, i) for i in range(1, 6))}


@pytest.mark.parametrize("learning_rate", [1.0, 1e3, 1e9])
@pytest.mark.parametrize(
    "function",
    [
        lambda p: (float(np.exp(p).sum() - p.sum()), np.exp(p) - 1.0),  # overflows to the right
        lambda p: (float((p - np.log(p)).sum()), 1.0 - 1.0 / p),  # is no number to the left of 0
        lambda p: (float(-np.log(1.0 - p * p).sum()), 2.0 * p / (1.0 - p * p)),  # a wall on both sides
    ],
)
def test_lbfgs_stays_where_the_loss_is_finite(
    function: Callable[[np.ndarray], tuple[float, np.ndarray]], learning_rate: float
) -> None:
    one = LossOf(function, [0.9, 0.4], learning_rate)
    with np.errstate(all="ignore"):
        losses = [one.evaluate()]
        for n_updates in range(1, 40):
            one.step(n_updates)
            assert np.isfinite(one.state).all()
            losses.append(one.evaluate())
    assert np.isfinite(losses).all()
    assert all(after <= before for before, after in pairwise(losses))
    assert losses[-1] < losses[0] or learning_rate == 1e9  # 25 trials may not suffice to come back from there


def test_lbfgs_stays_where_no_trial_is_finite() -> None:
    start = np.array([0.5, -0.5])
    one = LossOf(lambda p: (1.0 if np.array_equal(p, start) else float("nan"), np.array([1.0, 2.0])), [0.5, -0.5])
    one.step(1)
    assert np.array_equal(one.parameters, start)
    assert np.isfinite(one.state).all()
    assert one.n_evaluations <= 30


@given(seed=st.integers(0, 10_000), first_step=st.floats(1e-3, 1e3))
def test_line_search_ends_on_a_point_with_the_strong_wolfe_conditions(seed: int, first_step: float) -> None:
    a, b, c = np.random.default_rng(seed).uniform([0.01, -1.0, 0.1], [2.0, 1.0, 3.0])

    def try_step(t: float) -> Trial:
        x = t - 1.0
        return Trial(
            t,
            a * x * x + b * np.sin(c * x),
            float(2 * a * x + b * c * np.cos(c * x)),
            np.array([2 * a * x + b * c * np.cos(c * x)]),
        )

    start = try_step(0.0)
    if start.slope >= -1e-3:
        return
    end = strong_wolfe(try_step, start, first_step, 1.0)
    assert end.loss <= start.loss + SUFFICIENT_DECREASE * end.step * start.slope
    assert abs(end.slope) <= CURVATURE * abs(start.slope)


def test_cubic_minimum_is_that_of_the_cubic() -> None:
    """Of f(x) = x^3 - 3 x, lowest at 1."""

    def at(x: float) -> Trial:
        return Trial(x, x**3 - 3 * x, 3 * x * x - 3, np.zeros(0))

    assert cubic_minimum(at(0.0), at(3.0)) == pytest.approx(1.0)
    assert cubic_minimum(at(3.0), at(0.0)) == pytest.approx(1.0)
    assert cubic_minimum(at(0.0), at(0.5), (0.6, 0.9)) == pytest.approx(0.9)
    assert cubic_minimum(at(2.0), at(2.0), (1.0, 2.0)) == 1.5
    assert cubic_minimum(at(0.0), Trial(1.0, float("inf"), float("inf"), np.zeros(0))) == 0.5
