"""Draw your own data: points of classes on a plane, or a curve, and train on them at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.data.examples.drawn import NAME, DrawnKind
from engine.observe import Observation
from gui.session.messages import RunInfo, Snapshot
from gui.theme import LIGHT, SPACE, Theme
from gui.views.caption_strip import CaptionStrip
from gui.views.drawing_canvas import DrawingCanvas
from gui.views.drawing_caption import AXES, caption
from gui.views.drawing_keys import DrawingKeys
from gui.views.drawing_pace import DrawingPace
from gui.views.drawing_points import DrawingPoints, Range
from gui.views.drawing_start import kind_of, points_shown
from gui.views.drawing_tools import ERASER, DrawingTools
from gui.views.framed_plot import BOTTOM_AXIS_HEIGHT
from gui.views.prediction_fit import curves_of
from gui.views.prediction_map import cell_edges, map_colours
from gui.views.prediction_points import original

LEAST_SIZE = (240, 160)

_LOW_PX = 300
"""Below this height the page saves lines."""

_ONE_LINE_PX = 24
_NUMBERS_PX = 22
_WIDGET_MAX = 16_777_215
"""Qt's word for no limit."""


class DrawingPage(QWidget):
    """A plane to draw on, its tools, and a button that trains on what was drawn.

    Lives in the GUI thread. Keys, while the focus is anywhere here: 1 to 6 choose a class, E the eraser, Ctrl+Z takes back.

    Signals
    -------
    drawn(object)
        The `DrawnPoints` to train on.
    plane_changed()
        The plane has other bounds, and so `spans` has changed.

    Attributes
    ----------
    keys : DrawingKeys
    """

    drawn = Signal(object)
    plane_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._run: RunInfo | None = None
        self._observation: Observation | None = None
        self._drawings: dict[DrawnKind, DrawingPoints] = {kind: DrawingPoints(kind) for kind in AXES}
        self._kind: DrawnKind = "classes"
        self.strip = CaptionStrip(self, max_lines=3)
        self.tools = DrawingTools(self)
        self.canvas = DrawingCanvas(self)
        self.while_drawing = QCheckBox("live")
        self.while_drawing.setToolTip(
            "Train anew after every stroke, once a second at most, as soon as there is enough to learn from"
        )
        self.while_drawing.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.train = QPushButton("Train on these points")
        self.train.setProperty("primary", True)
        self.train.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.keys, self._pace = DrawingKeys(self), DrawingPace(self)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click on a tool must not hand the keys to the window
        self._lay_out()
        self._connect()
        self.set_kind("classes")

    @property
    def kind(self) -> DrawnKind:
        """What is drawn now."""
        return self._kind

    @property
    def drawing(self) -> DrawingPoints:
        """The drawing of the present kind."""
        return self._drawings[self._kind]

    @property
    def wants_map(self) -> bool:
        """Whether the run learns from a drawing of this kind, so that what it makes of it belongs below the points."""
        return self._run is not None and self._run.data.name == NAME and kind_of(self._run.data) == self._kind

    @property
    def spans(self) -> tuple[Range, ...] | None:
        """What the axis of each input spans in prepared values, so that the prediction covers the plane; None without one."""
        if self._run is None or not self.wants_map:
            return None
        inputs = zip(self._run.data.features, self.drawing.state.plane, strict=False)  # a curve has one input
        return tuple(((low - each.mean) / each.scale, (high - each.mean) / each.scale) for each, (low, high) in inputs)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for part in (self.strip, self.tools, self.canvas):
            part.set_theme(theme)
        self._show_prediction()
        self._refresh()

    def set_kind(self, kind: DrawnKind) -> None:
        """Draw classes or a curve; each kind keeps its own drawing."""
        self.catch_up()
        self._kind = kind
        self.tools.show_kind(kind)
        if kind == "curve" and self.tools.tool != ERASER:
            self.tools.choose(0)
        self._name_axes(low=self.height() < _LOW_PX)
        self._take_brush()
        self._show_prediction()
        self._refresh()

    def catch_up(self) -> None:
        """Train at once on strokes that still wait for it."""
        if self._pace.waits:
            self._emit()

    def leave(self) -> None:
        """Be quiet: take no keys, and forget what waits to be trained on."""
        self.keys.enabled = False
        self._pace.forget()

    def enter(self) -> None:
        """Take the keys of drawing."""
        self.keys.enabled = True

    def set_network(self, run: RunInfo | None) -> None:
        """Take the run whose points can be started from and, where it learns from a drawing, whose prediction is shown."""
        self._run, self._observation = run, None
        self._show_prediction()
        self._refresh()

    def render(self, snapshot: Snapshot) -> None:
        """Show what the network makes of the drawing, where it learns from one."""
        observation = snapshot.observation
        if observation is not None and self.wants_map and observation.prediction_map.size:
            first, self._observation = self._observation is None, observation
            self._show_prediction()
            if first:
                self._refresh_strip()

    # ------------------------------------------------------------------ strokes

    @Slot(object)
    def _add(self, points: object) -> None:
        self.drawing.add(points, self.tools.tool)  # type: ignore[arg-type]
        self._refresh()

    @Slot(object)
    def _erase(self, place: tuple[tuple[float, float], tuple[float, float]]) -> None:
        self.drawing.erase(*place)
        self._refresh()

    @Slot()
    def _begin(self) -> None:
        self._pace.begin_stroke()
        self.drawing.begin_stroke()

    @Slot()
    def _end(self) -> None:
        if self.drawing.end_stroke():
            self._changed()
        self._pace.end_stroke()

    @Slot()
    def _undo(self) -> None:
        self.drawing.undo()
        self._changed()

    @Slot()
    def _clear(self) -> None:
        self.drawing.clear()
        self._changed()

    @Slot()
    def _take_shown(self) -> None:
        """Start from the points of the run."""
        if self._run is not None and kind_of(self._run.data) == self._kind:
            self.drawing.replace(points_shown(self._run.data))
            self._changed()

    def _changed(self) -> None:
        """Show the drawing after a whole stroke, and train on it where that is wanted."""
        self._refresh()
        if self.while_drawing.isChecked():
            self._pace.ask()

    @Slot()
    def _emit(self) -> None:
        drawn = self.drawing.drawn
        if not drawn.lack:
            self._pace.begin_pause()
            self.drawn.emit(drawn)

    @Slot(bool)
    def _set_live(self, is_live: bool) -> None:
        if not is_live:
            self._pace.forget()

    def hideEvent(self, event: QHideEvent) -> None:
        """Start no run while nobody watches."""
        super().hideEvent(event)
        self._pace.rest()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on where hiding interrupted."""
        super().showEvent(event)
        self._pace.resume()

    # ------------------------------------------------------------------ tools

    @Slot()
    def _take_brush(self) -> None:
        self.canvas.set_brush(float(self.tools.brush.value()), erasing=self.tools.tool == ERASER)
        self._refresh()

    @Slot(int)
    def _choose_by_key(self, tool: int) -> None:
        if self._kind == "classes" or tool in (0, ERASER):
            self.tools.choose(tool)
            self._take_brush()

    # ------------------------------------------------------------------ display

    def _n_classes(self) -> int:
        """Return how many classes the colours are of: those drawn, two at least; 1 for a curve."""
        return 1 if self._kind == "curve" else max(2, int(self.drawing.state.labels.max(initial=0)) + 1)

    def _refresh(self) -> None:
        drawing, n_classes = self.drawing, self._n_classes()
        x_range, y_range = drawing.state.plane
        if self.canvas.view_box.viewRange() != [list(x_range), list(y_range)]:
            self.canvas.set_window(x_range, y_range)
            self.plane_changed.emit()
        self.canvas.show_points(drawing.state, self._theme, n_classes)
        self.tools.show_classes(n_classes)
        can_take = self._run is not None and self._run.data.name != NAME and kind_of(self._run.data) == self._kind
        self.tools.show_state(can_undo=drawing.can_undo, is_empty=not len(drawing), can_take=can_take)
        lack = drawing.drawn.lack
        self.train.setEnabled(not lack)
        self.train.setToolTip(lack or "Start a run on these points")
        self._refresh_strip()

    def _refresh_strip(self) -> None:
        is_predicted = self.wants_map and self._observation is not None
        self.strip.set_entries(caption(self._theme, self.drawing, self._n_classes(), is_predicted=is_predicted))

    def _show_prediction(self) -> None:
        """Draw what the network makes of a drawing: regions below the points, or a curve."""
        image, curve, observation = self.canvas.image, self.canvas.curve, self._observation
        shown = observation is not None and self.wants_map
        image.setVisible(shown and self._kind == "classes")
        curve.setVisible(shown and self._kind == "curve")
        if not shown:
            self.canvas.viewport().update()
            return
        assert self._run is not None
        assert observation is not None
        data = self._run.data
        horizontal, vertical = (
            original(axis, data.features[index])
            for axis, index in zip((observation.axis_x, observation.axis_y), observation.input_pair, strict=True)
        )
        if self._kind == "curve":
            curve.set_colours((self._theme.text,), self._theme.panel)
            curve.set_curves(horizontal, curves_of(data, observation))
            return
        colours = map_colours(self._theme, data)(observation.prediction_map)[0]
        if observation.input_pair == (1, 0):  # looked at with the axes swapped, but drawn as ever
            horizontal, vertical, colours = vertical, horizontal, colours.T
        image.set_place(cell_edges(horizontal), cell_edges(vertical))
        image.set_colours(colours)

    # ------------------------------------------------------------------ once

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE)
        foot.setSpacing(SPACE)
        foot.addWidget(self.train)
        foot.addWidget(self.while_drawing)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.strip)
        column.addWidget(self.canvas, 1)
        column.addLayout(foot)
        self.setMinimumSize(*LEAST_SIZE)  # a hidden page must not widen the panel of the pictures

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room of a low panel to the plane: one line of words, and the axis without its name."""
        super().resizeEvent(event)
        low = self.height() < _LOW_PX
        self.strip.setMaximumHeight(_ONE_LINE_PX if low else _WIDGET_MAX)
        self.canvas.bottom_axis.setHeight(_NUMBERS_PX if low else BOTTOM_AXIS_HEIGHT)
        self._name_axes(low=low)

    def _name_axes(self, *, low: bool) -> None:
        across, upward = AXES[self._kind]
        self.canvas.bottom_axis.set_names(("",) if low else (across,), across)
        self.canvas.left_axis.set_names((upward,))

    def _connect(self) -> None:
        canvas, tools = self.canvas, self.tools
        canvas.stroke_begun.connect(self._begin)
        canvas.brushed.connect(self._add)
        canvas.erased.connect(self._erase)
        canvas.stroke_ended.connect(self._end)
        tools.tool_chosen.connect(self._take_brush)
        tools.brush_chosen.connect(self._take_brush)
        tools.undo_requested.connect(self._undo)
        tools.clear_requested.connect(self._clear)
        tools.points_wanted.connect(self._take_shown)
        self.train.clicked.connect(self._emit)
        self.while_drawing.toggled.connect(self._set_live)
        self._pace.due.connect(self._emit)
        self.keys.tool_chosen.connect(self._choose_by_key)
        self.keys.undo_requested.connect(self._undo)
        self.keys.listen_to(self)
