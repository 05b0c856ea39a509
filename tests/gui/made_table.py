"""A table made by hand for the tests of the data view: numbers with gaps, dates, categories, yes and no, an identifier."""

from __future__ import annotations

import numpy as np

from engine.data.cells import CodedText
from engine.data.columns.column import Column, column_of
from engine.data.preparation.prepare import prepare
from engine.data.prepared import PreparedData
from engine.network import NetworkSpec
from engine.records import Measurement
from engine.settings import Settings
from gui.session.messages import RowLosses, RunInfo, RunState, Snapshot

LEVELS = ("west", "east", "south")


def made_columns(n_rows: int = 60, seed: int = 4) -> tuple[Column, ...]:
    """Return the columns of a table; the target has no value in rows 5 and 11."""
    generator = np.random.default_rng(seed)
    age = np.round(generator.normal(40.0, 12.0, n_rows), 0)
    age[[3, 17]] = np.nan
    price = np.round(generator.normal(0.0, 900.0, n_rows), 2)
    day = np.floor(generator.uniform(18_000, 19_500, n_rows))
    day[8] = np.nan
    region = generator.integers(0, 3, n_rows).astype(np.int32)
    region[7] = -1
    bought = generator.integers(0, 2, n_rows).astype(np.int32)
    bought[[5, 11]] = -1
    names = CodedText(np.arange(n_rows, dtype=np.int32), tuple(f"user {n_rows - row:03d} of many" for row in range(n_rows)))
    return (
        column_of("name", "text", names),
        column_of("age", "numeric", age),
        column_of("price", "numeric", price),
        column_of("day", "date", day, unit="days"),
        column_of("region", "category", CodedText(region, LEVELS)),
        column_of("bought", "boolean", CodedText(bought, ("no", "yes"))),
    )


def made_data(n_rows: int = 60, *, target: str = "bought", test: float = 0.1, features: tuple[str, ...] = ()) -> PreparedData:
    chosen = features or tuple(name for name in ("age", "price", "region") if name != target)
    return prepare(
        made_columns(n_rows),
        name="made",
        target=target,
        features=chosen,
        validation=0.2,
        test=test,
        seed=3,
        missing_indicator=True,
    )


def made_run(data: PreparedData | None = None, run_id: int = 1) -> RunInfo:
    data = data or made_data()
    loss = "mse" if data.target.task == "regression" else "bce"
    return RunInfo(run_id, "run", Settings(), NetworkSpec((data.n_features, 3, 1), ("tanh", "identity"), loss), data)


def made_losses(data: PreparedData, *, step: int = 1200, run_id: int = 1, seed: int = 0) -> RowLosses:
    generator = np.random.default_rng(seed)
    sizes = (len(data.y_train), len(data.y_validation), len(data.y_test))
    return RowLosses(run_id, 0, step, *(generator.exponential(size=size).astype(np.float32) for size in sizes))


def made_snapshot(run: RunInfo, *, step: int = 3, state: RunState = RunState.PAUSED, **changes: object) -> Snapshot:
    fields = {
        "run_id": run.run_id,
        "branch_id": 0,
        "state": state,
        "step": step,
        "epoch": 1,
        "last_step": step,
        "settings": run.settings,
        "spec": run.spec,
        "learning_rate": 0.1,
        "parameters": np.zeros(run.spec.n_parameters),
        "gradient": None,
        "batch_loss": None,
        "measurement": Measurement(step, 1, 0.5, 0.6),
        "train_metrics": None,
        "validation_metrics": None,
        "observation": None,
    }
    return Snapshot(**(fields | changes))
