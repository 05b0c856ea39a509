"""Strategies that draw any valid settings, to the limits of the table of settings, and small tables for them."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from engine.network_choice import OUTPUTS_FOR, OUTPUTS_FOR_VALUES
from engine.settings import (
    ActivationName,
    InitializerName,
    NormalizationName,
    OptimizerName,
    ScheduleName,
    Settings,
    make_settings,
)

LOSSES_FOR = {0: ["auto", "mse", "mae", "huber"], 2: ["auto", "mse", "bce", "cross_entropy", "hinge"]}
LOSSES_FOR[3] = [name for name in LOSSES_FOR[2] if name != "bce"]
AUTO = {0: "mse", 2: "bce", 3: "cross_entropy"}


def number(low: float, high: float, *usual: float, **limits: Any) -> st.SearchStrategy[float]:
    """Return the usual values first, then anything within the limits."""
    return st.one_of(st.sampled_from(usual), st.floats(low, high, allow_nan=False, **limits))


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def live_values(
    draw: st.DrawFn, hidden: tuple[int, ...], table: dict[str, int], normalization: str, wild: bool
) -> dict[str, Any]:
    """Draw every setting that may change inside a run."""
    optimizer = draw(st.sampled_from(get_args(OptimizerName)))
    searches = optimizer == "lbfgs"  # along a line of the whole loss: all rows, nothing random, no clipping
    momentum = draw(number(0.0, 0.99, 0.0, 0.9))
    units = [(layer, unit) for layer, width in enumerate((table["n_inputs"], *hidden)) for unit in range(1, width + 1)]
    share = number(0.0, 0.95, 0.0, 0.3)
    smallest_batch = 2 if normalization == "batch" else 1
    return {
        "switched_off": draw(st.just(()) | st.lists(st.sampled_from(units), max_size=3).map(tuple)),
        "l1": draw(number(0.0, 10.0 if wild else 0.1, 0.0, 0.01)),
        "l2": draw(number(0.0, 10.0 if wild else 0.1, 0.0, 0.01)),
        "weight_decay": draw(maybe(number(0.0, 10.0 if wild else 0.1, 0.0, 0.01))),
        "dropout": (0.0,) if searches else draw(st.tuples(share) | st.tuples(*[share] * len(hidden)).filter(len)),
        "input_noise": 0.0 if searches else draw(number(0.0, 100.0 if wild else 1.0, 0.0, 0.1)),
        "freeze": draw(st.just(()) | st.lists(st.integers(1, len(hidden) + 1), max_size=2).map(tuple)),
        "optimizer": optimizer,
        "learning_rate": draw(number(1e-12, 1e9, 0.01, 0.1) if wild else number(1e-4, 0.05, 0.01)),
        "momentum": momentum,
        "nesterov": momentum > 0.0 and draw(st.booleans()),
        "amsgrad": draw(st.booleans()),
        "beta_1": draw(maybe(number(0.0, 0.999, 0.0, 0.9))),
        "beta_2": draw(maybe(number(0.0, 0.9999, 0.0, 0.99))),
        "rho": draw(maybe(number(0.0, 0.999, 0.0, 0.9))),
        "epsilon": draw(maybe(number(1e-300 if wild else 1e-10, 1.0, 1e-8))),
        "batch_size": "full" if searches else draw(st.just("full") | st.integers(smallest_batch, 30)),
        "shuffle": draw(st.booleans()),
        "clip_norm": None if searches else draw(maybe(number(1e-9 if wild else 1e-3, 1e9, 1.0))),
        "clip_value": None if searches else draw(maybe(number(1e-9 if wild else 1e-3, 1e9, 0.5))),
        "schedule": draw(st.sampled_from(get_args(ScheduleName))),
        "schedule_period": draw(st.integers(1, 30) | st.just(10**9)),
        "schedule_factor": draw(number(1e-12 if wild else 0.1, 1.0, 0.5, 1.0)),
        "epochs": draw(maybe(st.integers(1, 100))),
        "steps": draw(maybe(st.integers(0, 100))),
        "seconds": draw(maybe(number(1e-9, 1e9, 1.0, exclude_min=True))),
        "stop_loss": draw(maybe(number(0.0, 1e9, 0.1))),
        "stop_accuracy": draw(maybe(number(0.0, 1.0, 0.9))) if table["n_classes"] else None,
        "patience": draw(maybe(st.integers(1, 100))),
    }


@st.composite
def any_settings(draw: st.DrawFn, table: dict[str, int], wild: bool) -> Settings:
    """Draw valid settings; wild ones go to the limits that the table of settings allows."""
    n_classes = table["n_classes"]
    hidden = tuple(draw(st.lists(st.sampled_from([1, 3, 3, 4]), max_size=4)))
    names = st.sampled_from(get_args(ActivationName))
    loss = draw(st.sampled_from(LOSSES_FOR[n_classes]))
    resolved = AUTO[n_classes] if loss == "auto" else loss
    outputs = OUTPUTS_FOR.get(resolved, OUTPUTS_FOR_VALUES)
    normalization = draw(st.sampled_from(get_args(NormalizationName)))
    smooth = number(0.0, 0.99, 0.0, 0.1) if resolved in ("bce", "cross_entropy") else st.just(0.0)
    return make_settings(
        hidden=hidden,
        activation=draw(st.tuples(names) | st.tuples(*[names] * len(hidden)).filter(len)),
        output_activation=draw(st.sampled_from(["auto", *outputs])),
        init=draw(st.sampled_from(get_args(InitializerName))),
        init_scale=draw(number(0.0, 1e6 if wild else 1.0, 0.1)),
        init_bias=draw(number(-1e6 if wild else -1.0, 1e6 if wild else 1.0, 0.0)),
        normalization=normalization,
        skip=draw(st.booleans()),
        loss=loss,
        huber_delta=draw(number(1e-9 if wild else 0.1, 1e6, 1.0)),
        label_smoothing=draw(smooth),
        class_weights=n_classes > 0 and draw(st.booleans()),
        precision=draw(st.sampled_from(["float64", "float32"])),
        validation=draw(number(0.0, 0.9, 0.2)),
        seed=draw(st.integers(0, 2**63 - 1)),
        **live_values(draw, hidden, table, normalization, wild) | ({} if n_classes else {"stop_accuracy": None}),
    )


@st.composite
def runs(draw: st.DrawFn, wild: bool) -> tuple[dict[str, int], Settings]:
    """Draw a table (as `make_data` makes it) and settings for it."""
    table = {
        "n_classes": draw(st.sampled_from([0, 2, 3])),
        "n_rows": draw(st.sampled_from([20, 1, 2, 5, 33])),
        "n_inputs": draw(st.sampled_from([3, 1, 4])),
        "n_validation": draw(st.sampled_from([6, 0, 1])),
    }
    return table, draw(any_settings(table, wild))


@st.composite
def live_changes(draw: st.DrawFn, base: Settings, table: dict[str, int]) -> Settings:
    """Draw settings that a run may change to: everything anew, or one thing."""
    live = live_values(draw, base.hidden, table, base.normalization, wild=False)
    del live["stop_accuracy"]  # only classes have one
    tied = {"optimizer", "batch_size", "dropout", "input_noise", "clip_norm", "clip_value", "momentum", "nesterov"}
    name = draw(st.sampled_from(sorted(set(live) - tied)))
    return make_settings(base, **draw(st.sampled_from([live, {name: live[name]}])))
