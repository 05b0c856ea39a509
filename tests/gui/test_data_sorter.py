from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt

from gui.theme import LIGHT
from gui.views import data_model, data_sorter
from gui.views.data_arrangement import FIRST_VALUE, LOSS, ROW, RowFilter, SortJob, answer_to
from gui.views.data_order import loss_order
from gui.views.data_rows import DataRows
from gui.views.data_sorter import RowSorter
from gui.views.data_table import DataTable
from tests.gui.made_table import made_columns, made_data, made_losses

NAME, PRICE = FIRST_VALUE, FIRST_VALUE + 2


class Gate:
    """Lets sorts begin one by one, and notes in which thread each was done."""

    def __init__(self) -> None:
        self.open, self.threads, self.jobs = threading.Semaphore(0), [], []

    def answer(self, job: SortJob) -> object:
        self.threads.append(threading.get_ident())
        self.jobs.append(job)
        assert self.open.acquire(timeout=10)
        return answer_to(job)


@pytest.fixture
def gate(monkeypatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(data_model, "SORTED_AT_ONCE", 50)
    monkeypatch.setattr(data_sorter, "answer_to", gate.answer)
    return gate


@pytest.fixture
def page(qtbot, gate) -> DataTable:
    page = DataTable()
    qtbot.addWidget(page)
    page.set_theme(LIGHT)
    page.resize(760, 320)
    page.set_rows(DataRows(made_data()))
    page.show()
    qtbot.waitExposed(page)
    yield page
    for _ in range(10):
        gate.open.release()
    qtbot.waitUntil(lambda: not page.model._sorter._threads)


def test_a_large_table_is_sorted_in_another_thread_with_the_old_order_shown_meanwhile(page, gate, qtbot):
    page.table.sortByColumn(PRICE, Qt.SortOrder.AscendingOrder)
    assert page.model.sorting
    assert page.order_words() == "sorting …"
    assert page.model.shown.tolist() == list(range(60))
    assert page.model.headerData(ROW, Qt.Orientation.Horizontal).endswith("▴")
    gate.open.release()
    qtbot.waitUntil(lambda: not page.model.sorting)
    assert page.model.shown.tolist() == np.argsort(made_columns()[2].values, kind="stable").tolist()
    assert page.model.headerData(PRICE, Qt.Orientation.Horizontal).endswith("▴")
    assert page.order_words() == ""
    assert threading.get_ident() not in gate.threads


def test_a_stale_answer_is_dropped_and_jobs_in_between_are_never_begun(page, gate, qtbot):
    shown = []
    page.model.arranged.connect(lambda: shown.append(page.model.arrangement.sorted_by))
    page.table.sortByColumn(PRICE, Qt.SortOrder.AscendingOrder)
    page.table.sortByColumn(FIRST_VALUE + 1, Qt.SortOrder.AscendingOrder)
    page.table.sortByColumn(PRICE, Qt.SortOrder.DescendingOrder)
    gate.open.release()
    gate.open.release()
    qtbot.waitUntil(lambda: not page.model.sorting)
    assert shown == [PRICE]
    assert page.model.shown.tolist() == np.argsort(-made_columns()[2].values, kind="stable").tolist()
    assert len(gate.jobs) == 2


def test_the_answer_for_another_table_is_dropped(page, gate, qtbot):
    page.table.sortByColumn(PRICE, Qt.SortOrder.AscendingOrder)
    page.set_rows(DataRows(made_data(70)))
    assert not page.model.sorting
    gate.open.release()
    qtbot.waitUntil(lambda: not page.model._sorter._threads)
    assert page.model.shown.tolist() == list(range(70))


def test_losses_that_come_meanwhile_do_not_change_the_job_and_are_sorted_by_next(page, gate, qtbot):
    rows = page.model.rows
    rows.set_losses(made_losses(rows.data, step=3))
    page.take_losses()
    first = loss_order(rows).tolist()
    page.table.sortByColumn(LOSS, Qt.SortOrder.AscendingOrder)
    qtbot.waitUntil(lambda: bool(gate.jobs))
    rows.set_losses(made_losses(rows.data, step=9, seed=9))
    page.take_losses(standing=False)
    gate.open.release()
    qtbot.waitUntil(lambda: not page.model.sorting)
    assert page.model.shown.tolist() == first
    assert page.order_words() == "sorted by the losses at step 3"
    page.settle()
    gate.open.release()
    qtbot.waitUntil(lambda: not page.model.sorting)
    assert page.model.shown.tolist() == loss_order(rows).tolist()
    assert page.order_words() == "sorted by the losses at step 9"


def test_texts_are_ranked_once(page, gate, qtbot):
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        page.table.sortByColumn(NAME, order)
        gate.open.release()
        qtbot.waitUntil(lambda: not page.model.sorting)
        assert page.model.shown.tolist() == list(range(60))[:: 1 if order == Qt.SortOrder.DescendingOrder else -1]
    assert gate.jobs[0].ranks is None
    assert gate.jobs[1].ranks is not None


def test_a_row_chosen_while_the_filter_is_lifted_is_in_view_when_the_rows_come(page, gate, qtbot):
    page.set_filter(RowFilter.VALIDATION)
    gate.open.release()
    qtbot.waitUntil(lambda: not page.model.sorting)
    row = int(page.model.rows.data.rows_train[-1])
    page.show_row(row)
    assert page.table.chosen is None
    gate.open.release()
    qtbot.waitUntil(lambda: not page.model.sorting)
    assert page.table.chosen == row
    assert page.table.is_chosen_in_view()


@pytest.mark.parametrize("end", ["destroyed", "quitting"])
def test_no_thread_outlives_its_sorter(qtbot, gate, end):
    rows = DataRows(made_data())
    sorter = RowSorter()
    sorter.ask(SortJob.of(rows, data_model.Arrangement(PRICE), None, by_person=True))
    thread = sorter._threads[0]
    threading.Timer(0.05, gate.open.release).start()
    if end == "destroyed":
        sorter.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    else:
        sorter.shutdown()
    assert thread.isFinished()
