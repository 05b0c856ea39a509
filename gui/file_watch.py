"""Notices when the open file changes on disk; what is open stays as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

SETTLE_MS = 400
"""A program that writes a file reports many changes; they are looked at once, when this long nothing more came."""

HEAD_BYTES = 4096
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class FileState:
    """What tells one version of a file from another.

    Attributes
    ----------
    size : int
        In bytes.
    modified_ns : int
    head : bytes
        The first bytes: a file that has only grown still begins with them.
    """

    size: int
    modified_ns: int
    head: bytes

    @classmethod
    def of(cls, path: Path) -> FileState | None:
        """Return the state of a file; None where there is none that can be read."""
        try:
            found = path.stat()
            with path.open("rb") as file:
                return cls(found.st_size, found.st_mtime_ns, file.read(HEAD_BYTES))
        except OSError:
            return None


class FileWatch(QObject):
    """Watches one file. Each new state is told once; after a change, :meth:`watch` takes the present state as known.

    Lives in the GUI thread. The folder is watched, too, because many programs write a new file and give it the name of the old
    one, which ends the watch on the old one.

    Signals
    -------
    changed(path, what)
        The file and one sentence: it has changed, has grown, was deleted, or is back.
    """

    changed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._known: FileState | None = None
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._wait)
        self._watcher.directoryChanged.connect(self._wait)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.look)

    @property
    def path(self) -> Path | None:
        """The file watched."""
        return self._path

    def watch(self, path: Path | None) -> None:
        """Watch a file as it is now, in place of the one before; None: watch nothing."""
        self._settle.stop()
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)
        self._path = None if path is None else path.absolute()
        self._known = None if self._path is None else FileState.of(self._path)
        self._add_paths()

    def stop(self) -> None:
        """Watch nothing any more."""
        self.watch(None)

    @Slot()
    def look(self) -> None:
        """Compare the file with what is known of it, and tell what has changed."""
        if self._path is None:
            return
        self._add_paths()
        before, now = self._known, FileState.of(self._path)
        self._known = now
        if now != before:
            sentence = _sentence(self._path.name, before, now)
            if sentence:
                self.changed.emit(self._path, sentence)

    @Slot(str)
    def _wait(self, _: str) -> None:
        self._settle.start()

    def _add_paths(self) -> None:
        """Watch the file and its folder, as far as they exist and are not watched yet."""
        if self._path is None:
            return
        watched = {*self._watcher.files(), *self._watcher.directories()}
        for path in (self._path, self._path.parent):
            if str(path) not in watched and path.exists():
                self._watcher.addPath(str(path))


def _sentence(name: str, before: FileState | None, now: FileState | None) -> str:
    """Return what has happened to a file; nothing where only its time has changed."""
    if now is None:
        return f"{name} was deleted, moved or locked."
    if before is None:
        return f"{name} can be read again."
    if now.size > before.size and now.head.startswith(before.head):
        return f"{name} has grown from {size_text(before.size)} to {size_text(now.size)} since it was read."
    return f"{name} has changed on disk since it was read."


def size_text(n_bytes: int) -> str:
    """Return a file's size for people.

    Examples
    --------
    >>> [size_text(size) for size in (1, 999, 1500, 145_000_000)]
    ['1 byte', '999 bytes', '1.5 kB', '145 MB']
    """
    if n_bytes == 1:
        return "1 byte"
    size, unit = float(n_bytes), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 100 else f"{size:.3g} {_UNITS[unit]}"
