"""Starts the window: on a file or an example, for a person or for a picture of it."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.data.generators import DEFAULT_EXAMPLE
from engine.settings import Settings
from gui.appearance import Appearance
from gui.main_window import MainWindow
from gui.preferences import Preferences
from gui.qt_application import make_application
from gui.session.messages import Failure, LandscapePicture, RunState

SCREENSHOT_TIMEOUT_MS = 120_000
SETTLE_MS = 150


def run_window(path: str | None, settings: Settings) -> int:
    """Open the window and stay until it is closed; return the exit status."""
    application = make_application()
    preferences = Preferences()
    window = MainWindow(Appearance(application, preferences.theme), preferences, settings)
    sys.excepthook = _report_to(window)
    _open(window, path)
    window.show()
    status = application.exec()
    window.shut_down()
    return status


def take_screenshot(
    out: str, *, path: str | None, settings: Settings, after_steps: int, size: tuple[int, int], theme: str | None, scale: float
) -> int:
    """Open the real window, train, write a picture of it, and return the exit status.

    Raises
    ------
    OSError
        When the picture can't be written.
    """
    application = make_application(scale)
    window = MainWindow(Appearance(application, theme or "system"), Preferences(), settings)
    window.resize(*size)
    window.reset_layout()
    photographer = Photographer(window, after_steps)
    photographer.finished.connect(application.quit)
    _open(window, path)
    window.show()
    application.exec()
    picture = window.grab()
    window.shut_down()
    window.close()
    if photographer.problem:
        sys.stderr.write(photographer.problem + "\n")
        return photographer.status
    if not picture.save(out, "PNG"):
        raise OSError(f"{out}: the picture could not be written; check the folder.")
    return 0


class Photographer(QObject):
    """Waits until a window has trained as many steps as asked for and every picture of it is finished."""

    finished = Signal()

    def __init__(self, window: MainWindow, after_steps: int) -> None:
        super().__init__(window)
        self._window = window
        self._after_steps = after_steps
        self._began = False
        self._picture_step = -1
        self.problem = ""
        self.status = 0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.finished)
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.timeout.connect(self._give_up)
        self._limit.start(SCREENSHOT_TIMEOUT_MS)
        window.session.snapshot_ready.connect(self._look)
        window.session.failed.connect(self._on_failed)
        window.landscape.picture_ready.connect(self._on_picture)

    @Slot(object)
    def _look(self, snapshot: object) -> None:
        if not self._began:
            self._began = True
            self._window.session.play_to(self._after_steps)
        self._finish_when_ready()

    @Slot(object)
    def _on_picture(self, picture: LandscapePicture) -> None:
        if picture.final:
            self._picture_step = int(picture.path_steps[-1])
            self._finish_when_ready()

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        self._after_steps = failure.last_finite_step or 0

    @Slot()
    def _give_up(self) -> None:
        self.problem = "The pictures were not finished in time; take fewer steps or a smaller network."
        self.status = 3
        self.finished.emit()

    def _finish_when_ready(self) -> None:
        snapshot = self._window.session.snapshot
        standing = snapshot is not None and snapshot.state is not RunState.RUNNING
        if standing and snapshot.step >= self._after_steps and self._picture_step == snapshot.step:
            self._settle.start()


def _open(window: MainWindow, path: str | None) -> None:
    if path is None:
        window.open_example(DEFAULT_EXAMPLE)
    else:
        window.open_file(Path(path))


def _report_to(window: MainWindow):  # type: ignore[no-untyped-def]
    """Return an excepthook that says in the window what went wrong and prints the traceback; the program goes on."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if sys.stderr is not None:
            traceback.print_exception(kind, error, trace)
        window.notice.show_notice(
            f"Something in the window went wrong ({kind.__name__}: {error}). Training and its history are kept."
        )

    return report
