"""The choice of the two inputs that the response maps are drawn over, for the head of a panel."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from gui.views.link_button import LinkButton
from gui.views.panel_head import ElidedLabel

_GROUP = 24
"""Inputs per menu; more of them are spread over submenus."""

_WIDEST_NAME_PX = 96


class InputMenu(LinkButton):
    """One input, with a menu of all others that is filled when it opens.

    Lives in the GUI thread.

    Signals
    -------
    chosen(int)
        The number of the input the user chose.
    """

    chosen = Signal(int)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setProperty("bare", True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setAccessibleName(words)
        self._words = words
        self._names: tuple[str, ...] = ()
        self._current = 0
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        menu.triggered.connect(self._choose)
        self.setMenu(menu)

    @property
    def current(self) -> int:
        """The number of the present input."""
        return self._current

    def set_names(self, names: Sequence[str]) -> None:
        """Offer these inputs."""
        self._names = tuple(names)

    def set_current(self, number: int) -> None:
        """Show an input as the present one, without a signal."""
        self._current = number
        name = self._names[number]
        short = QFontMetrics(self.font()).elidedText(name, Qt.TextElideMode.ElideMiddle, _WIDEST_NAME_PX)
        self.setText(f"{short.replace('&', '&&')} ▾")
        self.setToolTip(f"{self._words}: {name}")

    @Slot()
    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        numbers = range(len(self._names))
        if len(numbers) <= _GROUP:
            self._add(menu, numbers)
            return
        for start in numbers[::_GROUP]:
            group = numbers[start : start + _GROUP]
            self._add(menu.addMenu(f"{self._names[group[0]]} … {self._names[group[-1]]}"), group)

    def _add(self, menu: QMenu, numbers: range) -> None:
        for number in numbers:
            action = menu.addAction(self._names[number].replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(number == self._current)
            action.setData(number)

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        self.chosen.emit(int(action.data()))


class InputPairHead(QWidget):
    """Two inputs to choose: "response over x1 × x2".

    Lives in the GUI thread.

    Signals
    -------
    pair_chosen(object)
        (horizontal, vertical), two numbers of inputs; choosing the other's input swaps them.
    """

    pair_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = ElidedLabel()
        self._label.set_texts("response over", "over", "")
        self._times = QLabel("×")
        self._times.setProperty("role", "muted")
        self.horizontal = InputMenu("Horizontal axis of the response maps")
        self.vertical = InputMenu("Vertical axis of the response maps")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addStretch(1)
        for part in (self._label, self.horizontal, self._times, self.vertical):
            row.addWidget(part)
        self.horizontal.chosen.connect(self._choose_horizontal)
        self.vertical.chosen.connect(self._choose_vertical)
        self.set_names(())

    def set_names(self, names: Sequence[str]) -> None:
        """Offer the inputs of a network, the first two chosen; without names there is nothing to choose."""
        for part in (self._label, self.horizontal):
            part.setVisible(len(names) > 0)
        for part in (self._times, self.vertical):
            part.setVisible(len(names) > 1)
        for menu in (self.horizontal, self.vertical):
            menu.set_names(names)
        if names:
            self.set_pair((0, min(1, len(names) - 1)))

    def set_pair(self, pair: tuple[int, int]) -> None:
        """Show a pair as the present one, without a signal."""
        self.horizontal.set_current(pair[0])
        self.vertical.set_current(pair[1])

    @Slot(int)
    def _choose_horizontal(self, number: int) -> None:
        other = self.vertical.current if number != self.vertical.current else self.horizontal.current
        self._choose((number, other))

    @Slot(int)
    def _choose_vertical(self, number: int) -> None:
        other = self.horizontal.current if number != self.horizontal.current else self.vertical.current
        self._choose((other, number))

    def _choose(self, pair: tuple[int, int]) -> None:
        self.set_pair(pair)
        self.pair_chosen.emit(pair)
