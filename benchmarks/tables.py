"""Random tables of any size for measuring speed; what is in them does not matter to it."""

from __future__ import annotations

import numpy as np

from engine.data.prepared import Feature, PreparedData, Target


def random_table(n_inputs: int, n_classes: int, n_rows: int, n_validation: int = 0, seed: int = 0) -> PreparedData:
    """Return a prepared table of normal inputs and random classes, or a regression target for 0 classes."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows + n_validation, n_inputs))
    y = rng.integers(0, n_classes, len(X)).astype(float) if n_classes else rng.normal(size=len(X))
    rows = np.arange(len(X))
    return PreparedData(
        name="random",
        X_train=X[:n_rows],
        y_train=y[:n_rows],
        X_validation=X[n_rows:],
        y_validation=y[n_rows:],
        rows_train=rows[:n_rows],
        rows_validation=rows[n_rows:],
        features=tuple(Feature(f"x{index + 1}", f"x{index + 1}") for index in range(n_inputs)),
        target=Target("y", "classification" if n_classes else "regression", tuple(str(code) for code in range(n_classes))),
        preparation={},
    )
