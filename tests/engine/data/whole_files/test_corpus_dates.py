"""Dates in every usual way of writing them; a date is counted in days since 1970-01-01."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.data.columns.kinds import Column
from engine.data.columns.suggestion import describe_columns
from engine.data.import_spec import ImportSpec
from engine.data.recognition import dialect
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import file_of, write
from tests.engine.data.whole_files.corpus_checks import cells_of

# Days of the 20th to the 31st of January 2021, counted by hand: 51 years, 13 of them leap years, and 19 days.
JANUARY_20 = 51 * 365 + 13 + 19
DAYS = [float(JANUARY_20 + n) for n in range(12)]

WRITTEN = {
    "ISO": [f"2021-01-{20 + n}" for n in range(12)],
    "ISO with slashes": [f"2021/01/{20 + n}" for n in range(12)],
    "German": [f"{20 + n}.01.2021" for n in range(12)],
    "German without zeros": [f"{20 + n}.1.2021" for n in range(12)],
    "British": [f"{20 + n}/01/2021" for n in range(12)],
    "American": [f"01/{20 + n}/2021" for n in range(12)],
    "American without zeros": [f"1/{20 + n}/2021" for n in range(12)],
    "Dutch": [f"{20 + n}-01-2021" for n in range(12)],
    "day, month in letters": [f"{20 + n}-Jan-2021" for n in range(12)],
    "day, month in words": [f"{20 + n} January 2021" for n in range(12)],
    "month in letters, day": [f'"Jan {20 + n}, 2021"' for n in range(12)],
    "midnight": [f"2021-01-{20 + n} 00:00:00" for n in range(12)],
    "midnight with a T": [f"2021-01-{20 + n}T00:00:00" for n in range(12)],
    "midnight with a T and a Z": [f"2021-01-{20 + n}T00:00:00Z" for n in range(12)],
    "midnight without seconds": [f"2021-01-{20 + n} 00:00" for n in range(12)],
    "midnight with milliseconds": [f"2021-01-{20 + n}T00:00:00.000" for n in range(12)],
}


def described(folder: Path, cells: Sequence[str], spec: ImportSpec | None = None) -> Column:
    rows = (f"{cell},{number * 37 % 11}.5" for number, cell in enumerate(cells))
    return describe_columns(read_table(write(folder, file_of("when,x", *rows)), spec))[0]


def days_of(column: Column) -> list[float]:
    assert isinstance(column.values, np.ndarray)
    return column.values.tolist()


@pytest.mark.parametrize("how", WRITTEN)
def test_ways_of_writing_dates(how: str, tmp_path: Path) -> None:
    column = described(tmp_path, WRITTEN[how])
    assert column.kind == "date"
    assert days_of(column) == DAYS


def test_times_are_parts_of_days(tmp_path: Path) -> None:
    column = described(tmp_path, [f"2021-01-{20 + n}T{6 * (n % 4):02d}:00:00" for n in range(12)])
    assert column.kind == "date"
    np.testing.assert_allclose(days_of(column), [day + n % 4 / 4 for n, day in enumerate(DAYS)], rtol=0, atol=1e-9)


def test_dates_before_1970_and_leap_days(tmp_path: Path) -> None:
    column = described(tmp_path, ["1969-12-31", "1970-01-01", "1970-01-02", "2000-02-29", "1900-03-01", "2100-02-28"])
    assert days_of(column) == [-1.0, 0.0, 1.0, 11016.0, -25508.0, 47540.0]


AMBIGUOUS = ["03/04/2021", "05/06/2021", "07/08/2021", "09/10/2021", "11/12/2021", "01/02/2021"]
DAY_FIRST = [
    18720.0,
    18783.0,
    18846.0,
    18909.0,
    18972.0,
    18659.0,
]  # 3 April, 5 June, 7 August, 9 October, 11 December, 1 February
MONTH_FIRST = [
    18690.0,
    18753.0,
    18816.0,
    18880.0,
    18943.0,
    18629.0,
]  # 4 March, 6 May, 8 July, 10 September, 12 November, 2 January


@pytest.mark.parametrize(("order", "days"), [("day", DAY_FIRST), ("month", MONTH_FIRST)])
def test_ambiguous_dates_obey_the_order_given(order: str, days: list[float], tmp_path: Path) -> None:
    column = described(tmp_path, AMBIGUOUS, ImportSpec(date_order=order))  # type: ignore[arg-type]
    assert column.kind == "date"
    assert days_of(column) == days


def test_ambiguous_dates_are_guessed_one_way_and_explained(tmp_path: Path) -> None:
    path = write(tmp_path, file_of("when,x", *(f"{cell},{n}.5" for n, cell in enumerate(AMBIGUOUS))))
    recognition = dialect.recognise(path)
    assert recognition.reasons["date_order"].strip()
    column = describe_columns(read_table(path))[0]
    if column.kind == "date":
        assert days_of(column) == {"day": DAY_FIRST, "month": MONTH_FIRST}[recognition.spec.date_order]
        assert column.note


@pytest.mark.parametrize(
    ("telling", "days"),
    [("13/04/2021", [*DAY_FIRST, 18730.0]), ("04/13/2021", [*MONTH_FIRST, 18730.0])],
    ids=["a day above 12 first", "a day above 12 second"],
)
def test_one_telling_date_decides_for_all(telling: str, days: list[float], tmp_path: Path) -> None:
    column = described(tmp_path, [*AMBIGUOUS, telling])
    assert column.kind == "date"
    assert days_of(column) == days


@pytest.mark.parametrize(("telling", "order"), [("13/04/2021", "day"), ("04/13/2021", "month"), ("2021-04-13", "year")])
def test_the_order_of_dates_is_part_of_the_specification(telling: str, order: str, tmp_path: Path) -> None:
    """Beside a column whose dates leave it open."""
    rows = (f"{cell},{telling},{n}.5" for n, cell in enumerate(AMBIGUOUS if order != "year" else WRITTEN["ISO"]))
    recognition = dialect.recognise(write(tmp_path, file_of("when,then,x", *rows)))
    assert recognition.spec.date_order == order
    assert recognition.reasons["date_order"].strip()


def test_a_telling_date_beyond_the_first_rows_does_not_swap_days_and_months_in_silence(tmp_path: Path) -> None:
    cells = AMBIGUOUS * 100 + ["25/12/2021"]
    column = described(tmp_path, cells)
    if column.kind == "date":
        right = [*DAY_FIRST * 100, 18986.0]
        assert days_of(column) == right or column.note, "the order of day and month contradicts a later row"


def test_dates_that_contradict_each_other_are_not_read_in_silence(tmp_path: Path) -> None:
    cells = ["13/01/2021", "01/13/2021"] * 10
    column = described(tmp_path, cells)
    if column.kind == "date":
        assert column.missing == 10
        assert column.note
    else:
        assert column.missing == 0


@pytest.mark.parametrize("wrong", ["2021-02-30", "2021-13-01", "0000-00-00", "soon", "2021-1"])
def test_one_cell_that_is_no_date_is_missing_and_told_or_all_stay_text(wrong: str, tmp_path: Path) -> None:
    column = described(tmp_path, [*WRITTEN["ISO"] * 5, wrong])
    if column.kind == "date":
        assert (column.missing, days_of(column)[:12]) == (1, DAYS)
        assert repr(wrong) in column.note or wrong in column.note
    else:
        assert column.missing == 0


def test_missing_dates_are_missing(tmp_path: Path) -> None:
    column = described(tmp_path, [*WRITTEN["ISO"], "", "NA", "?"])
    assert (column.kind, column.missing) == ("date", 3)
    assert np.isnan(days_of(column)[12:]).all()


def test_years_are_numbers_or_dates_with_the_same_order(tmp_path: Path) -> None:
    column = described(tmp_path, [str(1990 + n * 7 % 12) for n in range(24)])
    assert column.kind in {"numeric", "date"}
    assert np.argsort(days_of(column), kind="stable").tolist() == sorted(range(24), key=lambda n: (n * 7 % 12, n))


def test_the_text_of_a_date_stays_in_the_table(tmp_path: Path) -> None:
    path = write(tmp_path, file_of("when,x", *(f"{cell},{n}.5" for n, cell in enumerate(WRITTEN["German"]))))
    assert cells_of(read_table(path), "when") == WRITTEN["German"]


@pytest.mark.parametrize(
    "cells",
    [
        [f"1.{n}" for n in range(10, 30)],
        [f"{n}.{n % 9 + 1}" for n in range(20)],
        [f"{n % 12 + 1}-{n % 28 + 1}" for n in range(20)],
        [f"{n}/20" for n in range(20)],
        [f"v{n}.1.2021" for n in range(20)],
        [f"May {'abc'[n % 3]}" for n in range(20)],
        ["Jan", "Feb", "Mar", "Apr"] * 5,
        ["March", "June", "May", "April"] * 5,
        ["Monday", "Sunday"] * 10,
    ],
    ids=lambda cells: cells[0],
)
def test_what_is_no_whole_date_is_none(cells: list[str], tmp_path: Path) -> None:
    assert described(tmp_path, cells).kind != "date"
