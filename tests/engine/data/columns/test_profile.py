import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns.column import Column, column_of
from engine.data.columns.kinds import describe
from engine.data.columns.profile import class_balance, profile
from engine.data.import_spec import Kind

finite = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(-(10**7), 10**7).map(float)


def coded(*cells: str | None) -> CodedText:
    levels = tuple(dict.fromkeys(cell for cell in cells if cell is not None))
    return CodedText(np.array([-1 if cell is None else levels.index(cell) for cell in cells], dtype=np.int32), levels)


def numeric(values: NDArray[np.float64], kind: Kind = "numeric") -> Column:
    return column_of("v", kind, values)


@given(
    st.one_of(st.lists(finite, min_size=1), st.lists(whole, min_size=1), st.lists(st.integers(0, 30).map(float), min_size=1))
)
@example([1.0, 1.0 + 2**-52])
@example([1e308, -1e308, 3.0])
@example([5e-324, 0.0])
@example([1e300])
@example([0.3, 0.3])
@example([2.0**53, 2.0**53 + 2.0])
def test_a_histogram_counts_every_value_once_where_it_belongs(values: list[float]) -> None:
    seen = profile(numeric(np.array(values)))
    edges = np.array(seen.edges)
    assert sum(seen.counts) == len(values)
    assert 1 <= len(seen.counts) == len(edges) - 1 <= 20
    assert bool(np.all(edges[1:] > edges[:-1]))
    assert edges[0] <= min(values) <= max(values) <= edges[-1]
    if np.isfinite(seen.edges[-1] - seen.edges[0]):
        assert tuple(np.histogram(values, bins=edges)[0].tolist()) == seen.counts


def test_measurements_have_twenty_bins_as_numpy_draws_them() -> None:
    values = np.random.default_rng(1).normal(size=5_000)
    seen = profile(numeric(np.append(values, np.nan)))
    counts, edges = np.histogram(values, bins=20)
    assert seen.counts == tuple(counts)
    np.testing.assert_allclose(seen.edges, edges)
    assert (seen.n_rows, seen.missing, seen.distinct) == (5_001, 1, 5_000)
    assert (seen.smallest, seen.largest) == (values.min(), values.max())
    assert seen.mean == pytest.approx(values.mean())
    assert seen.levels == ()


def test_whole_numbers_have_bins_of_whole_width() -> None:
    few = profile(numeric(np.array([3.0, 3.0, 5.0, 4.0, 5.0, 5.0])))
    assert (few.counts, few.edges) == ((2, 1, 3), (2.5, 3.5, 4.5, 5.5))
    many = profile(numeric(np.arange(50.0)))
    assert many.counts == (3,) * 16 + (2,)
    assert many.edges == tuple(np.arange(-0.5, 51.0, 3.0))


@given(st.lists(finite, min_size=1))
@example([1.7e308, 1.7e308])
@example([1.7e308, -1.7e308])
def test_the_mean_lies_between_the_smallest_and_the_largest(values: list[float]) -> None:
    seen = profile(numeric(np.array(values)))
    assert seen.smallest is not None
    assert seen.mean is not None
    assert seen.largest is not None
    slack = 1e-12 * max(abs(seen.smallest), abs(seen.largest))
    assert seen.smallest - slack <= seen.mean <= seen.largest + slack


def test_infinite_numbers_stand_outside_the_histogram() -> None:
    seen = profile(numeric(np.array([1.0, 2.0, np.inf, np.nan])))
    assert (sum(seen.counts), seen.largest, seen.missing) == (2, 2.0, 2)


def test_no_value_has_no_range() -> None:
    seen = profile(numeric(np.array([np.nan, np.nan]), "empty"))
    assert (seen.missing, seen.counts, seen.edges, seen.smallest, seen.mean) == (2, (), (), None, None)


@given(st.lists(st.one_of(st.none(), st.text("abc", max_size=3)), max_size=60))
def test_levels_are_counted_as_pandas_counts_them(cells: list[str | None]) -> None:
    column = column_of("v", "text", coded(*cells))
    seen, counts = profile(column), pd.Series(cells, dtype=object).value_counts()
    assert seen.missing == sum(cell is None for cell in cells)
    assert seen.distinct == len(counts)
    assert [count for _, count in seen.levels] == counts.head(12).tolist()
    assert all(counts[level] == count for level, count in seen.levels)
    assert dict(class_balance(column)) == counts.to_dict()
    assert (seen.counts, seen.edges, seen.mean) == ((), (), None)


def test_the_most_frequent_of_many_levels_are_found() -> None:
    cells = [f"name {row}" for row in range(1_000)] + ["name 700", "name 20", "name 700"]
    seen = profile(column_of("v", "text", coded(*cells)))
    first = [("name 700", 3), ("name 20", 2), *((f"name {row}", 1) for row in range(10))]
    assert seen.levels == tuple(first)


def test_yes_and_no_as_numbers_have_levels_and_bins() -> None:
    seen = profile(describe("v", np.array([1.0, 0.0, 1.0, np.nan])))
    assert (seen.kind, seen.levels, seen.counts) == ("boolean", (("1", 2), ("0", 1)), (1, 2))


def test_dates_have_a_histogram_in_days() -> None:
    seen = profile(describe("when", coded("2021-01-01", "2021-01-03", None, "2021-01-03")))
    assert (seen.kind, seen.smallest, seen.largest, seen.counts) == ("date", 18_628.0, 18_630.0, (1, 0, 2))


def test_some_rows_alone_can_be_looked_at() -> None:
    rows = np.array([0, 2, 3])
    numbers = profile(numeric(np.array([1.0, 9.0, np.nan, 1.0])), rows)
    assert (numbers.n_rows, numbers.missing, numbers.distinct, numbers.largest) == (3, 1, 1, 1.0)
    text = profile(column_of("v", "category", coded("a", "b", None, "a")), rows)
    assert (text.n_rows, text.missing, text.distinct, text.levels) == (3, 1, 1, (("a", 2),))


def test_the_class_balance_names_every_class_the_largest_first() -> None:
    assert class_balance(column_of("v", "category", coded("b", "a", "c", "a", None, "c"))) == (("a", 2), ("c", 2), ("b", 1))
    assert class_balance(numeric(np.array([2.0, 1.0, np.nan, 1.0]))) == (("1", 2), ("2", 1))
