"""Tables written by Python's csv module in many dialects come back as they were."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.data.import_spec import MISSING_TOKENS, ImportSpec
from engine.data.recognition.dialect import sniff
from engine.data.table import read_table

PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)

# no control characters, no byte order mark; spaces at the ends and missing tokens are not kept by design
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\u00a0")
CELL = st.text(st.one_of(CHARACTERS, st.sampled_from(",;\t|'\" \n")), min_size=1, max_size=12).map(str.strip)
TEXT = CELL.map(lambda cell: f"x{cell}")
DIALECT = st.tuples(
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
).filter(lambda dialect: dialect[1] != "\r" or dialect[3] == csv.QUOTE_ALL)  # the writer leaves a line feed unquoted there


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Draw rows of text; each has at least one value."""
    width = draw(st.integers(1, 5))
    cell = TEXT if width == 1 else st.one_of(TEXT, TEXT, st.sampled_from([token for token in MISSING_TOKENS if token]))
    row = st.tuples(TEXT, *[cell] * (width - 1)).map(list)
    return draw(st.lists(row, min_size=1, max_size=12))


def write(path: Path, rows: list[list[str]], dialect: tuple[str, str, str, int]) -> None:
    delimiter, line_end, encoding, quoting = dialect
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=tables(), dialect=DIALECT)
def test_any_table_comes_back_when_its_dialect_is_given(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], dialect: tuple[str, str, str, int]
) -> None:
    path = tmp_path_factory.mktemp("round") / "t.csv"
    write(path, rows, dialect)
    table = read_table(path, ImportSpec(encoding=dialect[2], delimiter=dialect[0], header=False))
    assert table.preview() == [["" if cell in MISSING_TOKENS else cell for cell in row] for row in rows]
    assert table.repairs == ()


WORD = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzäöü"), min_size=1, max_size=8).map(lambda word: f"w{word}")
NUMBER = st.floats(-1e6, 1e6).map(lambda number: repr(round(number, 4)))


@settings(max_examples=60, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.sampled_from(["number", "word", "sentence"]), min_size=2, max_size=6),
    header=st.booleans(),
    dialect=DIALECT,
    data=st.data(),
)
def test_an_ordinary_table_is_recognised_and_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    kinds: list[str],
    header: bool,
    dialect: tuple[str, str, str, int],
    data: st.DataObject,
) -> None:
    strategies = {"number": NUMBER, "word": WORD, "sentence": WORD.map(lambda word: f'{word}{dialect[0]} "and"\nmore')}
    kinds = ["number", *kinds]  # at least one column tells a header from a row
    rows = data.draw(st.lists(st.tuples(*(strategies[kind] for kind in kinds)).map(list), min_size=6, max_size=20))
    names = [f"name {index}" for index in range(len(kinds))]
    path = tmp_path_factory.mktemp("sniff") / "t.csv"
    write(path, [names, *rows] if header else rows, dialect)
    spec = sniff(path)
    table = read_table(path)
    assert (spec.delimiter, spec.header) == (dialect[0], header)
    assert len(table.names) == len(kinds)
    for index, kind in enumerate(kinds):
        cells = [row[index] for row in table.preview()]
        given_cells = [row[index] for row in rows]
        if kind == "number":
            assert [float(cell) for cell in cells] == [float(cell) for cell in given_cells]
        else:
            assert cells == given_cells
