"""The import dialog: what is recognised is shown with its reasons, every choice is followed at once, and the table taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.data.recognition import encoding
from engine.data.spec_file import read_spec
from gui.panels.importing.column_model import CHOSEN_ROLE, Fact
from gui.panels.importing.fields import FIELDS
from gui.panels.importing.remembered_bar import CHANGED, SAME
from gui.panels.importing.table_tabs import FIRST_ROWS, REPAIRS
from gui.session.data_session import DataSession
from gui.session.import_choices import WAYS_OF_WRITING
from gui.session.import_memory import ImportMemory
from tests.gui.import_dialogs import Driver

N_COLUMNS = 2000

LOOKED_AT_BYTES = 512 * 1024

Open = Callable[..., Driver]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, when a menu opens


@pytest.fixture
def open_file(qtbot: QtBot) -> Iterator[Open]:
    """Return a function that opens a file in a dialog; all are closed after the test."""
    data = DataSession()
    drivers: list[Driver] = []

    def make(path: Path, memory: ImportMemory | None = None, title: str = "") -> Driver:
        drivers.append(Driver(qtbot, data, path, memory, title))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.close()
    data.shut_down()


def write(tmp_path: Path, text: str, *, encoding: str = "utf-8", name: str = "table.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding=encoding, newline="")
    return path


def people(n_rows: int = 300, delimiter: str = ",") -> str:
    """Return a table of a name, an age, a town, a height and whether somebody is tall."""
    towns = ("Bern", "Oslo", "Rome")
    rows = [("name", "age", "town", "height", "tall")]
    for number in range(n_rows):
        height = 150 + number * 7 % 50
        rows.append((f"person {number}", 20 + number % 40, towns[number % 3], f"{height}.5", "yes" if height > 175 else "no"))
    return "\n".join(delimiter.join(map(str, row)) for row in rows) + "\n"


# ---------------------------------------------------------------------- understanding


def test_file_is_understood_and_every_guess_has_its_reason(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people(delimiter=";")))
    driver.wait()
    assert driver.dialog.summary.text() == "table.csv · 300 rows · 5 columns · no missing value · nothing repaired"
    assert driver.row("delimiter").editor.box.currentText().startswith("semicolon")
    assert driver.row("header").editor.isChecked()
    for name in ("delimiter", "decimal", "header", "encoding"):
        assert driver.row(name).because.text() == driver.session.reasons[name] != ""
        assert driver.session.reasons[name] in driver.row(name).editor.toolTip()
    assert driver.dialog.target.currentData() == "tall"
    assert driver.dialog.target_panel.reason.text().startswith("tall: ")
    assert driver.dialog.chosen_features() == ["age", "town", "height"]


def test_columns_tell_kind_role_values_and_what_to_beware_of(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people().replace("person 7,27", "person 7,NA")))
    driver.wait()
    assert [driver.text(name, Fact.KIND) for name in ("age", "town", "tall")] == ["numeric", "category", "boolean"]
    assert [driver.text(name, Fact.ROLE) for name in ("name", "age", "tall")] == ["ignore", "feature", "target"]
    assert driver.text("age", Fact.MISSING) == "1"
    assert driver.text("age", Fact.VALUES) == "20 to 59"
    assert driver.text("town", Fact.VALUES) == "Bern: 33 %, Oslo: 33 %, Rome: 33 %"
    assert driver.text("name", Fact.REMARKS) != ""
    described = driver.session.described
    assert sum(described.profiles[1].counts) == 299
    assert dict(described.balance) == {"yes": 144, "no": 156}
    assert "156" in driver.dialog.target_panel.bars.accessibleName()


def test_first_rows_are_those_of_the_file(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people()))
    driver.wait()
    rows = driver.dialog.tabs.first_rows.rows
    assert (rows.rowCount(), rows.columnCount()) == (200, 5)
    assert [rows.index(199, column).data() for column in range(5)] == ["person 199", "59", "Oslo", "193.5", "yes"]


# ---------------------------------------------------------------------- changing


def test_another_delimiter_is_previewed_marked_and_can_be_taken_back(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "a;b,c\n" + "".join(f"{i};{i},{i + 1}\n" for i in range(60))))
    driver.wait()
    before = driver.session.table.table.names
    recognised = driver.session.recognised.delimiter
    other = {";": "comma", ",": "semicolon"}[recognised]
    driver.pick("delimiter", other)
    driver.wait()
    assert driver.session.table.table.names != before
    assert driver.row("delimiter").is_chosen
    assert "Your choice" in driver.row("delimiter").because.text()
    driver.qtbot.mouseClick(driver.row("delimiter").reset, Qt.MouseButton.LeftButton)
    driver.wait()
    assert driver.session.table.table.names == before
    assert not driver.row("delimiter").is_chosen
    assert not driver.session.choices


def test_any_character_can_separate_columns(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "a~b\n" + "".join(f"{i}~{i * i}\n" for i in range(60))))
    driver.wait()
    driver.pick("delimiter", "other")
    driver.qtbot.keyClicks(driver.row("delimiter").editor.other, "~")
    driver.wait()
    assert driver.session.table.table.names == ("a", "b")


def test_missing_words_are_edited_as_a_list(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "a,b\n" + "".join(f"{i % 5},{'gone' if i % 10 == 0 else i}\n" for i in range(80))))
    driver.wait()
    field = driver.row("missing").editor
    assert field.text().startswith("(empty), ?")
    field.setCursorPosition(len(field.text()))
    driver.qtbot.keyClicks(field, ", gone")
    driver.wait()
    assert "gone" in driver.session.spec.missing
    assert "" in driver.session.spec.missing
    assert driver.text("b", Fact.MISSING) == "8"
    assert driver.text("b", Fact.KIND) == "numeric"


def test_lines_to_skip_and_header_are_followed(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "a,b\n" + "".join(f"{i},{i * i}\n" for i in range(60))))
    driver.wait()
    driver.qtbot.mouseClick(driver.dialog.options.toggle, Qt.MouseButton.LeftButton)
    driver.row("skip_lines").editor.setValue(1)
    driver.row("footer_lines").editor.setValue(2)
    driver.qtbot.mouseClick(
        driver.row("header").editor, Qt.MouseButton.LeftButton, pos=driver.row("header").editor.rect().center()
    )
    driver.wait()
    assert not driver.session.spec.header
    assert driver.session.table.table.n_rows == 58


def test_encoding_can_be_typed_and_a_wrong_name_is_refused_where_it_stands(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "town,n\n" + "Łódź,1\nBern,2\nGdańsk,3\n" * 20, encoding="cp1250"))
    driver.wait()
    row = driver.row("encoding")
    row.editor.setCurrentText("klingon")
    driver.qtbot.keyClick(row.editor.lineEdit(), Qt.Key.Key_Return)
    assert row.because.text() == "There is no encoding named 'klingon'."
    row.editor.setCurrentText("cp1250")
    driver.qtbot.keyClick(row.editor.lineEdit(), Qt.Key.Key_Return)
    driver.wait()
    assert driver.session.spec.encoding == "cp1250"
    assert driver.session.columns[0].cell_text(0) == "Łódź"


def test_kind_and_role_of_a_column_are_chosen_with_a_click(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people()))
    driver.wait()
    driver.choose("age", Fact.KIND, "category")
    driver.wait()
    assert driver.text("age", Fact.KIND) == "category"
    assert driver.cell("age", Fact.KIND).data(CHOSEN_ROLE)
    driver.choose("town", Fact.ROLE, "ignore")
    driver.wait()
    assert driver.dialog.chosen_features() == ["age", "height"]
    driver.choose("height", Fact.ROLE, "target")
    driver.wait()
    assert driver.dialog.target.currentData() == "height"
    assert driver.dialog.target_panel.task.currentText() == "a number"
    assert not driver.dialog.target_panel.bars.isVisible()
    driver.choose("age", Fact.KIND, "as recognised")
    driver.wait()
    assert driver.text("age", Fact.KIND) == "numeric"
    ready = driver.take()
    assert ready.settings.target == "height"
    assert ready.settings.features == ("age", "tall")


def test_role_of_several_selected_columns_is_chosen_at_once(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people()))
    driver.wait()
    table = driver.dialog.columns_pane.table
    selection = table.selectionModel()
    for name in ("age", "town"):
        selection.select(driver.cell(name, Fact.NAME), selection.SelectionFlag.Select | selection.SelectionFlag.Rows)
    table.open_choices(driver.cell("age", Fact.ROLE))
    next(action for action in table.choices.actions() if action.text() == "ignore").trigger()
    table.choices.hide()
    driver.wait()
    assert driver.dialog.chosen_features() == ["height"]


def test_columns_are_searched_by_name(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people()))
    driver.wait()
    driver.qtbot.keyClicks(driver.dialog.columns_pane.search, "T")
    shown = driver.dialog.columns_pane.table.shown
    assert [shown.index(row, 0).data() for row in range(shown.rowCount())] == ["town", "height", "tall"]
    driver.qtbot.keyClick(driver.dialog.columns_pane.search, Qt.Key.Key_Return)
    assert driver.dialog.isVisible()


# ---------------------------------------------------------------------- repairs


def damaged() -> str:
    lines = people(120).splitlines()
    for line in (20, 41, 77):
        lines[line - 1] = ",".join(lines[line - 1].split(",")[:3])
    return "\n".join(lines) + "\n"


def test_a_click_on_a_repair_shows_its_lines_in_the_file(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, damaged()))
    driver.wait()
    assert driver.dialog.tabs.tabText(REPAIRS) == f"Repairs · {len(driver.session.table.table.repairs)}"
    number = next(number for number, what in enumerate(driver.repairs()) if "20, 41, 77" in what)
    report = driver.dialog.tabs.report
    place = report.list.visualItemRect(report.list.item(number)).center()
    driver.qtbot.mouseClick(report.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    driver.qtbot.waitUntil(lambda: report.raw.marked == 20)
    text = dict(report.raw.content.lines)[20]
    assert text.rstrip("\n") == damaged().splitlines()[19]
    assert report.where.text() == "Line 20, 1 of 3"
    for line in (41, 77):
        driver.qtbot.mouseClick(report.next, Qt.MouseButton.LeftButton)
        driver.qtbot.waitUntil(lambda line=line: report.raw.marked == line)
    assert not report.next.isEnabled()
    driver.qtbot.mouseClick(report.previous, Qt.MouseButton.LeftButton)
    driver.qtbot.waitUntil(lambda: report.raw.marked == 41)


def test_nothing_repaired_is_said_and_the_file_shown(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people(20)))
    driver.wait()
    assert driver.repairs() == ["Nothing had to be repaired."]
    raw = driver.dialog.tabs.report.raw
    driver.qtbot.waitUntil(lambda: len(raw.content.lines) > 0)
    assert raw.content.index(0, 0).data() == "name,age,town,height,tall"


# ---------------------------------------------------------------------- wrong files


def test_a_file_that_fails_shows_where_and_can_be_read_with_another_choice(open_file: Open, tmp_path: Path) -> None:
    lines = people(60).splitlines()
    lines[31] = '5,"open,Bern,1.5,no'
    driver = open_file(write(tmp_path, "\n".join(lines) + "\n"))
    assert "line 32" in driver.wait_for_failure()
    assert not driver.dialog.take.isEnabled()
    assert driver.dialog.tabs.currentIndex() == REPAIRS
    driver.qtbot.waitUntil(lambda: driver.dialog.tabs.report.raw.marked == 32)
    driver.qtbot.mouseClick(driver.dialog.options.toggle, Qt.MouseButton.LeftButton)
    driver.pick("quote", "none")
    driver.wait()
    assert driver.dialog.problem.isHidden()
    assert driver.dialog.take.isEnabled()
    assert driver.dialog.tabs.currentIndex() == FIRST_ROWS
    assert driver.session.table.table.n_rows == 60


def test_a_choice_that_fails_can_be_taken_back(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people(60).replace("Bern", "Zürich")))
    driver.wait()
    row = driver.row("encoding")
    row.editor.setCurrentText("ascii")
    driver.qtbot.keyClick(row.editor.lineEdit(), Qt.Key.Key_Return)
    assert driver.wait_for_failure()
    assert not driver.dialog.take.isEnabled()
    driver.qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    driver.wait()
    assert driver.dialog.take.isEnabled()
    assert driver.dialog.problem.isHidden()


def test_a_file_that_is_gone_is_said_so(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(tmp_path / "gone.csv")
    sentence = driver.wait_for_failure()
    assert "gone.csv" in sentence
    assert not driver.dialog.take.isEnabled()


def test_a_table_with_nothing_to_learn_from_can_not_be_taken(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "a,b\n" + "1,2\n" * 30))
    driver.wait()
    assert not driver.dialog.take.isEnabled()
    assert driver.dialog.target_panel.reason.text() != ""


# ---------------------------------------------------------------------- taking


def test_taken_table_is_what_was_chosen(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people()))
    driver.wait()
    driver.choose("age", Fact.KIND, "category")
    driver.wait()
    driver.choose("town", Fact.ROLE, "ignore")  # the last choice: the file is not read again for it
    ready = driver.take()
    assert ready.settings.target == "tall"
    assert ready.settings.features == ("age", "height")
    assert ready.data.target.classes in (("no", "yes"), ("yes", "no"))
    assert {feature.column for feature in ready.data.features} == {"age", "height"}
    assert len(ready.data.X_train) + len(ready.data.X_validation) == 300
    spec = ready.source.table.table.spec
    assert {(column.name, column.kind, column.role) for column in spec.columns} == {
        ("town", None, "ignore"),
        ("age", "category", None),
    }


def test_enter_takes_the_table_and_escape_leaves_it(open_file: Open, tmp_path: Path) -> None:
    path = write(tmp_path, people(50))
    driver = open_file(path)
    driver.wait()
    driver.qtbot.keyClick(driver.dialog, Qt.Key.Key_Escape)
    assert not driver.dialog.isVisible()
    again = open_file(path)
    again.wait()
    again.qtbot.keyClick(again.dialog, Qt.Key.Key_Return)
    again.qtbot.waitUntil(lambda: bool(again.taken))


def test_train_waits_for_the_rest_of_a_large_file(open_file: Open, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = "\n".join(f"{a:.4f},{b:.4f},{int(a > b)}" for a, b in rng.normal(size=(150_000, 2)))
    driver = open_file(write(tmp_path, f"a,b,above\n{rows}\n"))
    driver.qtbot.waitUntil(driver.dialog.take.isEnabled, timeout=20_000)
    assert not driver.session.is_whole
    assert "first 200 rows" in driver.dialog.summary.text()
    assert driver.dialog.progress.isVisible()
    ready = driver.take()
    assert len(ready.data.X_train) + len(ready.data.X_validation) == 150_000


# ---------------------------------------------------------------------- remembering


def test_choices_are_remembered_said_and_can_be_dropped(open_file: Open, tmp_path: Path) -> None:
    memory = ImportMemory(tmp_path / "settings" / "choices.json")
    path = write(tmp_path, people())
    driver = open_file(path, memory)
    driver.wait()
    assert not driver.dialog.remembered.isVisible()
    driver.choose("town", Fact.ROLE, "ignore")
    driver.choose("age", Fact.KIND, "category")
    driver.take()
    again = open_file(path, memory)
    again.wait()
    assert again.dialog.remembered.isVisible()
    assert again.dialog.remembered.words.text() == SAME
    assert again.text("age", Fact.KIND) == "category"
    assert again.dialog.chosen_features() == ["age", "height"]
    again.qtbot.mouseClick(again.dialog.remembered.afresh, Qt.MouseButton.LeftButton)
    again.wait()
    assert not again.dialog.remembered.isVisible()
    assert again.text("age", Fact.KIND) == "numeric"
    assert memory.recall(path) is None


def test_remembered_choices_of_a_changed_file_are_used_and_that_is_said(open_file: Open, tmp_path: Path) -> None:
    memory = ImportMemory(tmp_path / "choices.json")
    path = write(tmp_path, people())
    driver = open_file(path, memory)
    driver.wait()
    driver.choose("town", Fact.ROLE, "ignore")
    driver.take()
    write(tmp_path, people(80))
    again = open_file(path, memory)
    again.wait()
    assert again.dialog.remembered.words.text() == CHANGED
    assert again.dialog.chosen_features() == ["age", "height"]


def test_saved_settings_read_the_same_file_the_same_way(open_file: Open, tmp_path: Path) -> None:
    path = write(tmp_path, people())
    driver = open_file(path)
    driver.wait()
    driver.choose("age", Fact.KIND, "category")
    driver.choose("height", Fact.ROLE, "target")
    driver.wait()
    driver.dialog.save_settings(tmp_path / "settings.json")
    assert read_spec(tmp_path / "settings.json") == driver.session.taken_spec
    other = open_file(path)
    other.wait()
    other.dialog.load_settings(tmp_path / "settings.json")
    other.wait()
    assert other.text("age", Fact.KIND) == "category"
    assert other.dialog.target.currentData() == "height"


def test_wrong_settings_are_refused_in_a_sentence_and_nothing_changes(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people()))
    driver.wait()
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"delimiter": 3}', encoding="utf-8")
    driver.dialog.load_settings(wrong)
    assert "wrong.json" in driver.dialog.problem.text()
    assert not driver.session.choices
    assert driver.dialog.take.isEnabled()


# ---------------------------------------------------------------------- many columns, keyboard, looks


def test_thousands_of_columns_make_no_widgets(open_file: Open, tmp_path: Path) -> None:
    names = ",".join(f"c{number}" for number in range(N_COLUMNS))
    rows = "\n".join(",".join(str((row * 7 + column) % 10) for column in range(N_COLUMNS)) for row in range(30))
    few = open_file(write(tmp_path, people(), name="few.csv"))
    few.wait()
    widgets = len(few.dialog.findChildren(QWidget))
    driver = open_file(write(tmp_path, f"{names}\n{rows}\n"))
    driver.wait()
    assert driver.dialog.columns.rowCount() == N_COLUMNS
    assert len(driver.dialog.findChildren(QWidget)) == widgets
    driver.qtbot.keyClicks(driver.dialog.columns_pane.search, f"c{N_COLUMNS - 1}")
    assert driver.dialog.columns_pane.table.shown.rowCount() == 1


def test_everything_is_reached_with_tab_and_has_a_name(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people()))
    driver.wait()
    dialog = driver.dialog
    options, pane, target = dialog.options, dialog.columns_pane, dialog.target_panel
    editors = [row.editor.focusProxy() or row.editor for row in options.rows.values() if row.isVisible()]
    others = (options.toggle, options.save, options.load, pane.search, pane.table, target.target, target.task)
    wanted = {*editors, *others, dialog.take, dialog.cancel}
    reached: set[QWidget] = set()
    widget = dialog.take
    for _ in range(200):
        widget = widget.nextInFocusChain()
        if widget.isVisibleTo(dialog) and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.add(widget)
    assert wanted <= reached
    for row in dialog.options.rows.values():
        assert row.editor.accessibleName() == row.field.label
    assert dialog.columns_pane.table.accessibleName()


def test_space_opens_the_choices_of_the_current_cell(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people()))
    driver.wait()
    table = driver.dialog.columns_pane.table
    table.setCurrentIndex(driver.cell("age", Fact.KIND))
    QApplication.sendEvent(table, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier))
    assert table.choices.isVisible()
    assert [action.text() for action in table.choices.actions() if action.isChecked()] == ["numeric"]
    table.choices.hide()


def test_dialog_fits_a_small_screen(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, damaged()))
    driver.wait()
    assert driver.dialog.minimumSizeHint().width() <= 1024
    assert driver.dialog.minimumSizeHint().height() <= 660


def test_pasted_table_has_its_own_title(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, people(), name="Pasted table"), title="Pasted table")
    driver.wait()
    assert driver.dialog.windowTitle() == "Pasted table"


def test_closing_while_reading_leaves_nothing_behind(open_file: Open, tmp_path: Path) -> None:
    rows = "1,2,3\n4,5,6\n" * 150_000
    driver = open_file(write(tmp_path, f"a,b,c\n{rows}"))
    driver.qtbot.waitUntil(lambda: driver.session.is_reading, timeout=20_000)
    driver.dialog.reject()
    assert not driver.session.is_reading
    assert not driver.taken


def test_every_field_of_the_specification_has_a_row() -> None:
    assert {field.name for field in FIELDS} == set(WAYS_OF_WRITING)


def test_more_options_unfold_and_what_is_unusual_is_never_hidden(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "a;b\n" + "".join(f"{i};'x, y {i % 3}'\n" for i in range(60))))
    driver.wait()
    assert driver.session.spec.quote == "'"
    assert driver.row("quote").isVisible()
    assert not driver.row("footer_lines").isVisible()
    driver.qtbot.mouseClick(driver.dialog.options.toggle, Qt.MouseButton.LeftButton)
    assert all(row.isVisibleTo(driver.dialog) for row in driver.dialog.options.rows.values())


def test_a_file_that_stops_being_utf_8_far_down_is_read_all_the_same(
    open_file: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "MAX_CHECKED_BYTES", LOOKED_AT_BYTES)
    path = tmp_path / "long.csv"
    row = b"plain ascii words to fill the line,1\n"
    path.write_bytes(b"name,n\n" + row * (LOOKED_AT_BYTES // len(row) + 1000) + b"Z\xfcrich,2\n" * 5)
    driver = open_file(path)
    driver.wait()
    assert driver.session.spec.encoding == "cp1252"
    assert "UTF-8" in driver.row("encoding").because.text()
    assert driver.session.columns[0].cell_text(driver.session.table.table.n_rows - 1) == "Zürich"


def test_what_was_read_before_a_choice_does_not_come_after_it(open_file: Open, tmp_path: Path) -> None:
    driver = open_file(write(tmp_path, "a,b,c\n" + "1,2,3\n4,5,6\n" * 100_000))
    driver.qtbot.waitUntil(lambda: driver.session.is_reading, timeout=20_000)
    driver.session.set_field("encoding", "utf-16")
    driver.wait_for_failure()
    driver.dialog.session._data.read(write(tmp_path, people(), name="other.csv"))  # it is answered when the thread is free
    with driver.qtbot.waitSignal(driver.session._data.table_read, timeout=20_000):
        pass
    assert driver.session.table is None
    assert not driver.dialog.take.isEnabled()
