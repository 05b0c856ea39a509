"""How the file is read: every field of the import specification, the less usual ones folded away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from engine.data.import_spec import ImportSpec
from gui.icons import quiet_icon
from gui.panels.importing.fields import FIELDS
from gui.panels.importing.option_row import OptionRow
from gui.theme import LIGHT, SPACE, Theme

PANEL_PX = 304
_ARROW_PX = 12


class OptionsPanel(QFrame):
    """Show the fields with their reasons.

    A folded field that is chosen, or recognised as something unusual, shows itself: nothing in force is hidden.

    Signals
    -------
    chosen(str, object), reset_wanted(str)
        A field and the value wanted; a field that should be as recognised.
    save_wanted(), load_wanted()
    """

    chosen = Signal(str, object)
    reset_wanted = Signal(str)
    save_wanted = Signal()
    load_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(PANEL_PX)
        self.rows = {field.name: OptionRow(field) for field in FIELDS}
        self._theme = LIGHT
        self._opened = False
        self._unusual: frozenset[str] = frozenset()
        self.toggle = QToolButton(self)
        self.toggle.setProperty("disclosure", True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.clicked.connect(self._fold)
        self.save = QPushButton("Save these settings…", self)
        self.save.setToolTip("Write how this file is read into a JSON file, to be used again here or with --import-spec.")
        self.save.clicked.connect(self.save_wanted)
        self.load = QPushButton("Load settings…", self)
        self.load.setToolTip("Read this file as a JSON file says that was saved before.")
        self.load.clicked.connect(self.load_wanted)
        for button in (self.save, self.load):
            button.setAutoDefault(False)
        for row in self.rows.values():
            row.chosen.connect(self.chosen)
            row.reset_wanted.connect(self.reset_wanted)
        self.rows["compression"].editor.setEnabled(False)
        self._lay_out()

    def show_spec(self, spec: ImportSpec, recognised: ImportSpec, reasons: dict[str, str], chosen: frozenset[str]) -> None:
        """Show how the file is read, how it was recognised and why; `chosen` are the fields the user changed."""
        plain = ImportSpec()
        for name, row in self.rows.items():
            row.show_value(getattr(spec, name), getattr(recognised, name), reasons.get(name, ""), chosen=name in chosen)
        differing = {name for name in self.rows if getattr(spec, name) != getattr(plain, name)}
        self._unusual = frozenset(differing | chosen)
        self._place()

    def set_theme(self, theme: Theme) -> None:
        """Tint the icons."""
        self._theme = theme
        for row in self.rows.values():
            row.set_theme(theme)
        self._write()

    def _lay_out(self) -> None:
        title = QLabel("HOW IT IS READ", self)
        title.setProperty("role", "section")
        content = QWidget(self)
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, SPACE // 2, 0)
        rows.setSpacing(2)
        for row in self.rows.values():
            rows.addWidget(row)
        fold = QHBoxLayout()
        self.toggle.setStyleSheet("margin-left: 0")  # the frame of the focus would be cut by the edge of the list
        fold.addWidget(self.toggle)
        fold.addStretch(1)
        rows.addLayout(fold)
        rows.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for ground in (scroll.viewport(), content):
            ground.setAutoFillBackground(False)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.save, 1)
        buttons.addWidget(self.load, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(title)
        column.addWidget(scroll, 1)
        column.addLayout(buttons)

    @Slot()
    def _fold(self) -> None:
        self._opened = not self._opened
        self._place()

    def _place(self) -> None:
        for name, row in self.rows.items():
            row.setVisible(row.field.essential or self._opened or name in self._unusual)
        self._write()

    def _write(self) -> None:
        self.toggle.setText("Fewer options" if self._opened else "More options")
        self.toggle.setAccessibleName(self.toggle.text())
        name = "chevron-down" if self._opened else "chevron-right"
        self.toggle.setIcon(quiet_icon(name, self._theme, size=_ARROW_PX))
