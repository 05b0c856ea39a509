from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.metrics import accuracy_score

from engine.data.cells import CodedText
from engine.data.columns.column import Column, column_of
from engine.data.columns.kinds import describe
from engine.data.columns.leaks import best_cuts_agreement, correlation_ratio, ranks
from engine.data.columns.profile import cautions

N_ROWS = 600


def coded(cells: list[str | None]) -> CodedText:
    levels = tuple(dict.fromkeys(cell for cell in cells if cell is not None))
    return CodedText(np.array([-1 if cell is None else levels.index(cell) for cell in cells], dtype=np.int32), levels)


def draws() -> np.random.Generator:
    return np.random.default_rng(7)


def on_the_feature(feature: Column, target: Column) -> str:
    found = cautions([feature, target], target.name)
    return " ".join(found[feature.name])


def classes(n_classes: int = 2) -> tuple[NDArray[np.int64], Column]:
    codes = draws().integers(0, n_classes, N_ROWS)
    return codes, column_of("target", "category", coded([f"class {code}" for code in codes]))


@pytest.mark.parametrize(
    ("column", "sentences"),
    [
        (describe("id", np.arange(9.0)), ("It numbers or names the rows: it says nothing of other rows.",)),
        (describe("v", np.full(9, 2.0)), ("It has one value only: nothing can be learned from it.",)),
        (describe("v", np.full(9, np.nan)), ("It has no value.",)),
        (describe("v", coded([None, None])), ("It has no value.",)),
        (describe("v", np.array([1.0, 2.5, 3.0] + [np.nan] * 4)), ("4 of 7 values are missing.",)),
        (describe("v", np.array([1.0, 2.5, 3.0] + [np.nan] * 3)), ()),
        (
            describe("v", coded(["a long remark", "another long remark", "and one more"])),
            ("Every one of the 3 rows with a value has another one.",),
        ),
        (
            describe("v", coded([f"remark no {row // 2 * (row < 20) + row * (row >= 20)}" for row in range(200)])),
            ("It has 190 different values in 200 rows: few of them come again.",),
        ),
        (
            describe("v", coded(["Red", "red", "blue"] * 9)),
            ("'Red' and 'red' are taken as two values: they differ in upper and lower case only.",),
        ),
        (
            describe("v", coded(["03/04/2021", "04/05/2021"])),
            (
                "Dates are left out unless chosen: rows to come lie beyond those learned from.",
                "Dates are read month first, '03/04/2021' as 4 March 2021: no date of the column decides.",
            ),
        ),
        (describe("v", np.array([1.0, 2.5, 2.5])), ()),
        (describe("v", coded(["a", "b"] * 9)), ()),
    ],
)
def test_what_is_worth_a_caution(column: Column, sentences: tuple[str, ...]) -> None:
    assert cautions([column], None) == {column.name: sentences}


def test_a_copy_of_the_classes_leaks() -> None:
    codes, target = classes(3)
    cells: list[str | None] = [f"class {code}" for code in codes]
    cells[5] = cells[6] = cells[7] = "class 9"
    assert on_the_feature(column_of("v", "category", coded(cells)), target) == (
        "It may leak the target: it agrees with the target in 99.5 % of the rows."
    )


def test_other_words_for_the_classes_leak() -> None:
    codes, target = classes(3)
    feature = column_of("v", "category", coded([f"{'xyz'[code]}{row % 4}" for row, code in enumerate(codes)]))
    assert on_the_feature(feature, target) == "It may leak the target: its value alone tells the class in 100 % of the rows."


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_number_that_one_threshold_turns_into_the_class_leaks(sign: float) -> None:
    codes, target = classes()
    values = sign * (codes + draws().uniform(0, 0.9, N_ROWS))
    values[np.flatnonzero(codes == 0)[:3]] = 5.0 * sign
    assert on_the_feature(column_of("v", "numeric", values), target) == (
        "It may leak the target: one threshold on it tells the class in 99.5 % of the rows."
    )


def test_a_number_that_orders_several_classes_leaks() -> None:
    codes, target = classes(4)
    order = np.array([2.0, 0.0, 3.0, 1.0])
    feature = column_of("v", "numeric", order[codes] + draws().uniform(0, 0.99, N_ROWS))
    assert on_the_feature(feature, target) == (
        "It may leak the target: 3 thresholds on it tell the class in 100 % of the rows."
    )


def test_what_is_missing_can_leak_the_class() -> None:
    codes, target = classes()
    numbers = column_of("v", "numeric", np.where(codes == 1, draws().normal(size=N_ROWS), np.nan))
    names = column_of("v", "text", coded([f"boat {row}" if code else None for row, code in enumerate(codes)]))
    for feature in (numbers, names):
        assert "It may leak the target: whether it is missing tells the class in 100 % of the rows." in on_the_feature(
            feature, target
        )


@pytest.mark.parametrize(
    ("copied", "words"),
    [
        (lambda y: 3.0 * y - 2.0, "its correlation with the target is 1."),
        (lambda y: -y + 0.01 * draws().normal(size=N_ROWS), "its correlation with the target is -0.9999."),
        (lambda y: np.exp(4.0 * y), "its rank correlation with the target is 1."),
        (lambda y: 1e300 * y, "its correlation with the target is 1."),
    ],
)
def test_a_near_copy_of_a_quantity_leaks(copied: object, words: str) -> None:
    y = np.random.default_rng(3).normal(size=N_ROWS)
    assert callable(copied)
    feature = column_of("v", "numeric", copied(y))
    assert on_the_feature(feature, column_of("y", "numeric", y)) == f"It may leak the target: {words}"


def test_a_category_that_fixes_a_quantity_leaks() -> None:
    codes, feature = classes(5)
    target = column_of("y", "numeric", np.array([1.5, 2.25, 9.0, 4.0, -3.0])[codes] + 1e-4 * draws().normal(size=N_ROWS))
    assert (
        on_the_feature(feature, target) == "It may leak the target: its value alone explains 99.9 % of the target's variance."
    )


def test_large_tables_are_measured_on_a_sample_and_the_sentence_says_so() -> None:
    codes = draws().integers(0, 2, 50_000)
    target = column_of("target", "category", coded([f"class {code}" for code in codes]))
    feature = column_of("v", "numeric", codes + draws().uniform(0, 0.9, 50_000))
    assert on_the_feature(feature, target) == (
        "It may leak the target: one threshold on it tells the class in 100 % of the rows (measured on 20,000 of 50,000 rows)."
    )


def test_chance_is_no_leak() -> None:
    _, target = classes()
    assert on_the_feature(column_of("noise", "numeric", draws().normal(size=N_ROWS)), target) == ""


@pytest.mark.parametrize(("wrong", "leaks"), [(5, True), (13, False)])
def test_a_good_feature_is_no_leak(wrong: int, leaks: bool) -> None:
    codes, target = classes()
    said = codes.copy()
    said[:wrong] = 1 - said[:wrong]
    feature = column_of("v", "category", coded([f"{'xy'[code]}" for code in said]))
    assert ("leak" in on_the_feature(feature, target)) == leaks
    assert ("leak" in on_the_feature(column_of("v", "numeric", said + draws().uniform(0, 0.9, N_ROWS)), target)) == leaks


@pytest.mark.parametrize(("n_rare", "n_caught", "leaks"), [(4, 4, False), (6, 6, True), (6, 4, False)])
def test_of_a_rare_class_enough_rows_must_be_told(n_rare: int, n_caught: int, leaks: bool) -> None:
    target = column_of("target", "category", coded(["rare" if row < n_rare else "usual" for row in range(N_ROWS)]))
    values = draws().uniform(0, 1, N_ROWS)
    values[:n_caught] += 1.0
    assert ("leak" in on_the_feature(column_of("v", "numeric", values), target)) == leaks


def test_few_rows_or_few_rows_for_each_level_prove_nothing() -> None:
    few = column_of("target", "category", coded(["a", "b"] * 10))
    assert on_the_feature(column_of("v", "numeric", np.array([1.0, 2.0] * 10)), few) == ""
    codes, _ = classes()
    for n_levels in (20, 80):
        labels = [f"class {code}" for code in codes[: 2 * n_levels]]
        names = column_of("v", "category", coded([f"level {row // 4} {label}" for row, label in enumerate(labels)]))
        assert "leak" not in on_the_feature(names, column_of("target", "category", coded(labels)))
    quantities = column_of("y", "numeric", np.repeat(draws().normal(size=N_ROWS // 2), 2))
    names = column_of("v", "category", coded([f"level {row // 2}" for row in range(N_ROWS)]))
    assert "leak" not in on_the_feature(names, quantities)


@pytest.mark.parametrize("load", [datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_digits])
def test_real_classes_raise_no_false_alarm(load: object) -> None:
    assert callable(load)
    data = load()
    target = column_of("target", "category", coded([str(code) for code in data.target]))
    features = [describe(f"v{index}", values) for index, values in enumerate(np.asarray(data.data, dtype=np.float64).T)]
    found = cautions([*features, target], "target")
    assert not [sentence for sentences in found.values() for sentence in sentences if "leak" in sentence]


def test_real_quantities_raise_no_false_alarm() -> None:
    data = datasets.load_diabetes()
    features = [describe(f"v{index}", values) for index, values in enumerate(data.data.T)]
    found = cautions([*features, describe("target", data.target)], "target")
    assert not any(found.values())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), min_size=2, max_size=14))
@example([(0, 0), (0, 1), (0, 1), (1, 0)])
def test_the_best_threshold_is_found_as_by_trying_all(rows: list[tuple[int, int]]) -> None:
    x, y = (np.array(part) for part in zip(*rows, strict=True))
    assume(len(set(y)) == 2)
    tried = [accuracy_score(y, np.where(x > cut, upper, 1 - upper)) for cut in [-1, *x] for upper in (0, 1)]
    assert best_cuts_agreement(x.astype(np.float64), y) == pytest.approx(max(tried))


def test_the_best_cuts_of_three_classes_are_found_as_by_trying_all() -> None:
    x = np.concatenate([draws().normal(centre, 1.0, 15) for centre in (0.0, 2.0, 4.0)])
    y = np.repeat([2, 0, 1], 15)
    cuts = [-np.inf, *np.sort(x)]
    names = np.array([2, 0, 1])
    tried = [accuracy_score(y, names[(x > low).astype(int) + (x > high)]) for low, high in combinations(cuts, 2)]
    assert best_cuts_agreement(x, y) == pytest.approx(max(tried))


@given(st.lists(st.integers(-5, 5).map(float), min_size=1))
def test_ranks_are_those_of_pandas(values: list[float]) -> None:
    np.testing.assert_array_equal(ranks(np.array(values)), pd.Series(values).rank())


def test_the_correlation_ratio_of_two_levels_is_the_squared_correlation() -> None:
    levels = draws().integers(0, 2, 200).astype(np.int32)
    values = levels + draws().normal(size=200)
    assert correlation_ratio(levels, values) == pytest.approx(np.corrcoef(levels, values)[0, 1] ** 2)
    assert correlation_ratio(levels, np.full(200, 3.0)) == 0.0
