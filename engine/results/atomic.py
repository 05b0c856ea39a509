"""Replaces files by complete new ones only: whoever reads one never finds half of it, whatever happens meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write; when all of it is on the disk it takes the place of `path`, and when not `path` stays as it was.

    The file is written under another name in the same folder, flushed to the disk and renamed, which is one indivisible act.

    Raises
    ------
    OSError
        When the file can't be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8 with plain line ends on every system.

    A lone surrogate (part of a file name that is no Unicode) is written as an escape, which JSON and Python read alike.
    """
    with replacing(path) as file:
        file.write(text.encode("utf-8", errors="backslashreplace"))
