"""Reads and prepares data in threads of their own, so that neither the window nor training waits for a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, Signal, Slot

from engine.data.columns.suggestion import Column
from engine.data.import_spec import ImportSpec
from engine.settings import Settings
from gui.session.data_messages import (
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
from gui.session.data_worker import DataWorker, prepare_source

if TYPE_CHECKING:
    from engine.data.recognition.dialect import Recognition

__all__ = ["DataFailure", "DataReady", "DataSession", "Source", "TableRead", "prepare_source"]

STOP_TIMEOUT_MS = 30_000
QUICK_CELLS = 1_000_000
"""Columns with no more cells than this are looked at in the quick thread."""


class DataSession(QObject):
    """The window's door to data; lives in the GUI thread and owns the data threads.

    Whole files are read and prepared in one thread, first rows and single lines in another: what a person waits for at every
    change of a choice does not wait for a block of a large file.

    Signals
    -------
    progressed(request_id, share)
    previewed(TableRead), table_read(TableRead), suggested(RolesSuggested), described(ColumnsDescribed),
    lines_read(LinesRead), data_ready(DataReady), failed(DataFailure)
        Receivers compare the request id with that of their own request.
    """

    progressed = Signal(object, object)
    previewed = Signal(object)
    table_read = Signal(object)
    suggested = Signal(object)
    described = Signal(object)
    lines_read = Signal(object)
    data_ready = Signal(object)
    failed = Signal(object)

    _read = Signal(object)
    _prepare = Signal(object)
    _describe_large = Signal(object)
    _suggest_large = Signal(object)
    _preview = Signal(object)
    _describe = Signal(object)
    _suggest = Signal(object)
    _show_lines = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last_id = 0
        self._wanted: frozenset[int] = frozenset()
        self._stopping = False
        self._worker, self._thread = self._start("data")
        self._quick_worker, self._quick_thread = self._start("first rows")
        worker, quick = self._worker, self._quick_worker
        self._read.connect(worker.read)
        self._prepare.connect(worker.prepare)
        self._describe_large.connect(worker.describe)
        self._suggest_large.connect(worker.suggest)
        self._preview.connect(quick.preview)
        self._describe.connect(quick.describe)
        self._suggest.connect(quick.suggest)
        self._show_lines.connect(quick.show_lines)

    def read(self, path: Path, spec: ImportSpec | None = None) -> int:
        """Ask for a file to be read; return the request's id."""
        request_id = self._next()
        self._read.emit(ReadTable(request_id, path, spec))
        return request_id

    def preview(
        self,
        path: Path,
        spec: ImportSpec | None = None,
        *,
        encoding: str | None = None,
        given: Mapping[str, Any] | None = None,
        known: Recognition | None = None,
    ) -> int:
        """Ask for the first rows of a file, and for what is recognised where no `spec` is given; return the request's id."""
        request_id = self._next()
        self._preview.emit(PreviewTable(request_id, path, spec, encoding, given or {}, known))
        return request_id

    def suggest(self, columns: tuple[Column, ...], spec: ImportSpec) -> int:
        """Ask what to predict from what; return the request's id."""
        request_id = self._next()
        signal = self._suggest if _is_small(columns) else self._suggest_large
        signal.emit(SuggestRoles(request_id, columns, spec))
        return request_id

    def describe(self, columns: tuple[Column, ...], target: str | None) -> int:
        """Ask for the profiles of columns and what to beware of; return the request's id."""
        request_id = self._next()
        signal = self._describe if _is_small(columns) else self._describe_large
        signal.emit(DescribeColumns(request_id, columns, target))
        return request_id

    def show_lines(self, path: Path, spec: ImportSpec, first: int, count: int) -> int:
        """Ask for lines as they stand in the file; return the request's id."""
        request_id = self._next()
        self._show_lines.emit(ShowLines(request_id, path, spec, first, count))
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
        """Stop the threads and wait for them; may be called again."""
        if self._stopping:
            return
        self._stopping = True
        self._wanted = frozenset()
        threads = (self._thread, self._quick_thread)
        for thread in threads:
            thread.quit()
        for thread in threads:
            if not thread.wait(STOP_TIMEOUT_MS):
                raise RuntimeError(f"the thread {thread.objectName()!r} did not end within {STOP_TIMEOUT_MS / 1000:g} s")

    def _start(self, name: str) -> tuple[DataWorker, QThread]:
        worker, thread = DataWorker(self._is_cancelled), QThread(self)
        thread.setObjectName(name)
        worker.moveToThread(thread)
        worker.progressed.connect(self._on_progressed)
        worker.previewed.connect(self._on_previewed)
        worker.table_read.connect(self._on_table_read)
        worker.suggested.connect(self._on_suggested)
        worker.described.connect(self._on_described)
        worker.lines_read.connect(self._on_lines_read)
        worker.data_ready.connect(self._on_data_ready)
        worker.failed.connect(self._on_failed)
        thread.start()
        return worker, thread

    @Slot(object, object)
    def _on_progressed(self, request_id: int, share: float) -> None:
        if request_id in self._wanted:
            self.progressed.emit(request_id, share)

    @Slot(object)
    def _on_previewed(self, message: TableRead) -> None:
        if self._take(message.request_id):
            self.previewed.emit(message)

    @Slot(object)
    def _on_table_read(self, message: TableRead) -> None:
        if self._take(message.request_id):
            self.table_read.emit(message)

    @Slot(object)
    def _on_suggested(self, message: RolesSuggested) -> None:
        if self._take(message.request_id):
            self.suggested.emit(message)

    @Slot(object)
    def _on_described(self, message: ColumnsDescribed) -> None:
        if self._take(message.request_id):
            self.described.emit(message)

    @Slot(object)
    def _on_lines_read(self, message: LinesRead) -> None:
        if self._take(message.request_id):
            self.lines_read.emit(message)

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
        """Asked by the data threads: reads one reference to an immutable set, which needs no lock."""
        return request_id not in self._wanted


def _is_small(columns: tuple[Column, ...]) -> bool:
    return sum(column.n_rows for column in columns) <= QUICK_CELLS
