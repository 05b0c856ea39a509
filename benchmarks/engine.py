"""Steps per second of the trainer beside PyTorch (eager) and scikit-learn, same network, same batches, one thread.

A step is one update on one batch: forward, loss, backward, optimizer. Peers run in their plain form: a torch training loop with
zero_grad, forward, loss, backward, step; scikit-learn's MLP through partial_fit on one batch.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.report import median_of, parser, print_table, write_json
from benchmarks.tables import random_table
from engine.data.prepared import PreparedData
from engine.settings import make_settings
from engine.trainer import Trainer, quiet

SECONDS = 0.6
"""Time each measurement lasts."""


@dataclass(frozen=True)
class Case:
    """A network, its batch and its optimizer."""

    name: str
    n_inputs: int
    hidden: tuple[int, ...]
    n_classes: int
    batch_size: int
    optimizer: str
    precision: str = "float64"
    n_rows: int = 960

    @property
    def data(self) -> PreparedData:
        """A table of the right shape."""
        return random_table(self.n_inputs, self.n_classes, self.n_rows)


CASES = (
    Case("2-4-2-1", 2, (4, 2), 2, 10, "sgd"),
    Case("2-8-8-1", 2, (8, 8), 2, 32, "adam"),
    Case("30-64-64-2", 30, (64, 64), 2, 64, "adam"),
    Case("784-256-128-10", 784, (256, 128), 10, 128, "adam", "float32", 1280),
)


def steps_per_second(step: Callable[[], Any]) -> float:
    """Return how often `step` runs in a second."""
    for _ in range(20):
        step()
    done, start = 0, time.perf_counter()
    while True:
        for _ in range(10):
            step()
        done += 10
        elapsed = time.perf_counter() - start
        if elapsed >= SECONDS:
            return done / elapsed


def ours(case: Case) -> float:
    """Measure the trainer."""
    trainer = Trainer(
        make_settings(
            hidden=case.hidden,
            batch_size=case.batch_size,
            optimizer=case.optimizer,
            precision=case.precision,
            loss="cross_entropy" if case.name == "30-64-64-2" else "auto",
        ),
        case.data,
    )
    with quiet():
        return steps_per_second(trainer.take_step_unguarded)


def torch_eager(case: Case) -> float:
    """Measure a plain PyTorch loop."""
    import torch

    torch.set_num_threads(1)
    kind = getattr(torch, case.precision)
    data = case.data
    n_outputs = 1 if case.n_classes == 2 and case.name != "30-64-64-2" else case.n_classes
    layers: list[torch.nn.Module] = []
    sizes = (case.n_inputs, *case.hidden, n_outputs)
    for fan_in, fan_out in pairwise(sizes):
        layers += [torch.nn.Linear(fan_in, fan_out, dtype=kind), torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])
    X = torch.tensor(data.X_train, dtype=kind)
    y = (
        torch.tensor(data.y_train, dtype=kind).reshape(-1, 1)
        if n_outputs == 1
        else torch.tensor(data.y_train, dtype=torch.int64)
    )
    loss_function = torch.nn.BCEWithLogitsLoss() if n_outputs == 1 else torch.nn.CrossEntropyLoss()
    rate = 0.01
    optimizer = (
        torch.optim.Adam(model.parameters(), lr=rate)
        if case.optimizer == "adam"
        else torch.optim.SGD(model.parameters(), lr=rate)
    )
    starts = np.arange(0, case.n_rows - case.batch_size + 1, case.batch_size)
    place = 0

    def step() -> None:
        nonlocal place
        start = int(starts[place % len(starts)])
        place += 1
        rows = slice(start, start + case.batch_size)
        optimizer.zero_grad()
        loss = loss_function(model(X[rows]), y[rows])
        loss.backward()
        optimizer.step()

    return steps_per_second(step)


def scikit_learn(case: Case) -> float:
    """Measure scikit-learn's MLP over whole epochs of its own loop."""
    from sklearn.neural_network import MLPClassifier

    data = case.data
    X, y = data.X_train.astype(case.precision), data.y_train.astype(int)
    batches = case.n_rows // case.batch_size
    epochs, elapsed = 2, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that it was stopped before it converged
        while elapsed < SECONDS:
            epochs *= 2
            model = MLPClassifier(
                case.hidden,
                activation="tanh",
                solver=case.optimizer,
                batch_size=case.batch_size,
                momentum=0.0,
                nesterovs_momentum=False,
                alpha=0.0,
                max_iter=epochs,
                tol=0.0,
                n_iter_no_change=10**9,
            )
            start = time.perf_counter()
            model.fit(X, y)
            elapsed = time.perf_counter() - start
    return epochs * batches / elapsed


PEERS: dict[str, Callable[[Case], float]] = {"torch": torch_eager, "sklearn": scikit_learn}


def main() -> None:
    """Measure every case beside every peer that is installed."""
    arguments = parser(__doc__ or "").parse_args()
    cases, rows = [], []
    with threadpool_limits(1, user_api="blas"):
        for case in CASES:
            own = median_of(lambda case=case: ours(case), arguments.repeats)
            peers = {}
            for name, measure in PEERS.items():
                try:
                    peers[name] = median_of(lambda case=case, measure=measure: measure(case), arguments.repeats)
                except ModuleNotFoundError:
                    continue
            cases.append(
                {
                    "name": case.name,
                    "batch_size": case.batch_size,
                    "optimizer": case.optimizer,
                    "dtype": case.precision,
                    "steps_per_second": own,
                    "peers": peers,
                }
            )
            ratios = [f"{peers[name]:,.0f} ({own / peers[name]:.1f}x)" if name in peers else "-" for name in PEERS]
            rows.append([f"{case.name} batch {case.batch_size} {case.optimizer} {case.precision}", f"{own:,.0f}", *ratios])
    print_table("Steps per second (median; in brackets how many times faster we are)", ["network", "ours", *PEERS], rows)
    write_json(arguments.json, cases)


if __name__ == "__main__":
    main()
