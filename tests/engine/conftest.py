"""Tables and trainers small enough to check by other means."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.data.prepared import Feature, PreparedData, Target

MakeData = Callable[..., PreparedData]


@pytest.fixture(scope="session")
def make_data() -> MakeData:
    """Return a maker of random tables: make_data(n_classes=0, n_rows=20, n_inputs=3); 0 classes is regression."""

    def make(n_classes: int = 2, n_rows: int = 20, n_inputs: int = 3, n_validation: int = 6, seed: int = 0) -> PreparedData:
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(n_rows + n_validation, n_inputs))
        if n_classes:
            y = rng.integers(0, n_classes, len(X)).astype(float)
            target = Target("y", "classification", tuple(str(code) for code in range(n_classes)))
        else:
            y = rng.normal(size=len(X))
            target = Target("y", "regression", mean=3.0, scale=2.0)
        rows = np.arange(len(X))
        return PreparedData(
            name="random",
            X_train=X[:n_rows],
            y_train=y[:n_rows],
            X_validation=X[n_rows:],
            y_validation=y[n_rows:],
            rows_train=rows[:n_rows],
            rows_validation=rows[n_rows:],
            features=tuple(Feature(f"x{i + 1}", f"x{i + 1}") for i in range(n_inputs)),
            target=target,
            preparation={},
        )

    return make
