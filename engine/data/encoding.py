"""Which characters a file is written in, and which files are no text at all.

The ladder is: byte order mark, UTF-16 by its pattern of NUL bytes, strict UTF-8 over the whole file, Windows-1252. Nothing
is guessed from the frequency of letters: such guesses are wrong more often than this ladder, and not explainable.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from engine.data.errors import DataError

HEAD_BYTES = 256 * 1024
BLOCK_BYTES = 4 * 1024 * 1024
MAX_CHECKED_BYTES = 512 * 1024 * 1024
"""Beyond this the characters are checked while the file is read, so that recognising a file stays quick."""
MAX_CONTROL_SHARE = 0.02

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive or an Excel or OpenDocument workbook"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook or Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
)
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f") + b"\x7f"


def detect_encoding(path: Path) -> str:
    """Return the name of the codec that reads the file.

    Raises
    ------
    DataError
        When the file can't be opened, is empty, is not text, has no line break in its first 256 KiB, or has characters that
        neither UTF-8 nor Windows-1252 knows.
    """
    head, size = _read_head(path)
    _refuse_other_formats(path, head)
    encoding = _encoding_of_head(head)
    if encoding is None:
        _refuse_binary(path, head)
        encoding = "utf-8" if _first_bad_byte(path, "utf-8") is None else "cp1252"
    _refuse_huge_line(path, head, size, encoding)
    bad = _first_bad_byte(path, encoding)
    if bad is not None:
        raise undecodable(path, encoding, bad)
    return encoding


def undecodable(path: Path, encoding: str, offset: int | None = None) -> DataError:
    """Return the error for the first byte of the file that `encoding` can't read."""
    if offset is None:
        offset = _first_bad_byte(path, encoding, limit=None)
    line = None if offset is None else _line_of(path, offset)
    known = "neither UTF-8 nor Windows-1252" if encoding == "cp1252" else encoding.upper()
    what = f"the characters can't be read: they are {'' if encoding == 'cp1252' else 'not '}{known}"
    return DataError(what, path=path, line=line, remedy="save the file as UTF-8 or choose its encoding")


def _read_head(path: Path) -> tuple[bytes, int]:
    if path.is_dir():
        raise DataError("this is a folder", path=path, remedy="choose a CSV file in it")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        size = path.stat().st_size
    except OSError as error:
        raise DataError(
            f"the file can't be opened ({error.strerror})", path=path, remedy="check its name and your rights"
        ) from error
    if not head:
        raise DataError("the file is empty (0 bytes)", path=path, remedy="choose a file with a table")
    return head, size


def _refuse_other_formats(path: Path, head: bytes) -> None:
    remedy = "save the table as CSV and open that"
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise DataError(f"this is {what}, not a CSV file", path=path, remedy=remedy)
    if head[:512].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise DataError("this is a web page, not a CSV file", path=path, remedy="download the data themselves")


def _encoding_of_head(head: bytes) -> str | None:
    """Return the encoding that a byte order mark or a pattern of NUL bytes gives away."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _refuse_binary(path: Path, head: bytes) -> None:
    controls = len(head) - len(head.translate(None, _CONTROL))
    if controls > MAX_CONTROL_SHARE * len(head):
        raise DataError("this is a binary file, not text", path=path, remedy="save the table as CSV and open that")


def _refuse_huge_line(path: Path, head: bytes, size: int, encoding: str) -> None:
    text = head.decode(encoding, errors="ignore")
    if size > HEAD_BYTES and "\n" not in text and "\r" not in text:
        raise DataError(
            f"there is no line break in the first {HEAD_BYTES // 1024} KiB, so this is no table of rows",
            path=path,
            line=1,
            remedy="write one row per line",
        )


def _first_bad_byte(path: Path, encoding: str, limit: int | None = MAX_CHECKED_BYTES) -> int | None:
    """Return the offset of the first byte that `encoding` can't read; None where all are well."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset = 0
    with path.open("rb") as file:
        while limit is None or offset < limit:
            block = file.read(BLOCK_BYTES)
            kept = decoder.getstate()[0]  # bytes of an unfinished character, carried over from the block before
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return offset - len(kept) + error.start
            if not block:
                return None
            offset += len(block)
    return None


def _line_of(path: Path, offset: int) -> int:
    with path.open("rb") as file:
        before = file.read(offset)
    return max(before.count(b"\n"), before.replace(b"\r\n", b"\n").count(b"\r")) + 1
