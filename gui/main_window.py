"""The window: wires session, views and panels, and computes nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from engine.data.examples.catalogue import DEFAULT_EXAMPLE, EXAMPLES
from engine.data.examples.drawn import DrawnPoints
from engine.data.import_spec import ImportSpec
from engine.data.prepared import Feature, PreparedData
from engine.observe import Watch
from engine.settings import Settings
from gui.actions import KEYS
from gui.appearance import Appearance
from gui.data_door import DataDoor
from gui.dock_board import DATA, LANDSCAPE, LOSS, MODEL, NETWORK, PREDICTION, DockBoard, Panel
from gui.export_desk import ExportDesk
from gui.frame_clock import FrameClock
from gui.menus import Menus
from gui.panels.data_model_panel import DataModelPanel
from gui.panels.help_panel import AboutPanel, HelpPanel
from gui.panels.notice_bar import NoticeBar, finished_sentence
from gui.panels.toolbar import Example, Toolbar
from gui.preferences import Preferences
from gui.run_desk import RunDesk
from gui.session.data_session import DataSession
from gui.session.landscape_session import LandscapeSession
from gui.session.loss_curve import LossCurve
from gui.session.messages import (
    BranchShown,
    ChangeRecorded,
    Failure,
    Finished,
    LandscapePicture,
    RunStarted,
    RunState,
    Snapshot,
    Stepped,
    Unit,
    common_step,
)
from gui.session.session import Session
from gui.theme import Theme
from gui.views.data_view import DataView
from gui.views.landscape_view import LandscapeView
from gui.views.loss_view import LossView
from gui.views.network_view import NetworkView
from gui.views.number_text import short_number
from gui.views.prediction_view import PredictionView
from gui.views.timeline import TimelineView
from gui.views.timeline_figures import Figure

DEFAULT_SIZE = (1440, 900)
TITLE_BAR_PX = 36
"""What a window manager puts above a window, about; it can't be asked before the window is shown."""

LEAST_SIZE = (1000, 640)
"""A window of 1024 x 700 with its frame."""

BACK_AFTER_FAILURE = 100
"""Steps the offer after a failure goes back."""

NOTHING_TO_PAINT_MS = 5
"""After this time a frame that was not painted had nothing to paint, and training goes on."""

RATES_MS = 250
"""Time between two readings of steps and frames per second on screen."""

TYPING = (QLineEdit, QAbstractSpinBox, QTextEdit, QComboBox, QAbstractItemView, QAbstractSlider)
"""Fields that keep the keys that elsewhere steer training."""


class MainWindow(QMainWindow):
    """The main window.

    Lives in the GUI thread and owns the three sessions, each with a thread of its own.

    Parameters
    ----------
    appearance : Appearance
    preferences : Preferences
    settings : Settings, optional
        Those a first run starts with; later runs start from what is shown.

    Attributes
    ----------
    frames_shown : int
        Frames with a new snapshot whose pictures were painted.

    Signals
    -------
    first_painted()
    """

    first_painted = Signal()

    def __init__(self, appearance: Appearance, preferences: Preferences, settings: Settings | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Backprop Studio")
        self.setAcceptDrops(True)
        self._appearance = appearance
        self._preferences = preferences
        self._settings = settings or Settings()
        self._unit = Unit.UPDATE
        self._full_speed = True
        self._pair = (0, 1)
        self._features: tuple[Feature, ...] = ()
        self._row: int | None = None
        self._rows_of: PreparedData | None = None
        self._branches_of, self._n_branches = -1, 0
        self._frame_pending = False
        self._frame_number = 0
        self._was_painted = False
        self.frames_shown = 0
        self._frames = FrameClock()
        self.session = Session(self)
        self.landscape = LandscapeSession(self.session, self)
        self.data = DataSession(self)
        self.desk = RunDesk(self.session, self.data, self._settings, self)
        self.curve = LossCurve()
        self._build_parts()
        self.export = ExportDesk(self.session, self.notice, self)
        self.door = DataDoor(self.data, self.desk, preferences, self.notice, self)
        self._build_menus()
        self._lay_out()
        self._connect_requests()
        self._connect_facts()
        self._set_theme(appearance.theme)
        # A frame that changed something visible is being painted long before this fires.
        self._frame_timer = QTimer(self)
        self._frame_timer.setSingleShot(True)
        self._frame_timer.timeout.connect(self._end_frame)
        self._rates_timer = QTimer(self)
        self._rates_timer.timeout.connect(self._show_rates)
        self._rates_timer.start(RATES_MS)

    # ------------------------------------------------------------------ what a person can ask for

    @Slot(str)
    def open_example(self, key: str) -> None:
        """Start a run on a built-in example."""
        self.notice.dismiss()
        self.desk.open_example(key)

    def open_file(self, path: Path, spec: ImportSpec | None = None) -> None:
        """Start a run on a file without asking, as it is understood (or as `spec` says) and as the settings say."""
        self.desk.open_file(path, spec)

    def fit_to_screen(self) -> None:
        """Be no larger than the screen has room for, the frame included."""
        room = self.screen().availableGeometry()
        size = self.size().boundedTo(QSize(room.width(), room.height() - TITLE_BAR_PX))
        if size != self.size():
            self.resize(size)
            if self._preferences.layout() is None:
                self._board.arrange(size.width(), size.height())

    @Slot()
    def reset_layout(self) -> None:
        """Put every panel back in its place."""
        self._board.arrange(self.width(), self.height())

    # ------------------------------------------------------------------ Qt

    def event(self, event: QEvent) -> bool:
        """Give training its credit back when a frame is painted; keep the keys of fields from the shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(self.focusWidget(), TYPING):
            event.accept()
            return True
        handled = super().event(event)
        if event.type() == QEvent.Type.UpdateRequest:
            self._on_painted()
        return handled

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let go of the chosen row at Escape, where no field takes the key."""
        if event.key() == Qt.Key.Key_Escape and self._row is not None:
            self._choose_row(None)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the threads and remember the layout; a failure to remember must not keep the window open."""
        self._rates_timer.stop()
        self._preferences.save_layout(self.saveGeometry(), self._board.saveState())
        self._preferences.save()
        self.hide()  # whatever a thread still has to finish, the window is gone at once
        self.shut_down()
        super().closeEvent(event)

    def shut_down(self) -> None:
        """Stop every thread and wait; may be called again. All are asked before one is waited for."""
        self._rates_timer.stop()
        self._frame_timer.stop()
        self.door.shut_down()
        self.session.ask_to_stop()
        self.landscape.shut_down()
        self.data.shut_down()
        self.session.shut_down()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one local file."""
        if self.door.takes(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show the dropped file in the import dialog."""
        event.acceptProposedAction()
        self.door.take_drop(event.mimeData())

    # ------------------------------------------------------------------ building

    def _build_parts(self) -> None:
        examples = [Example(key, example.title, example.description) for key, example in EXAMPLES.items()]
        self.toolbar = Toolbar(examples, KEYS, self)
        self.notice = NoticeBar(self)
        self.panel = DataModelPanel()
        self.network_view = NetworkView()
        self.landscape_view = LandscapeView()
        self.prediction_view = PredictionView()
        self.loss_view = LossView()
        self.data_view = DataView()
        self.timeline = TimelineView(self)
        self.rate = Figure("learning rate", width=96, parent=self.timeline)
        self._views = (self.network_view, self.prediction_view, self.loss_view, self.landscape_view, self.data_view)
        self._board = DockBoard(
            (
                Panel(MODEL, "Data and model", self.panel),
                Panel(NETWORK, "Network", self.network_view, self.network_view.head),
                Panel(LANDSCAPE, "Loss landscape", self.landscape_view, self.landscape_view.head),
                Panel(PREDICTION, "Prediction", self.prediction_view, self.prediction_view.head),
                Panel(LOSS, "Loss", self.loss_view, self.loss_view.head),
                Panel(DATA, "Data", self.data_view, self.data_view.head),
            ),
            self,
        )
        self.docks = self._board.docks

    def _lay_out(self) -> None:
        centre = QWidget(self)
        centre.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click beside a field gives the keys back to the window
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.toolbar, self.notice):
            column.addWidget(part)
        column.addWidget(self._board, 1)
        column.addWidget(self.timeline)
        self.timeline.layout().addWidget(self.rate)
        self.rate.hide()
        self.setCentralWidget(centre)
        self.resize(*DEFAULT_SIZE)
        self.setMinimumSize(*LEAST_SIZE)
        centre.setFocus()
        self.reset_layout()
        stored = self._preferences.layout()
        if stored is not None and self.restoreGeometry(stored[0]):
            self._board.restoreState(stored[1])

    def _build_menus(self) -> None:
        run: dict[str, Callable[[], object]] = {
            "open": self.door.choose_file,
            "paste": self.door.paste,
            "example_file": self.door.choose_example_file,
            "draw": self._draw_points,
            "export": self.export.choose_folder,
            "quit": self.close,
            "play": self.session.toggle_play,
            "step": self._step,
            "back": self._back,
            "epoch": self._step_epoch,
            "reset": self.desk.reset,
            "rows": self._show_rows,
            "reset_layout": self.reset_layout,
            "help": self._show_help,
            "about": self._show_about,
        }
        self._menus = Menus(
            self,
            run,
            examples={key: example.title for key, example in EXAMPLES.items()},
            panels=[dock.toggleViewAction() for dock in self.docks.values()],
            recent_files=lambda: self._preferences.recent_files,
            theme=self._appearance.choice,
        )

    def _connect_requests(self) -> None:
        bar, session = self.toolbar, self.session
        bar.open_requested.connect(self.door.choose_file)
        bar.example_chosen.connect(self.open_example)
        bar.reset_requested.connect(self.desk.reset)
        bar.back_requested.connect(self._back)
        bar.play_toggled.connect(session.toggle_play)
        bar.step_requested.connect(self._step)
        bar.unit_changed.connect(self._set_unit)
        bar.speed_changed.connect(self._set_speed)
        bar.settings_changed.connect(self._change_live)
        self.panel.settings_changed.connect(self._change_live)
        self.panel.new_run_requested.connect(self.desk.change)
        self.panel.fit.held_out.wanted.connect(session.want_held_out_figures)
        self._menus.example_chosen.connect(self.open_example)
        self._menus.recent_chosen.connect(self.door.preview)
        self._menus.theme_chosen.connect(self._choose_theme)
        self.network_view.input_pair_chosen.connect(self._watch_pair)
        self.network_view.parameter_entered.connect(session.set_parameter)
        self.network_view.settings_changed.connect(self._change_live)
        self.prediction_view.mode_changed.connect(self._watch_visible)
        self.prediction_view.row_chosen.connect(self._choose_row)
        self.prediction_view.drawn.connect(self._train_on_drawn)
        self.data_view.row_chosen.connect(self._choose_row)
        self.data_view.row_losses_wanted.connect(session.want_row_losses)
        self.loss_view.step_chosen.connect(session.seek)
        self.timeline.step_requested.connect(session.seek)
        self.timeline.branch_chosen.connect(session.select_branch)
        self.timeline.run_chosen.connect(session.select_run)
        self.landscape_view.follow_changed.connect(self.landscape.set_following)
        self.landscape_view.refresh_requested.connect(self.landscape.refresh)
        for dock in self.docks.values():
            dock.visibilityChanged.connect(self._watch_visible)

    def _connect_facts(self) -> None:
        session = self.session
        session.run_started.connect(self._on_run_started)
        session.branch_shown.connect(self._on_branch_shown)
        session.change_recorded.connect(self._on_change_recorded)
        session.stepped.connect(self._on_stepped)
        session.snapshot_ready.connect(self._on_snapshot)
        session.row_losses_ready.connect(self.data_view.set_row_losses)
        session.held_out_figures_ready.connect(self.panel.fit.held_out.show_figures)
        session.state_changed.connect(self._on_state)
        session.finished.connect(self._on_finished)
        session.failed.connect(self._on_failed)
        session.refused.connect(self._on_refused)
        self.landscape.picture_ready.connect(self._on_picture)
        self.landscape.failed.connect(self._on_refused)
        self.desk.refused.connect(self._on_data_refused)
        self.desk.setting_refused.connect(self._on_setting_refused)
        self._appearance.theme_changed.connect(self._set_theme)

    # ------------------------------------------------------------------ facts

    @Slot(object)
    def _on_run_started(self, message: RunStarted) -> None:
        run = message.run
        if self._rows_of is not run.data:
            self._rows_of = run.data
            self._choose_row(None)
        if self._features != run.data.features:
            self._features = run.data.features
            self._watch_pair(first_pair(run.data.features))
        self._settings = run.settings
        self.panel.set_columns(self.desk.columns)
        self.setWindowTitle(f"{run.data.name} · Backprop Studio")
        self.toolbar.show_settings(run.settings)
        self.panel.show_run(run)
        self.timeline.set_runs(run, message.other_runs)
        for view in (*self._views, self.timeline):
            view.set_network(run)

    @Slot(object)
    def _on_branch_shown(self, message: BranchShown) -> None:
        if self.session.snapshot is not None:
            self.landscape_view.cut_path(common_step(message.branches, self.session.snapshot.branch_id, message.branch_id))
        if message.run_id == self._branches_of and len(message.branches) > self._n_branches:
            self._tell_fork(message)
        self._branches_of, self._n_branches = message.run_id, len(message.branches)
        self.curve.replace(message)
        self.loss_view.set_curve(self.curve)
        self.timeline.set_branches(message.branches, message.branch_id)
        self.timeline.set_curve(self.curve)

    def _tell_fork(self, message: BranchShown) -> None:
        """Say that the old future is kept, and offer the way back to it."""
        branch = next(branch for branch in message.branches if branch.branch_id == message.branch_id)
        parent = branch.parent_id
        if parent is not None:
            self.notice.show_notice(
                f"Branch {branch.branch_id + 1} starts at step {branch.fork_step:,} ({branch.change}). "
                f"Branch {parent + 1} keeps its future; the timeline changes between them.",
                wrong=False,
                offer=f"Back to branch {parent + 1}",
                act=partial(self.session.select_branch, parent),
            )

    @Slot(object)
    def _on_change_recorded(self, message: ChangeRecorded) -> None:
        self.curve.add_change(message.step, message.words)

    @Slot(object)
    def _on_stepped(self, message: Stepped) -> None:
        self.curve.append(message.records)

    @Slot(object)
    def _on_snapshot(self, snapshot: Snapshot) -> None:
        self._frame_pending = True
        self._frame_number += 1
        standing = snapshot.state is not RunState.RUNNING
        self.network_view.render(snapshot)
        self.prediction_view.render(snapshot)
        self.landscape_view.render(snapshot, self.landscape.position(snapshot))
        if self.data_view.isVisible():
            self.data_view.render(snapshot)
        # At full speed a curve grows by less than a pixel a frame: in turn is often enough, and leaves the time to training.
        each_frame = standing or not self._full_speed
        if each_frame or self._frame_number % 2:
            self.loss_view.render(snapshot)
        if each_frame or not self._frame_number % 2:
            self.timeline.render(snapshot)
            self._show_learning_rate(snapshot)
            self.panel.render(snapshot)
        if snapshot.settings is not self._settings:
            self._settings = snapshot.settings
            self.toolbar.show_settings(snapshot.settings)
            self.panel.show_settings(snapshot.settings)
        if snapshot.state is not RunState.RUNNING:
            self._show_state()
        self._frame_timer.start(NOTHING_TO_PAINT_MS)

    @Slot(object)
    def _on_state(self, state: RunState) -> None:
        self._show_state()
        if state is RunState.RUNNING:
            self.notice.dismiss()

    @Slot(object)
    def _on_picture(self, picture: LandscapePicture) -> None:
        self.landscape_view.set_picture(picture)
        snapshot = self.session.snapshot
        if snapshot is not None and snapshot.state is not RunState.RUNNING:
            self.landscape_view.render(snapshot, self.landscape.position(snapshot))

    @Slot(object)
    def _on_finished(self, message: Finished) -> None:
        self.notice.show_notice(finished_sentence(message), wrong=False)

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        step = max(0, (failure.last_finite_step or 0) - BACK_AFTER_FAILURE)
        self.notice.show_notice(
            failure.sentence,
            offer=f"Go back to step {step:,}" if failure.last_finite_step else "",
            act=lambda: self.session.seek(step),
        )

    @Slot(object)
    def _on_refused(self, failure: Failure) -> None:
        self.notice.show_notice(f"{failure.title}: {failure.sentence}")
        self.panel.show_settings(self._settings)
        self.toolbar.show_settings(self._settings)

    @Slot(str)
    def _on_data_refused(self, sentence: str) -> None:
        """Say why; where nothing is open yet, open the example."""
        if self.session.run is None:
            self.open_example(DEFAULT_EXAMPLE)
        else:
            self.panel.show_settings(self._settings)
        self.notice.show_notice(sentence)

    @Slot(str, str)
    def _on_setting_refused(self, name: str, sentence: str) -> None:
        self.panel.show_error(name, sentence)

    # ------------------------------------------------------------------ requests

    @Slot(object)
    def _change_live(self, changes: dict[str, object]) -> None:
        self.session.change(changes)

    @Slot()
    def _step(self) -> None:
        self.session.step(self._unit)

    @Slot()
    def _back(self) -> None:
        self.session.back(self._unit)

    @Slot()
    def _step_epoch(self) -> None:
        self.session.step(Unit.EPOCH)

    @Slot(object)
    def _set_unit(self, unit: Unit) -> None:
        self._unit = unit
        self.toolbar.show_unit(unit)

    @Slot(object)
    def _set_speed(self, steps_per_second: float | None) -> None:
        self._full_speed = steps_per_second is None
        self.session.set_speed(steps_per_second)

    @Slot(object)
    def _watch_pair(self, pair: tuple[int, int]) -> None:
        self._pair = pair
        self._watch_visible()

    @Slot(object)
    def _choose_row(self, row: int | None) -> None:
        """Light up a data row in every view; None: none."""
        self._row = row
        self.data_view.show_row(row)
        self.prediction_view.show_row(row)
        self._watch_visible()

    @Slot(object)
    def _train_on_drawn(self, points: DrawnPoints) -> None:
        self.desk.open_drawn(points, live=self.prediction_view.drawing.trains_while_drawing)

    @Slot()
    def _draw_points(self) -> None:
        self._board.bring_up(PREDICTION)
        self.prediction_view.set_drawing(True)

    @Slot()
    def _show_rows(self) -> None:
        self._board.bring_up(DATA)

    @Slot()
    def _watch_visible(self) -> None:
        """Tell the sessions what is worth computing."""
        prediction = self.prediction_view.isVisible()
        maps = self.network_view.isVisible() or (prediction and self.prediction_view.needs_maps)
        rows = prediction and self.prediction_view.needs_rows
        spans = self.prediction_view.spans if prediction else None
        self.session.watch(Watch(input_pair=self._pair, maps=maps, rows=rows, row=self._row, spans=spans))
        self.landscape.set_visible(self.landscape_view.isVisible())

    @Slot(str)
    def _choose_theme(self, choice: str) -> None:
        self._appearance.set_choice(choice)
        self._preferences.theme = self._appearance.choice

    @Slot()
    def _show_help(self) -> None:
        HelpPanel.show_over(self)

    @Slot()
    def _show_about(self) -> None:
        AboutPanel.show_over(self)

    # ------------------------------------------------------------------ frames

    def _on_painted(self) -> None:
        if not self._was_painted:
            self._was_painted = True
            self.first_painted.emit()
        if self._frame_pending:
            self.frames_shown += 1
            self._frames.tick()
            self._end_frame()

    @Slot()
    def _end_frame(self) -> None:
        """Give training its credit back: the frame is painted, or there was nothing to paint."""
        if self._frame_pending:
            self._frame_pending = False
            self.session.frame_shown()

    @Slot()
    def _show_rates(self) -> None:
        snapshot = self.session.snapshot
        running = snapshot is not None and snapshot.state is RunState.RUNNING
        self.toolbar.show_rates(
            snapshot.steps_per_second if snapshot and running else 0.0, self._frames.frames_per_second if running else 0.0
        )

    def _show_learning_rate(self, snapshot: Snapshot) -> None:
        """Show the rate in force where a schedule makes it another than the one set."""
        self.rate.show_value(short_number(snapshot.learning_rate))
        self.rate.setVisible(snapshot.settings.schedule != "none")

    def _show_state(self) -> None:
        snapshot = self.session.snapshot
        self.toolbar.show_state(
            self.session.state,
            can_go_back=snapshot is not None and snapshot.step > 0,
            has_run=self.session.run is not None,
        )

    @Slot(object)
    def _set_theme(self, theme: Theme) -> None:
        for part in (self.toolbar, self.notice, self.panel, self.timeline, self.rate, *self._views, *self.docks.values()):
            part.set_theme(theme)


def first_pair(features: tuple[Feature, ...]) -> tuple[int, int]:
    """Return the two inputs that the maps are drawn over at first: numbers where there are two, else the first two."""
    whole = [index for index, feature in enumerate(features) if feature.name == feature.column]
    pair = [*whole, *(index for index in range(len(features)) if index not in whole)][:2]
    return pair[0], pair[-1]
