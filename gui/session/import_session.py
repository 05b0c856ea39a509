"""From a file to data ready for training: preview, choices, the whole file, preparation; one file at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from engine.data.columns.suggestion import Column, Suggestion
from engine.data.import_spec import ImportSpec, Kind, Role
from engine.data.prepared import Task
from engine.settings import Settings, SettingsError, for_other_data, make_settings
from gui.session.data_messages import (
    ColumnsDescribed,
    DataFailure,
    DataReady,
    LinesRead,
    RolesSuggested,
    Source,
    TableRead,
)
from gui.session.data_session import DataSession
from gui.session.import_choices import ImportChoices
from gui.session.import_memory import ImportMemory, Remembered

if TYPE_CHECKING:
    from engine.data.recognition.dialect import Recognition

OTHER_ENCODING = "cp1252"
"""What a file is written in that begins as UTF-8 and does not go on so."""

MOST_COLUMNS_TWICE = 500
"""Tables with more columns are looked at once, when all their rows are read."""

NOT_ANEW = "Not recognised anew."
_NO_REQUEST = 0


class ImportSession(QObject):
    """Follows a person's choices: every change of how the file is written gives a new preview, then the whole file is read.

    Lives in the GUI thread.

    Parameters
    ----------
    data : DataSession
    path : path
    memory : ImportMemory, optional
        Where earlier choices for this file are looked up, and these are kept when the table is taken.

    Attributes
    ----------
    recognition : Recognition or None
        How the file is written, as far as it was recognised: anew with every choice on which the rest hangs. Of the chosen
        fields it has what was recognised without any choice.
    choices : ImportChoices
    remembered : Remembered or None
        Choices made for this file before, while they are in use.
    table : TableRead or None
        The whole file, or its first rows while the rest is read; None where nothing can be read.
    is_whole : bool
        Whether `table` is the whole file.
    failure : DataFailure or None
        Why the file can't be read or taken as it is to be read now.
    described : ColumnsDescribed or None
        Profiles and cautions of the columns of `table`, once they are known.

    Signals
    -------
    spec_changed()
        Choices or what is recognised have changed.
    table_changed()
        Another `table`, or none.
    roles_changed()
        Another target, other features or another task.
    columns_described()
    progressed(share)
        Share of the file that is read, 0 to 1; the whole file is being read.
    failed(DataFailure)
    lines_read(LinesRead)
    ready(DataReady)
    """

    spec_changed = Signal()
    table_changed = Signal()
    roles_changed = Signal()
    columns_described = Signal()
    progressed = Signal(object)
    failed = Signal(object)
    lines_read = Signal(object)
    ready = Signal(object)

    def __init__(
        self, data: DataSession, path: Path, memory: ImportMemory | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.path = path
        self.recognition: Recognition | None = None
        self.choices = ImportChoices()
        self.remembered: Remembered | None = None if memory is None else memory.recall(path)
        self.table: TableRead | None = None
        self.is_whole = False
        self.described: ColumnsDescribed | None = None
        self._data = data
        self._memory = memory
        self.failure: DataFailure | None = None
        self._wanted: Settings | None = None
        self._is_recognising = False
        self._first: Recognition | None = None  # without any choice
        self._asked_with: Mapping[str, Any] = {}
        self._recognised_with: Mapping[str, Any] = {}
        self._loaded: ImportSpec | None = None
        self._requests = dict.fromkeys(("preview", "read", "suggest", "describe", "lines", "prepare"), _NO_REQUEST)
        if self.remembered is not None:
            self.choices = self.remembered.choices
        data.previewed.connect(self._on_previewed)
        data.progressed.connect(self._on_progressed)
        data.table_read.connect(self._on_table_read)
        data.suggested.connect(self._on_suggested)
        data.described.connect(self._on_described)
        data.lines_read.connect(self._on_lines_read)
        data.failed.connect(self._on_failed)
        data.data_ready.connect(self._on_ready)

    # ------------------------------------------------------------------ what is known

    @property
    def recognised(self) -> ImportSpec:
        """How the file is written, before any choice; a plain CSV file where that could not be recognised."""
        return ImportSpec() if self.recognition is None else self.recognition.spec

    @property
    def spec(self) -> ImportSpec:
        """How the file is to be read."""
        return self.choices.spec(self.recognised)

    @property
    def taken_spec(self) -> ImportSpec:
        """How the file is to be read, without what was said of columns that it does not have."""
        names = set(self.table.table.names) if self.table is not None else set()
        spec = self.spec
        return dataclasses.replace(spec, columns=tuple(column for column in spec.columns if column.name in names))

    @property
    def reasons(self) -> dict[str, str]:
        """Why each field was recognised as it was."""
        return {} if self.recognition is None else self.recognition.reasons

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of `table`."""
        return () if self.table is None else self.table.columns

    @property
    def suggestion(self) -> Suggestion | None:
        """What is predicted from what."""
        return None if self.table is None else self.table.suggestion

    @property
    def task(self) -> Task | None:
        """How the target is predicted."""
        return self.choices.task or (None if self.suggestion is None else self.suggestion.task)

    @property
    def is_reading(self) -> bool:
        """Whether the whole file is being read."""
        return self._requests["read"] != _NO_REQUEST

    @property
    def can_be_taken(self) -> bool:
        """Whether there is a table, something to predict in it and something to predict it from."""
        suggestion = self.suggestion
        complete = suggestion is not None and suggestion.target is not None and bool(suggestion.features)
        return complete and (self.failure is None or self.is_whole)

    @property
    def is_wanted(self) -> bool:
        """Whether the table will be taken as soon as it is ready."""
        return self._wanted is not None

    # ------------------------------------------------------------------ what a person can ask for

    def start(self) -> None:
        """Recognise how the file is written and preview it."""
        self._look(None)

    def start_afresh(self) -> None:
        """Drop every choice, also the remembered ones."""
        self.remembered = None
        if self._memory is not None:
            self._memory.forget(self.path)
        self._choose(ImportChoices())

    def set_field(self, name: str, value: Any) -> None:
        """Choose the value of a field of the import specification; the recognised value is no choice."""
        if value == getattr(self.recognised, name):
            self.reset_field(name)
        elif value != getattr(self.spec, name):
            self._choose(self.choices.with_field(name, value))

    def reset_field(self, name: str) -> None:
        """Leave a field as it is recognised."""
        if name in self.choices.fields:
            self._choose(self.choices.without_field(name))

    def set_kinds(self, names: tuple[str, ...], kind: Kind | None) -> None:
        """Say what columns hold; None leaves it to be recognised."""
        choices = self.choices
        for name in names:
            choices = choices.with_kind(name, kind)
        if choices != self.choices:
            self._choose(choices)

    def set_roles(self, names: tuple[str, ...], role: Role | None) -> None:
        """Say what columns are for; the file need not be read again for it."""
        choices = self.choices
        for name in names:
            choices = choices.with_role(name, role)
        if choices == self.choices:
            return
        self.choices = choices
        self.spec_changed.emit()
        self._suggest()

    def set_task(self, task: Task) -> None:
        """Say how the target is predicted."""
        suggested = None if self.suggestion is None else self.suggestion.task
        self.choices = self.choices.with_task(None if task == suggested else task)
        self.roles_changed.emit()

    def use_spec(self, spec: ImportSpec) -> None:
        """Read the file as `spec` says, whatever is recognised."""
        self._choose(ImportChoices.from_spec(spec, self.recognised), loaded=spec)

    def show_lines(self, first: int, count: int) -> None:
        """Ask for lines as they stand in the file."""
        self._ask("lines", self._data.show_lines(self.path, self.spec, first, count))

    def take(self, settings: Settings) -> None:
        """Prepare the table with these settings as soon as the whole file is read."""
        self._wanted = settings
        self._prepare_when_possible()

    def keep_choices(self) -> None:
        """Remember choices also where the table is not taken; those with which nothing can be read are not worth it."""
        before = ImportChoices() if self.remembered is None else self.remembered.choices
        if self._memory is not None and self.table is not None and self.choices != before:
            self._memory.remember(self.path, self.choices)

    def stop(self) -> None:
        """Stop everything that is under way."""
        self._wanted = None
        for name in self._requests:
            self._ask(name, _NO_REQUEST)

    def _stop_looking(self) -> None:
        """Stop what a new preview makes idle."""
        for name in ("preview", "read", "suggest", "describe", "prepare"):
            self._ask(name, _NO_REQUEST)

    # ------------------------------------------------------------------ asking

    def _ask(self, name: str, request_id: int) -> None:
        """Put a request in the place of the one before, which is cancelled."""
        self._data.cancel(self._requests[name])
        self._requests[name] = request_id

    def _answers(self, name: str, request_id: int) -> bool:
        """Return whether this answers the present request, and mark it as answered."""
        if request_id != self._requests[name]:
            return False
        self._requests[name] = _NO_REQUEST
        return True

    def _choose(self, choices: ImportChoices, loaded: ImportSpec | None = None) -> None:
        self.choices = choices
        self._loaded = loaded
        self.spec_changed.emit()
        self._look_as_chosen()

    def _look_as_chosen(self) -> None:
        """Preview the file with the choices in force; what hangs on them is recognised first."""
        given = self.choices.decisive
        if given == self._recognised_with and (self.recognition is not None or self.choices):
            self._look(self.spec)
        elif given or self._first is None:
            self._look(None, given)
        else:
            self._asked_with = {}
            self._recognise(self._first)
            self._look(self.spec)

    def _look(self, spec: ImportSpec | None, given: Mapping[str, Any] | None = None) -> None:
        self._stop_looking()
        self._is_recognising = spec is None
        self._asked_with = given or {}
        self._ask("preview", self._data.preview(self.path, spec, given=given, known=self._first))

    def _suggest(self) -> None:
        if self.table is not None:
            self._ask("suggest", self._data.suggest(self.columns, self.taken_spec))

    def _describe(self) -> None:
        target = None if self.suggestion is None else self.suggestion.target
        self._ask("describe", self._data.describe(self.columns, target))

    def _prepare_when_possible(self) -> None:
        pending = any(self._requests[name] for name in ("preview", "read", "suggest"))
        if self._wanted is None or pending or not self.is_whole or self.table is None or self.suggestion is None:
            return
        self._ask("describe", _NO_REQUEST)  # what is prepared now was looked at enough
        changes = {"target": self.suggestion.target, "task": self.task, "features": self.suggestion.features}
        table = dataclasses.replace(self.table.table, spec=self.taken_spec)
        source = Source(table=dataclasses.replace(self.table, table=table))
        try:
            settings = make_settings(for_other_data(self._wanted), **changes)
        except SettingsError as error:
            self._fail(DataFailure(_NO_REQUEST, str(error)))
            return
        self._ask("prepare", self._data.prepare(source, settings))

    # ------------------------------------------------------------------ answers

    @Slot(object)
    def _on_previewed(self, message: TableRead) -> None:
        if not self._answers("preview", message.request_id):
            return
        if message.recognition is not None:
            self._recognise(message.recognition)
            if self.choices:
                self._look_as_chosen()
                return
        self._show(message, whole=message.table.complete)
        if not message.table.complete:
            self._ask("read", self._data.read(self.path, message.table.spec))
            self.progressed.emit(0.0)

    @Slot(object, object)
    def _on_progressed(self, request_id: int, share: float) -> None:
        if request_id == self._requests["read"]:
            self.progressed.emit(share)

    @Slot(object)
    def _on_table_read(self, message: TableRead) -> None:
        if self._answers("read", message.request_id):
            self._show(message, whole=True)

    @Slot(object)
    def _on_suggested(self, message: RolesSuggested) -> None:
        if self._answers("suggest", message.request_id) and self.table is not None:
            self.table = dataclasses.replace(self.table, suggestion=message.suggestion)
            self.roles_changed.emit()
            self._describe()
            self._prepare_when_possible()

    @Slot(object)
    def _on_described(self, message: ColumnsDescribed) -> None:
        if self._answers("describe", message.request_id):
            self.described = message
            self.columns_described.emit()

    @Slot(object)
    def _on_lines_read(self, message: LinesRead) -> None:
        if self._answers("lines", message.request_id):
            self.lines_read.emit(message)

    @Slot(object)
    def _on_ready(self, message: DataReady) -> None:
        if self._answers("prepare", message.request_id):
            if self._memory is not None:
                self._memory.remember(self.path, self.choices)
            self.ready.emit(message)

    @Slot(object)
    def _on_failed(self, failure: DataFailure) -> None:
        if self._answers("preview", failure.request_id):
            self._on_preview_failed(failure)
        elif failure.is_undecodable and self._is_encoding_guessed and self._answers("read", failure.request_id):
            self._recognise_again()
        elif self._answers("read", failure.request_id) or self._answers("prepare", failure.request_id):
            self._fail(failure)

    def _on_preview_failed(self, failure: DataFailure) -> None:
        """Try remembered choices where what is recognised does not do; else there is nothing to show."""
        if failure.recognition is not None:
            self._recognise(failure.recognition)
        elif self._is_recognising:
            self._recognise_nothing()
        if self._is_recognising and self.choices:
            self._look_as_chosen()
            return
        self.table, self.described, self.is_whole = None, None, False
        self.table_changed.emit()
        self._fail(failure)

    @property
    def _is_encoding_guessed(self) -> bool:
        """Whether UTF-8 was recognised from the beginning of the file, and nobody has said otherwise."""
        return "encoding" not in self.choices.fields and self.recognised.encoding == "utf-8"

    def _recognise_again(self) -> None:
        """Start again where bytes far down in the file are not UTF-8 as those at its beginning."""
        self._stop_looking()
        self._is_recognising = True
        self._asked_with = {}
        self._ask("preview", self._data.preview(self.path, encoding=OTHER_ENCODING))

    # ------------------------------------------------------------------ keeping

    def _recognise(self, recognition: Recognition) -> None:
        self._recognised_with = self._asked_with
        if not self._asked_with:
            self._first = recognition
        self.recognition = self._with_first(recognition)
        if self._loaded is not None:
            self.choices = ImportChoices.from_spec(self._loaded, self.recognised)
        self.spec_changed.emit()

    def _with_first(self, recognition: Recognition) -> Recognition:
        """Return what was recognised, for the chosen fields what was recognised without any choice."""
        plain, why = (ImportSpec(), {}) if self._first is None else (self._first.spec, self._first.reasons)
        given = self._recognised_with
        spec = dataclasses.replace(recognition.spec, **{name: getattr(plain, name) for name in given})
        return dataclasses.replace(
            recognition, spec=spec, reasons={**recognition.reasons, **{name: why.get(name, "") for name in given}}
        )

    def _recognise_nothing(self) -> None:
        """Take back the reasons that held for other choices."""
        self._recognised_with = self._asked_with
        if self._first is None:
            self.recognition = None
        elif self._asked_with:
            reasons = {name: why if name in self._asked_with else NOT_ANEW for name, why in self._first.reasons.items()}
            self.recognition = dataclasses.replace(self._first, reasons=reasons)
        self.spec_changed.emit()

    def _show(self, message: TableRead, *, whole: bool) -> None:
        """Keep a table as read; roles chosen meanwhile are asked for anew."""
        same_columns = self.table is not None and self.table.table.names == message.table.names
        kept = self.suggestion if same_columns else None
        self.table, self.is_whole, self.failure = message, whole, None
        if message.table.spec.columns != self.spec.columns:
            if kept is not None:
                self.table = dataclasses.replace(message, suggestion=kept)
            self._suggest()
        self.table_changed.emit()
        if whole or len(message.columns) <= MOST_COLUMNS_TWICE:
            self._describe()
        self._prepare_when_possible()

    def _fail(self, failure: DataFailure) -> None:
        self._wanted = None
        self.failure = failure
        self.failed.emit(failure)
