"""Tables pasted from the clipboard: each becomes a file that the program owns and removes."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from engine.data.errors import DataError

TITLE = "Pasted table"


class PastedTables:
    """Writes pasted text into files in a temporary folder, made when it is needed."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._count = 0

    def write(self, text: str) -> Path:
        """Write text into a new file named "Pasted table", a number behind it from the second one on.

        Raises
        ------
        DataError
            When the text is no table: empty, or a single line.
        OSError
            When the file can't be written.
        """
        if len([line for line in text.splitlines() if line.strip()]) < 2:
            what = "the clipboard holds no table of text" if text.strip() else "the clipboard holds no text"
            raise DataError(what, remedy="copy several rows of a table first")
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="backprop-studio-pasted-"))
        self._count += 1
        path = self._folder / (TITLE if self._count == 1 else f"{TITLE} {self._count}")
        path.write_text(text, encoding="utf-8", errors="replace", newline="")
        return path

    def owns(self, path: Path) -> bool:
        """Return whether a file was pasted; such files are gone when the program ends, so nobody should remember them."""
        return self._folder is not None and path.parent == self._folder

    def remove(self) -> None:
        """Remove all files; may be called again."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
