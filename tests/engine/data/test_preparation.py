import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from engine.data.cells import CodedText
from engine.data.columns import Column
from engine.data.errors import DataError
from engine.data.kinds import describe
from engine.data.preparation import prepare
from engine.data.prepared import PreparedData
from engine.data.split import split_rows


def numbers(name: str, values: Sequence[float | None]) -> Column:
    return describe(name, np.array([np.nan if value is None else value for value in values], dtype=np.float64))


def text(name: str, values: Sequence[str | None]) -> Column:
    levels = tuple(dict.fromkeys(value for value in values if value is not None))
    codes = [-1 if value is None else levels.index(value) for value in values]
    return describe(name, CodedText(np.array(codes, dtype=np.int32), levels))


def prepared(columns: Sequence[Column], features: Sequence[str] | None = None, **choices: Any) -> PreparedData:
    names = [column.name for column in columns]
    options: dict[str, Any] = {"name": "t.csv", "target": "y", "task": "auto", "validation": 0.25, "seed": 1} | choices
    chosen = [name for name in names if name != options["target"]] if features is None else features
    return prepare(columns, features=chosen, **options)


def some_columns(n_rows: int = 40) -> list[Column]:
    generator = np.random.default_rng(5)
    a = generator.normal(3.0, 10.0, n_rows).tolist()
    a[3] = a[17] = None
    town = [("Ulm", "Bonn", "Aachen", None)[row % 4] for row in range(n_rows)]
    sex = [("male", "female")[row % 3 == 0] for row in range(n_rows)]
    return [numbers("a", a), text("town", town), text("sex", sex), numbers("y", generator.normal(size=n_rows).tolist())]


def test_the_same_as_scikit_learn_makes_of_it() -> None:
    columns = some_columns()
    data = prepared(columns)
    train = data.rows_train
    a = columns[0].values
    assert isinstance(a, np.ndarray)
    imputer, scaler = SimpleImputer(strategy="median"), StandardScaler()
    scaler.fit(imputer.fit_transform(a[train, None]))
    town = np.array([("Ulm", "Bonn", "Aachen", "missing")[row % 4] for row in range(40)])[:, None]
    sex = np.array([("male", "female")[row % 3 == 0] for row in range(40)])[:, None]
    town_encoder = OneHotEncoder(sparse_output=False).fit(town[train])
    sex_encoder = OneHotEncoder(sparse_output=False, drop="first").fit(sex[train])
    for X, rows in ((data.X_train, train), (data.X_validation, data.rows_validation)):
        a_scaled = scaler.transform(imputer.transform(a[rows, None]))
        expected = np.hstack([a_scaled, town_encoder.transform(town[rows]), sex_encoder.transform(sex[rows])])
        assert np.allclose(X, expected, rtol=1e-13, atol=1e-13)
    names = [feature.name for feature in data.features]
    assert names == ["a", "town = Aachen", "town = Bonn", "town = Ulm", "town = missing", "sex = male"]
    y = columns[3].values
    assert isinstance(y, np.ndarray)
    y_scaler = StandardScaler().fit(y[train, None])
    assert np.allclose(data.y_validation, y_scaler.transform(y[data.rows_validation, None])[:, 0])


def test_constants_come_from_the_training_rows_only() -> None:
    columns = some_columns()
    before = prepared(columns)
    changed = []
    for column in (columns[0], columns[3]):
        assert isinstance(column.values, np.ndarray)
        values = column.values.copy()
        values[before.rows_validation] += 1e6
        changed.append(describe(column.name, values))
    after = prepared([changed[0], columns[1], columns[2], changed[1]])
    assert np.array_equal(after.rows_train, before.rows_train)
    assert np.array_equal(after.X_train, before.X_train)
    assert np.array_equal(after.y_train, before.y_train)
    assert after.target == before.target
    assert after.features == before.features


def test_the_training_rows_have_mean_0_and_deviation_1_and_original_values_come_back() -> None:
    columns = some_columns()
    data = prepared(columns)
    assert data.X_train[:, 0].mean() == pytest.approx(0.0, abs=1e-12)
    assert data.X_train[:, 0].std() == pytest.approx(1.0)
    y = columns[3].values
    assert isinstance(y, np.ndarray)
    assert np.allclose(data.y_validation * data.target.scale + data.target.mean, y[data.rows_validation])


def test_the_split_is_seeded_complete_and_read_only() -> None:
    one, same, other = prepared(some_columns()), prepared(some_columns()), prepared(some_columns(), seed=2)
    assert np.array_equal(one.rows_train, same.rows_train)
    assert not np.array_equal(one.rows_train, other.rows_train)
    assert sorted([*one.rows_train, *one.rows_validation]) == list(range(40))
    assert len(one.rows_validation) == 10
    for array in (one.X_train, one.y_train, one.X_validation, one.y_validation, one.rows_train, one.rows_validation):
        assert not array.flags.writeable


def test_every_class_has_its_share_in_both_parts_and_a_training_row() -> None:
    classes = np.array([0] * 60 + [1] * 36 + [2] * 3 + [3])
    train, validation = split_rows(100, 0.25, 7, classes)
    assert np.bincount(classes[validation], minlength=4).tolist() == [15, 9, 1, 0]
    assert len(train) == 75
    train, _ = split_rows(100, 0.9, 7, classes)
    assert (np.bincount(classes[train], minlength=4) >= 1).all()


def test_no_validation_leaves_all_rows_for_training() -> None:
    data = prepared(some_columns(), validation=0.0)
    assert data.X_train.shape == (40, 6)
    assert data.X_validation.shape == (0, 6)
    assert data.y_validation.shape == data.rows_validation.shape == (0,)


def test_rows_without_a_target_are_left_out_and_told() -> None:
    data = prepared([numbers("a", range(8)), numbers("y", [1, None, 3, 4, None, 7, 2, 9])], validation=0.0)
    assert data.rows_train.tolist() == [0, 2, 3, 5, 6, 7]
    assert data.notes == ("2 rows have no value of the target 'y': left out.",)


def test_classes_are_named_as_in_the_file_and_in_order() -> None:
    by_number = prepared([numbers("a", range(12)), numbers("y", [10, 9, 100] * 4)], task="classification", validation=0.0)
    assert by_number.target.classes == ("9", "10", "100")
    assert by_number.y_train.tolist() == [1, 0, 2] * 4
    by_text = prepared([numbers("a", range(8)), text("y", ["b", "a", None, "c"] * 2)], validation=0.0)
    assert (by_text.target.task, by_text.target.classes) == ("classification", ("a", "b", "c"))
    assert by_text.y_train.tolist() == [1, 0, 2, 1, 0, 2]


def test_whole_numbers_can_be_quantities_or_classes() -> None:
    columns = [numbers("a", range(30)), numbers("y", [3, 4, 5, 6, 7] * 6)]
    assert prepared(columns).target.task == "regression"
    assert prepared(columns, task="classification").target.classes == ("3", "4", "5", "6", "7")


def test_rare_levels_share_one_input() -> None:
    levels = [f"l{index:02}" for index in range(60) for _ in range(2 if index < 50 else 1)]
    data = prepared([text("a", levels), numbers("y", range(len(levels)))], validation=0.0)
    assert data.n_features == 51
    assert data.features[-1].name == "a = other"
    assert data.X_train.sum(axis=1).tolist() == [1.0] * len(levels)
    assert data.X_train[:, -1].sum() == 10
    assert data.notes == ("a: the 50 most frequent levels have an input each, the other 10 share one.",)


def test_a_level_that_only_validation_rows_have_is_no_input() -> None:
    column = text("a", ["p", "q"] * 20)
    data = prepared([column, numbers("y", np.arange(40) ** 2)])
    levels = ["p", "q"] * 20
    levels[int(data.rows_validation[0])] = "new"
    again = prepared([text("a", levels), numbers("y", np.arange(40) ** 2)])
    assert [feature.name for feature in again.features] == ["a = q"]
    assert again.X_validation[0].tolist() == [0.0]


def test_a_column_that_does_not_vary_in_the_training_rows_is_left_out() -> None:
    data = prepared([numbers("flat", [0.1] * 9), numbers("a", range(9)), numbers("y", np.arange(9) ** 2)])
    assert [feature.name for feature in data.features] == ["a"]
    assert data.notes == ("flat is left out: it has one value only in the training rows.",)
    assert data.preparation["columns"]["flat"]["encoding"] == "left out"


def test_two_rows_are_enough_for_a_quantity() -> None:
    data = prepared([numbers("a", [1, 2]), numbers("y", [1.5, 4.0])], validation=0.5)
    assert data.X_train.tolist() == [[-1.0], [1.0]]
    assert data.notes == ("Of 2 rows no row is kept aside for validation: the others are needed for training.",)


def test_yes_and_no_and_zero_and_one_become_one_input() -> None:
    columns = [text("smokes", ["no", "yes"] * 6), numbers("flag", [0, 1, 1] * 4), numbers("y", np.arange(12) ** 2)]
    data = prepared(columns, validation=0.0)
    assert [feature.name for feature in data.features] == ["smokes = yes", "flag = 1"]
    assert data.X_train[:3].tolist() == [[0, 0], [1, 1], [0, 1]]


def test_the_preparation_is_ready_for_json_and_complete() -> None:
    data = prepared(some_columns())
    record = json.loads(json.dumps(data.preparation, allow_nan=False))
    a = record["columns"]["a"]
    assert (a["kind"], a["encoding"], a["missing"]) == ("numeric", "standardise", 2)
    assert (a["mean"], a["scale"]) == (data.features[0].mean, data.features[0].scale)
    assert record["columns"]["town"]["levels"] == ["Aachen", "Bonn", "Ulm", "missing"]
    assert record["columns"]["sex"]["encoding"] == "binary"
    assert record["target"]["mean"] == data.target.mean


NUMBERS = [numbers("a", range(6)), numbers("b", [1, 2, 4, 8, 16, 32]), numbers("y", [1, 3, 2, 5, 4, 9])]


@pytest.mark.parametrize(
    ("columns", "features", "choices", "words"),
    [
        (NUMBERS, ["a", "b", "a"], {}, r"t\.csv, column 'a': the column is given twice among the features; give it once\."),
        (NUMBERS, ["a", "y"], {}, "column 'y': the column is the target and a feature at once"),
        (NUMBERS, ["a", "c"], {}, "there is no column 'c'; the columns are 'a', 'b', 'y'"),
        (NUMBERS, ["a"], {"target": "z"}, "there is no column 'z'"),
        (NUMBERS, [], {}, "there are no usable features"),
        ([*NUMBERS[:2], numbers("y", [5] * 6)], ["a"], {}, "the target has the value '5' in every row"),
        ([*NUMBERS[:2], text("y", ["k"] * 6)], ["a"], {}, "the target has the value 'k' in every row"),
        ([*NUMBERS[:2], text("y", list("pqpqpq"))], ["a"], {"task": "regression"}, "the target is text, and regression needs"),
        ([*NUMBERS[:2], text("y", list("abcdef"))], ["a"], {}, "another value in each of the 6 rows"),
        (NUMBERS, ["a"], {"task": "classification"}, "another value in each of the 6 rows.*or the task regression"),
        ([*NUMBERS[:2], numbers("y", [1, *[None] * 5])], ["a"], {}, "only 1 row has a value of the target"),
        ([*NUMBERS[:2], numbers("y", [None] * 6)], ["a"], {}, "no row has a value of the target"),
        ([numbers("a", [2] * 6), NUMBERS[2]], ["a"], {}, "none of the chosen features has different values"),
        ([numbers("a", [1e308, -1e308] * 3), NUMBERS[2]], ["a"], {}, r"column 'a': numbers as large as 1e\+308 can't be"),
    ],
)
def test_what_can_not_be_learned_is_refused_in_one_sentence(
    columns: list[Column], features: list[str], choices: dict[str, Any], words: str
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        prepared(columns, features, **choices)
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith(".")


def test_more_than_100_classes_are_refused() -> None:
    columns = [numbers("a", range(303)), numbers("y", np.arange(303) % 101)]
    with pytest.raises(DataError, match="the target has 101 classes, and at most 100"):
        prepared(columns, task="classification")
