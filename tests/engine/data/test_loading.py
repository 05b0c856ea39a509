import json
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from engine.data.errors import DataError
from engine.data.import_spec import ColumnSpec, ImportSpec
from engine.data.inspect import inspect_file
from engine.data.loading import load_example, load_file
from engine.data.preparation.account import account
from engine.settings import Settings


@pytest.fixture
def iris(tmp_path: Path) -> Path:
    """Write scikit-learn's iris without a header."""
    bunch = datasets.load_iris()
    rows = [
        ",".join(map(repr, x)) + f",{bunch.target_names[y]}" for x, y in zip(bunch.data.tolist(), bunch.target, strict=True)
    ]
    path = tmp_path / "iris.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_file_without_a_header_loads_as_suggested(iris: Path) -> None:
    data = load_file(iris, Settings(seed=5))
    assert (data.name, data.n_features, len(data.X_train), len(data.X_validation)) == ("iris.csv", 4, 120, 30)
    assert data.target.classes == ("setosa", "versicolor", "virginica")
    assert np.bincount(data.y_validation.astype(int)).tolist() == [10, 10, 10]
    original = datasets.load_iris().data[data.rows_train]
    assert np.allclose(data.X_train, (original - original.mean(axis=0)) / original.std(axis=0))


def test_settings_choose_target_features_and_task(iris: Path) -> None:
    settings = Settings(target="1", features=("2", "column 5"), validation=0.1, seed=5)
    data = load_file(iris, settings)
    assert (data.target.name, data.target.task) == ("column 1", "regression")
    assert [feature.column for feature in data.features] == ["column 2", "column 5", "column 5", "column 5"]
    assert len(data.X_validation) == 15


def test_a_column_given_twice_under_two_names_is_noticed(iris: Path) -> None:
    with pytest.raises(DataError, match="column 'column 2': the column is given twice"):
        load_file(iris, Settings(features=("2", "column 2")))
    with pytest.raises(DataError, match="is the target and a feature at once"):
        load_file(iris, Settings(target="2", features=("column 2",)))
    with pytest.raises(DataError, match="there is no column 'petal'"):
        load_file(iris, Settings(target="petal"))


def test_repairs_and_columns_left_out_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{row},Name {row},{row % 7 / 2},{row % 5}" for row in range(1, 21)]
    path.write_text("id,who,a,y\n" + "\n".join(rows) + "\n21\n", encoding="utf-8")
    data = load_file(path, Settings())
    assert data.notes == (
        "1 row had too few cells: the rest is filled as missing (line 22).",
        "id is left out: it numbers or names the rows.",
        "who is left out: text with 20 different values.",
        "1 row has no value of the target 'y': left out.",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("who,unit,2015\n" + "".join(f"Name {row},EUR,{row * 1.7}\n" for row in range(20)), "no usable features"),
        ("who,where\n" + "".join(f"Name {row},Street {row}\n" for row in range(20)), "no column can be predicted"),
        ("a,b\n", "no column can be predicted"),
        ("a,y\n1,5\n2,5\n3,5\n", "no usable|in every row"),
        ("a,b\n1,x\n2,y\n", "another value in each of the 2 rows"),
    ],
)
def test_files_that_can_not_be_learned_from_are_refused_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words) as caught:
        load_file(path, Settings())
    assert str(caught.value).startswith("t.csv")


def test_inspect_gives_the_whole_report(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("größe;ort;y\n1,5;Ulm;1\n2,5;Bonn;2\n;Ulm;3\n1,25;Bonn\n".encode("cp1252"))
    report = json.loads(json.dumps(inspect_file(path)))
    columns = [{key: column[key] for key in ("name", "kind", "missing", "distinct")} for column in report["columns"]]
    assert columns == [
        {"name": "größe", "kind": "numeric", "missing": 1, "distinct": 3},
        {"name": "ort", "kind": "category", "missing": 0, "distinct": 2},
        {"name": "y", "kind": "numeric", "missing": 1, "distinct": 3},
    ]
    expected = {
        "rows": 4,
        "header": True,
        "delimiter": ";",
        "encoding": "cp1252",
        "decimal": ",",
        "thousands": None,
        "repairs": [{"line": 5, "what": "1 row had too few cells: the rest is filled as missing (line 5)."}],
        "target": "y",
        "task": "regression",
    }
    assert {key: report[key] for key in expected} == expected


def test_settings_win_over_roles_and_roles_over_the_suggestion(iris: Path) -> None:
    roles = ImportSpec(header=False, columns=(ColumnSpec("column 2", role="target"), ColumnSpec("column 3", role="ignore")))
    data = load_file(iris, Settings(), spec=roles)
    assert (data.target.name, data.target.task) == ("column 2", "regression")
    assert {feature.column for feature in data.features} == {"column 1", "column 4", "column 5"}
    assert account(data)[2].role == "left out"
    chosen = load_file(iris, Settings(target="5", features=("3",)), spec=roles)
    assert (chosen.target.name, [feature.column for feature in chosen.features]) == ("column 5", ["column 3"])
    target_only = load_file(iris, Settings(target="5"), spec=roles)
    assert "column 3" not in {feature.column for feature in target_only.features}


def test_a_spec_says_how_the_file_is_read_and_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a title\na;b;y\n" + "".join(f"{row % 7},5;{row % 3};{row % 5}\n" for row in range(40)), encoding="utf-8")
    spec = ImportSpec(delimiter=";", decimal=",", skip_lines=1, columns=(ColumnSpec("b", "category"),))
    data = load_file(path, Settings(target="y", task="regression"), spec=spec)
    assert data.preparation["columns"]["b"]["levels"] == ["0", "1", "2"]
    assert data.preparation["columns"]["a"]["kind"] == "numeric"
    filed = json.loads(json.dumps(data.preparation))
    assert ImportSpec.from_dict(filed["import_spec"]) == spec
    assert len(data.columns) == 3


def test_settings_say_how_a_file_is_prepared(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,y\n" + "".join(f"{'' if row % 9 == 4 else row},{row % 7},{row * 0.7}\n" for row in range(50)))
    settings = Settings(target="y", validation=0.2, test=0.3, scaling="min_max", target_scaling="none", missing_indicator=True)
    data = load_file(path, settings)
    assert (len(data.y_train), len(data.y_validation), len(data.y_test)) == (25, 10, 15)
    assert [feature.name for feature in data.features] == ["a", "a = missing", "b"]
    assert (data.X_train[:, 0].min(), data.X_train[:, 0].max()) == (0.0, 1.0)
    assert np.allclose(data.y_test, 0.7 * data.rows_test)
    assert (data.preparation["validation"], data.preparation["test"]) == (0.2, 0.3)


def test_columns_left_out_keep_their_reason(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,who,a,y\n" + "".join(f"{row},Name {row},{row % 7 / 2},{row % 5}\n" for row in range(1, 21)))
    data = load_file(path, Settings())
    assert data.preparation["left_out"].keys() == {"id", "who"}
    assert {each.name: each.role for each in account(data)} == {
        "id": "left out", "who": "left out", "a": "feature", "y": "target",
    }  # fmt: skip
    assert account(data)[0].done == (f"Left out: {data.preparation['left_out']['id']}.",)


def test_settings_say_how_an_example_is_drawn_and_prepared() -> None:
    settings = Settings(
        example_rows=60, example_noise=0.0, test=0.25, scaling="min_max", target_scaling="min_max", validation=0.25
    )
    data = load_example("sine", settings)
    assert (len(data.y_train), len(data.y_validation), len(data.y_test)) == (30, 15, 15)
    assert (data.X_train.min(), data.X_train.max(), data.y_train.min(), data.y_train.max()) == (0.0, 1.0, 0.0, 1.0)
    noisy = load_example("sine", Settings(example_rows=60, example_noise=3.0))
    assert noisy.target.scale > 2.0 * load_example("sine", Settings(example_rows=60)).target.scale


def test_an_example_follows_the_settings() -> None:
    data = load_example("gaussians", Settings(validation=0.5, seed=9))
    assert (len(data.X_train), len(data.X_validation), len(data.target.classes)) == (200, 200, 3)
