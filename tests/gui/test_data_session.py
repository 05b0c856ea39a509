"""Files are read and prepared outside the GUI thread; what was cancelled is not answered, and nothing stays behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from engine.data.errors import DataError
from engine.data.examples.drawn import DrawnPoints
from engine.data.import_spec import ColumnSpec, ImportSpec
from engine.settings import Settings, make_settings
from gui.session.data_session import DataSession, Source
from gui.session.pasted_tables import TITLE, PastedTables

ANSWERS = ("previewed", "table_read", "suggested", "described", "lines_read", "data_ready", "failed")


class Heard:
    """A data session and everything it answered, by signal."""

    def __init__(self, data: DataSession) -> None:
        self.data = data
        self.all: dict[str, list] = {name: [] for name in ANSWERS}
        for name, answers in self.all.items():
            getattr(data, name).connect(answers.append)

    def answer(self, qtbot: QtBot, name: str):
        """Wait for the next answer of a kind and return it."""
        count = len(self.all[name])
        qtbot.waitUntil(lambda: len(self.all[name]) > count or bool(self.all["failed"]), timeout=20_000)
        assert name == "failed" or not self.all["failed"], self.all["failed"]
        return self.all[name][-1]


@pytest.fixture
def heard(qtbot: QtBot) -> Iterator[Heard]:
    """Return a data session with a listener; its threads are ended after the test."""
    data = DataSession()
    yield Heard(data)
    data.shut_down()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a table of 500 rows."""
    made = tmp_path / "table.csv"
    rows = "\n".join(f"{number},{number * number % 17},{'yes' if number % 3 else 'no'}" for number in range(500))
    made.write_text(f"a,b,y\n{rows}\n", encoding="utf-8")
    return made


def test_preview_has_the_first_rows_and_tells_why(qtbot: QtBot, heard: Heard, path: Path) -> None:
    heard.data.preview(path)
    seen = heard.answer(qtbot, "previewed")
    assert seen.table.n_rows == 200
    assert not seen.table.complete
    assert seen.recognition.spec.delimiter == ","
    assert seen.recognition.reasons["delimiter"]


def test_preview_of_a_short_file_is_all_of_it(qtbot: QtBot, heard: Heard, tmp_path: Path) -> None:
    short = tmp_path / "short.csv"
    short.write_text("a,b\n" + "1,2\n3,4\n" * 40, encoding="utf-8")
    heard.data.preview(short)
    assert heard.answer(qtbot, "previewed").table.complete


def test_whole_file_is_read_as_it_is_said(qtbot: QtBot, heard: Heard, path: Path) -> None:
    heard.data.read(path, ImportSpec(header=False))
    read = heard.answer(qtbot, "table_read")
    assert read.table.n_rows == 501
    assert not read.table.spec.header


def test_roles_that_are_chosen_stand_above_the_suggestion(qtbot: QtBot, heard: Heard, path: Path) -> None:
    heard.data.read(path)
    columns = heard.answer(qtbot, "table_read").columns
    heard.data.suggest(columns, ImportSpec(columns=(ColumnSpec("b", None, "target"), ColumnSpec("a", None, "feature"))))
    suggestion = heard.answer(qtbot, "suggested").suggestion
    assert suggestion.target == "b"
    assert set(suggestion.features) == {"a", "y"}


def test_columns_are_described(qtbot: QtBot, heard: Heard, path: Path) -> None:
    heard.data.read(path)
    columns = heard.answer(qtbot, "table_read").columns
    heard.data.describe(columns, "y")
    described = heard.answer(qtbot, "described")
    assert [sum(profile.counts) for profile in described.profiles[:2]] == [500, 500]
    assert dict(described.balance) == {"yes": 333, "no": 167}


def test_lines_are_those_of_the_file(qtbot: QtBot, heard: Heard, path: Path) -> None:
    heard.data.show_lines(path, ImportSpec(), 100, 3)
    lines = heard.answer(qtbot, "lines_read").lines
    assert [(number, text.rstrip("\n")) for number, text in lines] == [
        (number, path.read_text(encoding="utf-8").splitlines()[number - 1]) for number in (100, 101, 102)
    ]


def test_lines_of_a_missing_file_are_none(qtbot: QtBot, heard: Heard, tmp_path: Path) -> None:
    heard.data.show_lines(tmp_path / "gone.csv", ImportSpec(), 1, 3)
    assert heard.answer(qtbot, "lines_read").lines == ()


def test_failure_names_the_line_and_what_was_recognised(qtbot: QtBot, heard: Heard, path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[39] = 'x,"open,yes'
    path.write_text("\n".join(lines), encoding="utf-8")
    heard.data.preview(path)
    failure = heard.answer(qtbot, "failed")
    assert failure.line == 40
    assert "line 40" in failure.sentence


@pytest.mark.parametrize("ask", ["read", "preview"])
def test_missing_file_is_a_sentence(qtbot: QtBot, heard: Heard, tmp_path: Path, ask: str) -> None:
    getattr(heard.data, ask)(tmp_path / "gone.csv")
    assert "gone.csv" in heard.answer(qtbot, "failed").sentence


def test_cancelled_requests_are_not_answered(qtbot: QtBot, heard: Heard, path: Path) -> None:
    for ask in (heard.data.preview, heard.data.read):
        heard.data.cancel(ask(path))
    heard.data.preview(path)
    heard.answer(qtbot, "previewed")
    heard.data.read(path)
    heard.answer(qtbot, "table_read")
    assert len(heard.all["previewed"]) == len(heard.all["table_read"]) == 1


def large(tmp_path: Path, n_rows: int) -> Path:
    path = tmp_path / "large.csv"
    rows = np.random.default_rng(3).integers(0, 1000, size=(10_000, 10))
    block = "\n".join(",".join(map(str, row)) for row in rows.tolist()) + "\n"
    path.write_text(",".join(f"c{number}" for number in range(10)) + "\n" + block * (n_rows // 10_000), encoding="utf-8")
    return path


def test_first_rows_do_not_wait_for_a_large_file(qtbot: QtBot, heard: Heard, path: Path, tmp_path: Path) -> None:
    heard.data.preview(path)
    heard.answer(qtbot, "previewed")  # pandas is loaded
    progress: list[float] = []
    heard.data.progressed.connect(lambda _, share: progress.append(share))
    reading = heard.data.read(large(tmp_path, 600_000))
    qtbot.waitUntil(lambda: bool(progress), timeout=20_000)
    heard.data.preview(path)
    heard.answer(qtbot, "previewed")
    assert not heard.all["table_read"]
    heard.data.cancel(reading)


def test_cancelled_reading_ends_within_half_a_second(qtbot: QtBot, heard: Heard, path: Path, tmp_path: Path) -> None:
    heard.data.read(path)
    heard.answer(qtbot, "table_read")
    progress: list[float] = []
    heard.data.progressed.connect(lambda _, share: progress.append(share))
    reading = heard.data.read(large(tmp_path, 600_000))
    qtbot.waitUntil(lambda: bool(progress), timeout=20_000)
    began = time.perf_counter()
    heard.data.cancel(reading)
    heard.data.read(path)  # the same thread: it is answered when the thread is free
    heard.answer(qtbot, "table_read")
    assert time.perf_counter() - began < 1.0  # half a second where the machine has nothing else to do
    assert heard.all["table_read"][-1].path == path


def test_drawn_points_are_prepared(qtbot: QtBot, heard: Heard) -> None:
    rng = np.random.default_rng(3)
    points = DrawnPoints("classes", rng.normal(size=(80, 2)), np.arange(80) % 2)
    heard.data.prepare(Source(drawn=points), Settings())
    ready = heard.answer(qtbot, "data_ready")
    assert ready.data.n_features == 2
    assert ready.source.title == "Drawn points"


def test_example_and_file_are_prepared_and_called_by_their_names(qtbot: QtBot, heard: Heard, path: Path) -> None:
    heard.data.prepare(Source(example="two_moons"), Settings())
    assert heard.answer(qtbot, "data_ready").source.title == "Two moons"
    heard.data.read(path)
    source = Source(table=heard.answer(qtbot, "table_read"))
    heard.data.prepare(source, make_settings(target="y", features=("a", "b")))
    ready = heard.answer(qtbot, "data_ready")
    assert ready.source.title == "table.csv"
    assert ready.data.target.name == "y"


def test_shut_down_ends_both_threads_and_may_be_called_again(qtbot: QtBot, heard: Heard, path: Path) -> None:
    heard.data.read(path)
    heard.data.preview(path)
    heard.data.shut_down()
    heard.data.shut_down()
    assert not any(thread.isRunning() for thread in heard.data.findChildren(QThread))


# ---------------------------------------------------------------------- pasted tables


def test_pasted_text_is_a_file_of_its_own_until_it_is_removed(qtbot: QtBot, heard: Heard) -> None:
    pasted = PastedTables()
    path = pasted.write("name\tvalue\n" + "é\t1\nb\t2\n" * 30)
    assert path.name == TITLE
    assert pasted.owns(path)
    heard.data.preview(path)
    seen = heard.answer(qtbot, "previewed")
    assert seen.table.names == ("name", "value")
    second = pasted.write("a,b\n1,2\n")
    assert second.name == "Pasted table 2"
    assert path.exists()
    pasted.remove()
    pasted.remove()
    assert not path.parent.exists()


@pytest.mark.parametrize(("text", "what"), [("", "no text"), (" \n", "no text"), ("one line", "no table of text")])
def test_what_is_no_table_is_refused(text: str, what: str) -> None:
    with pytest.raises(DataError, match=what):
        PastedTables().write(text)


def test_other_files_are_not_owned(tmp_path: Path) -> None:
    pasted = PastedTables()
    assert not pasted.owns(tmp_path / "table.csv")
