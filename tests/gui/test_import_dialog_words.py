"""What the import dialog says: whole sentences, exact extremes, reasons that hold for the choices in force, text that fails."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.data.columns.column import column_of
from engine.data.columns.profile import profile
from gui.panels.import_dialog import FRAME, ImportDialog
from gui.panels.importing.column_delegates import wrapped
from gui.panels.importing.column_model import Fact
from gui.panels.importing.column_text import details, number_text, range_of
from gui.panels.importing.repair_report import FAILED_WITHOUT_TEXT
from gui.panels.importing.table_tabs import REPAIRS
from gui.session.data_session import DataSession
from gui.session.import_memory import ImportMemory
from gui.session.import_session import NOT_ANEW
from tests.gui.import_dialogs import Driver

Open = Callable[..., Driver]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, when a menu opens


@pytest.fixture
def open_file(qtbot: QtBot) -> Iterator[Open]:
    """Return a function that opens a file in a dialog; all are closed after the test."""
    data = DataSession()
    drivers: list[Driver] = []

    def make(path: Path, memory: ImportMemory | None = None) -> Driver:
        drivers.append(Driver(qtbot, data, path, memory))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.close()
    data.shut_down()


def write(tmp_path: Path, text: str, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding=encoding, newline="")
    return path


def houses(n_rows: int = 120) -> str:
    """Return sizes, rooms, prices, a copy of the prices, and a remark on each house that is like no other."""
    rng = np.random.default_rng(1)
    sizes, prices = rng.uniform(30, 200, n_rows), rng.uniform(1e5, 9e5, n_rows)
    lines = ["remark,size,distance to the centre of the town (km),amount,price"]
    lines += [
        f"sold by somebody in the year {n} after a while,{s:.3f},{n % 7},{p:.2f},{p:.2f}"
        for n, (s, p) in enumerate(zip(sizes, prices, strict=True))
    ]
    return "\n".join(lines) + "\n"


def numeric_rows(n_rows: int = 60) -> str:
    return "".join(f"{i},{i * i % 17},{i % 3}.5\n" for i in range(n_rows))


# ---------------------------------------------------------------------- room


@pytest.mark.parametrize("screen", [QSize(1024, 700), QSize(800, 560), QSize(2560, 1440)])
def test_dialog_opens_no_larger_than_the_screen(
    open_file: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, screen: QSize
) -> None:
    class Screen:
        def availableSize(self) -> QSize:
            return screen

    monkeypatch.setattr(ImportDialog, "screen", lambda self: Screen())
    dialog = open_file(write(tmp_path, houses())).dialog
    assert dialog.minimumSize().boundedTo(screen - FRAME) == dialog.minimumSize()
    assert dialog.width() <= screen.width() - FRAME.width() or dialog.width() == dialog.minimumSizeHint().width()
    assert dialog.height() <= max(screen.height() - FRAME.height(), dialog.minimumSizeHint().height())


def test_focus_frame_of_more_options_lies_inside_its_parent(open_file: Open, tmp_path: Path) -> None:
    toggle = open_file(write(tmp_path, houses())).dialog.options.toggle
    assert "margin-left: 0" in toggle.styleSheet()
    assert toggle.x() >= 0


def test_names_take_the_room_that_no_caution_needs(open_file: Open, tmp_path: Path) -> None:
    name = "distance to the centre of town (km)"
    rows = "".join(f"{i * 7 % 31},{i % 12}.5,{i * 3 % 17}\n" for i in range(60))
    driver = open_file(write(tmp_path, f"{name},age,price\n{rows}"))
    driver.dialog.resize(1120, 700)
    driver.wait()
    table = driver.dialog.columns_pane.table
    assert all(driver.text(each, Fact.REMARKS) == "" for each in (name, "age", "price"))
    assert table.columnWidth(Fact.NAME) > QFontMetrics(table.font()).horizontalAdvance(name)
    assert table.horizontalHeader().length() <= table.viewport().width()


def test_text_is_wrapped_between_words_and_nothing_is_lost(qtbot: QtBot) -> None:
    font = QFont()
    text = "It may leak the target: its correlation with the target is 0.9998"
    width = QFontMetrics(font).horizontalAdvance(text) * 0.7
    lines = wrapped(text, font, width, 2)
    assert len(lines) == 2
    assert " ".join(lines) == text
    assert QFontMetrics(font).horizontalAdvance(lines[0]) <= width
    assert wrapped("", font, width, 2) == [""]


# ---------------------------------------------------------------------- what to beware of


def test_caution_of_the_current_line_is_shown_in_full(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, houses()))
    driver.wait()
    pane = driver.dialog.columns_pane
    assert pane.caution.isVisible()
    assert driver.text("amount", Fact.ROLE) == "ignore"
    assert driver.dialog.chosen_features() == ["size", "distance to the centre of the town (km)"]
    pane.table.setCurrentIndex(driver.cell("amount", Fact.NAME))
    assert pane.caution.text() == "amount: A copy of the target: it equals the target in 100 % of the rows."
    pane.table.setCurrentIndex(driver.cell("size", Fact.NAME))
    assert pane.caution.text() == "size: nothing to beware of."


def test_every_remark_begins_as_a_sentence(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, houses()))
    driver.wait()
    remarks = [driver.text(column.name, Fact.REMARKS) for column in driver.session.columns]
    assert any(remarks)
    assert all(remark[:1] == remark[:1].upper() for remark in remarks)


def test_table_without_features_says_how_to_use_one_all_the_same(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "day,y\n" + "".join(f"2024-01-{1 + i % 28:02d},{i % 9}.5\n" for i in range(60))))
    driver.wait()
    assert driver.dialog.target_panel.reason.text().endswith("click on its role above and choose feature.")


@pytest.mark.parametrize(("text", "words"), [("y\n" + "1.5\n2.5\n9\n" * 20, "one column only"), ("a,b\n", "has no rows")])
def test_table_of_one_column_and_one_without_rows_are_said_so(open_file: Open, tmp_path: Path, text: str, words: str) -> None:
    driver = open_file(write(tmp_path, text))
    driver.wait()
    assert words in driver.dialog.target_panel.reason.text()
    assert not driver.dialog.take.isEnabled()


def test_repairs_are_shown_whole_however_narrow_their_list(open_file: Open, tmp_path: Path) -> None:
    lines = houses().splitlines()
    for line in range(20, 80, 7):
        lines[line - 1] = ",".join(lines[line - 1].split(",")[:3])
    driver = open_file(write(tmp_path, "\n".join(lines) + "\n"))
    driver.dialog.resize(1400, 760)
    driver.wait()
    driver.repairs()
    driver.dialog.resize(960, 640)
    items = driver.dialog.tabs.report.list

    def is_whole() -> bool:
        rect, text = items.visualItemRect(items.item(0)), items.item(0).text()
        width = rect.width() - 8  # what the style sheet pads an item with, where it is in force
        needed = items.fontMetrics().boundingRect(0, 0, width, 1000, Qt.TextFlag.TextWordWrap, text)
        return width <= items.viewport().width() and needed.height() <= rect.height()

    driver.qtbot.waitUntil(is_whole)


# ---------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2007.0, "2007"),
        (9999.0, "9999"),
        (10_000.0, "10,000"),
        (1_662_713.0, "1,662,713"),
        (0.99007, "0.99007"),
        (1.00369, "1.00369"),
        (-124.35, "−124.35"),
        (12345.6, "12,345.6"),
        (0.0, "0"),
        (1e-7, "1e−07"),
        (3.5e12, "3.5e+12"),
        (float("inf"), "not finite"),
    ],
)
def test_numbers_are_written_with_six_digits_and_years_without_a_mark(value: float, text: str) -> None:
    assert number_text(value) == text


def test_extremes_have_every_digit_in_the_tool_tip() -> None:
    column = column_of("v", "numeric", np.array([0.123456789, 7.987654321]))
    assert range_of(column, 0.123456789, 7.987654321) == "0.123457 to 7.98765"
    tip = details(column, profile(column))
    assert "smallest 0.123456789" in tip
    assert "largest 7.987654321" in tip


def test_midnight_is_written_where_other_dates_have_a_time(open_file: Open, tmp_path: Path) -> None:
    rows = "".join(f"2024-01-{1 + i:02d} {i:02d}:00,{i},{i * i % 7}.5\n" for i in range(20))
    driver = open_file(write(tmp_path, "when,b,y\n" + rows))
    driver.wait()
    assert driver.text("when", Fact.VALUES) == "2024-01-01 00:00 to 2024-01-20 19:00"
    rows_shown = driver.dialog.tabs.first_rows.rows
    assert [rows_shown.index(row, 0).data() for row in (0, 1)] == ["2024-01-01 00:00", "2024-01-02 01:00"]


# ---------------------------------------------------------------------- reasons


def test_header_is_recognised_anew_when_lines_are_skipped(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "a,b,c\n" + numeric_rows()))
    driver.wait()
    before = driver.row("header").because.text()
    driver.row("skip_lines").editor.setValue(3)
    driver.wait()
    assert not driver.row("header").editor.isChecked()
    assert "numbers above 3 columns" in driver.row("header").because.text()
    assert driver.session.table.table.n_rows == 58
    assert driver.row("skip_lines").because.text() == "Your choice. Recognised: 0."
    driver.qtbot.mouseClick(driver.row("skip_lines").reset, Qt.MouseButton.LeftButton)
    driver.wait()
    assert driver.row("header").because.text() == before
    assert driver.row("header").editor.isChecked()
    assert not driver.session.choices


def test_reasons_speak_of_the_delimiter_in_force(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "a;b;c\n" + "".join(f"{i};{i},5;{i % 3}\n" for i in range(60))))
    driver.wait()
    assert driver.session.spec.decimal == ","
    driver.pick("delimiter", "comma")
    driver.wait()
    assert driver.session.spec.decimal == "."
    assert driver.row("delimiter").because.text() == "Your choice. Recognised: semicolon."


def test_a_chosen_header_stays_when_the_rest_is_recognised_anew(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, numeric_rows()))
    driver.wait()
    driver.session.set_field("header", True)
    driver.session.set_field("skip_lines", 2)
    driver.wait()
    assert driver.session.spec.header
    assert driver.session.table.table.n_rows == 57


def test_loaded_settings_hold_whatever_is_recognised_anew(open_file: Open, tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,c\n" + numeric_rows())
    driver = open_file(path)
    driver.wait()
    driver.session.set_field("skip_lines", 3)
    driver.wait()
    driver.session.set_field("header", True)
    driver.wait()
    assert driver.session.spec.header
    driver.dialog.save_settings(tmp_path / "settings.json")
    wanted = driver.session.taken_spec
    other = open_file(path)
    other.wait()
    other.dialog.load_settings(tmp_path / "settings.json")
    other.wait()
    assert other.session.taken_spec == wanted


def test_reasons_that_no_longer_hold_are_taken_back(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, houses()))
    driver.wait()
    driver.session.set_field("encoding", "utf-16")
    driver.wait_for_failure()
    assert driver.row("header").because.text() == NOT_ANEW
    driver.session.reset_field("encoding")
    driver.wait()
    assert "words above" in driver.row("header").because.text()


# ---------------------------------------------------------------------- files that can't be read


def test_wrong_encoding_shows_the_lines_and_marks_where_it_failed(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, houses().replace("year 3 ", "year trois été ")))
    driver.wait()
    driver.session.set_field("encoding", "ascii")
    assert "line 5" in driver.wait_for_failure()
    report = driver.dialog.tabs.report
    driver.qtbot.waitUntil(lambda: report.raw.marked == 5)
    assert report.raw.isVisible()
    assert "trois été" in dict(report.raw.content.lines)[5]
    assert report.where.text() == "Line 5, shown as UTF-8"


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, gzip.compress(houses().encode())[:40]],
    ids=["empty", "picture", "broken archive"],
)
def test_file_without_text_shows_a_sentence_and_no_empty_pane(open_file: Open, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    driver = open_file(path)
    driver.wait_for_failure()
    report = driver.dialog.tabs.report
    driver.qtbot.waitUntil(report.sentence.isVisible)
    assert report.sentence.text() == FAILED_WITHOUT_TEXT
    assert not report.raw.isVisible()
    assert not report.list.isVisible()
    assert driver.dialog.tabs.tabText(REPAIRS) == "No text"


def test_panes_come_back_when_the_file_can_be_read(open_file: Open, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(houses().encode("utf-16"))
    driver = open_file(path)
    driver.wait()
    driver.session.set_field("encoding", "ascii")
    driver.wait_for_failure()
    driver.session.reset_field("encoding")
    driver.wait()
    report = driver.dialog.tabs.report
    driver.dialog.tabs.setCurrentIndex(REPAIRS)
    driver.qtbot.waitUntil(lambda: report.raw.isVisible() and len(report.raw.content.lines) > 0)
    assert report.where.text() == "The first lines of the file."


# ---------------------------------------------------------------------- leaving


def test_choices_are_remembered_when_the_dialog_is_left_with_escape(open_file: Open, tmp_path: Path) -> None:
    memory = ImportMemory(tmp_path / "choices.json")
    path = write(tmp_path, houses())
    driver = open_file(path, memory)
    driver.wait()
    driver.choose("size", Fact.ROLE, "ignore")
    driver.qtbot.keyClick(driver.dialog, Qt.Key.Key_Escape)
    again = open_file(path, memory)
    again.wait()
    assert again.dialog.remembered.isVisible()
    assert again.text("size", Fact.ROLE) == "ignore"
    again.session.set_roles(("size",), None)
    again.close()
    assert memory.recall(path) is None


def test_choices_with_which_nothing_can_be_read_are_not_remembered(open_file: Open, tmp_path: Path) -> None:
    memory = ImportMemory(tmp_path / "choices.json")
    path = write(tmp_path, houses())
    driver = open_file(path, memory)
    driver.wait()
    driver.session.set_field("encoding", "utf-16")
    driver.wait_for_failure()
    driver.close()
    assert memory.recall(path) is None


def test_dialog_for_files_takes_a_title(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    titles: list[str] = []

    def ask(parent: object, title: str, *_: str) -> tuple[str, str]:
        titles.append(title)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", ask)
    assert ImportDialog.ask_for_file(None) is None
    ImportDialog.ask_for_file(None, title="Open an example file")
    assert titles == ["Open CSV", "Open an example file"]
