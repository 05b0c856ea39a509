import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from engine.data.columns.kinds import describe
from engine.data.columns.suggestion import Column
from engine.data.errors import DataError
from engine.data.preparation.prepare import prepare
from engine.data.prepared import PreparedData
from tests.engine.data.columns.columns_by_hand import numbers, text


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


SCALINGS = ("standardise", "min_max", "none")


@pytest.mark.parametrize("scaling", SCALINGS)
def test_each_scaling_is_that_of_scikit_learn(scaling: str) -> None:
    columns = some_columns()
    data = prepared(columns, scaling=scaling, target_scaling=scaling, missing_indicator=True, test=0.2)
    scaler: Any = {"standardise": StandardScaler, "min_max": MinMaxScaler, "none": None}[scaling]
    a, y = columns[0].values, columns[3].values
    assert isinstance(a, np.ndarray)
    assert isinstance(y, np.ndarray)
    train = data.rows_train
    imputer, indicator = SimpleImputer(strategy="median").fit(a[train, None]), MissingIndicator().fit(a[train, None])
    training = imputer.transform(a[train, None]), y[train, None]
    of_inputs, of_target = (scaler().fit(values) if scaler else None for values in training)
    for (X, y_part), rows in zip(data.parts().values(), (train, data.rows_validation, data.rows_test), strict=True):
        filled, target = imputer.transform(a[rows, None]), y[rows, None]
        expected = filled if of_inputs is None else of_inputs.transform(filled)
        assert np.allclose(X[:, 0], expected[:, 0], rtol=1e-13, atol=1e-13)
        assert np.array_equal(X[:, 1], indicator.transform(a[rows, None])[:, 0])
        assert np.allclose(y_part, (target if of_target is None else of_target.transform(target))[:, 0], rtol=1e-13, atol=1e-13)
    assert [feature.name for feature in data.features[:3]] == ["a", "a = missing", "town = Aachen"]
    constants = data.preparation["columns"]["a"]
    assert (constants["encoding"], constants["indicator"]) == (scaling, True)
    assert data.preparation["target"]["encoding"] == scaling
    if scaling == "min_max":
        known = a[train][~np.isnan(a[train])]
        assert (constants["mean"], constants["scale"]) == (known.min(), known.max() - known.min())
    if scaling == "none":
        assert (constants["mean"], constants["scale"], data.target.mean, data.target.scale) == (0.0, 1.0, 0.0, 1.0)


def test_numbers_that_are_missing_in_no_training_row_are_not_marked() -> None:
    base = prepared(some_columns())
    columns = some_columns()
    values = np.arange(40.0)
    values[base.rows_validation[0]] = np.nan
    data = prepared([numbers("a", values), *columns[1:]], missing_indicator=True)
    assert data.features[1].name == "town = Aachen"
    assert not data.preparation["columns"]["a"]["indicator"]


def test_test_rows_have_no_part_in_any_constant() -> None:
    columns = some_columns()
    before = prepared(columns, test=0.3)
    assert (len(before.X_train), len(before.X_validation), len(before.X_test)) == (18, 10, 12)
    changed = []
    for column in (columns[0], columns[3]):
        assert isinstance(column.values, np.ndarray)
        values = column.values.copy()
        values[before.rows_test] += 1e6
        changed.append(describe(column.name, values))
    after = prepared([changed[0], columns[1], columns[2], changed[1]], test=0.3)
    assert np.array_equal(after.X_train, before.X_train)
    assert np.array_equal(after.X_validation, before.X_validation)
    assert (after.features, after.target) == (before.features, before.target)
    assert not np.array_equal(after.X_test, before.X_test)


def test_without_test_rows_the_test_part_is_empty_but_has_its_columns() -> None:
    data = prepared(some_columns())
    assert (data.X_test.shape, data.y_test.shape, data.rows_test.shape) == ((0, 6), (0,), (0,))
    assert list(data.parts()) == ["train", "validation"]
    assert list(prepared(some_columns(), test=0.2).parts()) == ["train", "validation", "test"]


def test_too_few_rows_for_a_test_are_told() -> None:
    data = prepared([numbers("a", [1, 2, 3]), numbers("y", [1.5, 4.0, 7.0])], validation=0.4, test=0.5)
    assert (len(data.y_train), len(data.y_validation), len(data.y_test)) == (2, 0, 1)
    assert data.notes == (
        "Of 3 rows no row is kept aside for validation: the others are needed for training.",
        "Of 3 rows only 1 row is kept aside for the test: the others are needed for training.",
    )


def test_every_column_is_kept_as_it_was_read() -> None:
    columns = some_columns()
    data = prepared(columns, features=["a"])
    assert data.columns == tuple(columns)


def test_dates_are_scaled_like_numbers_and_say_what_they_count() -> None:
    days = [str(np.datetime64("2021-01-01") + 3 * row) for row in range(40)]
    days[5] = None
    data = prepared([text("day", days), numbers("y", np.arange(40) ** 2)], scaling="min_max", validation=0.0)
    assert (data.X_train[:, 0].min(), data.X_train[:, 0].max()) == (0.0, 1.0)
    feature, constants = data.features[0], data.preparation["columns"]["day"]
    assert data.X_train[7, 0] * feature.scale + feature.mean == pytest.approx(18628 + 21, abs=1e-9)
    assert (constants["kind"], constants["unit"], constants["missing"]) == ("date", "days", 1)


def test_a_large_table_is_kept_in_single_precision_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = some_columns()
    small = prepared(columns, test=0.2)
    monkeypatch.setattr("engine.data.preparation.input_table.LARGE", 239)
    large = prepared(columns, test=0.2)
    assert large.notes[-1].startswith("40 rows with 6 inputs are a large table: the inputs are kept in single precision")
    for part, (X, y) in large.parts().items():
        exact, y_exact = small.parts()[part]
        assert X.dtype == np.float32
        assert X.T.flags.c_contiguous
        assert not X.flags.writeable
        assert np.array_equal(X, exact.astype(np.float32))
        assert np.array_equal(y, y_exact)
        assert exact.flags.c_contiguous
    monkeypatch.setattr("engine.data.preparation.input_table.LARGE", 240)
    assert prepared(columns).X_train.dtype == np.float64


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
        ([numbers("a", [1e300, -1e300] * 3), NUMBERS[2]], ["a"], {}, r"column 'a': numbers as large as 1e\+300 can't be st"),
        ([numbers("a", [1e300, -1e300] * 3), NUMBERS[2]], ["a"], {"scaling": "none"}, "can't be learned from; rescale"),
        (
            [NUMBERS[2], numbers("z", [1e300, 2.0] * 3)],
            ["y"],
            {"target": "z", "target_scaling": "min_max", "task": "regression"},
            "be scaled",
        ),
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
