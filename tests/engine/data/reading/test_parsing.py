"""What the parser takes for a number and what is one: no cell may come out as another number than it writes."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.import_spec import ImportSpec
from engine.data.numerals import OUTER_SPACES
from engine.data.reading import blocks
from engine.data.reading.parsing import columns_to_look_at, parse_block
from engine.data.table import read_table

PIECES = [
    *"0123456789+-eE.,_ \t\v\fxXdDpPjL'%#",
    "inf",
    "Infinity",
    "nan",
    "-NaN",
    "0x1F",
    "True",
    "\u2212",
    "\u00a0",
    "\uff11",
    "E 2",
]


def misread(cells: list[str], spec: ImportSpec) -> list[str]:
    """Return the cells that the parser takes for another number than they write, and that nobody would look at."""
    number = "1" + spec.decimal + "5"
    row = spec.delimiter.join([number] * len(cells)) + "\n"
    text = (row + spec.delimiter.join(cells) + "\n" + row).encode()
    frame = parse_block(text, spec, len(cells), [])
    looked_at = columns_to_look_at(text, spec, set(range(len(cells))))
    taken = [index for index in range(len(cells)) if frame[index].dtype.kind in "iuf" and index not in looked_at]
    return [cells[index] for index in taken if not _same(float(frame[index].iloc[1]), cells[index], spec)]


def _same(number: float, cell: str, spec: ImportSpec) -> bool:
    bare = cell.strip(OUTER_SPACES)
    written = math.nan if bare in spec.missing else spec.numerals.parse(bare)
    return written is not None and (number == written or (math.isnan(number) and math.isnan(written)))


def test_every_short_cell_is_the_number_it_writes_or_looked_at() -> None:
    short = ["".join(pieces) for length in range(1, 6) for pieces in itertools.product("+-2.E ", repeat=length)]
    found = [cell for start in range(0, len(short), 500) for cell in misread(short[start : start + 500], ImportSpec())]
    assert found == []


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.sampled_from(PIECES), max_size=7).map("".join), min_size=50, max_size=200),
    st.sampled_from(".,"),
    st.sampled_from(";|"),
)
def test_any_cell_is_the_number_it_writes_or_looked_at(cells: list[str], decimal: str, delimiter: str) -> None:
    assert misread(cells, ImportSpec(decimal=decimal, delimiter=delimiter)) == []


@pytest.mark.parametrize("cell", ["+2E 2", "+2e\t2", "+2.5E  -2", '"+2E 2"'])
def test_an_exponent_behind_a_space_is_no_number_however_far_down(
    cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", 200)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 200 + f"3,{cell}\n4,5\n", encoding="utf-8")
    table = read_table(path)
    numbers = table.columns[1]
    assert isinstance(numbers, np.ndarray)
    assert np.flatnonzero(np.isnan(numbers)).tolist() == [200]
    assert [(repair.line, repair.what.startswith("Column 'b': 1 cell is no finite number")) for repair in table.repairs] == [
        (202, True)
    ]


def test_only_the_columns_with_something_odd_are_looked_at() -> None:
    text = b"1,2,x+2E y\n+3e 1,4,z\n5,06,z\n"
    assert columns_to_look_at(text, ImportSpec(), {0, 1, 2}) == {0, 1, 2}
    assert columns_to_look_at(text, ImportSpec(), {1}) == {1}
    assert columns_to_look_at(b"1,2,+3\n1,2,+3e2\n", ImportSpec(), {0, 1, 2}) == set()
    assert columns_to_look_at(b"1,+2e 2,3\n", ImportSpec(), {0, 1, 2}) == {1}
