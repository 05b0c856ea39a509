"""The links in a panel's head that turn a picture into a plane to draw on and back, and when a drawing gives way to its run."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication

from engine.data.examples.drawn import NAME, DrawnKind, DrawnPoints
from gui.session.messages import RunInfo
from gui.theme import LIGHT, Theme
from gui.views.drawing_page import DrawingPage
from gui.views.drawing_points import Range
from gui.views.link_button import LinkButton, MenuLink

_KINDS: dict[DrawnKind, tuple[str, str]] = {"classes": ("classes", "Classes on a plane"), "curve": ("curve", "A curve")}


class DrawingSwitch(QObject):
    """Whether the plane to draw on is shown, and of which kind.

    Lives in the GUI thread.

    Attributes
    ----------
    links : tuple of LinkButton
        For the panel's head: the kind of drawing, and "Draw" or "Done".
    page : DrawingPage or None
        Made when first needed.
    shown : bool
        Whether the page is to be shown.

    Signals
    -------
    asked(bool)
        The person wants to draw, or to see the picture again.
    kind_changed()
        Another kind is drawn, or on a plane with other bounds.
    drawn(object)
        The `DrawnPoints` to train on.
    """

    asked = Signal(bool)
    kind_changed = Signal()
    drawn = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.page: DrawingPage | None = None
        self.shown = False
        self._run: RunInfo | None = None
        self._theme = LIGHT
        self._ends_with_next_run = False
        self._kind, self._draw = MenuLink("What is drawn"), LinkButton("Draw")
        self.links = (self._kind, self._draw)
        self._kind.chosen.connect(self._take_kind)
        self._draw.clicked.connect(self._ask)

    @property
    def trains_while_drawing(self) -> bool:
        """Whether every stroke is trained on, so that the run of a drawing is soon replaced by another."""
        return self.page is not None and self.page.while_drawing.isChecked()

    @property
    def spans(self) -> tuple[Range, ...] | None:
        """What the axes of the inputs span while drawing, in prepared values; None where that is left to the rows."""
        return self.page.spans if self.page is not None and self.shown else None

    @property
    def wants_map(self) -> bool:
        """Whether the page shows what the network makes of the drawing."""
        return self.page is not None and self.page.wants_map

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        if self.page is not None:
            self.page.set_theme(theme)

    def set_network(self, run: RunInfo | None) -> None:
        """Take another run: drawing goes on over the same data, and where every stroke is trained on; else it ends."""
        same_data = run is not None and self._run is not None and self._run.data.name == run.data.name
        goes_on = same_data or (run is not None and run.data.name == NAME and self.trains_while_drawing)
        if self._ends_with_next_run or not goes_on:
            self.show(shown=False)
        self._run = run
        if self.page is not None:
            self.page.set_network(run)

    def show(self, *, shown: bool) -> None:
        """Begin or end drawing; what was drawn is kept."""
        self.shown, self._ends_with_next_run = shown, False
        if shown and self.page is None:
            self.page = DrawingPage()
            self.page.set_theme(self._theme)
            self.page.set_network(self._run)
            self.page.drawn.connect(self._pass_on)
            self.page.plane_changed.connect(self.kind_changed)
            for link in self.links:
                self.page.keys.listen_to(link)
        if shown:
            self.page.enter()
        elif self.page is not None:
            self.page.leave()
            self._give_focus_back(self.page)
        self._offer_kinds()
        self._kind.setVisible(shown)
        self._draw.setText("Done" if shown else "Draw")
        self._draw.setToolTip("Back to the picture" if shown else "Draw points of your own, or a curve, and train on them")

    @Slot()
    def _ask(self) -> None:
        if self.shown and self.page is not None:
            self.page.catch_up()
        self.asked.emit(not self.shown)

    @Slot(object)
    def _take_kind(self, kind: DrawnKind) -> None:
        if self.page is not None:
            self.page.set_kind(kind)
            self.page.canvas.setFocus()  # back from the menu
            self._offer_kinds()
            self.kind_changed.emit()

    def _offer_kinds(self) -> None:
        """Offer the kinds of drawing, and show which one is chosen."""
        if self.page is not None:
            kind = self.page.kind
            self._kind.set_choices([(each, words) for each, (_, words) in _KINDS.items()], kind, _KINDS[kind][0])

    @Slot(object)
    def _pass_on(self, points: DrawnPoints) -> None:
        """Hand a drawing on; the picture of its run takes the place of the plane unless every stroke is trained on."""
        self._ends_with_next_run = not self.trains_while_drawing
        self.drawn.emit(points)

    @staticmethod
    def _give_focus_back(page: DrawingPage) -> None:
        """Leave the focus with no part of a page: hidden with the focus it would hand it to the next field."""
        focused = QApplication.focusWidget()
        if focused is not None and (focused is page or page.isAncestorOf(focused)):
            focused.clearFocus()
