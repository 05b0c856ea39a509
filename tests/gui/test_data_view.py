from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.data.preparation.account import account
from gui.session.messages import RunState
from gui.theme import DARK, LIGHT
from gui.views import data_view
from gui.views.data_preparation import COLUMN, DONE, FIRST_ROW, DataPreparation
from gui.views.data_table import DataTable
from gui.views.data_view import DataPage, DataView
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
    assert preparation.model.lines(place, FIRST_ROW) == ("east", "→ region = east 1, others 0")
    tip = preparation.model.index(place, FIRST_ROW).data(Qt.ItemDataRole.ToolTipRole)
    for level in ("east 1", "west 0", "south 0"):
        assert f"region = {level}" in tip


def test_a_missing_number_is_shown_as_missing_with_its_second_input(view, preparation):
    view.show_row(3)
    original, prepared = preparation.model.lines(line_of(preparation, "age"), FIRST_ROW)
    assert original == "missing"
    assert prepared.endswith(" 1")
    assert prepared.count(",") == 1


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
