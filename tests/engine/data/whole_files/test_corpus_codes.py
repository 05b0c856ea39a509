"""What is missing, yes and no, identifiers: cells that only look like numbers or words."""

from pathlib import Path

import pytest

from engine.data.cells import CodedText
from engine.data.columns.suggestion import describe_columns, suggest
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import Case, Cell, Told, column_file, column_table, file_of, write
from tests.engine.data.whole_files.corpus_checks import cells_of, check

LATE = 400
"""A row beyond those from which a file is recognised."""


@pytest.mark.parametrize("late", ["00501", "12345678901234567890", "9007199254740993", "000"])
def test_a_late_code_of_digits_is_not_rounded_in_silence(late: str, tmp_path: Path) -> None:
    """Postal codes: the first with a leading zero may stand in row 400."""
    cells = [str(10000 + n * 7919 % 80000) for n in range(LATE)] + [late] + ["10115"] * 5
    table = read_table(write(tmp_path, column_file(*cells, name="zip")))
    if isinstance(table.columns[0], CodedText):
        assert cells_of(table, "zip") == cells
    else:
        assert any(LATE + 2 in repair.lines for repair in table.repairs), table.report


MISSING = [
    "",
    "?",
    ".",
    "-",
    "--",
    "~",
    "NA",
    "N/A",
    "n/a",
    "N.A.",
    "n.a.",
    "#N/A",
    "NaN",
    "nan",
    "NAN",
    "null",
    "NULL",
    "None",
]


@pytest.mark.parametrize("token", MISSING, ids=repr)
def test_each_sign_for_missing(token: str, tmp_path: Path) -> None:
    content = file_of(
        "x,word,y", *(f"{n}.5,{'ab'[n % 2]},{n * n % 7}" for n in range(20)), f"{token},{token},{token}", "1.5,a,1"
    )
    columns: dict[str, list[Cell]] = {
        "x": [*(n + 0.5 for n in range(20)), None, 1.5],
        "word": [*("ab" * 10), None, "a"],
        "y": [*(float(n * n % 7) for n in range(20)), None, 1],
    }
    if token == "":  # a row of delimiters only is no row
        columns = {name: [*cells[:20], cells[21]] for name, cells in columns.items()}
        check(Case(token, content, columns, (Told("without any value|blank|empty", (22,)),)), tmp_path)
    else:
        check(Case(token, content, columns), tmp_path)


def test_a_column_with_nothing_in_it(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, file_of("a,b,c", "1,,x", "2,NA,y", "3,?,x")))
    empty = describe_columns(table)[1]
    assert (empty.name, empty.kind, empty.missing, empty.distinct) == ("b", "empty", 3, 0)


YES_AND_NO = [
    ("true", "false"),
    ("True", "False"),
    ("TRUE", "FALSE"),
    ("yes", "no"),
    ("Yes", "No"),
    ("YES", "NO"),
    ("y", "n"),
    ("Y", "N"),
    ("t", "f"),
    ("T", "F"),
]


@pytest.mark.parametrize(("yes", "no"), YES_AND_NO)
def test_booleans_in_words(yes: str, no: str, tmp_path: Path) -> None:
    cells: list[Cell] = [yes, no, no, None, yes, no, yes, yes] * 3
    content = file_of("done,x", *(f"{cell or ''},{n}.5" for n, cell in enumerate(cells)))
    case = Case(yes, content, {"done": cells, "x": [n + 0.5 for n in range(24)]}, kinds={"done": "boolean"})
    check(case, tmp_path)


def test_booleans_as_zero_and_one(tmp_path: Path) -> None:
    content = file_of("done,x", *(f"{n * n % 3},{n}.5" for n in range(24)))
    expected: list[Cell] = [n * n % 3 for n in range(24)]
    check(Case("0 1", content, {"done": expected, "x": [n + 0.5 for n in range(24)]}, kinds={"done": "boolean"}), tmp_path)


IDENTIFIERS = {
    "leading zeros": [f"{n:04d}" for n in range(20)],
    "leading zeros, all of them short": ["01", "02", "07", "09", "10", "11", "12", "13"],
    "20 digits": [str(10**19 + 3 * n) for n in range(20)],
    "17 digits": [str(2**53 + 1 + 2 * n) for n in range(20)],
    "20 digits with a minus": [str(-(10**19) - n) for n in range(20)],
    "telephone numbers": [f"+49 30 {1000 + n}" for n in range(20)],
    "telephone numbers without spaces": [f"0049301234{n:03d}" for n in range(20)],
    "hexadecimal": [f"{n * 7919 % 65536:04x}f" for n in range(20)],
    "ISBN": [f"978-3-16-1484{n:02d}-0" for n in range(20)],
    "versions": [f"1.{n}.0" for n in range(20)],
    "addresses": [f"192.168.1.{n}" for n in range(20)],
    "times": [f"12:{n:02d}" for n in range(20)],
    "words": [f"row{n}" for n in range(20)],
}


@pytest.mark.parametrize("what", IDENTIFIERS)
def test_identifiers_stay_as_they_are_written(what: str, tmp_path: Path) -> None:
    cells = IDENTIFIERS[what]
    table = check(Case(what, column_file(*cells, name="code"), column_table(*cells, name="code")), tmp_path)
    assert "code" not in suggest(describe_columns(table), "count").features or describe_columns(table)[0].kind == "category"


def test_row_numbers_are_identifiers(tmp_path: Path) -> None:
    content = file_of("id,x,y", *(f"{n + 1},{n * n % 11}.5,{'ab'[n % 2]}" for n in range(40)))
    table = read_table(write(tmp_path, content))
    assert describe_columns(table)[0].kind == "identifier"
    assert "id" not in suggest(table, "y").features
