"""Surfaces against torch, which computes every network of the grid by itself in float64."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.landscape.surface import evaluate_surface
from engine.losses import LossOptions
from tests.engine.landscape.conftest import Case, make_case

pytestmark = pytest.mark.heavy

ALPHAS, BETAS = np.linspace(-1.5, 2.0, 6), np.linspace(-1.0, 1.0, 5)

EXACT, FAST = 1e-12, 1e-4


def torch_activation(name: str, z: Any) -> Any:
    """Return torch's own function, softplus without the shortcut it takes from 20 on."""
    torch: Any = pytest.importorskip("torch")
    functional = torch.nn.functional
    special = {
        "identity": lambda: z,
        "gelu_tanh": lambda: functional.gelu(z, approximate="tanh"),
        "softplus": lambda: functional.softplus(z, threshold=500.0),
    }
    return special[name]() if name in special else getattr(functional, name)(z)


def torch_output(case: Case, alpha: float, beta: float) -> Any:
    """Return the output of the network at a point of the plane, shape (n_samples, n_outputs), by torch's own layers."""
    torch: Any = pytest.importorskip("torch")
    functional = torch.nn.functional
    vector = case.plane.origin + alpha * case.plane.direction_1 + beta * case.plane.direction_2
    spec = case.spec
    numbers = {
        block.name: torch.from_numpy(vector[block.start : block.stop].reshape(block.shape).copy()) for block in spec.blocks
    }
    hidden = torch.from_numpy(case.X.T.copy())
    for index, (fan_in, fan_out) in enumerate(zip(spec.sizes, spec.sizes[1:], strict=False)):
        layer, before = f"layer_{index + 1}", hidden
        hidden = functional.linear(hidden, numbers[f"{layer}/weights"].T, numbers[f"{layer}/bias"])
        is_hidden = index < spec.n_layers - 1
        if is_hidden and spec.normalization != "none":
            affine = {"weight": numbers[f"{layer}/scale"], "bias": numbers[f"{layer}/shift"]}
            if spec.normalization == "layer":
                hidden = functional.layer_norm(hidden, (fan_out,), **affine)
            else:
                averages = numbers[f"{layer}/running_mean"], numbers[f"{layer}/running_variance"]
                hidden = functional.batch_norm(hidden, *averages, **affine)
        hidden = torch_activation(spec.activations[index], hidden)
        if is_hidden and spec.skip and fan_in == fan_out:
            hidden = hidden + before
    return hidden


def torch_loss(case: Case, alpha: float, beta: float) -> float:
    """Return the mean loss from torch's own losses; class weights divided by the number of rows."""
    torch: Any = pytest.importorskip("torch")
    functional = torch.nn.functional
    output = torch_output(case, alpha, beta)
    targets, options = torch.from_numpy(case.targets.T.copy()), case.spec.loss_options
    if case.spec.loss in ("mse", "mae"):
        return float({"mse": functional.mse_loss, "mae": functional.l1_loss}[case.spec.loss](output, targets))
    if case.spec.loss == "huber":
        return float(functional.huber_loss(output, targets, delta=options.huber_delta))
    codes = targets.argmax(dim=1) if case.spec.n_outputs > 1 else (targets[:, 0] < 0.0).long()
    weights = torch.tensor(options.class_weights or (1.0,) * max(2, case.spec.n_outputs), dtype=torch.float64)[codes]
    if case.spec.loss == "bce":
        smoothed = codes.double() * (1.0 - options.label_smoothing) + 0.5 * options.label_smoothing
        per_row = functional.binary_cross_entropy_with_logits(output[:, 0], smoothed, reduction="none")
    elif case.spec.loss == "cross_entropy":
        per_row = functional.cross_entropy(output, codes, reduction="none", label_smoothing=options.label_smoothing)
    elif case.spec.n_outputs == 1:
        per_row = functional.relu(1.0 + targets[:, 0] * output[:, 0])
    else:
        per_row = functional.multi_margin_loss(output, codes, reduction="none")
    return float((per_row * weights).mean())


def check(case: Case) -> None:
    expected = np.array([[torch_loss(case, alpha, beta) for beta in BETAS] for alpha in ALPHAS])
    np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS, dtype=np.float64), expected, rtol=EXACT)
    np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS), expected, rtol=FAST)


@pytest.mark.parametrize("hidden", [(8,), (8, 8), (7, 6, 5)], ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("loss", "n_outputs"), [("mse", 2), ("bce", 1), ("cross_entropy", 3)])
def test_surface_agrees_with_torch(hidden: tuple[int, ...], activation: str, loss: str, n_outputs: int) -> None:
    check(make_case((3, *hidden, n_outputs), activation, loss))


@pytest.mark.parametrize("normalization", ["batch", "layer"])
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "relu", "selu", "gelu"])
def test_normalised_layers_and_skip_connections_agree_with_torch(normalization: str, skip: bool, activation: str) -> None:
    check(make_case((5, 5, 5, 6, 2), activation, "mse", normalization=normalization, skip=skip))


@pytest.mark.parametrize(
    ("loss", "n_outputs"),
    [("mse", 1), ("mae", 2), ("huber", 2), ("bce", 1), ("cross_entropy", 3), ("hinge", 1), ("hinge", 3)],
)
def test_losses_and_their_options_agree_with_torch(loss: str, n_outputs: int) -> None:
    classes = max(2, n_outputs)
    for smoothing, weights in product((0.0, 0.2), ((), (0.5, 1.9, 1.1)[:classes])):
        smoothed = smoothing if loss in ("bce", "cross_entropy") else 0.0
        weighted = weights if loss in ("bce", "cross_entropy", "hinge") else ()
        check(make_case((3, 6, n_outputs), "silu", loss, loss_options=LossOptions(0.7, smoothed, weighted)))
