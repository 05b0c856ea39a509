"""Reading files: time and memory from a path to a data set ready for training, and how late the window's timers are meanwhile.

Each measurement runs in a process of its own, so that nothing is imported, cached or held from another one; the file itself is
in the system's cache. The large file has 1,000,000 rows and 20 columns (145 MB): 14 of fractions, three of them with 3 %
missing, 3 of whole numbers, 3 of 4, 6 and 12 categories. Seconds count from the path to the prepared data (recognise, read,
describe, split, encode), the import of the parser with them; the peak is that of the whole process. Lateness is that of a 10 ms
probe timer in the thread of a window that plays the default example off screen at full speed while the data session reads the
file. "Cancelled" counts from the request to stop, halfway through the file, until the reader has stopped. The other cases are
files that must be answered at once, with a table or a refusal.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import parser, print_table, write_json

N_ROWS = 1_000_000
FRACTIONS, WHOLE, CATEGORIES = 14, 3, (4, 6, 12)
MISSING_COLUMNS, MISSING_SHARE = 3, 0.03
BLOCK_ROWS = 50_000
PROBE_MS = 10
WARM_UP_MS = 3000
MAX_COLUMNS = 8192


def write_large(path: Path, n_rows: int = N_ROWS) -> None:
    """Write the table of a million rows."""
    rng = np.random.default_rng(0)
    names = [f"x{n}" for n in range(FRACTIONS)] + [f"n{n}" for n in range(WHOLE)] + [f"c{n}" for n in range(len(CATEGORIES))]
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write(",".join(names) + "\n")
        for _ in range(0, n_rows, BLOCK_ROWS):
            columns = [_fractions(rng, n < MISSING_COLUMNS) for n in range(FRACTIONS)]
            columns += [rng.integers(0, 100_000, BLOCK_ROWS).astype(str).tolist() for _ in range(WHOLE)]
            columns += [[f"level {code}" for code in rng.integers(0, count, BLOCK_ROWS).tolist()] for count in CATEGORIES]
            file.writelines(",".join(row) + "\n" for row in zip(*columns, strict=True))


def _fractions(rng: np.random.Generator, has_missing: bool) -> list[str]:
    cells = [f"{number:.4f}" for number in rng.normal(scale=3.0, size=BLOCK_ROWS).tolist()]
    if has_missing:
        for row in np.flatnonzero(rng.random(BLOCK_ROWS) < MISSING_SHARE).tolist():
            cells[row] = ""
    return cells


def write_wide(path: Path, n_columns: int) -> None:
    """Write a table of many columns and two rows."""
    row = ",".join(["1.5"] * n_columns)
    path.write_text(",".join(f"c{n}" for n in range(n_columns)) + f"\n{row}\n{row}\n", encoding="ascii")


def write_huge_cell(path: Path) -> None:
    """Write a table with a quoted cell of 10 MB."""
    path.write_text('a,b\n1,x\n2,"' + "lorem ipsum " * 870_000 + '"\n3,y\n', encoding="ascii")


def peak_mb() -> float:
    """Return the largest memory this process ever had in use, in MB (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure_ready(path: Path) -> dict[str, float]:
    """Return seconds and peak memory from the path to prepared data."""
    from engine.data.loading import load_file
    from engine.settings import Settings

    start = time.perf_counter()
    data = load_file(path, Settings())
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "peak_mb": peak_mb(), "rows": len(data.X_train) + len(data.X_validation)}


def measure_answer(path: Path) -> dict[str, float]:
    """Return seconds until a file is read or refused."""
    from engine.data.columns.suggestion import describe_columns
    from engine.data.errors import DataError
    from engine.data.table import read_table

    start = time.perf_counter()
    try:
        describe_columns(read_table(path))
    except DataError as error:
        print(f"  {error}", file=sys.stderr)
    return {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}


def measure_cancel(path: Path) -> dict[str, float]:
    """Return seconds from asking to stop until reading has stopped, halfway through the file."""
    from engine.data.errors import ReadingCancelled
    from engine.data.table import read_table

    halfway, stop = threading.Event(), threading.Event()
    stopped: list[float] = []

    def progress(share: float) -> None:
        if share > 0.5:
            halfway.set()

    def read() -> None:
        try:
            read_table(path, progress=progress, cancelled=stop.is_set)
        except ReadingCancelled:
            stopped.append(time.perf_counter())

    thread = threading.Thread(target=read)
    thread.start()
    halfway.wait()
    asked = time.perf_counter()
    stop.set()
    thread.join()
    return {"seconds": stopped[0] - asked, "peak_mb": peak_mb()}


def measure_lateness(path: Path) -> dict[str, float]:
    """Return how late a timer is in a window that plays while the data session makes the file ready, and how long that took."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QElapsedTimer, Qt, QTemporaryDir, QTimer

    from engine.data.examples.catalogue import DEFAULT_EXAMPLE
    from engine.settings import Settings
    from gui.appearance import Appearance
    from gui.main_window import MainWindow
    from gui.preferences import Preferences
    from gui.qt_application import make_application
    from gui.session.data_session import DataFailure, DataSession, Source

    application = make_application()
    folder = QTemporaryDir()
    window = MainWindow(Appearance(application, "light"), Preferences(folder.filePath("preferences.ini")), Settings())
    window.resize(1440, 900)
    window.open_example(DEFAULT_EXAMPLE)
    window.show()
    session = DataSession()
    lateness: list[float] = []
    times: list[float] = []
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

    def begin() -> None:
        lateness.clear()
        times.append(time.perf_counter())
        session.read(path)

    def fail(failure: DataFailure) -> None:
        raise RuntimeError(failure.sentence)

    def end() -> None:
        times.append(time.perf_counter())
        application.quit()

    probe.timeout.connect(fire)
    session.table_read.connect(lambda read: session.prepare(Source(table=read), Settings()))
    session.data_ready.connect(end)
    session.failed.connect(fail)
    QTimer.singleShot(500, window.session.play)
    QTimer.singleShot(WARM_UP_MS, begin)
    arm()
    application.exec()
    probe.stop()
    session.shut_down()
    window.close()
    points = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    late = {f"lateness_{name}_ms": float(np.percentile(lateness, point)) for name, point in points.items()}
    return {"seconds_beside_window": times[1] - times[0], **late}


MEASUREMENTS: dict[str, Callable[[Path], dict[str, float]]] = {
    "ready": measure_ready,
    "answer": measure_answer,
    "cancel": measure_cancel,
    "lateness": measure_lateness,
}


def in_process(measurement: str, path: Path, repeats: int) -> dict[str, float]:
    """Run a measurement in fresh processes; return the median of each figure."""
    command = [sys.executable, "-m", "benchmarks.data", "--measure", measurement, "--file", str(path)]
    runs = []
    for _ in range(repeats):
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode:
            raise RuntimeError(f"the measurement {measurement!r} failed:\n{answer.stderr}")
        runs.append(json.loads(answer.stdout.splitlines()[-1]))
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def measure_all(folder: Path, repeats: int) -> list[dict[str, Any]]:
    """Write the files and measure every case."""
    large, wide, widest, cell = (folder / name for name in ("large.csv", "wide.csv", "widest.csv", "cell.csv"))
    write_large(large)
    write_wide(wide, 10_000)
    write_wide(widest, MAX_COLUMNS)
    write_huge_cell(cell)
    ready = in_process("ready", large, repeats)
    return [
        {"name": "1M x 20", "mb": large.stat().st_size / 1e6, **ready, **in_process("lateness", large, repeats)},
        {"name": "1M x 20, cancelled", **in_process("cancel", large, repeats)},
        {"name": "10,000 columns", **in_process("answer", wide, repeats)},
        {"name": "8,192 columns", **in_process("answer", widest, repeats)},
        {"name": "10 MB cell", **in_process("answer", cell, repeats)},
    ]


def main() -> None:
    """Measure every case, or one measurement in this process."""
    options = parser(__doc__ or "")
    options.add_argument("--measure", choices=MEASUREMENTS, help="run one measurement here and print its figures")
    options.add_argument("--file", type=Path, help="the file to measure with")
    given = options.parse_args()
    if given.measure:
        print(json.dumps(MEASUREMENTS[given.measure](given.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        cases = measure_all(Path(folder), given.repeats)
    head = ["case", "seconds", "peak MB", "late p99 ms", "late max ms"]
    names = ("seconds", "peak_mb", "lateness_p99_ms", "lateness_max_ms")
    rows = [[case["name"], *(f"{case[name]:.2f}" if name in case else "-" for name in names)] for case in cases]
    print_table("Reading files (medians)", head, rows)
    write_json(given.json, cases)


if __name__ == "__main__":
    main()
