"""What the window remembers between two starts; everything read back is checked, because a settings file can hold anything."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from gui.appearance import CHOICES, Choice

MAX_RECENT = 8
LAYOUT_VERSION = 1
IMPORT_CHOICES = "import-choices.json"
"""Name of the file with the choices made for files opened before."""


class Preferences:
    """The user's own settings: theme, layout, recent files.

    Parameters
    ----------
    file : str, optional
        Where to keep them; the user's own settings file where not given.
    """

    def __init__(self, file: str | None = None) -> None:
        kind = QSettings.Format.IniFormat
        if file is not None:
            self._store = QSettings(file, kind)
        else:
            self._store = QSettings(kind, QSettings.Scope.UserScope, "BackpropStudio", "BackpropStudio")

    @property
    def theme(self) -> Choice:
        """The theme asked for; "system" unless a known one is stored."""
        value = self._store.value("theme")
        return next((choice for choice in CHOICES if choice == value), "system")

    @theme.setter
    def theme(self, choice: Choice) -> None:
        self._store.setValue("theme", choice)

    @property
    def recent_files(self) -> list[Path]:
        """The files opened last, newest first, also those that are gone: whoever looks for one should be told."""
        value = self._store.value("recent_files")
        names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [Path(name) for name in names[:MAX_RECENT] if isinstance(name, str) and name]

    def add_recent(self, path: Path) -> None:
        """Put a file first in the list."""
        path = path.resolve()
        names = [str(path), *(str(other) for other in self.recent_files if other != path)]
        self._store.setValue("recent_files", names[:MAX_RECENT])

    def forget_recent(self, path: Path) -> None:
        """Take a file out of the list."""
        self._store.setValue("recent_files", [str(other) for other in self.recent_files if other != path])

    @property
    def folder(self) -> Path:
        """Where these settings are kept."""
        return Path(self._store.fileName()).parent

    @property
    def import_choices_file(self) -> Path:
        """Where the choices for files opened before are kept: beside these settings."""
        return self.folder / IMPORT_CHOICES

    def layout(self) -> tuple[QByteArray, QByteArray] | None:
        """Return the window's geometry and the panels' places, None where none (or an older kind) is stored."""
        geometry, state = self._store.value("geometry"), self._store.value("panels")
        version = str(self._store.value("layout_version"))
        if version == str(LAYOUT_VERSION) and isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
            return geometry, state
        return None

    def save_layout(self, geometry: QByteArray, state: QByteArray) -> None:
        """Remember the window's geometry and the panels' places."""
        self._store.setValue("geometry", geometry)
        self._store.setValue("panels", state)
        self._store.setValue("layout_version", LAYOUT_VERSION)

    def save(self) -> None:
        """Write to disk now."""
        self._store.sync()
