"""The bytes of a file, decompressed while they are read, with a guard against archives that blow up."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from engine.data.errors import DataError
from engine.data.import_spec import Compression

MAX_BYTES = 16 * 1024**3
"""More bytes are read from no archive."""
MAX_RATIO = 200
UNGUARDED_BYTES = 64 * 1024**2
"""Beyond these an archive may not hold more than `MAX_RATIO` times its own size: tables shrink 50 times at most."""
MAX_NAMES_SHOWN = 5
_BUFFER_BYTES = 1024 * 1024

MAGIC: tuple[tuple[bytes, Compression], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
)
_NAMES: dict[Compression, str] = {"gzip": "gzip", "zip": "ZIP", "bz2": "bzip2", "xz": "xz"}
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    IndexError,
    OverflowError,
    NotImplementedError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    RuntimeError,
)


class ByteStream:
    """The bytes of an open file, decompressed.

    Parameters
    ----------
    inner : binary file
        Yields the decompressed bytes.
    raw : binary file
        The file itself, for the progress.
    path : Path
    compression : str
    """

    def __init__(self, inner: BinaryIO, raw: BinaryIO, path: Path, compression: Compression) -> None:
        self._inner, self._raw, self._path, self._compression = inner, raw, path, compression
        self._size = max(path.stat().st_size, 1)
        self._n_read = 0

    @property
    def share(self) -> float:
        """Share of the file that is read, 0 to 1."""
        return min(self._raw.tell() / self._size, 1.0)

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes; fewer at the end only.

        Raises
        ------
        DataError
            When the file can't be read, or the archive is damaged, or holds too much.
        """
        try:
            data = self._inner.read(size)
        except _DAMAGE as error:
            raise _unreadable(self._path, self._compression, error) from error
        self._n_read += len(data)
        if self._compression != "none":
            self._guard()
        return data

    def _guard(self) -> None:
        allowed = min(max(MAX_RATIO * self._size, UNGUARDED_BYTES), MAX_BYTES)
        if self._n_read > allowed:
            what = f"the archive holds more than {allowed // 2**20:,} MiB, which is more than is read from {self._size:,} bytes"
            raise DataError(
                what, path=self._path, remedy="unpack it yourself if you trust it, and open the file that was in it"
            )


def detect_compression(path: Path) -> Compression:
    """Return how a file is compressed, by its first bytes.

    Raises
    ------
    DataError
        When the file can't be opened.
    """
    head = read_start(path)
    return next((compression for magic, compression in MAGIC if head.startswith(magic)), "none")


def read_start(path: Path, size: int = 16) -> bytes:
    """Return the first bytes of the file itself."""
    with _opened(path) as raw:
        return raw.read(size)


@contextmanager
def open_bytes(path: Path, compression: Compression) -> Iterator[ByteStream]:
    """Open a file for reading its decompressed bytes; what fails becomes a `DataError`."""
    with _opened(path) as raw:
        if compression == "none":
            yield ByteStream(raw, raw, path, compression)
            return
        try:
            inner = _decompressed(raw, path, compression)
        except _DAMAGE as error:
            if isinstance(error, DataError):
                raise
            raise _unreadable(path, compression, error) from error
        with inner:
            yield ByteStream(inner, raw, path, compression)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if path.is_dir():
        raise DataError("this is a folder", path=path, remedy="choose a CSV file in it")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise DataError(
            f"the file can't be opened ({error.strerror})", path=path, remedy="check its name and your rights"
        ) from error
    with raw:
        yield raw


def _decompressed(raw: BinaryIO, path: Path, compression: Compression) -> BinaryIO:
    if compression == "gzip":
        return cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=raw, mode="rb"), _BUFFER_BYTES))
    if compression == "bz2":
        return cast(BinaryIO, io.BufferedReader(bz2.BZ2File(raw), _BUFFER_BYTES))
    if compression == "xz":
        return cast(BinaryIO, io.BufferedReader(lzma.LZMAFile(raw), _BUFFER_BYTES))
    archive = zipfile.ZipFile(raw)
    return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, archive.open(_only_member(archive, path))), _BUFFER_BYTES))


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """Return the one file of a ZIP archive; folders and what macOS puts beside files do not count."""
    names = archive.namelist()
    _refuse_office(names, path)
    members = [member for member in archive.infolist() if not member.is_dir() and not member.filename.startswith("__MACOSX/")]
    if not members:
        raise DataError("the ZIP archive holds no file", path=path, remedy="choose a file with a table")
    if len(members) > 1:
        shown = ", ".join(repr(member.filename) for member in members[:MAX_NAMES_SHOWN])
        more = f" and {len(members) - MAX_NAMES_SHOWN:,} more" if len(members) > MAX_NAMES_SHOWN else ""
        what = f"the ZIP archive holds {len(members):,} files ({shown}{more}), and one is needed"
        raise DataError(what, path=path, remedy="unpack it and choose one of them")
    if members[0].flag_bits & 1:
        raise DataError("the ZIP archive is encrypted with a password", path=path, remedy="unpack it and open the file")
    return members[0]


def _refuse_office(names: list[str], path: Path) -> None:
    found = {
        "an Excel workbook (XLSX)": any(name.startswith("xl/") for name in names),
        "an Office document": "[Content_Types].xml" in names,
        "an OpenDocument file": "mimetype" in names and "content.xml" in names,
        "a NumPy archive": bool(names) and all(name.endswith(".npy") for name in names),
    }
    what = next((what for what, holds in found.items() if holds), None)
    if what is not None:
        raise DataError(f"this is {what}, not a CSV file", path=path, remedy="save the table as CSV and open that")


def _unreadable(path: Path, compression: Compression, error: Exception) -> DataError:
    """Return the error for what went wrong while bytes were read."""
    if compression == "none" or (isinstance(error, OSError) and error.errno is not None):
        why = error.strerror if isinstance(error, OSError) else str(error)
        return DataError(f"the file can't be read ({why})", path=path, remedy="check its name and your rights")
    name = _NAMES[compression]
    if not _has_magic(path, compression):
        return DataError(f"this is no {name} archive", path=path, remedy="choose the compression it has, or none")
    if isinstance(error, EOFError):
        return DataError(f"the {name} archive ends too early: it is cut off", path=path, remedy="fetch it again")
    if isinstance(error, NotImplementedError):
        return DataError(f"the {name} archive is packed in an unusual way", path=path, remedy="unpack it and open the file")
    return DataError(f"the {name} archive is damaged", path=path, remedy="fetch it again")


def _has_magic(path: Path, compression: Compression) -> bool:
    head = read_start(path)
    return any(head.startswith(magic) for magic, known in MAGIC if known == compression)
