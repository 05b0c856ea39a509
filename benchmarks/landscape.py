"""Milliseconds for a loss surface beside loss-landscapes and batched PyTorch: same network, grid and rows, one thread.

Ours is the float32 surface the window draws. The batched peer computes one grid line at a time with `torch.baddbmm` in float32
on the very same plane, and its losses are compared with ours. loss-landscapes evaluates `random_plane` on its own plane, point
by point. All take turns, so that a busy machine slows all of them.

A second table has ours alone for every activation, plain, normalised and with skip connections.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.report import parser, print_table, write_json
from benchmarks.tables import random_table
from engine.activations import ACTIVATIONS
from engine.landscape.directions import random_plane
from engine.landscape.plane import Plane
from engine.landscape.surface import evaluate_surface
from engine.network import NetworkSpec, encode_targets

Float64Array = NDArray[np.float64]

LARGEST_DIFFERENCE = 1e-4
"""Of torch's float32 losses from ours, relative: more means that not the same thing was measured."""


@dataclass(frozen=True)
class Case:
    """A network, a grid and a number of rows."""

    sizes: tuple[int, ...]
    activation: str
    grid: int
    n_rows: int
    normalization: str = "none"
    skip: bool = False

    @property
    def name(self) -> str:
        """As in "2-8-8-1"."""
        return "-".join(map(str, self.sizes))

    @property
    def spec(self) -> NetworkSpec:
        """The network, with the loss that goes with its outputs."""
        hidden = (self.activation,) * (len(self.sizes) - 2)
        loss = "bce" if self.sizes[-1] == 1 else "cross_entropy"
        return NetworkSpec(self.sizes, (*hidden, "identity"), loss, normalization=self.normalization, skip=self.skip)


CASES = (
    Case((2, 8, 8, 1), "tanh", 9, 1000),
    Case((2, 8, 8, 1), "tanh", 33, 320),
    Case((2, 8, 8, 1), "tanh", 33, 1000),
    Case((2, 8, 8, 1), "tanh", 65, 512),
    Case((2, 8, 8, 1), "tanh", 101, 1000),
    Case((2, 8, 8, 1), "gelu", 33, 320),
    Case((2, 8, 8, 1), "silu", 33, 320),
    Case((30, 64, 64, 2), "relu", 33, 512),
    Case((784, 256, 128, 10), "relu", 17, 256),
)

KIND = Case((2, 8, 8, 1), "tanh", 33, 320)
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batch norm": {"normalization": "batch"},
    "layer norm": {"normalization": "layer"},
    "skip": {"skip": True},
}


class Problem:
    """Parameters, plane and data of a case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.spec = case.spec
        generator = np.random.default_rng(0)
        self.parameters = np.zeros(self.spec.n_parameters)
        for layer in self.spec.views(self.parameters):
            layer.matrix[...] = generator.normal(0.0, layer.matrix.shape[0] ** -0.5, layer.matrix.shape)
            if layer.normalization is not None:
                layer.normalization.scale[:] = 1.0
                if layer.normalization.running_variance is not None:
                    layer.normalization.running_variance[:] = 1.0
        unit = random_plane(self.spec, self.parameters)
        size = float(np.linalg.norm(self.parameters))
        self.plane = Plane(unit.origin, unit.direction_1 * size, unit.direction_2 * size, unit.trained)
        data = random_table(self.spec.n_inputs, max(2, self.spec.n_outputs), case.n_rows)
        self.X = data.X_train.T.copy()
        self.targets = encode_targets(self.spec, data.target, data.y_train)
        self.axis = np.linspace(-1.0, 1.0, case.grid)


def ours(problem: Problem) -> Float64Array:
    """Compute the surface as the window does."""
    return evaluate_surface(problem.spec, problem.plane, problem.X, problem.targets, problem.axis, problem.axis)


def torch_layers(problem: Problem, vector: Float64Array) -> list[tuple[Any, Any]]:
    """Return weights (fan_in, fan_out) and bias of every layer of a flat vector as float32 tensors."""
    import torch

    return [tuple(torch.tensor(part, dtype=torch.float32) for part in layer[:2]) for layer in problem.spec.views(vector)]  # type: ignore[misc]


def torch_targets(problem: Problem) -> Any:
    """Return targets of shape (n_rows, n_outputs) as torch takes them: 1 for class 1 where ours are signs."""
    import torch

    targets = problem.targets.T
    return torch.tensor(0.5 - 0.5 * targets if problem.spec.loss == "bce" else targets, dtype=torch.float32)


def torch_losses(problem: Problem, output: Any) -> Any:
    """Return the mean loss of each network of a batch; `output` has the shape (n_networks, n_rows, n_outputs)."""
    from torch.nn import functional

    targets = torch_targets(problem)
    if problem.spec.loss == "bce":
        return functional.binary_cross_entropy_with_logits(output, targets.expand_as(output), reduction="none").mean(dim=(1, 2))
    return -(functional.log_softmax(output, dim=2) * targets).sum(dim=2).mean(dim=1)


def torch_batched(problem: Problem) -> Float64Array:
    """Compute the surface with PyTorch, all networks of a grid line in one batch."""
    import torch

    activation = getattr(torch.nn.functional, problem.case.activation)
    plane = problem.plane
    stacked = [torch_layers(problem, vector) for vector in (plane.origin, plane.direction_1, plane.direction_2)]
    X = torch.tensor(problem.X.T, dtype=torch.float32)
    betas = torch.tensor(problem.axis, dtype=torch.float32)[:, None, None]
    losses = np.empty((len(problem.axis), len(problem.axis)))
    with torch.no_grad():
        for i, alpha in enumerate(problem.axis.tolist()):
            hidden = X.expand(len(problem.axis), *X.shape)
            for index, (origin, first, second) in enumerate(zip(*stacked, strict=True)):
                weights = origin[0] + alpha * first[0] + betas * second[0]
                bias = origin[1] + alpha * first[1] + betas * second[1]
                hidden = torch.baddbmm(bias, hidden, weights)
                if index < problem.spec.n_layers - 1:
                    hidden = activation(hidden)
            losses[i] = torch_losses(problem, hidden).numpy()
    return losses


def torch_model(problem: Problem) -> Any:
    """Return the network as a PyTorch module."""
    import torch

    activations = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "gelu": torch.nn.GELU, "silu": torch.nn.SiLU}
    layers: list[Any] = []
    for weights, bias in torch_layers(problem, problem.parameters):
        linear = torch.nn.Linear(*weights.shape)
        linear.weight.data, linear.bias.data = weights.T.contiguous(), bias
        layers += [linear, activations[problem.case.activation]()]
    return torch.nn.Sequential(*layers[:-1])


def loss_landscapes(problem: Problem) -> Callable[[], Any]:
    """Return the call that makes loss-landscapes compute a random plane of the same size."""
    import loss_landscapes
    import loss_landscapes.metrics
    import torch

    X = torch.tensor(problem.X.T, dtype=torch.float32)
    if problem.spec.loss == "bce":
        criterion: Any = torch.nn.BCEWithLogitsLoss()
        targets = torch_targets(problem)
    else:
        criterion, targets = torch.nn.CrossEntropyLoss(), torch.tensor(problem.targets.argmax(axis=0))
    metric = loss_landscapes.metrics.Loss(criterion, X, targets)
    model = torch_model(problem)
    return lambda: loss_landscapes.random_plane(model, metric, distance=1, steps=problem.case.grid, normalization="filter")


def contestants(problem: Problem) -> dict[str, Callable[[], Any]]:
    """Return the calls to measure: ours, and every peer that is installed."""
    calls: dict[str, Callable[[], Any]] = {"ours": lambda: ours(problem)}
    if find_spec("torch") is None:
        return calls
    import torch

    torch.set_num_threads(1)
    if find_spec("loss_landscapes") is not None:
        calls["loss_landscapes"] = loss_landscapes(problem)
    calls["torch_batched"] = lambda: torch_batched(problem)
    difference = np.abs(torch_batched(problem) / ours(problem) - 1.0).max()
    if difference > LARGEST_DIFFERENCE:
        raise AssertionError(
            f"{problem.case.name}: torch gives other losses than ours, by up to {difference:.1e} of their size."
        )
    return calls


def milliseconds(call: Callable[[], Any]) -> float:
    """Return the time of one call."""
    start = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - start)


def measure(case: Case, repeats: int) -> dict[str, Any]:
    """Return the figures of a case: medians over `repeats` rounds, after one round that does not count."""
    calls = contestants(Problem(case))
    rounds = [{name: milliseconds(call) for name, call in calls.items()} for _ in range(repeats + 1)][1:]
    medians = {name: median(times[name] for times in rounds) for name in calls}
    shape = {"name": case.name, "activation": case.activation, "grid": case.grid, "rows": case.n_rows}
    return {**shape, "ms": medians.pop("ours"), "peers_ms": medians}


def measure_kinds(activation: str, repeats: int) -> dict[str, Any]:
    """Return the medians for networks of one activation, by the kind of their layers."""
    problems = {kind: Problem(replace(KIND, activation=activation, **layers)) for kind, layers in KINDS.items()}
    rounds = [
        {kind: milliseconds(lambda: ours(problem)) for kind, problem in problems.items()}  # noqa: B023 - called at once
        for _ in range(repeats + 1)
    ][1:]
    return {"activation": activation, "ms": {kind: median(times[kind] for times in rounds) for kind in problems}}


def row(figures: dict[str, Any]) -> list[str]:
    """Return a case as a line of the table."""
    cells = [
        figures["name"],
        figures["activation"],
        f"{figures['grid']} x {figures['grid']}",
        f"{figures['rows']:,}",
        f"{figures['ms']:.1f}",
    ]
    for peer in ("loss_landscapes", "torch_batched"):
        ms = figures["peers_ms"].get(peer)
        cells += ["not installed", ""] if ms is None else [f"{ms:.1f}", f"{ms / figures['ms']:.1f} x"]
    return cells


def main() -> None:
    """Run all cases and print the table."""
    arguments = parser("Milliseconds for a loss surface beside peers.").parse_args()
    with threadpool_limits(1):
        cases = [measure(case, arguments.repeats) for case in CASES]
        kinds = [measure_kinds(activation, arguments.repeats) for activation in ACTIVATIONS]
    head = ["network", "activation", "grid", "rows", "ms", "loss-landscapes", "", "torch batched", ""]
    print_table("Loss surfaces, ms (times ours)", head, [row(figures) for figures in cases])
    rows = [[each["activation"], *(f"{ms:.1f}" for ms in each["ms"].values())] for each in kinds]
    title = f"{KIND.name}, {KIND.grid} x {KIND.grid}, {KIND.n_rows} rows, ms"
    print_table(title, ["activation", *KINDS], rows)
    write_json(arguments.json, [*cases, *kinds])


if __name__ == "__main__":
    main()
