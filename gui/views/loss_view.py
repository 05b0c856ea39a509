"""The loss panel: train and validation loss over the steps, the batch loss behind them, and the time cursor."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from engine.losses import LOSSES
from engine.records import Measurement
from gui.session.loss_curve import LossCurve
from gui.session.messages import RunInfo, RunState, Snapshot
from gui.theme import LIGHT, SPACE, Theme
from gui.views.frame_pace import FIGURES_SECONDS, FramePace
from gui.views.link_button import LinkButton, MenuLink
from gui.views.loss_display import batch_colour, median_colour
from gui.views.loss_legend import LegendEntry, LossLegend
from gui.views.loss_plot import LossPlot
from gui.views.loss_text import loss_text
from gui.views.panel_head import PanelHead

_SMOOTHING = (0, 10, 100, 1000)
_SCALED = {
    "standardise": ("standardised target", "standardised"),
    "min_max": ("target scaled to 0 to 1", "scaled to 0 to 1"),
}
"""What an axis says of a target that is not in its own units, at length and short."""

_EMPTY = "No run yet.\nOpen a CSV file or choose an example, then press Space to train."
_HELP = (
    "Wheel: zoom the steps. Ctrl and wheel: zoom the loss. Drag: move. Double click, or click on a curve: go to that step. "
    "The band is the batch loss of every step, the lines are losses over all rows."
)


class LossView(QWidget):
    """The loss of the line of history on screen; every step counts, and the batch loss is never drawn as the full loss.

    Lives in the GUI thread. `head` belongs at the right end of the panel's title.

    Signals
    -------
    step_chosen(object)
        The step the user wants to go to.
    """

    step_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._snapshot: Snapshot | None = None
        self._names_step = False
        self._pace = FramePace(FIGURES_SECONDS)
        self.legend = LossLegend()
        self.plot = LossPlot()
        self._empty = QLabel(_EMPTY)
        self._whole_run = LinkButton("whole run")
        self._scale = MenuLink("Scale of the loss axis")
        self._smoothing = MenuLink("Smoothing of the batch loss")
        self.head = PanelHead(self._whole_run, self._scale, self._smoothing)
        self._build()
        self._build_head()
        self._connect()
        self.setAccessibleName("Loss")
        self.setAccessibleDescription(_HELP)
        self.set_theme(LIGHT)
        self.clear()

    def _build(self) -> None:
        picture = QWidget()
        column = QVBoxLayout(picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.legend)
        column.addWidget(self.plot, 1)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(3 * SPACE, SPACE, 3 * SPACE, SPACE)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(picture)
        self.plot.viewport().setToolTip("")
        self.plot.setAccessibleName("Loss curve")
        self.setAutoFillBackground(True)
        self.setMinimumSize(240, 160)

    def _build_head(self) -> None:
        self._whole_run.setToolTip("Show the run from its beginning to its end")
        self._whole_run.hide()
        self.head.setToolTip(_HELP)
        self._show_scale()
        self._show_smoothing()

    def _connect(self) -> None:
        self._whole_run.clicked.connect(self.plot.show_whole_run)
        self._scale.chosen.connect(self._set_logarithmic)
        self._smoothing.chosen.connect(self._set_smoothing)
        self.plot.zoom_changed.connect(self._whole_run.setVisible)
        self.plot.step_chosen.connect(self.step_chosen)

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(theme.panel))
        self.setPalette(palette)
        self._empty.setStyleSheet(f"color: {theme.muted};")
        self.legend.set_theme(theme)
        self.plot.set_theme(theme)
        if self._snapshot is not None:
            self._show_legend(self._snapshot)

    def set_network(self, run: RunInfo) -> None:
        """Name the loss of this run on the axis."""
        self._pace.restart()
        self.plot.set_loss_names(loss_names(run))
        self.plot.show_whole_run()

    def set_curve(self, curve: LossCurve) -> None:
        """Show this curve from now on; it may grow and be replaced, `render` draws it as it then is."""
        self.plot.set_curve(curve)

    def render(self, snapshot: Snapshot) -> None:
        """Bring the picture up to date."""
        self._snapshot = snapshot
        self._stack.setCurrentIndex(1)
        if self.isVisible() or not self.window().isVisible():  # in a window that is not shown, somebody takes a picture
            self._draw(snapshot)

    def clear(self) -> None:
        """Show what to do next."""
        self._snapshot = None
        self._stack.setCurrentIndex(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody saw it."""
        super().showEvent(event)
        if self._snapshot is not None:
            self._draw(self._snapshot)

    def _draw(self, snapshot: Snapshot) -> None:
        self.plot.display.now = latest_losses(self.plot.display.curve, snapshot)
        read = self._pace.takes(snapshot)
        if read:
            self._show_legend(snapshot)
        self.plot.show_step(snapshot.step, running=snapshot.state is RunState.RUNNING, with_figures=read)

    def _show_legend(self, snapshot: Snapshot) -> None:
        curve, running = self.plot.display.curve, snapshot.state is RunState.RUNNING
        # Once named in play the step stays: at every end of an epoch it would vanish for a moment and move what follows it.
        self._names_step = latest_losses(curve, snapshot).step != snapshot.step or (self._names_step and running)
        entries = legend_entries(self._theme, curve, snapshot, names_step=self._names_step)
        if self.plot.display.window:
            name = f"batch, median of {self.plot.display.window:,}"
            entries.append(LegendEntry(name, "", median_colour(self._theme), self._theme.muted))
        self.legend.show_values(tuple(entries))

    # -- choices in the head ---------------------------------------------------------------------------------------------

    @Slot(object)
    def _set_logarithmic(self, logarithmic: bool) -> None:
        self.plot.set_logarithmic(logarithmic)
        self._show_scale()

    @Slot(object)
    def _set_smoothing(self, window: int) -> None:
        self.plot.set_smoothing(window)
        self._show_smoothing()
        if self._snapshot is not None:
            self._show_legend(self._snapshot)

    def _show_scale(self) -> None:
        logarithmic = self.plot.display.logarithmic
        self._scale.set_choices(((True, "logarithmic"), (False, "linear")), logarithmic, "log" if logarithmic else "linear")

    def _show_smoothing(self) -> None:
        window = self.plot.display.window
        choices = [(steps, f"median of {steps:,} steps" if steps else "off") for steps in _SMOOTHING]
        self._smoothing.set_choices(choices, window, f"smoothing {window:,}" if window else "smoothing off")


def latest_losses(curve: LossCurve, snapshot: Snapshot) -> Measurement:
    """Return the losses over all rows at the snapshot's step, or else the last before it, of which the curve may know later."""
    shown, known = snapshot.measurement, curve.measurement_at(snapshot.step)
    if known is None or shown.step == snapshot.step:
        return shown
    return known if shown.step < known.step or shown.step > snapshot.step else shown


def legend_entries(theme: Theme, curve: LossCurve, snapshot: Snapshot, *, names_step: bool) -> list[LegendEntry]:
    """Return the lines of the plot with their values at a snapshot, and the step of the losses where it is to be named."""
    measurement, batch_loss = latest_losses(curve, snapshot), snapshot.batch_loss
    train, validation = measurement.train_loss, measurement.validation_loss
    entries = [LegendEntry("train", loss_text(train), theme.train, theme.train)]
    if validation is not None:
        entries.append(LegendEntry("validation", loss_text(validation), theme.validation, theme.validation))
    if names_step:
        entries.append(LegendEntry("at step", f"{measurement.step:,}", "", theme.muted))
    entries.append(LegendEntry("batch", loss_text(batch_loss), batch_colour(theme), theme.muted, band=True))
    if curve.n_not_finite:
        entries.append(LegendEntry(f"{curve.n_not_finite:,} not finite", "", theme.not_finite, theme.not_finite))
    return entries


def loss_names(run: RunInfo) -> tuple[str, ...]:
    """Return the name of the run's loss axis in several lengths, longest first."""
    title = LOSSES[run.spec.loss].title
    if run.spec.loss != "mse":
        return f"loss ({title})", "loss"
    if run.data.target.task != "regression":
        return f"loss ({title})", "loss (MSE)"
    scaling = str(run.data.preparation.get("target", {}).get("encoding", "standardise"))
    if scaling not in _SCALED:
        return f"loss ({title})", "loss (MSE)"
    words, short = _SCALED[scaling]
    return f"loss ({title}, {words})", f"loss (MSE, {words})", f"loss (MSE, {short})", "loss (MSE)"
