"""Surfaces against torch, which computes every network of the grid by itself in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.landscape.surface import evaluate_surface
from tests.engine.landscape.conftest import Case, make_case

pytestmark = pytest.mark.heavy

ALPHAS, BETAS = np.linspace(-1.5, 2.0, 6), np.linspace(-1.0, 1.0, 5)


def torch_loss(case: Case, alpha: float, beta: float) -> float:
    """Return the loss from torch's own layers and losses, with weights of shape (fan_out, fan_in) as torch keeps them."""
    torch: Any = pytest.importorskip("torch")
    functional = torch.nn.functional
    parameters = torch.from_numpy(case.plane.origin.copy())
    parameters = (
        parameters
        + alpha * torch.from_numpy(case.plane.direction_1.copy())
        + beta * torch.from_numpy(case.plane.direction_2.copy())
    )
    hidden = torch.from_numpy(case.X.T.copy())
    blocks = case.spec.blocks
    for index, (weights, bias) in enumerate(zip(blocks[::2], blocks[1::2], strict=True)):
        matrix = parameters[weights.start : weights.stop].reshape(weights.shape).T
        hidden = functional.linear(hidden, matrix, parameters[bias.start : bias.stop])
        if case.spec.activations[index] != "identity":
            hidden = getattr(torch, case.spec.activations[index])(hidden)
    targets = torch.from_numpy(case.targets.T.copy())
    losses = {
        "mse": functional.mse_loss,
        "bce": functional.binary_cross_entropy_with_logits,
        "cross_entropy": functional.cross_entropy,
    }
    return float(losses[case.spec.loss](hidden, targets))


@pytest.mark.parametrize("hidden", [(8,), (8, 8), (7, 6, 5)], ids=str)
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize(("loss", "n_outputs"), [("mse", 2), ("bce", 1), ("cross_entropy", 3)])
def test_surface_agrees_with_torch(hidden: tuple[int, ...], activation: str, loss: str, n_outputs: int) -> None:
    case = make_case((3, *hidden, n_outputs), activation, loss)
    expected = np.array([[torch_loss(case, alpha, beta) for beta in BETAS] for alpha in ALPHAS])
    np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS, dtype=np.float64), expected, rtol=1e-12)
    np.testing.assert_allclose(evaluate_surface(*case, ALPHAS, BETAS), expected, rtol=1e-6)
