"""Gradient clipping by norm and by value: worked values, what must hold for every gradient, and torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.gradient_clipping import clip_calls
from engine.settings import make_settings


def clipped(gradient: Any, dtype: str = "float64", **options: Any) -> np.ndarray:
    result = np.array(gradient, dtype=dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # as training runs
        for call in clip_calls(result, make_settings(**options)):
            call()
    return result


def test_no_calls_when_both_are_off() -> None:
    assert clip_calls(np.ones(3), make_settings()) == []


def test_longer_gradient_is_scaled_down_and_shorter_one_left() -> None:
    np.testing.assert_allclose(clipped([3.0, -4.0], clip_norm=2.5), np.array([1.5, -2.0]) * 5.0 / 5.000001, rtol=1e-14)
    np.testing.assert_array_equal(clipped([3.0, -4.0], clip_norm=5.1), [3.0, -4.0])
    np.testing.assert_array_equal(clipped([0.0, 0.0], clip_norm=1.0), [0.0, 0.0])


def test_entries_are_cut_at_the_value() -> None:
    np.testing.assert_array_equal(clipped([3.0, -4.0, 0.5], clip_value=2.0), [2.0, -2.0, 0.5])


def test_norm_comes_before_value() -> None:
    expected = np.array([1.5, -1.6]) * 5.0 / 5.000001
    expected[1] = -1.6
    np.testing.assert_allclose(clipped([3.0, -4.0], clip_norm=2.5, clip_value=1.6), expected, rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_norm_out_of_the_range_of_numbers_when_squared(dtype: str) -> None:
    size = 1e30 if dtype == "float32" else 1e200
    np.testing.assert_allclose(clipped([3.0 * size, -4.0 * size], dtype, clip_norm=5.0), [3.0, -4.0], rtol=1e-6)


def test_gradient_that_is_not_finite_is_left_to_be_found() -> None:
    np.testing.assert_array_equal(clipped([1.0, np.inf], clip_norm=1.0), [1.0, np.inf])
    np.testing.assert_array_equal(clipped([1.0, np.nan], clip_norm=1.0), [1.0, np.nan])
    np.testing.assert_array_equal(clipped([1.0, np.nan], clip_value=1.0), [1.0, np.nan])


@given(
    gradient=arrays(np.float64, st.integers(1, 20), elements=st.floats(-1e6, 1e6)),
    longest=st.floats(1e-6, 1e6),
    largest=st.floats(1e-6, 1e6),
)
def test_clipped_gradient_is_within_both_limits_and_points_the_same_way(
    gradient: np.ndarray, longest: float, largest: float
) -> None:
    result = clipped(gradient, clip_norm=longest, clip_value=largest)
    assert np.linalg.norm(result) <= longest * (1 + 1e-12)
    assert np.abs(result).max() <= largest
    assert (result * gradient >= 0.0).all()
    assert (np.abs(result) <= np.abs(gradient)).all()


@pytest.mark.heavy
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-14), ("float32", 1e-6)])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize(
    "options", [{"clip_norm": 1.5}, {"clip_value": 0.4}, {"clip_norm": 1.5, "clip_value": 0.4}, {"clip_norm": 1e4}]
)
def test_clipping_is_that_of_torch(options: dict[str, float], size: float, dtype: str, tolerance: float) -> None:
    import torch

    gradient = (size * np.random.default_rng(2).normal(size=50)).astype(dtype)
    parts = [torch.zeros(n, dtype=getattr(torch, dtype), requires_grad=True) for n in (30, 20)]
    for part, values in zip(parts, np.split(gradient, [30]), strict=True):
        part.grad = torch.tensor(values)
    if "clip_norm" in options:
        torch.nn.utils.clip_grad_norm_(parts, options["clip_norm"])
    if "clip_value" in options:
        torch.nn.utils.clip_grad_value_(parts, options["clip_value"])
    result = clipped(gradient, dtype, **options)
    assert result.dtype == dtype
    np.testing.assert_allclose(result, np.concatenate([part.grad.numpy() for part in parts]), rtol=tolerance)
