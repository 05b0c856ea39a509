"""A change of the open file is told once, in one sentence, however the file was changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.file_watch import FileWatch, size_text


class Listener:
    """A watch on a file and what it said."""

    def __init__(self, path: Path) -> None:
        self.watch = FileWatch()
        self.said: list[tuple[Path, str]] = []
        self.watch.changed.connect(self._hear)
        self.watch.watch(path)

    @property
    def sentences(self) -> list[str]:
        return [sentence for _, sentence in self.said]

    def _hear(self, path: Path, sentence: str) -> None:
        self.said.append((path, sentence))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a small table."""
    made = tmp_path / "table.csv"
    made.write_text("a,b\n1,2\n", encoding="utf-8")
    return made


@pytest.fixture
def listener(qtbot: QtBot, path: Path) -> Iterator[Listener]:
    """Return a listener to a watch on that table."""
    made = Listener(path)
    yield made
    made.watch.stop()


def test_growth_is_told_with_both_sizes(qtbot: QtBot, listener: Listener, path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("3,4\n" * 500)
    qtbot.waitUntil(lambda: bool(listener.said))
    assert listener.said == [(path, "table.csv has grown from 8 bytes to 2.01 kB since it was read.")]


def test_other_content_of_the_same_length_is_a_change(qtbot: QtBot, listener: Listener, path: Path) -> None:
    path.write_text("a,b\n1,3\n", encoding="utf-8")
    qtbot.waitUntil(lambda: bool(listener.said))
    assert listener.sentences == ["table.csv has changed on disk since it was read."]


def test_longer_file_that_begins_differently_has_changed_not_grown(qtbot: QtBot, listener: Listener, path: Path) -> None:
    path.write_text("x,y\n1,3\n5,6\n", encoding="utf-8")
    qtbot.waitUntil(lambda: bool(listener.said))
    assert listener.sentences == ["table.csv has changed on disk since it was read."]


def test_file_replaced_by_renaming_is_still_watched(qtbot: QtBot, listener: Listener, path: Path) -> None:
    for number in (1, 2):
        new = path.with_name("new")
        new.write_text(f"a,b\n7,{number}\n", encoding="utf-8")
        os.replace(new, path)  # noqa: PTH105 - as other programs do it
        qtbot.waitUntil(lambda number=number: len(listener.said) == number)
    assert listener.sentences == ["table.csv has changed on disk since it was read."] * 2


def test_deleted_file_is_told_and_its_return_too(qtbot: QtBot, listener: Listener, path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    qtbot.waitUntil(lambda: len(listener.said) == 1)
    path.write_bytes(content)
    qtbot.waitUntil(lambda: len(listener.said) == 2)
    assert listener.sentences == [
        "table.csv was deleted, moved or locked.",
        "table.csv can be read again.",
    ]


def test_many_writes_are_told_once(qtbot: QtBot, listener: Listener, path: Path) -> None:
    for number in range(20):
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{number},1\n")
    qtbot.waitUntil(lambda: bool(listener.said))
    listener.watch.look()
    assert len(listener.said) == 1


def test_another_file_is_watched_in_place_of_the_first(qtbot: QtBot, listener: Listener, path: Path) -> None:
    other = path.with_name("other.csv")
    other.write_text("a\n1\n", encoding="utf-8")
    listener.watch.watch(other)
    path.write_text("changed", encoding="utf-8")
    other.unlink()
    qtbot.waitUntil(lambda: bool(listener.said))
    listener.watch.look()
    assert [told for told, _ in listener.said] == [other]


def test_a_stopped_watch_says_nothing(qtbot: QtBot, listener: Listener, path: Path) -> None:
    path.write_text("changed", encoding="utf-8")
    listener.watch.stop()
    listener.watch.look()
    assert listener.said == []
    assert listener.watch.path is None


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(0, "0 bytes"), (1, "1 byte"), (1500, "1.5 kB"), (145_000_000, "145 MB"), (999_999, "1000 kB")]
)
def test_sizes_are_written_for_people(n_bytes: int, text: str) -> None:
    assert size_text(n_bytes) == text
