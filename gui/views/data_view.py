"""The data panel: the table a run learns from, as rows, as a scatter, and column by column as it was prepared."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QWidget

from gui.session.messages import RowLosses, RunInfo, RunState, Snapshot
from gui.theme import LIGHT, SPACE, TITLE_PX, Theme
from gui.views.data_head_words import head_words
from gui.views.data_preparation import DataPreparation
from gui.views.data_rows import DataRows
from gui.views.data_scatter import DataScatter
from gui.views.data_table import DataTable
from gui.views.framed_plot import small_font
from gui.views.link_button import LinkButton
from gui.views.panel_head import ElidedLabel, PanelHead

EMPTY_TEXT = "Open a CSV file or choose an example.\nIts rows appear here."

LOSSES_SECONDS = 2.0
"""Time between two requests for the losses of all rows while training runs."""


class DataPage(Enum):
    """The pages of the data view."""

    TABLE = "Table"
    SCATTER = "Scatter"
    PREPARATION = "Preparation"


Page = DataTable | DataScatter | DataPreparation
_MAKERS: dict[DataPage, Callable[[], Page]] = {
    DataPage.TABLE: DataTable,
    DataPage.SCATTER: DataScatter,
    DataPage.PREPARATION: DataPreparation,
}


class PageLinks(QWidget):
    """The three pages as links, the present one in bold type.

    Signals
    -------
    chosen(object)
        The DataPage the user chose.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.links = {page: LinkButton(page.value, self) for page in DataPage}
        for page, link in self.links.items():
            link.setCheckable(True)
            link.setAccessibleName(f"{page.value} page")
            link.setProperty("page", page)
            link.clicked.connect(self._choose)
            row.addWidget(link)

    def set_current(self, page: DataPage) -> None:
        """Show which page is the present one."""
        for other, link in self.links.items():
            link.setChecked(other is page)
            link.setFont(small_font(TITLE_PX, bold=other is page))

    @Slot()
    def _choose(self) -> None:
        self.chosen.emit(self.sender().property("page"))


class DataView(QWidget):
    """Every row of the table of a run, linked with the other views by the row that is chosen.

    Lives in the GUI thread. It computes no losses: they come with `set_row_losses`, after it has asked for them.

    Signals
    -------
    row_chosen(object)
        The 0-based data row the user chose here, None where none is chosen any more.
    row_losses_wanted()
        The losses of all rows at the present step are wanted.

    Attributes
    ----------
    head : QWidget
        The step of the losses and the choice of the page, for the right end of the panel's head.
    """

    row_chosen = Signal(object)
    row_losses_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._run: RunInfo | None = None
        self._snapshot: Snapshot | None = None
        self._rows: DataRows | None = None
        self._chosen: int | None = None
        self._page = DataPage.TABLE
        self._pages: dict[DataPage, Page] = {}
        self._outdated: set[DataPage] = set()
        self._known: tuple[int, int] | None = None
        self._asked: tuple[int, int] | None = None
        self._asked_at = float("-inf")
        self._step = ElidedLabel()
        self._links = PageLinks()
        self._links.set_current(self._page)
        self._links.chosen.connect(self.set_page)
        self.head = PanelHead(self._step, self._links)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._empty = QLabel(EMPTY_TEXT, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty.setProperty("role", "muted")
        self._empty.setMargin(2 * SPACE)
        self._stack.addWidget(self._empty)
        self.setMinimumSize(240, 140)
        self.clear()

    def sizeHint(self) -> QSize:
        """Return the size of the panel in the default window."""
        return QSize(640, 320)

    @property
    def page(self) -> DataPage:
        """The page shown."""
        return self._page

    @property
    def chosen(self) -> int | None:
        """The 0-based data row chosen here or elsewhere."""
        return self._chosen

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for page in self._pages.values():
            page.set_theme(theme)

    def set_network(self, run: RunInfo) -> None:
        """Show the table of another run; the row chosen stays where both learn from the same table."""
        same_table = self._run is not None and self._run.data is run.data
        self._run, self._snapshot = run, None
        self._known, self._asked, self._asked_at = None, None, float("-inf")
        if not same_table:
            self._chosen = None
        self._rows = DataRows(run.data)
        self._outdated = set(DataPage)
        self._links.setVisible(True)
        self._show_page()
        self._say_step()

    def render(self, snapshot: Snapshot) -> None:  # type: ignore[override]
        """Take a frame: ask for the losses of the rows where those shown are of another step."""
        if self._run is None or snapshot.run_id != self._run.run_id:
            return
        self._snapshot = snapshot
        table = self._table()
        if table is not None and snapshot.state is not RunState.RUNNING and self._known == (snapshot.branch_id, snapshot.step):
            table.settle()
        self._ask()

    def clear(self, text: str = EMPTY_TEXT) -> None:
        """Show no table, and in words what to do next."""
        self._run = self._snapshot = self._rows = self._chosen = None
        self._known = self._asked = None
        for page in self._pages.values():
            page.set_rows(None)
        self._outdated = set()
        self._empty.setText(text)
        self._links.setVisible(False)
        self._stack.setCurrentWidget(self._empty)
        self._say_step()

    def set_row_losses(self, losses: RowLosses) -> None:
        """Show the loss of every row at a step; those of another run are dropped."""
        if self._run is None or self._rows is None or losses.run_id != self._run.run_id or not self._rows.set_losses(losses):
            return
        self._known, self._asked = (losses.branch_id, losses.step), None
        table = self._table()
        if table is not None:
            table.take_losses(standing=self._snapshot is None or self._snapshot.state is not RunState.RUNNING)
        self._say_step()
        self._ask()

    def show_row(self, row: int | None) -> None:
        """Show a row that was chosen elsewhere, without a signal."""
        if self._rows is None or (row is not None and not 0 <= row < self._rows.n_rows):
            row = None
        if row != self._chosen:
            self._choose(row)

    @Slot(object)
    def set_page(self, page: DataPage) -> None:
        """Show another page of the same table."""
        self._page = page
        self._links.set_current(page)
        if self._run is not None:
            self._show_page()
        self._say_step()
        self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the losses where they are of another step than the picture."""
        super().showEvent(event)
        self._ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let go of the chosen row at Escape, on whichever page."""
        if event.key() == Qt.Key.Key_Escape and self._chosen is not None:
            self._pick(None)
            event.accept()
            return
        super().keyPressEvent(event)

    # ------------------------------------------------------------------ pages

    def _show_page(self) -> None:
        """Show the present page, made and brought up to date when it is first looked at."""
        page = self._pages.get(self._page)
        if page is None:
            page = self._pages[self._page] = _MAKERS[self._page]()
            page.set_theme(self._theme)
            if not isinstance(page, DataPreparation):
                page.row_picked.connect(self._pick)
            if isinstance(page, DataTable):
                page.order_changed.connect(self._say_step)
            self._stack.addWidget(page)
            self._outdated.add(self._page)
        if self._page in self._outdated:
            self._outdated.discard(self._page)
            page.set_rows(self._rows)
            page.show_row(self._chosen)
        self._stack.setCurrentWidget(page)

    def _table(self) -> DataTable | None:
        """Return the table page where it shows the present rows."""
        page = self._pages.get(DataPage.TABLE)
        return page if isinstance(page, DataTable) and DataPage.TABLE not in self._outdated else None

    def _choose(self, row: int | None) -> None:
        self._chosen = row
        self._say_step()
        for kind, page in self._pages.items():
            if kind not in self._outdated:
                page.show_row(row)

    @Slot(object)
    def _pick(self, row: int | None) -> None:
        if row != self._chosen:
            self._choose(row)
            self.row_chosen.emit(row)

    # ------------------------------------------------------------------ losses

    def _ask(self) -> None:
        """Ask for the losses of the rows where they are looked at and are of another step than the frame shown."""
        snapshot = self._snapshot
        if snapshot is None or not self.isVisible() or self._page is not DataPage.TABLE:
            return
        wanted = (snapshot.branch_id, snapshot.step)
        if wanted in (self._known, self._asked):
            return
        now = time.monotonic()
        if snapshot.state is RunState.RUNNING and now - self._asked_at < LOSSES_SECONDS:
            return
        self._asked, self._asked_at = wanted, now
        self.row_losses_wanted.emit()

    @Slot()
    def _say_step(self) -> None:
        """Say in the head which row is chosen, of which step the losses are, and what made the order of the rows."""
        table = self._table() if self._page is DataPage.TABLE else None
        step = self._rows.step if self._rows is not None else None
        words = head_words(self._chosen, step, table.order_words() if table is not None else "")
        self._step.setVisible(bool(words.texts))
        if words.texts:
            self._step.set_texts(*words.texts)
            self._step.setToolTip(words.tip)
