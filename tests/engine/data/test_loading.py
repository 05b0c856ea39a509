import json
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from engine.data.errors import DataError
from engine.data.inspect import inspect_file
from engine.data.loading import load_example, load_file
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
    report = inspect_file(path)
    assert json.loads(json.dumps(report)) == {
        "rows": 4,
        "columns": [
            {"name": "größe", "kind": "numeric", "missing": 1, "distinct": 3},
            {"name": "ort", "kind": "category", "missing": 0, "distinct": 2},
            {"name": "y", "kind": "numeric", "missing": 1, "distinct": 3},
        ],
        "header": True,
        "delimiter": ";",
        "encoding": "cp1252",
        "decimal": ",",
        "thousands": None,
        "repairs": [{"line": 5, "what": "1 row had too few cells: the rest is filled as missing (line 5)."}],
        "target": "y",
        "task": "regression",
    }


def test_an_example_follows_the_settings() -> None:
    data = load_example("gaussians", Settings(validation=0.5, seed=9))
    assert (len(data.X_train), len(data.X_validation), len(data.target.classes)) == (200, 200, 3)
