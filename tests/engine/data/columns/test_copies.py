"""Columns that hold the target once more are left out by the suggestion; relatives of the target are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from engine.data.columns.profile import cautions
from engine.data.columns.suggestion import suggest
from engine.data.import_spec import ColumnSpec, ImportSpec
from tests.engine.data.columns.columns_by_hand import numbers, text

N_ROWS = 200
RNG = np.random.default_rng(5)
SIZE = RNG.uniform(20.0, 90.0, N_ROWS)
PRICE = np.round(1000.0 + 37.5 * SIZE + RNG.normal(0.0, 40.0, N_ROWS), 2)
TOWN = RNG.choice(["Bern", "Oslo", "Rome"], N_ROWS).tolist()


def test_feature_that_equals_the_target_is_left_out_with_the_reason() -> None:
    columns = [numbers("size", SIZE), numbers("amount", PRICE), numbers("price", PRICE)]
    found = suggest(columns)
    assert found.target == "price"
    assert found.features == ("size",)
    assert found.ignored == {"amount": "it equals the target in 100 % of the rows"}
    assert cautions(columns, "price")["amount"] == ("A copy of the target: it equals the target in 100 % of the rows.",)


def test_copy_with_one_wrong_row_in_a_thousand_is_a_copy_and_with_one_in_a_hundred_none() -> None:
    long = np.arange(2000.0)
    other = RNG.normal(size=2000)
    for wrong, left_out in ((1, True), (20, False)):
        copy = long.copy()
        copy[:wrong] += 500.0
        found = suggest([numbers("other", other), numbers("copy", copy), numbers("price", long)])
        assert ("copy" in found.ignored) is left_out
    assert np.mean(pd.Series(copy) == pd.Series(long)) == 0.99


def test_copy_of_classes_is_left_out_also_when_they_are_words() -> None:
    found = suggest([numbers("size", SIZE), text("town copied", TOWN), text("target", TOWN)])
    assert (found.target, found.features) == ("target", ("size",))


@pytest.mark.parametrize(
    "relative",
    [2.0 * PRICE + 1.0, PRICE + RNG.normal(0.0, 0.5, N_ROWS), np.round(PRICE), np.where(np.arange(N_ROWS) < 10, np.nan, PRICE)],
    ids=["another unit", "noise", "rounded", "gaps"],
)
def test_relatives_of_the_target_stay_features(relative: np.ndarray) -> None:
    found = suggest([numbers("size", SIZE), numbers("near", relative), numbers("price", PRICE)])
    assert found.features == ("size", "near")


def test_copy_stays_where_it_is_chosen_and_where_there_is_nothing_else() -> None:
    columns = [numbers("size", SIZE), numbers("amount", PRICE), numbers("price", PRICE)]
    chosen = ImportSpec(columns=(ColumnSpec("amount", role="feature"),))
    assert suggest(columns, spec=chosen).features == ("size", "amount")
    assert suggest(columns[1:]).features == ("amount",)


def test_few_rows_say_nothing_of_copies() -> None:
    columns = [numbers("size", SIZE[:12]), numbers("amount", PRICE[:12]), numbers("price", PRICE[:12])]
    assert suggest(columns).features == ("size", "amount")


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes"])
def test_real_tables_lose_no_feature(name: str) -> None:
    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    found = suggest([numbers(column, frame[column].tolist()) for column in frame])
    assert found.target == "target"
    assert not any("target" in reason for reason in found.ignored.values())


def test_copy_of_huge_numbers_overflows_nowhere() -> None:
    huge = 1.7e308 * np.linspace(-1.0, 1.0, N_ROWS)
    assert suggest([numbers("size", SIZE), numbers("copy", huge), numbers("y", huge)]).features == ("size",)


def test_table_of_one_column_and_table_without_rows_are_said_so() -> None:
    alone = suggest([numbers("y", PRICE)])
    assert alone.reason == "There is nothing to predict 'y' from: the table has one column only."
    empty = suggest([numbers("x", []), numbers("y", [])])
    assert empty.target is None
    assert empty.reason == "No column can be predicted: the table has no rows, only the names of its columns."


def test_kinds_of_many_useless_columns_are_cut_and_counted() -> None:
    columns = [numbers(f"c{number}", [1.0] * N_ROWS) for number in range(20)] + [numbers("y", PRICE)]
    assert suggest(columns).reason.endswith("'c7' is constant and so on for 12 more.")


def test_class_of_one_row_is_cautioned_of() -> None:
    size = numbers("size", SIZE)
    one = [*TOWN[:-1], "Kyiv"]
    assert cautions([size, text("town", one)], "town")["town"] == (
        "The class 'Kyiv' has one row only: it is either learned from or checked, never both.",
    )
    two = text("town", [*one[:-2], "Kyiv", "Lima"])
    assert cautions([size, two], "town")["town"][0].startswith("2 classes such as 'Kyiv' have one row only")
    assert cautions([size, text("town", TOWN)], "town")["town"] == ()
    assert cautions([size, two], "size")["town"] == ()
    assert cautions([size, two], "size")["size"] == ()
