"""The lines of a file that can't be read as it is said to be written: with a sign for every byte that is no character."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

from engine.data.errors import DataError
from engine.data.import_spec import Compression, ImportSpec
from engine.data.reading.compression import open_bytes
from engine.data.reading.raw_lines import MAX_CHARACTERS

MAX_UNREADABLE = 0.2
"""A text with a larger share of signs that nobody can read is none."""
_BLOCK_BYTES, _PACKED_BLOCK_BYTES = 64 * 1024, 1024
"""Of a damaged archive no more than a block before the damage is lost."""


def lines_anyway(path: Path | str, spec: ImportSpec, first: int, count: int) -> tuple[str, list[tuple[int, str]]]:
    """Return lines of a file, bytes that are no characters replaced, as far as a damaged archive can be unpacked.

    They are decoded as UTF-8 where that makes a text, else as they are said to be, else as UTF-16.

    Parameters
    ----------
    path : path or str
    spec : ImportSpec
        Its encoding and compression are used.
    first, count : int
        1-based number of the first line wanted, and how many.

    Returns
    -------
    encoding : str
        How they were decoded.
    lines : list of (int, str)
        Number and text of each line, cut at 500 characters; none where the file is no text.

    Raises
    ------
    OSError
        When the file can't be opened.
    LookupError
        When there is no such encoding.
    """
    for encoding in ("utf-8", spec.encoding, "utf-16"):
        lines = _lines(_texts(Path(path), encoding, spec.compression), first, count)
        if not _are_garbled(lines):
            return encoding, lines
    return spec.encoding, []


def _lines(texts: Iterator[str], first: int, count: int) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    number, begun = 1, ""
    for text in texts:
        *ended, rest = text.split("\n")
        for part in ended:
            if number >= first:
                lines.append((number, (begun + part)[:MAX_CHARACTERS]))
            number, begun = number + 1, ""
            if len(lines) == count:
                return lines
        begun = (begun + rest)[:MAX_CHARACTERS]
    if begun and number >= first:
        lines.append((number, begun))
    return lines


def _texts(path: Path, encoding: str, compression: Compression) -> Iterator[str]:
    """Yield the decoded text in pieces, up to where it is damaged."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors="replace"), translate=True)
    size = _BLOCK_BYTES if compression == "none" else _PACKED_BLOCK_BYTES
    try:
        with open_bytes(path, compression) as stream:
            while block := stream.read(size):
                yield decoder.decode(block)
            yield decoder.decode(b"", final=True)
    except (DataError, UnicodeError):  # the archive ends here, or UTF-16 has no byte order mark
        return


def _are_garbled(lines: list[tuple[int, str]]) -> bool:
    text = "".join(line for _, line in lines)
    unreadable = sum(sign == "\ufffd" or not (sign.isprintable() or sign == "\t") for sign in text)
    return not text.strip() or unreadable > MAX_UNREADABLE * len(text)
