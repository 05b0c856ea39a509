"""Random tables in random dialects, written out and read back equal: first with their specification given, then without.

BACKPROP_STUDIO_CASES sets how many of each there are.
"""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from engine.data.columns.suggestion import describe_columns
from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec
from engine.data.table import Table, read_table
from tests.engine.data.whole_files.corpus import Told, write
from tests.engine.data.whole_files.corpus_checks import cells_of
from tests.engine.data.whole_files.random_tables import RandomFile, random_file

CASES = int(os.environ.get("BACKPROP_STUDIO_CASES", "300"))
BLOCK = 30
BLOCKS = range(0, CASES, BLOCK)


def differences(file: RandomFile, table: Table) -> list[str]:
    """Return what differs between the table and what was written; nothing where all is equal and told."""
    if table.names != tuple(file.columns):
        return [f"names {table.names} instead of {tuple(file.columns)}"]
    found = []
    for name, column in file.columns.items():
        cells = cells_of(table, name)
        if cells != column.cells:
            pairs = zip(cells, column.cells, strict=False)
            first = next((pair for pair in pairs if pair[0] != pair[1]), (len(cells), len(column.cells)))
            found.append(f"column {name!r}: {first[0]!r} instead of {first[1]!r}")
    return found + differences_told(file, table) + differences_described(file, table)


def differences_told(file: RandomFile, table: Table) -> list[str]:
    """Return what was told wrongly or not at all."""
    found, left = [], list(table.repairs)
    for pattern, lines in file.told.items():
        told = Told(pattern, lines)
        matching = next((repair for repair in left if told.matches(repair)), None)
        if matching is None:
            found.append(f"nothing tells {told}")
        else:
            left.remove(matching)
    by_chance = "" if file.spec.encoding.startswith("utf") else "valid UTF-8"  # as bytes of other encodings may be
    return found + [f"told without need: {repair}" for repair in left if not by_chance or by_chance not in repair.what]


def differences_described(file: RandomFile, table: Table) -> list[str]:
    """Return what is wrong in the described columns: missing cells, and dates as days."""
    found = []
    for column, written in zip(describe_columns(table), file.columns.values(), strict=True):
        if column.missing != sum(cell is None for cell in written.cells):
            found.append(f"{column.name!r}: {column.missing} cells are called missing")
        if column.kind == "date" and written.days is not None:
            right = [np.nan if day is None else day for day in written.days]
            if not np.array_equal(np.asarray(column.values, dtype=np.float64), right, equal_nan=True):
                found.append(f"{column.name!r}: other days")
    return found


def said(spec: ImportSpec | None) -> dict[str, object]:
    """Return the fields of a specification that are not the usual ones."""
    shown = [] if spec is None else dataclasses.fields(spec)
    fields = {field.name: getattr(spec, field.name) for field in shown if getattr(spec, field.name) != field.default}
    return {name: value for name, value in fields.items() if name != "columns"}


def check_block(start: int, folder: Path, *, recognisable: bool) -> None:
    """Check the cases from `start` on and show all that fail, each with its number."""
    failed: dict[int, tuple[object, ...]] = {}
    for case in range(start, min(start + BLOCK, CASES)):
        file = random_file(np.random.default_rng([case, recognisable]), recognisable=recognisable)
        path = write(folder, file.content)
        try:
            table = read_table(path, None if recognisable else file.spec)
            found = differences(file, table)
            used: ImportSpec | None = table.spec
        except DataError as error:
            found, used = [str(error)], None
        if found:
            failed[case] = (*found[:4], file.plain[:200].encode(), said(file.spec), said(used))
    shown = "\n".join(f"case {case}:\n  " + "\n  ".join(str(part) for part in parts) for case, parts in failed.items())
    assert not failed, f"{len(failed)} of {BLOCK} cases differ\n{shown}"


@pytest.mark.parametrize("start", BLOCKS)
def test_tables_are_read_back_equal_with_their_specification(start: int, tmp_path: Path) -> None:
    check_block(start, tmp_path, recognisable=False)


@pytest.mark.parametrize("start", BLOCKS)
def test_tables_are_recognised_and_read_back_equal(start: int, tmp_path: Path) -> None:
    check_block(start, tmp_path, recognisable=True)
