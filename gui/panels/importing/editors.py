"""The fields in which a person changes how a file is read; each shows a value and asks for another one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QSpinBox, QWidget

from gui.panels.importing.fields import ENCODINGS, tokens_of, tokens_text

MOST_LINES = 1_000_000
_OTHER = object()
_OTHER_PX = 30
_NARROWEST_PX = 72
_TEXT_LEFT_PX = 6


class ValueBox(QComboBox):
    """Offer values, each with its text; turning the wheel over the closed box changes nothing.

    Signals
    -------
    chosen(object)
        The value picked by the user.
    """

    chosen = Signal(object)

    def __init__(self, texts: dict[Any, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.values: list[Any] = []
        for value, text in texts.items():
            self.add_value(value, text)
        self.activated.connect(self._pass_on)

    def add_value(self, value: Any, text: str) -> None:
        """Offer one more value."""
        self.values.append(value)
        self.addItem(text)

    def show_value(self, value: Any) -> None:
        """Show a value, without a signal; one that is not offered yet is from now on."""
        if value not in self.values:
            self.add_value(value, str(value))
        self.setCurrentIndex(self.values.index(value))

    def minimumSizeHint(self) -> QSize:
        """Allow a box narrower than its longest text."""
        return QSize(_NARROWEST_PX, super().minimumSizeHint().height())

    def showPopup(self) -> None:
        """Open the list, wide enough for its longest line."""
        view = self.view()
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0) + 32))
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        event.ignore()

    @Slot(int)
    def _pass_on(self, index: int) -> None:
        self.chosen.emit(self.values[index])


class CharacterBox(QWidget):
    """Offer usual characters, and a small field for any other.

    Signals
    -------
    chosen(object)
    """

    chosen = Signal(object)

    def __init__(self, texts: dict[Any, str], *, longest: int = 1, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = ValueBox({**texts, _OTHER: "other"}, self)
        self.other = QLineEdit(self)
        self.other.setMaxLength(longest)
        self.other.setFixedWidth(_OTHER_PX)
        self.other.setAccessibleName("Another character")
        self.other.setToolTip("Type the character")
        self.other.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.box, 1)
        row.addWidget(self.other)
        self.setFocusProxy(self.box)
        self.box.chosen.connect(self._pick)
        self.other.textEdited.connect(self._type)

    def show_value(self, value: Any) -> None:
        """Show a character, or None for none of them."""
        usual = value in self.box.values
        self.box.show_value(value if usual else _OTHER)
        self.other.setHidden(usual)
        if not usual and self.other.text() != value:
            self.other.setText(value)

    @Slot(object)
    def _pick(self, value: Any) -> None:
        self.other.setHidden(value is not _OTHER)
        if value is _OTHER:
            self.other.setFocus()
        else:
            self.chosen.emit(value)

    @Slot(str)
    def _type(self, text: str) -> None:
        if text:
            self.chosen.emit(text)


class CheckField(QCheckBox):
    """Something that holds or does not.

    Signals
    -------
    chosen(object)
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(self._pass_on)

    def show_value(self, value: Any) -> None:
        """Show whether it holds."""
        self.setChecked(bool(value))

    @Slot(bool)
    def _pass_on(self, checked: bool) -> None:
        self.chosen.emit(checked)


class CountField(QSpinBox):
    """A number of lines.

    Signals
    -------
    chosen(object)
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, MOST_LINES)
        self.setGroupSeparatorShown(True)
        self.lineEdit().setTextMargins(_TEXT_LEFT_PX, 0, 0, 0)
        self.valueChanged.connect(self._pass_on)

    def show_value(self, value: Any) -> None:
        """Show a number, without a signal."""
        if value != self.value():
            self.blockSignals(True)
            self.setValue(value)
            self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        event.ignore()

    @Slot(int)
    def _pass_on(self, value: int) -> None:
        self.chosen.emit(value)


class TokensField(QLineEdit):
    """A list of texts, edited with commas between them.

    Signals
    -------
    chosen(object)
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.textEdited.connect(self._pass_on)

    def show_value(self, value: Any) -> None:
        """Show a list; what is being typed stays when it means the same."""
        if tokens_of(self.text()) != value:
            self.setText(tokens_text(value))
            self.setCursorPosition(0)

    @Slot(str)
    def _pass_on(self, text: str) -> None:
        self.chosen.emit(tokens_of(text))


class EncodingBox(QComboBox):
    """An encoding, picked or typed; it is taken with Enter or when the field is left.

    Signals
    -------
    chosen(object), rejected(str)
        The encoding wanted, or why what was typed is none.
    """

    chosen = Signal(object)
    rejected = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(8)
        self.addItems(ENCODINGS)
        self._shown = ""
        self.activated.connect(self._commit)
        self.lineEdit().editingFinished.connect(self._commit)
        self.lineEdit().installEventFilter(self)

    def show_value(self, value: Any) -> None:
        """Show an encoding."""
        self._shown = value
        self.setCurrentText(value)

    def eventFilter(self, field: QWidget, event: QEvent) -> bool:
        """Take what was typed with Enter; only an Enter without a change is the dialog's."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key()
            in (
                Qt.Key.Key_Return,
                Qt.Key.Key_Enter,
            )
            and self.currentText().strip() != self._shown
        ):
            self._commit()
            return True
        return super().eventFilter(field, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        event.ignore()

    @Slot()
    def _commit(self) -> None:
        name = self.currentText().strip()
        if name == self._shown:
            return
        try:
            "a".encode(name)
        except (LookupError, ValueError):
            self.rejected.emit(f"There is no encoding named {name!r}.")
            return
        except UnicodeError:
            self.rejected.emit(f"{name!r} can't be used to read text.")
            return
        self._shown = name
        self.chosen.emit(name)
