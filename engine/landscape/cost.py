"""What a surface costs, and what therefore fits: how many rows and points for a time budget, how many at once for the caches.

The constants are nanoseconds on one core of a common server processor (AVX2, NumPy 2.4 with OpenBLAS, one thread). They need
only be right within a factor of two: they decide sizes, never results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.network import NetworkSpec

ACTIVATION_NS = {
    "tanh": {"float32": 3.0, "float64": 20.0},
    "sigmoid": {"float32": 3.0, "float64": 15.0},
    "relu": {"float32": 1.0, "float64": 2.0},
    "leaky_relu": {"float32": 1.0, "float64": 2.0},
    "identity": {"float32": 0.5, "float64": 1.0},
    "elu": {"float32": 4.0, "float64": 22.0},
    "selu": {"float32": 4.0, "float64": 22.0},
    "silu": {"float32": 3.5, "float64": 16.0},
    "gelu": {"float32": 9.0, "float64": 64.0},
    "gelu_tanh": {"float32": 4.0, "float64": 28.0},
    "softplus": {"float32": 9.0, "float64": 42.0},
}
NORMALIZATION_NS = {
    "none": {"float32": 0.0, "float64": 0.0},
    "batch": {"float32": 0.8, "float64": 1.5},
    "layer": {"float32": 3.0, "float64": 5.0},
}
SKIP_NS = {"float32": 0.3, "float64": 0.6}
OUTPUT_NS = {"float32": 6.0, "float64": 45.0}
PRODUCT_NS = {"float32": 0.07, "float64": 0.14}
PRODUCT_FROM_NS = {"float32": 0.6, "float64": 1.2}
"""Per unit and sample whatever the fan-in: small products are bound by memory, not by arithmetic."""

PARAMETER_NS = 3.0
"""Per parameter after the first layer and point: making the point's matrices."""

CHUNK_BYTES = 512 * 1024
CHUNK_NS = 3e6
PRODUCT_CHUNK = 20_000_000
"""Multiplications of one product of the first layer with data: about 3 ms in float64."""

FEWEST_ROWS = 256
DEFAULT_ROWS = 1_000
GRIDS = (129, 65, 33, 17, 9)


@dataclass(frozen=True)
class SurfacePlan:
    """The size of a surface: points per side and rows it is computed from."""

    grid: int
    n_rows: int


def point_ns(spec: NetworkSpec, dtype: np.dtype[Any]) -> tuple[float, float]:
    """Return the time for one point: what each sample costs, and what the point costs whatever the samples."""
    name = dtype.name
    products = list(zip(spec.sizes[1:-1], spec.sizes[2:], strict=True))
    per_sample = sum(units * _unit_ns(spec, index, name) for index, units in enumerate(spec.sizes[1:-1]))
    per_sample += spec.n_outputs * OUTPUT_NS[name] + spec.sizes[1] * PRODUCT_FROM_NS[name]
    per_sample += sum(fan_out * PRODUCT_FROM_NS[name] + fan_in * fan_out * PRODUCT_NS[name] for fan_in, fan_out in products)
    return per_sample, PARAMETER_NS * sum((fan_in + 1) * fan_out for fan_in, fan_out in products)


def _unit_ns(spec: NetworkSpec, index: int, dtype_name: str) -> float:
    """Return the time for one unit of a hidden layer, counted from 0, and one sample, without its product."""
    skip = SKIP_NS[dtype_name] if spec.skips(index) else 0.0
    return ACTIVATION_NS[spec.activations[index]][dtype_name] + NORMALIZATION_NS[spec.normalization][dtype_name] + skip


def affordable_rows(spec: NetworkSpec, grid: int, budget_seconds: float, dtype: np.dtype[Any]) -> int:
    """Return how many rows a surface of `grid` points per side may use in the given time; less than 1 when none."""
    per_sample, per_point = point_ns(spec, dtype)
    return int((budget_seconds * 1e9 / grid**2 - per_point) / per_sample)


def plan_surface(spec: NetworkSpec, n_rows: int, grid: int, budget_seconds: float, dtype: np.dtype[Any]) -> SurfacePlan:
    """Return the finest grid up to `grid` and the most rows up to 1,000 that a time budget allows.

    Rows go first, down to 256: the shape of a surface needs no more; then points; rows below 256 only when 9 points per side
    are too many.
    """
    rows_wanted = min(n_rows, DEFAULT_ROWS)
    for candidate in [size for size in GRIDS if size <= grid]:
        affordable = affordable_rows(spec, candidate, budget_seconds, dtype)
        if affordable >= min(FEWEST_ROWS, rows_wanted):
            return SurfacePlan(candidate, min(rows_wanted, affordable))
    return SurfacePlan(GRIDS[-1], max(min(rows_wanted, affordable), 1))


def chunk_shape(spec: NetworkSpec, n_samples: int, dtype: np.dtype[Any]) -> tuple[int, int]:
    """Return points per chunk and samples per block: buffers fit the cache, and a piece of work takes a few milliseconds."""
    per_sample, _ = point_ns(spec, dtype)
    widest = max(spec.sizes[1:]) + 1
    rows = max(1, min(n_samples, int(CHUNK_NS / per_sample), 4 * CHUNK_BYTES // (widest * dtype.itemsize)))
    points = max(1, int(min(CHUNK_BYTES / (widest * rows * dtype.itemsize), CHUNK_NS / (per_sample * rows))))
    return points, rows


def rows_per_product(weights: int) -> int:
    """Return how many samples to multiply at a time by so many weights."""
    return max(1, PRODUCT_CHUNK // weights)
