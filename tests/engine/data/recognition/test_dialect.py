import json
from pathlib import Path

import numpy as np
import pytest

from engine.data.errors import DataError
from engine.data.import_spec import ColumnSpec, ImportSpec
from engine.data.numerals import Numerals, recognise_numerals
from engine.data.recognition.dialect import recognise, sniff
from engine.data.table import read_table

ROWS = [["height", "town"], ["1.5", "Ulm"], ["2.5", "Bonn"], ["3.5", "Köln"]]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
def test_each_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path / "t.csv", "\n".join(delimiter.join(row) for row in ROWS))
    table = read_table(path)
    assert table.spec.delimiter == delimiter
    assert table.names == ("height", "town")
    assert table.preview() == ROWS[1:]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_each_line_end_is_read(tmp_path: Path, line_end: str) -> None:
    path = write(tmp_path / "t.csv", line_end.join(",".join(row) for row in ROWS) + line_end)
    assert read_table(path).preview() == ROWS[1:]


def test_columns_lined_up_with_spaces_and_tabs_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", '  1.0   20  \t"a b"\n 15.5    3   "c"\n  2.0  100\t"d ""e"" f"\n')
    assert read_table(path).preview() == [["1", "20", "a b"], ["15.5", "3", "c"], ["2", "100", 'd "e" f']]


def test_decimal_commas_and_semicolons(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "x;y\n1,5;2\n2,25;1.234,5\n-0,5;3\n")
    table = read_table(path)
    assert (table.spec.delimiter, table.spec.decimal, table.spec.thousands) == (";", ",", ".")
    assert table.preview() == [["1.5", "2"], ["2.25", "1234.5"], ["-0.5", "3"]]


@pytest.mark.parametrize("mark", [*" #%,;-.\\_|~\t§", *"D1\"'é\x01"])
def test_what_the_first_line_names_is_obeyed_where_it_is_a_delimiter(tmp_path: Path, mark: str) -> None:
    body = ["a;b;c", "0,5;1,25;0 %", "1,5;2,25;3 %"]
    path = write(tmp_path / "t.csv", "\n".join([f"sep={mark}", "# by hand", *body]))
    recognised = recognise(path)
    recognised.spec.check()
    is_one = (mark == "\t" or mark.isprintable()) and not mark.isalnum() and mark not in "\"'"
    assert recognised.spec.delimiter == (mark if is_one else ";")
    assert recognised.spec.skip_lines >= 1
    assert ("is no delimiter" in recognised.reasons["skip_lines"]) is not is_one
    read_table(path, recognised.spec)


def test_decimal_commas_in_cells_lined_up_with_spaces(tmp_path: Path) -> None:
    rows = ["red \"light blue\" 5'653'742,18", "dark-blue red 513'775,07", "\"yes please\" green 7'383'788,87"] * 10
    table = read_table(write(tmp_path / "t.csv", "\n".join(["kappa iota delta", *rows])))
    assert (table.spec.delimiter, table.spec.decimal, table.spec.thousands) == (" ", ",", "'")
    assert table.names == ("kappa", "iota", "delta")
    assert table.preview()[0] == ["red", "light blue", "5653742.18"]
    of_towns = "zip and town,age\n10115 Berlin,35\n89073 Ulm,40\n53111 Bonn,45\n"
    assert sniff(write(tmp_path / "t.csv", of_towns)).delimiter == ","


@pytest.mark.parametrize(
    ("row", "delimiter"),
    [
        ("green 1932-05-26 6.565.443,04", " "),
        ("red 5.5 1,25", " "),
        ("Ulm 89073,35", ","),
        ("May 12 2020,35", ","),
        ("room 3 of 12,35", ","),
        ("2021-05-26 10:30,5", ","),
        ("red 5.5,1.25", ","),
    ],
)
def test_commas_without_names_above_them(row: str, delimiter: str, tmp_path: Path) -> None:
    assert sniff(write(tmp_path / "t.csv", f"{row}\n" * 20)).delimiter == delimiter


@pytest.mark.parametrize("n_rows", [6, 20_000])
def test_the_last_row_may_have_line_breaks_in_a_quoted_cell(tmp_path: Path, n_rows: int) -> None:
    rows = [f'{n},{n}.5,"several\nwords{n}",{n}.25' for n in range(n_rows - 1)] + ['1,2.5,"x\n\nsome more\n#4p",3.25']
    path = write(tmp_path / "t.csv", "\n".join(["# made by hand, part 0", "a,b,c,d", *rows]))
    recognised = recognise(path).spec
    assert (recognised.delimiter, recognised.comment, recognised.footer_lines) == (",", "#", 0)
    table = read_table(path)
    assert table.n_rows == n_rows
    assert [repair.what for repair in table.repairs] == ["1 line before the table: skipped."]
    path.write_text(path.read_text(encoding="utf-8") + "\n\nSource: us\n", encoding="utf-8")
    assert recognise(path).spec.footer_lines == 1
    assert read_table(path).n_rows == n_rows


def test_a_total_is_recognised_below_rows_with_escaped_quotation_marks(tmp_path: Path) -> None:
    rows = [f'"say \\"{n}", so",{n}.5,{n}' for n in range(5000)]
    path = write(tmp_path / "t.csv", "\n".join(["a,b,c", *rows, "Total,9,9"]))
    assert recognise(path).spec.footer_lines == 1
    assert read_table(path).n_rows == 5000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\r\n" * 10_000, "t.csv: the file has no row with a value; choose"),
        (" \n\t\n", "t.csv: the file has no row with a value; choose"),
        ("sep=;\n", "t.csv: the file has no row with a value; choose"),
        ("# a\n\n# b\n", "comments only, no row with a value"),
    ],
)
def test_a_file_without_rows_is_refused_as_what_it_is(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        recognise(write(tmp_path / "t.csv", text))


def test_thousands_inside_quotes(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", 'x,y\n"1,234,567.5",1\n"12,345",2\n9,3\n')
    table = read_table(path)
    assert (table.spec.decimal, table.spec.thousands) == (".", ",")
    assert [row[0] for row in table.preview()] == ["1234567.5", "12345", "9"]


@pytest.mark.parametrize(
    ("cells", "delimiter", "numerals"),
    [
        (["3,5", "12"], ";", Numerals(",")),
        (["1,234", "2,500"], ";", Numerals(",")),
        (["1,234", "2,500"], "\t", Numerals(".", ",")),
        (["1.234", "2.500"], ",", Numerals(".")),
        (["1.234,5"], ";", Numerals(",", ".")),
        (["1'234.5"], ",", Numerals(".", "'")),
        (["1 234,5"], ";", Numerals(",", " ")),
        (["0,125"], "|", Numerals(",")),
        (["Ulm", "2015-01-31"], ",", Numerals(".")),
    ],
)
def test_the_way_numbers_are_written(cells: list[str], delimiter: str, numerals: Numerals) -> None:
    assert recognise_numerals(cells, delimiter) == numerals


def test_what_is_a_number_and_what_is_not() -> None:
    plain = Numerals()
    cells = ["1", "-2.5", "+3", ".5", "5.", "1e3", "\u22124", "12 %", "$7", "-$7", "8 €"]
    assert [plain.parse(cell) for cell in cells] == [1.0, -2.5, 3.0, 0.5, 5.0, 1000.0, -4.0, 12.0, 7.0, -7.0, 8.0]
    assert [plain.parse(cell) for cell in ["", "-", "a", "nan", "1_000", "0x10", "1,5", "1 2"]] == [None] * 8
    assert [plain.parse(cell) for cell in ["1e400", "-inf"]] == [np.inf, -np.inf]
    assert Numerals(",", ".").parse("1.234,5") == 1234.5
    assert Numerals(".", ",").parse("1,23") is None


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,b\n1,2\n3,4\n", True),
        ("1,2\n3,4\n5,6\n", False),
        ("5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n6.3,2.9,Iris-virginica\n", False),
        ("country,2015\nA,1.5\nB,2.5\nC,70.25\n", True),  # a year names a column
        ("2013,2014,2015\n1.5,2.5,3\n70,80,90\n", True),
        ("id,1,2,3\n7,1,2,3\n8,4,5,6\n9,7,8,9\n", True),
        ("name,town\nAnn,Ulm\nBob,Bonn\n", True),
        ("yes,no\nno,no\nyes,yes\nno,yes\n", False),
        ("a,,b\n1,2,3\n4,5,6\n", True),
        ("a,b\n", True),
        ("1,2\n", False),
        ("NA,1\n2,3\n4,5\n", False),
    ],
)
def test_whether_the_first_row_is_a_header(tmp_path: Path, text: str, header: bool) -> None:
    assert sniff(write(tmp_path / "t.csv", text)).header is header


def test_sep_line_of_a_spreadsheet(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "t.csv", "sep=;\na;b\n1;2\n3;4\n"))
    assert (table.spec.delimiter, table.spec.skip_lines) == (";", 1)
    assert table.preview() == [["1", "2"], ["3", "4"]]
    assert table.repairs[0].what == "1 line before the table: skipped."


def test_comments_and_title_before_the_table(tmp_path: Path) -> None:
    comments = read_table(write(tmp_path / "c.csv", "# made by hand\n# see, the, notes\n\na,b,c\n1,2,3\n4,5,6\n"))
    assert (comments.spec.skip_lines, comments.names, comments.n_rows) == (3, ("a", "b", "c"), 2)
    title = read_table(write(tmp_path / "t.csv", "Sales of the year\n\na,b,c\n1,2,3\n4,5,6\n7,8,9\n"))
    assert (title.spec.skip_lines, title.names, title.n_rows) == (2, ("a", "b", "c"), 3)
    counts = read_table(write(tmp_path / "n.csv", "569,30,benign\n" + "1,2,3,4,5\n" * 9))
    assert (counts.spec.skip_lines, counts.spec.header, counts.n_rows) == (1, False, 9)


@pytest.mark.parametrize("text", ["# x,y\n1,2\n3,4\n", "# x y\n1 2\n3 4\n", "#x,y\n1,2\n3,4\n"])
def test_a_comment_may_name_the_columns(tmp_path: Path, text: str) -> None:
    table = read_table(write(tmp_path / "t.csv", text))
    assert table.names == ("x", "y")
    assert table.preview() == [["1", "2"], ["3", "4"]]


def test_single_quotation_marks(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "t.csv", "0.5,'-1'\n0.6,'1'\n0.7,'-1'\n"))
    assert table.spec.quote == "'"
    assert table.preview() == [["0.5", "-1"], ["0.6", "1"], ["0.7", "-1"]]


def test_a_given_spec_is_obeyed(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "a;b\n1,5;x\n-999;y\n")
    spec = ImportSpec(delimiter=";", decimal=",", header=False, skip_lines=1, missing=("-999",))
    table = read_table(path, spec)
    assert table.names == ("column 1", "column 2")
    assert table.preview() == [["1.5", "x"], ["", "y"]]


def test_a_spec_goes_through_json() -> None:
    spec = ImportSpec(
        encoding="cp1252",
        compression="gzip",
        delimiter=";",
        quote=None,
        decimal=",",
        thousands=".",
        header=False,
        skip_lines=3,
        comment="#",
        footer_lines=2,
        missing=("", "x"),
        date_order="day",
        columns=(ColumnSpec("a", "text"), ColumnSpec("b", None, "target")),
    )
    assert ImportSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) == spec
