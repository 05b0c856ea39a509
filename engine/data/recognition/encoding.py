"""Which characters a file is written in, and which files are no text at all.

The ladder is: byte order mark, UTF-16 and UTF-32 by their pattern of NUL bytes, strict UTF-8 over the whole file, Windows-1252.
Nothing is guessed from the frequency of letters: such guesses are wrong more often than this ladder, and not explainable.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine.data.errors import DataError, ReadingCancelled
from engine.data.import_spec import Compression
from engine.data.reading.compression import open_bytes
from engine.data.recognition.magic import refuse_other_formats

HEAD_BYTES = 256 * 1024
BLOCK_BYTES = 4 * 1024 * 1024
MAX_CHECKED_BYTES = 512 * 1024 * 1024
MAX_CHECKED_UNPACKED_BYTES = 72 * 1024 * 1024
"""Beyond these the characters are checked while the file is read, so that recognising a file stays quick."""
MAX_CONTROL_SHARE = 0.02
MAX_CONTROLS = 16
MIN_NUL_SHARE = 0.1

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = dict.fromkeys((*range(9), 11, *range(14, 32), 127, 65534, 65535))


class Characters(NamedTuple):
    """Which characters a file is written in.

    Attributes
    ----------
    encoding : str
        Name of a Python codec.
    reason : str
        Why, in one sentence.
    """

    encoding: str
    reason: str


class UndecodableError(DataError):
    """A byte of the file is no character of the encoding."""


def recognise_characters(
    path: Path, compression: Compression = "none", cancelled: Callable[[], bool] | None = None
) -> Characters:
    """Recognise which characters a file is written in.

    Raises
    ------
    DataError
        When the file can't be opened, is empty, is not text, has no line break in its first 256 KiB, or has characters that
        neither UTF-8 nor Windows-1252 knows, or both kinds of them.
    ReadingCancelled
        When `cancelled` returned True.
    """
    head = read_head(path, compression)
    found = _by_mark_or_pattern(head)
    if found is None:
        _refuse_binary(path, head, "latin-1")
        found = _utf8_or_cp1252(path, compression, cancelled)
    else:
        _refuse_binary(path, head, found.encoding)
    _refuse_huge_line(path, head, found.encoding)
    bad = None if found.encoding == "utf-8" else _first_bad_byte(path, found.encoding, compression, cancelled)
    if bad is not None:
        raise undecodable(path, found.encoding, compression, bad)
    return found


def check_encoding(path: Path, encoding: str, compression: Compression) -> None:
    """Refuse an encoding that the first 256 KiB of the file show to be a wrong choice, and content that is no text.

    Raises
    ------
    DataError
        When there is no such encoding, or the file is no text in it.
    """
    require_encoding(path, encoding)
    head = read_head(path, compression)
    given_away = _by_mark_or_pattern(head)
    if given_away is not None and _is_wide(given_away.encoding) and not _is_wide(encoding):
        raise _wrong_choice(path, encoding, given_away.encoding.upper())
    if _is_wide(encoding) and b"\0" not in head and _decodes(head, "utf-8"):
        raise _wrong_choice(path, encoding, "UTF-8")
    if _is_binary(_decoded_head(head, encoding)):
        _refuse_binary(path, head, "latin-1")
        raise _wrong_choice(path, encoding, "written in another one, or most of them would be control characters")
    _refuse_huge_line(path, head, encoding)


def misread_as(path: Path, encoding: str, compression: Compression) -> int | None:
    """Return the line of the first character that an encoding of single bytes reads wrongly: it is UTF-8; else None."""
    name = codecs.lookup(encoding).name
    if not name.startswith(("cp", "iso8859", "mac-", "koi8")):
        return None
    head = read_head(path, compression)
    if head.isascii() or not _decodes(head, "utf-8"):
        return None
    first = next(index for index, byte in enumerate(head) if byte >= 0x80)
    return _lines_in(head[:first].decode("ascii")) + 1


def require_encoding(path: Path, encoding: str) -> None:
    """Refuse a name that is no encoding of text."""
    try:
        known = codecs.lookup(encoding)
        b"a".decode(encoding, errors="replace")
        codecs.getincrementaldecoder(encoding)
    except (LookupError, ValueError, AssertionError, TypeError):
        known = None
    if known is None or not getattr(known, "_is_text_encoding", True):
        raise DataError(f"there is no encoding named {encoding!r}", path=path, remedy="choose another")


def undecodable(path: Path, encoding: str, compression: Compression = "none", offset: int | None = None) -> UndecodableError:
    """Return the error for the first byte of the file that `encoding` can't read."""
    if offset is None:
        offset = _first_bad_byte(path, encoding, compression, None, limit=None)
    line = None if offset is None else _line_of(path, encoding, compression, offset)
    known = "neither UTF-8 nor Windows-1252" if encoding == "cp1252" else f"not {encoding.upper()}"
    what = f"the characters can't be read: they are {known}"
    return UndecodableError(what, path=path, line=line, remedy="save the file as UTF-8 or choose its encoding")


def read_head(path: Path, compression: Compression) -> bytes:
    """Return the first 256 KiB of the decompressed file; refuse what is no text by its first bytes."""
    with open_bytes(path, compression) as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        inside = "" if compression == "none" else " in the archive"
        raise DataError(f"the file{inside} is empty (0 bytes)", path=path, remedy="choose a file with a table")
    refuse_other_formats(path, head, compression)
    return head


def _by_mark_or_pattern(head: bytes) -> Characters | None:
    """Return the encoding that a byte order mark or a pattern of NUL bytes gives away."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            name = encoding.removesuffix("-sig").upper()
            return Characters(encoding, f"The file starts with the byte order mark of {name}.")
    nul = [head[place::4].count(0) / max(len(head[place::4]), 1) for place in range(4)]
    patterns = {
        "utf-32-le": nul[0] < 0.05 and nul[2] > 0.9 and nul[3] > 0.9,
        "utf-32-be": nul[3] < 0.05 and nul[0] > 0.9 and nul[1] > 0.9,
        "utf-16-le": nul[0] + nul[2] < 0.05 and nul[1] + nul[3] > 2 * MIN_NUL_SHARE,
        "utf-16-be": nul[1] + nul[3] < 0.05 and nul[0] + nul[2] > 2 * MIN_NUL_SHARE,
    }
    for encoding, holds in patterns.items():
        if holds and not _is_binary(_decoded_head(head, encoding)):
            return Characters(encoding, f"NUL bytes stand where {encoding.upper()} has them, and there is no byte order mark.")
    return None


def _utf8_or_cp1252(path: Path, compression: Compression, cancelled: Callable[[], bool] | None) -> Characters:
    bad = _first_bad_byte(path, "utf-8", compression, cancelled)
    if bad is None:
        return Characters("utf-8", "Every byte is valid UTF-8.")
    line = _line_of(path, "latin-1", compression, bad)
    n_good, n_bad = _count_utf8(path, compression, bad + BLOCK_BYTES)
    if n_good > n_bad:  # as Windows-1252 all the other special characters would come out wrong
        what = f"a byte here is not UTF-8, while {n_good:,} other characters are"
        remedy = "mend the line, or choose the encoding the file has"
        raise UndecodableError(what, path=path, line=line, remedy=remedy)
    return Characters("cp1252", f"Line {line:,} is not valid UTF-8, so Windows-1252 (Western Europe) is taken.")


def _count_utf8(path: Path, compression: Compression, end: int) -> tuple[int, int]:
    """Return how many characters beyond ASCII the first `end` bytes hold when read as UTF-8, and how many bytes are none."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    n_good = n_bad = offset = 0
    with open_bytes(path, compression) as stream:
        while offset < end and (block := stream.read(BLOCK_BYTES)):
            offset += len(block)
            text = decoder.decode(block)
            bad = text.count("\ufffd")
            n_bad += bad
            n_good += len(text) - len(text.encode("ascii", errors="ignore")) - bad
    return n_good, n_bad


def _refuse_binary(path: Path, head: bytes, encoding: str) -> None:
    if _is_binary(_decoded_head(head, encoding)):
        raise DataError("this is a binary file, not text", path=path, remedy="save the table as CSV and open that")


def _refuse_huge_line(path: Path, head: bytes, encoding: str) -> None:
    text = _decoded_head(head, encoding)
    if len(head) == HEAD_BYTES and "\n" not in text and "\r" not in text:
        raise DataError(
            f"there is no line break in the first {HEAD_BYTES // 1024} KiB, so this is no table of rows",
            path=path,
            line=1,
            remedy="write one row per line",
        )


def _wrong_choice(path: Path, encoding: str, what_they_are: str) -> UndecodableError:
    what = f"the characters can't be read as {encoding.upper()}: they are {what_they_are}"
    return UndecodableError(what, path=path, line=1, remedy="choose the encoding the file has")


def _is_wide(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))


def _decoded_head(head: bytes, encoding: str) -> str:
    try:
        return head.decode(encoding, errors="replace")
    except UnicodeError:  # some codecs know no other way
        return head.decode("latin-1")


def _decodes(head: bytes, encoding: str) -> bool:
    """Say whether the head is valid, leaving open a last character that is cut off."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeError:
        return False
    return True


def _is_binary(text: str) -> bool:
    n_controls = len(text) - len(text.translate(_CONTROL))
    return n_controls > max(MAX_CONTROL_SHARE * len(text), MAX_CONTROLS)


def _first_bad_byte(
    path: Path,
    encoding: str,
    compression: Compression,
    cancelled: Callable[[], bool] | None,
    limit: int | None = MAX_CHECKED_BYTES,
) -> int | None:
    """Return the offset of the first byte that `encoding` can't read; None where all are well."""
    if limit is not None and compression != "none":
        limit = MAX_CHECKED_UNPACKED_BYTES
    decoder = codecs.getincrementaldecoder(encoding)()
    ascii_is_plain = encoding in ("utf-8", "cp1252")
    offset = 0
    with open_bytes(path, compression) as stream:
        while limit is None or offset < limit:
            if cancelled is not None and cancelled():
                raise ReadingCancelled
            block = stream.read(BLOCK_BYTES)
            kept = decoder.getstate()[0]  # bytes of an unfinished character, carried over from the block before
            if not block or kept or not (ascii_is_plain and block.isascii()):
                try:
                    decoder.decode(block, final=not block)
                except UnicodeDecodeError as error:
                    return offset - len(kept) + error.start
                except UnicodeError:  # some codecs do not say where
                    return offset
            if not block:
                return None
            offset += len(block)
    return None


def _line_of(path: Path, encoding: str, compression: Compression, offset: int) -> int:
    """Return the 1-based line of a byte."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    line, held = 1, ""
    with open_bytes(path, compression) as stream:
        while offset > 0 and (block := stream.read(min(BLOCK_BYTES, offset))):
            offset -= len(block)
            text = held + decoder.decode(block)
            held = "\r" if text.endswith("\r") else ""  # the line feed of the pair may come with the next block
            line += _lines_in(text.removesuffix(held))
    return line + len(held)


def _lines_in(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")
