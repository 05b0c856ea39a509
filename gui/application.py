"""Starts the window: on a file or an example, for a person or for a picture of it."""

from __future__ import annotations

import gc
import signal
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QTemporaryDir, QTimer, Signal, Slot

from engine.data.examples.catalogue import DEFAULT_EXAMPLE
from engine.data.import_spec import ImportSpec
from engine.settings import Settings
from gui.appearance import Appearance
from gui.main_window import MainWindow
from gui.preferences import Preferences
from gui.qt_application import make_application
from gui.session.data_session import DataFailure
from gui.session.messages import Failure, LandscapePicture, RunState, Snapshot

SCREENSHOT_TIMEOUT_MS = 120_000
SETTLE_MS = 150
NOT_FINITE = 3
"""Exit status of a run that stopped on a number that is not finite."""


@dataclass(frozen=True)
class Opening:
    """What the window opens on.

    Attributes
    ----------
    settings : Settings
    file : path or None
        None for a built-in example.
    spec : ImportSpec or None
        How the file is to be read; recognised where there is none.
    example : str
        Key of the example.
    """

    settings: Settings
    file: Path | None = None
    spec: ImportSpec | None = None
    example: str = DEFAULT_EXAMPLE


def run_window(opening: Opening) -> int:
    """Open the window and stay until it is closed; return the exit status."""
    application = make_application()
    preferences = Preferences()
    window = MainWindow(Appearance(application, preferences.theme), preferences, opening.settings)
    sys.excepthook = _report_to(window)
    window.first_painted.connect(_collect_garbage_again)
    # Python looks at signals whenever a timer of the window fires, four times a second.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
    _open(window, opening)
    window.fit_to_screen()
    window.show()
    status = application.exec()
    window.shut_down()
    return status


def _collect_garbage_again() -> None:
    """Take up the collection of garbage that the start went without; what is loaded by now is left out of it for good."""
    gc.freeze()
    gc.enable()


def take_screenshot(
    out: str,
    opening: Opening,
    *,
    after_steps: int,
    size: tuple[int, int],
    theme: str | None,
    scale: float,
) -> int:
    """Open the real window, train, write a picture of it, and return the exit status.

    The user's own preferences are neither read nor changed.

    Raises
    ------
    ScreenshotError
        When the file or the settings can't be used, or the pictures are not finished in time.
    OSError
        When the picture can't be written.
    """
    application = make_application(scale)
    folder = QTemporaryDir()
    preferences = Preferences(folder.filePath("preferences.ini"))
    window = MainWindow(Appearance(application, theme or "system"), preferences, opening.settings)
    window.resize(*size)
    window.reset_layout()
    photographer = Photographer(window, after_steps)
    photographer.finished.connect(application.quit)
    _open(window, opening)
    window.show()
    application.exec()
    picture = window.grab()
    window.close()
    if photographer.problem:
        raise ScreenshotError(photographer.problem)
    if not picture.save(out, "PNG"):
        raise OSError(f"{out}: the picture could not be written; check the folder.")
    return NOT_FINITE if photographer.failed else 0


class ScreenshotError(ValueError):
    """The picture asked for can't be taken; one sentence says why."""


class Photographer(QObject):
    """Waits until a window has trained as many steps as asked for (or as many as it can) and all its pictures are finished.

    Lives in the GUI thread.

    Signals
    -------
    finished()

    Attributes
    ----------
    problem : str
        Why there is nothing to take a picture of; empty where there is.
    failed : bool
        Whether training stopped on a number that is not finite: the picture shows the last finite step.
    """

    finished = Signal()

    def __init__(self, window: MainWindow, after_steps: int) -> None:
        super().__init__(window)
        self._window = window
        self._after_steps = after_steps
        self._began = False
        self._picture_step = -1
        self.problem = ""
        self.failed = False
        self._settle = self._timer(SETTLE_MS)
        self._settle.timeout.connect(self.finished)
        self._limit = self._timer(SCREENSHOT_TIMEOUT_MS)
        self._limit.timeout.connect(self._give_up)
        self._limit.start()
        window.session.snapshot_ready.connect(self._look)
        window.session.failed.connect(self._on_failed)
        window.session.refused.connect(self._on_refused)
        window.data.failed.connect(self._on_refused)
        window.landscape.picture_ready.connect(self._on_picture)

    @Slot(object)
    def _look(self, snapshot: Snapshot) -> None:
        if not self._began:
            self._began = True
            self._window.session.play_to(self._after_steps)
        if snapshot.state in (RunState.FINISHED, RunState.FAILED):
            self._after_steps = snapshot.step  # as far as this run goes
        self._finish_when_ready()

    @Slot(object)
    def _on_picture(self, picture: LandscapePicture) -> None:
        if picture.final:
            self._picture_step = int(picture.path_steps[-1])
            self._finish_when_ready()

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        self.failed = True

    @Slot(object)
    def _on_refused(self, failure: Failure | DataFailure) -> None:
        self._stop(failure.sentence)

    @Slot()
    def _give_up(self) -> None:
        self._stop("The pictures were not finished in time; take fewer steps or a smaller network.")

    def _stop(self, problem: str) -> None:
        self.problem = problem
        self.finished.emit()

    def _finish_when_ready(self) -> None:
        snapshot = self._window.session.snapshot
        if snapshot is None or snapshot.state is RunState.RUNNING or snapshot.step < self._after_steps:
            return
        if self._picture_step == snapshot.step:
            self._settle.start()

    def _timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        return timer


def _open(window: MainWindow, opening: Opening) -> None:
    if opening.file is None:
        window.open_example(opening.example)
    else:
        window.open_file(opening.file, opening.spec)


def _report_to(window: MainWindow):  # type: ignore[no-untyped-def]
    """Return an excepthook that says in the window what went wrong and prints the traceback; the program goes on."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if sys.stderr is not None:
            traceback.print_exception(kind, error, trace)
        window.notice.show_notice(
            f"Something in the window went wrong ({kind.__name__}: {error}). Training and its history are kept."
        )

    return report
