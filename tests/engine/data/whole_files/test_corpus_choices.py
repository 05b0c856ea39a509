"""An import specification that contradicts every guess is obeyed, field by field; choices outlive the program."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from engine.data.columns.suggestion import describe_columns, suggest
from engine.data.errors import DataError
from engine.data.import_spec import ColumnSpec, ImportSpec
from engine.data.inspect import inspect_file
from engine.data.recognition import dialect
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import Case, Refusal, Told, by_name, file_of, write
from tests.engine.data.whole_files.corpus_checks import check, check_refused, check_sentence, read_or_refusal

PLAIN = file_of("a,b", "1.5,x", "2.5,y", "3.5,x", "4.5,y")
A, B = [1.5, 2.5, 3.5, 4.5], ["x", "y", "x", "y"]


OBEYED = [
    Case(
        "encoding",
        "a,b\né,1\nü,2\n".encode(),
        {"a": ["Ã©", "Ã¼"], "b": [1, 2]},
        may_tell="valid UTF-8",
        given=ImportSpec(encoding="cp1252"),
    ),
    Case(
        "delimiter", file_of("a;b,c", "1;2,5", "3;4,6"), {"a;b": ["1;2", "3;4"], "c": [5, 6]}, given=ImportSpec(delimiter=",")
    ),
    Case(
        "another delimiter",
        file_of("a,b;c", "1,2;5", "3,4;6"),
        {"a,b": ["1,2", "3,4"], "c": [5, 6]},
        may_tell="decimal comma",
        given=ImportSpec(delimiter=";"),
    ),
    Case(
        "a delimiter that is never guessed",
        file_of("a^b", "1,5^x", "2,5^y"),
        {"a": ["1,5", "2,5"], "b": ["x", "y"]},
        may_tell="decimal comma",
        given=ImportSpec(delimiter="^"),
    ),
    Case(
        "a delimiter with a meaning in patterns",
        file_of("a.b", "1.x", "2.y"),
        {"a": [1, 2], "b": ["x", "y"]},
        given=ImportSpec(delimiter=".", decimal=","),
    ),
    Case("a star", file_of("a*b", "1*x", "2*y"), {"a": [1, 2], "b": ["x", "y"]}, given=ImportSpec(delimiter="*")),
    Case(
        "no quotation marks",
        file_of('"a","b"', '"x","1"', '"y","2"'),
        {'"a"': ['"x"', '"y"'], '"b"': ['"1"', '"2"']},
        given=ImportSpec(quote=None),
    ),
    Case(
        "quotation mark of another kind",
        file_of("a,b", "|x,y|,1", "|z|,2"),
        {"a": ["x,y", "z"], "b": [1, 2]},
        given=ImportSpec(quote="|"),
    ),
    Case(
        "single quotation marks",
        file_of("a,b", "'x,y',1", "'z',2"),
        {"a": ["x,y", "z"], "b": [1, 2]},
        given=ImportSpec(quote="'"),
    ),
    Case(
        "double quotation marks though single ones enclose",
        file_of("a,b", "'x',1", "'z',2"),
        {"a": ["'x'", "'z'"], "b": [1, 2]},
        given=ImportSpec(quote='"'),
    ),
    Case(
        "an escape mark",
        file_of("a,b", '"x \\"y\\", z",1', '"z",2'),
        {"a": ['x "y", z', "z"], "b": [1, 2]},
        given=ImportSpec(escape="\\"),
    ),
    Case(
        "decimal comma",
        file_of("a;b", "1,500;x", "2,500;y"),
        {"a": [1.5, 2.5], "b": ["x", "y"]},
        may_tell="could also be",
        given=ImportSpec(delimiter=";", decimal=","),
    ),
    Case(
        "decimal point",
        file_of("a;b", "1.500;x", "2.500;y"),
        {"a": [1.5, 2.5], "b": ["x", "y"]},
        may_tell="could also be",
        given=ImportSpec(delimiter=";", decimal="."),
    ),
    Case(
        "thousands",
        file_of("a;b", "1,500;x", "2,500;y"),
        {"a": [1500, 2500], "b": ["x", "y"]},
        may_tell="could also be",
        given=ImportSpec(delimiter=";", thousands=","),
    ),
    Case(
        "thousands and decimal comma",
        file_of("a;b", "1.500;x", "2.500;y"),
        {"a": [1500, 2500], "b": ["x", "y"]},
        may_tell="could also be",
        given=ImportSpec(delimiter=";", decimal=",", thousands="."),
    ),
    Case(
        "no header",
        PLAIN,
        {"column 1": ["a", "1.5", "2.5", "3.5", "4.5"], "column 2": ["b", *B]},
        given=ImportSpec(header=False, columns=(ColumnSpec("column 1", "text"),)),
    ),
    Case("header", file_of("1,2", "3,4", "5,6"), {"1": [3, 5], "2": [4, 6]}, given=ImportSpec(header=True)),
    Case(
        "lines to skip",
        PLAIN,
        {"2.5": [3.5, 4.5], "y": ["x", "y"]},
        (Told("2 lines before", (1, 2)),),
        given=ImportSpec(skip_lines=2),
    ),
    Case("no lines to skip", file_of("by hand", "x", "y"), {"by hand": ["x", "y"]}, given=ImportSpec()),
    Case(
        "comment",
        file_of("a,b", "!1,x", "2,y", "!", "3,z"),
        {"a": [2, 3], "b": ["y", "z"]},
        (Told("comment", (2, 4)),),
        given=ImportSpec(comment="!"),
    ),
    Case(
        "a comment mark of two characters",
        file_of("a,b", "--1,x", "-2,y", "3,z"),
        {"a": [-2, 3], "b": ["y", "z"]},
        (Told("comment", (2,)),),
        given=ImportSpec(comment="--"),
    ),
    Case(
        "no comment",
        file_of("a,b", "#1,x", "2,y", "#3,z"),
        {"a": ["#1", "2", "#3"], "b": ["x", "y", "z"]},
        given=ImportSpec(comment=None, columns=(ColumnSpec("a", "text"),)),
    ),
    Case("lines below the table", PLAIN, {"a": A[:2], "b": B[:2]}, (Told("2 ", (4, 5)),), given=ImportSpec(footer_lines=2)),
    Case(
        "missing",
        file_of("a,b", "1,999", "999,x", "NA,?"),
        {"a": ["1", None, "NA"], "b": [None, "x", "?"]},
        given=ImportSpec(missing=("999",), columns=(ColumnSpec("a", "text"),)),
    ),
    Case(
        "nothing is missing",
        file_of("a,b", "NA,-", "None,?", "x,."),
        {"a": ["NA", "None", "x"], "b": ["-", "?", "."]},
        given=ImportSpec(missing=()),
    ),
    Case(
        "missing among numbers",
        file_of("a,b", "-1,5", "3,-1", "4,6"),
        {"a": [None, 3, 4], "b": [5, None, 6]},
        given=ImportSpec(missing=("", "-1")),
    ),
    Case("compression", gzip.compress(PLAIN), {"a": A, "b": B}, given=ImportSpec(compression="gzip")),
]


@by_name(OBEYED)
def test_every_field_is_obeyed(case: Case, tmp_path: Path) -> None:
    table = check(case, tmp_path)
    assert table.spec == case.given


def test_kinds_of_single_columns_are_obeyed(tmp_path: Path) -> None:
    content = file_of("zip,n,w,code,when", *(f"{n:05d},{n % 3},{n}.5,{n % 2},2021-01-{n + 10}" for n in range(20)))
    kinds = {"zip": "numeric", "n": "category", "w": "text", "code": "numeric", "when": "text"}
    spec = ImportSpec(columns=tuple(ColumnSpec(name, kind=kind) for name, kind in kinds.items()))  # type: ignore[arg-type]
    columns = {
        "zip": list(range(20)),
        "n": [str(n % 3) for n in range(20)],
        "w": [f"{n}.5" for n in range(20)],
        "code": [n % 2 for n in range(20)],
        "when": [f"2021-01-{n + 10}" for n in range(20)],
    }
    check(Case("kinds", content, columns, kinds=kinds, given=spec), tmp_path)


@pytest.mark.parametrize("kind", ["text", "category", "identifier"])
def test_cells_kept_as_text_keep_every_character(kind: str, tmp_path: Path) -> None:
    cells = ["007", "1e3", "+5", "1.50", "0x1F", "12345678901234567890", "3,5", "5 %", "$2"]
    content = file_of("code,y", *(f'"{cell}",{n}' for n, cell in enumerate(cells)))
    spec = ImportSpec(columns=(ColumnSpec("code", kind=kind),))  # type: ignore[arg-type]
    check(Case(kind, content, {"code": cells, "y": list(range(9))}, kinds={"code": kind}, given=spec), tmp_path)


def test_numbers_where_most_cells_are_none_are_told(tmp_path: Path) -> None:
    spec = ImportSpec(columns=(ColumnSpec("a", kind="numeric"),))
    content = file_of("a,b", "x,1", "y,2", "3.5,3", "z,4")
    check(
        Case(
            "forced", content, {"a": [None, None, 3.5, None], "b": [1, 2, 3, 4]}, (Told("'a'.*3 cells", (2, 3, 5)),), given=spec
        ),
        tmp_path,
    )


def test_numbers_where_no_cell_is_one_are_refused(tmp_path: Path) -> None:
    spec = ImportSpec(columns=(ColumnSpec("a", kind="numeric"),))
    refusal = Refusal("forced", file_of("a,b", "x,1", ",2", "z,3"), "column 'a'.*'x'.*choose category or text", 2, given=spec)
    check_refused(refusal, tmp_path)


def test_dates_by_choice(tmp_path: Path) -> None:
    content = file_of("when,y", "03/04/2021,1", "13/05/2021,2", "soon,3")
    spec = ImportSpec(date_order="day", columns=(ColumnSpec("when", kind="date"),))
    table = read_table(write(tmp_path, content), spec)
    column = describe_columns(table)[0]
    assert (column.kind, column.missing) == ("date", 1)
    assert np.asarray(column.values)[:2].tolist() == [18720.0, 18760.0]
    assert "soon" in column.note or "soon" in table.report


def test_a_column_that_the_file_does_not_have_is_no_secret(tmp_path: Path) -> None:
    outcome = read_or_refusal(write(tmp_path, PLAIN), ImportSpec(columns=(ColumnSpec("absent", role="target"),)))
    said = str(outcome) if isinstance(outcome, DataError) else outcome.report
    assert "absent" in said, "a choice that changes nothing has to be told"


def test_roles_of_single_columns_are_obeyed(tmp_path: Path) -> None:
    content = file_of("id,x,label", *(f"{n},{n * 7 % 11}.5,{'ab'[n % 2]}" for n in range(30)))
    guessed = suggest(read_table(write(tmp_path, content)))
    assert (guessed.target, guessed.features) == ("label", ("x",))
    spec = ImportSpec(
        columns=(ColumnSpec("x", role="target"), ColumnSpec("id", role="feature"), ColumnSpec("label", role="ignore"))
    )
    table = read_table(write(tmp_path, content), spec)
    suggestion = suggest(describe_columns(table), spec=spec)
    assert (suggestion.target, suggestion.task, suggestion.features) == ("x", "regression", ("id",))
    assert "label" in suggestion.ignored


def test_inspecting_obeys_the_specification_and_says_what_it_was(tmp_path: Path) -> None:
    path = write(tmp_path, file_of("a;b", "1,5;x", "2,5;y"))
    plain, chosen = inspect_file(path), inspect_file(path, ImportSpec(delimiter=";", decimal=".", header=False))
    assert [column["name"] for column in plain["columns"]] == ["a", "b"]
    assert (plain["rows"], plain["header"], plain["delimiter"], plain["decimal"]) == (2, True, ";", ",")
    assert [column["name"] for column in chosen["columns"]] == ["column 1", "column 2"]
    assert (chosen["rows"], chosen["header"], chosen["delimiter"], chosen["decimal"]) == (3, False, ";", ".")
    json.dumps(chosen, allow_nan=False)
    assert ImportSpec.from_dict(json.loads(json.dumps(plain["spec"]))) == dialect.sniff(path)


def test_every_guess_has_a_reason(tmp_path: Path) -> None:
    contents = [
        PLAIN,
        file_of("sep=;", "a;b", "1,5;x"),
        file_of("# c", "x\ty", "1,234.5\t?"),
        file_of("1 2", "3 4"),
        gzip.compress(PLAIN),
    ]
    fields = "encoding compression delimiter quote decimal thousands header skip_lines comment footer_lines missing date_order"
    for content in contents:
        recognition = dialect.recognise(write(tmp_path, content))
        assert set(recognition.reasons) >= set(fields.split())
        for field, reason in recognition.reasons.items():
            assert 5 < len(reason) < 300, field
            assert "\n" not in reason
        assert recognition.spec == dialect.sniff(tmp_path / "table.csv")


@pytest.mark.parametrize(
    "spec",
    [
        ImportSpec(skip_lines=10_000),
        ImportSpec(footer_lines=10_000),
        ImportSpec(skip_lines=4, footer_lines=4),
        ImportSpec(comment=","),
        ImportSpec(comment="1"),
        ImportSpec(delimiter="x"),
        ImportSpec(delimiter="§"),
        ImportSpec(delimiter="\x01", quote="\x02"),
        ImportSpec(quote="1"),
        ImportSpec(decimal=",", delimiter=","),
        ImportSpec(thousands="5"),
        ImportSpec(encoding="utf-16"),
        ImportSpec(encoding="utf-16-le"),
        ImportSpec(missing=tuple(str(n) for n in range(1000))),
        ImportSpec(columns=tuple(ColumnSpec(name, "numeric") for name in ("a", "a", "b", "c"))),
        ImportSpec(columns=(ColumnSpec("b", "date"), ColumnSpec("a", "boolean"), ColumnSpec("a", "empty", "target"))),
        ImportSpec(columns=(ColumnSpec("b", "constant"), ColumnSpec("a", "identifier", "target"))),
    ],
    ids=repr,
)
def test_choices_that_make_no_sense_end_in_a_table_or_a_sentence(spec: ImportSpec, tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN)
    try:
        table = read_table(path, spec)
        suggest(describe_columns(table), spec=spec)
        json.dumps(inspect_file(path, spec), allow_nan=False)
    except DataError as error:
        check_sentence(str(error))


def test_the_first_rows_only(tmp_path: Path) -> None:
    content = file_of("# a", "a,b", *(f"{n},{'xy'[n % 2]}" for n in range(5000)))
    path = write(tmp_path, content)
    first, whole = read_table(path, max_rows=200), read_table(path)
    assert (first.n_rows, first.complete, whole.n_rows, whole.complete) == (200, False, 5000, True)
    assert (first.names, first.spec) == (whole.names, whole.spec)
    assert first.preview(200) == whole.preview(200)
    short = read_table(write(tmp_path, PLAIN), max_rows=200)
    assert (short.n_rows, short.complete) == (4, True)
    exact = read_table(write(tmp_path, PLAIN), max_rows=4)
    assert (exact.n_rows, exact.complete) == (4, True)
