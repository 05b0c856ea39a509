"""The card in which a weight or bias of the network diagram is typed, a unit switched off, a layer frozen."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.session.messages import RunState, Snapshot
from gui.theme import CORNER, LIGHT, SPACE, Theme, mix
from gui.views.frame_pace import FIGURES_SECONDS, FramePace
from gui.views.network_edits import Target, can_be_switched_off, freezing, is_off, numbers_of, switching
from gui.views.network_geometry import UnitId
from gui.views.number_entry import NumberEntry

_WIDTH = 292
"""Room for every number of double precision beside its name."""

_NUMBERS = ("weight", "bias", "scale", "shift")


class NetworkEditor(QFrame):
    """Shows what can be changed at one link or unit, and asks for the changes; hidden while nothing is edited.

    Lives in the GUI thread. While a field has the keys during training it keeps the number it had when they came to it.

    Signals
    -------
    parameter_entered(object, object)
        A place of the flat vector of parameters, and the number wanted there.
    settings_changed(object)
        A dict of live settings, such as {"freeze": (1,)}.
    closed()

    Attributes
    ----------
    target : LinkId, UnitId or None
        What is edited.
    entries : dict of str to NumberEntry
        The fields by the name of their number.
    """

    parameter_entered = Signal(object, object)
    settings_changed = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.target: Target | None = None
        self._snapshot: Snapshot | None = None
        self._places: dict[str, int] = {}
        self._pace = FramePace(FIGURES_SECONDS)
        self.entries: dict[str, NumberEntry] = {}
        self._labels: dict[str, QLabel] = {}
        self.title = _label("muted")
        self.moment = _label("small")
        self.problem = _label("error")
        self.switch = _button(self._ask_to_switch)
        self.freeze = _button(self._ask_to_freeze)
        self._lay_out()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        QApplication.instance().focusChanged.connect(self._follow_focus)
        self.hide()

    # ------------------------------------------------------------------ what it shows

    def edit(self, target: Target, title: str, snapshot: Snapshot) -> None:
        """Open on a link or unit, with the keys in its first field."""
        self.target = target
        self._places = dict(numbers_of(snapshot.spec, target))
        self.title.setText(title)
        for name, entry in self.entries.items():
            entry.setModified(False)
            entry.mark_wrong(False)
            for part in (entry, self._labels[name]):
                part.setVisible(name in self._places)
        self._say_nothing()
        self._pace.restart()
        self._show(snapshot)
        self.show()
        self.raise_()
        field = next((self.entries[name] for name in self._places), None)
        if field is not None:
            field.setFocus(Qt.FocusReason.PopupFocusReason)
            field.selectAll()
        else:
            self.setFocus(Qt.FocusReason.PopupFocusReason)

    def render(self, snapshot: Snapshot) -> None:  # type: ignore[override]
        """Take a frame: the numbers of the step shown, except where a field has the keys while training runs."""
        if self.target is None:
            return
        typing = any(entry.hasFocus() for entry in self.entries.values())
        if not (snapshot.state is RunState.RUNNING and typing) and self._pace.takes(snapshot):
            self._show(snapshot)
        self._snapshot = snapshot

    def close_card(self) -> None:
        """Leave everything as it is, and give the keys back to the window."""
        if self.target is None:
            return
        self.target = None
        focused = self.window().focusWidget()
        if focused is not None and self._has(focused):
            focused.clearFocus()
        self.hide()
        self.closed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def _show(self, snapshot: Snapshot) -> None:
        assert self.target is not None
        self._snapshot = snapshot
        for name, index in self._places.items():
            self.entries[name].show_value(snapshot.parameters[index])
        self.moment.setText(f"at step {snapshot.step:,}")
        self.moment.setVisible(bool(self._places))
        self._show_buttons(self.target, snapshot)
        self._fit()

    def _show_buttons(self, target: Target, snapshot: Snapshot) -> None:
        self.switch.setVisible(can_be_switched_off(snapshot.spec, target))
        self.freeze.setVisible(isinstance(target, UnitId) and target.layer > 0)
        if not isinstance(target, UnitId):
            return
        self.switch.setText("Switch on" if is_off(snapshot.spec, target) else "Switch off")
        layer = "output layer" if target.layer == snapshot.spec.n_layers else f"layer {target.layer}"
        self.freeze.setText(f"{'Thaw' if target.layer in snapshot.settings.freeze else 'Freeze'} {layer}")

    @Slot(str)
    def _say(self, sentence: str) -> None:
        """Say below the fields what is wrong; nothing where the sentence is empty."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self._fit()

    @Slot()
    def _say_nothing(self) -> None:
        self._say("")

    def _fit(self) -> None:
        """Take the height that is needed, inside the panel as far as there is room."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(_WIDTH, layout.heightForWidth(_WIDTH) if layout.hasHeightForWidth() else layout.sizeHint().height())
        self.keep_inside()

    def keep_inside(self) -> None:
        """Stay inside the panel."""
        room = self.parentWidget().rect().adjusted(SPACE, SPACE, -SPACE, -SPACE)
        left = max(room.left(), min(self.x(), room.right() - self.width()))
        self.move(left, max(room.top(), min(self.y(), room.bottom() - self.height())))

    # ------------------------------------------------------------------ requests

    @Slot()
    def _ask_to_switch(self) -> None:
        if isinstance(self.target, UnitId) and self._snapshot is not None:
            self.setFocus()
            self.settings_changed.emit(switching(self._snapshot.settings, self.target))

    @Slot()
    def _ask_to_freeze(self) -> None:
        if isinstance(self.target, UnitId) and self._snapshot is not None:
            self.setFocus()
            self.settings_changed.emit(freezing(self._snapshot.settings, self.target.layer))

    @Slot(str, object)
    def _enter(self, name: str, value: float) -> None:
        """Ask for a number; where training stands, not for the one that is there already."""
        snapshot = self._snapshot
        assert snapshot is not None
        index = self._places[name]
        there = snapshot.parameters[index]
        self.setFocus()  # a finished entry gives the keys back to the window
        if snapshot.state is RunState.RUNNING or type(there)(value) != there:
            self.parameter_entered.emit(index, value)

    # ------------------------------------------------------------------ Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape; press the button that has the keys on Enter."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_card()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            for button in (self.switch, self.freeze):
                if button.hasFocus():
                    button.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card as the card beside the pointer is drawn."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(mix(self._theme.line, self._theme.text, 0.16)), 1.0))
        painter.setBrush(QColor(self._theme.panel))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), CORNER - 2, CORNER - 2)
        painter.end()

    @Slot(QWidget, QWidget)
    def _follow_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        """Close when something else takes the keys: a click elsewhere."""
        if now is not None and not self._has(now):
            self.close_card()

    def _has(self, widget: QWidget) -> bool:
        return widget is self or self.isAncestorOf(widget)

    # ------------------------------------------------------------------ building

    def _lay_out(self) -> None:
        numbers = QGridLayout()
        numbers.setVerticalSpacing(SPACE // 2)
        numbers.setColumnStretch(1, 1)
        for row, name in enumerate(_NUMBERS):
            entry, label = NumberEntry(name, self), QLabel(name, self)
            entry.committed.connect(self._enter)
            entry.rejected.connect(self._say)
            entry.corrected.connect(self._say_nothing)
            numbers.addWidget(label, row, 0)
            numbers.addWidget(entry, row, 1)
            self.entries[name], self._labels[name] = entry, label
        buttons = QHBoxLayout()
        for button in (self.switch, self.freeze):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE + 2, SPACE, SPACE + 2, SPACE + 2)
        column.setSpacing(SPACE // 2)
        for part in (self.title, self.moment):
            column.addWidget(part)
        column.addLayout(numbers)
        column.addWidget(self.problem)
        column.addLayout(buttons)


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _button(clicked: object) -> QPushButton:
    button = QPushButton()
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(clicked)
    return button
