"""Looking at a file before it is taken: how it is read, what its columns hold, what will be predicted from what."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from engine.data.errors import DataError
from engine.settings import Settings
from gui.panels.fitting_label import FittingLabel
from gui.panels.importing.column_model import ColumnModel
from gui.panels.importing.options_panel import OptionsPanel
from gui.panels.importing.remembered_bar import RememberedBar
from gui.panels.importing.summary import summary
from gui.panels.importing.table_tabs import FIRST_ROWS, ColumnsPane, TableTabs
from gui.panels.importing.target_panel import TargetPanel
from gui.session.data_messages import DataFailure, DataReady, LinesRead
from gui.session.data_session import DataSession
from gui.session.import_memory import ImportMemory
from gui.session.import_session import ImportSession
from gui.theme import LIGHT, SPACE, THEMES, Theme

SIZE, LEAST_SIZE = QSize(1120, 760), QSize(920, 560)
FRAME = QSize(16, 48)
"""What the window system puts around a window: title and borders."""

TAKE, WAITING, PREPARING = "Train on this table", "Reading the rest", "Preparing"
COLUMNS_LATER = "They are listed as soon as the file can be read."
_TABLES = "Tables (*.csv *.tsv *.txt *.dat *.data *.tab *.gz *.zip *.bz2 *.xz)"
_PARTS = 1000


class ImportDialog(QDialog):
    """Shows how a file is understood and lets the user change it; training goes on meanwhile.

    Lives in the GUI thread.

    Parameters
    ----------
    data : DataSession
    path : path
    settings : Settings
        What the new run starts with, target, features and task excepted.
    memory : ImportMemory, optional
        Where choices for files are kept.
    title : str, optional
        What the file is called here, where its name says nothing.

    Attributes
    ----------
    session : ImportSession

    Signals
    -------
    accepted_data(DataReady)
        The user took the file and it is ready.
    """

    accepted_data = Signal(object)

    def __init__(
        self,
        data: DataSession,
        path: Path,
        settings: Settings,
        memory: ImportMemory | None = None,
        parent: QWidget | None = None,
        *,
        title: str = "",
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title or f"Open {path.name}")
        room = self.screen().availableSize() - FRAME
        self.setMinimumSize(LEAST_SIZE.boundedTo(room))
        self.resize(SIZE.boundedTo(room))
        self.session = ImportSession(data, path, memory, self)
        self._name = title or path.name
        self._settings = settings
        self._failed_before = False
        self._build()
        self._lay_out()
        self._connect()
        self._set_theme()
        self._show_spec()
        self._show_table()
        self.columns_pane.table.setFocus()
        self.session.start()

    @staticmethod
    def ask_for_file(parent: QWidget, folder: Path | None = None, title: str = "Open CSV") -> Path | None:
        """Let the user choose a file, beginning in a folder; None when they change their mind."""
        begin = "" if folder is None else str(folder)
        name, _ = QFileDialog.getOpenFileName(parent, title, begin, f"{_TABLES};;All files (*)")
        return Path(name) if name else None

    @property
    def target(self) -> QWidget:
        """The box with the column to predict."""
        return self.target_panel.target

    def chosen_features(self) -> list[str]:
        """Return the columns that are features now, in the order of the table."""
        suggestion = self.session.suggestion
        return [] if suggestion is None else list(suggestion.features)

    def done(self, result: int) -> None:
        """Stop what is still being read, then close; choices are kept also where the table is not taken."""
        if result == QDialog.DialogCode.Rejected:
            self.session.keep_choices()
        self.session.stop()
        super().done(result)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "options"):
            self._set_theme()

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        self.summary = FittingLabel(self)
        self.summary.setObjectName("panelTitle")
        self.state = QLabel(self)
        self.state.setProperty("role", "muted")
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setRange(0, _PARTS)
        _keep_room(self.progress)
        self.progress.setAccessibleName("Share of the file that is read")
        self.remembered = RememberedBar(self)
        self.options = OptionsPanel(self)
        self.columns = ColumnModel(self.session)
        self.columns.setParent(self)
        self.tabs = TableTabs(self)
        self.columns_pane = ColumnsPane(self.columns, self)
        self.target_panel = TargetPanel(self.session, self.columns, self)
        self.problem = QLabel(self)
        self.problem.setObjectName("fieldError")
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem.hide()
        self.cancel = QPushButton("Cancel", self)
        self.cancel.clicked.connect(self.reject)
        self.take = QPushButton(TAKE, self)
        self.take.setProperty("primary", True)
        self.take.setDefault(True)
        self.take.clicked.connect(self._take)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(2 * SPACE)
        head.addWidget(self.summary, 1)
        head.addWidget(self.state)
        self.parts = QSplitter(Qt.Orientation.Vertical, self)
        self.parts.setChildrenCollapsible(False)
        self.parts.setHandleWidth(2 * SPACE)
        for part, share in ((self.tabs, 2), (self.columns_pane, 3)):
            self.parts.addWidget(part)
            self.parts.setStretchFactor(self.parts.count() - 1, share)
        right = QVBoxLayout()
        right.setSpacing(SPACE + SPACE // 2)
        right.addWidget(self.parts, 1)
        right.addWidget(self.target_panel)
        middle = QHBoxLayout()
        middle.setSpacing(2 * SPACE)
        middle.addWidget(self.options)
        middle.addLayout(right, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.problem, 8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE)
        top = QVBoxLayout()
        top.setSpacing(SPACE // 2)
        top.addLayout(head)
        top.addWidget(self.progress)
        column.addLayout(top)
        column.addWidget(self.remembered)
        column.addLayout(middle, 1)
        column.addLayout(buttons)

    def _connect(self) -> None:
        session = self.session
        session.spec_changed.connect(self._show_spec)
        session.table_changed.connect(self._show_table)
        session.roles_changed.connect(self._show_roles)
        session.columns_described.connect(self._show_profiles)
        session.progressed.connect(self._show_progress)
        session.failed.connect(self._show_failure)
        session.lines_read.connect(self._show_lines)
        session.ready.connect(self._on_ready)
        self.options.chosen.connect(session.set_field)
        self.options.reset_wanted.connect(session.reset_field)
        self.options.save_wanted.connect(self._save_settings)
        self.options.load_wanted.connect(self._load_settings)
        self.remembered.afresh_wanted.connect(session.start_afresh)
        self.columns_pane.table.kind_chosen.connect(session.set_kinds)
        self.columns_pane.table.role_chosen.connect(session.set_roles)
        self.target_panel.target_chosen.connect(self._choose_target)
        self.target_panel.task_chosen.connect(session.set_task)
        self.tabs.report.lines_wanted.connect(session.show_lines)

    def _set_theme(self) -> None:
        """Take the colours in use; the palette tells which they are."""
        theme = _theme_in_use(self)
        for part in (self.options, self.columns_pane.table, self.target_panel, self.tabs.first_rows.rows):
            part.set_theme(theme)

    # ------------------------------------------------------------------ what the user asks for

    @Slot(str)
    def _choose_target(self, name: str) -> None:
        self.session.set_roles((name,), "target")

    @Slot()
    def _take(self) -> None:
        self._say_problem("")
        self.session.take(self._settings)
        self._show_state()

    @Slot()
    def _save_settings(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save these settings", f"{self._name}.json", "JSON (*.json)")
        if name:
            self.save_settings(Path(name))

    @Slot()
    def _load_settings(self) -> None:
        folder = str(self.session.path.parent)
        name, _ = QFileDialog.getOpenFileName(self, "Load settings", folder, "JSON (*.json);;All files (*)")
        if name:
            self.load_settings(Path(name))

    def save_settings(self, path: Path) -> None:
        """Write how the file is read into a JSON file."""
        from engine.data.spec_file import write_spec

        try:
            write_spec(self.session.taken_spec, path)
        except OSError as error:
            self._say_problem(f"{path.name}: could not be written ({_reason(error)}); choose another place.")

    def load_settings(self, path: Path) -> None:
        """Read the file as a JSON file says."""
        from engine.data.spec_file import read_spec

        try:
            self.session.use_spec(read_spec(path))
        except DataError as error:
            self._say_problem(str(error))
        except OSError as error:
            self._say_problem(f"{path.name}: could not be read ({_reason(error)}); choose another file.")

    # ------------------------------------------------------------------ showing

    @Slot()
    def _show_spec(self) -> None:
        session = self.session
        self._say_problem("")
        self.options.show_spec(session.spec, session.recognised, session.reasons, frozenset(session.choices.fields))
        self.remembered.show_remembered(session.remembered)
        self._show_state()

    @Slot()
    def _show_table(self) -> None:
        self.summary.set_texts([summary(self.session, self._name), self._name])
        self.columns.show_table()
        self.columns_pane.hint.setText("" if self.session.columns else COLUMNS_LATER)
        self.tabs.show_table(self.session)
        if self.session.table is not None and self.session.failure is None:
            self._say_problem("")
            self._leave_failure()
        self._show_roles()

    @Slot()
    def _show_roles(self) -> None:
        self.columns.show_roles()
        self.columns_pane.show_caution()
        self.tabs.first_rows.rows.show_roles(self.session.suggestion)
        self.target_panel.show_roles()
        self._show_state()

    @Slot()
    def _show_profiles(self) -> None:
        self.columns.show_profiles()
        self.target_panel.show_balance()
        read = self.session.table
        rows = f"Values of the first {read.table.n_rows:,} rows" if read is not None and not self.session.is_whole else ""
        self.columns_pane.hint.setText(rows)
        self.columns_pane.show_caution()

    @Slot(object)
    def _show_progress(self, share: float) -> None:
        self.progress.setValue(round(share * _PARTS))
        self._show_state()

    @Slot(object)
    def _show_lines(self, message: LinesRead) -> None:
        self.tabs.show_lines(message.lines, message.encoding)

    @Slot(object)
    def _show_failure(self, failure: DataFailure) -> None:
        self._say_problem(failure.sentence)
        self.summary.set_texts([summary(self.session, self._name), self._name])
        if not self.session.is_whole:
            self._failed_before = True
            self.tabs.show_failure(failure.line)
        self._show_state()

    def _leave_failure(self) -> None:
        """Go back to the first rows once the file can be read."""
        if self._failed_before:
            self._failed_before = False
            self.tabs.setCurrentIndex(FIRST_ROWS)

    def _show_state(self) -> None:
        session = self.session
        self.progress.setVisible(session.is_reading)
        self.state.setText(f"reading the rest: {self.progress.value() / _PARTS:.0%}" if session.is_reading else "")
        self.take.setEnabled(session.can_be_taken and not session.is_wanted)
        self.take.setText(TAKE if not session.is_wanted else WAITING if session.is_reading else PREPARING)

    def _say_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    @Slot(object)
    def _on_ready(self, message: DataReady) -> None:
        self.accepted_data.emit(message)
        self.accept()


def _keep_room(widget: QWidget) -> None:
    """Leave the place of a widget free while it is hidden, so that nothing jumps."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _theme_in_use(widget: QWidget) -> Theme:
    """Return the theme whose window has the colour of the widget's palette."""
    colour = widget.palette().window().color().name().upper()
    return next((theme for theme in THEMES.values() if theme.window.upper() == colour), LIGHT)
