"""The prediction panel: chooses the picture that suits the run's inputs and target."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QStackedLayout, QWidget

from gui.session.messages import RunInfo, Snapshot
from gui.theme import LIGHT, SPACE, Theme
from gui.views.drawing_switch import DrawingSwitch
from gui.views.link_button import MenuLink
from gui.views.panel_head import ElidedLabel, PanelHead
from gui.views.prediction_confusion import PredictionConfusion
from gui.views.prediction_fit import PredictionFit
from gui.views.prediction_map import PredictionMap
from gui.views.prediction_scatter import PredictionScatter

EMPTY_TEXT = "Open a CSV file or choose an example.\nWhat the network predicts appears here."

Page = PredictionMap | PredictionFit | PredictionScatter | PredictionConfusion


class PredictionMode(Enum):
    """The pictures of a prediction."""

    MAP = "map"
    FIT = "fit"
    SCATTER = "scatter"
    CONFUSION = "confusion"


_PAGES: dict[PredictionMode, Callable[[], Page]] = {
    PredictionMode.MAP: PredictionMap,
    PredictionMode.FIT: PredictionFit,
    PredictionMode.SCATTER: PredictionScatter,
    PredictionMode.CONFUSION: PredictionConfusion,
}

_WORDS = {
    PredictionMode.FIT: ("curve", "Curve over the input"),
    PredictionMode.SCATTER: ("predicted vs actual", "Predicted vs actual"),
    PredictionMode.CONFUSION: ("confusion", "Confusion matrix"),
}


def modes_for(run: RunInfo) -> tuple[PredictionMode, ...]:
    """Return the pictures that suit a run, the best one first."""
    by_row = PredictionMode.SCATTER if run.data.target.task == "regression" else PredictionMode.CONFUSION
    if run.data.n_features == 1:
        return PredictionMode.FIT, by_row
    if run.data.n_features == 2:
        return PredictionMode.MAP, by_row
    return by_row, PredictionMode.MAP


class PredictionView(QWidget):
    """What the network predicts, for the rows of the table and between them.

    Lives in the GUI thread.

    Signals
    -------
    mode_changed(object)
        The PredictionMode now shown; `needs_maps` and `needs_rows` say what it has to be given. Emitted, too,
        when drawing begins or ends.
    row_chosen(object)
        The 0-based data row whose point was clicked, None for the chosen one clicked again or for empty ground.
    drawn(object)
        The `DrawnPoints` that a person drew and wants trained on.
    """

    mode_changed = Signal(object)
    row_chosen = Signal(object)
    drawn = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._run: RunInfo | None = None
        self._snapshot: Snapshot | None = None
        self._mode: PredictionMode | None = None
        self._pages: dict[PredictionMode, Page] = {}
        self._row: int | None = None
        self._inputs, self._choice, self._part = ElidedLabel(), MenuLink("Picture of the prediction"), MenuLink("Rows counted")
        self._choice.chosen.connect(self.set_mode)
        self._part.chosen.connect(self._set_part)
        self.drawing = DrawingSwitch(self)
        self.drawing.asked.connect(self.set_drawing)
        self.drawing.kind_changed.connect(self._say_mode)
        self.drawing.drawn.connect(self.drawn)
        self.head = PanelHead(self._inputs, self._part, self._choice, *self.drawing.links)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._empty = QLabel(EMPTY_TEXT, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty.setProperty("role", "muted")
        self._empty.setMargin(2 * SPACE)
        self._stack.addWidget(self._empty)
        self.clear()

    @property
    def mode(self) -> PredictionMode | None:
        """The picture shown, None without a run."""
        return self._mode

    @property
    def needs_maps(self) -> bool:
        """Whether snapshots must carry the prediction over the plane."""
        if self.drawing.shown:
            return self.drawing.wants_map
        return self._mode in (PredictionMode.MAP, PredictionMode.FIT)

    @property
    def spans(self) -> tuple[tuple[float, float], ...] | None:
        """What the axes of maps must span beside the rows, for `Watch.spans`: the plane that is drawn on, else nothing."""
        return self.drawing.spans

    @property
    def needs_rows(self) -> bool:
        """Whether snapshots must carry the predictions of rows."""
        return not self.drawing.shown and self._mode in (PredictionMode.SCATTER, PredictionMode.CONFUSION)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for page in self._pages.values():
            page.set_theme(theme)
        self.drawing.set_theme(theme)

    def set_network(self, run: RunInfo) -> None:
        """Show another run, with the picture that suits it best; a drawing that goes on over the same data stays."""
        self._run, self._snapshot, self._row = run, None, None
        self.drawing.set_network(run)
        modes = modes_for(run)
        self._offer_part("validation" if len(run.data.X_validation) else "train")
        for mode in self._pages:
            if mode in modes:
                self._pages[mode].set_network(run)
        self.set_mode(modes[0])

    def render(self, snapshot: Snapshot) -> None:
        """Show the predictions of a snapshot."""
        if self._run is None or self._mode is None or snapshot.run_id != self._run.run_id or snapshot.observation is None:
            return
        first = self._snapshot is None or self._snapshot.observation is None
        changed = not first and self._snapshot.observation.input_pair != snapshot.observation.input_pair
        self._snapshot = snapshot
        if first or changed:
            self._name_inputs()
        if self.drawing.shown and self.drawing.page is not None:
            self.drawing.page.render(snapshot)
            return
        self._pages[self._mode].render(snapshot)
        if self._stack.currentWidget() is self._empty:
            self._stack.setCurrentWidget(self._pages[self._mode])

    def show_row(self, row: int | None) -> None:
        """Light up the point of a 0-based data row in every picture, None for no row."""
        self._row = row
        if self._mode in self._pages:
            self._pages[self._mode].show_row(row)

    def clear(self, text: str = EMPTY_TEXT) -> None:
        """Show no picture, and in words what to do next."""
        self._run = self._snapshot = self._mode = self._row = None
        self.drawing.set_network(None)
        self._empty.setText(text)
        self._show_mode()

    @Slot(object)
    def set_mode(self, mode: PredictionMode) -> None:
        """Show another picture of the same predictions."""
        if self._run is None:
            return
        page = self._page(mode)
        self._mode = mode
        self._offer_modes()
        page.show_row(self._row)
        self._show_mode()
        self._say_mode()

    @Slot(bool)
    def set_drawing(self, drawing: bool) -> None:
        """Show the plane to draw on instead of a picture, or the picture again."""
        if drawing == self.drawing.shown:
            return
        if drawing:
            self._hide_links()  # first: both sets at once, if only for a moment, would widen the panel for good
        self.drawing.show(shown=drawing)
        self._show_mode()
        if self.drawing.shown and self.drawing.page is not None:
            self.drawing.page.canvas.setFocus()  # for the keys of the classes
        self._say_mode()

    def _hide_links(self) -> None:
        for part in (self._inputs, self._choice, self._part):
            part.setVisible(False)

    @Slot()
    def _say_mode(self) -> None:
        self.mode_changed.emit(self._mode)

    def _show_mode(self) -> None:
        """Show the plane to draw on, the picture of the present mode, or the words that say what to do; and their links."""
        pictured = self._mode is not None and not self.drawing.shown
        self._choice.setVisible(pictured)
        self._part.setVisible(pictured and self._mode is PredictionMode.CONFUSION)
        self._inputs.setVisible(pictured and self._mode is PredictionMode.MAP)
        page = self.drawing.page if self.drawing.shown else self._pages.get(self._mode)
        if page is None:
            self._stack.setCurrentWidget(self._empty)
            return
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        if self._snapshot is not None:
            page.render(self._snapshot)
        self._stack.setCurrentWidget(page)

    @Slot(object)
    def _set_part(self, part: str) -> None:
        page = self._pages.get(PredictionMode.CONFUSION)
        if isinstance(page, PredictionConfusion):
            page.set_part("train" if part == "train" else "validation")
            self._offer_part(part)

    @Slot(object)
    def _show_part(self, part: str) -> None:
        self._offer_part(part)

    def _page(self, mode: PredictionMode) -> Page:
        """Return the picture of a mode, made when first needed."""
        if mode not in self._pages:
            page = self._pages[mode] = _PAGES[mode]()
            page.set_theme(self._theme)
            if self._run is not None:
                page.set_network(self._run)
            page.row_chosen.connect(self.row_chosen)
            if isinstance(page, PredictionConfusion):
                page.part_changed.connect(self._show_part)
            self._stack.addWidget(page)
        return self._pages[mode]

    def _offer_modes(self) -> None:
        """Offer the pictures that suit the run, and show which one is chosen."""
        if self._run is None or self._mode is None:
            return
        words = {**_WORDS, PredictionMode.MAP: ("map", f"Map over {self._pair()}")}
        self._choice.set_choices([(mode, words[mode][1]) for mode in modes_for(self._run)], self._mode, words[self._mode][0])

    def _offer_part(self, part: str) -> None:
        """Offer the parts of the data that have rows, and show which one is chosen."""
        has_validation = self._run is not None and len(self._run.data.X_validation) > 0
        parts = [("validation", "Validation rows"), ("train", "Train rows")]
        self._part.set_choices(parts if has_validation else parts[1:], part, part)

    def _pair(self) -> str:
        assert self._run is not None
        features = self._run.data.features
        observation = self._snapshot.observation if self._snapshot else None
        first, second = observation.input_pair if observation else (0, min(1, len(features) - 1))
        return f"{features[first].name} × {features[second].name}"

    def _name_inputs(self) -> None:
        """Name the inputs the map is drawn over, in the head and in the menu."""
        self._inputs.set_texts(self._pair(), "")  # the axes name them, too
        self._inputs.setToolTip(f"The map is drawn over {self._pair()}; other inputs are held at their mean.")
        self._offer_modes()
