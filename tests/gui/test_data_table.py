from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from engine.data.cells import CodedText
from engine.data.columns.column import column_of
from gui.theme import DARK, LIGHT
from gui.views.data_arrangement import FIRST_VALUE, LOSS, PART, ROW, RowFilter
from gui.views.data_cell_painter import LetterWidths, tint_colours
from gui.views.data_cells import loss_text
from gui.views.data_order import column_order, loss_order, stable_order, worst_rows
from gui.views.data_rows import LEFT_OUT, PARTS, TEST, TINTS, TRAIN, VALIDATION, DataRows, LossScale
from gui.views.data_table import ROW_PX, DataTable
from gui.views.data_text_order import text_ranks
from tests.gui.made_table import made_columns, made_data, made_losses

AGE, PRICE, DAY, REGION, BOUGHT = (FIRST_VALUE + number for number in range(1, 6))


@pytest.fixture
def rows() -> DataRows:
    return DataRows(made_data())


@pytest.fixture
def page(qtbot, rows) -> DataTable:
    page = DataTable()
    qtbot.addWidget(page)
    page.set_theme(LIGHT)
    page.resize(760, 320)
    page.set_rows(rows)
    page.show()
    qtbot.waitExposed(page)
    return page


def shown_texts(page: DataTable, section: int) -> list[str]:
    return [page.model.index(place, section).data() for place in range(page.model.rowCount())]


def click_row(qtbot, page: DataTable, place: int, section: int = PRICE) -> None:
    centre = page.table.visualRect(page.model.index(place, section)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=centre)


# ---------------------------------------------------------------------- rows


def test_every_row_has_its_part_and_its_loss(rows):
    data = rows.data
    losses = made_losses(data)
    assert rows.set_losses(losses)
    expected = {int(row): ("train", loss) for row, loss in zip(data.rows_train, losses.train, strict=True)}
    expected |= {int(row): ("validation", loss) for row, loss in zip(data.rows_validation, losses.validation, strict=True)}
    expected |= {int(row): ("test", loss) for row, loss in zip(data.rows_test, losses.test, strict=True)}
    assert len(expected) == 58
    for row in range(60):
        part, loss = expected.get(row, ("left out", None))
        assert PARTS[rows.parts[row]] == part
        assert np.isnan(rows.losses[row]) if loss is None else rows.losses[row] == loss
    assert rows.counts == (2, len(data.rows_train), len(data.rows_validation), len(data.rows_test))


def test_losses_of_another_table_are_not_taken(rows):
    losses = made_losses(rows.data)
    assert not rows.set_losses(replace(losses, validation=losses.validation[1:]))
    assert rows.losses is None


def test_the_prepared_values_of_a_row_are_those_of_its_part(rows):
    data = rows.data
    for part, X, y, numbers in (
        (TRAIN, data.X_train, data.y_train, data.rows_train),
        (VALIDATION, data.X_validation, data.y_validation, data.rows_validation),
        (TEST, data.X_test, data.y_test, data.rows_test),
    ):
        row = int(numbers[2])
        assert rows.parts[row] == part
        np.testing.assert_array_equal(rows.inputs_of(row), X[2])
        assert rows.target_of(row) == y[2] == rows.targets()[row]
    assert rows.inputs_of(5) is None
    assert np.isnan(rows.target_of(5))


@pytest.mark.parametrize("target", ["bought", "price"])
def test_where_only_prepared_values_are_known_they_are_shown_in_original_units(target):
    data = made_data(target=target)
    without = DataRows(replace(data, columns=()))
    assert [column.name for column in without.columns] == [*(feature.name for feature in data.features), target]
    age = made_columns()[1].values
    known = np.array([row for row in data.rows_train if not np.isnan(age[row])])
    np.testing.assert_allclose(without.columns[0].values[known], age[known])
    if target == "price":
        np.testing.assert_allclose(without.columns[-1].values[data.rows_test], made_columns()[2].values[data.rows_test])
    else:
        bought = made_columns()[5].values
        cells = without.columns[-1].values
        for row in data.rows_train:
            assert cells.levels[cells.codes[row]] == bought.levels[bought.codes[row]]


# ---------------------------------------------------------------------- order, beside pandas


@given(arrays(np.float64, st.integers(0, 60), elements=st.sampled_from([np.nan, -2.5, -0.0, 0.0, 1e300, -1e300, 3.0, 5e-324])))
def test_numbers_are_ordered_as_pandas_orders_them(values):
    column = column_of("x", "numeric", values)
    for descending in (False, True):
        expected = pd.Series(values).sort_values(kind="stable", ascending=not descending, na_position="last").index
        assert column_order(column, descending=descending).tolist() == expected.tolist()


@given(st.lists(st.integers(-1, 4), max_size=40))
def test_categories_are_ordered_by_their_text_as_pandas_orders_them(codes):
    levels = ("pear", "Apple", "fig", "élan", "apple")
    column = column_of("x", "category", CodedText(np.array(codes, dtype=np.int32), levels))
    texts = pd.Series([None if code < 0 else levels[code] for code in codes], dtype=object)
    for descending in (False, True):
        expected = texts.sort_values(kind="stable", ascending=not descending, na_position="last").index
        assert column_order(column, descending=descending).tolist() == expected.tolist()


@given(st.lists(st.text(st.sampled_from("aäz€ 𝄞A"), max_size=40) | st.text(max_size=3), unique=True, max_size=60))
def test_texts_are_ranked_as_python_sorts_them(texts):
    texts = [text for text in texts if "\0" not in text]
    ranks = text_ranks(texts)
    assert [texts[place] for place in np.argsort(ranks)] == sorted(texts)
    assert sorted(ranks.tolist()) == list(range(len(texts)))


def test_many_texts_with_a_long_common_beginning_are_ranked():
    numbers = np.random.default_rng(1).permutation(30_000)
    texts = [f"the same beginning of every text {number:05d}" for number in numbers] + ["the same", ""]
    expected = np.argsort(np.argsort(np.array(texts)))
    np.testing.assert_array_equal(text_ranks(texts), expected)


@given(arrays(np.uint64, st.integers(0, 50), elements=st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**32, 2**32 + 1])))
def test_keys_are_ordered_as_numpy_orders_them(keys):
    np.testing.assert_array_equal(stable_order(keys), np.argsort(keys, kind="stable"))


def test_rows_by_loss_have_what_is_not_finite_first_when_descending_and_left_out_ones_last(rows):
    losses = made_losses(rows.data)
    train = losses.train.copy()
    train[[4, 9]] = np.nan, np.inf
    rows.set_losses(replace(losses, train=train))
    order = loss_order(rows, descending=True)
    assert order[:2].tolist() == sorted(rows.data.rows_train[[4, 9]].tolist())
    assert order[-2:].tolist() == [5, 11]
    finite = rows.losses[order[2:-2]]
    assert np.all(np.diff(finite) <= 0)
    assert loss_order(rows)[-2:].tolist() == [5, 11]
    assert rows.n_not_finite == 2


def test_the_worst_rows_are_those_with_the_largest_loss():
    rows = DataRows(made_data(400))
    rows.set_losses(made_losses(rows.data))
    worst = worst_rows(rows)
    assert worst.sum() == 100
    others = rows.losses[~worst & (rows.parts != LEFT_OUT)]
    assert rows.losses[worst].min() >= others.max()


# ---------------------------------------------------------------------- cells


def test_cells_show_values_as_read_and_missing_ones_as_missing(page):
    columns = made_columns()
    for section, column in enumerate(columns, FIRST_VALUE):
        for place, text in enumerate(shown_texts(page, section)):
            assert text == (
                column.cell_text(place).replace("-", "−") if section == PRICE else column.cell_text(place) or "missing"
            )
    assert shown_texts(page, AGE)[3] == "missing"
    assert shown_texts(page, DAY)[0] == str(np.datetime64(int(columns[3].values[0]), "D"))
    assert shown_texts(page, ROW)[:3] == ["1", "2", "3"]
    assert shown_texts(page, PART)[5] == "left out"
    assert set(shown_texts(page, LOSS)) == {"–"}


def test_numbers_are_set_to_the_right(page):
    right = {
        section for section in range(page.model.columnCount()) if page.model.alignment(section) & Qt.AlignmentFlag.AlignRight
    }
    assert right == {ROW, LOSS, AGE, PRICE, DAY}
    assert page.model.index(0, AGE).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight


def test_a_header_tells_what_a_column_holds(page):
    tip = page.model.headerData(AGE, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "numeric" in tip
    assert "2 missing" in tip


def test_the_losses_stand_in_their_column_as_numbers(page, rows):
    rows.set_losses(made_losses(rows.data))
    page.take_losses()
    texts = shown_texts(page, LOSS)
    assert texts[5] == "–"
    row = int(rows.data.rows_validation[0])
    assert float(texts[row]) == pytest.approx(float(rows.losses[row]), rel=1e-3)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_larger_loss_has_a_stronger_tint(page, rows, theme):
    rows.set_losses(made_losses(rows.data))
    page.take_losses()
    page.set_theme(theme)
    order = loss_order(rows)
    image = page.table.viewport().grab().toImage()
    found = []
    for row in (int(order[0]), int(order[20]), int(order[45])):
        page.show_row(row)
        page.show_row(None)
        image = page.table.viewport().grab().toImage()
        cell = page.table.visualRect(page.model.index(row, LOSS))
        found.append(QColor(image.pixel(cell.left() + 3, cell.top() + 3)))
    ground = QColor(theme.panel)
    distances = [abs(colour.lightness() - ground.lightness()) for colour in found]
    assert distances[0] < distances[1] < distances[2]
    expected = QColor(tint_colours(theme)[rows.loss_scale.tint_of(float(rows.losses[order[45]]))])
    assert abs(found[2].red() - expected.red()) < 4


def test_the_legend_has_the_numbers_of_the_tints(page, rows):
    assert page.legend.isHidden()
    rows.set_losses(made_losses(rows.data))
    page.take_losses()
    assert not page.legend.isHidden()
    known = np.sort(rows.losses[rows.parts != LEFT_OUT])
    page.resize(1000, 320)
    low, median, high = page.legend.texts()
    assert low == f"loss by rank  {loss_text(float(known[0]))}"
    assert median == loss_text(float(np.quantile(known, 0.5, method="lower")))
    assert high == loss_text(float(known[-1]))
    assert loss_text(float(np.quantile(known, 0.75, method="lower"))) in page.legend.toolTip()
    page.resize(380, 320)
    assert page.legend.texts()[-1] == high
    assert page.legend.minimumSizeHint().width() <= page.legend.width() <= 200


def test_a_few_large_losses_do_not_whiten_all_the_others():
    losses = np.append(np.linspace(1e-7, 2e-7, 340), [4.8e-4, 8.5, 8.8, 16.4]).astype(np.float32)
    scale = LossScale(losses)
    tints = [scale.tint_of(float(loss)) for loss in losses]
    assert tints[0] == 0
    assert tints[-1] == TINTS - 1
    assert np.all(np.diff(tints) >= 0)
    assert np.bincount(tints, minlength=TINTS).max() <= 2 * len(losses) / TINTS


@given(arrays(np.float32, st.integers(1, 60), elements=st.sampled_from([0.0, 0.25, 1.0, 3.0, 1e9])))
def test_tints_are_ranks_and_equal_losses_have_the_same(losses):
    scale = LossScale(losses)
    below = pd.Series(losses).rank(method="min").to_numpy() - 1.0
    for loss, rank in zip(losses, below, strict=True):
        share = rank / (len(losses) - 1) if len(losses) > 1 else 0.0
        assert abs(scale.tint_of(float(loss)) - share * (TINTS - 1)) <= 0.5
    assert scale.quartiles[0] == losses.min()
    assert scale.quartiles[-1] == losses.max()


def test_without_a_finite_loss_the_legend_says_so(page, rows):
    losses = made_losses(rows.data)
    bad = {part: np.full_like(getattr(losses, part), np.nan) for part in ("train", "validation", "test")}
    rows.set_losses(replace(losses, **bad))
    page.take_losses()
    assert page.legend.texts() == ("no finite loss",)
    assert page.legend.toolTip() == "58 losses are not finite."
    page.legend.grab()


def test_letters_add_up_to_words(page):
    widths = page.table.cell_painter._widths
    assert isinstance(widths, LetterWidths)
    for text in ("−1,234.56", "validation", "east"):
        assert widths.width(text) == pytest.approx(widths._metrics.horizontalAdvance(text), rel=0.06)
    assert widths.cut("a very long text that has no room", 40.0).endswith("…")


# ---------------------------------------------------------------------- sorting and filters


def test_a_click_on_a_header_sorts_and_another_turns_it_round(page, qtbot):
    header = page.table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(PRICE) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    price = made_columns()[2].values
    assert page.model.shown.tolist() == np.argsort(price, kind="stable").tolist()
    assert page.model.headerData(PRICE, Qt.Orientation.Horizontal).endswith("▴")
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert page.model.shown.tolist() == np.argsort(-price, kind="stable").tolist()
    assert page.model.headerData(PRICE, Qt.Orientation.Horizontal).endswith("▾")


@pytest.mark.parametrize("part", [RowFilter.TRAIN, RowFilter.VALIDATION, RowFilter.TEST])
def test_a_filter_shows_the_rows_of_a_part_in_the_present_order(page, rows, part):
    page.table.sortByColumn(PRICE, Qt.SortOrder.AscendingOrder)
    page.set_filter(part)
    expected = {
        RowFilter.TRAIN: rows.data.rows_train,
        RowFilter.VALIDATION: rows.data.rows_validation,
        RowFilter.TEST: rows.data.rows_test,
    }[part]
    assert sorted(page.model.shown.tolist()) == expected.tolist()
    assert set(shown_texts(page, PART)) == {part.value}
    assert np.all(np.diff(made_columns()[2].values[page.model.shown]) >= 0)
    assert page.count.text() == f"{len(expected)} of 60 rows"


def test_the_worst_rows_stand_with_the_largest_loss_first(page, rows, qtbot):
    rows.set_losses(made_losses(rows.data))
    page.take_losses()
    actions = {action.text(): action for action in page.filter.menu().actions()}
    actions["Worst 100 rows by loss"].trigger()
    assert np.all(np.diff(rows.losses[page.model.shown]) <= 0)
    assert len(page.model.shown) == 58


def test_new_losses_bring_other_rows_among_the_worst_whatever_they_are_sorted_by(page):
    rows = DataRows(made_data(400))
    page.set_rows(rows)
    rows.set_losses(made_losses(rows.data))
    page.take_losses()
    page.set_filter(RowFilter.WORST)
    page.table.sortByColumn(PRICE, Qt.SortOrder.AscendingOrder)
    before = set(page.model.shown.tolist())
    rows.set_losses(made_losses(rows.data, seed=9))
    page.take_losses()
    shown = set(page.model.shown.tolist())
    assert shown != before
    assert shown == set(np.flatnonzero(worst_rows(rows)).tolist())


def test_worst_rows_are_offered_once_losses_are_known_and_parts_that_have_rows(page, qtbot):
    offers = [action.text() for action in page.filter.menu().actions()]
    assert [offer.split(" · ")[0] for offer in offers] == ["All rows", "Train rows", "Validation rows", "Test rows"]
    page.set_rows(DataRows(made_data(test=0.0)))
    assert len(page.filter.menu().actions()) == 3


def test_new_losses_leave_the_rows_and_the_scroll_bar_alone_unless_they_are_sorted_by_them(qtbot, page):
    rows = DataRows(made_data(400))
    page.set_rows(rows)
    resets = []
    page.model.modelReset.connect(lambda: resets.append(1))
    page.table.verticalScrollBar().setValue(70)
    rows.set_losses(made_losses(rows.data))
    page.take_losses()
    assert not resets
    assert page.table.verticalScrollBar().value() == 70
    page.table.sortByColumn(LOSS, Qt.SortOrder.DescendingOrder)
    page.table.verticalScrollBar().setValue(70)
    rows.set_losses(made_losses(rows.data, seed=2))
    page.take_losses()
    assert page.table.verticalScrollBar().value() == 70
    assert np.all(np.diff(rows.losses[page.model.shown[:390]]) <= 0)


# ---------------------------------------------------------------------- one row chosen


def test_a_click_chooses_a_row_and_another_click_lets_go_of_it(page, qtbot):
    heard = []
    page.row_picked.connect(heard.append)
    page.table.sortByColumn(PRICE, Qt.SortOrder.DescendingOrder)
    click_row(qtbot, page, 4)
    row = int(page.model.shown[4])
    assert heard == [row]
    click_row(qtbot, page, 4, AGE)
    assert heard == [row, None]
    assert page.table.chosen is None


def test_escape_lets_go_of_the_row(page, qtbot):
    heard = []
    page.row_picked.connect(heard.append)
    click_row(qtbot, page, 2)
    qtbot.keyClick(page.table, Qt.Key.Key_Escape)
    qtbot.keyClick(page.table, Qt.Key.Key_Escape)
    assert heard == [2, None]


def test_the_arrow_keys_move_the_choice(page, qtbot):
    heard = []
    page.row_picked.connect(heard.append)
    click_row(qtbot, page, 2)
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert heard == [2, 3]


def test_a_row_chosen_elsewhere_is_shown_without_a_signal(qtbot, page):
    page.set_rows(DataRows(made_data(400)))
    heard = []
    page.row_picked.connect(heard.append)
    page.show_row(333)
    assert page.table.chosen == 333
    visible = page.table.visualRect(page.model.index(333, ROW))
    assert page.table.viewport().rect().contains(visible.center())
    page.show_row(None)
    assert page.table.chosen is None
    assert heard == []


def test_a_row_that_the_filter_leaves_out_brings_all_rows_back(page, rows):
    page.set_filter(RowFilter.VALIDATION)
    row = int(rows.data.rows_train[5])
    page.show_row(row)
    assert page.model.row_filter is RowFilter.ALL
    assert page.filter.text().startswith("all rows")
    assert page.table.chosen == row


def test_the_chosen_row_stays_chosen_when_the_order_changes(page, qtbot):
    heard = []
    click_row(qtbot, page, 3)
    page.row_picked.connect(heard.append)
    page.table.sortByColumn(PRICE, Qt.SortOrder.AscendingOrder)
    assert page.table.chosen == 3
    page.set_filter(RowFilter.TRAIN)
    page.set_filter(RowFilter.ALL)
    assert page.table.chosen == 3
    assert heard == []


def test_a_row_is_found_by_its_number(page, qtbot):
    heard = []
    page.row_picked.connect(heard.append)
    qtbot.keyClicks(page.find, "58")
    qtbot.keyClick(page.find, Qt.Key.Key_Return)
    assert heard == [57]
    assert page.table.chosen == 57


@pytest.mark.parametrize("text", ["0", "61", "x", "-3", "1.5"])
def test_a_row_that_does_not_exist_is_said_where_it_is_typed(page, qtbot, text):
    heard = []
    page.row_picked.connect(heard.append)
    qtbot.keyClicks(page.find, text)
    qtbot.keyClick(page.find, Qt.Key.Key_Return)
    assert heard == []
    assert page.find.property("invalid")
    assert "from 1 to 60" in page.find.toolTip()
    qtbot.keyClick(page.find, Qt.Key.Key_Backspace)
    assert not page.find.property("invalid")


# ---------------------------------------------------------------------- painting


def test_only_rows_in_sight_are_read(page, qtbot, monkeypatch):
    page.set_rows(DataRows(made_data(5000)))
    asked = []
    original = type(page.model).texts
    monkeypatch.setattr(
        type(page.model), "texts", lambda self, section, places: (asked.append(len(places)), original(self, section, places))[1]
    )
    page.table.verticalScrollBar().setValue(2500)
    page.table.viewport().grab()
    in_sight = page.table.viewport().height() // ROW_PX + 2
    assert asked
    assert max(asked) <= in_sight


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_chosen_row_and_the_ground_below_the_rows_are_painted(page, rows, theme):
    page.set_theme(theme)
    page.set_filter(RowFilter.TEST)
    page.resize(760, 600)
    row = int(page.model.shown[1])
    page.show_row(row)
    image = page.table.viewport().grab().toImage()
    mark = page.table.visualRect(page.model.index(1, ROW))
    assert QColor(image.pixel(1, mark.center().y())) == QColor(theme.accent)
    assert QColor(image.pixel(300, image.height() - 4)) == QColor(theme.panel)
