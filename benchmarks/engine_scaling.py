"""What a step costs against width and depth, and how much memory it takes for the moment it lasts.

Prints a table of microseconds per step for hidden layers of equal width, and with `--plot FILE.png` draws it. Memory is traced:
`temporary` is what a step asks for beyond what is there already, `growth` what a few hundred steps leave behind.
"""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
from math import log10
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.report import median_of, parser, print_table, write_json
from benchmarks.tables import random_table
from engine.settings import make_settings
from engine.trainer import RESCUE_STRIDE, Trainer, quiet

WIDTHS = (2, 4, 8, 16, 32, 64, 128, 256)
DEPTHS = (1, 2, 4, 8)
BATCH_SIZE = 32
N_STEPS = 240


def new_trainer(width: int, depth: int) -> Trainer:
    """Return a trainer of so many hidden layers on two inputs, at its first step."""
    settings = make_settings(hidden=(width,) * depth, batch_size=BATCH_SIZE, optimizer="adam")
    trainer = Trainer(settings, random_table(2, 2, 960))
    trainer.take_step()
    return trainer


def step_us(trainer: Trainer) -> float:
    """Return the time of a step in microseconds."""
    done, start = 0, time.perf_counter()
    with quiet():
        while time.perf_counter() - start < 0.2:
            for _ in range(5):
                trainer.take_step_unguarded()
            done += 5
    return 1e6 * (time.perf_counter() - start) / done


def traced_bytes(trainer: Trainer) -> tuple[int, int]:
    """Return the most memory that a step takes for a moment, and what is left behind by a few hundred steps, in bytes."""
    tracemalloc.start()
    for _ in range(2 * RESCUE_STRIDE):  # what is made once, or replaced now and then, is there (and traced) afterwards
        trainer.take_step()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    trainer.take_step()
    temporary = tracemalloc.get_traced_memory()[1] - before
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(N_STEPS):
        trainer.take_step()
    gc.collect()
    growth = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return temporary, growth


def main() -> None:
    """Measure every width and depth."""
    options = parser(__doc__ or "")
    options.add_argument("--plot", metavar="FILE.png", type=Path, help="also draw the times")
    arguments = options.parse_args()
    cases = []
    with threadpool_limits(1, user_api="blas"):
        for depth in DEPTHS:
            for width in WIDTHS:
                trainer = new_trainer(width, depth)
                microseconds = median_of(lambda trainer=trainer: step_us(trainer), arguments.repeats)
                temporary, growth = traced_bytes(new_trainer(width, depth))
                case = {
                    "width": width,
                    "depth": depth,
                    "us": microseconds,
                    "temporary_bytes": temporary,
                    "growth_bytes": growth,
                }
                cases.append(case)
    figures = {(case["width"], case["depth"]): case for case in cases}
    head = ["hidden layers", *(f"width {width}" for width in WIDTHS)]
    for title, name in (("Microseconds per step, batch 32, Adam", "us"), ("Bytes a step takes for a moment", "temporary_bytes"),
                        ("Bytes left behind by 240 steps", "growth_bytes")):  # fmt: skip
        rows = [[str(depth), *(f"{figures[width, depth][name]:,.0f}" for width in WIDTHS)] for depth in DEPTHS]
        print_table(title, head, rows)
    write_json(arguments.json, cases)
    if arguments.plot is not None:
        draw({key: case["us"] for key, case in figures.items()}, arguments.plot)


def draw(microseconds: dict[tuple[int, int], float], path: Path) -> None:
    """Draw time against width, a line for each depth, both axes logarithmic."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    plot = pg.PlotWidget(background="w")
    plot.setLogMode(x=True, y=True)
    plot.getAxis("bottom").setTicks([[(log10(width), str(width)) for width in WIDTHS]])
    plot.addLegend(offset=(20, 20), labelTextColor="k")
    plot.setLabels(bottom="units per hidden layer", left="microseconds per step (batch 32, Adam, float64)")
    for place, depth in enumerate(DEPTHS):
        times = [microseconds[width, depth] for width in WIDTHS]
        name = f"{depth} hidden layer{'s' * (depth > 1)}"
        plot.plot(WIDTHS, times, pen=pg.mkPen(pg.intColor(place, len(DEPTHS)), width=2), symbol="o", symbolSize=6, name=name)
    plot.resize(900, 600)
    plot.grab().save(str(path))
    plot.close()
    del application


if __name__ == "__main__":
    main()
