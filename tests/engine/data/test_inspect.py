import json
from pathlib import Path

import pytest

from engine.data.errors import DataError
from engine.data.import_spec import ColumnSpec, ImportSpec
from engine.data.inspect import inspect_file

EVERY_VERSION = ["rows", "columns", "header", "delimiter", "encoding", "decimal", "thousands", "repairs", "target", "task"]
OF_A_COLUMN = ["name", "kind", "missing", "distinct"]


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_what_every_version_says_comes_first_and_unchanged(tmp_path: Path) -> None:
    path = written(tmp_path, "größe;ort;y\n1,5;Ulm;1\n2,5;Bonn;2\n;Ulm;3\n1,25;Bonn\n", "cp1252")
    report = json.loads(json.dumps(inspect_file(path), allow_nan=False))
    assert list(report)[: len(EVERY_VERSION)] == EVERY_VERSION
    assert all(list(column)[: len(OF_A_COLUMN)] == OF_A_COLUMN for column in report["columns"])
    assert [[column[key] for key in OF_A_COLUMN] for column in report["columns"]] == [
        ["größe", "numeric", 1, 3],
        ["ort", "category", 0, 2],
        ["y", "numeric", 1, 3],
    ]
    assert {key: report[key] for key in EVERY_VERSION if key not in ("columns", "repairs")} == {
        "rows": 4,
        "header": True,
        "delimiter": ";",
        "encoding": "cp1252",
        "decimal": ",",
        "thousands": None,
        "target": "y",
        "task": "regression",
    }
    assert report["repairs"] == [{"line": 5, "what": "1 row had too few cells: the rest is filled as missing (line 5)."}]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    rows = [f"{row},{'ab'[row % 2]},{row * 1.5},2021-0{row % 9 + 1}-05,{'yes' if row % 2 else 'no'}" for row in range(1, 61)]
    return written(tmp_path, "id,group,size,seen,outcome\n" + "\n".join(rows))


def test_roles_reasons_and_values_are_told(people: Path) -> None:
    report = inspect_file(people)
    assert report["target"] == "outcome"
    assert report["task"] == "classification"
    assert report["target_reason"].startswith("outcome: it is called as targets are")
    assert report["class_balance"] == [{"class": "no", "rows": 30}, {"class": "yes", "rows": 30}]
    by_name = {column["name"]: column for column in report["columns"]}
    assert {name: column["role"] for name, column in by_name.items()} == {
        "id": "ignore",
        "group": "feature",
        "size": "feature",
        "seen": "ignore",
        "outcome": "target",
    }
    assert by_name["id"]["left_out"] == "it numbers or names the rows"
    assert by_name["size"]["left_out"] is None
    assert (by_name["size"]["smallest"], by_name["size"]["largest"], by_name["size"]["mean"]) == (1.5, 90.0, 45.75)
    assert by_name["group"]["levels"] == [{"value": "b", "rows": 30}, {"value": "a", "rows": 30}]
    assert by_name["group"]["cautions"] == ["It may leak the target: its value alone tells the class in 100 % of the rows."]
    assert (by_name["seen"]["smallest"], by_name["seen"]["largest"], by_name["seen"]["unit"]) == (
        "2021-01-05",
        "2021-09-05",
        "days",
    )


def test_every_guess_has_its_reason_and_the_spec_reads_the_file_again(people: Path) -> None:
    report = inspect_file(people)
    assert {"delimiter", "encoding", "header", "decimal"} <= report["reasons"].keys()
    assert all(reason.endswith(".") for reason in report["reasons"].values())
    spec = ImportSpec.from_dict(json.loads(json.dumps(report["spec"])))
    again = inspect_file(people, spec)
    assert again["reasons"] == {}
    assert {key: again[key] for key in EVERY_VERSION} == {key: report[key] for key in EVERY_VERSION}


def test_kinds_and_roles_of_the_spec_are_obeyed(people: Path) -> None:
    columns = (ColumnSpec("size", role="target"), ColumnSpec("seen", role="feature"), ColumnSpec("id", "category", "ignore"))
    report = inspect_file(people, ImportSpec(columns=columns))
    assert (report["target"], report["task"], report["class_balance"]) == ("size", "regression", [])
    assert [column["role"] for column in report["columns"]] == ["ignore", "feature", "target", "feature", "feature"]
    assert report["columns"][0]["kind"] == "category"
    assert report["columns"][0]["left_out"] == "it was chosen to be left out"


def test_the_order_of_dates_is_told(tmp_path: Path) -> None:
    rows = "".join(f"{day:02}/{day % 12 + 1:02}/2021,{day / 7:.3f}\n" for day in range(1, 13))
    path = written(tmp_path, "when,x\n" + rows)
    spec = ImportSpec(date_order="day")
    report = inspect_file(path, spec)
    assert (report["date_order"], report["columns"][0]["date_order"]) == ("day", "day")
    assert report["columns"][0]["largest"] == "2021-12-11"
    assert "no date of the column decides" in report["columns"][0]["cautions"][-1]


def test_a_spec_for_another_file_is_refused(people: Path) -> None:
    with pytest.raises(DataError, match="there is no column 'sise'"):
        inspect_file(people, ImportSpec(columns=(ColumnSpec("sise", "text"),)))


def test_nothing_that_json_lacks_is_written(tmp_path: Path) -> None:
    rows = "".join(f"{1.7e308},inf,,{row}\n" for row in range(20))
    json.dumps(inspect_file(written(tmp_path, "huge,infinite,none,x\n" + rows)), allow_nan=False)
