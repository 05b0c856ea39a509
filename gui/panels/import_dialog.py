"""Looking at a file before it is taken: how it is read, what its columns hold, what will be predicted from what."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.data.columns import Column, Suggestion, suggest, task_of
from engine.data.import_spec import ImportSpec
from engine.settings import Settings, for_other_data, make_settings
from gui.panels.table_preview import TablePreview
from gui.session.data_session import DataFailure, DataReady, DataSession, Source, TableRead
from gui.theme import SPACE

DELIMITERS = {",": "comma  ,", ";": "semicolon  ;", "\t": "tab", "|": "bar  |", " ": "spaces"}
DECIMALS = {".": "point  1.5", ",": "comma  1,5"}
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "cp1250", "cp1251", "shift_jis", "gb18030")
TASKS = {"classification": "a class", "regression": "a number"}
PANEL_PX = 288
SIZE = (1000, 640)


class ImportDialog(QDialog):
    """Shows how a file is understood and lets the user change it; training goes on meanwhile.

    Lives in the GUI thread.

    Parameters
    ----------
    data : DataSession
    path : path
    settings : Settings
        What the new run starts with, target, features and task excepted.

    Signals
    -------
    accepted_data(DataReady)
        The user took the file and it is ready.
    """

    accepted_data = Signal(object)

    def __init__(self, data: DataSession, path: Path, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Open {path.name}")
        self.resize(*SIZE)
        self._data = data
        self._path = path
        self._settings = settings
        self._read: TableRead | None = None
        self._build()
        self._lay_out()
        data.progressed.connect(self._on_progress)
        data.table_read.connect(self._on_table_read)
        data.data_ready.connect(self._on_data_ready)
        data.failed.connect(self._on_failed)
        self._ask(None)

    @staticmethod
    def ask_for_file(parent: QWidget, recent: list[Path]) -> Path | None:
        """Let the user choose a file, beginning where the last one came from; None when they change their mind."""
        folder = str(recent[0].parent) if recent else ""
        name, _ = QFileDialog.getOpenFileName(
            parent, "Open CSV", folder, "Tables (*.csv *.tsv *.txt *.dat *.data);;All files (*)"
        )
        return Path(name) if name else None

    def done(self, result: int) -> None:
        """Stop what is still being read, then close."""
        self._data.cancel(self._request)
        super().done(result)

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        self.summary = QLabel(self)
        self.summary.setObjectName("panelTitle")
        self.delimiter = self._combo(DELIMITERS)
        self.decimal = self._combo(DECIMALS)
        self.encoding = self._combo({name: name for name in ENCODINGS})
        self.header = QCheckBox("First row names the columns", self)
        self.header.clicked.connect(self._read_again)
        self.preview = TablePreview(self)
        self.target = QComboBox(self)
        self.target.activated.connect(self._choose_target)
        self.task = self._combo(TASKS, read_again=False)
        self.reason = QLabel(self)
        self.reason.setWordWrap(True)
        self.reason.setProperty("role", "muted")
        self.features = QListWidget(self)
        self.features.setAccessibleName("Columns to predict from")
        self.features.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.report = QPlainTextEdit(self)
        self.report.setReadOnly(True)
        self.report.setMaximumHeight(84)
        self.report.setAccessibleName("What was mended and left out")
        self.problem = QLabel(self)
        self.problem.setObjectName("fieldError")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.take = QPushButton("Train on this table", self)
        self.take.setProperty("primary", True)
        self.take.setDefault(True)
        self.take.clicked.connect(self._take)
        self.cancel = QPushButton("Cancel", self)
        self.cancel.clicked.connect(self.reject)

    def _combo(self, choices: dict[str, str], *, read_again: bool = True) -> QComboBox:
        box = QComboBox(self)
        for key, text in choices.items():
            box.addItem(text, key)
        if read_again:
            box.activated.connect(self._read_again)
        return box

    def _lay_out(self) -> None:
        options = QHBoxLayout()
        options.setSpacing(SPACE)
        for title, box in (("Columns separated by", self.delimiter), ("Decimals", self.decimal), ("Encoding", self.encoding)):
            label = QLabel(title, self)
            label.setProperty("role", "muted")
            options.addWidget(label)
            options.addWidget(box)
            options.addSpacing(SPACE)
        options.addWidget(self.header)
        options.addStretch(1)
        choice = QFormLayout()
        choice.setSpacing(SPACE)
        choice.addRow("Predict", self.target)
        choice.addRow("as", self.task)
        panel = QWidget(self)
        panel.setFixedWidth(PANEL_PX)
        side = QVBoxLayout(panel)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(SPACE)
        side.addLayout(choice)
        side.addWidget(self.reason)
        side.addWidget(QLabel("from", self))
        side.addWidget(self.features, 1)
        middle = QGridLayout()
        middle.setSpacing(2 * SPACE)
        middle.addWidget(self.preview, 0, 0)
        middle.addWidget(panel, 0, 1)
        middle.setColumnStretch(0, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.problem, 8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE + SPACE // 2)
        column.addWidget(self.summary)
        column.addLayout(options)
        column.addWidget(self.progress)
        column.addLayout(middle, 1)
        column.addWidget(self.report)
        column.addLayout(buttons)

    # ------------------------------------------------------------------ asking

    def _ask(self, spec: ImportSpec | None) -> None:
        self.take.setEnabled(False)
        self.summary.setText(f"Reading {self._path.name}")
        self.progress.setRange(0, 0)
        self.progress.show()
        self._say_problem("")
        self._request = self._data.read(self._path, spec)

    @Slot()
    def _read_again(self) -> None:
        """Read the file as the user says."""
        known = self._read.table.spec if self._read is not None else ImportSpec()
        decimal = str(self.decimal.currentData())
        thousands = None if known.thousands == decimal else known.thousands
        self._ask(
            dataclasses.replace(
                known,
                delimiter=str(self.delimiter.currentData()),
                decimal=decimal,
                thousands=thousands,
                encoding=str(self.encoding.currentData()),
                header=self.header.isChecked(),
            )
        )

    @Slot()
    def _choose_target(self) -> None:
        assert self._read is not None
        self._show_choice(suggest(self._read.columns, str(self.target.currentData())))

    @Slot()
    def _take(self) -> None:
        """Prepare the table as chosen; it is taken when it is ready."""
        assert self._read is not None
        changes = {
            "target": str(self.target.currentData()),
            "task": str(self.task.currentData()),
            "features": tuple(self.chosen_features()),
        }
        self.take.setEnabled(False)
        self._say_problem("")
        self._request = self._data.prepare(Source(table=self._read), make_settings(for_other_data(self._settings), **changes))

    def chosen_features(self) -> list[str]:
        """Return the columns whose box is ticked."""
        items = (self.features.item(row) for row in range(self.features.count()))
        return [str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() is Qt.CheckState.Checked]

    # ------------------------------------------------------------------ answers

    @Slot(object, object)
    def _on_progress(self, request_id: int, share: float) -> None:
        if request_id == self._request:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(share * 1000))

    @Slot(object)
    def _on_table_read(self, message: TableRead) -> None:
        if message.request_id != self._request:
            return
        self._read = message
        self.progress.hide()
        table = message.table
        self.summary.setText(f"{self._path.name} · {table.n_rows:,} rows · {_columns(len(table.names))}")
        self._show_spec(table.spec)
        self.preview.show_table(table, message.columns)
        self.target.clear()
        for column in message.columns:
            self.target.addItem(f"{column.name}  ({column.kind})", column.name)
        self._show_choice(message.suggestion)

    @Slot(object)
    def _on_data_ready(self, message: DataReady) -> None:
        if message.request_id == self._request:
            self.accepted_data.emit(message)
            self.accept()

    @Slot(object)
    def _on_failed(self, failure: DataFailure) -> None:
        if failure.request_id != self._request:
            return
        self.progress.hide()
        self._say_problem(failure.sentence)
        self.take.setEnabled(self._read is not None and self._read.suggestion.target is not None)
        if self._read is None:
            self.summary.setText(self._path.name)

    # ------------------------------------------------------------------ showing

    def _say_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _show_spec(self, spec: ImportSpec) -> None:
        for box, value in ((self.delimiter, spec.delimiter), (self.decimal, spec.decimal), (self.encoding, spec.encoding)):
            if box.findData(value) < 0:
                box.addItem(value, value)
            box.setCurrentIndex(box.findData(value))
        self.header.setChecked(spec.header)

    def _show_choice(self, suggestion: Suggestion) -> None:
        """Show target, task and features, with what is left out and why."""
        assert self._read is not None
        by_name = {column.name: column for column in self._read.columns}
        if suggestion.target is not None:
            self.target.setCurrentIndex(self.target.findData(suggestion.target))
            task = suggestion.task or task_of(by_name[suggestion.target])
            self.task.setCurrentIndex(self.task.findData(task))
        self.reason.setText(suggestion.reason)
        self.features.clear()
        for column in self._read.columns:
            if column.name == suggestion.target:
                continue
            reason = suggestion.ignored.get(column.name, "")
            item = QListWidgetItem(f"{column.name}  ·  {reason or column.kind}", self.features)
            item.setData(Qt.ItemDataRole.UserRole, column.name)
            item.setToolTip(
                f"{column.kind}, {column.distinct:,} different values, {column.missing:,} missing. {reason}".strip()
            )
            item.setCheckState(Qt.CheckState.Checked if column.name in suggestion.features else Qt.CheckState.Unchecked)
        lines = [repair.what for repair in self._read.table.repairs]
        lines += [_missing_values(by_name[name]) for name in suggestion.features if by_name[name].missing]
        if suggestion.target is not None and by_name[suggestion.target].missing:
            lines.append(f"{suggestion.target}: {by_name[suggestion.target].missing:,} rows without it are left out.")
        lines += [f"{name} is left out: {reason}." for name, reason in suggestion.ignored.items()]
        self.report.setPlainText("\n".join(lines) or "Nothing had to be mended, and no value is missing.")
        self.take.setEnabled(suggestion.target is not None)


def _columns(count: int) -> str:
    return f"{count:,} column{'' if count == 1 else 's'}"


def _missing_values(column: Column) -> str:
    """Say what happens to the missing values of a feature."""
    filled = "take the median" if column.kind == "numeric" else "become a level of their own"
    return f"{column.name}: {column.missing:,} of {column.n_rows:,} values are missing and {filled}."
