"""A window on a real X display (a virtual one): shown, trained, resized, closed in the middle of training, exit status 0."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.virtual_display import virtual_display

PROJECT = Path(__file__).resolve().parents[2]

CHILD = """
import sys
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from gui import application
from gui.main_window import MainWindow
from gui.session.messages import RunState

seen = []

def drive():
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
    assert QApplication.platformName() == "xcb", QApplication.platformName()
    QTest.mouseClick(window.toolbar.play, Qt.MouseButton.LeftButton)
    window.resize(1100, 720)
    QTimer.singleShot(1500, lambda: close(window))

def close(window):
    seen.append((window.session.state, window.session.snapshot.step, window.frames_shown))
    window.close()

from engine.settings import Settings
from gui.qt_application import make_application
make_application()  # timers need it
QTimer.singleShot(1500, drive)
status = application.run_window(application.Opening(Settings()))
state, step, frames = seen[0]
assert state is RunState.RUNNING, state
assert step > 100 and frames > 5, (step, frames)
print("closed while training at step", step)
sys.exit(status)
"""


@pytest.mark.xvfb
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only: Xvfb is an X server")
def test_closing_the_window_in_the_middle_of_training_exits_with_0(tmp_path: Path) -> None:
    with virtual_display():
        done = subprocess.run(
            [sys.executable, "-c", CHILD], cwd=PROJECT, capture_output=True, text=True, timeout=90, env=environment(tmp_path)
        )
    assert done.returncode == 0, done.stderr
    assert "closed while training" in done.stdout
    assert done.stderr == ""


@pytest.mark.xvfb
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only: Xvfb is an X server")
def test_an_interrupt_from_the_terminal_closes_the_window(tmp_path: Path) -> None:
    child = CHILD.replace("window.close()", "os.kill(os.getpid(), signal.SIGINT)").replace(
        "import sys", "import os, signal, sys", 1
    )
    with virtual_display():
        done = subprocess.run(
            [sys.executable, "-c", child], cwd=PROJECT, capture_output=True, text=True, timeout=90, env=environment(tmp_path)
        )
    assert done.returncode == 0, done.stderr
    assert "closed while training" in done.stdout
    assert done.stderr == ""


@pytest.mark.xvfb
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only: Xvfb is an X server")
def test_a_picture_of_the_real_window_is_written(tmp_path: Path) -> None:
    out = tmp_path / "window.png"
    command = [
        sys.executable,
        "main.py",
        "--screenshot",
        str(out),
        "--after-steps",
        "50",
        "--size",
        "1100x720",
        "--theme",
        "dark",
    ]
    with virtual_display():
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=90, env=environment(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert out.read_bytes().startswith(b"\x89PNG")


def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of the virtual display, with settings files of its own."""
    return os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(PROJECT)}
