"""A line above the panels that says what went wrong and offers what can be done; never in the way, never a dialog."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from gui.appearance import restyle
from gui.icons import quiet_icon
from gui.session.messages import Finished
from gui.theme import SPACE, Theme


class NoticeBar(QFrame):
    """Shows one notice at a time, with at most one offer; hidden while there is none.

    Lives in the GUI thread.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeBar")
        self._act: Callable[[], None] | None = None
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._offer = QPushButton(self)
        self._offer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._offer.clicked.connect(self.take_offer)
        self._close = QToolButton(self)
        self._close.setProperty("quiet", True)
        self._close.setToolTip("Dismiss")
        self._close.setAccessibleName("Dismiss the notice")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE // 2, SPACE, SPACE // 2)
        row.setSpacing(SPACE)
        row.addWidget(self._text, 1)
        row.addWidget(self._offer)
        row.addWidget(self._close)
        self.hide()

    def show_notice(self, sentence: str, *, wrong: bool = True, offer: str = "", act: Callable[[], None] | None = None) -> None:
        """Show a sentence; `offer` names the button that calls `act` and dismisses the notice."""
        self._act = act
        self._text.setText(sentence)
        self._offer.setText(offer)
        self._offer.setVisible(bool(offer))
        restyle(self, wrong=wrong)
        self.setAccessibleName(sentence)
        self.show()

    @property
    def sentence(self) -> str:
        """The notice shown, empty while there is none."""
        return self._text.text() if not self.isHidden() else ""

    def set_theme(self, theme: Theme) -> None:
        """Tint the button."""
        self._close.setIcon(quiet_icon("x", theme, size=14))

    @Slot()
    def dismiss(self) -> None:
        """Take the notice away."""
        self._act = None
        self.hide()

    @Slot()
    def take_offer(self) -> None:
        """Do what the notice offers."""
        act = self._act
        self.dismiss()
        if act is not None:
            act()


def finished_sentence(message: Finished) -> str:
    """Return what to say when a rule of the settings ended a run."""
    if message.best_step is None:
        return f"Stopped at step {message.step:,}: {message.sentence}. Press Play to go on past it."
    return f"Stopped early: {message.sentence}, and the run went back to it. Press Play to go on without this rule."
