"""How much is computed: points of the path, rows of the data, points of the grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.activations import ACTIVATIONS
from engine.landscape.cost import SurfacePlan, affordable_rows, chunk_shape, plan_surface, point_ns
from engine.landscape.path import thinned
from engine.landscape.sampling import choose_rows
from engine.network import NetworkSpec

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
SMALL = NetworkSpec((2, 8, 8, 1), ("tanh", "tanh", "identity"), "bce")
LARGE = NetworkSpec((784, 256, 128, 10), ("relu", "relu", "identity"), "cross_entropy")


@given(st.integers(1, 10_000), st.integers(1, 10**7), st.integers(2, 300), st.integers(1, 10**8))
def test_a_thinned_path_keeps_its_ends_and_its_budget(n_points: int, n_parameters: int, most: int, most_bytes: int) -> None:
    kept = thinned(n_points, n_parameters, most, most_bytes)
    assert kept[0] == 0
    assert kept[-1] == n_points - 1
    assert (np.diff(kept) > 0).all()
    assert len(kept) <= max(2, min(most, most_bytes // (8 * n_parameters)))


def test_a_short_path_is_kept_whole() -> None:
    np.testing.assert_array_equal(thinned(100, 105), np.arange(100))


def test_a_sample_has_the_classes_in_proportion_and_never_changes() -> None:
    y = np.repeat([0.0, 1.0, 2.0], [7_000, 2_500, 503])
    rows = choose_rows(y, "classification", 1_000)
    counts = np.bincount(y[rows].astype(int))
    assert len(rows) == 1_000
    np.testing.assert_allclose(counts, np.array([7_000, 2_500, 503]) / 10.003, atol=1.0)
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(choose_rows(y, "classification", 1_000), rows)


@given(st.integers(1, 400), st.integers(1, 500), st.integers(1, 6), st.integers(0, 99))
def test_a_sample_has_the_size_asked_for(n_samples: int, n_rows: int, n_classes: int, seed: int) -> None:
    y = np.random.default_rng(seed).integers(0, n_classes, n_samples).astype(float)
    for task in ("classification", "regression"):
        rows = choose_rows(y, task, n_rows)
        assert len(rows) == len(set(rows.tolist())) == min(n_rows, n_samples)


def test_few_rows_are_all_used() -> None:
    np.testing.assert_array_equal(choose_rows(np.zeros(7), "regression", 1_000), np.arange(7))


def test_a_small_network_gets_what_is_asked_for() -> None:
    assert plan_surface(SMALL, 320, 65, 1.0, FLOAT32) == SurfacePlan(65, 320)
    assert plan_surface(SMALL, 50_000, 33, 1.0, FLOAT32) == SurfacePlan(33, 1_000)


def test_a_large_network_gets_fewer_rows_and_points() -> None:
    plan = plan_surface(LARGE, 60_000, 65, 1.0, FLOAT32)
    assert plan.grid in (17, 33)
    assert 256 <= plan.n_rows <= 1_000
    per_sample, per_point = point_ns(LARGE, FLOAT32)
    assert plan.grid**2 * (plan.n_rows * per_sample + per_point) <= 1e9


def test_a_network_that_is_too_large_gets_the_smallest_surface() -> None:
    huge = NetworkSpec((10, 20_000, 20_000, 1), ("relu", "relu", "identity"), "mse")
    assert plan_surface(huge, 500, 33, 1.0, FLOAT32) == SurfacePlan(9, 1)


@pytest.mark.parametrize(
    "costly",
    [
        replace(SMALL, activations=("gelu", "tanh", "identity")),
        replace(SMALL, activations=("tanh", "softplus", "identity")),
        replace(SMALL, normalization="layer"),
        replace(SMALL, skip=True),
    ],
)
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64])
def test_costly_layers_get_fewer_rows(costly: NetworkSpec, dtype: np.dtype[np.floating]) -> None:
    assert affordable_rows(costly, 65, 1.0, dtype) < affordable_rows(SMALL, 65, 1.0, dtype)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_has_a_cost(activation: str) -> None:
    spec = replace(SMALL, activations=(activation, activation, "identity"))
    assert affordable_rows(spec, 65, 1.0, FLOAT32) > affordable_rows(spec, 65, 1.0, FLOAT64) > 0


def test_rows_that_fit_cost_no_more_than_the_budget() -> None:
    rows = affordable_rows(SMALL, 65, 5.0, FLOAT64)
    per_sample, per_point = point_ns(SMALL, FLOAT64)
    assert 65**2 * (rows * per_sample + per_point) <= 5e9


@pytest.mark.parametrize("spec", [SMALL, LARGE])
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64])
@pytest.mark.parametrize("n_samples", [1, 320, 100_000])
def test_a_chunk_has_a_bounded_buffer(spec: NetworkSpec, dtype: np.dtype[np.floating], n_samples: int) -> None:
    points, rows = chunk_shape(spec, n_samples, dtype)
    assert 1 <= rows <= n_samples
    assert points * rows * (max(spec.sizes[1:]) + 1) * dtype.itemsize <= 2 * 2**20
