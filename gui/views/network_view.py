"""The network panel: the diagram, live, with the number of any link or unit under the mouse, to be changed by a click."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.session.messages import RunInfo, Snapshot
from gui.theme import Theme
from gui.views.caption_strip import CaptionStrip
from gui.views.frame_pace import MAPS_SECONDS, FramePace
from gui.views.input_pair_head import InputPairHead
from gui.views.network_diagram import NetworkDiagram
from gui.views.network_editor import NetworkEditor
from gui.views.network_row import row_entries
from gui.views.one_paint import paint_by_request


class _Canvas(pg.GraphicsView):
    """A scene of one item, as large as the widget."""

    pointed = Signal(object)
    """The position of the mouse, None when it left."""

    pressed = Signal(object)
    """The position of a press of the left or the right button."""

    resized = Signal(int, int)

    def __init__(self, diagram: NetworkDiagram) -> None:
        super().__init__()
        self._diagram = diagram
        self.addItem(diagram)
        paint_by_request(self)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the diagram straight on the view: it covers all of it."""
        painter = QPainter(self.viewport())
        self._diagram.paint(painter, None)
        painter.end()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None:  # pyqtgraph calls it without one while it is being made
            self.resized.emit(event.size().width(), event.size().height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self.pressed.emit(event.position())
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Keep the window's menu of panels away from what a right click changes."""
        event.setAccepted(self._diagram.target_at(QPointF(event.pos())) is not None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)


class NetworkView(QWidget):
    """Shows a network at one moment: weights as links, units as their response over two inputs.

    Lives in the GUI thread. It computes nothing of its own: maps come with the snapshot's observation, numbers from its
    parameters.

    Signals
    -------
    input_pair_chosen(object)
        (horizontal, vertical), numbers of the inputs the maps are wanted over.
    link_hovered(object)
        The LinkId or UnitId (gui.views.network_geometry) under the mouse, None when there is none any more.
    parameter_entered(object, object)
        A place of the flat vector of parameters, and the number wanted there.
    settings_changed(object)
        A dict of live settings: what is to be switched off, or frozen.

    Attributes
    ----------
    head : QWidget
        The choice of the two inputs, for the right end of the panel's head.
    editor : NetworkEditor
        The card in which a number is typed, a unit switched off, a layer frozen.
    strip : CaptionStrip
        What the network makes of the row watched, in words; hidden where no row is.
    """

    input_pair_chosen = Signal(object)
    link_hovered = Signal(object)
    parameter_entered = Signal(object, object)
    settings_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = InputPairHead()
        self.diagram = NetworkDiagram()
        self.canvas = _Canvas(self.diagram)
        self.editor = NetworkEditor(self)
        self.strip = CaptionStrip(self, max_lines=1)
        self.strip.hide()
        self._run: RunInfo | None = None
        self._snapshot: Snapshot | None = None
        self._pair: tuple[int, int] | None = None
        self._pace = FramePace(MAPS_SECONDS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.canvas)
        self.setMinimumSize(240, 140)
        self.head.pair_chosen.connect(self.input_pair_chosen)
        self.canvas.pointed.connect(self._point_at)
        self.canvas.pressed.connect(self._press)
        self.canvas.resized.connect(self._resize)
        self.editor.parameter_entered.connect(self.parameter_entered)
        self.editor.settings_changed.connect(self.settings_changed)
        self.editor.closed.connect(self._let_go)

    def sizeHint(self) -> QSize:
        """Return the size of the panel in the default window."""
        return QSize(760, 360)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.canvas.setBackground(theme.panel)
        self.diagram.set_theme(theme)
        self.strip.set_theme(theme)
        self.editor.set_theme(theme)

    def set_network(self, run: RunInfo) -> None:
        """Build the diagram of a run; numbers come with the next `render`."""
        self._run, self._snapshot, self._pair = run, None, None
        self._pace.restart()
        self.head.set_names([feature.name for feature in run.data.features])
        self._show_nothing_hovered()
        self.strip.hide()
        self.diagram.set_network(run)

    def render(self, snapshot: Snapshot) -> None:  # type: ignore[override]
        """Show a frame; it is painted once, when the window next paints."""
        if self._run is None or len(snapshot.parameters) != self._run.spec.n_parameters:
            return
        self._snapshot = snapshot
        self.editor.render(snapshot)
        if not self._pace.takes(snapshot):
            return
        observation = snapshot.observation
        if observation is not None and observation.input_pair != self._pair:
            self._pair = observation.input_pair
            self.head.set_pair(self._pair)
        self._describe_row(snapshot)
        hovered = self.diagram.target
        if self.diagram.render(snapshot) and self.diagram.target != hovered:
            self._tell_hovered()

    def _describe_row(self, snapshot: Snapshot) -> None:
        """Say what the network makes of the row watched; without one the diagram has the room to itself."""
        row = snapshot.observation.row if snapshot.observation is not None else None
        if row is not None and self._run is not None:
            self.strip.set_entries(row_entries(self._run, row))
        if self.strip.isHidden() == (row is not None):
            self.strip.setVisible(row is not None)

    def clear(self) -> None:
        """Show no network, and what to do next."""
        self._run = self._snapshot = self._pair = None
        self.head.set_names(())
        self._show_nothing_hovered()
        self.strip.hide()
        self.diagram.set_network(None)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave nothing half typed in a panel that nobody sees."""
        self.editor.close_card()
        super().hideEvent(event)

    def _point_at(self, position: QPointF | None) -> None:
        if self.diagram.point_at(position):
            self._tell_hovered()

    def _tell_hovered(self) -> None:
        target = self.diagram.target
        shape = Qt.CursorShape.ArrowCursor if target is None else Qt.CursorShape.PointingHandCursor
        self.canvas.viewport().setCursor(shape)
        self.link_hovered.emit(target)

    def _show_nothing_hovered(self) -> None:
        self.editor.close_card()
        if self.diagram.target is not None:
            self._point_at(None)

    @Slot(object)
    def _press(self, position: QPointF) -> None:
        """Open the card for what was clicked, close it where that is nothing."""
        target = self.diagram.target_at(position)
        self.editor.close_card()
        if target is None or self._snapshot is None:
            return
        self.diagram.pin(target)
        self.editor.edit(target, self.diagram.title_of(target), self._snapshot)
        corner = self.diagram.place_beside(target, QSizeF(self.editor.size()), position)
        self.editor.move(corner.toPoint())
        self.editor.keep_inside()

    @Slot()
    def _let_go(self) -> None:
        self.diagram.pin(None)
        self._tell_hovered()

    def _resize(self, width: int, height: int) -> None:
        self.diagram.set_size(width, height)
        self.editor.keep_inside()
