"""Networks, data and planes for the tests of the landscape."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.data.prepared import Feature, PreparedData, Target
from engine.landscape.plane import Plane
from engine.losses import LOSSES
from engine.network import NetworkSpec, encode_targets

Array = NDArray[np.float64]


class Case(NamedTuple):
    """A network, a plane through it that is neither orthogonal nor of unit length, and samples as the engine holds them."""

    spec: NetworkSpec
    plane: Plane
    X: Array
    targets: Array


def make_case(sizes: tuple[int, ...], activation: str, loss: str, n_samples: int = 60, seed: int = 0, **changes: Any) -> Case:
    """Return a case; `changes` are further attributes of its network."""
    generator = np.random.default_rng(seed)
    spec = NetworkSpec(sizes, (activation,) * (len(sizes) - 2) + ("identity",), loss, **changes)
    vectors = generator.normal(0.0, 0.5, (3, spec.n_parameters))
    for layer in spec.views(vectors[0]):
        if layer.normalization is not None and layer.normalization.running_variance is not None:
            layer.normalization.running_variance[:] = generator.uniform(0.3, 2.0, len(layer.bias))
    plane = Plane(*vectors, trained=spec.trained_mask())
    X = generator.normal(size=(sizes[0], n_samples))
    return Case(spec, plane, X, make_targets(spec, n_samples, generator))


def make_targets(spec: NetworkSpec, n_samples: int, generator: np.random.Generator) -> Array:
    """Return targets as the network's loss takes them."""
    if LOSSES[spec.loss].task == "regression" or spec.loss == "mse":
        return generator.normal(size=(spec.n_outputs, n_samples))
    if spec.n_outputs == 1 and LOSSES[spec.loss].signed:
        return generator.choice([-1.0, 1.0], size=(1, n_samples))
    target = Target("y", "classification", tuple("abcdefghijklmnop"[: spec.n_outputs]))
    return encode_targets(spec, target, generator.integers(0, spec.n_outputs, n_samples).astype(float))


def make_data(n_train: int = 120, n_features: int = 2, n_classes: int = 2, seed: int = 0) -> PreparedData:
    """Return a classification table whose classes differ in their means."""
    generator = np.random.default_rng(seed)
    y = generator.integers(0, n_classes, n_train).astype(np.float64)
    X = generator.normal(size=(n_train, n_features))
    X[:, 0] += y
    arrays: dict[str, Any] = {
        "X_train": X,
        "y_train": y,
        "X_validation": X[:0],
        "y_validation": y[:0],
        "rows_train": np.arange(n_train),
        "rows_validation": np.arange(0),
    }
    features = tuple(Feature(f"x{i}", f"x{i}") for i in range(1, n_features + 1))
    classes = tuple(f"class {code}" for code in range(n_classes))
    return PreparedData("test", features=features, target=Target("y", "classification", classes), preparation={}, **arrays)


@pytest.fixture
def moving_path() -> Array:
    """A path of 40 points in 33 parameters: a drift, a bend and noise."""
    generator = np.random.default_rng(5)
    t = np.linspace(0.0, 1.0, 40)[:, None]
    drift, bend = generator.normal(size=(2, 33))
    return drift * t * 4.0 + bend * np.sin(np.pi * t) + generator.normal(0.0, 0.05, (40, 33))
