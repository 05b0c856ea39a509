"""Learning-rate schedules: worked values, what must hold for all of them, and torch.optim.lr_scheduler."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import inf, nan
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.schedules import SCHEDULES, PlateauState, after_epoch, schedule_for
from engine.settings import ScheduleName, Settings, make_settings

BY_UPDATES = [name for name, entry in SCHEDULES.items() if entry.factor is not None]


def scheduled(name: str, period: int = 10, factor: float = 0.1, **options: Any) -> Settings:
    return make_settings(schedule=name, schedule_period=period, schedule_factor=factor, **options)


def factors(name: str, updates: list[int], period: int = 10, factor: float = 0.1) -> list[float]:
    factor_after = schedule_for(scheduled(name, period, factor))
    assert factor_after is not None
    return [factor_after(n) for n in updates]


def test_table_has_every_schedule_of_the_settings() -> None:
    assert tuple(SCHEDULES) == get_args(ScheduleName)


@pytest.mark.parametrize(
    ("name", "updates", "expected"),
    [
        ("step", [0, 9, 10, 19, 20, 30], [1, 1, 0.1, 0.1, 0.01, 0.001]),
        ("exponential", [0, 10, 20, 5], [1, 0.1, 0.01, 10**-0.5]),
        ("cosine", [0, 5, 10, 11, 1000], [1, 0.55, 0.1, 0.1, 0.1]),
        ("warm_restarts", [0, 5, 10, 15, 1000], [1, 0.55, 1, 0.55, 1]),
        ("warm_up", [0, 1, 5, 10, 1000], [0.1, 0.19, 0.55, 1, 1]),
        ("one_cycle", [0, 1, 2, 9, 10, 1000], [0.1, 0.55, 1, 1e-5, 1e-5, 1e-5]),
    ],
)
def test_worked_values(name: str, updates: list[int], expected: list[float]) -> None:
    assert factors(name, updates) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["none", "plateau"])
def test_no_factor_where_the_number_of_updates_does_not_decide(name: str) -> None:
    assert schedule_for(scheduled(name)) is None


@given(
    name=st.sampled_from(BY_UPDATES),
    n=st.integers(0, 10**12),
    period=st.integers(1, 10**9),
    factor=st.floats(1e-300, 1.0),
)
def test_factor_is_a_share_of_the_learning_rate(name: str, n: int, period: int, factor: float) -> None:
    (share,) = factors(name, [n], period, factor)
    assert 0.0 <= share <= 1.0 + 1e-12
    assert isinstance(share, float)


@given(name=st.sampled_from(BY_UPDATES), period=st.integers(1, 1000))
def test_factor_of_one_leaves_the_rate_alone(name: str, period: int) -> None:
    if name != "one_cycle":  # which goes down at its end, whatever it came from
        assert factors(name, [0, 1, period, 2 * period + 1], period, 1.0) == pytest.approx([1.0] * 4, rel=1e-12)


# ---------------------------------------------------------------------- plateau


def test_rate_is_lowered_after_more_epochs_than_the_period_without_a_better_loss() -> None:
    settings = scheduled("plateau", period=2, factor=0.5)
    state = PlateauState()
    shares = []
    for loss in [1.0, 0.9, 0.9, 0.95, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8]:
        state = after_epoch(state, loss, settings)
        shares.append(state.factor)
    assert shares == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]


def test_loss_is_better_only_below_the_threshold() -> None:
    settings = scheduled("plateau")
    state = PlateauState(best=1.0, bad_epochs=3)
    assert after_epoch(state, 0.99991, settings) == PlateauState(1.0, 1.0, 4)
    assert after_epoch(state, 0.99989, settings) == PlateauState(1.0, 0.99989, 0)
    assert after_epoch(state, nan, settings).bad_epochs == after_epoch(state, inf, settings).bad_epochs == 4


# ---------------------------------------------------------------------- torch

RATE = 0.3


def torch_rates(make: Callable[[Any, Any], Any], n_updates: int) -> list[float]:
    """Return the learning rate of each update under a scheduler of torch."""
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=RATE)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there are no updates between the schedule's steps
        for _ in range(n_updates):
            rates.append(optimizer.param_groups[0]["lr"])
            scheduler.step()
    return rates


TORCH: dict[str, Callable[[int, float], Callable[[Any, Any], Any]]] = {
    "step": lambda period, factor: lambda torch, optimizer: torch.StepLR(optimizer, period, factor),
    "exponential": lambda period, factor: lambda torch, optimizer: torch.ExponentialLR(optimizer, factor ** (1 / period)),
    "cosine": lambda period, factor: lambda torch, optimizer: torch.CosineAnnealingLR(optimizer, period, RATE * factor),
    "warm_restarts": lambda period, factor: (
        lambda torch, optimizer: torch.CosineAnnealingWarmRestarts(optimizer, period, eta_min=RATE * factor)
    ),
    "warm_up": lambda period, factor: (
        lambda torch, optimizer: torch.LinearLR(optimizer, start_factor=factor, total_iters=period)
    ),
    "one_cycle": lambda period, factor: (
        lambda torch, optimizer: torch.OneCycleLR(
            optimizer, max_lr=RATE, total_steps=period, div_factor=1 / factor, cycle_momentum=False
        )
    ),
}

LAST = {"cosine": lambda period: period + 1, "one_cycle": lambda period: period}
"""How many rates torch has a meaning for; from there on ours stays at the last one."""


@pytest.mark.heavy
@pytest.mark.parametrize("factor", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("period", [1, 2, 3, 4, 7, 60, 200, 1000])
@pytest.mark.parametrize("name", TORCH)
def test_schedule_is_that_of_torch(name: str, period: int, factor: float) -> None:
    n_updates = 260
    known = min(n_updates, LAST[name](period)) if name in LAST else n_updates
    expected = torch_rates(TORCH[name](period, factor), known)
    rates = [RATE * share for share in factors(name, list(range(n_updates)), period, factor)]
    np.testing.assert_allclose(rates[:known], expected, rtol=1e-11)
    np.testing.assert_allclose(rates[known:], expected[-1], rtol=1e-11)


@pytest.mark.heavy
@pytest.mark.parametrize("learning_rate", [0.3, 1e-7])
@pytest.mark.parametrize("patience", [1, 3, 10])
def test_plateau_is_that_of_torch(patience: int, learning_rate: float) -> None:
    """With a rate so small that torch gives up lowering it, too."""
    import torch

    settings = scheduled("plateau", patience, 0.3, learning_rate=learning_rate)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=learning_rate)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.3, patience=patience)
    rng = np.random.default_rng(patience)
    state = PlateauState()
    seen = set()
    for epoch in range(200):
        loss = float(1.0 / (1.0 + epoch) + 0.02 * rng.normal())
        scheduler.step(loss)
        state = after_epoch(state, loss, settings)
        assert learning_rate * state.factor == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
        seen.add(state.factor)
    assert len(seen) > 2
