"""A line search with the strong Wolfe conditions: how far to go along a direction of descent.

The algorithm, its constants and the order of its trials are those of torch.optim.LBFGS (after minFunc), with one thing added: a
trial whose loss is not a finite number counts as infinitely bad, and the search goes halfway back.

References
----------
Nocedal and Wright (2006), "Numerical optimization", algorithms 3.5 and 3.6, eq. 3.59.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, sqrt
from typing import NamedTuple

from engine.optimizers.update import Array

SUFFICIENT_DECREASE = 1e-4
"""c1: least share of the decrease promised by the slope at the start."""

CURVATURE = 0.9
"""c2: largest share of the slope at the start that may be left."""

MAX_TRIALS = 25
SMALLEST_BRACKET = 1e-9
"""Width of a bracket, times the largest component of the direction, below which the search stops."""


class Trial(NamedTuple):
    """A point on the line: how far along the direction, loss there, slope of the loss along the direction, and gradient."""

    step: float
    loss: float
    slope: float
    gradient: Array


TryStep = Callable[[float], Trial]


def strong_wolfe(try_step: TryStep, start: Trial, first_step: float, largest_component: float) -> Trial:
    """Return a point with the strong Wolfe conditions, or the lowest of the bracket around one when trials run out.

    The conditions: loss <= start.loss + c1 * step * start.slope, and |slope| <= c2 * |start.slope|.

    Parameters
    ----------
    try_step : callable (step) -> Trial
        Evaluates the loss at a step; one that is not finite is to be given as infinity.
    start : Trial
        At step 0, its slope negative.
    first_step : float
        More than 0.
    largest_component : float
        Of the direction, in absolute value.

    Returns
    -------
    Trial
        Possibly `start`, where no trial is lower.
    """
    ends, n_trials, found = _bracket(try_step, start, first_step)
    low = 0 if ends[0].loss <= ends[-1].loss else 1
    stuck = False
    while not found and n_trials < MAX_TRIALS:
        if abs(ends[1].step - ends[0].step) * largest_component < SMALLEST_BRACKET:
            break
        step, stuck = _away_from_ends(cubic_minimum(ends[0], ends[1]), ends, stuck)
        trial = try_step(step)
        n_trials += 1
        found = _meets_conditions(trial, start) and trial.loss < ends[low].loss
        low = _narrow(ends, low, trial, start)
    return ends[low]


def _bracket(try_step: TryStep, start: Trial, step: float) -> tuple[list[Trial], int, bool]:
    """Go on until a good point lies between two trials; return both (or a point that is good itself), trials used, found."""
    previous, trial = start, try_step(step)
    for n_trials in range(MAX_TRIALS):
        if not _decreases_enough(trial, start) or (n_trials > 1 and trial.loss >= previous.loss):
            return [previous, trial], n_trials, False
        if abs(trial.slope) <= -CURVATURE * start.slope:
            return [trial], n_trials, True
        if trial.slope >= 0.0:
            return [previous, trial], n_trials, False
        shortest = trial.step + 0.01 * (trial.step - previous.step)
        step = cubic_minimum(previous, trial, (shortest, 10.0 * trial.step))
        previous, trial = trial, try_step(step)
    return [start, trial], MAX_TRIALS, False


def _narrow(ends: list[Trial], low: int, trial: Trial, start: Trial) -> int:
    """Put a trial into the bracket in place of one of its ends; return which end is the lower one now."""
    high = 1 - low
    if not _decreases_enough(trial, start) or trial.loss >= ends[low].loss:
        ends[high] = trial
        return 0 if ends[0].loss <= ends[1].loss else 1
    if trial.slope * (ends[high].step - ends[low].step) >= 0.0 and not _meets_conditions(trial, start):
        ends[high] = ends[low]
    ends[low] = trial
    return low


def _decreases_enough(trial: Trial, start: Trial) -> bool:
    return trial.loss <= start.loss + SUFFICIENT_DECREASE * trial.step * start.slope


def _meets_conditions(trial: Trial, start: Trial) -> bool:
    return _decreases_enough(trial, start) and abs(trial.slope) <= -CURVATURE * start.slope


def _away_from_ends(step: float, ends: list[Trial], stuck: bool) -> tuple[float, bool]:
    """Move a step that lies near an end of the bracket for the second time, or on it, a tenth of the width away from there."""
    left, right = sorted(end.step for end in ends)
    margin = 0.1 * (right - left)
    if min(right - step, step - left) >= margin:
        return step, False
    if not stuck and left < step < right:
        return step, True
    return (right - margin if abs(step - right) < abs(step - left) else left + margin), False


def cubic_minimum(one: Trial, other: Trial, bounds: tuple[float, float] | None = None) -> float:
    """Return where the cubic through two losses and slopes is lowest inside the bounds (the two points when None).

    The middle of the bounds where there is no such minimum.
    """
    left, right = (one, other) if one.step <= other.step else (other, one)
    lowest, highest = bounds or (left.step, right.step)
    middle = (lowest + highest) / 2.0
    width = right.step - left.step
    if width == 0.0:
        return middle
    bend = left.slope + right.slope - 3.0 * (left.loss - right.loss) / (left.step - right.step)
    square = bend * bend - left.slope * right.slope
    if not (isfinite(square) and square >= 0.0):
        return middle
    root = sqrt(square)
    divisor = right.slope - left.slope + 2.0 * root
    if divisor == 0.0:
        return middle
    return min(max(right.step - width * ((right.slope + root - bend) / divisor), lowest), highest)
