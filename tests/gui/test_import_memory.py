"""Choices for files are remembered, found again, and never trusted blindly."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from engine.data.import_spec import ColumnSpec, ImportSpec
from gui.session.import_choices import ImportChoices
from gui.session.import_memory import MAX_FILES, ImportMemory

CHOICES = ImportChoices({"delimiter": ";", "missing": ("", "none")}, {"age": "category"}, {"y": "target"}, "regression")


@pytest.fixture
def memory(tmp_path: Path) -> ImportMemory:
    """Return an empty memory."""
    return ImportMemory(tmp_path / "settings" / "choices.json")


def table(tmp_path: Path, name: str = "table.csv") -> Path:
    path = tmp_path / name
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    return path


def test_choices_come_back_in_another_session(tmp_path: Path, memory: ImportMemory) -> None:
    path = table(tmp_path)
    memory.remember(path, CHOICES)
    again = ImportMemory(tmp_path / "settings" / "choices.json").recall(path)
    assert again is not None
    assert again.choices == CHOICES
    assert not again.changed


def test_a_file_written_since_is_said_to_have_changed(tmp_path: Path, memory: ImportMemory) -> None:
    path = table(tmp_path)
    memory.remember(path, CHOICES)
    os.utime(path, ns=(1, 1))
    again = memory.recall(path)
    assert again is not None
    assert again.changed


def test_nothing_is_known_of_other_files(tmp_path: Path, memory: ImportMemory) -> None:
    memory.remember(table(tmp_path), CHOICES)
    assert memory.recall(table(tmp_path, "other.csv")) is None


def test_no_choice_is_nothing_to_remember(tmp_path: Path, memory: ImportMemory) -> None:
    path = table(tmp_path)
    memory.remember(path, CHOICES)
    memory.remember(path, ImportChoices())
    assert memory.recall(path) is None


def test_the_oldest_files_are_forgotten(tmp_path: Path, memory: ImportMemory) -> None:
    paths = [table(tmp_path, f"{number}.csv") for number in range(MAX_FILES + 3)]
    for path in paths:
        memory.remember(path, CHOICES)
    known = [memory.recall(path) is not None for path in paths]
    assert known == [False] * 3 + [True] * MAX_FILES


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 1}',
        '{"version": 2, "files": []}',
        '{"version": 1, "files": [1, {"path": 3}]}',
        "[" * 99999,
    ],
)
def test_garbage_is_as_if_nothing_was_remembered(tmp_path: Path, memory: ImportMemory, content: str) -> None:
    file = tmp_path / "settings" / "choices.json"
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")
    path = table(tmp_path)
    assert memory.recall(path) is None
    memory.remember(path, CHOICES)
    assert memory.recall(path) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {"delimiter": 7}},
        {"fields": {"colour": "red"}},
        {"fields": {"columns": []}},
        {"fields": []},
        {"kinds": {"age": "number"}},
        {"roles": ["y"]},
        {"task": "clustering"},
    ],
)
def test_wrong_choices_of_one_file_are_ignored_and_the_others_kept(
    tmp_path: Path, memory: ImportMemory, wrong: dict[str, Any]
) -> None:
    first, second = table(tmp_path, "first.csv"), table(tmp_path, "second.csv")
    for path in (first, second):
        memory.remember(path, CHOICES)
    file = tmp_path / "settings" / "choices.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["files"][0]["choices"] |= wrong
    file.write_text(json.dumps(content), encoding="utf-8")
    assert memory.recall(second) is None
    assert memory.recall(first) is not None


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    memory = ImportMemory(tmp_path / "file" / "choices.json")
    memory.remember(table(tmp_path), CHOICES)
    assert memory.recall(table(tmp_path)) is None


# ---------------------------------------------------------------------- choices


def test_choices_stand_above_what_is_recognised() -> None:
    spec = CHOICES.spec(ImportSpec(encoding="cp1252", delimiter=","))
    assert (spec.encoding, spec.delimiter, spec.missing) == ("cp1252", ";", ("", "none"))
    assert spec.columns == (ColumnSpec("age", "category", None), ColumnSpec("y", None, "target"))


def test_the_thousands_mark_gives_way_to_the_decimal_mark_chosen() -> None:
    recognised = ImportSpec(thousands=",")
    assert ImportChoices({"decimal": ","}).spec(recognised).thousands is None
    assert ImportChoices({"delimiter": ";"}).spec(recognised).thousands == ","


def test_there_is_one_target_at_most() -> None:
    choices = ImportChoices().with_role("a", "target").with_role("b", "target")
    assert choices.roles == {"b": "target"}


def test_another_target_takes_its_own_task() -> None:
    choices = ImportChoices(roles={"a": "target"}, task="classification")
    assert choices.with_role("b", "target").task is None
    assert choices.with_role("a", "ignore").task is None
    assert choices.with_role("b", "ignore").task == "classification"


def test_choices_taken_from_a_specification_give_it_again() -> None:
    recognised = ImportSpec(encoding="cp1252", skip_lines=2)
    wanted = ImportSpec(
        encoding="cp1252", delimiter=";", columns=(ColumnSpec("a", "text", "ignore"), ColumnSpec("b", None, "target"))
    )
    choices = ImportChoices.from_spec(wanted, recognised)
    assert set(choices.fields) == {"delimiter", "skip_lines"}
    assert choices.spec(recognised) == wanted
