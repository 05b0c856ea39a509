"""Files in every encoding and with every line end."""

import codecs
from pathlib import Path

import pytest

from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import CITIES, Case, Told, by_name, cities, file_of, write
from tests.engine.data.whole_files.corpus_checks import check, check_sentence, read_or_refusal

PLAIN = cities().encode()

NO_LINE_ENDS = "\u2028\u2029\x85\x0c\x0b\x1c\x1e"

ENCODINGS = [
    Case("UTF-8", PLAIN, CITIES, spec={"encoding": "utf-8"}),
    Case("UTF-8 with a byte order mark", codecs.BOM_UTF8 + PLAIN, CITIES, spec={"encoding": "utf-8-sig"}),
    Case("UTF-16 little-endian with a byte order mark", codecs.BOM_UTF16_LE + cities().encode("utf-16-le"), CITIES),
    Case("UTF-16 big-endian with a byte order mark", codecs.BOM_UTF16_BE + cities().encode("utf-16-be"), CITIES),
    Case("UTF-16 little-endian without a mark", cities().encode("utf-16-le"), CITIES, spec={"encoding": "utf-16-le"}),
    Case("UTF-16 big-endian without a mark", cities().encode("utf-16-be"), CITIES, spec={"encoding": "utf-16-be"}),
    Case("Latin-1", cities().encode("latin-1"), CITIES, spec={"encoding": "cp1252"}),
    Case(
        "Windows-1252",
        file_of("größe,n", "“groß” €,1", "\u2018klein\u2019 …,2", "“groß” €,3", "\u2018klein\u2019 …,4", encoding="cp1252"),
        {"größe": ["“groß” €", "\u2018klein\u2019 …", "“groß” €", "\u2018klein\u2019 …"], "n": [1, 2, 3, 4]},
        spec={"encoding": "cp1252"},
    ),
    Case(
        "ASCII only",
        file_of("a,b", "x,1", "y,2", "x,3"),
        {"a": ["x", "y", "x"], "b": [1, 2, 3]},
        spec={"encoding": "utf-8"},
    ),
    Case(
        "all planes of Unicode",
        file_of("名前,n", "😀 ñ,1", "Ελλάδα,2", "עברית,3", "한국어,4"),
        {"名前": ["😀 ñ", "Ελλάδα", "עברית", "한국어"], "n": [1, 2, 3, 4]},
    ),
    Case(
        "characters that other programs take for line ends",
        file_of("word,number", *(f"one{sign}word of several,{n}" for n, sign in enumerate(NO_LINE_ENDS))),
        {"word": [f"one{sign}word of several" for sign in NO_LINE_ENDS], "number": list(range(7))},
    ),
]


@by_name(ENCODINGS)
def test_encodings(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


BY_CHOICE = {
    "cp1251": ["Москва", "Казань", "Омск"],
    "koi8-r": ["Москва", "Казань", "Омск"],
    "cp437": ["Zürich", "Genève", "Málaga"],
    "mac_roman": ["Zürich", "Genève", "Málaga"],
    "iso8859-2": ["Łódź", "Kraków", "Gdańsk"],
    "iso8859-7": ["Αθήνα", "Πάτρα", "Βόλος"],
    "shift_jis": ["東京", "表示", "ソ連"],  # the second byte of two of them is a backslash
    "euc_jp": ["東京", "大阪", "京都"],
    "gb18030": ["北京", "上海", "广州"],
    "big5": ["臺北", "許功", "高雄"],
    "euc_kr": ["서울", "부산", "대구"],
    "utf-32": ["Zürich", "北京", "😀"],
    "utf-32-be": ["Zürich", "北京", "😀"],
    "utf-7": ["Zürich", "北京", "Łódź"],
    "latin-1": ["Zürich", "caf\x85é", "\x93x"],
}


@pytest.mark.parametrize("encoding", BY_CHOICE)
def test_any_other_encoding_is_read_by_choice(encoding: str, tmp_path: Path) -> None:
    names = BY_CHOICE[encoding]
    content = file_of("name,n", *(f"{name},{number}" for number, name in enumerate(names)), encoding=encoding)
    check(Case(encoding, content, {"name": names, "n": [0, 1, 2]}, given=ImportSpec(encoding=encoding)), tmp_path)


def test_one_bad_byte_in_a_utf_8_file_does_not_garble_the_rest_in_silence(tmp_path: Path) -> None:
    rows = [f"Zürich,{number}".encode() for number in range(1000)]
    rows[800] = b"Z\xfcrich,800"
    path = write(tmp_path, b"\n".join([b"city,n", *rows, b""]))
    outcome = read_or_refusal(path)
    if isinstance(outcome, DataError):
        assert outcome.line == 802, str(outcome)
    else:
        assert [repair for repair in outcome.repairs if 802 in repair.lines or "encod" in repair.what], outcome.report


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "utf-16", "shift_jis"])
def test_bytes_that_a_chosen_encoding_does_not_know_are_refused(encoding: str, tmp_path: Path) -> None:
    rows = [b"plain,1"] * 700 + [b"\xfc\xff\xfe,2", b"plain,3"]
    path = write(tmp_path, b"\n".join([b"name,n", *rows, b""]))
    with pytest.raises(DataError) as refused:
        read_table(path, ImportSpec(encoding=encoding))
    check_sentence(str(refused.value))
    if encoding != "utf-16":  # which has no lines to count here
        assert refused.value.line == 702


def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no-such-encoding") as refused:
        read_table(write(tmp_path, PLAIN), ImportSpec(encoding="no-such-encoding"))
    check_sentence(str(refused.value))


@pytest.mark.parametrize("encoding", ["base64_codec", "rot13", "zlib_codec", "hex_codec", "idna", "punycode", "undefined"])
def test_a_codec_that_is_no_encoding_of_tables_is_refused_or_harmless(encoding: str, tmp_path: Path) -> None:
    read_or_refusal(write(tmp_path, PLAIN), ImportSpec(encoding=encoding))


def test_half_a_utf_16_character_at_the_end_is_refused_or_told(tmp_path: Path) -> None:
    path = write(tmp_path, codecs.BOM_UTF16_LE + cities().encode("utf-16-le") + b"\x31")
    outcome = read_or_refusal(path)
    assert isinstance(outcome, DataError) or outcome.repairs


LINE_ENDS = [
    Case("LF", cities(end="\n").encode(), CITIES),
    Case("CRLF", cities(end="\r\n").encode(), CITIES),
    Case("CR", cities(end="\r").encode(), CITIES),
    Case("LF, none after the last line", cities().rstrip("\n").encode(), CITIES),
    Case("CRLF, none after the last line", cities(end="\r\n").rstrip("\r\n").encode(), CITIES),
    Case("CR, none after the last line", cities(end="\r").rstrip("\r").encode(), CITIES),
    Case("CRLF in UTF-16", codecs.BOM_UTF16_LE + cities(end="\r\n").encode("utf-16-le"), CITIES),
    Case("CR in UTF-16", codecs.BOM_UTF16_BE + cities(end="\r").encode("utf-16-be"), CITIES),
    Case(
        "LF and CRLF mixed: lines are counted once",
        b"a,b\r\nx,1\ny,2\r\nx\ny,4\r\nx,5\n",
        {"a": ["x", "y", "x", "y", "x"], "b": [1, 2, None, 4, 5]},
        (Told("too few", (4,)),),
    ),
    Case(
        "LF, CRLF and CR mixed",
        b"a,b\r\nx,1\ry,2\nx,3,9\r\ny,4\rx,5\n",
        {"a": ["x", "y", "x", "y", "x"], "b": [1, 2, 3, 4, 5]},
        (Told("too many", (4,)),),
    ),
    Case(
        "quoted line breaks in a CRLF file",
        b'a,b\r\n"x\ny",1\r\nz,2\r\nz\r\nz,4\r\n',
        {"a": ["x\ny", "z", "z", "z"], "b": [1, 2, None, 4]},
        (Told("too few", (5,)),),
    ),
    Case(
        "quoted CRLF is one line break",
        b'a,b\r\n"x\r\ny",1\r\nz,2\r\nz\r\nz,4\r\n',
        {"a": ["x\ny", "z", "z", "z"], "b": [1, 2, None, 4]},
        (Told("too few", (5,)),),
    ),
]


@by_name(LINE_ENDS)
def test_line_ends(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)
