"""Which settings have an effect only with some choices of another one."""

from __future__ import annotations

from functools import cache

from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES

USES: dict[str, dict[str, tuple[str, ...]]] = {
    "optimizer": {name: entry.uses for name, entry in OPTIMIZERS.items()},
    "schedule": {name: entry.uses for name, entry in SCHEDULES.items()},
    "loss": {"huber": ("huber_delta",)},
    "init": dict.fromkeys(("constant", "uniform", "normal"), ("init_scale",)),
}
"""The other setting, and what each of its choices uses."""


@cache
def choices_that_use(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the setting that decides whether the setting `name` has an effect, and its choices with which it has one.

    None where it never depends on a choice: ("optimizer", ("sgd", "rmsprop")) for momentum, None for the seed.
    """
    for decider, uses in USES.items():
        users = tuple(choice for choice, used in uses.items() if name in used)
        if users:
            return decider, users
    return None
