"""Surfaces of every kind of network: against the engine's own loss at the same points, one network at a time."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.landscape.chord import chord_plane
from engine.landscape.kernels import FAST_KERNELS
from engine.landscape.plane import Plane
from engine.landscape.surface import evaluate_surface
from engine.losses import LOSSES, LossOptions
from engine.network import NetworkSpec, mean_loss
from tests.engine.landscape.conftest import Case, make_case

ALPHAS, BETAS = np.linspace(-1.0, 1.5, 4), np.linspace(-1.0, 1.0, 3)
EXACT, FAST = 1e-12, 1e-4

OPTIONS = {
    "mse": (LossOptions(),),
    "mae": (LossOptions(),),
    "huber": (LossOptions(huber_delta=0.4),),
    "bce": (LossOptions(label_smoothing=0.2), LossOptions(0.0, 0.1, (0.6, 1.7))),
    "cross_entropy": (LossOptions(label_smoothing=0.2), LossOptions(0.0, 0.1, (0.6, 1.7, 0.9))),
    "hinge": (LossOptions(), LossOptions(class_weights=(0.6, 1.7, 0.9))),
}
SWITCHED_OFF = ((0, 1), (1, 0), (1, 2), (2, 3))


def point_by_point(case: Case, alphas: np.ndarray = ALPHAS, betas: np.ndarray = BETAS) -> np.ndarray:
    return np.array([[mean_loss(case.spec, case.plane.point(a, b), case.X, case.targets) for b in betas] for a in alphas])


def check(case: Case) -> None:
    expected = point_by_point(case)
    np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS, dtype=np.float64), expected, rtol=EXACT)
    np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS), expected, rtol=FAST)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_cell_is_the_loss_of_its_network(activation: str, loss: str) -> None:
    n_outputs = 3 if loss in ("cross_entropy", "hinge") else 1
    kinds = product(OPTIONS[loss], ("none", "batch", "layer"), (False, True), ((), SWITCHED_OFF))
    for seed, (options, normalization, skip, switched_off) in enumerate(kinds):
        layers = {"normalization": normalization, "skip": skip, "switched_off": switched_off}
        check(make_case((4, 4, 4, 5, n_outputs), activation, loss, 40, seed, loss_options=options, **layers))


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_skip_connections_join_layers_of_different_functions(normalization: str) -> None:
    """Every pair of neighbours: the buffers of two functions may hold their activations times different factors."""
    activations = [name for pair in product(ACTIVATIONS, ACTIVATIONS) for name in pair]
    for names in np.array_split(activations, 40):
        sizes = (3,) * (len(names) + 1) + (1,)
        spec = NetworkSpec(sizes, (*names.tolist(), "identity"), "mse", normalization=normalization, skip=True)
        case = make_case(sizes, "tanh", "mse", 20, normalization=normalization, skip=True)
        narrow = Plane(0.6 * case.plane.origin, 0.1 * case.plane.direction_1, 0.1 * case.plane.direction_2, case.plane.trained)
        check(case._replace(spec=spec, plane=narrow))


@pytest.mark.parametrize("loss", ["bce", "hinge", "mse"])
def test_one_output_for_two_classes(loss: str) -> None:
    options = LossOptions(class_weights=(0.4, 3.0))
    case = make_case((2, 6, 1), "silu", loss, loss_options=options)
    if loss == "mse":
        case = case._replace(targets=(case.targets > 0.0).astype(float))
    check(case)


@pytest.mark.parametrize("activation", ["tanh", "selu", "silu"])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_rows_in_blocks_and_slices(activation: str, normalization: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.landscape.cost.CHUNK_BYTES", 2_000)
    monkeypatch.setattr("engine.landscape.cost.PRODUCT_CHUNK", 3 * 7 * 8 * 10)
    kinds = {"normalization": normalization, "skip": True, "switched_off": ((0, 2), (1, 1))}
    check(make_case((7, 7, 7, 3), activation, "cross_entropy", 101, loss_options=OPTIONS["cross_entropy"][1], **kinds))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_grids_fine_enough_to_separate_exponentials(activation: str, normalization: str) -> None:
    kinds = {"normalization": normalization, "skip": True, "switched_off": ((0, 2), (1, 1))}
    case = make_case((4, 4, 4, 1), activation, "bce", 40, **kinds)
    axis = np.linspace(-1.0, 1.0, 9)
    np.testing.assert_allclose(evaluate_surface(*case, axis, axis), point_by_point(case, axis, axis), rtol=FAST)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_fast_activations_are_those_of_the_engine(activation: str) -> None:
    z = np.concatenate([np.linspace(-30.0, 30.0, 4001), [-1e4, 1e4, -1e-6, 1e-6]])
    expected = np.empty_like(z)
    ACTIVATIONS[activation].apply(z, expected)
    kernel = FAST_KERNELS[activation]
    found = (kernel.scale * z).astype(np.float32)[None, None]
    with np.errstate(over="ignore"):
        kernel.apply(found)
    np.testing.assert_allclose(kernel.gain * found[0, 0].astype(float) + kernel.offset, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_keep_what_is_not_a_number(activation: str) -> None:
    z = np.full((1, 1, 3), np.nan, dtype=np.float32)
    FAST_KERNELS[activation].apply(z)
    assert np.isnan(z).all()


@pytest.mark.parametrize("normalization", ["batch", "layer"])
@pytest.mark.parametrize("size", [1e15, 1e25, 1e40])
def test_normalised_values_beyond_float32_are_taken_in_float64(size: float, normalization: str) -> None:
    """A normalisation brings any size back to 1, so that a loss is finite where its squares no longer fit float32."""
    case = make_case((3, 5, 5, 1), "tanh", "mse", normalization=normalization)
    vectors = [vector.copy() for vector in (case.plane.origin, case.plane.direction_1, case.plane.direction_2)]
    for vector in vectors:
        case.spec.views(vector)[0].matrix[...] *= size
    huge = case._replace(plane=Plane(*vectors, case.plane.trained))
    np.testing.assert_allclose(evaluate_surface(*huge, ALPHAS, BETAS), point_by_point(huge), rtol=FAST)


def test_a_switched_off_unit_hides_what_is_not_finite() -> None:
    case = make_case((2, 4, 1), "relu", "mse", switched_off=((1, 2),))
    origin = case.plane.origin.copy()
    case.spec.views(origin)[0].weights[:, 2] = np.inf
    broken = case._replace(plane=Plane(origin, case.plane.direction_1, case.plane.direction_2))
    assert np.isfinite(point_by_point(case)).all()
    with np.errstate(invalid="ignore"):
        expected = point_by_point(broken)
    np.testing.assert_allclose(evaluate_surface(*broken, ALPHAS, BETAS), expected, rtol=FAST)


def test_a_batch_normalised_plane_goes_by_the_averages_of_its_origin() -> None:
    case = make_case((2, 5, 5, 1), "tanh", "bce", normalization="batch")
    path = np.random.default_rng(3).normal(0.0, 0.2, (20, case.spec.n_parameters)).cumsum(axis=0) + case.plane.origin
    averages = ~case.spec.trained_mask()
    path[:, averages] = np.abs(path[:, averages]) + 0.1
    plane = chord_plane(path, trained=case.spec.trained_mask())
    start = plane.project(path[0])
    ends = evaluate_surface(case.spec, plane, case.X, case.targets, np.array([0.0, start[0]]), np.zeros(1), dtype=np.float64)
    moved = np.where(averages, path[-1], path[0])
    expected = [mean_loss(case.spec, parameters, case.X, case.targets) for parameters in (path[-1], moved)]
    np.testing.assert_allclose(ends[:, 0], expected, rtol=1e-12)
    assert expected[1] != pytest.approx(mean_loss(case.spec, path[0], case.X, case.targets), rel=1e-3)
