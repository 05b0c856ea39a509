"""Says that choices made before are in use again, and offers to drop them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from gui.appearance import restyle
from gui.session.import_memory import Remembered
from gui.theme import SPACE

SAME = "This file is read with the choices you made for it before."
CHANGED = "This file is read with the choices you made for it before; it has changed since."


class RememberedBar(QFrame):
    """One sentence and one button; hidden while nothing remembered is in use.

    Signals
    -------
    afresh_wanted()
    """

    afresh_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeBar")
        restyle(self, wrong=False)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.afresh = QPushButton("Start afresh", self)
        self.afresh.setAutoDefault(False)
        self.afresh.setToolTip("Forget these choices and read the file as it is recognised.")
        self.afresh.clicked.connect(self.afresh_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE // 2, SPACE // 2, SPACE // 2)
        row.addWidget(self.words, 1)
        row.addWidget(self.afresh)
        self.hide()

    def show_remembered(self, remembered: Remembered | None) -> None:
        """Say that choices are in use again, or nothing."""
        self.setVisible(remembered is not None)
        if remembered is not None:
            self.words.setText(CHANGED if remembered.changed else SAME)
