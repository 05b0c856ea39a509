from pathlib import Path

import numpy as np
import pytest

from engine.data.cells import CodedText
from engine.data.columns import describe_columns, resolve_column, suggest, task_of
from engine.data.errors import DataError
from engine.data.kinds import describe
from engine.data.table import Table, read_table


def table_of(tmp_path: Path, text: str) -> Table:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_table(path)


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
        "day": "dates or years",
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
