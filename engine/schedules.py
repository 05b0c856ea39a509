"""Learning-rate schedules: a factor on the learning rate for every update, with the semantics of torch.optim.lr_scheduler.

All take a period P and a factor F. A schedule by the number of updates is a function of that number alone, so it has no state;
the plateau follows the loss and has a small one.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, inf, pi
from typing import NamedTuple

from engine.settings import Settings

Factor = Callable[[int, int, float], float]
"""factor(n, P, F): on the learning rate of the update that follows n done updates; n = 0 for the first."""

RISING_SHARE = 0.3
"""Share of one cycle in which the rate rises; torch's default."""

FINAL_DIVISOR = 1e4
"""What the first rate of one cycle is divided by to get the last; torch's default."""

PLATEAU_THRESHOLD = 1e-4
"""Share by which a loss has to be below the best one to be better; torch's default."""

SMALLEST_REDUCTION = 1e-8
"""A plateau lowers the learning rate by more than this or not at all; torch's default."""


class ScheduleEntry(NamedTuple):
    """A schedule as it is offered.

    Attributes
    ----------
    title : str
        For display.
    formula : str
        For display: the factor on the learning rate, n the updates done, P the period, F the factor of the settings.
    uses : tuple of str
        The settings it uses.
    factor : callable (n, period, factor) -> float, or None
        None where the number of updates does not decide.
    """

    title: str
    formula: str
    uses: tuple[str, ...]
    factor: Factor | None


class PlateauState(NamedTuple):
    """What the plateau schedule knows: the present factor on the learning rate, and the epochs since the best loss."""

    factor: float = 1.0
    best: float = inf
    bad_epochs: int = 0


def schedule_for(settings: Settings) -> Callable[[int], float] | None:
    """Return the factor on the learning rate of the update that follows n done updates (n = 0 for the first).

    None where the number of updates does not decide: no schedule, and the plateau (see `after_epoch`).
    """
    factor = SCHEDULES[settings.schedule].factor
    if factor is None:
        return None
    period, smallest = settings.period, settings.schedule_factor
    return lambda n: factor(n, period, smallest)


def after_epoch(state: PlateauState, loss: float, settings: Settings) -> PlateauState:
    """Return what the plateau schedule knows after an epoch with this loss, as torch's ReduceLROnPlateau.

    The loss is better when it is below the best one by a share of 1e-4. After more than `period` epochs in a row that
    are not better, the rate is multiplied with `schedule_factor`.
    """
    if loss < state.best * (1.0 - PLATEAU_THRESHOLD):
        return PlateauState(state.factor, loss)
    if state.bad_epochs < settings.period:
        return state._replace(bad_epochs=state.bad_epochs + 1)
    lower = state.factor * settings.schedule_factor
    reduction = settings.learning_rate * (state.factor - lower)
    return state._replace(factor=lower if reduction > SMALLEST_REDUCTION else state.factor, bad_epochs=0)


def _step(n: int, period: int, smallest: float) -> float:
    return float(smallest ** (n // period))


def _exponential(n: int, period: int, smallest: float) -> float:
    return float(smallest ** (n / period))


def _cosine(n: int, period: int, smallest: float) -> float:
    return _between(1.0, smallest, min(n / period, 1.0))


def _warm_restarts(n: int, period: int, smallest: float) -> float:
    return _between(1.0, smallest, n % period / period)


def _warm_up(n: int, period: int, smallest: float) -> float:
    return smallest + (1.0 - smallest) * min(n / period, 1.0)


def _one_cycle(n: int, period: int, smallest: float) -> float:
    peak, end = RISING_SHARE * period - 1.0, period - 1.0
    if n <= peak:
        return _between(smallest, 1.0, n / peak)
    # As in torch, a period too short to rise (P < 4) begins past the peak, which lies before the first update then.
    return _between(1.0, smallest / FINAL_DIVISOR, min((n - peak) / (end - peak), 1.0))


def _between(first: float, last: float, share: float) -> float:
    """Go from the first to the last value along half a period of the cosine."""
    return last + (first - last) * (1.0 + cos(pi * share)) / 2.0


_BOTH = ("schedule_period", "schedule_factor")

SCHEDULES: dict[str, ScheduleEntry] = {
    "none": ScheduleEntry("None", "1", (), None),
    "step": ScheduleEntry("Step", "F^⌊n / P⌋", _BOTH, _step),
    "exponential": ScheduleEntry("Exponential", "F^(n / P)", _BOTH, _exponential),
    "cosine": ScheduleEntry("Cosine", "F + (1 − F) (1 + cos(π n / P)) / 2, from n = P on F", _BOTH, _cosine),
    "warm_restarts": ScheduleEntry(
        "Cosine with warm restarts", "F + (1 − F) (1 + cos(π (n mod P) / P)) / 2", _BOTH, _warm_restarts
    ),
    "warm_up": ScheduleEntry("Linear warm-up", "F + (1 − F) n / P, from n = P on 1", _BOTH, _warm_up),
    "one_cycle": ScheduleEntry(
        "One cycle", "from F up to 1 at 0.3 P − 1, down to F / 10000 at P − 1, along cosines", _BOTH, _one_cycle
    ),
    "plateau": ScheduleEntry("Reduce on plateau", "times F after more than P epochs without a better loss", _BOTH, None),
}
"""All schedules by the name they have in the settings.

References
----------
Loshchilov and Hutter (2017), "SGDR: stochastic gradient descent with warm restarts", eq. 5 (cosine, warm restarts).
Goyal et al. (2017), "Accurate, large minibatch SGD: training ImageNet in 1 hour", section 2.2 (warm-up).
Smith and Topin (2018), "Super-convergence: very fast training of neural networks using large learning rates" (one cycle).
"""
