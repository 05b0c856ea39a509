"""Rows and headers that do not fit."""

from pathlib import Path

import pytest

from engine.data.errors import DataError
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import (
    N_ROWS,
    TABLE,
    Case,
    Told,
    W,
    X,
    Y,
    by_name,
    changed,
    file_of,
    file_with,
    renamed,
    rows,
    without,
    write,
)
from tests.engine.data.whole_files.corpus_checks import cells_of, check, read_or_refusal

ALL = tuple(range(2, N_ROWS + 2))

ROWS = [
    Case(
        "trailing delimiters in all rows",
        file_of("x,y,w,", *rows(after=",")),
        TABLE,
        (Told("delimiter"),),
        spec={"delimiter": ","},
    ),
    Case("two trailing delimiters in all rows", file_of("x;y;w;;", *rows(";", after=";;")), TABLE, (Told("delimiter"),)),
    Case("trailing tabs in all rows", file_of("x\ty\tw\t", *rows("\t", after="\t")), TABLE, (Told("delimiter"),)),
    Case("trailing delimiters in data rows only", file_of("x,y,w", *rows(after=",")), TABLE, (Told("delimiter", ALL),)),
    Case("two trailing delimiters in data rows only", file_of("x,y,w", *rows(after=",,")), TABLE, (Told("delimiter", ALL),)),
    Case(
        "a trailing delimiter in some rows",
        file_with(row_3="1.25,2,red,", row_9="2.25,3,blue,,"),
        {
            "x": [*X[:3], 1.25, *X[4:9], 2.25, *X[10:]],
            "y": [*Y[:3], 2, *Y[4:9], 3, *Y[10:]],
            "w": [*W[:3], "red", *W[4:9], "blue", *W[10:]],
        },
        (Told("delimiter", (5, 11)),),
    ),
    Case(
        "short rows",
        file_with(row_2="1.25,2", row_20="2.25"),
        {
            "x": [*X[:2], 1.25, *X[3:20], 2.25, *X[21:]],
            "y": [*Y[:2], 2, *Y[3:20], None, *Y[21:]],
            "w": [*W[:2], None, *W[3:20], None, *W[21:]],
        },
        (Told("2 rows.*too few", (4, 22)),),
    ),
    Case(
        "long rows",
        file_with(row_2=f"{X[2]},{Y[2]},{W[2]},9", row_20=f"{X[20]},{Y[20]},{W[20]},8,7"),
        TABLE,
        (Told("2 rows.*too many", (4, 22)),),
    ),
    Case(
        "short and long rows",
        file_with(row_2=f"{X[2]},{Y[2]}", row_20=f"{X[20]},{Y[20]},{W[20]},8,7"),
        changed("w", row_2=None),
        (Told("too few", (4,)), Told("too many", (22,))),
    ),
    Case("blank lines", file_with(row_2=rows()[2] + "\n", row_9="\n\n" + rows()[9]), TABLE, (Told("3 .*", (5, 12, 13)),)),
    Case(
        "lines of spaces and tabs",
        file_with(row_2=rows()[2] + "\n   ", row_9=rows()[9] + "\n\t \t"),
        TABLE,
        (Told("2 .*", (5, 13)),),
    ),
    Case("rows of delimiters only", file_with(row_2=",,", row_9=" , ,"), without(2, 9), (Told("2 rows", (4, 11)),)),
    Case("a blank line before the table", file_with(before=("",)), TABLE, (Told("", (1,)),)),
    Case("blank lines at the end", file_with(after=("", "", "")), TABLE, may_tell="without any value|blank|empty"),
    Case(
        "a row of missing signs is a row",
        file_with(row_4="NA,?,-"),
        {name: [*cells[:4], None, *cells[5:]] for name, cells in TABLE.items()},
    ),
    Case(
        "the same row twice is two rows",
        file_with(row_4=rows()[3]),
        {name: [*cells[:4], cells[3], *cells[5:]] for name, cells in TABLE.items()},
    ),
    Case(
        "NUL bytes",
        file_with(row_4=f"{X[4]},{Y[4]},light\0 green", row_6=f"{X[6]}\0,{Y[6]},{W[6]}"),
        TABLE,
        (Told("NUL", (6, 8)),),
    ),
    Case("surplus cells that are missing", file_with(row_4=rows()[4] + ",NA"), TABLE, (Told("too many", (6,)),)),
]


@by_name(ROWS)
def test_rows(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


def test_the_end_mark_of_old_systems_is_told(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, file_of("x,y,w", *rows()) + b"\x1a"))
    assert cells_of(table, "x")[:N_ROWS] == X
    assert table.n_rows == N_ROWS or any(N_ROWS + 2 in repair.lines for repair in table.repairs), table.report


HEADERS = [
    Case(
        "the same name three times",
        file_with("a,a,a"),
        renamed("a", "a (2)", "a (3)"),
        (Told("column 2.*'a \\(2\\)'"), Told("column 3.*'a \\(3\\)'")),
    ),
    Case("names that differ in case are different", file_with("a,A,w"), renamed("a", "A", "w")),
    Case("an empty name", file_with("x,,w"), renamed("x", "column 2", "w"), (Told("column 2.*no name"),)),
    Case("a name of spaces", file_with("x,  ,w"), renamed("x", "column 2", "w"), (Told("column 2.*no name"),)),
    Case("a lone year in the header", file_with("x,2015,w"), renamed("x", "2015", "w"), spec={"header": True}),
    Case(
        "years in the header",
        file_of("country,2010,2011,2012", *(f"land {n},{n * 37.5},{n * 38.5},{n * 39.25}" for n in range(N_ROWS))),
        {
            "country": [f"land {n}" for n in range(N_ROWS)],
            "2010": [n * 37.5 for n in range(N_ROWS)],
            "2011": [n * 38.5 for n in range(N_ROWS)],
            "2012": [n * 39.25 for n in range(N_ROWS)],
        },
        spec={"header": True},
    ),
    Case("numbers that count the columns in the header", file_with("0,1,2"), renamed("0", "1", "2"), spec={"header": True}),
    Case("spaces around the names", file_with(" x , y,w "), renamed("x", "y", "w")),
    Case("names with delimiters and quotes", file_with('"x, in m","the ""y""",w'), renamed("x, in m", 'the "y"', "w")),
    Case(
        "names that are hostile",
        file_with("x'); import os #,=cmd|' /C calc'!A0,{{7*7}}"),
        renamed("x'); import os #", "=cmd|' /C calc'!A0", "{{7*7}}"),
    ),
    Case("a trailing delimiter in the header only", file_with("x,y,w,"), TABLE, may_tell="delimiter"),
    Case("no header, numbers and words", file_of(*rows()), renamed("column 1", "column 2", "column 3"), spec={"header": False}),
    Case(
        "no header, numbers only",
        file_of(*(f"{x},{y}" for x, y in zip(X, Y, strict=True))),
        {"column 1": X, "column 2": Y},
        spec={"header": False},
    ),
    Case(
        "a header above words only",
        file_of("name,colour", *(f"n{n % 5},{w}" for n, w in enumerate(W))),
        {"name": [f"n{n % 5}" for n in range(N_ROWS)], "colour": W},
        spec={"header": True},
    ),
    Case(
        "no header above words only",
        file_of(*(f"n{n % 5},{w}" for n, w in enumerate(W))),
        {"column 1": [f"n{n % 5}" for n in range(N_ROWS)], "column 2": W},
        spec={"header": False},
    ),
    Case("a header only", b"x,y,w\n", {"x": [], "y": [], "w": []}),
    Case(
        "row names as written by R's write.csv",
        file_of('"","x","y","w"', *(f'"{n + 1}",{row}' for n, row in enumerate(rows(word='"{}"')))),
        {"column 1": [n + 1 for n in range(N_ROWS)], **TABLE},
        (Told("column 1.*no name"),),
        kinds={"column 1": "identifier"},
    ),
    Case(
        "row names as written by R's write.table",
        file_of('"x" "y" "w"', *(f'"{n + 1}" {row}' for n, row in enumerate(rows(" ", word='"{}"')))),
        {"column 1": [n + 1 for n in range(N_ROWS)], **TABLE},
        (Told("column 1.*no name"),),
        kinds={"column 1": "identifier"},
    ),
    Case(
        "row names of words as written by R",
        file_of('"x","y","w"', *(f'"car {n}",{row}' for n, row in enumerate(rows(word='"{}"')))),
        {"column 1": [f"car {n}" for n in range(N_ROWS)], **TABLE},
        (Told("column 1.*no name"),),
    ),
    Case(
        "the index as written by pandas",
        file_of(",x,y,w", *(f"{n},{row}" for n, row in enumerate(rows()))),
        {"column 1": list(range(N_ROWS)), **TABLE},
        (Told("column 1.*no name"),),
        kinds={"column 1": "identifier"},
    ),
    Case(
        "the index as read and written by pandas",
        file_of("Unnamed: 0,x,y,w", *(f"{n},{row}" for n, row in enumerate(rows()))),
        {"Unnamed: 0": list(range(N_ROWS)), **TABLE},
        kinds={"Unnamed: 0": "identifier"},
    ),
]


@by_name(HEADERS)
def test_headers(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


@pytest.mark.parametrize("header", ["a,a,a (2)", "a (2),a,a", "column 2,,w", ",column 1,w", "a,a,A", "x,x,x"])
def test_names_are_all_different_and_none_is_empty(header: str, tmp_path: Path) -> None:
    table = read_table(write(tmp_path, file_with(header)))
    assert len(set(table.names)) == 3
    assert all(name.strip() for name in table.names)
    assert [cells_of(table, name) for name in table.names] == [X, Y, W]
    given = header.split(",")
    changed_names = [name for name, was in zip(table.names, given, strict=True) if name != was]
    assert len(changed_names) >= 1 or len(set(given)) == 3
    assert all(any(repr(name) in repair.what for repair in table.repairs) for name in changed_names)


def test_a_header_without_any_name_is_told(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, file_with(",,")))
    assert [cells_of(table, name) for name in table.names] == [X, Y, W]
    assert any(repair.line == 1 for repair in table.repairs), table.report


def test_a_name_of_two_lines(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, file_with('"x\n(m)",y,w', row_3="1.25,2")))
    assert table.names[0] == "x\n(m)" or (table.names[0] == "x (m)" and "x (m)" in table.report)
    assert cells_of(table, "y") == [*Y[:3], 2, *Y[4:]]
    assert [repair.lines for repair in table.repairs if "too few" in repair.what] == [(6,)]


@pytest.mark.parametrize("header", ["x,y", "x"], ids=["one name too few", "two names too few"])
def test_a_header_with_too_few_names_is_told_or_refused(header: str, tmp_path: Path) -> None:
    outcome = read_or_refusal(write(tmp_path, file_with(header)))
    if isinstance(outcome, DataError):
        assert outcome.line in (1, 2)
    else:
        assert outcome.repairs
        assert cells_of(outcome, outcome.names[-1]) in (W, Y, X)


def test_a_header_with_too_many_names_is_told_or_refused(tmp_path: Path) -> None:
    outcome = read_or_refusal(write(tmp_path, file_with("x,y,w,z")))
    if isinstance(outcome, DataError):
        assert outcome.line in (1, 2)
    else:
        assert outcome.repairs
        assert cells_of(outcome, "w") == W
