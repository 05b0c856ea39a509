"""The list of keys and a few first steps, and what the program is: shown beside the window, never in its way."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QVBoxLayout, QWidget

from engine.version import __version__
from gui.actions import COMMANDS
from gui.theme import SPACE

FIRST_STEPS = (
    "Press Space: the network trains on the example that is open. Press it again to pause.",
    "Drag the handle of the timeline, or press Left: every step comes back exactly as it was.",
    "Change the learning rate at a past step: a second branch starts there, and the old future stays.",
    "Click a link or a unit of the network: type another number, switch the unit off, freeze its layer.",
    "More, in the head of a section at the left, unfolds its rarer settings; those in force are never hidden.",
    "Open a table of your own with Ctrl+O, drop a file on the window, or paste a table with Ctrl+V.",
    "See its rows with Ctrl+D: click one, and follow it through the network and the pictures.",
    "Draw, in the head of the prediction, makes a data set of your own: keys 1 to 6 choose a class, E erases, Ctrl+Z undoes.",
    "Export the run with Ctrl+E: its numbers, and scripts that repeat it and predict without this program.",
)


class _Sheet(QDialog):
    """A small window without a choice to make."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 3 * SPACE)
        self.column.setSpacing(SPACE)

    def add_title(self, text: str) -> None:
        """Add a heading."""
        label = QLabel(text, self)
        label.setObjectName("panelTitle")
        self.column.addWidget(label)

    def add_text(self, text: str) -> None:
        """Add a paragraph."""
        label = QLabel(text, self)
        label.setWordWrap(True)
        self.column.addWidget(label)


class HelpPanel(_Sheet):
    """First steps and keys, from the one table of commands."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Keyboard and help", parent)
        self.setMinimumWidth(480)
        self.add_title("First steps")
        for sentence in FIRST_STEPS:
            self.add_text(sentence)
        self.column.addSpacing(SPACE)
        self.add_title("Keys")
        form = QFormLayout()
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(SPACE // 2)
        for command in COMMANDS:
            if command.key:
                form.addRow(QLabel(command.key, self), QLabel(command.help, self))
        self.column.addLayout(form)

    @staticmethod
    def show_over(parent: QWidget) -> None:
        """Show the sheet over a window."""
        HelpPanel(parent).show()


class AboutPanel(_Sheet):
    """Name, version and licence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("About Backprop Studio", parent)
        self.add_title(f"Backprop Studio {__version__}")
        self.add_text("Watch a neural network learn from your own table.")
        self.add_text("MIT licence. Icons: Lucide (ISC licence). Typeface: Inter (SIL Open Font Licence).")

    @staticmethod
    def show_over(parent: QWidget) -> None:
        """Show the sheet over a window."""
        AboutPanel(parent).show()
