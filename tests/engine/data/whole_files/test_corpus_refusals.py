"""Files that are no tables of text: each refused before it is parsed, in a sentence that says what it is."""

import io
import sqlite3
import zipfile
from pathlib import Path

import pytest

from engine.data.columns.suggestion import describe_columns
from engine.data.errors import DataError
from engine.data.inspect import inspect_file
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import Refusal, by_name, file_of, text, write
from tests.engine.data.whole_files.corpus_checks import check_refused, check_sentence, read_or_refusal

BINARY = bytes(range(256)) * 40


def office_file(*members: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name in members:
            file.writestr(name, "<xml/>\n")
    return archive.getvalue()


def database(folder: Path) -> bytes:
    path = folder / "made.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("create table t (a, b)")
    connection.execute("insert into t values (1, 2)")
    connection.commit()
    connection.close()
    return path.read_bytes()


def wide(n_columns: int) -> bytes:
    row = ",".join("1" for _ in range(n_columns))
    return file_of(",".join(f"c{n}" for n in range(n_columns)), row, row)


CONTENT = [
    Refusal("0 bytes", b"", "empty"),
    Refusal("a byte order mark only", b"\xef\xbb\xbf", "empty|no (row|table|line)"),
    Refusal("a UTF-16 byte order mark only", b"\xff\xfe", "empty|no (row|table|line)"),
    Refusal("blank lines only", b"\n\n  \n\t\n", "empty|blank|no (row|table|value|line)"),
    Refusal("very many blank lines", b"\r\n" * 10_000, ": the file has no row with a value"),
    Refusal("comment lines only", b"# a\n# b\n# c\n", "empty|comment|no (row|table|value|line)"),
    Refusal("a line sep= only", b"sep=;\n", "empty|no (row|table|value|line)|sep="),
    Refusal("PNG", b"\x89PNG\r\n\x1a\n" + BINARY, "PNG"),
    Refusal("JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + BINARY, "JPEG|not text|picture|binary"),
    Refusal("ZIP of Excel", office_file("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"), "Excel|XLSX"),
    Refusal("ZIP of OpenDocument", office_file("mimetype", "content.xml", "styles.xml"), "zip|OpenDocument|spreadsheet"),
    Refusal("Parquet", b"PAR1" + BINARY + b"PAR1", "Parquet"),
    Refusal("PDF", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + BINARY, "PDF"),
    Refusal("PDF of text only", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog, /Pages 2 0 R >>\nendobj\n", "PDF"),
    Refusal("old Excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + BINARY, "Excel|XLS"),
    Refusal("HDF5", b"\x89HDF\r\n\x1a\n" + BINARY, "HDF5"),
    Refusal("random bytes", bytes((7 * n * n + 13 * n) % 251 for n in range(20_000)), "not text|no text|binary|control"),
    Refusal("zeros", bytes(5000), "not text|no text|binary|control|NUL|empty|line"),
    Refusal("no line break in 256 KiB", b"1234567," * 40_000, "line break|columns"),
    Refusal("no line break in 256 KiB, then one", b"12345678" * 40_000 + b"\n1\n2\n", "line break"),
    Refusal("8,193 columns", wide(8193), "8,193.*column.*8,192|8,192.*column"),
    Refusal("10,000 columns", wide(10_000), "10,000.*column|8,192.*column"),
]


@by_name(CONTENT)
def test_what_is_no_table_of_text_is_refused(case: Refusal, tmp_path: Path) -> None:
    path = write(tmp_path, case.content, "file.csv")
    with pytest.raises(DataError, match=f"(?i){case.says}") as refused:
        read_table(path)
    check_sentence(str(refused.value))
    assert "file.csv" in str(refused.value)


def test_an_sqlite_database_is_refused(tmp_path: Path) -> None:
    check_refused(Refusal("SQLite", database(tmp_path), "SQLite"), tmp_path)


def test_8_192_columns_are_read(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, wide(8192)))
    assert (len(table.names), table.n_rows, table.names[-1]) == (8192, 2, "c8191")


ROWS = [f"{n},word {n % 3}" for n in range(1000)]


def unclosed(row: int, cell: str = '"word') -> bytes:
    rows = list(ROWS)
    rows[row] = f"{row},{cell}"
    return file_of("n,w", *rows)


UNCLOSED = [
    Refusal("in the first row", unclosed(0), "quot", 2),
    Refusal("in the last row", unclosed(999), "quot", 1001),
    Refusal("beyond the first 300 rows", unclosed(700), "quot", 702),
    Refusal("in the header", file_of('n,"w', *ROWS), "quot", 1),
    Refusal("below a comment", file_of("# by hand", "# twice", *unclosed(20).decode().splitlines()), "quot", 24),
    Refusal("in a file of CR line ends", unclosed(700).replace(b"\n", b"\r"), "quot", 702),
]


@by_name(UNCLOSED)
def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_line(case: Refusal, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


STRAY = {
    "closed 500 rows later": file_of("n,w", *ROWS[:100], '100,"word', *ROWS[101:600], '600,word"', *ROWS[601:]),
    "closed by the next quoted cell": unclosed(100).replace(b"500,word 2", b'500,"word 2"'),
    "closed by a cell of two lines": unclosed(100).replace(b"500,word 2", b'500,"word\n2"'),
}


@pytest.mark.parametrize("what", STRAY)
def test_rows_do_not_vanish_into_one_cell_unsaid(what: str, tmp_path: Path) -> None:
    """A stray quotation mark in line 102 that another one closes much later."""
    outcome = read_or_refusal(write(tmp_path, STRAY[what]))
    if isinstance(outcome, DataError):
        assert outcome.line == 102, str(outcome)
    else:
        assert any(102 in repair.lines for repair in outcome.repairs), outcome.report


def test_rows_that_fit_no_table_are_refused_with_the_first_line(tmp_path: Path) -> None:
    rows = [",".join("abcdefgh"[: 1 + n * n % 7]) for n in range(40)]
    with pytest.raises(DataError) as refused:
        read_table(write(tmp_path, file_of("a,b,c,d,e,f,g", *rows)))
    assert refused.value.line is not None
    check_sentence(str(refused.value))


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.csv", tmp_path):
        for read in (read_table, inspect_file):
            with pytest.raises(DataError) as refused:
                read(path)
            check_sentence(str(refused.value))
            assert path.name in str(refused.value)


def test_a_file_of_one_row_and_one_column_is_a_table(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b"1\n"))
    assert (table.n_rows, len(table.names)) in {(1, 1), (0, 1)}
    assert len(describe_columns(table)) == 1


def test_the_sentence_names_lines_above_a_thousand_readably(tmp_path: Path) -> None:
    rows = ROWS * 30
    rows[12_344] = '1,"x'
    with pytest.raises(DataError, match="line 12,346") as refused:
        read_table(write(tmp_path, text("n,w", *rows).encode()))
    assert refused.value.line == 12_346
