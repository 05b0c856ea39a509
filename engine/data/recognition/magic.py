"""Files that are no text, told by their first bytes."""

from __future__ import annotations

from pathlib import Path

from engine.data.errors import DataError
from engine.data.import_spec import Compression

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
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"ORC\x00", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"MATLAB 5.0", "a MATLAB file"),
    (b"$FL2", "an SPSS file"),
    (b"\x7fELF", "a program"),
)
_COMPRESSED = ("zip", "gzip", "bzip2", "xz")


def refuse_other_formats(path: Path, head: bytes, compression: Compression = "none") -> None:
    """Raise a `DataError` where the first bytes are those of something else than text.

    Parameters
    ----------
    path : Path
        For the message.
    head : bytes
        The first bytes, decompressed.
    compression : str
        How the file is compressed.
    """
    what = next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    if what is None and head[:512].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise DataError("this is a web page, not a CSV file", path=path, remedy="download the data themselves")
    if what is None:
        return
    if compression != "none":
        raise DataError(f"the archive holds {what}, not a CSV file", path=path, remedy="unpack it and save the table as CSV")
    if any(name in what.lower() for name in _COMPRESSED) and "workbook" not in what:
        raise DataError(f"this is {what}, read as if it were text", path=path, remedy="choose its compression, or unpack it")
    raise DataError(f"this is {what}, not a CSV file", path=path, remedy="save the table as CSV and open that")
