"""The tool bar: files, play and step, speed, and the settings that may change while a run goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from engine.settings import Settings, shown
from gui.icons import ICON_PX, icon
from gui.panels.batch_entry import BatchEntry
from gui.panels.choice_tips import choice_tips
from gui.panels.choices_in_force import consequences
from gui.panels.field_error import FieldError
from gui.panels.menu_button import MenuButton
from gui.panels.number_field import NumberField, number_text
from gui.panels.optimizer_menu import OPTIMIZER_LINES, optimizer_label, optimizer_line
from gui.panels.run_status import RunStatus
from gui.panels.slider_control import SliderControl
from gui.panels.toolbar_choices import BATCH_SIZES, LEARNING_RATES, SPEEDS
from gui.session.messages import RunState, Unit
from gui.theme import LIGHT, SPACE, TOOLBAR_HEIGHT, Theme, mix

GAP = 4
"""Between an icon and its text."""

_WIDE, _NARROW = 136, 88
_MOST_SHORTENED = 6


class Example(NamedTuple):
    """A line of the examples menu."""

    name: str
    title: str
    description: str


class Toolbar(QFrame):
    """The controls above the pictures. They ask; what they show comes from the session alone.

    Lives in the GUI thread. In a narrow window labels shorten step by step; the last step moves optimizer
    and batch size into a menu.

    Parameters
    ----------
    examples : sequence of Example
        Lines of the examples menu.
    keys : mapping of str to str, optional
        Shortcuts for the tool tips, by action: "open", "reset", "back", "play", "step".

    Signals
    -------
    open_requested(), reset_requested(), back_requested(), play_toggled(), step_requested()
        A button was pressed.
    example_chosen(str)
        The name of an example.
    unit_changed(object)
        The Unit that one press of Step or Back should move by.
    speed_changed(object)
        Steps per second as a float, None for full speed.
    settings_changed(object)
        A dict of live settings, such as {"learning_rate": 0.03}.
    """

    open_requested = Signal()
    example_chosen = Signal(str)
    reset_requested = Signal()
    back_requested = Signal()
    play_toggled = Signal()
    step_requested = Signal()
    unit_changed = Signal(object)
    speed_changed = Signal(object)
    settings_changed = Signal(object)

    def __init__(
        self, examples: Sequence[Example] = (), keys: Mapping[str, str] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("toolbar")
        self.setFixedHeight(TOOLBAR_HEIGHT)
        self._keys = dict(keys or {})
        self._theme = LIGHT
        self._state = RunState.IDLE
        self._shown_state: tuple[object, ...] = ()
        self._settings: Settings | None = None
        self._level = -1
        self._level_widths: list[int] = []
        self._menu_widths = (0, 0)
        self._build_buttons()
        self._build_menus(examples)
        self._build_sliders()
        self.status = RunStatus(self)
        self._lay_out()
        self.set_theme(LIGHT)
        self.show_unit(Unit.UPDATE)
        self.show_speed(None)
        self.show_settings(Settings())
        self.show_state(RunState.IDLE, can_go_back=False, has_run=False)

    # ------------------------------------------------------------------ what is shown

    def show_state(self, state: RunState, can_go_back: bool, has_run: bool = True) -> None:
        """Enable the buttons that make sense in a state.

        Parameters
        ----------
        state : RunState
        can_go_back : bool
            Whether there is an earlier step.
        has_run : bool
            Whether there is a run at all.
        """
        shown_now = (state, can_go_back, has_run)
        if shown_now == self._shown_state:
            return
        self._shown_state = shown_now
        self._state = state
        running = state is RunState.RUNNING
        ahead = state is not RunState.FAILED
        self.reset.setEnabled(has_run)
        self.back.setEnabled(has_run and can_go_back)
        self.play.setEnabled(has_run and (running or ahead))
        self.step.setEnabled(has_run and ahead)
        self.play.setText("Pause" if running else "Play")
        self._show_play_icon()
        self._set_tip(self.play, "Pause" if running else "Play", "play")
        self.status.show_state(state)

    def show_unit(self, unit: Unit) -> None:
        """Show what Step and Back move by."""
        self._unit = unit
        self.unit.show_value(unit, unit.value if self._level >= 2 else f"Step: {unit.value}")
        self._set_tip(self.back, f"Back one {unit.value}", "back")
        self._set_tip(self.step, f"Forward one {unit.value}", "step")

    def show_speed(self, steps_per_second: float | None) -> None:
        """Show the speed asked for; None is full speed."""
        self.speed.slider.show_value(steps_per_second)
        self._speed_value.setText("full" if steps_per_second is None else f"{number_text(steps_per_second)}/s")

    def show_settings(self, settings: Settings) -> None:
        """Show the live settings in force, without a signal."""
        if settings == self._settings:
            return
        self._settings = settings
        self.learning_rate.slider.show_value(settings.learning_rate)
        self.learning_rate_field.show_value(settings.learning_rate)
        self.optimizer.show_value(optimizer_line(settings), optimizer_label(settings))
        self.batch.show_value(settings.batch_size, f"Batch {settings.batch_size}")
        self._batch_entry.show_value(settings.batch_size)
        self._measure_again(only_if_wider=True)

    def show_rates(self, steps_per_second: float, frames_per_second: float) -> None:
        """Show the measured rates."""
        self.status.show_rates(steps_per_second, frames_per_second)

    @Slot(str)
    def show_error(self, sentence: str) -> None:
        """Say below the learning rate why it can't be used."""
        self.learning_rate_field.mark_wrong()
        self._error.say(sentence.removeprefix("learning_rate: "))

    def set_theme(self, theme: Theme) -> None:
        """Tint the icons."""
        self._theme = theme
        self.open.setIcon(icon("folder-open", theme, gap=GAP))
        self.open.setIconSize(QSize(ICON_PX + GAP, ICON_PX))
        self.reset.setIcon(icon("rotate-ccw", theme))
        self.back.setIcon(icon("step-back", theme))
        self.step.setIcon(icon("step-forward", theme))
        self.more.setIcon(icon("ellipsis", theme))
        for button in (self.examples, self.unit, self.optimizer, self.batch):
            button.set_theme(theme)
        self._show_examples_icon()
        self._show_play_icon()

    # ------------------------------------------------------------------ room

    def minimumSizeHint(self) -> QSize:
        """Return the size at which everything is still reachable."""
        return QSize(self._widths()[-1], TOOLBAR_HEIGHT)

    def sizeHint(self) -> QSize:
        """Return the size at which nothing is shortened."""
        return QSize(self._widths()[0], TOOLBAR_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten labels as far as the width asks for."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Measure anew when the type changes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure_again()

    def _measure_again(self, *, only_if_wider: bool = False) -> None:
        """Forget the widths measured, because the type or the width of a menu's button changed."""
        menus = (self.optimizer.minimumWidth(), self.batch.minimumWidth())
        if not self._level_widths or (only_if_wider and menus == self._menu_widths):
            return
        self._level_widths = []
        self._fit()
        self.updateGeometry()

    def _fit(self) -> None:
        widths = self._widths()
        self._shorten(next((level for level, width in enumerate(widths) if width <= self.width()), len(widths) - 1))

    def _widths(self) -> list[int]:
        """Return the width needed at each level of shortening, from none to the most."""
        if not self._level_widths:
            self._hold_widths()
            shown_level = max(self._level, 0)
            for level in range(_MOST_SHORTENED + 1):
                self._shorten(level)
                self._row.invalidate()
                self._level_widths.append(self._row.minimumSize().width())
            self._shorten(shown_level)
            self._menu_widths = (self.optimizer.minimumWidth(), self.batch.minimumWidth())
        return self._level_widths

    def _shorten(self, level: int) -> None:
        """Show the labels of one level; each level also shortens what the ones before it did."""
        if level == self._level:
            return
        self._level = level
        self.status.set_compact(level >= 1)
        self.unit.hold_width_for([unit.value if level >= 2 else f"Step: {unit.value}" for unit in Unit])
        self.show_unit(self._unit)
        self._row.setSpacing(SPACE - 2 if level >= 1 else SPACE)
        self.open.setText("" if level >= 3 else "Open CSV…")
        self.examples.setText("" if level >= 4 else "Examples")
        self._show_examples_icon()
        self.learning_rate.name.setText("Rate" if level >= 5 else shown("learning_rate").label)
        for control in (self.speed, self.learning_rate):
            control.setFixedWidth(_NARROW if level >= 5 else _WIDE)
        for widget, hidden in ((self.optimizer, level >= 6), (self.batch, level >= 6), (self.more, level < 6)):
            widget.setHidden(hidden)

    def _hold_widths(self) -> None:
        """Give what changes its text one width for all its texts."""
        for widget in self.findChildren(QWidget):
            widget.ensurePolished()
        self.status.hold_width()
        self.optimizer.hold_width_for(["SGD", "Momentum 0.9", "Adam"])
        self.batch.hold_width_for(["Batch 128", "Batch full"])
        text = max(self.play.fontMetrics().horizontalAdvance(text) for text in ("Play", "Pause"))
        self.play.setFixedWidth(text + 52)
        self.learning_rate_field.setFixedWidth(self.learning_rate_field.fontMetrics().horizontalAdvance("1.5e-5") + 8)

    # ------------------------------------------------------------------ building

    def _build_buttons(self) -> None:
        self.open = QPushButton("Open CSV…", self)
        self.open.clicked.connect(self.open_requested)
        self._set_tip(self.open, "Open a CSV file", "open")
        self.reset = self._tool_button(self.reset_requested)
        self._set_tip(self.reset, "Reset: start again from the same first weights", "reset")
        self.back = self._tool_button(self.back_requested)
        self.step = self._tool_button(self.step_requested)
        self.step.setAutoRepeat(True)
        self.back.setAutoRepeat(True)
        self.play = QPushButton("Play", self)
        self.play.setProperty("primary", True)
        self.play.clicked.connect(self.play_toggled)
        for button in (self.open, self.play):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _build_menus(self, examples: Sequence[Example]) -> None:
        self.examples = MenuButton("Examples", self)
        self.examples.setToolTip("Load one of the built-in examples")
        for example in examples:
            self.examples.add_choice(example.name, f"{example.title}\t{example.description}", checkable=False)
        self.examples.setEnabled(bool(examples))
        self.examples.chosen.connect(self._choose_example)
        self.unit = MenuButton(parent=self)
        self.unit.setToolTip("What one press of Step or Back moves by")
        self.unit.add_choice(Unit.UPDATE, "update", "One batch, one change of the weights")
        self.unit.add_choice(Unit.EPOCH, "epoch", "One pass over all training rows")
        self.unit.chosen.connect(self._choose_unit)
        self._build_live_menus()

    def _build_live_menus(self) -> None:
        self.optimizer = MenuButton(parent=self)
        self.optimizer.setToolTip(shown("optimizer").help)
        tips = choice_tips("optimizer")
        for line in OPTIMIZER_LINES:
            self.optimizer.add_choice(line, optimizer_label(Settings(**line)), tips[str(line["optimizer"])])  # type: ignore[arg-type]
        self.optimizer.chosen.connect(self._choose_optimizer)
        self.batch = MenuButton(parent=self)
        self.batch.setToolTip(shown("batch_size").help)
        for size in BATCH_SIZES:
            self.batch.add_choice(size, f"{size} row{'s' * (size != 1)}" if isinstance(size, int) else "full: all rows")
        self.batch.chosen.connect(self._choose_batch)
        self._batch_entry = BatchEntry(self.batch.choices)
        self._batch_entry.committed.connect(self._choose_batch)
        self.batch.choices.addSeparator()
        self.batch.choices.addAction(self._batch_entry.action)
        self.more = QToolButton(self)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setToolTip("Optimizer and batch size")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        for label, button in ((shown("optimizer").label, self.optimizer), (shown("batch_size").label, self.batch)):
            button.choices.setTitle(label)
            menu.addMenu(button.choices)
        self.more.setMenu(menu)

    def _build_sliders(self) -> None:
        self._speed_value = QLabel(self)
        self._speed_value.setObjectName("controlValue")
        self.speed = SliderControl("Speed", self._speed_value, SPEEDS, _WIDE)
        self.speed.setToolTip("Steps per second; the right end is full speed")
        self.speed.slider.chosen.connect(self._choose_speed)
        rate = shown("learning_rate")
        self.learning_rate_field = NumberField("learning_rate", parent=self)
        self.learning_rate_field.setProperty("flat", True)
        self.learning_rate_field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.learning_rate_field.setToolTip(f"{rate.help} Click to type an exact value.")
        self.learning_rate = SliderControl(rate.label, self.learning_rate_field, LEARNING_RATES, _WIDE)
        self.learning_rate.setToolTip(rate.help)
        self._error = FieldError(self.learning_rate_field)
        self.learning_rate_field.rejected.connect(self.show_error)
        self.learning_rate_field.corrected.connect(self._error.hide)
        self.learning_rate_field.committed.connect(self._choose_learning_rate)
        self.learning_rate.slider.chosen.connect(self._choose_learning_rate)

    def _lay_out(self) -> None:
        row = self._row = QHBoxLayout(self)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        row.setContentsMargins(SPACE + 4, 0, SPACE + 4, 0)
        row.setSpacing(SPACE)
        groups: tuple[tuple[QWidget, ...], ...] = (
            (self.open, self.examples, self._rule()),
            (self.reset, self.back, self.play, self.step, self.unit, self._rule()),
            (self.speed, self.learning_rate, self.optimizer, self.batch, self.more),
        )
        for widget in (widget for group in groups for widget in group):
            row.addWidget(widget)
            if isinstance(widget, SliderControl):
                row.addSpacing(SPACE)
        row.addStretch(1)
        row.addWidget(self.status)

    def _rule(self) -> QFrame:
        rule = QFrame(self)
        rule.setProperty("rule", True)
        rule.setFixedSize(1, 24)
        return rule

    def _tool_button(self, clicked: SignalInstance) -> QToolButton:
        button = QToolButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(QSize(16, 16))
        button.clicked.connect(clicked)
        return button

    def _set_tip(self, button: QWidget, text: str, action: str) -> None:
        key = self._keys.get(action)
        button.setToolTip(f"{text} ({key})" if key else text)
        button.setAccessibleName(text)

    def _show_examples_icon(self) -> None:
        self.examples.setIcon(QIcon() if self.examples.text() else icon("flask-conical", self._theme))

    def _show_play_icon(self) -> None:
        name = "pause" if self._state is RunState.RUNNING else "play"
        colour = self._theme.on_accent if self.play.isEnabled() else mix(self._theme.muted, self._theme.panel, 0.28)
        self.play.setIcon(icon(name, self._theme, colour=colour, size=14, filled=True, gap=GAP))
        self.play.setIconSize(QSize(14 + GAP, 14))

    # ------------------------------------------------------------------ requests

    @Slot(object)
    def _choose_example(self, name: str) -> None:
        self.example_chosen.emit(name)

    @Slot(object)
    def _choose_unit(self, unit: Unit) -> None:
        self.show_unit(unit)
        self.unit_changed.emit(unit)

    @Slot(object)
    def _choose_speed(self, steps_per_second: float | None) -> None:
        self.show_speed(steps_per_second)
        self.speed_changed.emit(steps_per_second)

    @Slot(object)
    def _choose_learning_rate(self, value: float) -> None:
        self._error.hide()
        self.learning_rate_field.reset()
        self.learning_rate_field.show_value(value)
        self.learning_rate.slider.show_value(value)
        self._settings = None  # what is shown now is a wish; the answer is shown whatever it is
        self.settings_changed.emit({"learning_rate": value})

    @Slot(object)
    def _choose_optimizer(self, line: dict[str, object]) -> None:
        self.settings_changed.emit(line | consequences(self._settings or Settings(), line))

    @Slot(object)
    def _choose_batch(self, size: int | str) -> None:
        self.settings_changed.emit({"batch_size": size})
