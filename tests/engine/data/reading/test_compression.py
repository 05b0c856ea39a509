import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data.errors import DataError
from engine.data.reading import compression
from engine.data.reading.compression import detect_compression, open_bytes
from engine.data.recognition import encoding
from engine.data.recognition.dialect import recognise
from engine.data.table import read_table


def zipped(content: bytes, name: str = "t.csv") -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("__MACOSX/._t.csv", b"\0\5\x16\7")
        file.writestr(name, content)
    return archive.getvalue()


PACKERS = {"gzip": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": zipped}


@pytest.mark.parametrize("name", PACKERS)
def test_an_archive_is_recognised_by_its_content_and_progress_is_told(name: str, tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_bytes(PACKERS[name](b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * 7919 % 1000) for n in range(100_000))))
    shares: list[float] = []
    table = read_table(path, progress=shares.append)
    assert (table.spec.compression, table.n_rows) == (name, 100_000)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("name", ["gzip", "xz", "zip"])
def test_an_archive_that_blows_up_is_refused_and_the_limit_is_said(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "UNGUARDED_BYTES", 2 * 1024 * 1024)
    path = tmp_path / "bomb"
    path.write_bytes(PACKERS[name](b"a,b\n" + b"1,2\n" * 20_000_000))
    with pytest.raises(DataError, match=r"holds more than \d+ MiB, .*; unpack it yourself if you trust it"):
        read_table(path)


def test_a_table_that_shrinks_a_lot_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "t.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 500_000))
    assert read_table(path).n_rows == 500_000


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_every_cut_of_an_archive_is_refused_in_words(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    whole = pack(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n % 97) for n in range(300)))
    path = tmp_path / "t"
    for end in range(6, len(whole), max(len(whole) // 40, 1)):
        path.write_bytes(whole[:end])
        with pytest.raises(DataError, match=r"damaged|cut off|ends too early|binary|not text"):
            read_table(path)


def test_what_the_archive_holds_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "t.gz"
    path.write_bytes(gzip.compress(b"PAR1" + bytes(1000)))
    with pytest.raises(DataError, match="the archive holds a Parquet file"):
        read_table(path)


def test_bytes_come_out_as_they_went_in(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    for name, pack in PACKERS.items():
        path = tmp_path / name
        path.write_bytes(pack(content))
        with open_bytes(path, detect_compression(path)) as stream:
            assert stream.read(1000) + stream.read(10_000_000) + stream.read(1) == content


def test_characters_beyond_the_part_that_was_checked_are_read_again_as_windows_1252(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "MAX_CHECKED_UNPACKED_BYTES", 1000)
    monkeypatch.setattr(encoding, "BLOCK_BYTES", 1000)
    path = tmp_path / "t.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"x,1\n" * 100_000 + "é,2\n".encode("cp1252")))
    assert recognise(path).spec.encoding == "utf-8"
    table = read_table(path)
    assert (table.spec.encoding, table.preview(200_000)[-1]) == ("cp1252", ["é", "2"])
