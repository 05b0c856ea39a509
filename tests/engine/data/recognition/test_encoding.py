import time
from pathlib import Path

import pytest

from engine.data.errors import DataError
from engine.data.recognition.dialect import sniff
from engine.data.recognition.encoding import recognise_characters
from engine.data.table import read_table

TEXT = "name,größe\nZoë,1.5\nJosé,2.5\n"


@pytest.mark.parametrize(
    ("codec", "recognised"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_the_ladder_recognises_each_encoding_and_the_text_comes_out_right(tmp_path: Path, codec: str, recognised: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(TEXT.encode(codec))
    assert sniff(path).encoding == recognised
    table = read_table(path)
    assert table.names == ("name", "größe")
    assert table.preview() == [["Zoë", "1.5"], ["José", "2.5"]]


def test_one_wrong_byte_at_the_end_of_a_long_utf8_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.recognition.encoding.BLOCK_BYTES", 100_000)
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 400_000 + "3,é\n".encode("cp1252"))
    assert recognise_characters(path).encoding == "cp1252"


def test_a_character_cut_by_the_border_of_two_blocks_is_no_wrong_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.recognition.encoding.BLOCK_BYTES", 3)
    path = tmp_path / "t.csv"
    path.write_text("a,b\nü,1\néé,2\n", encoding="utf-8")
    assert recognise_characters(path).encoding == "utf-8"


def test_bytes_that_no_encoding_knows_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1,2\n3,\x81\xff\n5,6\n")
    with pytest.raises(DataError, match=r"t\.csv, line 3: .*neither UTF-8 nor Windows-1252; save the file as UTF-8") as caught:
        sniff(path)
    assert caught.value.line == 3


def test_an_encoding_chosen_wrongly_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(TEXT.encode("cp1252"))
    spec = sniff(path)
    with pytest.raises(DataError, match=r"line 1: .*not UTF-8; .*choose its encoding"):
        read_table(path, type(spec)(encoding="utf-8"))
    with pytest.raises(DataError, match="no encoding named 'klingon'"):
        read_table(path, type(spec)(encoding="klingon"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8, "a PNG picture, not a CSV file"),
        (b"PK\x03\x04rest", "ZIP archive is damaged"),
        (b"\x1f\x8brest", "gzip"),
        (b"PAR1rest", "Parquet"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\0", "SQLite"),
        (b"<!DOCTYPE html><html></html>\n", "web page"),
        (bytes(range(256)) * 40, "binary file"),
        (b"\0" * 5000, "binary file"),
        (b"\n\n  \n", "no row with a value"),
        (b"a" * 10_000_000, "no line break"),
        (b"1,2," * 2_500_000, "no line break"),
        (",".join(["1"] * 9000).encode() + b"\n", "9,000 columns"),
        (b'a,b\n1,2\n3,"four\n5,6\n', "never closed"),
    ],
)
def test_what_is_no_table_is_refused_in_words_and_at_once(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    start = time.perf_counter()
    with pytest.raises(DataError, match=words) as caught:
        read_table(path)
    assert time.perf_counter() - start < 2.0
    sentence = str(caught.value)
    assert sentence.startswith("t.csv")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_quotation_mark_never_closed_is_named_by_its_line_also_far_down(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,x\n" * 5000 + '2,"open\n' + "3,y\n" * 100_000, encoding="utf-8")
    with pytest.raises(DataError, match=r"line 5,002: the quotation mark opened here is never closed"):
        read_table(path)


def test_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="this is a folder"):
        sniff(tmp_path)
    with pytest.raises(DataError, match="can't be opened"):
        sniff(tmp_path / "no.csv")
