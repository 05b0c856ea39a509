"""A file's text in blocks of UTF-8 with line feeds only, whatever encoding, compression and line ends it has."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.reading.compression import ByteStream, open_bytes
from engine.data.recognition.encoding import require_encoding, undecodable

BLOCK_BYTES = 4 * 1024 * 1024
_PLAIN_ASCII = ("utf-8", "utf-8-sig", "ascii", "cp125", "iso8859", "koi8", "mac-")
"""Encodings (beginnings of their names) in which every byte below 128 is the character of that number."""


class TextBlocks:
    """The text of an open file; an iterator of blocks that may end anywhere.

    Parameters
    ----------
    stream : ByteStream
    path : Path
        For messages.
    spec : ImportSpec
        Encoding, compression, and the mark before a quotation mark inside of a cell.
    as_it_stands : bool
        Leave such marks where they are; otherwise they become doubled quotation marks.
    """

    def __init__(self, stream: ByteStream, path: Path, spec: ImportSpec, *, as_it_stands: bool = False) -> None:
        self._stream, self._path, self._spec = stream, path, spec
        self._escape = None if as_it_stands or spec.escape is None else spec.escape.encode()
        self._decoder = codecs.getincrementaldecoder(spec.encoding)()
        self._plain_ascii = codecs.lookup(spec.encoding).name.startswith(_PLAIN_ASCII)
        self._held = b""

    @property
    def share(self) -> float:
        """Share of the file that is read, 0 to 1."""
        return self._stream.share

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """Return the text of about the next `size` bytes of the file; nothing at the end only."""
        while raw := self._stream.read(size):
            if text := self._with_line_feeds(self._utf8(raw)):
                return text
        text = self._with_line_feeds(self._utf8(b""), final=True)
        self._decoder.reset()
        return text

    def _utf8(self, raw: bytes) -> bytes:
        if self._plain_ascii and raw and raw.isascii() and not self._decoder.getstate()[0]:
            return raw
        try:
            return self._decoder.decode(raw, final=not raw).encode("utf-8")
        except UnicodeError as error:
            raise undecodable(self._path, self._spec.encoding, self._spec.compression) from error

    def _with_line_feeds(self, text: bytes, *, final: bool = False) -> bytes:
        """Return `text` with a line feed for every kind of line end; a CR at its end waits for what follows."""
        text, self._held = self._held + text, b""
        if not final and text.endswith(b"\r"):
            text, self._held = text[:-1], b"\r"
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return text if self._escape is None else self._without_escapes(text, self._escape, final=final)

    def _without_escapes(self, text: bytes, escape: bytes, *, final: bool) -> bytes:
        """Return `text` with doubled quotation marks for escaped ones; an escape at its end waits for what it stands before."""
        n_escapes = len(text) - len(text.rstrip(escape))
        if n_escapes % 2 and not final:
            text, self._held = text[:-1], escape + self._held
        mark = (self._spec.quote or '"').encode()
        pairs = {escape + escape: escape, escape + mark: mark + mark}
        return re.sub(b"|".join(map(re.escape, pairs)), lambda found: pairs[found[0]], text)


@contextmanager
def open_text(path: Path, spec: ImportSpec, *, as_it_stands: bool = False) -> Iterator[TextBlocks]:
    """Open a file as `spec` says (see :class:`TextBlocks`); what fails becomes a `DataError`."""
    require_encoding(path, spec.encoding)
    with open_bytes(path, spec.compression) as stream:
        yield TextBlocks(stream, path, spec, as_it_stands=as_it_stands)


def lines_of(blocks: TextBlocks, path: Path, block_bytes: int, max_characters: int) -> Iterator[str]:
    """Yield the lines of a file, line feeds included; block by block, so that the first ones are there at once."""
    rest = ""
    while text := blocks.read(block_bytes).decode("utf-8"):
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            yield line + "\n"
        if len(rest) > max_characters:
            raise DataError("the line is longer than 4 million characters", path=path, remedy="write one row per line")
    if rest:
        yield rest
