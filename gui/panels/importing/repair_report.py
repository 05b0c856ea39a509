"""Every repair in a line of its own, and beside it the lines of the file where it happened."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListView, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from engine.data.repairs import Repair
from gui.panels.importing.raw_lines_view import LINES_BEFORE, LINES_SHOWN, RawLinesView
from gui.theme import SPACE

NOTHING = "Nothing had to be repaired."
FAILED_AT_LINE = "Reading stopped at the marked line. Change an option at the left, or mend the file."
FAILED = "This is how the file begins. Change an option at the left, or choose another file."
FAILED_WITHOUT_TEXT = "Nothing in this file can be shown as text. Choose another file, or change an option at the left."
_NO_LINE = "This concerns the whole file."


class RepairReport(QWidget):
    """Lists repairs; the one picked shows its line in the file, with the way to its other lines.

    Signals
    -------
    lines_wanted(int, int)
        The first line to show and how many.
    """

    lines_wanted = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._repairs: tuple[Repair, ...] = ()
        self._lines: tuple[int, ...] = ()
        self._place = 0
        self._failed = False
        self.is_without_text = False
        self.beside = QWidget(self)
        self.sentence = QLabel(FAILED_WITHOUT_TEXT, self)
        self.sentence.setWordWrap(True)
        self.sentence.hide()
        self.list = QListWidget(self)
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(1)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setAccessibleName("Repairs")
        self.list.currentRowChanged.connect(self._pick)
        self.raw = RawLinesView(self)
        self.where = QLabel(self)
        self.where.setProperty("role", "small")
        self.previous, self.next = self._button("Previous line", self._back), self._button("Next line", self._on)
        self._lay_out()

    def show_repairs(self, repairs: tuple[Repair, ...]) -> None:
        """List these repairs and show the first lines of the file."""
        if repairs == self._repairs and self.list.count() == max(1, len(repairs)) and not self._failed:
            self._go(self._lines, self._place)  # the same lines, perhaps read in another encoding
            return
        self._failed = False
        self._repairs = repairs
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([repair.what for repair in repairs])
        if not repairs:
            self.list.addItem(self._hint(NOTHING))
        self.list.setCurrentRow(-1)
        self.list.blockSignals(False)
        self._go((), 0)

    def show_failure(self, line: int | None) -> None:
        """Show where in the file reading stopped; its first lines where no line is to blame."""
        self._repairs, self._failed = (), True
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItem(self._hint(FAILED_AT_LINE if line is not None else FAILED))
        self.beside.hide()  # until there are lines
        self.list.blockSignals(False)
        self._go(() if line is None else (line,), 0)

    def show_lines(self, lines: tuple[tuple[int, str], ...], encoding: str = "") -> None:
        """Show lines of the file; where reading failed and there is no text, say so."""
        self.is_without_text = self._failed and not lines
        self.sentence.setVisible(self.is_without_text)
        for pane in (self.list, self.beside):
            pane.setHidden(self.is_without_text)
        self.where.setText(f"{self._words().rstrip('.')}, shown as {encoding.upper()}" if encoding else self._words())
        self.raw.show_lines(lines, self._lines[self._place] if self._lines else None)

    def _button(self, text: str, act: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    @staticmethod
    def _hint(text: str) -> QListWidgetItem:
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        return item

    def _lay_out(self) -> None:
        steps = QHBoxLayout()
        steps.setSpacing(SPACE)
        steps.addWidget(self.where, 1)
        steps.addWidget(self.previous)
        steps.addWidget(self.next)
        right = QVBoxLayout(self.beside)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(SPACE // 2)
        right.addWidget(self.raw, 1)
        right.addLayout(steps)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self.sentence, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.list, 2)
        row.addWidget(self.beside, 3)

    @Slot(int)
    def _pick(self, row: int) -> None:
        if 0 <= row < len(self._repairs):
            repair = self._repairs[row]
            self._go(repair.lines or (() if repair.line is None else (repair.line,)), 0)

    @Slot()
    def _back(self) -> None:
        self._go(self._lines, self._place - 1)

    @Slot()
    def _on(self) -> None:
        self._go(self._lines, self._place + 1)

    def _go(self, lines: tuple[int, ...], place: int) -> None:
        """Show the line at `place` of `lines`; the start of the file where there is none."""
        self._lines, self._place = lines, place
        several = len(lines) > 1
        for button in (self.previous, self.next):
            button.setVisible(several)
        self.previous.setEnabled(place > 0)
        self.next.setEnabled(place + 1 < len(lines))
        self.where.setText(self._words())
        line = lines[place] if lines else 1
        self.lines_wanted.emit(max(1, line - LINES_BEFORE), LINES_SHOWN)

    def _words(self) -> str:
        if not self._lines:
            return _NO_LINE if self.list.currentRow() >= 0 and self._repairs else "The first lines of the file."
        line = f"Line {self._lines[self._place]:,}"
        return f"{line}, {self._place + 1:,} of {len(self._lines):,}" if len(self._lines) > 1 else line
