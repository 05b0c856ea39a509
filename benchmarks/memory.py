"""Memory of the program while a million steps are played in the window: what the history holds, and what else grows."""

from __future__ import annotations

from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.report import parser, print_table, write_json
from benchmarks.virtual_display import virtual_display
from engine.data.examples.catalogue import DEFAULT_EXAMPLE
from engine.settings import Settings

STEPS = 1_000_000
FIRST_STEP = 20_000
"""Memory is counted from here on: everything is loaded, every picture was drawn."""

LOOK_MS = 500
MB = 2**20


def resident_mb() -> float:
    """Return the memory of this process that is in use, in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / MB


def main() -> None:
    """Play, and compare memory at the beginning and at the end."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--steps", type=int, default=STEPS, help=f"length of the run [default: {STEPS}]")
    given = arguments.parse_args()
    with virtual_display(), threadpool_limits(1, user_api="blas"):
        marks = play(given.steps)
    (first_step, first, held_first), (last_step, last, held_last) = marks[0], marks[-1]
    # What thinning frees stays with the process and is used again, so the largest history so far is what it needs.
    history, total = max(held for _, _, held in marks) - held_first, last - first
    head = ["from step", "to step", "process grew MB", "history and curve at most MB", "now MB", "rest MB"]
    held = (f"{history:.0f}", f"{held_last - held_first:.0f}")
    row = [f"{first_step:,}", f"{last_step:,}", f"{total:.0f}", *held, f"{total - history:.0f}"]
    print_table("Memory", head, [row])
    write_json(given.json, [{"name": "2-8-8-1", "steps": last_step, "grown_mb": total, "history_mb": history}])


def play(steps: int) -> list[tuple[int, float, float]]:
    """Return step, memory of the process and memory of history and curve, twice a second from `FIRST_STEP` on."""
    from PySide6.QtCore import QTemporaryDir, QTimer

    from gui.appearance import Appearance
    from gui.main_window import MainWindow
    from gui.preferences import Preferences
    from gui.qt_application import make_application

    application = make_application()
    folder = QTemporaryDir()
    window = MainWindow(Appearance(application, "light"), Preferences(folder.filePath("preferences.ini")), Settings())
    window.open_example(DEFAULT_EXAMPLE)
    window.show()
    marks: list[tuple[int, float, float]] = []

    def look() -> None:
        snapshot = window.session.snapshot
        if snapshot is not None and snapshot.step >= FIRST_STEP:
            held = window.session._worker._budget.used_bytes + window.curve.nbytes
            marks.append((snapshot.step, resident_mb(), held / MB))
            if snapshot.step >= steps:
                application.quit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    QTimer.singleShot(LOOK_MS, window.session.play)
    application.exec()
    timer.stop()
    window.close()
    return marks


if __name__ == "__main__":
    main()
