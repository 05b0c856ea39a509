"""Panels that can be moved, floated, tabbed and closed, and the area they stand in."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.appearance import restyle
from gui.icons import quiet_icon
from gui.theme import LIGHT, PANEL_HEAD, SPACE, Theme

_BUTTON_PX = 22
_ROUNDING_PX = 4
"""Room below the content so that its square corners stay inside the panel's round ones."""


class PanelDock(QDockWidget):
    """A panel with a head: title at the left, a widget of the view's own and the panel's buttons at the right.

    Lives in the GUI thread.

    Parameters
    ----------
    name : str
        The object name, by which a saved layout finds the panel.
    title : str
    widget : QWidget
        The content.
    head : QWidget, optional
        What the view shows in the head (choices, a legend).
    """

    def __init__(
        self, name: str, title: str, widget: QWidget, head: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self.setAllowedAreas(Qt.DockWidgetArea.AllDockWidgetAreas)
        self._float = self._button(f"Float {title}")
        self._close = self._button(f"Close {title}")
        self._head = self._build_head(title, head)
        self.setTitleBarWidget(self._head)
        self._body = QFrame(self)
        self._body.setObjectName("panelBody")
        column = QVBoxLayout(self._body)
        column.setContentsMargins(1, 0, 1, _ROUNDING_PX)
        column.setSpacing(0)
        column.addWidget(widget)
        self.setWidget(self._body)
        self._float.clicked.connect(self._toggle_floating)
        self._close.clicked.connect(self.close)
        self.topLevelChanged.connect(self._show_floating)
        self.featuresChanged.connect(self._show_features)
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Tint the buttons of the head."""
        self._theme = theme
        self._float.setIcon(quiet_icon("picture-in-picture-2", theme, size=14))
        self._close.setIcon(quiet_icon("x", theme, size=14))

    def _build_head(self, title: str, own: QWidget | None) -> QFrame:
        head = QFrame(self)
        head.setObjectName("panelHead")
        head.setFixedHeight(PANEL_HEAD)
        label = QLabel(title, head)
        label.setObjectName("panelTitle")
        row = QHBoxLayout(head)
        row.setContentsMargins(SPACE + 4, 0, SPACE - 2, 0)
        row.setSpacing(0)
        row.addStrut(PANEL_HEAD - 2)
        row.addWidget(label)
        row.addSpacing(SPACE)
        row.addStretch(1)
        if own is not None:
            row.addWidget(own)
            row.addSpacing(SPACE - 2)
        row.addWidget(self._float)
        row.addWidget(self._close)
        return head

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("quiet", True)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setFixedSize(_BUTTON_PX, _BUTTON_PX)
        button.setIconSize(QSize(14, 14))
        button.setToolTip(name)
        button.setAccessibleName(name)
        return button

    @Slot()
    def _toggle_floating(self) -> None:
        self.setFloating(not self.isFloating())

    @Slot(bool)
    def _show_floating(self, floating: bool) -> None:
        for part in (self._head, self._body):
            restyle(part, floating=floating)
        name = f"{'Dock' if floating else 'Float'} {self.windowTitle()}"
        self._float.setToolTip(name)
        self._float.setAccessibleName(name)

    @Slot()
    def _show_features(self) -> None:
        feature = QDockWidget.DockWidgetFeature
        self._close.setVisible(bool(self.features() & feature.DockWidgetClosable))
        self._float.setVisible(bool(self.features() & feature.DockWidgetFloatable))


class DockArea(QMainWindow):
    """Where the panels stand: the window's background with a gap around and between them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Widget)
        self.setObjectName("dockArea")
        self.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        self.setDockNestingEnabled(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AnimatedDocks
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
