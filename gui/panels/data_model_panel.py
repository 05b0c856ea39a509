"""The data and model panel: every setting of a run that is not in the tool bar, and how good the predictions are."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.network_choice import network_spec
from engine.settings import Settings, SettingsError, make_settings, shown
from gui.panels.choices_in_force import consequences, has_effect
from gui.panels.data_section import DataSection
from gui.panels.feature_picker import ColumnChoice
from gui.panels.fit_section import FitSection
from gui.panels.foldable_section import FoldableSection
from gui.panels.loss_section import LossSection
from gui.panels.network_section import NetworkSection
from gui.panels.regularisation_section import RegularisationSection
from gui.panels.schedule_section import ScheduleSection
from gui.panels.setting_rows import SettingRow
from gui.panels.stop_section import StopSection
from gui.panels.training_section import TrainingSection
from gui.session.messages import RunInfo, Snapshot
from gui.theme import LIGHT, SPACE, Theme

WIDTH, MIN_WIDTH = 240, 216
_MARGIN_PX = SPACE + 4
_SCROLL_BAR_PX = 10
"""Width of a scroll bar in the style sheet."""


class SettingsScroll(QScrollArea):
    """The part of the panel that scrolls; its width does not depend on whether the scroll bar is there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dataModelPanel")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget(self)
        content.setObjectName("dataModelContent")
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX - _SCROLL_BAR_PX, 0)
        self.column.setSpacing(0)
        self.setWidget(content)
        self.setViewportMargins(0, 0, _SCROLL_BAR_PX, 0)
        self.verticalScrollBar().rangeChanged.connect(self._keep_width)

    @Slot(int, int)
    def _keep_width(self, low: int, high: int) -> None:
        """Keep room for the scroll bar while there is none, so that nothing moves when it comes."""
        self.setViewportMargins(0, 0, 0 if high > low else _SCROLL_BAR_PX, 0)


class DataModelPanel(QWidget):
    """Show the settings in force and ask for others; how good the predictions are stands below, always in sight.

    Lives in the GUI thread. What is typed is checked here against the table of settings; what is wrong is said below its field
    and asked of nobody.

    Signals
    -------
    settings_changed(object)
        A dict of live settings, such as {"l2": 0.001}: they change inside the run.
    new_run_requested(object)
        A dict of settings that start a new run, such as {"hidden": (8, 8, 8)}.

    Attributes
    ----------
    rows : dict of str to SettingRow
        The row of each setting.
    """

    settings_changed = Signal(object)
    new_run_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(MIN_WIDTH)
        self._settings = Settings()
        self._run: RunInfo | None = None
        self.data, self.network, self.loss, self.fit = DataSection(), NetworkSection(), LossSection(), FitSection()
        self.training, self.regularisation = TrainingSection(), RegularisationSection()
        self.schedule, self.stop = ScheduleSection(), StopSection()
        self._sections: tuple[FoldableSection, ...] = (
            self.data,
            self.network,
            self.loss,
            self.training,
            self.regularisation,
            self.schedule,
            self.stop,
        )
        self._lay_out(self._sections)
        self.rows: dict[str, SettingRow] = {row.name: row for section in self._sections for row in section.rows}
        for row in self.rows.values():
            row.requested.connect(self._request)
        self._show(self._settings)
        self.set_theme(LIGHT)

    def sizeHint(self) -> QSize:
        """Want a width at which no label is cut."""
        return QSize(WIDTH, 640)

    # ------------------------------------------------------------------ what is shown

    def set_columns(self, columns: tuple[ColumnChoice, ...]) -> None:
        """Tell the columns of the file that can be target or feature, none for an example, before its run is shown."""
        self.data.set_columns(columns)

    def show_run(self, run: RunInfo) -> None:
        """Show the data, network and settings of a run; messages about wrong entries go."""
        self._run = run
        for row in self.rows.values():
            row.show_error("")
        self.data.show_run(run)
        self.network.show_run(run)
        self.loss.show_run(run)
        self.fit.show_data(run.data)
        self._show(run.settings)

    def show_settings(self, settings: Settings) -> None:
        """Show the settings in force, without a signal."""
        if settings != self._settings:
            self._show(settings)

    def render(self, snapshot: Snapshot) -> None:  # type: ignore[override]
        """Show the metrics of a snapshot."""
        self.fit.render(snapshot)

    def show_error(self, name: str, sentence: str) -> bool:
        """Say what is wrong with a setting below its field; return whether the panel shows that field."""
        row = self.rows.get(name)
        if row is None or not all(section.reveal(name) for section in self._sections):
            return False
        row.show_error(sentence)
        self.scroll_area.ensureWidgetVisible(row)
        return True

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for section in self._sections:
            section.set_theme(theme)

    # ------------------------------------------------------------------ building

    def _lay_out(self, sections: tuple[FoldableSection, ...]) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.scroll_area = SettingsScroll(self)
        whole.addWidget(self.scroll_area, 1)
        for section in sections:
            self.scroll_area.column.addWidget(section)
        self.scroll_area.column.addStretch(1)
        below = QVBoxLayout()
        below.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 0)
        below.addWidget(self.fit)
        whole.addLayout(below)

    def _show(self, settings: Settings) -> None:
        self._settings = settings
        for section in self._sections:
            section.show_settings(settings, self._has_effect)

    def _has_effect(self, name: str) -> bool:
        return name not in self.data.without_effect and has_effect(name, self._settings, self._run)

    # ------------------------------------------------------------------ requests

    @Slot(str, object)
    def _request(self, name: str, value: object) -> None:
        """Check a change and ask for it; further clicks build on it, whether or not it has been answered."""
        changes = {name: value, **self._data_for(name, value)}
        changes |= consequences(self._settings, changes)
        try:
            settings = make_settings(self._settings, **changes)
            self._check_network(settings, name)
        except SettingsError as error:
            self.show_error(name, str(error))
            return
        if settings == self._settings:
            return
        self._show(settings)
        (self.settings_changed if shown(name).live else self.new_run_requested).emit(changes)

    def _data_for(self, name: str, value: object) -> dict[str, object]:
        """Return what a new target changes besides: it is no feature any more, the old one is, and its task is found anew."""
        if name != "target" or self._run is None:
            return {}
        changes: dict[str, object] = {} if self._settings.task == "auto" else {"task": "auto"}
        features = self._settings.features
        if features is not None and value in features:
            changes["features"] = tuple(self._run.data.target.name if feature == value else feature for feature in features)
        return changes

    def _check_network(self, settings: Settings, name: str) -> None:
        """Raise SettingsError where the present data can't be learned with a network or loss asked for."""
        if self._run is not None and shown(name).group in ("network", "loss"):
            network_spec(settings, self._run.data.n_features, self._run.data.target)
