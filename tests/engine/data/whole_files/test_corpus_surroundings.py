"""Lines above, below and amid the table that are no rows of it."""

from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

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
    file_of,
    file_with,
    renamed,
    rows,
    write,
)
from tests.engine.data.whole_files.corpus_checks import cells_of, check


def described_by(*lines: str) -> bytes:
    return file_with(before=lines)


AROUND = [
    Case("sep=;", file_of("sep=;", "x;y;w", *rows(";")), TABLE, (Told("", (1,)),), spec={"delimiter": ";", "skip_lines": 1}),
    Case("sep=, with decimal points", file_of("sep=,", "x,y,w", *rows()), TABLE, (Told("", (1,)),), spec={"delimiter": ","}),
    Case(
        "sep= a letter, which is no delimiter",
        file_of("sep=D", "x;y;w", *rows(";")),
        TABLE,
        (Told("", (1,)),),
        spec={"delimiter": ";", "skip_lines": 1},
    ),
    Case("sep= a tab", file_of("sep=\t", "x\ty\tw", *rows("\t")), TABLE, (Told("", (1,)),), spec={"delimiter": "\t"}),
    Case(
        "sep=| among commas",
        file_of("sep=|", "x|y|w", *rows("|", word="{}, dark, matt")),
        {**TABLE, "w": [f"{w}, dark, matt" for w in W]},
        (Told("", (1,)),),
        spec={"delimiter": "|"},
    ),
    Case("sep=; in quotes", file_of('"sep=;"', "x;y;w", *rows(";")), TABLE, (Told("", (1,)),), spec={"delimiter": ";"}),
    Case(
        "sep=; after a byte order mark, CRLF",
        b"\xef\xbb\xbf" + file_of("sep=;", "x;y;w", *rows(";"), end="\r\n"),
        TABLE,
        (Told("", (1,)),),
        spec={"delimiter": ";"},
    ),
    Case("SEP=;", file_of("SEP=;", "x;y;w", *rows(";")), TABLE, (Told("", (1,)),), spec={"delimiter": ";"}),
    Case(
        "sep=; without a header",
        file_of("sep=;", *rows(";")),
        renamed("column 1", "column 2", "column 3"),
        (Told("", (1,)),),
        spec={"header": False},
    ),
    Case("comment lines: #", described_by("# lengths in m", "#", "# by hand, twice, in 2020"), TABLE, (Told("", (1, 2, 3)),)),
    Case("comment lines: %", described_by("% lengths in m", "% by hand, twice, in 2020"), TABLE, (Told("", (1, 2)),)),
    Case("comment lines: //", described_by("// lengths in m", "// by hand, twice, in 2020"), TABLE, (Told("", (1, 2)),)),
    Case("comment lines and a blank one", described_by("# lengths in m", ""), TABLE, (Told("", (1, 2)),)),
    Case("a title and a blank line", described_by("Measurements of 2020", ""), TABLE, (Told("", (1, 2)),)),
    Case("a title", described_by("Measurements of 2020"), TABLE, (Told("", (1,)),)),
    Case(
        "three lines of title", described_by("Measurements of 2020", "made by hand", "in Zürich"), TABLE, (Told("", (1, 2, 3)),)
    ),
    Case("a title with delimiters after it", described_by("Measurements of 2020,,", ",,"), TABLE, (Told("", (1, 2)),)),
    Case(
        "forty lines of comment",
        described_by(*(f"# line {n}, of forty" for n in range(1, 41))),
        TABLE,
        (Told("", tuple(range(1, 41))),),
    ),
    Case(
        "comment lines amid the data",
        file_with(row_4="# checked\n" + rows()[4], row_9="# twice, by hand, again\n" + rows()[9]),
        TABLE,
        (Told("comment", (6, 12)),),
        spec={"comment": "#"},
    ),
    Case(
        "comment lines everywhere",
        file_with(before=("# a",), row_4="# b, c\n" + rows()[4], after=("# the end",)),
        TABLE,
        (Told("", (1,)), Told("", (7, N_ROWS + 4))),
        spec={"comment": "#"},
    ),
    Case(
        "a source below the table",
        file_with(after=("", "Source: the office, 2020")),
        TABLE,
        (Told("", (N_ROWS + 2, N_ROWS + 3)),),
    ),
    Case(
        "three lines below the table",
        file_with(after=("Source: the office", "Made in 2020", "End of report")),
        TABLE,
        (Told("after|below|foot|end", (N_ROWS + 2, N_ROWS + 3, N_ROWS + 4)),),
        spec={"footer_lines": 3},
    ),
    Case(
        "one word below the table",
        file_with(after=("END",)),
        TABLE,
        (Told("after|below|foot|end", (N_ROWS + 2,)),),
        spec={"footer_lines": 1},
    ),
    Case(
        "PostgreSQL's count of rows",
        file_with(after=(f"({N_ROWS} rows)",)),
        TABLE,
        (Told("after|below|foot|end", (N_ROWS + 2,)),),
        spec={"footer_lines": 1},
    ),
    Case(
        "a title above and a source below",
        file_with(before=("Measurements", ""), after=("", "Source: the office")),
        TABLE,
        (Told("", (1, 2)), Told("", (N_ROWS + 4, N_ROWS + 5))),
    ),
]


@by_name(AROUND)
def test_lines_around_the_table(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


@pytest.mark.parametrize("total", ["Total,190,", "Total,,", "Sum:,190"])
def test_a_line_of_totals_is_no_row_in_silence(total: str, tmp_path: Path) -> None:
    table = read_table(write(tmp_path, file_with(after=(total,))))
    assert any(N_ROWS + 2 in repair.lines for repair in table.repairs), table.report
    assert cells_of(table, "x")[:N_ROWS] == X


def test_a_header_behind_a_hash_sign(tmp_path: Path) -> None:
    """As numpy's savetxt writes it: the names are found, or kept as they stand, or the line is told."""
    table = read_table(write(tmp_path, file_with("# x,y,w")))
    assert [cells_of(table, name) for name in table.names] == [X, Y, W]
    assert table.names[0] in ("x", "# x") or any(1 in repair.lines for repair in table.repairs), table.report


def test_words_with_a_hash_sign_do_not_vanish_in_silence(tmp_path: Path) -> None:
    words = [f"{'#' if n % 4 == 0 else ''}song {n}" for n in range(N_ROWS)]
    table = read_table(write(tmp_path, file_of("song,y", *(f"{word},{n * 3 % 7}" for n, word in enumerate(words)))))
    lost = {n + 2 for n in range(N_ROWS) if n % 4 == 0}
    assert cells_of(table, "song") == words or lost <= {line for repair in table.repairs for line in repair.lines}


def test_a_late_comment_does_not_vanish_or_become_a_row_in_silence(tmp_path: Path) -> None:
    content = file_of(
        "x,y", *(f"{n}.5,{n % 7}" for n in range(1000)), "# a late remark", *(f"{n}.5,{n % 7}" for n in range(10))
    )
    table = read_table(write(tmp_path, content))
    assert any(1002 in repair.lines for repair in table.repairs), table.report


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer], ids=["iris", "wine", "breast cancer"])
def test_scikit_learns_own_files_with_a_first_line_of_facts(load, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The first line, such as "150,4,setosa,versicolor,virginica", is neither names nor a row."""
    name = load.__name__.removeprefix("load_")
    file_name = "wine_data.csv" if name == "wine" else f"{name}.csv"
    content = resources.files("sklearn.datasets.data").joinpath(file_name).read_bytes()
    X_right, y_right = load(return_X_y=True)
    table = read_table(write(tmp_path, content))
    assert any(repair.line == 1 and repair.lines == (1,) for repair in table.repairs), table.report
    assert len(table.names) == X_right.shape[1] + 1
    for index, cells in enumerate(table.columns):
        assert isinstance(cells, np.ndarray)
        np.testing.assert_array_equal(cells, np.column_stack([X_right, y_right])[:, index])
    assert "setosa" not in table.names
    assert "benign" not in table.names
