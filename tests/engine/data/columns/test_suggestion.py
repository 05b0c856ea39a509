from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns.column import Column, count_distinct
from engine.data.columns.kinds import describe
from engine.data.columns.suggestion import describe_columns, resolve_column, suggest, task_of
from engine.data.errors import DataError
from engine.data.import_spec import ColumnSpec, DateOrder, ImportSpec, Kind
from engine.data.table import Table, read_table


def table_of(tmp_path: Path, text: str) -> Table:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_table(path)


def coded(cells: list[str | None]) -> CodedText:
    levels = tuple(dict.fromkeys(cell for cell in cells if cell is not None))
    return CodedText(np.array([-1 if cell is None else levels.index(cell) for cell in cells], dtype=np.int32), levels)


def numbers(*values: float) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def texts_of(column: Column) -> list[str]:
    return [column.cell_text(row) for row in range(column.n_rows)]


def kind_of(tmp_path: Path, name: str, cells: list[str]) -> str:
    table = table_of(tmp_path, f"other,{name}\n" + "".join(f"0.5,{cell}\n" for cell in cells))
    return describe_columns(table)[1].kind


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("v", ["1", "2.5", "3", "1", "2"], "numeric"),
        ("v", ["1", "2", "3"] * 10, "numeric"),
        ("v", ["0", "1", "0", "1", "1"], "boolean"),
        ("v", ["yes", "no", "no", "yes"], "boolean"),
        ("v", ["True", "False", "True"], "boolean"),
        ("v", ["t", "f", "f"], "boolean"),
        ("v", ["T", "F", "f"], "boolean"),
        ("v", ["Y", "n", "yes"], "boolean"),
        ("v", ["ON", "off", "On"], "boolean"),
        ("v", ["True", "no", "YES", "false"], "boolean"),
        ("v", ["1", "0", "true", "no"], "boolean"),
        ("v", ["t", "n", "t", "n", "t"], "category"),
        ("v", ["yes", "no", "maybe"] * 3, "category"),
        ("v", ["yes", "Yes", "YES"] * 3, "category"),
        ("v", ["red", "blue", "red", "blue", "red"], "category"),
        ("v", [f"level {index}" for index in range(30)] * 2, "text"),
        ("v", [f"a long remark number {index}" for index in range(30)], "text"),
        ("v", [f"K-{index}" for index in range(30)], "identifier"),
        ("v", ["00123", "00124", "10125"], "identifier"),
        ("v", ["123456789012345678901", "123456789012345678902"] * 2, "identifier"),
        ("customer_id", ["17", "4", "99", "23"], "identifier"),
        ("PassengerId", ["17", "4", "99", "23"], "identifier"),
        ("acid", ["17", "4", "99", "23"], "numeric"),
        ("v", ["2020-01-31", "2020-02-01", "2021/12/24"], "date"),
        ("v", ["2020-01-31T12:00:00Z", "2020-02-01 06:30", ""], "date"),
        ("v", ["007", "008", "011"] * 20, "category"),
        ("v", ["31.12.2020", "01.02.2021", "3.4.2021"], "date"),
        ("v", ["12/31/2020 6:30 PM", "01/02/2021 7:15 AM"], "date"),
        ("v", ["31 Dec 2020", "1 Jan 2021"], "date"),
        ("v", ["6:30", "18:45", "23:59:59"], "date"),
        ("v", ["31.12.2020", "soon", "01.02.2021"], "identifier"),
        ("v", ["2020-01-01", "2020-01-02", "unknown", "unknown"] * 9, "category"),
        ("v", ["20201231", "20210101", "20210102", "20210103"], "numeric"),
        ("order_date", ["20201231", "20210101", "20210102", "20210103"], "date"),
        ("order_date", ["20201231", "17", "18", "19"], "numeric"),
        ("1.2", ["1.2.3", "1.2.4", "1.2.4"], "category"),
        ("checked", ["2003", "2004", "2004", "2011"], "date"),
        ("model_year", ["2003", "2004", "2004", "2011"], "numeric"),
        ("v", ["7", "7", "", "7"], "constant"),
        ("v", ["x", "x", "", "x"], "constant"),
        ("v", ["", "NA", "?"], "empty"),
    ],
)
def test_what_a_column_holds(tmp_path: Path, name: str, cells: list[str], kind: str) -> None:
    assert kind_of(tmp_path, name, cells) == kind


def test_running_numbers_in_the_first_of_several_columns_are_no_measurement(tmp_path: Path) -> None:
    rows = [f"{row},{row % 7 / 2},{row % 5}" for row in range(1, 30)]
    assert describe_columns(table_of(tmp_path, "row,a,b\n" + "\n".join(rows)))[0].kind == "identifier"
    assert describe_columns(table_of(tmp_path, "\n".join(rows)))[0].kind == "identifier"
    assert describe_columns(table_of(tmp_path, "x,a,b\n" + "\n".join(rows)))[0].kind == "numeric"
    assert (
        describe_columns(table_of(tmp_path, "p,q\n" + "\n".join(f"{row},{row % 7}" for row in range(30))))[0].kind == "numeric"
    )


def test_missing_and_distinct_values_are_counted(tmp_path: Path) -> None:
    columns = describe_columns(table_of(tmp_path, "a,b\n1,x\n,y\n2,x\n2,\n?,x\n"))
    assert [(column.missing, column.distinct, column.present) for column in columns] == [(2, 2, 3), (1, 2, 4)]


def test_dates_become_days() -> None:
    column = describe("when", CodedText(np.array([0, -1, 1], np.int32), ("1970-01-02", "2000-01-01 12:00")))
    assert column.kind == "date"
    assert isinstance(column.values, np.ndarray)
    assert np.array_equal(column.values, [1.0, np.nan, 10957.5], equal_nan=True)


@pytest.mark.parametrize(
    ("name", "values", "task"),
    [
        ("quality", [3, 4, 5, 6, 7, 8, 5, 5], "regression"),
        ("Survived", [0, 1, 1, 0], "classification"),
        ("group", [1, 2, 1, 2], "classification"),
        ("group", [1, 2], "regression"),
        ("species", [0, 1, 2, 1, 0, 2], "classification"),
        ("species", [0, 1, 2, 1], "regression"),
        ("rooms", [1, 2, 3, 2, 1, 1], "regression"),
        ("column 8", [1, 2, 3, 2, 1, 1], "classification"),
        ("target", [0.5, 1.5, 0.5, 1.5], "regression"),
        ("label", list(range(30)), "regression"),
    ],
)
def test_the_task_of_a_target_of_numbers(name: str, values: list[float], task: str) -> None:
    assert task_of(describe(name, np.array(values, dtype=np.float64))) == task


@pytest.mark.parametrize(
    ("header", "target", "task"),
    [
        ("a,b,group", "group", "classification"),
        ("target,b,group", "target", "regression"),
        ("a,house_price,group", "house_price", "regression"),
        ("y,b,group", "y", "regression"),
    ],
)
def test_the_suggested_target(tmp_path: Path, header: str, target: str, task: str) -> None:
    rows = "".join(f"{row * 0.7},{row * row},{'pq'[row % 2]}\n" for row in range(20))
    suggestion = suggest(table_of(tmp_path, f"{header}\n{rows}"))
    assert (suggestion.target, suggestion.task) == (target, task)
    assert suggestion.features == tuple(name for name in header.split(",") if name != target)
    assert suggestion.reason.startswith(f"{target}: ")


def test_columns_that_tell_nothing_are_ignored_with_a_reason(tmp_path: Path) -> None:
    header = "id,name,day,same,none,sparse,x,y\n"
    days = [f"2020-01-{row:02}" for row in range(1, 21)]
    rows = [f"{row},Ann No {row},{days[row - 1]},k,,{'1.5' if row < 5 else ''},{row / 3},{row % 7}" for row in range(1, 21)]
    suggestion = suggest(table_of(tmp_path, header + "\n".join(rows)))
    assert (suggestion.target, suggestion.features) == ("y", ("x",))
    assert suggestion.ignored == {
        "id": "it numbers or names the rows",
        "name": "text with 20 different values",
        "day": "dates or years, of use only where chosen",
        "same": "it has one value only",
        "none": "it has no value",
        "sparse": "it has one value only, 16 of 20 values are missing",
    }


def test_no_usable_feature_is_said(tmp_path: Path) -> None:
    table = table_of(tmp_path, "who,unit,2015\n" + "".join(f"Name {row},EUR,{row * 1.7}\n" for row in range(20)))
    suggestion = suggest(table)
    assert (suggestion.target, suggestion.features) == ("2015", ())
    assert suggestion.reason == "There are no usable features to predict '2015' from: 'who' is text, 'unit' is constant."


def test_a_file_of_text_alone_has_no_target(tmp_path: Path) -> None:
    rows = "".join(f"Name {row},Street {row}\n" for row in range(20))
    suggestion = suggest(table_of(tmp_path, "who,where\n" + rows))
    assert (suggestion.target, suggestion.task, suggestion.features) == (None, None, ())
    assert "No column can be predicted" in suggestion.reason


def test_a_chosen_target_keeps_the_suggested_features(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b,label\n" + "".join(f"{row / 2},{row % 7},{'pq'[row % 2]}\n" for row in range(20)))
    suggestion = suggest(describe_columns(table), "a")
    assert (suggestion.target, suggestion.task, suggestion.features) == ("a", "regression", ("b", "label"))


def test_columns_are_found_by_name_or_by_number_where_there_is_no_header(tmp_path: Path) -> None:
    named = table_of(tmp_path, "Height,Weight\n1,2\n3,4\n")
    assert resolve_column(named, "Height") == "Height"
    assert resolve_column(named, "weight ") == "Weight"
    with pytest.raises(DataError, match=r"t\.csv: there is no column 'hight'; did you mean 'Weight' or 'Height'"):
        resolve_column(named, "hight")
    with pytest.raises(DataError, match="there is no column '1'; the columns are 'Height', 'Weight'"):
        resolve_column(named, "1")
    bare = table_of(tmp_path, "1,2\n3,4\n")
    assert resolve_column(bare, "2") == "column 2"
    assert resolve_column(bare, "column 1") == "column 1"
    with pytest.raises(DataError, match="give a number from 1 to 2"):
        resolve_column(bare, "3")


@pytest.mark.parametrize(
    ("cells", "levels", "codes", "note"),
    [
        (["no", "yes", None, "no"], ("no", "yes"), [0, 1, -1, 0], ""),
        (
            ["True", "no", "no", "YES", None, "False", "YES", "YES"],
            ("YES", "no"),
            [0, 1, 1, 0, -1, 1, 0, 0],
            "'True', 'no', 'YES', 'False' are taken as spellings of 'YES' and 'no'.",
        ),
    ],
)
def test_yes_and_no_in_several_spellings_become_two_values(
    cells: list[str | None], levels: tuple[str, ...], codes: list[int], note: str
) -> None:
    column = describe("v", coded(cells))
    assert isinstance(column.values, CodedText)
    assert (column.kind, column.distinct, column.missing) == ("boolean", 2, 1)
    assert (column.values.levels, column.values.codes.tolist(), column.note) == (levels, codes, note)


@pytest.mark.parametrize(
    ("cells", "decimal", "order", "expected"),
    [
        (["03/04/2021", "05/06/2021"], ".", "year", ["2021-03-04", "2021-05-06"]),
        (["03/04/2021", "05/06/2021"], ",", "year", ["2021-04-03", "2021-06-05"]),
        (["03/04/2021", "05/06/2021"], ",", "month", ["2021-03-04", "2021-05-06"]),
        (["03/04/2021", "31/12/2021"], ".", "month", ["2021-04-03", "2021-12-31"]),
        (["2021-12-31T12:00+02:00", "2021-12-31 23:15:30"], ".", "year", ["2021-12-31 10:00", "2021-12-31 23:15:30"]),
    ],
)
def test_dates_follow_the_file_where_the_column_does_not_decide(
    cells: list[str | None], decimal: str, order: DateOrder, expected: list[str]
) -> None:
    column = describe("when", coded([*cells, None]), spec=ImportSpec(decimal=decimal, date_order=order))
    assert (column.kind, column.unit, texts_of(column)) == ("date", "days", [*expected, ""])
    assert bool(column.note) == (column.cell_text(1) != "2021-12-31")


def test_a_cell_that_is_no_date_is_missing_and_told() -> None:
    days: list[str | None] = [f"2021-01-{day:02}" for day in range(1, 29)]
    column = describe("when", coded([*days, "2021-02-30", *days, "soon"]))
    assert (column.kind, column.missing, column.distinct) == ("date", 2, 28)
    assert column.note == "2 cells are no dates ('2021-02-30', 'soon'): read as missing."
    column = describe("order_date", numbers(20210101, 99999999, *(20210101 + day for day in range(28))))
    assert (column.kind, column.missing, column.distinct, column.unit) == ("date", 1, 28, "days")
    assert column.note == "1 cell is no date (99999999): read as missing."


def test_years_and_times_have_their_unit() -> None:
    years = describe("checked", numbers(2003, 2004, np.nan, 2004, 2011))
    assert (years.kind, years.unit, texts_of(years)) == ("date", "years", ["2003", "2004", "", "2004", "2011"])
    times = describe("v", coded(["6:30", "18:45:10"]))
    assert (times.kind, times.unit, texts_of(times)) == ("date", "times", ["06:30", "18:45:10"])


@given(st.lists(st.one_of(st.integers(-9, 9).map(float), st.floats(allow_nan=False), st.sampled_from([1e15, 1e15 + 1, 0.5]))))
@example([3.0, 2.2e-16])
@example([-3.0, 2.2e-16, 0.0])
@example([1e308, -1e308])
@example([np.inf, -np.inf, 1.0])
@example([-0.0, 0.0])
@example([2.0**53, 2.0**53 + 2, 2.0**53 + 2])
def test_distinct_numbers_are_counted_as_pandas_counts_them(values: list[float]) -> None:
    assert count_distinct(numbers(*values)) == pd.Series(values, dtype=np.float64).nunique()


@pytest.mark.parametrize(
    ("kind", "cells", "expected", "note"),
    [
        ("numeric", ["1,5", "1.000", "12 %", None], [1.5, 1000.0, 12.0, np.nan], ""),
        ("numeric", ["007", "8"], [7.0, 8.0], ""),
        ("numeric", ["1", "x", "x", "y"], [1.0, np.nan, np.nan, np.nan], "3 cells are no finite numbers ('x', 'y'): read as"),
        ("numeric", ["1", "inf"], [1.0, np.nan], "1 cell is no finite number ('inf'): read as missing."),
        ("numeric", ["12345678901234567890"], [12345678901234567890.0], "Numbers of more than 15 digits are rounded."),
        ("date", ["03/04/2021", None], [18720.0, np.nan], "day first, '03/04/2021' as 3 April 2021: no date of the"),
        ("date", ["20210403"], [18720.0], ""),
        ("date", ["2021-04"], [18718.0], ""),
        ("date", ["2003", "x"], [2003.0, np.nan], "1 cell is no date ('x'): read as missing."),
        ("date", ["3.4.21"], [18720.0], ""),
        ("date", [None, None], [np.nan, np.nan], ""),
    ],
)  # fmt: skip
def test_text_becomes_the_numbers_that_a_person_says_it_is(
    kind: Kind, cells: list[str | None], expected: list[float], note: str
) -> None:
    table = Table(
        "t", ("v",), (coded(cells),), len(cells), ImportSpec(decimal=",", thousands=".", columns=(ColumnSpec("v", kind),))
    )
    (column,) = describe_columns(table)
    assert column.kind == kind
    np.testing.assert_array_equal(column.values, expected)
    assert note in column.note
    assert column.missing == np.isnan(expected).sum()


@pytest.mark.parametrize(
    ("kind", "cells", "expected"),
    [
        ("category", numbers(2, 1.5, np.nan, 2, 1e20), ["2", "1.5", "", "2", "1e+20"]),
        ("text", numbers(2, 2, 10), ["2", "2", "10"]),
        ("identifier", numbers(5, 5, 6.5), ["5", "5", "6.5"]),
        ("numeric", numbers(0, 1, np.nan), ["0", "1", ""]),
        ("boolean", numbers(1, 2, np.nan), ["1", "2", ""]),
        ("date", numbers(2003, 1998, np.nan), ["2003", "1998", ""]),
        ("date", numbers(20030101, 19981231), ["2003-01-01", "1998-12-31"]),
        ("constant", numbers(3, 3), ["3", "3"]),
        ("empty", numbers(np.nan), [""]),
        ("category", coded(["2021-01-01", "2021-01-02"]), ["2021-01-01", "2021-01-02"]),
        ("text", coded(["yes", "no"]), ["yes", "no"]),
        ("identifier", coded(["a", "b", "a"]), ["a", "b", "a"]),
        ("boolean", coded(["m", "f", None]), ["m", "f", ""]),
        ("boolean", coded(["yes", "YES", "no", "yes"]), ["yes", "yes", "no", "yes"]),
        ("category", coded([None]), [""]),
    ],
)
def test_a_column_holds_what_a_person_says(kind: Kind, cells: NDArray[np.float64] | CodedText, expected: list[str]) -> None:
    (column,) = describe_columns(Table("t", ("v",), (cells,), len(cells), ImportSpec(columns=(ColumnSpec("v", kind),))))
    assert (column.kind, texts_of(column)) == (kind, expected)
    assert column.distinct == len(set(expected) - {""})


@pytest.mark.parametrize(
    ("kind", "cells", "words"),
    [
        (
            "numeric",
            coded(["red", "blue"]),
            r"column 'v': no cell is a number \('red', 'blue'\); choose category or text for it",
        ),
        (
            "boolean",
            coded(["a", "b", "c"]),
            "column 'v': it holds 3 different values, and a column of yes and no holds two; choose",
        ),
        ("boolean", numbers(0, 1, 2), "column 'v': it holds 3 different values"),
        ("date", coded(["red", "blue"]), r"column 'v': no cell is a date \('red', 'blue'\); write dates as 2021-12-31"),
        (
            "date",
            numbers(1.5, 7),
            r"column 'v': its numbers \(1.5, 7\) are neither years nor dates such as 20211231; choose numeric",
        ),
        ("date", coded(["1.5", "7"]), r"column 'v': its numbers \(1.5, 7\) are neither"),
        ("constant", numbers(1, 2), "column 'v': it holds 2 different values, so it is not constant; ignore it instead"),
        ("constant", numbers(np.nan), "column 'v': it holds no value, so it is not constant"),
        ("empty", coded(["x", None]), "column 'v': it holds one value, so it is not empty"),
    ],
)
def test_what_a_column_can_not_hold_is_said_with_a_remedy(
    kind: Kind, cells: NDArray[np.float64] | CodedText, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        describe_columns(Table("t", ("v",), (cells,), len(cells), ImportSpec(columns=(ColumnSpec("v", kind),))))


def test_numbers_taken_as_categories_have_their_levels_in_the_order_of_the_rows() -> None:
    table = Table("t", ("v",), (numbers(3, 1, np.nan, 2, 1),), 5, ImportSpec(columns=(ColumnSpec("v", "category"),)))
    (column,) = describe_columns(table)
    assert isinstance(column.values, CodedText)
    assert (column.values.levels, column.values.codes.tolist()) == (("3", "1", "2"), [0, 1, -1, 2, 1])


ROLES = "id,colour,when,x,y\n" + "".join(
    f"{row},{'rgb'[row % 3]},2021-01-{row + 1:02},{row / 3},{row % 7}\n" for row in range(20)
)


def test_roles_win_over_the_suggestion(tmp_path: Path) -> None:
    table = table_of(tmp_path, ROLES)
    assert suggest(table).target == "y"
    roles = (ColumnSpec("x", role="target"), ColumnSpec("when", role="feature"), ColumnSpec("y", role="ignore"))
    suggestion = suggest(table, spec=ImportSpec(columns=(*roles, ColumnSpec("not there", role="target"))))
    assert (suggestion.target, suggestion.task, suggestion.features) == ("x", "regression", ("colour", "when"))
    assert suggestion.reason == "x: it was chosen."
    assert suggestion.ignored == {"id": "it numbers or names the rows", "y": "it was chosen to be left out"}


def test_the_roles_of_the_file_s_own_spec_are_used(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(ROLES, encoding="utf-8")
    table = read_table(path, ImportSpec(columns=(ColumnSpec("colour", role="target"), ColumnSpec("y", kind="category"))))
    suggestion = suggest(table)
    assert (suggestion.target, suggestion.task, suggestion.features) == ("colour", "classification", ("x", "y"))
    assert isinstance(describe_columns(table)[4].values, CodedText)


def test_a_given_target_wins_over_its_role(tmp_path: Path) -> None:
    suggestion = suggest(table_of(tmp_path, ROLES), "y", ImportSpec(columns=(ColumnSpec("id", role="target"),)))
    assert (suggestion.target, suggestion.features) == ("y", ("colour", "x"))
    assert "id" in suggestion.ignored
    assert "id" not in suggest(table_of(tmp_path, ROLES), "id").ignored


def test_columns_with_a_role_are_not_suggested_as_the_target(tmp_path: Path) -> None:
    table = table_of(tmp_path, ROLES)
    roles = tuple(ColumnSpec(name, role="feature") for name in ("y", "x"))
    assert suggest(table, spec=ImportSpec(columns=roles)).target == "colour"
    everything = (*roles, ColumnSpec("colour", role="ignore"))
    suggestion = suggest(table, spec=ImportSpec(columns=everything))
    assert (suggestion.target, suggestion.features) == (None, ())
    assert suggestion.reason.startswith("No column can be predicted: all others have another role or are text")


def test_two_targets_are_refused(tmp_path: Path) -> None:
    roles = (ColumnSpec("x", role="target"), ColumnSpec("y", role="target"))
    with pytest.raises(DataError, match="'x' and 'y' are both given the role of the target; choose one column to predict"):
        suggest(table_of(tmp_path, ROLES), spec=ImportSpec(columns=roles))
