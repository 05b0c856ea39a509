"""The work on data that neither the window nor training waits for; it runs in threads of the data session."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from engine.data.columns.suggestion import Column, describe_columns, suggest, task_of
from engine.data.errors import DataError, ReadingCancelled
from engine.data.loading import load_example, prepare_columns
from engine.data.prepared import PreparedData
from engine.data.recognition.encoding import UndecodableError
from engine.data.table import read_table
from engine.settings import Settings, SettingsError
from gui.session.data_messages import (
    PREVIEW_ROWS,
    ColumnsDescribed,
    DataFailure,
    DataReady,
    DescribeColumns,
    LinesRead,
    Prepare,
    PreviewTable,
    ReadTable,
    RolesSuggested,
    ShowLines,
    Source,
    SuggestRoles,
    TableRead,
)

if TYPE_CHECKING:
    from engine.data.columns.profile import ColumnProfile
    from engine.data.recognition.dialect import Recognition

BUSY_S, YIELD_S = 0.004, 0.0001
"""How long work in Python goes on before it lets the window have the interpreter, and for how long."""


def prepare_source(source: Source, settings: Settings) -> PreparedData:
    """Make a source ready for training.

    Raises
    ------
    DataError
        When nothing can be learned from it.
    """
    if source.table is not None:
        read = source.table
        return prepare_columns(read.columns, settings, name=read.path.name, table=read.table)
    if source.drawn is not None:
        from engine.data.examples.drawn import drawn_data  # imported where it is used: the first window should not wait for it

        return drawn_data(source.drawn, settings)
    assert source.example is not None
    return load_example(source.example, settings)


class DataWorker(QObject):
    """Reads, looks at and prepares data; lives in a thread of the data session.

    Every request is answered once, or not at all when it was cancelled.

    Signals
    -------
    progressed(request_id, share)
    previewed(TableRead), table_read(TableRead), suggested(RolesSuggested), described(ColumnsDescribed),
    lines_read(LinesRead), data_ready(DataReady), failed(DataFailure)
    """

    progressed = Signal(object, object)
    previewed = Signal(object)
    table_read = Signal(object)
    suggested = Signal(object)
    described = Signal(object)
    lines_read = Signal(object)
    data_ready = Signal(object)
    failed = Signal(object)

    def __init__(self, cancelled: Callable[[int], bool]) -> None:
        super().__init__()
        self._cancelled = cancelled

    @Slot(object)
    def read(self, request: ReadTable) -> None:
        """Read a file unless the request was cancelled meanwhile."""
        number = request.request_id

        def progress(share: float) -> None:
            self.progressed.emit(number, share)

        def cancelled() -> bool:
            return self._cancelled(number)

        if cancelled():
            return
        with self._telling(number, request.path):
            table = read_table(request.path, request.spec, progress, cancelled)
            columns = describe_columns(table)
            self.table_read.emit(TableRead(number, request.path, table, columns, suggest(columns, spec=table.spec)))

    @Slot(object)
    def preview(self, request: PreviewTable) -> None:
        """Read the first rows of a file; a failure tells what was recognised before."""
        number, path = request.request_id, request.path
        if self._cancelled(number):
            return
        recognition: list[Recognition] = []
        with self._telling(number, path, recognition):
            if request.spec is None:
                recognition.append(self._recognise(request))
            spec = request.spec or recognition[0].spec
            table = read_table(path, spec, max_rows=PREVIEW_ROWS)
            columns = describe_columns(table)
            known = recognition[0] if recognition else None
            self.previewed.emit(TableRead(number, path, table, columns, suggest(columns, spec=spec), known))

    def _recognise(self, request: PreviewTable) -> Recognition:
        from engine.data.recognition.anew import recognise_rest
        from engine.data.recognition.dialect import recognise

        def cancelled() -> bool:
            return self._cancelled(request.request_id)

        if request.given:
            return recognise_rest(request.path, request.given, request.known, cancelled)
        return recognise(request.path, encoding=request.encoding, cancelled=cancelled)

    @Slot(object)
    def suggest(self, request: SuggestRoles) -> None:
        """Say what to predict from what."""
        if not self._cancelled(request.request_id):
            self.suggested.emit(RolesSuggested(request.request_id, suggest(request.columns, spec=request.spec)))

    @Slot(object)
    def describe(self, request: DescribeColumns) -> None:
        """Profile every column; the window gets the interpreter in between."""
        from engine.data.columns.profile import cautions, class_balance

        profiles = []
        for made in self._profiles(request.columns):
            if self._cancelled(request.request_id):
                return
            profiles.append(made)
        target = next((column for column in request.columns if column.name == request.target), None)
        balance = class_balance(target) if target is not None and task_of(target) == "classification" else ()
        found = cautions(request.columns, request.target)
        self.described.emit(ColumnsDescribed(request.request_id, tuple(profiles), found, balance))

    @Slot(object)
    def show_lines(self, request: ShowLines) -> None:
        """Read some lines; of a file that can't be read, what looks like text."""
        if not self._cancelled(request.request_id):
            self.lines_read.emit(_lines(request))

    @Slot(object)
    def prepare(self, request: Prepare) -> None:
        """Make data ready."""
        try:
            data = prepare_source(request.source, request.settings)
        except (DataError, SettingsError, MemoryError) as error:
            self.failed.emit(DataFailure(request.request_id, str(error) or "There is not enough memory for these data."))
            return
        except Exception as error:  # noqa: BLE001 - data must never end the program, whatever they hold
            sentence = f"{request.source.title}: could not be prepared ({type(error).__name__}: {error})."
            self.failed.emit(DataFailure(request.request_id, sentence))
            return
        self.data_ready.emit(DataReady(request.request_id, request.source, request.settings, data))

    @staticmethod
    def _profiles(columns: tuple[Column, ...]) -> Iterator[ColumnProfile]:
        from engine.data.columns.profile import profile

        began = time.perf_counter()
        for column in columns:
            yield profile(column)
            if time.perf_counter() - began > BUSY_S:
                time.sleep(YIELD_S)
                began = time.perf_counter()

    @contextmanager
    def _telling(self, number: int, path: Path, recognition: list[Recognition] | None = None) -> Iterator[None]:
        """Turn whatever goes wrong with a file into a sentence."""
        try:
            yield
        except ReadingCancelled:
            return
        except Exception as error:  # noqa: BLE001 - a file must never end the program, whatever it holds
            known = recognition[0] if recognition else None
            undecodable = isinstance(error, UndecodableError)
            self.failed.emit(DataFailure(number, _sentence(error, path), getattr(error, "line", None), known, undecodable))


def _lines(request: ShowLines) -> LinesRead:
    from engine.data.reading.lines_anyway import lines_anyway
    from engine.data.reading.raw_lines import raw_lines

    asked = request.path, request.spec, request.first, request.count
    failures = (DataError, OSError, LookupError, ValueError, EOFError)
    with contextlib.suppress(*failures):
        return LinesRead(request.request_id, tuple(raw_lines(*asked)))
    with contextlib.suppress(*failures):
        encoding, lines = lines_anyway(*asked)
        return LinesRead(request.request_id, tuple(lines), encoding if encoding != request.spec.encoding else "")
    return LinesRead(request.request_id, ())


def _sentence(error: Exception, path: Path) -> str:
    if isinstance(error, DataError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return f"{path.name}: there is no such file in {path.parent}; it may have been moved, renamed or deleted."
    if isinstance(error, OSError):
        return (
            f"{path.name}: could not be opened ({(error.strerror or str(error)).lower()}); check the path and its permissions."
        )
    if isinstance(error, MemoryError):
        return f"{path.name}: there is not enough memory to read it; take a smaller file."
    return f"{path.name}: could not be read ({type(error).__name__}: {error})."
