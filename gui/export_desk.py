"""Writing a run's files into a folder of the user's choice, and saying what came of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from gui.panels.notice_bar import NoticeBar
from gui.session.messages import Exported, Failure
from gui.session.session import Session


class ExportDesk(QObject):
    """Asks where to, orders the export from the session, and tells how it ended.

    Lives in the GUI thread.

    Parameters
    ----------
    session : Session
    notice : NoticeBar
    window : QWidget
        What the dialogs stand over.
    """

    def __init__(self, session: Session, notice: NoticeBar, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._notice, self._window = session, notice, window
        session.exported.connect(self._on_exported)
        session.export_failed.connect(self._on_export_failed)

    @Slot()
    def choose_folder(self) -> None:
        """Pause, let the user choose a folder, and write the run there as it stands."""
        if self._session.run is None:
            return
        self._session.pause()
        name = QFileDialog.getExistingDirectory(self._window, "Export run")
        if name and self._may_write_into(Path(name)):
            self._notice.show_notice(f"Writing this run into {name}.", wrong=False)
            self._session.export(Path(name))

    def _may_write_into(self, folder: Path) -> bool:
        """Ask before files that are there already are replaced."""
        from engine.results.folder import RESULT_FILES  # imported where it is used: the first window should not wait for it

        present = [file for file in RESULT_FILES if (folder / file).exists()]
        sentence = f"{folder} holds {', '.join(present)}. Replace what is there by the files of this run?"
        answer = QMessageBox.StandardButton.Yes
        return not present or QMessageBox.question(self._window, "Replace files", sentence) == answer

    @Slot(object)
    def _on_exported(self, message: Exported) -> None:
        self._notice.show_notice(f"The run was exported at step {message.step:,} into {message.folder}.", wrong=False)

    @Slot(object)
    def _on_export_failed(self, failure: Failure) -> None:
        self._notice.show_notice(f"{failure.title}: {failure.sentence}")
