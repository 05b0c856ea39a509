"""Going to random steps of a long run: how long a jump takes, and how much memory the history holds."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.report import parser, print_table, write_json
from engine.data.examples.catalogue import example_data
from engine.history import History
from engine.memory_budget import MemoryBudget
from engine.settings import make_settings
from engine.trainer import Trainer

STEPS = 1_000_000
JUMPS = 300


def main() -> None:
    """Train the default network for a million steps, then jump."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--steps", type=int, default=STEPS, help=f"length of the run [default: {STEPS}]")
    given = arguments.parse_args()
    settings = make_settings()
    history = History(
        Trainer(settings, example_data("two_moons", validation=settings.validation, seed=settings.seed)), MemoryBudget()
    )
    start = time.perf_counter()
    history.advance(given.steps)
    seconds = time.perf_counter() - start
    rng = np.random.default_rng(0)
    times = []
    for step in rng.integers(0, given.steps, JUMPS):
        start = time.perf_counter()
        history.go_to(int(step))
        times.append((time.perf_counter() - start) * 1000)
    p50, p95, largest = np.percentile(times, [50, 95, 100])
    memory = history.budget.used_bytes / 2**20
    limit = history.budget.limit_bytes / 2**20
    row = [
        "2-8-8-1",
        f"{given.steps:,}",
        f"{given.steps / seconds:,.0f}",
        f"{p50:.1f}",
        f"{p95:.1f}",
        f"{largest:.1f}",
        f"{memory:.0f} of {limit:.0f}",
    ]
    head = ["network", "steps", "steps/s", "jump p50 ms", "p95 ms", "max ms", "history MB"]
    print_table(f"{JUMPS} jumps to random steps (stride {history.branch.stride})", head, [row])
    case = {
        "name": "2-8-8-1",
        "steps": given.steps,
        "jump_p95_ms": float(p95),
        "memory_mb": memory,
        "steps_per_second": given.steps / seconds,
    }
    write_json(given.json, [case])


if __name__ == "__main__":
    main()
