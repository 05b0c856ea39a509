"""The panels of the window and their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.panels.data_model_panel import WIDTH
from gui.panels.dock import DockArea, PanelDock
from gui.theme import TIMELINE_HEIGHT, TOOLBAR_HEIGHT

MODEL, NETWORK, LANDSCAPE, PREDICTION, LOSS, DATA = "model", "network", "landscape", "prediction", "loss", "data"
MODEL_PX = WIDTH + 2
"""Width of the panel with the settings: the dock has a border of one pixel."""

MIDDLE_SHARE = 0.66
"""Share of the width left that the middle column takes."""

UPPER_SHARE = 0.54
"""Share of the height that the upper panels take."""

AROUND_PX = TOOLBAR_HEIGHT + TIMELINE_HEIGHT + 48
"""Height of the window that is not the panels': tool bar, timeline, menu and gaps."""


class Panel(NamedTuple):
    """A panel: its name, its title, its content and what the content shows in the panel's head."""

    name: str
    title: str
    widget: QWidget
    head: QWidget | None = None


class DockBoard(DockArea):
    """The area with the panels, each a dock that can be moved, floated, tabbed and closed.

    Parameters
    ----------
    panels : sequence of Panel
        One for each of `MODEL`, `NETWORK`, `LANDSCAPE`, `PREDICTION`, `LOSS` and `DATA`.

    Attributes
    ----------
    docks : dict of str to PanelDock
    """

    def __init__(self, panels: Sequence[Panel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.docks = {panel.name: PanelDock(panel.name, panel.title, panel.widget, panel.head, self) for panel in panels}

    def arrange(self, window_width: int, window_height: int) -> None:
        """Put every panel in its place, at sizes that suit the window; the rows stand behind the landscape, closed."""
        docks = self.docks
        for dock in docks.values():
            dock.setFloating(False)
            dock.show()
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks[MODEL])
        self.splitDockWidget(docks[MODEL], docks[NETWORK], across)
        self.splitDockWidget(docks[NETWORK], docks[PREDICTION], across)
        self.splitDockWidget(docks[NETWORK], docks[LANDSCAPE], down)
        self.splitDockWidget(docks[PREDICTION], docks[LOSS], down)
        self.tabifyDockWidget(docks[LANDSCAPE], docks[DATA])
        docks[DATA].hide()
        left = max(window_width - MODEL_PX, 1)
        columns = [MODEL_PX, round(left * MIDDLE_SHARE), round(left * (1.0 - MIDDLE_SHARE))]
        self.resizeDocks([docks[MODEL], docks[NETWORK], docks[PREDICTION]], columns, across)
        height = max(window_height - AROUND_PX, 1)
        rows = [round(height * UPPER_SHARE), round(height * (1.0 - UPPER_SHARE))]
        self.resizeDocks([docks[NETWORK], docks[LANDSCAPE]], rows, down)
        self.resizeDocks([docks[PREDICTION], docks[LOSS]], rows, down)

    def bring_up(self, name: str) -> None:
        """Show a panel, before those it shares its place with."""
        self.docks[name].show()
        self.docks[name].raise_()
