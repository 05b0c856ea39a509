"""Each activation function by itself: its values, its limits, its slope, whatever the buffers and the precision."""

from __future__ import annotations

from math import erfc, exp, log, pi, sqrt, tanh
from typing import Any, get_args

import numpy as np
import pytest
from scipy import special

from engine.activations import ACTIVATIONS, FEW_ELEMENTS, SELU_ALPHA, SELU_SCALE
from engine.normal_distribution import normal_cdf_calls
from engine.settings import ActivationName, OutputActivationName
from engine.trainer import quiet

KINKED = ("relu", "leaky_relu", "selu")
DTYPES = ["float64", "float32"]


def values(name: str, z: Any) -> Any:
    z = np.array(z, ndmin=2)
    out = np.full_like(z, np.nan)
    ACTIVATIONS[name].apply(z, out)
    return out


def slopes(name: str, z: Any) -> Any:
    """Return f'(z) as a training step takes it: from z or from a."""
    z = np.array(z, ndmin=2)
    source = z if ACTIVATIONS[name].needs_pre_activation else values(name, z)
    out = np.full_like(z, np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        for call in ACTIVATIONS[name].derivative_calls(source, out):
            call()
    return out


SPECIAL_POINTS: list[tuple[str, float, float, float]] = [  # name, z, f(z), f'(z)
    ("identity", -3.5, -3.5, 1.0),
    ("tanh", 0.0, 0.0, 1.0),
    ("tanh", log(3.0), 0.8, 0.36),
    ("relu", 2.5, 2.5, 1.0),
    ("relu", -2.5, 0.0, 0.0),
    ("relu", 0.0, 0.0, 0.0),
    ("sigmoid", 0.0, 0.5, 0.25),
    ("sigmoid", log(3.0), 0.75, 0.1875),
    ("sigmoid", -log(3.0), 0.25, 0.1875),
    ("leaky_relu", 2.5, 2.5, 1.0),
    ("leaky_relu", -2.5, -0.025, 0.01),
    ("elu", 2.5, 2.5, 1.0),
    ("elu", -log(2.0), -0.5, 0.5),
    ("elu", 0.0, 0.0, 1.0),
    ("selu", 1.0, 1.0507009873554805, 1.0507009873554805),
    ("selu", -log(2.0), -0.5 * 1.0507009873554805 * 1.6732632423543772, 0.5 * 1.0507009873554805 * 1.6732632423543772),
    ("gelu", 0.0, 0.0, 0.5),
    ("gelu", 1.0, 0.8413447460685429, 0.8413447460685429 + exp(-0.5) / sqrt(2 * pi)),
    ("gelu", -1.0, -0.15865525393145705, 0.15865525393145705 - exp(-0.5) / sqrt(2 * pi)),
    ("gelu_tanh", 0.0, 0.0, 0.5),
    ("gelu_tanh", 1.0, 0.5 * (1 + tanh(sqrt(2 / pi) * 1.044715)), 1.0829640838457826),
    ("silu", 0.0, 0.0, 0.5),
    ("silu", log(3.0), 0.75 * log(3.0), 0.75 * (1 + 0.25 * log(3.0))),
    ("softplus", 0.0, log(2.0), 0.5),
    ("softplus", log(3.0), log(4.0), 0.75),
]


@pytest.mark.parametrize(("name", "z", "value", "slope"), SPECIAL_POINTS)
def test_known_points(name: str, z: float, value: float, slope: float) -> None:
    assert values(name, z) == pytest.approx(value, rel=4e-16, abs=1e-16)
    assert slopes(name, z) == pytest.approx(slope, rel=2e-15, abs=1e-16)


def test_the_table_holds_what_the_settings_offer() -> None:
    assert set(get_args(ActivationName)) == set(ACTIVATIONS)
    assert set(get_args(OutputActivationName)) - {"auto", "softmax"} <= set(ACTIVATIONS)
    assert {point[0] for point in SPECIAL_POINTS} == set(ACTIVATIONS)
    assert all(name == activation.name for name, activation in ACTIVATIONS.items())


FROM_SCIPY = {
    "sigmoid": special.expit,
    "gelu": lambda z: z * special.ndtr(z),
    "silu": lambda z: z * special.expit(z),
    "softplus": lambda z: -special.log_expit(-z),
    "elu": lambda z: np.where(z > 0, z, special.expm1(z)),
}


@pytest.mark.parametrize("name", FROM_SCIPY)
def test_values_equal_those_of_scipy(name: str) -> None:
    z = np.concatenate([np.linspace(-40.0, 40.0, 4001), np.logspace(-12, 3, 400), -np.logspace(-12, 3, 400)])
    assert values(name, z)[0] == pytest.approx(FROM_SCIPY[name](z), rel=1e-14, abs=4e-15)


FAR = [-1e4, -1e3, -750.0, -100.0, 100.0, 750.0, 1e3, 1e4]
LIMITS: dict[str, tuple[Any, Any, float, float]] = {  # f far left, f far right, f' far left, f' far right
    "identity": (lambda z: z, lambda z: z, 1.0, 1.0),
    "tanh": (-1.0, 1.0, 0.0, 0.0),
    "relu": (0.0, lambda z: z, 0.0, 1.0),
    "sigmoid": (0.0, 1.0, 0.0, 0.0),
    "leaky_relu": (lambda z: 0.01 * z, lambda z: z, 0.01, 1.0),
    "elu": (-1.0, lambda z: z, 0.0, 1.0),
    "selu": (-SELU_SCALE * SELU_ALPHA, lambda z: SELU_SCALE * z, 0.0, SELU_SCALE),
    "gelu": (0.0, lambda z: z, 0.0, 1.0),
    "gelu_tanh": (0.0, lambda z: z, 0.0, 1.0),
    "silu": (0.0, lambda z: z, 0.0, 1.0),
    "softplus": (0.0, lambda z: z, 0.0, 1.0),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_far_out_there_are_the_limits_and_nothing_overflows(name: str, dtype: str) -> None:
    tolerance = 8 * float(np.finfo(dtype).eps)
    for z in np.array(FAR, dtype=dtype):
        side = int(z > 0)
        value, slope = LIMITS[name][side], LIMITS[name][2 + side]
        expected = float(value(z) if callable(value) else value)
        assert values(name, z).item() == pytest.approx(expected, rel=tolerance, abs=tolerance)
        assert slopes(name, z).item() == pytest.approx(slope, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_between_there_is_no_hole(name: str, dtype: str) -> None:
    z = np.concatenate([-np.logspace(-300 if dtype == "float64" else -37, 4, 3001)[::-1], [0.0], np.linspace(0.0, 1e4, 3001)])
    a, slope = values(name, z.astype(dtype)), slopes(name, z.astype(dtype))
    assert a.dtype == slope.dtype == dtype
    assert np.isfinite(a).all()
    assert np.isfinite(slope).all()
    assert slope.max() <= 1.7581, "no slope is steeper than SELU's just left of 0"
    if name not in ("gelu", "gelu_tanh", "silu"):
        assert (np.diff(a[0]) >= -8 * np.finfo(dtype).eps).all(), "it never falls"
        assert slope.min() >= 0.0


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_is_no_number_stays_none(name: str) -> None:
    """A spoiled number must reach the loss, where it is found."""
    assert np.isnan(values(name, [[np.nan, 1.0]])).tolist() == [[True, False]]


@pytest.mark.parametrize("shape", [(3, 5), (40, 60)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_is_that_of_the_function(name: str, shape: tuple[int, int]) -> None:
    z = np.random.default_rng(2).normal(0.0, 2.0, shape)
    z = np.where(np.abs(z) < 1e-4, 1e-3, z)  # away from the kinks
    h = 1e-6
    differences = (values(name, z + h) - values(name, z - h)) / (2 * h)
    assert slopes(name, z) == pytest.approx(differences, rel=1e-7, abs=1e-9)
    assert (z.size > FEW_ELEMENTS) == (shape == (40, 60)), "both ways to the slope of ReLU"


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in KINKED])
def test_the_slope_is_right_at_zero_where_there_is_no_kink(name: str) -> None:
    h = 1e-6
    assert slopes(name, 0.0) == pytest.approx((values(name, h) - values(name, -h)) / (2 * h), abs=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_in_place_equals_out_of_place_and_leaves_the_input_alone(name: str, dtype: str) -> None:
    z = np.random.default_rng(3).normal(0.0, 3.0, (7, 9)).astype(dtype)
    before, apart, in_place = z.copy(), np.full_like(z, np.nan), z.copy()
    ACTIVATIONS[name].apply(z, apart)
    assert np.array_equal(z, before)
    ACTIVATIONS[name].apply(in_place, in_place)
    assert in_place.tobytes() == apart.tobytes()
    assert in_place.dtype == dtype


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_calls_can_be_made_again(name: str) -> None:
    """A step makes the same bound calls over and over, on whatever then stands in the buffers."""
    rng = np.random.default_rng(4)
    z, out, slope = (np.empty((4, 6)) for _ in range(3))
    activation = ACTIVATIONS[name]
    forward = activation.calls(z, out)
    backward = activation.derivative_calls(z if activation.needs_pre_activation else out, slope)
    for _ in range(3):
        z[:] = rng.normal(size=z.shape)
        for call in [*forward, *backward]:
            call()
        assert out.tobytes() == values(name, z).tobytes()
        assert slope.tobytes() == slopes(name, z).tobytes()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_single_precision_is_close_to_double(name: str) -> None:
    z = np.random.default_rng(5).normal(0.0, 3.0, (20, 30)).astype("float32")
    assert values(name, z) == pytest.approx(values(name, z.astype("float64")), rel=4e-7, abs=4e-7)
    assert slopes(name, z) == pytest.approx(slopes(name, z.astype("float64")), rel=2e-6, abs=2e-6)


def test_the_numbers_of_selu_keep_mean_and_variance() -> None:
    """Klambauer et al. (2017), eq. 14: the two numbers in closed form, for which (0, 1) is the fixed point."""
    u = erfc(1 / sqrt(2)) * exp(0.5)
    alpha = sqrt(2 / pi) / (1 - u)
    scale = (1 - u) * sqrt(2 * pi) / sqrt(2 * erfc(sqrt(2)) * exp(2) + pi * u**2 - 2 * (2 + pi) * u + pi + 2)
    assert pytest.approx(alpha, rel=1e-14) == SELU_ALPHA
    assert pytest.approx(scale, rel=1e-14) == SELU_SCALE


# ---------------------------------------------------------------------- the normal distribution


def normal_cdf(z: Any) -> Any:
    out = np.empty_like(z)
    with quiet():
        for call in normal_cdf_calls(z, out):
            call()
    return out


def test_the_normal_distribution_to_the_last_digits() -> None:
    rng = np.random.default_rng(6)
    z = np.concatenate(
        [
            rng.normal(0.0, 2.0, 4000),
            rng.uniform(-12.0, 12.0, 4000),
            np.arange(-640, 641) / 64,
            np.arange(-640, 640) / 64 + 1 / 128,
        ]
    )
    expected = np.array([0.5 * erfc(-value / sqrt(2.0)) for value in z])
    assert np.abs(normal_cdf(z) - expected).max() <= 4e-16
    assert np.abs(normal_cdf(z.astype("float32")) - special.ndtr(z.astype("float32").astype("float64"))).max() <= 3e-7


def test_the_normal_distribution_at_the_ends() -> None:
    z = np.array([-np.inf, -1e300, -1e4, -9.5, 9.5, 1e4, 1e300, np.inf, np.nan])
    assert normal_cdf(z)[:-1] == pytest.approx([0.0] * 4 + [1.0] * 4, abs=1e-16)
    assert np.isnan(normal_cdf(z)[-1])
