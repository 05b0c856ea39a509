"""Values with a sign, and shares, as the pictures write them: short, with thousands separated and the typographic minus."""

from __future__ import annotations

import math
from collections.abc import Sequence

_LARGEST_PLAIN = 1e9
_SMALLEST_PLAIN = 1e-4
_LARGEST_TICK = 1e15
_SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"))


def short_number(value: float, digits: int = 3) -> str:
    """Return `value` with at least `digits` significant digits.

    Examples
    --------
    >>> [short_number(value) for value in (0.03911, -12.44, 48210.0, 1.234e20, 0.0, math.nan)]
    ['0.0391', '−12.4', '48,210', '1.23e+20', '0', 'not finite']
    """
    if not math.isfinite(value):
        return "not finite"
    size = abs(value)
    if size == 0.0:
        return "0"
    if size >= _LARGEST_PLAIN or size < _SMALLEST_PLAIN:
        return with_minus(f"{value:.{digits - 1}e}")
    return with_minus(f"{value:,.{max(0, digits - 1 - math.floor(math.log10(size)))}f}")


def fixed_number(value: float, places: int = 2) -> str:
    """Return `value` with a fixed number of decimals, so that a changing figure keeps its width."""
    if not math.isfinite(value) or abs(value) >= _LARGEST_PLAIN:
        return short_number(value)
    text = f"{value:,.{places}f}"
    return with_minus(text) if text.strip("-0.,") else text.lstrip("-")


def percent(share: float, places: int = 1) -> str:
    """Return a share from 0 to 1 as a percentage."""
    return f"{100.0 * share:.{places}f} %" if math.isfinite(share) else "not finite"


def with_minus(text: str) -> str:
    """Return a number's text with the typographic minus, which is as wide as a plus."""
    return f"−{text[1:]}" if text.startswith("-") else text


def tick_texts(values: Sequence[float]) -> list[str]:
    """Return the numbers of evenly spaced ticks, all with the decimals their step needs; millions and more with a suffix."""
    largest = max((abs(value) for value in values), default=0.0)
    step = abs(values[1] - values[0]) if len(values) > 1 else largest
    if step == 0.0 or largest >= _LARGEST_TICK or largest < _SMALLEST_PLAIN:
        return [with_minus(f"{value:.4g}") for value in values]
    unit, suffix = next(((unit, suffix) for unit, suffix in _SUFFIXES if largest >= unit), (1.0, ""))
    places = max(0, -math.floor(math.log10(step / unit) + 1e-9))
    return [with_minus(f"{value / unit + 0.0:,.{places}f}{suffix if value else ''}") for value in values]
