"""Every way in for a person's own data, and an eye on the file that the current run learns from."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from engine.data.errors import DataError
from engine.data.examples.catalogue import EXAMPLES, write_example_csv
from gui.file_watch import FileWatch
from gui.panels.notice_bar import NoticeBar
from gui.preferences import Preferences
from gui.run_desk import RunDesk
from gui.session.data_session import DataSession
from gui.session.import_memory import ImportMemory
from gui.session.pasted_tables import TITLE, PastedTables

MAX_EXAMPLE_ROWS = 10_000
"""Most rows of an example that is written as a file, so that nobody waits for it."""


class DataDoor(QObject):
    """Shows what comes in - a file chosen, dropped, pasted or opened before - in the import dialog, and watches what was taken.

    Lives in the GUI thread.

    Parameters
    ----------
    data : DataSession
    desk : RunDesk
    preferences : Preferences
    notice : NoticeBar
    window : QWidget
        What the dialogs stand over.
    """

    def __init__(self, data: DataSession, desk: RunDesk, preferences: Preferences, notice: NoticeBar, window: QWidget) -> None:
        super().__init__(window)
        self._data, self._desk, self._preferences, self._notice, self._window = data, desk, preferences, notice, window
        self._memory = ImportMemory(preferences.import_choices_file)
        self._pasted = PastedTables()
        self._reads = False
        self._watch = FileWatch(self)
        self._watch.changed.connect(self._on_file_changed)
        desk.file_taken.connect(self._on_file_taken)
        desk.source_changed.connect(self._watch_source)
        desk.reading.connect(self._on_reading)

    @Slot()
    def choose_file(self) -> None:
        """Let the user choose a file, and show it."""
        recent = self._preferences.recent_files
        self._choose(recent[0].parent if recent else None)

    @Slot()
    def choose_example_file(self) -> None:
        """Write the examples as files where they are not yet, let the user choose one, and show it."""
        folder = self._preferences.folder / "examples"
        try:
            _write_examples(folder)
        except OSError as error:
            self._notice.show_notice(f"The example files could not be written into {folder} ({error.strerror}).")
        else:
            self._choose(folder, "Open an example file")

    @Slot(object)
    def preview(self, path: Path) -> None:
        """Show how a file is understood; it is taken when the user says so."""
        if not path.exists():
            self._preferences.forget_recent(path)
            self._notice.show_notice(f"{path} is gone; it was taken out of the list of recent files.")
            return
        from gui.panels.import_dialog import ImportDialog  # imported where it is used: the first window should not wait for it

        title = TITLE if self._pasted.owns(path) else ""
        memory = None if title else self._memory
        dialog = ImportDialog(self._data, path, self._desk.settings(), memory, self._window, title=title)
        dialog.accepted_data.connect(self._desk.take)
        dialog.show()

    @Slot()
    def paste(self) -> None:
        """Show the table that stands in the clipboard."""
        try:
            path = self._pasted.write(QGuiApplication.clipboard().text())
        except (DataError, OSError) as error:
            self._notice.show_notice(f"Nothing was pasted. {error}")
        else:
            self.preview(path)

    def takes(self, mime: QMimeData) -> bool:
        """Say whether what is dragged over the window is one local file."""
        urls = mime.urls()
        return len(urls) == 1 and urls[0].isLocalFile()

    def take_drop(self, mime: QMimeData) -> None:
        """Show the file that was dropped."""
        self.preview(Path(mime.urls()[0].toLocalFile()))

    def shut_down(self) -> None:
        """Watch no file any more, and remove what was pasted; may be called again."""
        self._watch.stop()
        self._pasted.remove()

    def _choose(self, folder: Path | None, title: str = "Open CSV") -> None:
        from gui.panels.import_dialog import ImportDialog

        path = ImportDialog.ask_for_file(self._window, folder, title)
        if path is not None:
            self.preview(path)

    @Slot(object)
    def _on_file_taken(self, path: Path) -> None:
        if not self._pasted.owns(path):
            self._preferences.add_recent(path)

    @Slot(object, float)
    def _on_reading(self, path: Path, share: float) -> None:
        """Say how far a large file is read; the run that starts on it takes the notice away."""
        self._reads = True
        self._notice.show_notice(f"Reading {path.name}: {100 * share:.0f} %", wrong=False)

    @Slot(object)
    def _watch_source(self, path: Path | None) -> None:
        """Watch the file that the current run learns from."""
        if self._reads:
            self._reads = False
            self._notice.dismiss()
        if path is None or path.absolute() != self._watch.path:
            self._watch.watch(path)

    @Slot(object, str)
    def _on_file_changed(self, path: Path, what: str) -> None:
        """Say what became of the file; training goes on with what was read."""
        offer = "Look at it again" if path.is_file() else ""
        sentence = f"{what} The rows that were read stay in use."
        self._notice.show_notice(sentence, wrong=False, offer=offer, act=partial(self.preview, path))


def _write_examples(folder: Path) -> None:
    """Write every example that is not there yet as a CSV file."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, example in EXAMPLES.items():
        path = folder / f"{key}.csv"
        if not path.exists():
            write_example_csv(key, path, min(example.n_rows, MAX_EXAMPLE_ROWS))
