"""Where new runs are ordered: on which data, with which settings; what was ordered last is what the next change builds on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from engine.data.examples.drawn import DrawnPoints
from engine.data.import_spec import ImportSpec
from engine.data.prepared import PreparedData
from engine.settings import LIVE_SETTINGS, Settings, SettingsError, default, for_other_data, make_settings, shown
from gui.panels.feature_picker import ColumnChoice
from gui.session.data_session import DataFailure, DataReady, DataSession, Source, TableRead
from gui.session.messages import Failure, RunInfo, RunStarted
from gui.session.session import Session

UNUSABLE_KINDS = ("text", "constant", "empty")
"""Columns nothing can be learned from, whatever the user says."""


class RunDesk(QObject):
    """Orders runs from the session and the data from the data session.

    Lives in the GUI thread.

    Parameters
    ----------
    session : Session
    data : DataSession
    settings : Settings
        Those the first run starts with.

    Signals
    -------
    refused(str)
        Data can't be used; everything is as it was.
    setting_refused(str, str)
        A setting's name, and why it was not taken.
    file_taken(object)
        The path of a file that a run was started on.
    reading(object, float)
        The path of a file that is being read to start a run on, and the share of it that is read.
    source_changed(object)
        The path of the file that the current run learns from; None for an example and for drawn points.

    Attributes
    ----------
    columns : tuple of ColumnChoice
        The columns of the current run's file; none for an example.
    """

    refused = Signal(str)
    setting_refused = Signal(str, str)
    file_taken = Signal(object)
    reading = Signal(object, float)
    source_changed = Signal(object)

    def __init__(self, session: Session, data: DataSession, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._data = data
        self._settings = settings
        self._sources: dict[int, Source | None] = {}
        self._source: Source | None = None
        self._wanted: Settings | None = None
        self._request = 0
        self._file = Path()
        self._to_be_trained = self._live_request = 0
        self._live_run: int | None = None
        self._opened_example: str | None = None
        session.run_started.connect(self._on_run_started)
        session.refused.connect(self._on_refused)
        data.progressed.connect(self._on_progressed)
        data.table_read.connect(self._on_table_read)
        data.data_ready.connect(self._on_data_ready)
        data.failed.connect(self._on_data_failed)

    @property
    def columns(self) -> tuple[ColumnChoice, ...]:
        """The columns that can be chosen from."""
        if self._source is None or self._source.table is None:
            return ()
        ignored = self._source.table.suggestion.ignored
        return tuple(
            ColumnChoice(column.name, column.kind not in UNUSABLE_KINDS, ignored.get(column.name, column.kind))
            for column in self._source.table.columns
        )

    def settings(self) -> Settings:
        """Return the settings a new run would start from: those ordered last, else those in force."""
        if self._wanted is not None:
            return self._wanted
        return self._session.settings() if self._session.run is not None else self._settings

    def open_example(self, key: str) -> None:
        """Start a run on a built-in example, in its ready state: the network stays, training settings begin anew.

        The first run takes the settings the program was started with, as they are; where they do not fit, the example is opened
        without them.
        """
        settings = self.settings()
        if self._opened_example is not None or self._session.run is not None:
            settings = for_other_data(settings)
        if self._session.run is not None:
            settings = make_settings(settings, **{name: default(name) for name in LIVE_SETTINGS})
        self._opened_example = key
        self._prepare(Source(example=key), settings)

    def open_file(self, path: Path, spec: ImportSpec | None = None) -> None:
        """Read a file and start a run on it; target and features as the settings name them, else as suggested.

        Parameters
        ----------
        path : path
        spec : ImportSpec, optional
            How it is to be read; recognised where not given.
        """
        self._wanted = self.settings()
        self._request = self._data.read(path, spec)
        self._file = path

    def open_drawn(self, points: DrawnPoints, *, live: bool = False) -> None:
        """Start a run on points drawn by hand, and train; the network and the training settings stay.

        A run started `live`, while drawing goes on, gives way to the next such run: nobody asked for it to be kept.
        """
        settings = self.settings()
        drawn = None if self._source is None else self._source.drawn
        if drawn is None or drawn.kind != points.kind:
            settings = for_other_data(settings)
        self._prepare(Source(drawn=points), settings)
        self._to_be_trained = self._request
        self._live_request = self._request if live else 0

    @Slot(object)
    def take(self, message: DataReady) -> None:
        """Start a run on data that are ready."""
        if message.source.table is not None:
            self.file_taken.emit(message.source.table.path)
        if message.request_id == self._live_request:
            self._live_run = self._start(message.settings, message.data, message.source, replaces=self._live_run)
        else:
            self._start(message.settings, message.data, message.source)
        if message.request_id == self._to_be_trained:
            self._session.play()

    @Slot(object)
    def change(self, changes: dict[str, object]) -> None:
        """Start a new run with changed settings; data are prepared anew where the change concerns them."""
        if "target" in changes:
            changes = {"features": None, "task": "auto"} | changes
        if "target" in changes or "task" in changes:
            changes = {"loss": "auto", "output_activation": "auto"} | changes
        try:
            settings = make_settings(self.settings(), **changes)
        except SettingsError as error:
            self.setting_refused.emit(next(iter(changes)), str(error))
            return
        self._wanted = settings  # until it is answered, the next change builds on it
        run = self._session.run
        if self._source is not None and any(shown(name).group == "data" or name == "seed" for name in changes):
            self._prepare(self._source, settings)
        elif run is not None:
            self._start(settings, run.data, self._source)

    @Slot()
    def reset(self) -> None:
        """Start again from the same first weights; live settings stay as they are now."""
        run: RunInfo | None = self._session.run
        if run is not None:
            self._start(self._session.settings(), run.data, self._source)

    def _prepare(self, source: Source, settings: Settings) -> None:
        self._request = self._data.prepare(source, settings)

    def _start(self, settings: Settings, data: PreparedData, source: Source | None, *, replaces: int | None = None) -> int:
        run_id = self._session.start_run(self._with_own_inputs(settings, data), data, replaces)
        self._sources[run_id] = source
        return run_id

    def _with_own_inputs(self, settings: Settings, data: PreparedData) -> Settings:
        """Return settings with all inputs on where these are others than those of the current run."""
        run = self._session.run
        if run is None or [feature.name for feature in run.data.features] == [feature.name for feature in data.features]:
            return settings
        hidden_units = tuple(place for place in settings.switched_off if place[0] > 0)
        return settings if hidden_units == settings.switched_off else make_settings(settings, switched_off=hidden_units)

    @Slot(object, object)
    def _on_progressed(self, request_id: int, share: float) -> None:
        if request_id == self._request:
            self.reading.emit(self._file, share)

    @Slot(object)
    def _on_table_read(self, message: TableRead) -> None:
        if message.request_id == self._request:
            self._prepare(Source(table=message), self.settings())

    @Slot(object)
    def _on_data_ready(self, message: DataReady) -> None:
        if message.request_id == self._request:
            self.take(message)

    @Slot(object)
    def _on_data_failed(self, failure: DataFailure) -> None:
        if failure.request_id == self._request:
            self._wanted = None
            self.refused.emit(failure.sentence)

    @Slot(object)
    def _on_run_started(self, message: RunStarted) -> None:
        self._wanted = None
        self._source = self._sources.get(message.run.run_id)
        table = None if self._source is None else self._source.table
        self.source_changed.emit(None if table is None else table.path)

    @Slot(object)
    def _on_refused(self, failure: Failure) -> None:
        self._wanted = None
        if self._session.run is None and self._opened_example is not None:
            self.open_example(self._opened_example)
