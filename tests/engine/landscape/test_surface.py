"""Surfaces: against the engine's own loss point by point, against closed forms, and what happens to what is not finite."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from engine.landscape.chord import chord_plane
from engine.landscape.plane import Plane
from engine.landscape.surface import (
    Surface,
    SurfaceCancelled,
    SurfaceEvaluator,
    evaluate_surface,
    grid_levels,
    progressive,
)
from engine.network import NetworkSpec, mean_loss
from tests.engine.landscape.conftest import Case, make_case

ALPHAS = np.linspace(-2.0, 3.0, 7)
BETAS = np.linspace(-1.0, 1.5, 4)  # as many as alphas would hide a mix-up of the axes

EXACT = 1e-12
FAST = 1e-6


def point_by_point(case: Case, alphas: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """Return the losses by the engine's own forward pass in float64, one network at a time."""
    return np.array([[mean_loss(case.spec, case.plane.point(a, b), case.X, case.targets) for b in betas] for a in alphas])


@pytest.mark.parametrize("sizes", [(2, 1), (3, 5, 1), (2, 8, 8, 1), (4, 6, 5, 7, 3)], ids=str)
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
@pytest.mark.parametrize("loss", ["mse", "bce", "cross_entropy"])
def test_every_cell_is_the_loss_of_its_network(sizes: tuple[int, ...], activation: str, loss: str) -> None:
    case = make_case(sizes, activation, loss)
    expected = point_by_point(case, ALPHAS, BETAS)
    exact = evaluate_surface(*case, ALPHAS, BETAS, dtype=np.float64)
    np.testing.assert_allclose(exact, expected, rtol=EXACT)
    fast = evaluate_surface(*case, ALPHAS, BETAS)
    np.testing.assert_allclose(fast, expected, rtol=FAST)


@pytest.mark.parametrize("output", ["sigmoid", "tanh"])
def test_outputs_with_an_activation(output: str) -> None:
    spec = NetworkSpec((2, 5, 1), ("tanh", output), "mse")
    case = make_case((2, 5, 1), "tanh", "mse")._replace(spec=spec)
    np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS), point_by_point(case, ALPHAS, BETAS), rtol=FAST)


def test_linear_regression_is_the_quadratic_of_the_closed_form() -> None:
    """L(alpha, beta) = mean (w.x + b - y)^2 is exactly quadratic; its six coefficients come from three residual vectors."""
    case = make_case((6, 1), "identity", "mse", n_samples=200)
    design = np.vstack([case.X, np.ones(200)])
    r0, r1, r2 = (vector @ design for vector in (case.plane.origin, case.plane.direction_1, case.plane.direction_2))
    r0 = r0 - case.targets[0]
    a, b = ALPHAS[:, None], BETAS[None, :]
    expected = (
        r0 @ r0 + 2 * a * (r0 @ r1) + 2 * b * (r0 @ r2) + a * a * (r1 @ r1) + 2 * a * b * (r1 @ r2) + b * b * (r2 @ r2)
    ) / 200
    np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS, dtype=np.float64), expected, rtol=1e-13)
    np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS), expected, rtol=FAST)


def test_second_differences_of_a_quadratic_are_constant() -> None:
    case = make_case((5, 1), "identity", "mse")
    alphas, betas = np.linspace(-1.0, 1.0, 33), np.linspace(-2.0, 2.0, 17)
    losses = evaluate_surface(*case, alphas, betas, dtype=np.float64)
    for axis in (0, 1):
        assert np.ptp(np.diff(losses, 2, axis=axis)) < 1e-9


def test_both_ends_of_a_path_have_their_true_loss() -> None:
    case = make_case((2, 8, 8, 1), "tanh", "bce")
    path = np.random.default_rng(3).normal(0.0, 0.2, (30, case.spec.n_parameters)).cumsum(axis=0)
    plane = chord_plane(path)
    start = plane.project(path[0])
    losses = evaluate_surface(case.spec, plane, case.X, case.targets, np.array([0.0, start[0]]), np.zeros(1), dtype=np.float64)
    expected = [mean_loss(case.spec, parameters, case.X, case.targets) for parameters in path[[-1, 0]]]
    np.testing.assert_allclose(losses[:, 0], expected, rtol=1e-12)


def test_many_rows_are_taken_in_blocks_and_large_first_layers_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case((7, 9, 8, 3), "tanh", "cross_entropy", n_samples=101)
    expected = point_by_point(case, ALPHAS, BETAS)
    monkeypatch.setattr("engine.landscape.cost.CHUNK_BYTES", 2_000)
    monkeypatch.setattr("engine.landscape.cost.PRODUCT_CHUNK", 3 * 9 * 8 * 10)
    for dtype, tolerance in ((np.float64, EXACT), (np.float32, FAST)):
        np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS, dtype=dtype), expected, rtol=tolerance)


@pytest.mark.parametrize("largest", [41.9, 42.1, 100.0])
def test_separated_exponentials_agree_on_both_sides_of_their_guard(largest: float) -> None:
    """A grid takes the first layer's exponentials once per line; scattered points take them one by one."""
    spec = NetworkSpec((1, 3, 1), ("sigmoid", "identity"), "mse")
    origin, first, second = np.zeros((3, spec.n_parameters))
    spec.views(origin)[1].matrix[:] = [[0.3], [-0.8], [0.4], [0.1]]
    spec.views(first)[0].weights[:] = [[largest, 1.0, -2.0]]
    spec.views(second)[0].weights[:] = [[largest, -1.0, 3.0]]  # unit 1: huge exponents that cancel
    X, targets = np.linspace(-1.0, 1.0, 21)[None, :], np.cos(np.linspace(0.0, 3.0, 21))[None, :]
    axis = np.linspace(-1.0, 1.0, 9)
    case = Case(spec, Plane(origin, first, second), X, targets)
    np.testing.assert_allclose(evaluate_surface(*case, axis, axis), point_by_point(case, axis, axis), rtol=FAST)


def test_saturated_units_take_their_limits() -> None:
    case = make_case((2, 4, 1), "tanh", "mse")
    far = np.array([-1e4, 1e4])
    np.testing.assert_allclose(evaluate_surface(*case, far, far), point_by_point(case, far, far), rtol=FAST)


@pytest.mark.parametrize("loss", ["bce", "cross_entropy"])
def test_small_losses_keep_their_digits(loss: str) -> None:
    """Rows classified rightly with confidence: log(1 + e) of a tiny e."""
    spec = NetworkSpec((1, 1 if loss == "bce" else 2), ("identity",), loss)
    origin = np.array([12.0, 0.0]) if loss == "bce" else np.array([-6.0, 6.0, 0.0, 0.0])
    X = np.concatenate([np.linspace(-2.0, -0.5, 100), np.linspace(0.5, 2.0, 100)])[None, :]
    right = (X[0] > 0).astype(float)
    targets = right[None, :] if loss == "bce" else np.stack([1.0 - right, right])
    plane = Plane(origin, origin / 100.0, np.ones(len(origin)) / 100.0)
    case = Case(spec, plane, X, targets)
    axis = np.linspace(-1.0, 1.0, 3)
    np.testing.assert_allclose(
        evaluate_surface(*case, axis, axis), point_by_point(case, axis, axis), rtol=2e-6 if loss == "bce" else 2e-4
    )


def test_what_is_not_finite_stays_so_and_warns_nobody() -> None:
    case = make_case((2, 6, 6, 1), "relu", "mse")
    alphas, betas = np.array([-1e155, 0.0, 1e155]), np.array([-1.0, 1.0])
    losses = evaluate_surface(*case, alphas, betas)
    assert not np.isfinite(losses[[0, 2]]).any()
    np.testing.assert_allclose(losses[1], point_by_point(case, np.zeros(1), betas)[0], rtol=FAST)


def test_a_loss_beyond_float32_is_taken_again_in_float64() -> None:
    case = make_case((2, 6, 6, 1), "relu", "mse")
    alphas, betas = np.array([0.0, 1e9]), np.array([1.0, 1e9])
    expected = point_by_point(case, alphas, betas)
    assert expected.max() > np.finfo(np.float32).max
    np.testing.assert_allclose(evaluate_surface(*case, alphas, betas), expected, rtol=FAST)


def test_a_not_a_number_in_the_parameters_shows_at_every_point() -> None:
    case = make_case((2, 4, 1), "tanh", "bce")
    origin = case.plane.origin.copy()
    origin[0] = np.nan
    broken = case._replace(plane=Plane(origin, case.plane.direction_1, case.plane.direction_2))
    assert np.isnan(evaluate_surface(*broken, ALPHAS, BETAS)).all()


def test_cancelling_stops_the_work() -> None:
    case = make_case((2, 8, 8, 1), "tanh", "bce", n_samples=1000)
    asked: list[float] = []

    def cancelled() -> bool:
        asked.append(time.perf_counter())
        return len(asked) == 3

    axis = np.linspace(-1.0, 1.0, 65)
    with pytest.raises(SurfaceCancelled):
        evaluate_surface(*case, axis, axis, cancelled=cancelled)
    assert len(asked) == 3


@pytest.mark.parametrize(("sizes", "n_pieces"), [((2, 8, 8, 1), 2), ((784, 64, 32, 10), 10), ((2, 800, 800, 1), 120)], ids=str)
def test_large_networks_are_computed_in_more_pieces(sizes: tuple[int, ...], n_pieces: int) -> None:
    """What is promised is time, which no test can hold to on a busy machine; what is tested is that the work is cut up."""
    case = make_case(sizes, "tanh", "mse", n_samples=400)
    diagonal = np.linspace(-1.0, 1.0, 40)
    assert len(list(SurfaceEvaluator(*case).losses_at(diagonal, diagonal, np.empty(40)))) >= n_pieces


def levels_of(surfaces: Iterator[Surface | None]) -> list[Surface]:
    return [surface for surface in surfaces if surface is not None]


def test_progressive_levels_are_whole_and_end_in_the_full_surface() -> None:
    case = make_case((2, 5, 1), "tanh", "bce")
    alphas, betas = np.linspace(-1.0, 2.0, 33), np.linspace(-3.0, 1.0, 33)
    levels = levels_of(progressive(SurfaceEvaluator(*case, dtype=np.float64), alphas, betas))
    assert [len(level.alphas) for level in levels] == [9, 17, 33]
    for level in levels:
        np.testing.assert_allclose(level.losses, point_by_point(case, level.alphas, level.betas), rtol=EXACT)


def test_progressive_computes_every_point_once(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluator = SurfaceEvaluator(*make_case((2, 5, 1), "tanh", "bce"))
    n_points: list[int] = []
    original = SurfaceEvaluator.losses_at

    def counted(self: SurfaceEvaluator, alphas: np.ndarray, betas: np.ndarray, losses: np.ndarray) -> Iterator[None]:
        n_points.append(len(alphas))
        return original(self, alphas, betas, losses)

    monkeypatch.setattr(SurfaceEvaluator, "losses_at", counted)
    axis = np.linspace(-1.0, 1.0, 33)
    list(progressive(evaluator, axis, axis))
    assert n_points == [9**2, 17**2 - 9**2, 33**2 - 17**2]


def test_only_grids_that_refine_are_allowed() -> None:
    assert grid_levels(65) == (9, 17, 33, 65)
    with pytest.raises(ValueError, match="use 9, 17, 33, 65 or 129"):
        grid_levels(50)
