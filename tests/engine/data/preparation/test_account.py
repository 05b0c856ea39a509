"""What was done to each column, and that original values come back from prepared ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.preparation.account import account, original_of, originals
from engine.data.preparation.prepare import prepare
from engine.data.prepared import PreparedData
from tests.engine.data.columns.columns_by_hand import numbers, text

N_ROWS = 600
TOWNS = [f"town {number:02}" for number in range(60)]


def everything() -> dict[str, list[Any]]:
    """Return the cells of a table with a column of every sort."""
    generator = np.random.default_rng(11)
    length = generator.normal(1e5, 3e4, N_ROWS).tolist()
    length[3] = length[170] = None
    return {
        "length": length,
        "town": [TOWNS[int(60 * generator.random() ** 2)] for _ in range(N_ROWS)],
        "colour": [("red", "green", None)[row % 3] for row in range(N_ROWS)],
        "member": [("yes", "no")[row % 5 == 0] for row in range(N_ROWS)],
        "flag": [float(row % 7 == 0) for row in range(N_ROWS)],
        "day": [str(np.datetime64("2020-02-28") + int(generator.integers(900))) for _ in range(N_ROWS)],
        "same": [4.0] * N_ROWS,
        "remark": [f"row number {row}" for row in range(N_ROWS)],
        "price": generator.normal(250.0, 40.0, N_ROWS).tolist(),
    }


FEATURES = ("length", "town", "colour", "member", "flag", "day", "same")


def table(target: str = "price", **choices: Any) -> tuple[dict[str, list[Any]], PreparedData]:
    cells = everything()
    of_text = {"town", "colour", "member", "day", "remark"}
    columns = [text(name, values) if name in of_text else numbers(name, values) for name, values in cells.items()]
    features = [name for name in FEATURES if name != target]
    options = {"test": 0.2, "seed": 4, "left_out": {"remark": "text with 600 different values"}} | choices
    return cells, prepare(columns, name="t.csv", target=target, features=features, **options)


@pytest.mark.parametrize("scaling", ["standardise", "min_max", "none"])
@pytest.mark.parametrize("indicator", [False, True])
def test_original_values_come_back(scaling: str, indicator: bool) -> None:
    cells, data = table(scaling=scaling, target_scaling=scaling, missing_indicator=indicator)
    levels = data.preparation["columns"]["town"]["levels"]
    median = data.preparation["columns"]["length"]["median"]
    for part, rows in (("train", data.rows_train), ("validation", data.rows_validation), ("test", data.rows_test)):
        for position, row in enumerate(rows):
            found = original_of(data, part, position)  # type: ignore[arg-type]
            length, day, price = found["length"], found["day"], found["price"]
            given = cells["length"][row]
            if given is None and indicator:
                assert length is None
            else:
                assert length == pytest.approx(median if given is None else given, rel=1e-12, abs=1e-9)
            expected_day = (np.datetime64(cells["day"][row]) - np.datetime64("1970-01-01")).astype(int)
            assert day == pytest.approx(expected_day, abs=1e-9)
            assert price == pytest.approx(cells["price"][row], abs=1e-9)
            town = cells["town"][row]
            assert found["town"] == (town if town in levels else "other")
            assert found["colour"] == (cells["colour"][row] or "missing")
            assert found["member"] == cells["member"][row]
            assert found["flag"] == str(int(cells["flag"][row]))
            assert list(found)[-1] == "price"
            assert "same" not in found
    assert len(levels) == 50


def test_classes_come_back() -> None:
    cells, data = table("member")
    assert [original_of(data, "test", position)["member"] for position in range(3)] == [
        cells["member"][row] for row in data.rows_test[:3]
    ]


def test_a_level_that_training_did_not_know_is_not_told() -> None:
    _, data = table()
    inputs = data.X_train[0].copy()
    positions = [place for place, feature in enumerate(data.features) if feature.column == "colour"]
    inputs[positions] = 0.0
    assert originals(data, inputs)["colour"] is None


@given(values=st.lists(st.floats(-1e12, 1e12), min_size=4, max_size=40), scaling=st.sampled_from(["standardise", "min_max"]))
def test_any_numbers_come_back(values: list[float], scaling: Any) -> None:
    values = [*values, 0.5, 1.5]
    columns = [numbers("a", values), numbers("y", range(len(values)))]
    data = prepare(columns, name="t", target="y", features=["a"], scaling=scaling, validation=0.0, task="regression")
    spread = max(map(abs, values))
    for position, row in enumerate(data.rows_train):
        assert original_of(data, "train", position)["a"] == pytest.approx(values[row], abs=1e-12 * spread + 1e-9)


def test_every_column_is_accounted_for() -> None:
    _, data = table(missing_indicator=True)
    found = {each.name: each for each in account(data)}
    assert list(found) == list(everything())
    assert {name: each.role for name, each in found.items()} == {
        **dict.fromkeys(FEATURES, "feature"),
        "same": "left out",
        "remark": "left out",
        "price": "target",
    }
    positions = [position for each in found.values() for position in each.positions]
    assert positions == list(range(data.n_features))
    for each in found.values():
        assert each.inputs == tuple(data.features[position].name for position in each.positions)
        assert each.done
        assert all(sentence.endswith(".") and not sentence[0].islower() for sentence in each.done)
    assert found["remark"].done == ("Left out: text with 600 different values.",)
    assert found["same"].done == ("Left out: it has one value only in the training rows.",)
    assert found["length"].inputs == ("length", "length = missing")


def test_what_was_done_is_said_with_its_constants() -> None:
    _, data = table(missing_indicator=True)
    found = {each.name: each for each in account(data)}
    length = data.preparation["columns"]["length"]
    mean, scale = f"{length['mean']:.6g}", f"{length['scale']:.6g}"
    assert found["length"].done == (
        f"2 missing values: filled with the median {length['median']:.6g}; a second input is 1 there.",
        f"Standardised: (value − mean {mean}) / standard deviation {scale}, both of the training rows.",
    )
    assert found["day"].done[0] == "Dates are counted in days since 1970-01-01."
    assert found["colour"].done == (
        "200 missing values: a level of their own, 'missing'.",
        "An input of 0 or 1 for each of 3 levels.",
    )
    assert found["town"].done == ("An input of 0 or 1 for each of 50 levels, and one for all others ('other').",)
    assert found["member"].done == ("One input: 0 for 'no', 1 for 'yes'.",)
    assert found["price"].done[0].startswith("Standardised: ")
    _, scaled = table(scaling="min_max", target_scaling="none")
    found = {each.name: each for each in account(scaled)}
    assert found["length"].done[-1].startswith("To the range 0 to 1: (value − smallest ")
    assert found["price"].done == ("Not scaled.",)
    _, classes = table("member")
    assert {each.name: each for each in account(classes)}["member"].done == ("Each of the 2 classes has a code from 0 to 1.",)


def test_columns_nobody_chose_say_so() -> None:
    _, data = table(left_out={})
    assert {each.name: each for each in account(data)}["remark"].done == ("Left out: it is not among the chosen features.",)


def test_data_without_columns_are_accounted_for_by_their_preparation() -> None:
    _, data = table()
    bare = replace(data, columns=())
    assert [each.name for each in account(bare)] == [*FEATURES, "price"]
    assert account(bare)[0] == account(data)[0]
