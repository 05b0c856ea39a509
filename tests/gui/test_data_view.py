from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from engine.data.cells import CodedText
from engine.data.preparation.account import account
from gui.session.messages import RunState
from gui.theme import DARK, LIGHT
from gui.views import data_model, data_view
from gui.views.data_arrangement import LOSS
from gui.views.data_cells import loss_text
from gui.views.data_preparation import DataPreparation, WrappedCells
from gui.views.data_preparation_model import COLUMN, DONE, FIRST_ROW
from gui.views.data_table import DataTable
from gui.views.data_view import DataPage, DataView
from gui.views.framed_plot import small_font
from tests.gui.made_table import made_columns, made_data, made_losses, made_run, made_snapshot
from tests.gui.test_data_table import PRICE, click_row


@pytest.fixture
def view(qtbot) -> DataView:
    view = DataView()
    qtbot.addWidget(view)
    qtbot.addWidget(view.head)
    view.set_theme(LIGHT)
    view.resize(760, 320)
    view.show()
    qtbot.waitExposed(view)
    return view


def table_of(view: DataView) -> DataTable:
    page = view._pages[DataPage.TABLE]
    assert isinstance(page, DataTable)
    return page


def heard_rows(view: DataView) -> list[int | None]:
    heard: list[int | None] = []
    view.row_chosen.connect(heard.append)
    return heard


def heard_requests(view: DataView) -> list[int]:
    heard: list[int] = []
    view.row_losses_wanted.connect(lambda: heard.append(1))
    return heard


# ---------------------------------------------------------------------- pages and head


def test_an_empty_panel_says_what_to_do(view):
    assert "CSV" in view._empty.text()
    assert view._stack.currentWidget() is view._empty
    assert view._links.isHidden()
    view.set_network(made_run())
    view.clear("No table.")
    assert view._stack.currentWidget() is view._empty
    assert view._empty.text() == "No table."


def test_the_pages_are_chosen_in_the_head(view, qtbot):
    view.set_network(made_run())
    view.head.show()
    for page in (DataPage.SCATTER, DataPage.PREPARATION, DataPage.TABLE):
        qtbot.mouseClick(view._links.links[page], Qt.MouseButton.LeftButton)
        assert view.page is page
        assert view._stack.currentWidget() is view._pages[page]
        assert [link.isChecked() for link in view._links.links.values()] == [other is page for other in DataPage]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("size", [(380, 220), (1200, 500)])
@pytest.mark.parametrize("target", ["bought", "price"])
def test_every_page_is_drawn_in_both_themes_and_all_sizes(view, theme, size, target):
    run = made_run(made_data(target=target))
    view.set_theme(theme)
    view.resize(*size)
    view.set_network(run)
    view.set_row_losses(made_losses(run.data))
    for page in DataPage:
        view.set_page(page)
        view.show_row(4)
        image = view.grab().toImage()
        assert len({image.pixel(x, y) for x in range(0, size[0], 3) for y in range(0, size[1], 3)}) > 8
        assert view._pages[page].size() == view.size()


def test_the_head_names_the_step_of_the_losses(view):
    run = made_run()
    view.set_network(run)
    assert view._step.isHidden()
    view.set_row_losses(made_losses(run.data, step=1200))
    assert view._step.text() == "losses at step 1,200"


# ---------------------------------------------------------------------- the row chosen


def test_a_click_is_announced_once(view, qtbot):
    view.set_network(made_run())
    heard = heard_rows(view)
    click_row(qtbot, table_of(view), 3)
    assert heard == [3]
    click_row(qtbot, table_of(view), 3)
    assert heard == [3, None]


def test_a_row_chosen_elsewhere_echoes_nothing(view, qtbot):
    view.set_network(made_run())
    heard = heard_rows(view)
    for row in (7, 12, None, 3):
        view.show_row(row)
        assert table_of(view).table.chosen == row == view.chosen
    assert heard == []
    click_row(qtbot, table_of(view), 3, PRICE)
    assert heard == [None]


def test_two_linked_views_come_to_rest(qtbot, view):
    other = DataView()
    qtbot.addWidget(other)
    qtbot.addWidget(other.head)
    run = made_run()
    heard = heard_rows(view)
    for one in (view, other):
        one.set_network(run)
    view.row_chosen.connect(other.show_row)
    other.row_chosen.connect(view.show_row)
    view.row_chosen.connect(view.show_row)
    click_row(qtbot, table_of(view), 5)
    assert (heard, other.chosen) == ([5], 5)


def test_a_row_that_does_not_exist_is_none(view):
    view.set_network(made_run())
    view.show_row(3)
    view.show_row(60)
    assert view.chosen is None


def test_a_page_made_later_has_the_row_chosen_before(view):
    view.set_network(made_run())
    view.show_row(9)
    view.set_page(DataPage.SCATTER)
    assert view._pages[DataPage.SCATTER].plot.marked_row == 9
    view.show_row(4)
    view.set_page(DataPage.TABLE)
    assert table_of(view).table.chosen == 4


def test_the_row_stays_chosen_in_another_run_on_the_same_table_only(view):
    run = made_run()
    view.set_network(run)
    view.show_row(9)
    view.set_network(replace(run, run_id=2))
    assert view.chosen == 9
    assert table_of(view).table.chosen == 9
    view.set_network(made_run(made_data(40), run_id=3))
    assert view.chosen is None


def test_the_head_says_which_row_is_chosen_and_how_to_let_it_go(view):
    run = made_run()
    view.set_network(run)
    view.show_row(17)
    assert view._step.text() == "row 18 · Esc lets it go"
    assert "click" in view._step.toolTip()
    view.set_row_losses(made_losses(run.data, step=1200))
    assert view._step.text() == "row 18 · Esc lets it go · losses at step 1,200"
    view.show_row(None)
    assert view._step.text() == "losses at step 1,200"
    assert "Esc" not in view._step.toolTip()


@pytest.mark.parametrize("page", DataPage)
def test_escape_lets_go_of_the_row_on_every_page(view, qtbot, page):
    view.set_network(made_run())
    view.set_page(page)
    view.show_row(4)
    heard = heard_rows(view)
    inside = {DataPage.TABLE: "table", DataPage.SCATTER: "plot", DataPage.PREPARATION: "table"}[page]
    for _ in range(2):
        qtbot.keyClick(getattr(view._pages[page], inside), Qt.Key.Key_Escape)
    assert heard == [None]
    assert view.chosen is None


# ---------------------------------------------------------------------- order


def test_while_the_run_goes_on_the_order_stays_and_the_head_says_which_losses_made_it(view):
    run = made_run(made_data(400))
    view.set_network(run)
    view.render(made_snapshot(run, step=3, state=RunState.RUNNING))
    view.set_row_losses(made_losses(run.data, step=3))
    page = table_of(view)
    page.table.sortByColumn(LOSS, Qt.SortOrder.DescendingOrder)
    view.show_row(int(page.model.shown[2]))
    before = page.model.shown.tolist()
    for step in (8, 90):
        view.render(made_snapshot(run, step=step, state=RunState.RUNNING))
        view.set_row_losses(made_losses(run.data, step=step, seed=step))
        assert page.model.shown.tolist() == before
        assert view._step.text().endswith("sorted by the losses at step 3")
    assert "those at step 90" in view._step.toolTip()
    assert page.model.text(0, LOSS) == loss_text(float(view._rows.losses[before[0]]))


def test_when_the_run_stands_the_rows_are_sorted_anew_and_the_chosen_one_stays_in_view(view):
    run = made_run(made_data(400))
    view.set_network(run)
    view.render(made_snapshot(run, step=3, state=RunState.RUNNING))
    view.set_row_losses(made_losses(run.data, step=3))
    page = table_of(view)
    page.table.sortByColumn(LOSS, Qt.SortOrder.DescendingOrder)
    view.show_row(int(page.model.shown[0]))
    view.render(made_snapshot(run, step=9, state=RunState.RUNNING))
    view.set_row_losses(made_losses(run.data, step=9, seed=9))
    view.render(made_snapshot(run, step=9, state=RunState.PAUSED))
    known = view._rows.losses[page.model.shown[:398]]
    assert np.all(np.diff(known) <= 0)
    assert view._step.text().endswith("sorted by the losses at step 9")
    place = page.model.place_of(view.chosen)
    assert place > 20
    assert page.table.viewport().rect().contains(page.table.visualRect(page.model.index(place, LOSS)).center())


def test_losses_that_come_while_the_run_stands_sort_anew_without_scrolling_to_a_row_out_of_sight(view):
    run = made_run(made_data(400))
    view.set_network(run)
    view.render(made_snapshot(run, step=3))
    view.set_row_losses(made_losses(run.data, step=3))
    page = table_of(view)
    page.table.sortByColumn(LOSS, Qt.SortOrder.DescendingOrder)
    view.show_row(int(page.model.shown[0]))
    page.table.verticalScrollBar().setValue(200)
    view.render(made_snapshot(run, step=4))
    view.set_row_losses(made_losses(run.data, step=4, seed=4))
    assert np.all(np.diff(view._rows.losses[page.model.shown[:398]]) <= 0)
    assert page.table.verticalScrollBar().value() == 200


def test_while_a_large_table_is_sorted_the_head_says_so(view, qtbot, monkeypatch):
    monkeypatch.setattr(data_model, "SORTED_AT_ONCE", 50)
    view.set_network(made_run())
    page = table_of(view)
    page.table.sortByColumn(PRICE, Qt.SortOrder.AscendingOrder)
    assert view._step.text() == "sorting …"
    assert not view._step.isHidden()
    qtbot.waitUntil(lambda: not page.model.sorting)
    assert view._step.isHidden()
    qtbot.waitUntil(lambda: not page.model._sorter._threads)


# ---------------------------------------------------------------------- losses


def test_standing_it_asks_once_for_the_losses_of_each_step(view):
    run = made_run()
    heard = heard_requests(view)
    view.set_network(run)
    for _ in range(3):
        view.render(made_snapshot(run, step=3))
    assert len(heard) == 1
    view.set_row_losses(made_losses(run.data, step=3))
    view.render(made_snapshot(run, step=3))
    assert len(heard) == 1
    view.render(made_snapshot(run, step=4))
    assert len(heard) == 2


def test_losses_of_a_step_that_is_past_are_shown_and_asked_for_again(view):
    run = made_run()
    heard = heard_requests(view)
    view.set_network(run)
    view.render(made_snapshot(run, step=3))
    view.render(made_snapshot(run, step=8))
    assert len(heard) == 2
    view.set_row_losses(made_losses(run.data, step=3))
    assert view._step.text() == "losses at step 3"
    assert len(heard) == 3


def test_during_play_it_asks_every_two_seconds(view, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(data_view.time, "monotonic", lambda: now[0])
    run = made_run()
    heard = heard_requests(view)
    view.set_network(run)
    counts = []
    for step in range(60):
        view.render(made_snapshot(run, step=step, state=RunState.RUNNING))
        if len(heard) > len(counts):
            counts.append(now[0])
            view.set_row_losses(made_losses(run.data, step=step))
        now[0] += 0.1
    assert len(counts) == 3
    np.testing.assert_allclose(np.diff(counts), 2.0, atol=0.11)


def test_nothing_is_asked_for_while_nobody_looks(view):
    run = made_run()
    heard = heard_requests(view)
    view.hide()
    view.set_network(run)
    view.render(made_snapshot(run))
    assert heard == []
    view.show()
    assert heard == [1]
    view.set_row_losses(made_losses(run.data, step=3))
    view.set_page(DataPage.SCATTER)
    view.render(made_snapshot(run, step=9))
    assert heard == [1]
    view.set_page(DataPage.TABLE)
    assert heard == [1, 1]


def test_losses_of_another_run_are_dropped(view):
    run = made_run()
    view.set_network(run)
    view.set_row_losses(made_losses(run.data, run_id=2))
    assert view._rows.losses is None
    view.render(made_snapshot(replace(run, run_id=2)))
    assert view._snapshot is None


# ---------------------------------------------------------------------- preparation


@pytest.fixture
def preparation(view) -> DataPreparation:
    view.set_network(made_run())
    view.set_page(DataPage.PREPARATION)
    page = view._pages[DataPage.PREPARATION]
    assert isinstance(page, DataPreparation)
    return page


def line_of(page: DataPreparation, name: str) -> int:
    return [told.name for told in page.model.accounts].index(name)


def test_every_column_has_a_line_with_what_was_done(preparation):
    told = account(made_data())
    assert preparation.model.rowCount() == len(made_columns())
    for place, each in enumerate(told):
        assert preparation.model.lines(place, COLUMN) == (each.name, f"{each.kind} · {each.role}")
        assert preparation.model.lines(place, DONE)[0] == " ".join(each.done)


def test_a_number_stands_beside_its_scaled_value(view, preparation):
    data = view._run.data
    row = int(data.rows_validation[1])
    view.show_row(row)
    value = made_columns()[2].values[row]
    train = made_columns()[2].values[data.rows_train]
    original, prepared = preparation.model.lines(line_of(preparation, "price"), FIRST_ROW)
    assert float(original.replace("−", "-")) == value
    assert float(prepared.removeprefix("→ ").replace("−", "-")) == pytest.approx((value - train.mean()) / train.std(), rel=1e-3)
    assert preparation.model.columnCount() == FIRST_ROW + 1
    assert preparation.model.headerData(FIRST_ROW, Qt.Orientation.Horizontal) == f"row {row + 1}"


def test_a_category_stands_beside_the_input_that_is_1_and_all_of_them_in_the_tool_tip(view, preparation):
    region = made_columns()[4].values
    row = int(next(row for row in view._run.data.rows_train if region.codes[row] == 1))
    view.show_row(row)
    place = line_of(preparation, "region")
    assert preparation.model.lines(place, FIRST_ROW) == ("east", "→ east 1, others 0")
    tip = preparation.model.index(place, FIRST_ROW).data(Qt.ItemDataRole.ToolTipRole)
    for level in ("east 1", "west 0", "south 0"):
        assert f"region = {level}" in tip


def test_a_missing_number_is_shown_as_missing_with_its_second_input(view, preparation):
    view.show_row(3)
    original, prepared = preparation.model.lines(line_of(preparation, "age"), FIRST_ROW)
    assert original == "missing"
    assert prepared.endswith(", missing 1")
    assert prepared.count(",") == 1
    assert "age" not in prepared


@pytest.mark.parametrize("width", [380, 520, 760, 1200])
@pytest.mark.parametrize("row", [None, 3])
def test_every_cell_has_room_for_all_it_says(view, preparation, width, row):
    view.resize(width, 1200)
    view.show_row(row)
    table = preparation.table
    shown = [preparation.model.columnCount() - FIRST_ROW, table.horizontalScrollBar().maximum()]
    assert shown == [1 if row is not None else min(3, max(1, shown[0])), 0]
    for place in range(preparation.model.rowCount()):
        for section in range(preparation.model.columnCount()):
            room = table.visualRect(preparation.model.index(place, section)).adjusted(8, 4, -8, 0)
            fonts = (small_font(), small_font()) if section == DONE else (small_font(12, bold=section == COLUMN), small_font())
            boxes = [
                QFontMetricsF(font).boundingRect(
                    QRectF(0, 0, room.width(), 1e4), int(Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere), text
                )
                for font, text in zip(fonts, preparation.model.lines(place, section), strict=True)
                if text
            ]
            assert sum(box.height() for box in boxes) <= room.height() + 1
    assert table.rowHeight(line_of(preparation, "day")) <= 6 * 16


def test_a_wide_page_shows_three_rows_and_a_narrow_one_as_many_as_have_room(view, preparation):
    counts = []
    for width in (1200, 760, 560, 380):
        view.resize(width, 320)
        counts.append(preparation.model.columnCount() - FIRST_ROW)
    assert counts[:2] == [3, 3]
    assert counts[-1] == 1
    assert counts == sorted(counts, reverse=True)


def test_a_very_long_text_does_not_fill_the_page_and_stands_in_the_tool_tip(view, preparation):
    long = "lorem ipsum " * 400
    place = line_of(preparation, "name")
    rows = view._rows
    rows.columns = (replace(rows.columns[0], values=CodedText(np.zeros(60, dtype=np.int32), (long,))), *rows.columns[1:])
    preparation.set_rows(rows)
    assert preparation.model.lines(place, FIRST_ROW)[0].endswith("…")
    assert preparation.table.rowHeight(place) < 180
    assert long in preparation.model.index(place, FIRST_ROW).data(Qt.ItemDataRole.ToolTipRole)


def test_of_many_columns_those_in_sight_get_their_height(view, preparation, monkeypatch):
    measured = []
    original = WrappedCells.height_of

    def height_of(self: WrappedCells, place: int, widths: list[int]) -> int:
        measured.append(place)
        return original(self, place, widths)

    monkeypatch.setattr(WrappedCells, "height_of", height_of)
    view.resize(500, 160)
    first = len(set(measured))
    assert 0 < first < preparation.model.rowCount()
    preparation.table.verticalScrollBar().setValue(preparation.table.verticalScrollBar().maximum())
    last = preparation.table.visualRect(preparation.model.index(preparation.model.rowCount() - 1, DONE))
    assert preparation.model.rowCount() - 1 in measured
    assert 0 <= last.top() < last.bottom() <= preparation.table.viewport().height()


def test_the_target_the_left_out_column_and_the_left_out_row(view, preparation):
    row = int(view._run.data.rows_train[0])
    view.show_row(row)
    bought = made_columns()[5].values
    code = int(bought.codes[row])
    assert preparation.model.lines(line_of(preparation, "bought"), FIRST_ROW) == (bought.levels[code], f"→ {code}")
    assert preparation.model.lines(line_of(preparation, "day"), FIRST_ROW)[1] == ""
    view.show_row(5)
    assert preparation.model.lines(line_of(preparation, "price"), FIRST_ROW)[1] == "row left out"


def test_without_a_row_chosen_the_first_ones_are_shown(view, preparation):
    view.show_row(20)
    view.show_row(None)
    names = [preparation.model.headerData(FIRST_ROW + number, Qt.Orientation.Horizontal) for number in range(3)]
    assert names == ["row 1", "row 2", "row 3"]
