from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.columns.dates import compact_days, date_text, is_called_a_date, read_dates
from engine.data.import_spec import DateOrder

MICROSECONDS_PER_DAY = 86_400_000_000


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def days_of(moment: datetime) -> float:
    return (moment - at(1970, 1, 1)) / timedelta(microseconds=1) / MICROSECONDS_PER_DAY


def moments_from(first: int, last: int) -> st.SearchStrategy[datetime]:
    bounds = at(first, 1, 1).replace(tzinfo=None), at(last, 12, 31).replace(tzinfo=None)
    return st.datetimes(*bounds, timezones=st.just(UTC))


def parsed(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=UTC)


DATE_FORMATS = [
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y",
    "%b %d, %Y", "%B %d %Y", "%a, %d %b %Y", "%Y-%b-%d",
]  # fmt: skip
TIME_FORMATS = ["", " %H:%M", " %H:%M:%S", "T%H:%M:%S.%f", " %I:%M %p", ", %I:%M:%S %p", " %H:%M:%SZ"]
FORMATS = ["".join(parts) for parts in product(DATE_FORMATS, TIME_FORMATS)] + ["%Y%m%dT%H%M%S", "%Y%m%dT%H%MZ"]
DECIDES = [at(2020, 12, 31), at(2021, 1, 30)]
"""Whatever the order of day and month, these can be read in one way only."""


def values(texts: list[str], order: DateOrder = "year", *, said: bool = False, named: bool = False) -> list[float | None]:
    dates = read_dates(texts, order, said=said, named=named)
    assert dates is not None
    return [None if np.isnan(value) else float(value) for value in dates.values]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FORMATS), st.lists(moments_from(1000, 9999), min_size=1, max_size=6))
def test_every_form_is_read_as_pandas_and_the_standard_library_read_it(form: str, moments: list[datetime]) -> None:
    texts = [moment.strftime(form) for moment in [*DECIDES, *moments]]
    dates = read_dates(texts)
    assert dates is not None
    assert (dates.unit, dates.notes) == ("days", ())
    by_standard_library = [days_of(parsed(text, form)) for text in texts]
    by_pandas = pd.to_datetime(pd.Series(texts), format=form, utc=True).astype("datetime64[us, UTC]").astype("int64")
    np.testing.assert_allclose(dates.values, by_standard_library, rtol=0, atol=1e-9)
    np.testing.assert_allclose(dates.values, by_pandas.to_numpy() / MICROSECONDS_PER_DAY, rtol=0, atol=1e-9)


@given(
    moments_from(1900, 2200),
    st.integers(-14 * 60 + 1, 14 * 60 - 1),
    st.sampled_from([" ", "T"]),
    st.sampled_from(["auto", "seconds", "milliseconds", "microseconds"]),
)
def test_times_with_an_offset_are_counted_in_utc(moment: datetime, minutes: int, between: str, precision: str) -> None:
    text = moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat(between, precision)
    dates = read_dates([text])
    assert dates is not None
    assert dates.notes == ("Times with an offset are counted in UTC.",)
    assert dates.values[0] == pytest.approx(days_of(datetime.fromisoformat(text)), abs=1e-9)


def test_a_part_beyond_twelve_decides_the_order_for_the_whole_column() -> None:
    expected = [days_of(at(2020, 4, 3)), days_of(at(2020, 5, 31))]
    assert values(["03/04/2020", "31/05/2020"]) == expected
    assert values(["04/03/2020", "05/31/2020"]) == expected
    assert values(["03/04/2020", "31/05/2020"], "month") == expected  # what is said can't make a month of 31
    assert values(["04/03/2020", "05/31/2020"], "day") == expected


@pytest.mark.parametrize(
    ("text", "order", "day", "month", "words"),
    [
        ("03/04/2021", "year", 4, 3, "month first, '03/04/2021' as 4 March 2021: no date of the column decides"),
        ("03/04/2021", "day", 3, 4, "day first, '03/04/2021' as 3 April 2021: no date of the column decides"),
        ("03.04.2021", "year", 3, 4, "day first, '03.04.2021' as 3 April 2021: no date of the column decides"),
        ("03.04.2021", "month", 4, 3, "month first, '03.04.2021' as 4 March 2021: no date of the column decides"),
        ("3-4-2021", "year", 3, 4, "day first, '3-4-2021' as 3 April 2021: no date of the column decides"),
    ],
)
def test_an_open_order_is_decided_and_told(text: str, order: DateOrder, day: int, month: int, words: str) -> None:
    dates = read_dates(["05/05/2021".replace("/", text[-5]), text], order)
    assert dates is not None
    assert dates.values[1] == days_of(at(2021, month, day))
    assert dates.notes == (f"Dates are read {words}.",)
    assert dates.order == ("day" if day == 3 else "month")


def test_dates_that_are_the_same_either_way_need_no_word() -> None:
    dates = read_dates(["05/05/2021", "06/06/2021"])
    assert dates is not None
    assert dates.notes == ()


def test_a_column_with_both_orders_is_read_by_the_more_frequent_one_and_told() -> None:
    dates = read_dates(["31/12/2020", "30/12/2020", "12/29/2020", "01/02/2020"])
    assert dates is not None
    assert np.isnan(dates.values).tolist() == [False, False, True, False]
    assert dates.notes == (
        "Dates are read day first, '01/02/2020' as 1 February 2020: some dates have the day first and some the month.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-30", "2021-02-29", "1900-02-29", "31.11.2020", "2020-13-01", "2020-00-10", "2020-01-00", "0000-00-00",
        "2020-01-01 24:00", "2020-01-01 12:60", "2020-01-01 12:00:61", "2020-01-01 13:00 PM", "2020-01-01 00:30 am",
        "2020-01-01T12:00+15:00", "31 Foo 2020", "2020-1", "2020", "1/2", "20200101", "2020-01", "1.2.3", "2020-01-01x", "",
        "2020-01/02", "\u0662\u0660\u0662\u0660-\u0660\u0661-\u0660\u0661",
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert values(["2020-01-01", "2020-01-02", "2020-01-03", text])[3] is None


def test_eight_digits_and_months_are_dates_only_where_called_so() -> None:
    assert read_dates(["20201231", "20210101"]) is None
    assert read_dates(["2020-12", "2021-01"]) is None
    assert values(["20201231", "2021-01"], named=True) == [days_of(at(2020, 12, 31)), days_of(at(2021, 1, 1))]
    assert values(["20201231", "2021/01"], said=True) == [days_of(at(2020, 12, 31)), days_of(at(2021, 1, 1))]


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["31.12.99", "01.02.03"], "%d.%m.%y"),
        (["31.12.20", "01.02.20"], "%d.%m.%y"),
        (["12/31/99", "01/02/03"], "%m/%d/%y"),
        (["99-12-31", "03-02-01"], "%y-%m-%d"),
        (["31-Dec-20", "01-Jan-71"], "%d-%b-%y"),
        (["31/12/99 23:30", "01/01/00 00:15"], "%d/%m/%y %H:%M"),
    ],
)
def test_years_of_two_digits_are_read_where_one_reading_alone_fits(texts: list[str], form: str) -> None:
    dates = read_dates(texts)
    assert dates is not None
    np.testing.assert_allclose(dates.values, [days_of(parsed(text, form)) for text in texts], atol=1e-9)
    assert dates.notes == ("Two-digit years are read as 1969 to 2068.",)


@pytest.mark.parametrize("texts", [["01/02/03"], ["20/12/31", "20/11/30"], ["12/31/45"], ["31-Dec-45"], ["1.10.20", "1.2.30"]])
def test_years_of_two_digits_that_can_be_read_in_several_ways_are_no_dates_unless_said(texts: list[str]) -> None:
    assert read_dates(texts) is None
    assert read_dates(texts, said=True) is not None


def test_what_is_said_decides_years_of_two_digits_and_the_reading_is_told() -> None:
    assert values(["01/02/03"], "day", said=True) == [days_of(at(2003, 2, 1))]
    assert values(["01/02/03"], "month", said=True) == [days_of(at(2003, 1, 2))]
    dates = read_dates(["01.02.45"], said=True)
    assert dates is not None
    assert dates.notes == (
        "Dates are read day first, '01.02.45' as 1 February 2045: no date of the column decides.",
        "Two-digit years are read as 1969 to 2068.",
    )


def test_times_of_day_are_shares_of_the_day() -> None:
    dates = read_dates(["00:00", "6:00", "12:30:45", "23:59:59.5", "12:15 AM", "1:00 p.m.", "24:00"])
    assert dates is not None
    assert dates.unit == "times"
    expected = [0.0, 0.25, 45_045 / 86_400, 86_399.5 / 86_400, 900 / 86_400, 46_800 / 86_400, np.nan]
    np.testing.assert_allclose(dates.values, expected, atol=1e-12)


@pytest.mark.parametrize(
    "texts", [["red", "blue"], ["1.5", "2.5"], ["Ulm 2020"], ["16:9", "4:3"], ["K-1-2020"], ["x" * 10_000]]
)
def test_other_texts_are_no_dates(texts: list[str]) -> None:
    assert read_dates(texts) is None
    assert read_dates(texts, said=True) is None


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.text(), st.from_regex(r"\A[0-9./: TZapm+-]{4,24}\Z"), st.just("2020-01-31")), max_size=12),
    st.sampled_from(["year", "day", "month"]),
    st.booleans(),
)
def test_no_text_breaks_the_reading(texts: list[str], order: DateOrder, said: bool) -> None:
    dates = read_dates(texts, order, said=said, named=True)
    if dates is not None:
        assert dates.values.shape == (len(texts),)
        assert all(dates.values[index] == 18_292.0 for index, text in enumerate(texts) if text == "2020-01-31") or (
            dates.unit == "times"
        )


def test_numbers_of_eight_digits_are_days_where_they_are_dates() -> None:
    days = compact_days(np.array([20201231.0, 20200230.0, 17991231.0, 18000101.0, 21991231.0, 22000101.0, 20201231.5, 5.0]))
    expected = [at(2020, 12, 31), None, None, at(1800, 1, 1), at(2199, 12, 31), None, None, None]
    assert [None if np.isnan(day) else day for day in days] == [None if day is None else days_of(day) for day in expected]


@given(moments_from(1000, 9999).map(lambda moment: moment.replace(microsecond=0)))
def test_the_text_of_a_date_is_read_back_as_it(moment: datetime) -> None:
    text = date_text(days_of(moment), "days")
    assert values([text]) == [pytest.approx(days_of(moment), abs=1e-9)]


def test_the_text_of_a_date_is_as_long_as_needed() -> None:
    assert date_text(days_of(at(2021, 12, 31)), "days") == "2021-12-31"
    assert date_text(days_of(at(2021, 12, 31, 6, 30)), "days") == "2021-12-31 06:30"
    assert date_text(days_of(at(1950, 1, 2, 6, 30, 15)), "days") == "1950-01-02 06:30:15"
    assert date_text(0.25, "times") == "06:00"
    assert date_text(2003.0, "years") == "2003"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        *((name, True) for name in ("date", "OrderDate", "birth_day", "timestamp", "Datum", "yyyymmdd")),
        *((name, False) for name in ("price", "holiday_price", "amount", "code")),
    ],
)
def test_names_of_dates(name: str, is_one: bool) -> None:
    assert is_called_a_date(name) == is_one
