"""Import dialogs for the tests: made on real files with a real data session, driven by clicks, always closed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from engine.settings import Settings
from gui.panels.import_dialog import ImportDialog
from gui.panels.importing.column_model import Fact
from gui.panels.importing.option_row import OptionRow
from gui.panels.importing.table_tabs import REPAIRS
from gui.session.data_session import DataReady, DataSession
from gui.session.import_memory import ImportMemory
from gui.session.import_session import ImportSession


class Driver:
    """A shown dialog and what came of it."""

    def __init__(
        self, qtbot: QtBot, data: DataSession, path: Path, memory: ImportMemory | None = None, title: str = ""
    ) -> None:
        self.qtbot = qtbot
        self.dialog = ImportDialog(data, path, Settings(), memory, title=title)
        self.taken: list[DataReady] = []
        self.dialog.accepted_data.connect(self.taken.append)
        self.dialog.show()

    @property
    def session(self) -> ImportSession:
        return self.dialog.session

    def wait(self) -> None:
        """Wait until the whole file is read and looked at."""
        self.qtbot.waitUntil(lambda: self.is_settled, timeout=20_000)

    @property
    def is_settled(self) -> bool:
        pending = any(self.session._requests.values())
        return not pending and (self.session.is_whole or self.session.failure is not None)

    def wait_for_failure(self) -> str:
        self.qtbot.waitUntil(lambda: bool(self.dialog.problem.text()), timeout=20_000)
        self.wait()
        return self.dialog.problem.text()

    def row(self, name: str) -> OptionRow:
        return self.dialog.options.rows[name]

    def pick(self, name: str, text: str) -> None:
        """Pick a text in the box of an option, as a click in its list does."""
        editor = self.row(name).editor
        pick(editor if isinstance(editor, QComboBox) else editor.box, text)

    def cell(self, column: str, fact: Fact) -> QModelIndex:
        shown = self.dialog.columns_pane.table.shown
        row = next(row for row in range(shown.rowCount()) if shown.index(row, Fact.NAME).data() == column)
        return shown.index(row, fact)

    def text(self, column: str, fact: Fact) -> str:
        return str(self.cell(column, fact).data())

    def choose(self, column: str, fact: Fact, word: str) -> None:
        """Click on a cell of the table of columns and on a word of the menu it opens."""
        table = self.dialog.columns_pane.table
        index = self.cell(column, fact)
        table.scrollTo(index)
        place = table.visualRect(index).center()
        self.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert table.choices.isVisible()
        next(action for action in table.choices.actions() if action.text() == word).trigger()
        table.choices.hide()

    def repairs(self) -> list[str]:
        """Look at the repairs as a person does."""
        self.dialog.tabs.setCurrentIndex(REPAIRS)
        items = self.dialog.tabs.report.list
        return [items.item(row).text() for row in range(items.count())]

    def close(self) -> None:
        """Close the dialog, unless it closed itself."""
        if isValid(self.dialog):
            self.dialog.reject()

    def take(self) -> DataReady:
        self.qtbot.mouseClick(self.dialog.take, Qt.MouseButton.LeftButton)
        self.qtbot.waitUntil(lambda: bool(self.taken), timeout=20_000)
        return self.taken[0]


def pick(box: QComboBox, text: str) -> None:
    """Pick the line of a box that begins with a text."""
    index = next(index for index in range(box.count()) if box.itemText(index).startswith(text))
    box.setCurrentIndex(index)
    box.activated.emit(index)
