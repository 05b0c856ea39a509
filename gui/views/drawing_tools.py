"""What to draw with: the classes in their colours, an eraser, the width of the brush, and taking things back."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from engine.data.examples.drawn import MOST_CLASSES, DrawnKind, class_name
from gui.theme import LIGHT, SPACE, Theme
from gui.views.link_button import LinkButton
from gui.views.point_stamps import PointStyle, draw_symbol
from gui.views.prediction_points import class_colour, class_marker, train_style

ERASER = MOST_CLASSES
"""Number of the eraser among the tools; those before it are the classes."""

WIDEST_BRUSH_PX = 60
_ICON_PX = 12
_CLASS_BUTTON = QSize(29, 24)


class DrawingTools(QWidget):
    """Two rows of tools.

    Lives in the GUI thread.

    Signals
    -------
    tool_chosen(int)
        The label of a class, or `ERASER`.
    brush_chosen(int)
        Radius of the brush in pixels, 0 for single points.
    undo_requested(), clear_requested(), points_wanted()
        The last asks for the points of the run that is shown.
    """

    tool_chosen = Signal(int)
    brush_chosen = Signal(int)
    undo_requested = Signal()
    clear_requested = Signal()
    points_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._n_classes = 2
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.tool_chosen)
        self._buttons = [self._class_button(label) for label in range(MOST_CLASSES)]
        self._eraser = self._tool("Erase", "Take points away (E)", ERASER)
        self.brush = QSlider(Qt.Orientation.Horizontal)
        self.brush.setRange(0, WIDEST_BRUSH_PX)
        self.brush.setSingleStep(2)
        self.brush.setMinimumWidth(40)
        self.brush.setMaximumWidth(160)
        self.brush.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.brush.setAccessibleName("Brush")
        self.brush.setToolTip("Width of the brush and of the eraser")
        self.brush.valueChanged.connect(self._brush_moved)
        self._width = QLabel()
        self._width.setProperty("role", "small")
        self._width.setFixedWidth(self.fontMetrics().horizontalAdvance("120 px"))
        self.undo = self._link("Undo", "Take back the last stroke (Ctrl+Z)", self.undo_requested)
        self.clear = self._link("Clear", "Remove all points", self.clear_requested)
        self.take = self._link("Start from run", "Start from the points of this run", self.points_wanted)
        self._lay_out()
        self._brush_moved(0)
        self.choose(0)

    @property
    def tool(self) -> int:
        """The label of the class drawn with, or `ERASER`."""
        return self._group.checkedId()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._tint()

    def choose(self, tool: int) -> None:
        """Take a tool in hand, without a signal."""
        self._group.button(tool).setChecked(True)

    def show_kind(self, kind: DrawnKind) -> None:
        """Offer the tools of a kind of drawing: a curve has one class only."""
        curve = kind == "curve"
        for button in self._buttons[1:]:
            button.setHidden(curve)
        self._buttons[0].setText("Draw" if curve else "1")
        self._buttons[0].setToolTip("Draw points of the curve (1)" if curve else _tip(0))
        width = self._eraser.sizeHint().width() + 8 if curve else _CLASS_BUTTON.width()
        self._buttons[0].setFixedWidth(max(width, _CLASS_BUTTON.width()) + (12 if curve else 0))
        self._n_classes = 1 if curve else max(self._n_classes, 2)
        self._tint()

    def show_classes(self, n_classes: int) -> None:
        """Give the classes the colours they have where there are so many; 1 stands for a curve."""
        if n_classes != self._n_classes:
            self._n_classes = n_classes
            self._tint()

    def show_state(self, *, can_undo: bool, is_empty: bool, can_take: bool) -> None:
        """Enable what there is something to do for."""
        offers_points = is_empty and can_take
        self.take.setVisible(offers_points)
        self.undo.setVisible(can_undo or not offers_points)  # all three have no room in a narrow panel
        self.undo.setEnabled(can_undo)
        self.clear.setVisible(not offers_points)
        self.clear.setEnabled(not is_empty)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(2)
        second.setSpacing(4)
        for button in self._buttons:
            first.addWidget(button)
        first.addSpacing(4)
        first.addWidget(self._eraser)
        first.addStretch(1)
        words = QLabel("Brush")
        words.setProperty("role", "muted")
        second.addWidget(words)
        second.addWidget(self.brush, 1)
        second.addWidget(self._width)
        second.addStretch(1)
        for link in (self.take, self.undo, self.clear):
            second.addWidget(link)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE // 2, SPACE, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addLayout(second)

    def _class_button(self, label: int) -> QToolButton:
        button = self._tool(str(label + 1), _tip(label), label)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        button.setFixedSize(_CLASS_BUTTON)
        return button

    def _tool(self, text: str, tip: str, number: int) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setFixedHeight(_CLASS_BUTTON.height())
        self._group.addButton(button, number)
        if number == ERASER:
            button.setFixedWidth(button.fontMetrics().horizontalAdvance(text) + 12)
        return button

    def _link(self, text: str, tip: str, signal: Signal) -> LinkButton:
        link = LinkButton(text, self)
        link.setToolTip(tip)
        link.clicked.connect(signal)
        return link

    def _tint(self) -> None:
        for label, button in enumerate(self._buttons):
            button.setIcon(_icon(self._look(label)))

    def _look(self, label: int) -> PointStyle:
        theme, n_classes = self._theme, self._n_classes
        if n_classes == 1:
            return train_style(theme, theme.train, "o")
        shown = n_classes if label < n_classes else max(n_classes, 3)
        return train_style(theme, class_colour(theme, label, shown), class_marker(label, shown))

    @Slot(int)
    def _brush_moved(self, radius: int) -> None:
        self._width.setText(f"{2 * radius} px" if radius else "point")
        self.brush_chosen.emit(radius)


def _tip(label: int) -> str:
    return f"Draw points of {class_name(label)} (key {label + 1})"


def _icon(style: PointStyle) -> QIcon:
    """Return a class's marker as an icon, sharp on every screen in use."""
    icon = QIcon()
    for density in sorted({1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}):
        image = QPixmap(round(_ICON_PX * density), round(_ICON_PX * density))
        image.setDevicePixelRatio(density)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        draw_symbol(painter, style, QPointF(_ICON_PX / 2, _ICON_PX / 2))
        painter.end()
        icon.addPixmap(image)
    return icon
