"""Reads and prepares data in a thread of its own, so that neither the window nor training waits for a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal, Slot

from engine.data.columns import Column, Suggestion, describe_columns, suggest
from engine.data.errors import DataError, ReadingCancelled
from engine.data.generators import EXAMPLES
from engine.data.import_spec import ImportSpec
from engine.data.loading import load_example, prepare_columns
from engine.data.prepared import PreparedData
from engine.data.table import Table, read_table
from engine.settings import Settings, SettingsError

STOP_TIMEOUT_MS = 30_000


@dataclass(frozen=True, slots=True)
class ReadTable:
    """Ask for a file to be read and understood; `spec` overrides what would be recognised."""

    request_id: int
    path: Path
    spec: ImportSpec | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TableRead:
    """A file as it was understood."""

    request_id: int
    path: Path
    table: Table
    columns: tuple[Column, ...]
    suggestion: Suggestion


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where data come from: an example's key, or a file as it was read."""

    example: str | None = None
    table: TableRead | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        if self.table is not None:
            return self.table.path.name
        return EXAMPLES[self.example].title if self.example is not None else ""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Ask for a source to be made ready for training under these settings."""

    request_id: int
    source: Source
    settings: Settings


@dataclass(frozen=True, slots=True)
class DataReady:
    """Data made ready; `settings` name the target and features that were taken."""

    request_id: int
    source: Source
    settings: Settings
    data: PreparedData


@dataclass(frozen=True, slots=True)
class DataFailure:
    """The file or the choice can't be used: one sentence says what, where, and what to do."""

    request_id: int
    sentence: str


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
    assert source.example is not None
    return load_example(source.example, settings)


class DataWorker(QObject):
    """Reads and prepares; lives in the data thread.

    Signals
    -------
    progressed(request_id, share), table_read(TableRead), data_ready(DataReady), failed(DataFailure)
    """

    progressed = Signal(object, object)
    table_read = Signal(object)
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

        try:
            table = read_table(request.path, request.spec, progress, cancelled)
            columns = describe_columns(table)
            self.table_read.emit(TableRead(number, request.path, table, columns, suggest(columns)))
        except ReadingCancelled:
            return
        except (DataError, OSError, MemoryError) as error:
            self.failed.emit(DataFailure(number, _sentence(error, request.path)))
        except Exception as error:  # noqa: BLE001 - a file must never end the program, whatever it holds
            self.failed.emit(DataFailure(number, f"{request.path.name}: could not be read ({type(error).__name__}: {error})."))

    @Slot(object)
    def prepare(self, request: Prepare) -> None:
        """Make data ready."""
        try:
            data = prepare_source(request.source, request.settings)
        except (DataError, SettingsError, MemoryError) as error:
            self.failed.emit(DataFailure(request.request_id, str(error) or "There is not enough memory for these data."))
            return
        except Exception as error:  # noqa: BLE001 - as above
            sentence = f"{request.source.title}: could not be prepared ({type(error).__name__}: {error})."
            self.failed.emit(DataFailure(request.request_id, sentence))
            return
        self.data_ready.emit(DataReady(request.request_id, request.source, request.settings, data))


def _sentence(error: Exception, path: Path) -> str:
    if isinstance(error, DataError):
        return str(error)
    if isinstance(error, OSError):
        return (
            f"{path.name}: could not be opened ({(error.strerror or str(error)).lower()}); check the path and its permissions."
        )
    return f"{path.name}: there is not enough memory to read it; take a smaller file."


class DataSession(QObject):
    """The window's door to data; lives in the GUI thread and owns the data thread.

    Signals
    -------
    progressed(request_id, share), table_read(TableRead), data_ready(DataReady), failed(DataFailure)
        Receivers compare the request id with that of their own request.
    """

    progressed = Signal(object, object)
    table_read = Signal(object)
    data_ready = Signal(object)
    failed = Signal(object)

    _read = Signal(object)
    _prepare = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last_id = 0
        self._wanted: frozenset[int] = frozenset()
        self._stopping = False
        self._worker = DataWorker(self._is_cancelled)
        self._thread = QThread(self)
        self._thread.setObjectName("data")
        self._worker.moveToThread(self._thread)
        self._read.connect(self._worker.read)
        self._prepare.connect(self._worker.prepare)
        self._worker.progressed.connect(self._on_progressed)
        self._worker.table_read.connect(self._on_table_read)
        self._worker.data_ready.connect(self._on_data_ready)
        self._worker.failed.connect(self._on_failed)
        self._thread.start()

    def read(self, path: Path, spec: ImportSpec | None = None) -> int:
        """Ask for a file to be read; return the request's id."""
        request_id = self._next()
        self._read.emit(ReadTable(request_id, path, spec))
        return request_id

    def prepare(self, source: Source, settings: Settings) -> int:
        """Ask for a source to be made ready; return the request's id."""
        request_id = self._next()
        self._prepare.emit(Prepare(request_id, source, settings))
        return request_id

    def cancel(self, request_id: int) -> None:
        """Stop a request; nothing more comes of it."""
        self._wanted -= {request_id}

    def shut_down(self) -> None:
        """Stop the thread and wait for it; may be called again."""
        if self._stopping:
            return
        self._stopping = True
        self._wanted = frozenset()
        self._thread.quit()
        if not self._thread.wait(STOP_TIMEOUT_MS):
            raise RuntimeError(f"the data thread did not end within {STOP_TIMEOUT_MS / 1000:g} s")

    @Slot(object, object)
    def _on_progressed(self, request_id: int, share: float) -> None:
        if request_id in self._wanted:
            self.progressed.emit(request_id, share)

    @Slot(object)
    def _on_table_read(self, message: TableRead) -> None:
        if self._take(message.request_id):
            self.table_read.emit(message)

    @Slot(object)
    def _on_data_ready(self, message: DataReady) -> None:
        if self._take(message.request_id):
            self.data_ready.emit(message)

    @Slot(object)
    def _on_failed(self, message: DataFailure) -> None:
        if self._take(message.request_id):
            self.failed.emit(message)

    def _next(self) -> int:
        self._last_id += 1
        self._wanted |= {self._last_id}
        return self._last_id

    def _take(self, request_id: int) -> bool:
        wanted = request_id in self._wanted and not self._stopping
        self._wanted -= {request_id}
        return wanted

    def _is_cancelled(self, request_id: int) -> bool:
        """Asked by the data thread: reads one reference to an immutable set, which needs no lock."""
        return request_id not in self._wanted
