"""Training in the window beside training without one: steps and frames per second, and how late the window's timers are.

"Bare" is the loop of a run without a window: trainer, history, and the measurement at every epoch's end; measured before and
after the window, and averaged. The window is 1440 x 900 on a virtual X display, every panel visible, full speed. Lateness is
that of a 10 ms probe timer in the GUI thread: how much later than due it fires.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.report import parser, print_table, write_json
from benchmarks.tables import random_table
from benchmarks.virtual_display import virtual_display
from engine.data.examples.catalogue import example_data
from engine.data.prepared import PreparedData
from engine.history import History
from engine.settings import Settings, make_settings
from engine.trainer import Trainer

BARE_SECONDS = 2.0
WARM_UP_SECONDS = 2.0
WINDOW_SECONDS = 6.0
PROBE_MS = 10


@dataclass(frozen=True)
class Case:
    """What is trained."""

    name: str
    settings: Settings
    data: PreparedData


@dataclass(frozen=True)
class Figures:
    """What was measured in one run of a case."""

    bare: float
    window: float
    frames: float
    lateness_ms: np.ndarray


def cases() -> list[Case]:
    """Return the default example, a network with a quarter of a million parameters, and one with a million rows to validate."""
    settings = make_settings()
    wide = make_settings(hidden=(256, 128), batch_size=128, precision="float32")
    return [
        Case("default", settings, example_data("two_moons", validation=settings.validation, seed=settings.seed)),
        Case("784-256-128-10", wide, random_table(784, 10, 4_000, 1_000)),
        Case("1,000,000 x 20 validated", settings, random_table(20, 2, 64_000, 1_000_000)),
    ]


def bare_steps_per_second(case: Case) -> float:
    """Measure the loop of a run without a window."""
    history = History(Trainer(case.settings, case.data))
    history.advance(2**62, 0.3)
    start = time.perf_counter()
    taken = history.advance(2**62, BARE_SECONDS)
    return taken / (time.perf_counter() - start)


def measure_window(case: Case) -> tuple[float, float, np.ndarray]:
    """Return steps per second, frames per second and latenesses in ms."""
    from PySide6.QtCore import QElapsedTimer, Qt, QTimer

    from gui.appearance import Appearance
    from gui.main_window import MainWindow
    from gui.preferences import Preferences
    from gui.qt_application import make_application

    application = make_application()
    window = MainWindow(Appearance(application, "light"), Preferences(), case.settings)
    window.resize(1440, 900)
    window.reset_layout()
    window.session.start_run(case.settings, case.data)
    window.show()
    lateness: list[float] = []
    clock = QElapsedTimer()
    probe = QTimer()
    probe.setTimerType(Qt.TimerType.PreciseTimer)
    probe.setSingleShot(True)

    def fire() -> None:
        lateness.append(clock.nsecsElapsed() / 1e6 - PROBE_MS)
        arm()

    def arm() -> None:
        clock.start()
        probe.start(PROBE_MS)

    probe.timeout.connect(fire)
    marks: list[tuple[float, int, int]] = []

    def mark() -> None:
        snapshot = window.session.snapshot
        marks.append((time.perf_counter(), snapshot.step if snapshot else 0, window.frames_shown))
        if len(marks) == 1:
            lateness.clear()

    QTimer.singleShot(500, window.session.play)
    QTimer.singleShot(int(500 + WARM_UP_SECONDS * 1000), mark)
    QTimer.singleShot(int(500 + (WARM_UP_SECONDS + WINDOW_SECONDS) * 1000), mark)
    QTimer.singleShot(int(600 + (WARM_UP_SECONDS + WINDOW_SECONDS) * 1000), application.quit)
    arm()
    application.exec()
    probe.stop()
    window.shut_down()
    window.close()
    window.deleteLater()
    application.processEvents()
    (begin, first_step, first_frame), (end, last_step, last_frame) = marks
    return (last_step - first_step) / (end - begin), (last_frame - first_frame) / (end - begin), np.array(lateness)


def measure(case: Case) -> Figures:
    """Measure one case once: bare, window, bare."""
    before = bare_steps_per_second(case)
    steps, frames, lateness = measure_window(case)
    after = bare_steps_per_second(case)
    print(f"  {case.name}: bare before {before:,.0f}/s, after {after:,.0f}/s, window {steps:,.0f}/s, {frames:.1f} frames/s")
    return Figures((before + after) / 2, steps, frames, lateness)


def first_paint_seconds() -> float:
    """Return the time from the start of a process to the first paint of its window."""
    start = time.time()
    answer = subprocess.run([sys.executable, "-m", "benchmarks.first_paint"], capture_output=True, text=True, check=True)
    return float(answer.stdout.split()[-1]) - start


def main() -> None:
    """Measure every case and the start."""
    options = parser(__doc__ or "")
    options.add_argument("--case", metavar="NAME", help="measure this case only")
    given = options.parse_args()
    written, rows = [], []
    with virtual_display(), threadpool_limits(1, user_api="blas"):
        first_paint_seconds()  # the first start fills the caches
        first_paint = statistics.median(first_paint_seconds() for _ in range(given.repeats))
        for case in (case for case in cases() if given.case in (None, case.name)):
            runs = [measure(case) for _ in range(given.repeats)]
            bare, steps, frames = (
                statistics.median(getattr(run, name) for run in runs) for name in ("bare", "window", "frames")
            )
            share = statistics.median(run.window / run.bare for run in runs)
            late = {
                name: statistics.median(float(np.percentile(run.lateness_ms, point)) for run in runs)
                for name, point in (("p50", 50), ("p95", 95), ("p99", 99), ("max", 100))
            }
            rows.append(
                [
                    case.name,
                    f"{bare:,.0f}",
                    f"{steps:,.0f}",
                    f"{share:.0%}",
                    f"{frames:.1f}",
                    *(f"{late[name]:.1f}" for name in late),
                ]
            )
            written.append(
                {
                    "name": case.name,
                    "bare_steps_per_second": bare,
                    "window_steps_per_second": steps,
                    "share_of_bare": share,
                    "frames_per_second": frames,
                    "lateness_ms": late,
                    "first_paint_s": first_paint,
                }
            )
    head = ["network", "bare steps/s", "in the window", "share", "frames/s", "late p50 ms", "p95", "p99", "max"]
    print_table("Training in the window (medians)", head, rows)
    print(f"First paint {first_paint:.2f} s after the start of the process (median of {given.repeats}, caches warm)")
    write_json(given.json, written)


if __name__ == "__main__":
    main()
