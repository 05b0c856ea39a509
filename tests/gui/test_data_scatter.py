from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from engine.data.cells import CodedText
from engine.data.columns.column import column_of
from gui.theme import DARK, LIGHT
from gui.views.data_rows import LEFT_OUT, DataRows
from gui.views.data_scatter import MAX_POINTS, DataScatter, sample_of
from gui.views.data_scatter_axis import JITTER, ScatterAxis, can_be_an_axis, date_ticks, spread_masses
from gui.views.data_scatter_points import ScatterColours
from gui.views.prediction_points import class_colour, class_marker
from tests.gui.made_table import LEVELS, made_columns, made_data

AGE, PRICE, DAY, REGION, BOUGHT = range(5)
"""The columns offered as axes: the one of text is none."""


def days(*dates: str) -> list[float]:
    return [float(np.datetime64(date, "D").astype(int)) for date in dates]


@pytest.fixture
def page(qtbot) -> DataScatter:
    page = DataScatter()
    qtbot.addWidget(page)
    page.set_theme(LIGHT)
    page.resize(640, 420)
    page.set_rows(DataRows(made_data()))
    page.show()
    qtbot.waitExposed(page)
    return page


def pixel_of(page: DataScatter, row: int) -> QPoint:
    place = page.plot.place_of(row)
    assert place is not None
    return page.plot.mapFromScene(page.plot.view_box.mapViewToScene(page.plot.mark.mapping() and _point(*place)))


def _point(x: float, y: float):
    from PySide6.QtCore import QPointF

    return QPointF(x, y)


def click(qtbot, page: DataScatter, row: int) -> None:
    qtbot.mouseClick(page.plot.viewport(), Qt.MouseButton.LeftButton, pos=pixel_of(page, row))


# ---------------------------------------------------------------------- axes


def test_the_first_two_features_are_the_first_axes_and_every_column_but_text_is_offered(page):
    assert (page.across.current, page.up.current) == (AGE, PRICE)
    assert page.across._names == ("age", "price", "day", "region", "bought")


def test_rows_stand_at_their_values_in_original_units(page):
    age, price = made_columns()[1].values, made_columns()[2].values
    known = np.flatnonzero(~np.isnan(age))
    assert page._drawn.tolist() == known.tolist()
    np.testing.assert_array_equal(page._x, age[known])
    np.testing.assert_array_equal(page._y, price[known])
    (x_low, x_high), (y_low, y_high) = page.plot.view_box.viewRange()
    assert x_low < age[known].min() < age[known].max() < x_high
    assert y_low < price.min() < price.max() < y_high


def test_rows_without_a_value_are_counted(page):
    assert any(text.startswith("2 without age") for text in page.strip.texts())


def test_categories_are_drawn_apart_within_their_band_and_that_is_said(page):
    page.set_axes(REGION, BOUGHT)
    region = made_columns()[4].values
    names = sorted(LEVELS)
    expected = np.array([names.index(LEVELS[region.codes[row]]) for row in page._drawn])
    offsets = page._x - expected
    assert np.abs(offsets).max() <= JITTER
    assert len(np.unique(np.round(offsets, 6))) > 0.9 * len(offsets)
    assert "equal values drawn apart" in page.strip.texts()
    assert [text for _, text in page.plot.bottom_axis.ticks()] == names
    assert [text for _, text in page.plot.left_axis.ticks()] == ["no", "yes"]
    page.set_axes(AGE, PRICE)
    assert "equal values drawn apart" not in page.strip.texts()


def test_where_many_rows_have_the_same_two_numbers_they_are_drawn_apart_by_less_than_half_a_step_and_that_is_said(page):
    rows = DataRows(made_data(90))
    first, second = np.array([1.0, 2.0, 4.0] * 30), np.array([0.0, 10.0] * 45)
    rows.columns = (column_of("x", "numeric", first), column_of("y", "numeric", second))
    page.set_rows(rows)
    page.set_axes(0, 1)
    for drawn, values, step in ((page._x, first, 1.0), (page._y, second, 10.0)):
        offsets = np.abs(drawn - values)
        assert 0.3 * step * JITTER < offsets.max() <= JITTER * step < 0.5 * step
    assert "equal values drawn apart: x ±0.34, y ±3.4" in page.strip.texts()
    assert page.plot.bottom_axis.ticks() == [(1.0, "1"), (2.0, "2"), (4.0, "4")]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1.0, 4.0], [2.0, 5.0]),
        ([1.0, 2.0] * 15, [1.0, 2.0] * 15),
        ([1.0, 2.0] * 100, list(range(200))),
        (list(range(10)) * 10, list(np.repeat(range(10), 10))),
    ],
    ids=["two rows", "few rows", "one axis of many values", "no two rows at one place"],
)
def test_numbers_stand_where_they_are_unless_many_rows_coincide(x, y):
    x, y = np.array(x, dtype=float), np.array(y, dtype=float)
    rows = np.arange(len(x))
    across, up = ScatterAxis(column_of("x", "numeric", x), "x"), ScatterAxis(column_of("y", "numeric", y), "y")
    spread_masses(across, up, rows)
    np.testing.assert_array_equal(across.values(rows), x)
    np.testing.assert_array_equal(up.values(rows), y)
    assert not across.spreads
    assert not up.spreads


def test_beside_categories_numbers_stand_where_they_are(page):
    rows = DataRows(made_data(90))
    values = np.array([1.0, 2.0, 4.0] * 30)
    rows.columns = (made_columns(90)[4], column_of("y", "numeric", values))
    page.set_rows(rows)
    page.set_axes(0, 1)
    np.testing.assert_array_equal(page._y, values[page._drawn])
    assert "equal values drawn apart" in page.strip.texts()


def test_categories_of_one_row_each_stand_in_the_middle_of_their_band():
    axis = ScatterAxis(column_of("x", "category", CodedText(np.arange(3, dtype=np.int32), ("b", "a", "c"))), "x")
    assert axis.values([0, 1, 2]).tolist() == [1.0, 0.0, 2.0]


def test_a_row_stands_at_the_same_place_whichever_others_are_drawn():
    axis = ScatterAxis(made_columns()[4], "x")
    together = axis.values(np.arange(60))
    for row in (0, 20, 59):
        assert axis.values([row])[0] == together[row]


def test_dates_have_dates_at_their_ticks(page):
    page.set_axes(DAY, PRICE)
    ticks = page.plot.bottom_axis.ticks()
    assert len(ticks) >= 2
    for place, text in ticks:
        assert place == days(text)[0]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2001-03-05", "2006-02-01", ["2002", "2003", "2004", "2005", "2006"]),
        ("2021-01-20", "2021-05-02", ["2021-02", "2021-03", "2021-04", "2021-05"]),
        ("2021-01-20", "2021-02-01", ["2021-01-20", "2021-01-23", "2021-01-26", "2021-01-29", "2021-02-01"]),
    ],
)
def test_ticks_of_dates_are_the_beginnings_of_years_months_and_days(first, last, expected):
    low, high = days(first, last)
    found = date_ticks(low, high, 6)
    assert [text for _, text in found] == expected
    assert [place for place, _ in found] == days(*expected)
    assert all(low <= place <= high for place, _ in date_ticks(low, high, 3))


def test_many_categories_have_as_many_words_as_there_is_room_for():
    codes = np.arange(90, dtype=np.int32)
    axis = ScatterAxis(column_of("x", "category", CodedText(codes, tuple(f"level {code:02d}" for code in codes))), "x")
    ticks = axis.ticks(6)
    assert ticks is not None
    assert 3 <= len(ticks) <= 6


def test_text_and_empty_columns_are_no_axes():
    many = CodedText(np.arange(300, dtype=np.int32), tuple(str(code) for code in range(300)))
    assert not can_be_an_axis(column_of("x", "text", many))
    assert not can_be_an_axis(column_of("x", "empty", np.full(4, np.nan)))
    assert can_be_an_axis(column_of("x", "constant", np.ones(4)))


def test_choosing_the_other_axis_swaps_them(page):
    page.across.chosen.emit(PRICE)
    assert (page.across.current, page.up.current) == (PRICE, AGE)
    page.up.chosen.emit(REGION)
    assert (page.across.current, page.up.current) == (PRICE, REGION)
    assert page.plot.left_axis._names == ("region",)


# ---------------------------------------------------------------------- which rows


def test_of_many_rows_a_fixed_sample_is_drawn_and_said(page):
    page.set_rows(DataRows(made_data(20_000)))
    assert len(page._sample) == MAX_POINTS
    assert f"{MAX_POINTS:,} of 20,000 rows" in page.strip.texts()
    np.testing.assert_array_equal(page._sample, sample_of(20_000))
    assert len(np.unique(page._sample)) == MAX_POINTS
    spread = np.histogram(page._sample, bins=10, range=(0, 20_000))[0]
    assert spread.min() > 400


def test_all_of_few_rows_are_drawn(page):
    assert sample_of(MAX_POINTS).tolist() == list(range(MAX_POINTS))
    assert "60 rows" in page.strip.texts()


# ---------------------------------------------------------------------- looks


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_rows_have_the_colour_and_the_marker_of_their_class(theme):
    rows = DataRows(made_data())
    colours = ScatterColours(theme, rows)
    codes = rows.targets()
    everything = np.arange(60)
    seen = np.zeros(60, dtype=int)
    for style, mine in colours.groups(everything):
        seen += mine
        for row in everything[mine]:
            if rows.parts[row] == LEFT_OUT:
                assert style.symbol == "x"
            else:
                assert style.symbol == class_marker(int(codes[row]), 2)
                assert class_colour(theme, int(codes[row]), 2) in (style.fill, style.outline) or style.fill == theme.panel
            assert colours.style_of(int(row)) == style
    assert seen.tolist() == [1] * 60


def test_a_number_is_coloured_by_a_sequential_scale_with_its_numbers_beside(page):
    rows = DataRows(made_data(target="price"))
    page.set_rows(rows)
    assert page.bar.isVisible()
    price = made_columns()[2].values
    styles = [ScatterColours(LIGHT, rows).style_of(int(row)) for row in np.argsort(price)]
    light = [
        sum(int(style.fill[start : start + 2], 16) * weight for start, weight in ((1, 3), (3, 6), (5, 1))) for style in styles
    ]
    assert light[0] == min(light)
    assert light[-1] == max(light)
    assert np.all(np.diff(light) >= 0)
    values = [float(text.replace(",", "").replace("−", "-")) for _, text in page.bar._ticks]
    known = np.sort(price)
    assert known[0] <= values[0] < values[-1] <= known[-1]


# ---------------------------------------------------------------------- the row chosen


def test_a_click_on_a_point_chooses_its_row_and_rings_it(page, qtbot):
    heard = []
    page.row_picked.connect(heard.append)
    row = int(page._drawn[np.argmax(page._y)])
    click(qtbot, page, row)
    assert heard == [row]
    assert page.plot.mark.place == page.plot.place_of(row)
    assert page.plot.mark.lines[0].startswith(f"row {row + 1} · ")
    click(qtbot, page, row)
    assert heard == [row, None]
    assert page.plot.mark.place is None


def test_a_row_chosen_elsewhere_is_ringed_without_a_signal_even_where_it_is_not_drawn(page):
    page.set_rows(DataRows(made_data(20_000)))
    heard = []
    page.row_picked.connect(heard.append)
    row = int(np.setdiff1d(np.arange(20_000), page._sample)[50])
    page.show_row(row)
    columns = made_columns(20_000)
    assert page.plot.mark.place == (columns[1].values[row], columns[2].values[row])
    page.show_row(None)
    assert page.plot.mark.place is None
    assert heard == []


def test_a_row_without_a_value_has_no_ring_and_that_is_said(page):
    page.show_row(3)
    assert page.plot.mark.place is None
    assert "row 4 has no value here" in page.strip.texts()
    page.set_axes(PRICE, DAY)
    assert page.plot.mark.place is not None
    assert "row 4 has no value here" not in page.strip.texts()


def test_the_row_under_the_pointer_is_told(page):
    row = int(page._drawn[7])
    x, y = page.plot.place_of(row)
    lines = page.text_at(x, y).split("\n")
    columns = made_columns()
    assert lines[0].startswith(f"row {row + 1} · ")
    assert lines[1] == f"age {columns[1].cell_text(row)}"
    assert lines[2] == f"price {columns[2].cell_text(row)}".replace("-", "−")
    assert lines[3].startswith("bought ")
    assert page.text_at(x + 500.0, y) == ""


def test_points_are_painted_where_they_are(page):
    row = int(page._drawn[np.argmax(page._y)])
    before = page.plot.grab().toImage()
    at = pixel_of(page, row)
    around = {before.pixel(at.x() + dx, at.y() + dy) for dx in range(-3, 4) for dy in range(-3, 4)}
    assert len(around) > 2


def test_a_table_without_an_axis_says_so(page):
    text = CodedText(np.arange(300, dtype=np.int32), tuple(str(code) for code in range(300)))
    rows = DataRows(made_data(300))
    rows.columns = (column_of("x", "text", text),)
    page.set_rows(rows)
    assert page.strip.texts() == ["no column here can be an axis"]
    page.set_rows(None)
    assert page.strip.texts() == []
