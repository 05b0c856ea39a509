"""Guards that fail the guilty test, not a random later one, for what it leaves running or says unexpectedly.

After every test that uses Qt: no QThread runs, no QTimer is active, no window is open. After every test: nothing was
logged at WARNING or above, unless the test takes `caplog` and so looks at its log records itself. (Python's warnings and
Qt's messages are failures by the configuration of pytest and pytest-qt.)

A thread or timer is seen when Python code calls its `start`; the failure names the line that did. `QTimer.singleShot` is
not seen. Qt is imported inside the fixtures, so that tests without Qt don't pay for it.
"""

from __future__ import annotations

import logging
import os
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from PySide6.QtCore import QObject, QThread
    from PySide6.QtWidgets import QWidget

THREAD_GRACE_MS = 2000

unstoppable_threads: list[QThread] = []
"""Threads that did not end when asked; kept, because destroying a running QThread aborts the process."""


@pytest.fixture(autouse=True)
def no_qt_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that uses Qt and leaves a thread, a timer or a window behind; stop them for the sake of the next test."""
    if "qapp" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("qapp")
    with ExitStack() as guards:
        leaks = [guards.enter_context(guard()) for guard in (_watch_threads, _watch_timers, _watch_windows)]
        yield
        _destroy_what_was_closed()
        problems = [problem for find in leaks for problem in find()]
    if problems:
        pytest.fail("The test left behind:\n" + "\n".join(f"  {problem}" for problem in problems), pytrace=False)


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which something was logged at WARNING or above."""
    if "caplog" in request.fixturenames:
        yield
        return
    messages: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: messages.append(f"{record.levelname} {record.name}: {record.getMessage()}")  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if messages:
        pytest.fail("The test logged:\n" + "\n".join(f"  {message}" for message in messages), pytrace=False)


Problems = Callable[[], list[str]]


@contextmanager
def _watch_threads() -> Iterator[Problems]:
    from PySide6.QtCore import QThread

    with _remember_starts(QThread) as started:

        def problems() -> list[str]:
            running = [(thread, place) for thread, place in started() if thread.isRunning()]
            for thread, _ in running:
                _end(thread)
            return [f"a running QThread, started at {place}" for _, place in running]

        yield problems


@contextmanager
def _watch_timers() -> Iterator[Problems]:
    from PySide6.QtCore import QThread, QTimer

    with _remember_starts(QTimer) as started:

        def problems() -> list[str]:
            active = [(timer, place) for timer, place in started() if timer.isActive()]
            for timer, _ in active:
                if timer.thread() is QThread.currentThread():  # the others ended with their thread
                    timer.stop()
            return [f"an active QTimer ({timer.interval()} ms), started at {place}" for timer, place in active]

        yield problems


@contextmanager
def _watch_windows() -> Iterator[Problems]:
    from PySide6.QtWidgets import QApplication

    already_open = set(QApplication.topLevelWidgets())

    def problems() -> list[str]:
        left_open = [window for window in QApplication.topLevelWidgets() if window.isVisible() and window not in already_open]
        names = [f"an open window: {_describe(window)}" for window in left_open]
        for window in left_open:
            window.close()
            window.deleteLater()
        _destroy_what_was_closed()
        return names

    yield problems


@contextmanager
def _remember_starts(kind: type[QObject]) -> Iterator[Callable[[], list[tuple[Any, str]]]]:
    """Note where each object of `kind` was started last; weakly, so that the guard keeps nothing alive."""
    from shiboken6 import isValid

    places: weakref.WeakKeyDictionary[QObject, str] = weakref.WeakKeyDictionary()
    start: Callable[..., Any] = kind.start  # type: ignore[attr-defined]

    def remembering_start(started: QObject, *args: Any, **options: Any) -> Any:
        places[started] = _calling_line()
        return start(started, *args, **options)

    remembering_start.__name__ = "start"  # Qt finds a connected slot by its name

    def started() -> list[tuple[Any, str]]:
        return [(item, place) for item, place in list(places.items()) if isValid(item)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "start", remembering_start)
        yield started


def _calling_line() -> str:
    """Return file:line of the code that called `start`."""
    frame = sys._getframe(2)
    return f"{os.path.relpath(frame.f_code.co_filename)}:{frame.f_lineno}"


def _end(thread: QThread) -> None:
    thread.requestInterruption()
    thread.quit()
    if not thread.wait(THREAD_GRACE_MS):
        unstoppable_threads.append(thread)


def _describe(window: QWidget) -> str:
    return " ".join(part for part in (type(window).__name__, window.objectName(), repr(window.windowTitle())) if part)


def _destroy_what_was_closed() -> None:
    """Carry out every deleteLater, so that the next test starts without the widgets of this one."""
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()
