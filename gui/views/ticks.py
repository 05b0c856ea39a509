"""Where the ticks of an axis stand, and where an axis ends: round numbers only."""

from __future__ import annotations

import math

_ROUND = (1.0, 2.0, 5.0)
_ENDS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_SAME = 1e-9
"""Relative error below which two positions are the same place."""


def axis_end(last_step: int) -> int:
    """Return the end of a step axis that holds `last_step`: 10 or the next round number, at most a third further.

    The axis of a growing run then stays the same for many frames.
    """
    if last_step <= 10:
        return 10
    power = 10.0 ** math.floor(math.log10(last_step))
    return next(round(end * power) for end in (*_ENDS, 10.0) if round(end * power) >= last_step)


def linear_ticks(low: float, high: float, n_max: int) -> list[float]:
    """Return at most `n_max` multiples of 1, 2 or 5 times a power of ten between `low` and `high`."""
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return []
    step = _round_step(span / max(1, n_max))
    first, last = math.ceil(low / step - _SAME), math.floor(high / step + _SAME)
    while last - first + 1 > n_max:
        step = _round_step(step * 1.5)
        first, last = math.ceil(low / step - _SAME), math.floor(high / step + _SAME)
    return [index * step for index in range(first, last + 1)]


def step_ticks(low: float, high: float, n_max: int) -> list[float]:
    """Return ticks for an axis of whole steps from `low` to `high`."""
    return [tick for tick in linear_ticks(low, high, n_max) if tick == round(tick) and tick >= 0]


def log_ticks(low: float, high: float, n_max: int) -> list[float]:
    """Return ticks for a logarithmic axis as values, at most `n_max`: 1-2-5, else powers of ten, else every few powers.

    Parameters
    ----------
    low, high : float
        Ends of the axis as logarithms to base 10.
    """
    if not (high > low and math.isfinite(high - low)):
        return []
    for mantissas in ((1, 2, 5), (1, 3), (1,)):
        ticks = _decade_ticks(low, high, mantissas)
        if 3 <= len(ticks) <= n_max:
            return ticks
    if high - low >= 2:
        return [10.0**power for power in linear_ticks(low, high, n_max) if power == round(power)]
    return linear_ticks(10.0**low, 10.0**high, n_max)


def _decade_ticks(low: float, high: float, mantissas: tuple[int, ...]) -> list[float]:
    powers = range(max(-307, math.floor(low)), min(307, math.ceil(high)) + 1)
    ticks = (float(f"{mantissa}e{power}") for power in powers for mantissa in mantissas)
    return [tick for tick in ticks if low - _SAME <= math.log10(tick) <= high + _SAME]


def _round_step(at_least: float) -> float:
    power = 10.0 ** math.floor(math.log10(at_least))
    for mantissa in _ROUND:
        if mantissa * power >= at_least * (1 - _SAME):
            return mantissa * power
    return 10.0 * power


def tick_text(value: float) -> str:
    """Return the number of a tick on a loss axis, short: 0.05, 200, 1e+45."""
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e5 or size < 1e-4:
        return f"{value:.4g}".replace("e-0", "e−").replace("e-", "e−").replace("e+0", "e+")
    return f"{value:,.10g}"


def step_text(step: float, axis_end: float) -> str:
    """Return the number of a tick on the step axis: 200,000, or 0.2M on axes that go beyond a million."""
    return f"{step / 1e6:.6g}M" if axis_end >= 1e6 and step > 0 else f"{step:,.0f}"


def log_range(low: float, high: float) -> tuple[float, float]:
    """Return the ends, as logarithms, of an axis from the 1-2-5 number below `low` to the one above `high`."""
    bottom, top = _floor_125(low), _ceil_125(high)
    return (bottom, top) if top - bottom > 0.25 else (bottom - 0.15, top + 0.15)


def _floor_125(value: float) -> float:
    power = math.floor(math.log10(value))
    mantissa = value / 10.0**power
    return power + math.log10(max(number for number in _ROUND if number <= mantissa * (1 + _SAME)))


def _ceil_125(value: float) -> float:
    power = math.floor(math.log10(value))
    mantissa = value / 10.0**power
    return power + math.log10(min(number for number in (*_ROUND, 10.0) if number >= mantissa * (1 - _SAME)))


def linear_range(low: float, high: float) -> tuple[float, float]:
    """Return the ends of a linear axis: from 0, or below `low` where that is negative, to a round number above `high`."""
    bottom = min(0.0, low)
    step = _round_step(max(high - bottom, 1e-300) / 8)
    return math.floor(bottom / step) * step, math.ceil(high / step + _SAME) * step
