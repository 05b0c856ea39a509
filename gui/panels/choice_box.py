"""A combo box for a setting that is chosen from a list."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyleOptionComboBox, QWidget

from gui.appearance import restyle
from gui.panels.form import FIELD_PX

_CHROME_PX = 28
"""What the style sheet puts around the text."""

CHOICE_LABELS: dict[str, str] = {
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "gelu_tanh": "GELU (tanh)",
    "silu": "SiLU",
    "glorot_uniform": "Glorot uniform",
    "glorot_normal": "Glorot normal",
    "he_uniform": "He uniform",
    "he_normal": "He normal",
    "lecun_uniform": "LeCun uniform",
    "lecun_normal": "LeCun normal",
    "mse": "MSE",
    "mae": "MAE",
    "huber": "Huber",
    "bce": "BCE",
    "cross_entropy": "cross-entropy",
    "sgd": "SGD",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adadelta": "Adadelta",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "NAdam",
    "lion": "Lion",
    "lbfgs": "L-BFGS",
    "step": "steps",
    "warm_restarts": "warm restarts",
    "warm_up": "linear warm-up",
    "one_cycle": "one cycle",
    "plateau": "on a plateau",
}
"""How the names of the table of settings are written for people, where the name itself won't do."""


def choice_label(name: str) -> str:
    """Return how a choice is written for people."""
    return CHOICE_LABELS.get(name, name)


class ChoiceBox(QComboBox):
    """Show the choice in force; ask for another.

    Turning the wheel over the closed box scrolls the panel and changes nothing.

    Signals
    -------
    chosen(str)
        The name picked by the user.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(16)
        self.activated.connect(self._pass_on)

    def set_choices(self, names: Iterable[str], tips: dict[str, str] | None = None) -> None:
        """Offer these names."""
        self.clear()
        for name in names:
            self.addItem(choice_label(name), name)
            self.setItemData(self.count() - 1, (tips or {}).get(name, choice_label(name)), Qt.ItemDataRole.ToolTipRole)

    def show_choice(self, name: str) -> None:
        """Show a choice, without a signal; one that is not offered is shown as it is."""
        index = self.findData(name)
        if index != self.currentIndex() or index < 0:
            self.setCurrentIndex(index)
        if index < 0:
            self.setPlaceholderText(name)
        self._make_room()

    def explain_choice(self, name: str, label: str) -> None:
        """Write another label for an offered choice, such as what "auto" stands for now."""
        index = self.findData(name)
        if index >= 0 and self.itemText(index) != label:
            self.setItemText(index, label)
            self._make_room()

    def mark_wrong(self, wrong: bool) -> None:
        """Give the box the look of a wrong entry, or take it away."""
        restyle(self, invalid=wrong)

    def minimumSizeHint(self) -> QSize:
        """Allow a box narrower than its longest choice, which is then cut with an ellipsis."""
        return QSize(64, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Want no more width than the column gives."""
        return QSize(64, super().sizeHint().height())

    def showPopup(self) -> None:
        """Open the list, wide enough for its longest line."""
        view = self.view()
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0) + 32))
        super().showPopup()

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """End the text with an ellipsis where the box is too narrow for it."""
        super().initStyleOption(option)
        room = self.width() - _CHROME_PX + 2
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        event.ignore()

    def _make_room(self) -> None:
        """Allow more than the column of fields for a choice that needs it."""
        needed = self.fontMetrics().horizontalAdvance(self.currentText()) + _CHROME_PX
        self.setMaximumWidth(max(FIELD_PX, needed))

    @Slot(int)
    def _pass_on(self, index: int) -> None:
        self.chosen.emit(self.itemData(index))
