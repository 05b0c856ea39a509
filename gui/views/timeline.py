"""The timeline: where the picture stands, the whole recorded line to drag through, and what belongs to that step."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.session.loss_curve import LossCurve
from gui.session.messages import BranchInfo, RunInfo, RunState, Snapshot
from gui.theme import LIGHT, SMALL_PX, SPACE, TIMELINE_HEIGHT, Theme
from gui.views.frame_pace import FIGURES_SECONDS, FramePace
from gui.views.line_marks import branch_label, branch_numbers, change_marks, fork_marks
from gui.views.link_button import LinkButton, MenuLink
from gui.views.loss_text import loss_text
from gui.views.timeline_figures import Figure, StepFigure
from gui.views.timeline_track import TimelineTrack

_WIDE_PX = 460
_MESSAGE_BOTTOM_PX = 0
_EMPTY = "No run yet: every step of a run is kept here, to go back to."


class TimelineView(QWidget):
    """The time of the run: every recorded step can be gone to.

    Lives in the GUI thread.

    Signals
    -------
    step_requested(object)
        The step the user wants to see; often many in a row while dragging.
    branch_chosen(object)
        The branch_id picked.
    run_chosen(object)
        The run_id picked.
    """

    step_requested = Signal(object)
    branch_chosen = Signal(object)
    run_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._curve = LossCurve()
        self._branches: tuple[BranchInfo, ...] = ()
        self._branch_id = 0
        self._last_step = 0
        self._marks_key: tuple[object, ...] = ()
        self._pace = FramePace(FIGURES_SECONDS)
        self.step = StepFigure(width=92)
        self.epoch = Figure("epoch", width=68)
        self.train = Figure("train loss", "train", width=104)
        self.validation = Figure("validation loss", "validation", width=120)
        self.track = TimelineTrack()
        self.runs = MenuLink("Run shown")
        self.branches = MenuLink("Branch shown")
        self._message = QLabel(self.track)
        self._to_end = LinkButton("Go to end", self.track)
        self._build()
        self._connect()
        self.set_theme(LIGHT)
        self.clear()

    def _build(self) -> None:
        self.setFixedHeight(TIMELINE_HEIGHT)
        self.setAccessibleName("Time")
        choosers = QVBoxLayout()
        choosers.setSpacing(0)
        choosers.addStretch(1)
        for chooser in (self.runs, self.branches):
            chooser.hide()
            choosers.addWidget(chooser, 0, Qt.AlignmentFlag.AlignLeft)
        choosers.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, 1, SPACE, 0)
        row.setSpacing(SPACE)
        for part in (self.step, self.epoch):
            row.addWidget(part)
        row.addLayout(choosers)
        row.addWidget(self.track, 1)
        row.addSpacing(SPACE)
        for part in (self.train, self.validation):
            row.addWidget(part)
        bottom = QHBoxLayout(self.track)
        bottom.setContentsMargins(0, 0, 0, _MESSAGE_BOTTOM_PX)
        bottom.setSpacing(SPACE // 2)
        bottom.addStretch(1)
        for part in (self._message, self._to_end):
            bottom.addWidget(part, 0, Qt.AlignmentFlag.AlignBottom)
        bottom.addStretch(1)
        self._message.setProperty("role", "small")
        self._message.setContentsMargins(0, 0, 0, 2)
        self._message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._to_end.setStyleSheet(f"font-size: {SMALL_PX}px; padding: 0;")
        self._to_end.setToolTip("Go to the last recorded step of this line")

    def _connect(self) -> None:
        self.track.step_requested.connect(self.step_requested)
        self.step.step_entered.connect(self.step_requested)
        self.branches.chosen.connect(self.branch_chosen)
        self.runs.chosen.connect(self.run_chosen)
        self._to_end.clicked.connect(self._ask_for_end)

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for part in (self.step, self.epoch, self.train, self.validation, self.track):
            part.set_theme(theme)
        self.update()

    def set_network(self, run: RunInfo) -> None:
        """Prepare for a run: without validation rows there is no validation loss."""
        self._pace.restart()
        self.validation.setVisible(len(run.data.rows_validation) > 0)
        self.validation.show_value("–")

    def set_runs(self, current: RunInfo, others: tuple[RunInfo, ...]) -> None:
        """Offer all runs; with one there is nothing to choose."""
        runs = sorted((current, *others), key=lambda run: run.run_id)
        number = runs.index(current) + 1
        self.runs.set_choices(((run.run_id, run.title) for run in runs), current.run_id, f"run {number} of {len(runs)}")
        self.runs.setVisible(len(runs) > 1)

    def set_branches(self, branches: tuple[BranchInfo, ...], current_id: int) -> None:
        """Offer all branches of the run; with one there is nothing to choose."""
        self._branches, self._branch_id = branches, current_id
        numbers = branch_numbers(branches)
        ordered = sorted(branches, key=lambda branch: branch.branch_id)
        choices = [(branch.branch_id, branch_label(branch, numbers[branch.branch_id])) for branch in ordered]
        text = f"branch {numbers.get(current_id, 1)} of {max(1, len(branches))}"
        self.branches.set_choices(choices, current_id, text)
        self.branches.setVisible(len(branches) > 1)
        self._show_marks()

    def set_curve(self, curve: LossCurve) -> None:
        """Show this curve from now on; it may grow and be replaced, `render` draws it as it then is."""
        self._curve = curve
        self.track.set_curve(curve)
        self._show_marks()

    def render(self, snapshot: Snapshot) -> None:
        """Bring figures and cursor up to date."""
        self._last_step = snapshot.last_step
        self.step.last_step = snapshot.last_step
        read = self._pace.takes(snapshot)
        if read:
            self._show_figures(snapshot)
        self._show_message(snapshot)
        self._show_marks()
        self.track.setEnabled(True)
        running = snapshot.state is RunState.RUNNING
        self.track.show_position(snapshot.step, snapshot.last_step, running=running, with_figures=read)

    def _show_figures(self, snapshot: Snapshot) -> None:
        self.step.show_value(f"{snapshot.step:,}")
        self.epoch.show_value(f"{snapshot.epoch:,}")
        measured = snapshot.measurement
        late = None if measured.step == snapshot.step else f"{measured.step:,}"
        _show_loss(self.train, measured.train_loss, late and f"train, step {late}")
        _show_loss(self.validation, measured.validation_loss, late and f"validation, step {late}")

    def clear(self) -> None:
        """Show that there is no run, and what to expect here."""
        self._last_step = self.step.last_step = 0
        for figure in (self.step, self.epoch, self.train, self.validation):
            figure.show_value("–")
        for part in (self.runs, self.branches, self._to_end):
            part.hide()
        self._message.setText(_EMPTY)
        self._message.show()
        self.track.setEnabled(False)
        self.track.set_marks(())
        self.track.show_position(0, 0)

    def _show_message(self, snapshot: Snapshot) -> None:
        """Say that there is a recorded future, how far it goes, and offer to go there."""
        in_past = snapshot.step < snapshot.last_step
        if in_past:
            word = "replaying" if snapshot.state is RunState.RUNNING else "in the past"
            wide = self.track.width() >= _WIDE_PX
            future = "the recorded future goes on" if wide else "recorded"
            text = f"{word}: {future} to step {snapshot.last_step:,} ·"
            if text != self._message.text():
                self._message.setText(text)
        if in_past != self._to_end.isVisibleTo(self) or in_past != self._message.isVisibleTo(self):
            self._message.setVisible(in_past)
            self._to_end.setVisible(in_past)

    def _show_marks(self) -> None:
        key = (self._curve.generation, self._curve.changes, self._branches, self._branch_id)
        if key != self._marks_key:
            self._marks_key = key
            self.track.set_marks((*change_marks(self._curve), *fork_marks(self._branches, self._branch_id)))

    @Slot()
    def _ask_for_end(self) -> None:
        self.step_requested.emit(self._last_step)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the line above."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._theme.panel))
        painter.fillRect(0, 0, self.width(), 1, QColor(self._theme.line))
        painter.end()


def _show_loss(figure: Figure, loss: float | None, caption: str | None) -> None:
    figure.show_value(loss_text(loss), caption, finite=loss is None or math.isfinite(loss))
