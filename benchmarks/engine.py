"""Steps per second of the trainer beside PyTorch (eager), scikit-learn and JAX: same network, same batches.

A step is one update on one batch: forward, loss, backward, optimizer. Every repeat measures all of them one after the other, so
that a machine that slows down slows them alike; the ratios are medians of the repeats' own ratios. `--threads` leaves the
libraries their default number of threads (the program itself trains on one, beside its window).
"""

from __future__ import annotations

import contextlib
import statistics
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.engine_peers import PEERS, Case, steps_per_second
from benchmarks.report import parser, print_table, write_json
from engine.settings import make_settings
from engine.trainer import Trainer, quiet

CASES = (
    Case("2-4-2-1", 2, (4, 2), 2, 10, "sgd", "bce"),
    Case("2-8-8-1", 2, (8, 8), 2, 32, "adam", "bce"),
    Case("30-64-64-2", 30, (64, 64), 2, 64, "adam", "cross_entropy"),
    Case("784-256-128-10", 784, (256, 128), 10, 128, "adam", "cross_entropy", precision="float32", n_rows=1280),
    Case("2-4-2-1 tanh", 2, (4, 2), 2, 10, "sgd", "bce", "tanh"),
    Case("2-8-8-1 tanh", 2, (8, 8), 2, 32, "adam", "bce", "tanh"),
    Case("30-64-64-2 tanh", 30, (64, 64), 2, 64, "adam", "cross_entropy", "tanh"),
)
"""The first four with ReLU, as scikit-learn has it by default; tanh, which NumPy computes slowly, beside them."""


def ours(case: Case) -> float:
    """Measure the trainer."""
    settings = make_settings(
        hidden=case.hidden,
        activation=(case.activation,),
        batch_size=case.batch_size,
        optimizer=case.optimizer,
        precision=case.precision,
        loss=case.loss,
    )
    trainer = Trainer(settings, case.data)
    with quiet():
        return steps_per_second(trainer.take_step_unguarded)


def measure(case: Case, repeats: int) -> dict[str, Any]:
    """Return the medians of our steps and every installed peer's, and the medians of the ratios."""
    figures: dict[str, list[float]] = {"ours": []}
    for _ in range(repeats):
        figures["ours"].append(ours(case))
        for name, peer in PEERS.items():
            with contextlib.suppress(ModuleNotFoundError):
                figures.setdefault(name, []).append(peer(case))
    own = figures.pop("ours")
    return {
        "name": case.name,
        "batch_size": case.batch_size,
        "optimizer": case.optimizer,
        "dtype": case.precision,
        "activation": case.activation,
        "steps_per_second": statistics.median(own),
        "peers": {name: statistics.median(values) for name, values in figures.items()},
        "ratios": {
            name: statistics.median(mine / theirs for mine, theirs in zip(own, values, strict=True))
            for name, values in figures.items()
        },
    }


def main() -> None:
    """Measure every case beside every peer that is installed."""
    options = parser(__doc__ or "", repeats=5)
    options.add_argument("--threads", action="store_true", help="leave every library its default number of threads")
    options.add_argument("--case", metavar="NAME", help="measure this case only")
    arguments = options.parse_args()
    limit = contextlib.nullcontext() if arguments.threads else _one_thread()
    with limit:
        cases = [measure(case, arguments.repeats) for case in CASES if arguments.case in (None, case.name)]
    rows = []
    for case in cases:
        peers, ratios = case["peers"], case["ratios"]
        cells = [f"{peers[name]:,.0f} ({ratios[name]:.1f}x)" if name in peers else "-" for name in PEERS]
        name = f"{case['name']} batch {case['batch_size']} {case['optimizer']} {case['dtype']}"
        rows.append([name, f"{case['steps_per_second']:,.0f}", *cells])
    print_table("Steps per second (median; in brackets how many times faster we are)", ["network", "ours", *PEERS], rows)
    write_json(arguments.json, cases)


@contextlib.contextmanager
def _one_thread() -> Any:
    """Hold BLAS and PyTorch at one thread; JAX, which can't be held, gains nothing from more at these sizes."""
    try:
        import torch
    except ModuleNotFoundError:
        torch = None
    before = torch.get_num_threads() if torch is not None else 1
    if torch is not None:
        torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        if torch is not None:
            torch.set_num_threads(before)


if __name__ == "__main__":
    main()
