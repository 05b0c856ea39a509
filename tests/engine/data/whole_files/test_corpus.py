"""The 33 awkward files on which readers of tables were compared: each read right, or refused in words.

With their defaults, DuckDB got 20 of them right, pandas 15 and polars 12; the others were mostly read wrongly without a word.
Each file has 40 rows unless it shows a size.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from pathlib import Path

from engine.data.columns.suggestion import describe_columns
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import Case, Refusal, Told, by_name, text, write
from tests.engine.data.whole_files.corpus_checks import cells_of, check, check_refused

N = 40
NUMBERS = [n + 0.5 for n in range(N)]
COUNTS = [n * 3 % 7 for n in range(N)]
WORDS = ["red", "green", "blue", "green"] * 10
TABLE = {"x": NUMBERS, "n": COUNTS, "colour": WORDS}
ROWS = [f"{x},{n},{word}" for x, n, word in zip(NUMBERS, COUNTS, WORDS, strict=True)]
HEADER = "x,n,colour"


def csv(*rows: str, header: str | None = HEADER) -> bytes:
    return text(*(() if header is None else (header,)), *rows).encode()


def replaced(rows: list[str], **changes: str) -> list[str]:
    """Return the rows with some of them changed; `row_5` stands in line 7, below the header."""
    changed = list(rows)
    for name, row in changes.items():
        changed[int(name.removeprefix("row_"))] = row
    return changed


def with_cell(column: str, **cells: float | str | None) -> dict[str, list[float | str | None]]:
    """Return the plain table with some cells of a column changed."""
    changed = list(TABLE[column])
    for name, cell in cells.items():
        changed[int(name.removeprefix("row_"))] = cell
    return {**TABLE, column: changed}


def joined(delimiter: str, rows: Iterable[str] = (HEADER, *ROWS)) -> bytes:
    return text(*(row.replace(",", delimiter) for row in rows)).encode()


GERMAN = text("x;n;colour", *(row.replace(",", ";").replace(".", ",") for row in ROWS)).encode()
ALIGNED = text(
    *(f'{x:8.3f}  {n:3d}   {x * 10:7.1f}   {70 + n}  \t"{word} car"' for x, n, word in zip(NUMBERS, COUNTS, WORDS, strict=True))
).encode()

READ_RIGHT = [
    Case("plain", csv(*ROWS), TABLE, spec={"delimiter": ",", "header": True, "encoding": "utf-8", "decimal": "."}),
    Case("UTF-8 with a byte order mark", codecs.BOM_UTF8 + csv(*ROWS), TABLE),
    Case("UTF-16 little-endian", codecs.BOM_UTF16_LE + csv(*ROWS).decode().encode("utf-16-le"), TABLE),
    Case(
        "Windows-1252",
        csv(*ROWS).decode().replace("green", "grün").replace("colour", "colôur").encode("cp1252"),
        {"x": NUMBERS, "n": COUNTS, "colôur": [word.replace("green", "grün") for word in WORDS]},
        spec={"encoding": "cp1252"},
    ),
    Case("semicolons and decimal commas", GERMAN, TABLE, spec={"delimiter": ";", "decimal": ","}),
    Case("tabs", joined("\t"), TABLE, spec={"delimiter": "\t"}),
    Case("pipes", joined("|"), TABLE, spec={"delimiter": "|"}),
    Case(
        "quoted line breaks",
        csv(*(row.replace("green", '"light\ngreen"') for row in ROWS)),
        {**TABLE, "colour": [word.replace("green", "light\ngreen") for word in WORDS]},
    ),
    Case(
        "a row too short",
        csv(*replaced(ROWS, row_18="18.5,5")),
        with_cell("colour", row_18=None),
        (Told("too few", (20,)),),
    ),
    Case(
        "a row too long",
        csv(*replaced(ROWS, row_18="18.5,5,blue,surplus")),
        TABLE,
        (Told("too many", (20,)),),
    ),
    Case(
        "the same name twice",
        csv(*ROWS, header="x,x,colour"),
        {"x": NUMBERS, "x (2)": COUNTS, "colour": WORDS},
        (Told("'x'.*column 2.*'x \\(2\\)'"),),
    ),
    Case(
        "no header",
        csv(*ROWS, header=None),
        {"column 1": NUMBERS, "column 2": COUNTS, "column 3": WORDS},
        spec={"header": False},
    ),
    Case("a header only", csv(), {"x": [], "n": [], "colour": []}, spec={"header": True}),
    Case(
        "NUL bytes",
        csv(*replaced(ROWS, row_8="8.5,3,r\0ed")),
        with_cell("colour", row_8="red"),
        (Told("NUL", (10,)),),
    ),
    Case(
        "inf, nan, 1e400 and NA",
        csv(
            *replaced(
                ROWS, row_3="inf,2,green", row_4="nan,5,red", row_5="1e400,1,green", row_6="NA,4,blue", row_7="-inf,0,green"
            )
        ),
        with_cell("x", row_3=None, row_4=None, row_5=None, row_6=None, row_7=None),
        (Told("'x'.*3 cells.*(inf|1e400)", (5, 7, 9)),),
    ),
    Case(
        "points for fractions, commas for thousands",
        csv(*(f'"{1_234_567.5 + n:,}",{n},{word}' for n, word in zip(COUNTS, WORDS, strict=True))),
        {"x": [1_234_567.5 + n for n in COUNTS], "n": COUNTS, "colour": WORDS},
        spec={"thousands": ",", "decimal": "."},
    ),
    Case(
        "a delimiter after the last cell of the data rows only",
        csv(*(row + "," for row in ROWS)),
        TABLE,
        (Told("40 rows.*delimiter", tuple(range(2, 42))),),
    ),
    Case(
        "question marks",
        csv(*replaced(ROWS, row_0="?,0,red", row_9="9.5,?,?")),
        {"x": [None, *NUMBERS[1:]], "n": [*COUNTS[:9], None, *COUNTS[10:]], "colour": [*WORDS[:9], None, *WORDS[10:]]},
    ),
    Case("CR line ends", csv(*ROWS).replace(b"\n", b"\r"), TABLE),
    Case(
        "comment lines before the table",
        b"# made by hand, in 2020\n# all lengths in m\n" + csv(*ROWS),
        TABLE,
        (Told("2 (comment )?lines", (1, 2)),),
    ),
    Case("a space after each comma", joined(", "), TABLE, spec={"delimiter": ","}),
    Case(
        "leading zeros",
        csv(*(f"{n:05d},{n},{word}" for n, word in enumerate(WORDS)), header="zip,n,colour"),
        {"zip": [f"{n:05d}" for n in range(N)], "n": list(range(N)), "colour": WORDS},
        kinds={"zip": "identifier"},
    ),
    Case(
        "21 digits",
        csv(*(f"{10**20 + n},{n % 5},{word}" for n, word in enumerate(WORDS)), header="id,n,colour"),
        {"id": [str(10**20 + n) for n in range(N)], "n": [n % 5 for n in range(N)], "colour": WORDS},
        kinds={"id": "identifier"},
    ),
    Case(
        "blank lines",
        csv(*replaced(ROWS, row_9=ROWS[9] + "\n", row_19=ROWS[19] + "\n\n")),
        TABLE,
        (Told("3 (blank|empty|rows without)", (12, 23, 24)),),
    ),
    Case(
        "the line sep=;",
        b"sep=;\n" + joined(";"),
        TABLE,
        (Told("1 line before|sep=", (1,)),),
        spec={"delimiter": ";"},
    ),
    Case(
        "aligned by spaces",
        ALIGNED,
        {
            "column 1": NUMBERS,
            "column 2": COUNTS,
            "column 3": [x * 10 for x in NUMBERS],
            "column 4": [70 + n for n in COUNTS],
            "column 5": [f"{word} car" for word in WORDS],
        },
        spec={"delimiter": " ", "header": False},
    ),
    Case(
        "percent and currency",
        csv(*(f"{x} %,${n}.25,{word}" for x, n, word in zip(NUMBERS, COUNTS, WORDS, strict=True))),
        {"x": NUMBERS, "n": [n + 0.25 for n in COUNTS], "colour": WORDS},
        (Told("'x'.*percent"), Told("'n'.*currency")),
    ),
]

REFUSED = [
    Refusal("nothing in the file", b"", "empty"),
    Refusal("10 MB in one line, one cell", b"x" * 10_000_000, "no line break", 1),
    Refusal("10 MB in one line, 2.5 million cells", b"1.5," * 2_500_000, "no line break|columns", 1),
    Refusal("a quotation mark that is never closed", csv(*replaced(ROWS, row_19='19.5,1,"green')), "quot.*never closed", 21),
    Refusal("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4, "PNG"),
]


@by_name(READ_RIGHT)
def test_read_right(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


@by_name(REFUSED)
def test_refused_in_words(case: Refusal, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


def test_another_sign_for_missing_in_row_50_000(tmp_path: Path) -> None:
    rows = [f"{n},{n % 100}.5" for n in range(50_010)]
    rows[49_999] = "49999,N.A."
    table = read_table(write(tmp_path, text("n,x", *rows).encode()))
    expected = [n % 100 + 0.5 for n in range(50_010)]
    expected[49_999] = None
    assert cells_of(table, "x") == expected
    assert describe_columns(table)[1].missing == 1
    assert table.repairs == ()
