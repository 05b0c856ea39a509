import csv
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.import_spec import ImportSpec
from engine.data.numerals import Numerals, doubt_about, is_code, signs_in
from engine.data.reading.parsing import columns_to_look_at
from engine.data.recognition.dialect import recognise
from engine.data.table import read_table


@given(
    st.lists(st.text("0123456789.,eE+-' %$()", max_size=9), max_size=8),
    st.sampled_from(".,"),
    st.sampled_from([None, ",", "'"]),
)
def test_many_cells_are_read_as_one_by_one(cells: list[str], decimal: str, thousands: str | None) -> None:
    numerals = Numerals(decimal, None if thousands == decimal else thousands)
    assert numerals.parse_all(cells) == [numerals.parse(cell) for cell in cells]


def test_what_the_parser_takes_for_a_number_is_one(tmp_path: Path) -> None:
    """A cell is read alike in the first rows, by our rules, and far down, by the parser."""
    source = random.Random(5)
    alphabet = "0123456789.+-eE infaNxL"
    cells = sorted({"".join(source.choices(alphabet, k=source.randint(1, 6))).strip() for _ in range(3000)} - {""})
    ours = [Numerals().parse(cell) for cell in cells]
    frame = pd.read_csv(_written(tmp_path, cells), header=None, dtype=object, keep_default_na=False, skip_blank_lines=False)
    assert frame[0].tolist() == cells
    for cell, number in zip(cells, ours, strict=True):
        column = pd.read_csv(_written(tmp_path, [cell, "1.5"]), header=None, keep_default_na=False)[0]
        is_strange = " " in cell  # the parser takes "2e 5" for a number
        if column.dtype.kind in "iuf" and not is_strange:
            parsed = float(column[0])
            assert parsed == number or (np.isnan(parsed) and number is None), cell


def _written(folder: Path, cells: list[str]) -> Path:
    path = folder / "cells.csv"
    path.write_text("".join(f"{cell}\n" for cell in cells), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cell", "number", "signs"),
    [
        ("1.234,50 EUR", 1234.5, ("EUR",)),
        ("USD 3", 3.0, ("USD",)),
        ("(1.234)", -1234.0, ("()",)),
        ("-3 %", -3.0, ("%",)),
        ("US$ 1", 1.0, ("US$",)),
        ("(-5)", None, ("()",)),
        ("5 EURO", None, ()),
        ("EUR", None, ()),
    ],
)
def test_signs_beside_numbers(cell: str, number: float | None, signs: tuple[str, ...]) -> None:
    assert Numerals(",", ".").parse(cell) == number
    assert number is None or signs_in(cell) == signs


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("007", True),
        ("-01", True),
        ("0", False),
        ("0.5", False),
        ("00.5", False),
        ("9007199254740992", False),  # 2**53 is a float
        ("9007199254740993", True),  # the next one is none
        ("12345678901234567890", True),
        ("9" * 5000, True),
    ],
)
def test_codes_of_digits(cell: str, code: bool) -> None:
    assert is_code(cell) is code


def test_a_number_that_may_be_read_in_two_ways_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a\tb\n1,234\tx\n2,500\ty\n7,125\tx\n", encoding="utf-8")
    recognition = recognise(path)
    assert (recognition.spec.decimal, recognition.spec.thousands) == (".", ",")
    assert "'1,234' may have thousands or a fraction" in recognition.reasons["thousands"]
    told = [repair.what for repair in read_table(path).repairs]
    assert told == ["Nothing in the file says how its numbers are written: '1,234' is read as 1234, and could also be 1.234."]
    assert read_table(path, ImportSpec(delimiter="\t", decimal=",")).repairs == ()
    assert doubt_about(["1,234", "0,5"], Numerals(",")) == ""


def test_a_column_with_the_other_decimal_mark_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b\n" + "".join(f"{n},5;{n}.25\n" for n in range(20)), encoding="utf-8")
    assert [repair.what for repair in read_table(path).repairs] == [
        "Column 'b': '0.25' and alike seem to have a decimal point, the file a comma: read as text."
    ]


@given(
    st.lists(
        st.lists(st.sampled_from(["0", "07", "-01", "+0", "1e-05", "0.5", " 03", "a0 01"]), min_size=2, max_size=2), min_size=1
    )
)
def test_leading_zeros_are_found_in_their_columns(rows: list[list[str]]) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    cells = list(csv.reader(text.splitlines(), skipinitialspace=True))
    expected = {column for row in cells for column, cell in enumerate(row) if is_code(cell)}
    found = columns_to_look_at(text.encode(), ImportSpec(), set(range(max(map(len, rows)))))
    assert expected <= found
