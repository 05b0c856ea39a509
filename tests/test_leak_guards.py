"""The guards of leak_guards.py are shown to work: each leak below fails its own test, and the next test starts clean."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

pytest_plugins = ["pytester"]

PROJECT = Path(__file__).parents[1]

IMPORTS = """
import logging, warnings
import pytest
from PySide6.QtCore import QCoreApplication, QSettings, QThread, QTimer, qWarning
from PySide6.QtWidgets import QWidget

kept = []  # what a leaking test keeps alive
"""

# kind of leak: the test that makes it, the test after it, what the failure must say
LEAKS = {
    "thread": (
        """
        def test_guilty(qapp):
            kept.append(QThread())
            kept[0].start()

        def test_next(qapp):
            assert not kept[0].isRunning()
        """,
        "*a running QThread, started at test_thread.py:10",
    ),
    "timer": (
        """
        def test_guilty(qapp):
            kept.append(QTimer())
            kept[0].start(5000)

        def test_next(qapp):
            assert not kept[0].isActive()
        """,
        "*an active QTimer (5000 ms), started at test_timer.py:10",
    ),
    "window": (
        """
        def test_guilty(qapp):
            kept.append(QWidget())
            kept[0].setWindowTitle("forgotten")
            kept[0].show()

        def test_next(qapp):
            assert not any(window.isVisible() for window in qapp.topLevelWidgets())
        """,
        "*an open window: QWidget 'forgotten'",
    ),
    "log_record": (
        """
        def test_guilty():
            logging.getLogger("somewhere").warning("look at %s", "this")

        def test_next():
            pass
        """,
        "*WARNING somewhere: look at this",
    ),
    "python_warning": (
        """
        def test_guilty():
            warnings.warn("no longer done this way", DeprecationWarning)

        def test_next():
            pass
        """,
        "*DeprecationWarning: no longer done this way",
    ),
    "qt_warning": (
        """
        def test_guilty(qapp):
            qWarning("something is odd")

        def test_next():
            pass
        """,
        "*QtWarningMsg: something is odd",
    ),
}

CLEAN = """
def test_stopped(qapp):
    thread, timer = QThread(), QTimer()
    thread.start()
    timer.start(5000)
    timer.stop()
    thread.quit()
    assert thread.wait(2000)

def test_registered_window_is_closed(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

def test_timer_that_goes_with_its_window(qtbot):
    window = QWidget()
    QTimer(window).start(5000)
    qtbot.addWidget(window)

def test_forgotten_timer_is_collected(qapp):
    QTimer().start(5000)

def test_timer_started_by_a_signal(qtbot):
    first, second = QTimer(), QTimer()
    first.setSingleShot(True)
    second.setSingleShot(True)
    first.timeout.connect(second.start)
    with qtbot.waitSignal(second.timeout):
        first.start(1)

def test_expected_log_record(caplog):
    logging.getLogger("somewhere").warning("expected")
    assert caplog.messages == ["expected"]
"""


SETTINGS = """
@pytest.mark.parametrize("turn", [1, 2])
def test_starts_empty(qapp, tmp_path, turn):
    settings = QSettings("Backprop Studio", "Backprop Studio")
    assert settings.allKeys() == []
    settings.setValue("turn", turn)
    settings.sync()
    assert settings.fileName().startswith(str(tmp_path))
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty suite with this project's own configuration and guards."""
    pytester.makepyprojecttoml((PROJECT / "pyproject.toml").read_text(encoding="utf-8").replace("testpaths", "# testpaths"))
    pytester.makeconftest((PROJECT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    return pytester


def test_each_leak_fails_the_test_that_made_it(suite: pytest.Pytester) -> None:
    suite.makepyfile(**{f"test_{kind}": IMPORTS + dedent(source) for kind, (source, _) in LEAKS.items()})
    result = suite.runpytest_subprocess()
    failed = {line.split()[1] for line in result.outlines if line.startswith(("ERROR test_", "FAILED test_"))}
    assert failed == {f"test_{kind}.py::test_guilty" for kind in LEAKS}
    for _, message in LEAKS.values():
        result.stdout.fnmatch_lines([message])


def test_tests_that_clean_up_pass(suite: pytest.Pytester) -> None:
    suite.makepyfile(IMPORTS + CLEAN)
    suite.runpytest_subprocess().assert_outcomes(passed=6)


def test_settings_of_one_test_are_unknown_to_the_next(suite: pytest.Pytester) -> None:
    suite.makepyfile(IMPORTS + SETTINGS)
    suite.runpytest_subprocess().assert_outcomes(passed=2)
