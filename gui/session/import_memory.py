"""The choices a person made for files opened before; what is read back is checked, because a file on disk can hold anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.results.atomic import write_text
from gui.session.import_choices import ImportChoices

MAX_FILES = 50
MAX_BYTES = 16 * 1024 * 1024
"""A memory larger than this was not written by the program."""

_VERSION = 1


@dataclass(frozen=True)
class Remembered:
    """The choices for a file.

    Attributes
    ----------
    choices : ImportChoices
    changed : bool
        Whether the file has another size or time of modification than when they were made.
    """

    choices: ImportChoices
    changed: bool


class ImportMemory:
    """Remembers the choices for the last files, in one JSON file.

    What can't be read or written is as if nothing had been remembered: opening a file must not fail for it.

    Parameters
    ----------
    file : path
        Where they are kept; made when something is to be remembered.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def recall(self, path: Path) -> Remembered | None:
        """Return the choices made for a file, None where there are none."""
        entry = self._entries().get(_key(path))
        if entry is None:
            return None
        try:
            choices = ImportChoices.from_dict(entry.get("choices"))
        except ValueError:
            return None
        return Remembered(choices, changed=_state(path) != [entry.get("size"), entry.get("modified")])

    def remember(self, path: Path, choices: ImportChoices) -> None:
        """Keep the choices for a file, in place of earlier ones; without any choice the file is forgotten."""
        entries = self._entries()
        entries.pop(_key(path), None)
        state = _state(path)
        if choices and state is not None:
            new = {"path": _key(path), "size": state[0], "modified": state[1], "choices": choices.as_dict()}
            entries = {_key(path): new, **entries}
        self._write(entries)

    def forget(self, path: Path) -> None:
        """Keep nothing for a file."""
        self.remember(path, ImportChoices())

    def _entries(self) -> dict[str, dict[str, Any]]:
        """Return what is kept, newest first, by path."""
        try:
            if self._file.stat().st_size > MAX_BYTES:
                return {}
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(content, dict) or content.get("version") != _VERSION or not isinstance(content.get("files"), list):
            return {}
        return {each["path"]: each for each in content["files"] if isinstance(each, dict) and isinstance(each.get("path"), str)}

    def _write(self, entries: dict[str, dict[str, Any]]) -> None:
        content = {"version": _VERSION, "files": list(entries.values())[:MAX_FILES]}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._file, json.dumps(content, indent=1))
        except OSError:
            return


def _key(path: Path) -> str:
    return str(path.resolve())


def _state(path: Path) -> list[int] | None:
    """Return size in bytes and time of modification in ns; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]
