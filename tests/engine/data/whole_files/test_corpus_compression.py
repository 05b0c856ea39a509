"""Files in every kind of compression, whole and damaged."""

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest

from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.recognition import dialect
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import CITIES, Case, Refusal, by_name, cities, file_of, write
from tests.engine.data.whole_files.corpus_checks import cells_of, check, check_refused, check_sentence

PLAIN = cities().encode()


def zipped(*members: tuple[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return archive.getvalue()


COMPRESSED = [
    Case("gz", gzip.compress(PLAIN), CITIES, spec={"compression": "gzip"}, file_name="t.csv.gz"),
    Case("zip", zipped(("t.csv", PLAIN)), CITIES, spec={"compression": "zip"}, file_name="t.zip"),
    Case("bz2", bz2.compress(PLAIN), CITIES, spec={"compression": "bz2"}, file_name="t.csv.bz2"),
    Case("xz", lzma.compress(PLAIN), CITIES, spec={"compression": "xz"}, file_name="t.csv.xz"),
    Case("gz under another name", gzip.compress(PLAIN), CITIES, spec={"compression": "gzip"}, file_name="t.csv"),
    Case("plain text called gz", PLAIN, CITIES, spec={"compression": "none"}, file_name="t.csv.gz"),
    Case("bz2 called zip", bz2.compress(PLAIN), CITIES, spec={"compression": "bz2"}, file_name="t.zip"),
    Case("gz of two members", gzip.compress(PLAIN[:70]) + gzip.compress(PLAIN[70:]), CITIES),
    Case("bz2 of two streams", bz2.compress(PLAIN[:70]) + bz2.compress(PLAIN[70:]), CITIES),
    Case("xz of two streams", lzma.compress(PLAIN[:70]) + lzma.compress(PLAIN[70:]), CITIES),
    Case("zip with a folder beside the member", zipped(("data/", b""), ("data/t.csv", PLAIN)), CITIES, file_name="t.zip"),
    Case("gz of UTF-16 with CR", gzip.compress(codecs.BOM_UTF16_LE + cities(end="\r").encode("utf-16-le")), CITIES),
    Case(
        "xz of semicolons", lzma.compress(cities(";").encode("cp1252")), CITIES, spec={"delimiter": ";", "encoding": "cp1252"}
    ),
]


@by_name(COMPRESSED)
def test_compressed_files(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


LONG = PLAIN + "".join(f"Köln,{n}.5,{n * 7 % 1000}\n" for n in range(20_000)).encode()


def flipped(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :]


DAMAGED = [
    Refusal(f"{what} {name}", content, "", file_name=name)
    for name, whole in {
        "t.csv.gz": gzip.compress(LONG),
        "t.zip": zipped(("t.csv", LONG)),
        "t.csv.bz2": bz2.compress(LONG),
        "t.csv.xz": lzma.compress(LONG),
    }.items()
    for what, content in {
        "truncated": whole[: len(whole) * 2 // 3],
        "cut by four bytes": whole[:-4],
        "damaged in the middle": flipped(whole, len(whole) // 2),
        "damaged at the end": flipped(whole, len(whole) - 3 if name != "t.zip" else len(whole) - 20),
    }.items()
]


@by_name(DAMAGED)
def test_damaged_archives_are_refused(case: Refusal, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        read_table(write(tmp_path, case.content, case.file_name))
    check_sentence(str(refused.value))
    assert case.file_name in str(refused.value)


OTHER_ARCHIVES = [
    Refusal("zip of two members", zipped(("a.csv", PLAIN), ("b.csv", PLAIN)), "a.csv.*b.csv|2 (files|members)|two"),
    Refusal("zip without a member", zipped(), "no (file|member|table)|empty|nothing"),
    Refusal("zip of a folder only", zipped(("data/", b"")), "no (file|member|table)|empty|nothing"),
    Refusal("zip of an empty file", zipped(("a.csv", b"")), "empty"),
    Refusal("gz of nothing", gzip.compress(b""), "empty"),
    Refusal("gz of a picture", gzip.compress(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20), "PNG|picture|image"),
    Refusal("gz in gz", gzip.compress(gzip.compress(PLAIN)), "gzip|compressed|archive|unpack"),
    Refusal("zip in zip", zipped(("inner.zip", zipped(("t.csv", PLAIN)))), "zip|compressed|archive|unpack"),
    Refusal("xz in bz2", bz2.compress(lzma.compress(PLAIN)), "xz|compressed|archive|unpack"),
    Refusal("gz of one long line", gzip.compress(b"1234567890," * 1_000_000), "line|columns"),
    Refusal("gz of fifty megabytes without a line", gzip.compress(b"a" * 50_000_000, 1), "line"),
]


@by_name(OTHER_ARCHIVES)
def test_archives_that_hold_no_table_are_refused(case: Refusal, tmp_path: Path) -> None:
    path = write(tmp_path, case.content, "archive.bin")
    with pytest.raises(DataError, match=f"(?i){case.says}") as refused:
        read_table(path)
    check_sentence(str(refused.value))


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(("t.csv", PLAIN)))
    content[6] |= 1  # the flag of the local header
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and of the directory
    with pytest.raises(DataError, match=r"(?i)password|encrypted") as refused:
        read_table(write(tmp_path, bytes(content), "t.zip"))
    check_sentence(str(refused.value))


@pytest.mark.parametrize("compression", ["gzip", "zip", "bz2", "xz"])
def test_a_chosen_compression_that_the_file_does_not_have_is_refused(compression: str, tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN)
    with pytest.raises(DataError) as refused:
        read_table(path, ImportSpec(compression=compression))  # type: ignore[arg-type]
    check_sentence(str(refused.value))


def test_a_compressed_file_read_as_plain_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        read_table(write(tmp_path, gzip.compress(PLAIN), "t.csv.gz"), ImportSpec(compression="none"))
    check_sentence(str(refused.value))


def test_the_reasons_name_the_encoding_and_the_compression(tmp_path: Path) -> None:
    recognition = dialect.recognise(write(tmp_path, gzip.compress(cities().encode("cp1252")), "t.csv.gz"))
    assert recognition.spec.encoding == "cp1252"
    assert recognition.spec.compression == "gzip"
    assert all(recognition.reasons[field].strip() for field in ("encoding", "compression"))


def test_line_numbers_count_through_compressed_files(tmp_path: Path) -> None:
    rows = ["x,1"] * 500
    rows[400] = "x,1,2"
    table = read_table(write(tmp_path, gzip.compress(file_of("a,b", *rows)), "t.csv.gz"))
    assert cells_of(table, "b") == [1.0] * 500
    assert [tuple(repair.lines) for repair in table.repairs] == [(402,)]


def test_refusals_inside_compressed_files_name_the_line(tmp_path: Path) -> None:
    rows = ["x,1"] * 500
    rows[400] = '"x,1'
    check_refused(Refusal("unclosed", bz2.compress(file_of("a,b", *rows)), "quotation|quote", 402), tmp_path)
