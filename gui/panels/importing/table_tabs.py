"""The table as it is read: its first rows, and what had to be repaired."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from gui.panels.importing.column_model import NAME_ROLE, ColumnModel
from gui.panels.importing.column_table import ColumnTable
from gui.panels.importing.first_rows import FirstRows
from gui.panels.importing.repair_report import RepairReport
from gui.session.import_session import ImportSession
from gui.theme import SPACE

FIRST_ROWS, REPAIRS = 0, 1
_SEARCH_PX = 168
_CAUTION_LINES = 2
"""Room that is always there, so that the table does not jump from column to column."""


class TableTabs(QTabWidget):
    """First rows in one tab, repairs with the lines of the file in the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first_rows = FirstRows(self)
        self.report = RepairReport(self)
        self.setDocumentMode(True)
        self.addTab(self.first_rows, "First rows")
        self.addTab(self.report, "Repairs")

    def show_table(self, session: ImportSession) -> None:
        """Show the table of the session, or why there is none."""
        read = session.table
        self.first_rows.show_columns(session.columns)
        if read is not None:
            count = len(read.table.repairs)
            self.setTabText(REPAIRS, f"Repairs · {count:,}" if count else "Repairs · none")
            self.report.show_repairs(read.table.repairs)

    def show_failure(self, line: int | None) -> None:
        """Show where in the file something went wrong."""
        self.setTabText(REPAIRS, "Where it fails" if line is not None else "The file as text")
        self.report.show_failure(line)
        self.setCurrentIndex(REPAIRS)

    def show_lines(self, lines: tuple[tuple[int, str], ...], encoding: str = "") -> None:
        """Show lines of the file, or that there are none to show; `encoding` where it is not the one chosen."""
        self.report.show_lines(lines, encoding)
        if self.report.is_without_text:
            self.setTabText(REPAIRS, "No text")


class ColumnsPane(QWidget):
    """The table of columns under a title and a field to search it; below, in full, what to beware of."""

    def __init__(self, model: ColumnModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        title = QLabel("COLUMNS", self)
        title.setProperty("role", "section")
        self.hint = QLabel(self)
        self.hint.setProperty("role", "small")
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search columns")
        self.search.setAccessibleName("Search columns")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(_SEARCH_PX)
        self.search.installEventFilter(self)
        self.table = ColumnTable(model, self)
        self.search.textChanged.connect(self.table.filter_names)
        self.caution = QLabel(self)
        self.caution.setWordWrap(True)
        self.caution.setTextFormat(Qt.TextFormat.PlainText)
        self.caution.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.caution.setProperty("role", "small")
        self.caution.setAccessibleName("What to beware of")
        self.caution.setMinimumHeight(_CAUTION_LINES * self.caution.fontMetrics().lineSpacing())
        self.caution.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.caution.hide()
        self.table.selectionModel().currentRowChanged.connect(self.show_caution)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(title)
        head.addWidget(self.hint, 1)
        head.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.caution)

    @Slot()
    def show_caution(self) -> None:
        """Show in full what to beware of in the column of the current line; where none is current, in how many."""
        has_remarks = self._model.has_remarks
        index = self.table.currentIndex()
        name = str(index.data(NAME_ROLE)) if index.isValid() else ""
        words = self._model.remarks_on(name) if name else ""
        if words:
            self.caution.setText(f"{name}: {words}.")
        elif name:
            self.caution.setText(f"{name}: nothing to beware of." if has_remarks else "")
        else:
            self.caution.setText("Pick a column to read here in full what to beware of.")
        self.caution.setVisible(has_remarks)

    def eventFilter(self, field: QObject, event: QEvent) -> bool:
        """Keep Enter in the search field from taking the table."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in keys:
            return True
        return super().eventFilter(field, event)
