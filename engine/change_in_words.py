"""What was changed in the middle of a run, in words for the timeline and the list of branches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.settings import LIVE_SETTINGS, Settings, shown


def describe_change(before: Settings, after: Settings) -> str:
    """Return a change of live settings in words: "learning rate 0.01 to 0.03"."""
    parts = []
    for name in LIVE_SETTINGS:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if name == "switched_off":
            parts += _toggled(old, new, _unit_in_words, "switched off", "switched on")
        elif name == "freeze":
            parts += _toggled(old, new, lambda layer: f"layer {layer}", "frozen", "thawed")
        else:
            parts.append(f"{shown(name).label.lower()} {_value_in_words(old)} to {_value_in_words(new)}")
    return ", ".join(parts)


def _toggled(old: tuple[Any, ...], new: tuple[Any, ...], words: Callable[[Any], str], taken: str, given: str) -> list[str]:
    """Return what came into a list of things, and what left it, in words."""
    return [f"{words(item)} {taken}" for item in new if item not in old] + [
        f"{words(item)} {given}" for item in old if item not in new
    ]


def _unit_in_words(place: tuple[int, int]) -> str:
    layer, unit = place
    return f"layer {layer} unit {unit}" if layer else f"input {unit}"


def _value_in_words(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)
