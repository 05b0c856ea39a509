"""Reading a file of the corpus and comparing everything with what is expected."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.data.cells import CodedText
from engine.data.columns.suggestion import describe_columns, suggest
from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.inspect import inspect_file
from engine.data.table import Table, read_table
from tests.engine.data.whole_files.corpus import Case, Cell, Refusal, Told, write


def check(case: Case, folder: Path) -> Table:
    """Read the file and compare everything with what is expected."""
    table = read_table(write(folder, case.content, case.file_name), case.given)
    assert table.names == tuple(case.columns), f"the names are {table.names}"
    for name, expected in case.columns.items():
        got = cells_of(table, name)
        assert got == list_of(expected), f"column {name!r} is {got[:40]}"
    check_descriptions(case, table)
    for name, value in case.spec.items():
        assert getattr(table.spec, name) == value, f"spec.{name} is {getattr(table.spec, name)!r}"
    check_told(case.told, table, case.may_tell)
    return table


def check_descriptions(case: Case, table: Table) -> None:
    """Compare the described columns: rows, missing cells, kinds."""
    n_rows = {len(cells) for cells in case.columns.values()}
    assert {table.n_rows} == n_rows, f"{table.n_rows} rows"
    for column in describe_columns(table):
        assert column.missing == sum(cell is None for cell in case.columns[column.name]), f"missing cells of {column.name!r}"
        if column.name in case.kinds:
            assert column.kind == case.kinds[column.name], f"kind of {column.name!r}"


def check_told(expected: Sequence[Told], table: Table, may_tell: str = "(?!)") -> None:
    """Match the report with what has to be told: nothing missing, nothing else."""
    left = list(table.repairs)
    for told in expected:
        found = next((repair for repair in left if told.matches(repair)), None)
        assert found is not None, f"nothing tells {told} among {left}"
        left.remove(found)
    without_need = [repair for repair in left if not re.search(may_tell, repair.what)]
    assert without_need == [], f"told without need: {without_need}"
    assert all(repair.what in table.report for repair in table.repairs)


def check_refused(case: Refusal, folder: Path) -> DataError:
    """See that the file is refused in one sentence that names the line."""
    path = write(folder, case.content, case.file_name)
    with pytest.raises(DataError) as refused:
        read_table(path, case.given)
    sentence = str(refused.value)
    assert re.search(case.says, sentence, re.IGNORECASE), sentence
    assert refused.value.line == case.line, sentence
    assert case.line is None or f"line {case.line:,}" in sentence
    assert path.name in sentence
    check_sentence(sentence)
    return refused.value


def read_or_refusal(path: Path, spec: ImportSpec | None = None) -> Table | DataError:
    """Return the table, or the error where the file is refused in a proper sentence."""
    try:
        return read_table(path, spec)
    except DataError as error:
        check_sentence(str(error))
        return error


def check_sentence(sentence: str) -> None:
    """See that `sentence` is one for people."""
    assert sentence.endswith(".")
    assert sentence == sentence.strip()
    assert len(sentence) < 1000
    assert not re.search(r"Traceback|\bNone\b|Error\(|0x[0-9a-f]{8}|<class", sentence), sentence
    assert "\n" not in sentence


def answer(path: Path) -> None:
    """Read, describe, suggest and inspect; a refusal has to be a sentence, and the same one everywhere."""
    table = read_or_refusal(path)
    if isinstance(table, DataError):
        with pytest.raises(DataError) as refused:
            inspect_file(path)
        assert str(refused.value) == str(table)
        return
    assert len(set(table.names)) == len(table.names) == len(table.columns)
    assert {len(cells_of(table, name)) for name in table.names} == {table.n_rows}
    assert all(repair.what.strip() and list(repair.lines) == sorted(set(repair.lines)) for repair in table.repairs)
    suggest(describe_columns(table))
    text = json.dumps(inspect_file(path), allow_nan=False)
    assert json.loads(text)["rows"] == table.n_rows


def cells_of(table: Table, name: str) -> list[Cell]:
    """Return a column's cells: numbers or text, None where missing."""
    cells = table.columns[table.names.index(name)]
    if isinstance(cells, CodedText):
        return [None if code < 0 else cells.levels[code] for code in cells.codes.tolist()]
    assert cells.dtype == np.float64
    return [None if math.isnan(number) else number for number in cells.tolist()]


def list_of(expected: Sequence[Cell]) -> list[Cell]:
    """Return the expected cells with every number as a float."""
    return [float(cell) if isinstance(cell, int) else cell for cell in expected]
