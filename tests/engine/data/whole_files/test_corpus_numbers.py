"""Numbers in every way of writing them, what is missing, yes and no, identifiers."""

import math
from pathlib import Path

import numpy as np
import pytest

from engine.data.import_spec import ImportSpec
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import Case, Cell, Told, by_name, column_file, column_table, file_of, write
from tests.engine.data.whole_files.corpus_checks import cells_of, check

NBSP, NARROW, MINUS = "\u00a0", "\u202f", "\u2212"
PERCENT, CURRENCY = Told("'x'.*percent"), Told("'x'.*currency")

WRITTEN = [
    Case("whole numbers", column_file("3", "-1", "+2", "0", "-0"), column_table(3, -1, 2, 0, 0)),
    Case("fractions", column_file("3.25", "-.5", "5.", "+0.125", "1e-3"), column_table(3.25, -0.5, 5, 0.125, 0.001)),
    Case(
        "powers of ten",
        column_file("1e5", "1E+05", "2.5e-7", "-1e300", "1e-320"),
        column_table(1e5, 1e5, 2.5e-7, -1e300, 1e-320),
    ),
    Case(
        "as many digits as a float needs",
        column_file("0.1", "0.30000000000000004", "2.2250738585072011e-308", "123456789012345", "123456.789e3"),
        column_table(0.1, 0.1 + 0.2, 2.2250738585072011e-308, 123456789012345, 123456789),
    ),
    Case("spaces around", column_file(" 3.5", "4.5 ", "  5.5  ", "6.5\t"), column_table(3.5, 4.5, 5.5, 6.5)),
    Case("in quotation marks", column_file('"3.5"', '"4"', '"-5.5"', '"6"'), column_table(3.5, 4, -5.5, 6)),
    Case(
        "decimal comma, semicolon", column_file("3,5", "-4,25", "0,125", "6", delimiter=";"), column_table(3.5, -4.25, 0.125, 6)
    ),
    Case(
        "decimal comma, tab",
        file_of("x\ty", "3,5\t1", "-4,25\t2", "0,125\t3", "6\t4"),
        {"x": [3.5, -4.25, 0.125, 6], "y": [1, 2, 3, 4]},
        spec={"delimiter": "\t", "decimal": ","},
    ),
    Case(
        "decimal comma, pipe",
        file_of("x|y", "3,5|1", "-4,25|2", "0,125|3", "6|4"),
        {"x": [3.5, -4.25, 0.125, 6], "y": [1, 2, 3, 4]},
        spec={"delimiter": "|", "decimal": ","},
    ),
    Case(
        "decimal comma in quotation marks, comma",
        file_of("x,y", '"3,5","1,75"', '"-4,25","2,5"', '"0,125","3,25"', '"6","4,5"'),
        {"x": [3.5, -4.25, 0.125, 6], "y": [1.75, 2.5, 3.25, 4.5]},
        spec={"delimiter": ",", "decimal": ","},
    ),
    Case(
        "thousands: comma",
        column_file('"1,234,567.5"', '"1,234"', "999", '"-12,345.25"'),
        column_table(1234567.5, 1234, 999, -12345.25),
        spec={"thousands": ",", "decimal": "."},
    ),
    Case(
        "thousands: point",
        column_file("1.234.567,5", "1.234", "999", "-12.345,25", delimiter=";"),
        column_table(1234567.5, 1234, 999, -12345.25),
        spec={"thousands": ".", "decimal": ","},
    ),
    Case(
        "thousands: space",
        column_file("1 234 567,5", "1 234", "999", "-12 345,25", delimiter=";"),
        column_table(1234567.5, 1234, 999, -12345.25),
        spec={"thousands": " ", "decimal": ","},
    ),
    Case(
        "thousands: no-break space",
        column_file(f"1{NBSP}234{NBSP}567,5", f"1{NBSP}234", "999", f"-12{NBSP}345,25", delimiter=";"),
        column_table(1234567.5, 1234, 999, -12345.25),
        spec={"decimal": ","},
    ),
    Case(
        "thousands: no-break space in Windows-1252",
        column_file(f"1{NBSP}234{NBSP}567,5", f"1{NBSP}234", "999", f"-12{NBSP}345,25", delimiter=";", encoding="cp1252"),
        column_table(1234567.5, 1234, 999, -12345.25),
        spec={"decimal": ",", "encoding": "cp1252"},
    ),
    Case(
        "thousands: narrow no-break space",
        column_file(f"1{NARROW}234{NARROW}567,5", f"1{NARROW}234", "999", f"-12{NARROW}345,25", delimiter=";"),
        column_table(1234567.5, 1234, 999, -12345.25),
        spec={"decimal": ","},
    ),
    Case(
        "thousands: apostrophe",
        column_file("1'234'567.5", "1'234", "999", "-12'345.25"),
        column_table(1234567.5, 1234, 999, -12345.25),
        spec={"thousands": "'", "decimal": "."},
    ),
    Case(
        "thousands: typographic apostrophe",
        column_file("1\u2019234\u2019567.5", "1\u2019234", "999", "-12\u2019345.25"),
        column_table(1234567.5, 1234, 999, -12345.25),
        spec={"decimal": "."},
    ),
    Case("percent", column_file("12.5%", "-3%", "100%", "0%"), column_table(12.5, -3, 100, 0), (PERCENT,)),
    Case("percent after a space", column_file("12.5 %", "-3 %", "100 %", "0 %"), column_table(12.5, -3, 100, 0), (PERCENT,)),
    Case(
        "percent with decimal comma",
        column_file("12,5 %", "-3 %", "0,1 %", delimiter=";"),
        column_table(12.5, -3, 0.1),
        (PERCENT,),
    ),
    *(
        Case(
            f"currency {sign} before",
            column_file(f"{sign}12.50", f"{sign}3", f"{sign}0.99"),
            column_table(12.5, 3, 0.99),
            (CURRENCY,),
        )
        for sign in "$€£¥₹"
    ),
    *(
        Case(
            f"currency {sign} after",
            column_file(f"12.50 {sign}", f"3 {sign}", f"0.99{sign}"),
            column_table(12.5, 3, 0.99),
            (CURRENCY,),
        )
        for sign in "$€£¥₹"
    ),
    Case("currency with a minus before", column_file("-$12.50", "-$3", "$0.99"), column_table(-12.5, -3, 0.99), (CURRENCY,)),
    Case("currency with a minus behind", column_file("$-12.50", "$-3", "$0.99"), column_table(-12.5, -3, 0.99), (CURRENCY,)),
    Case(
        "currency with thousands",
        column_file('"$1,234,567.50"', '"$1,234"', "$999"),
        column_table(1234567.5, 1234, 999),
        (CURRENCY,),
        spec={"thousands": ","},
    ),
    Case(
        "currency as in Germany",
        column_file("1.234.567,50 €", "1.234 €", "999,00 €", delimiter=";"),
        column_table(1234567.5, 1234, 999),
        (CURRENCY,),
        spec={"thousands": ".", "decimal": ","},
    ),
    Case(
        "infinite numbers",
        column_file("1.5", "inf", "-inf", "Infinity", "+INF", "1e400", "2.5", "3.5", *["4.5"] * 30),
        column_table(1.5, None, None, None, None, None, 2.5, 3.5, *[4.5] * 30),
        (Told("'x'.*5 cells", (3, 4, 5, 6, 7)),),
    ),
    Case(
        "a word among numbers",
        column_file(*["1.5"] * 30, "about 3", *["2.5"] * 30),
        column_table(*[1.5] * 30, None, *[2.5] * 30),
        (Told("'x'.*1 cell.*'about 3'", (32,)),),
    ),
    Case(
        "a line of units below the header",
        file_of("x,count", "kg,-", *("2.5,1.5",) * 30),
        {"x": [None, *[2.5] * 30], "count": [None, *[1.5] * 30]},
        (Told("'x'.*'kg'", (2,)),),
    ),
]


@by_name(WRITTEN)
def test_ways_of_writing_numbers(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


@pytest.mark.parametrize("sign", ["$", "€", "£", "¥", "₹", "%", "₩", "₽", "CHF ", "US$", "EUR ", "R$", "zł"])
def test_a_sign_is_left_out_only_if_that_is_told(sign: str, tmp_path: Path) -> None:
    """Signs we may not know: then the cells are text as they stand."""
    table = read_table(write(tmp_path, column_file(*(f"{sign}{n}.5" for n in range(20)))))
    told = any("currency" in repair.what or "percent" in repair.what for repair in table.repairs)
    expected: list[Cell] = [n + 0.5 for n in range(20)] if told else [f"{sign}{n}.5" for n in range(20)]
    assert cells_of(table, "x") == expected


NEVER_A_WRONG_NUMBER = {
    "1_000": 1000.0,
    "0x1A": 26.0,
    "\uff11\uff12": 12.0,
    "٣": 3.0,
    "(5.00)": -5.0,
    "5-": -5.0,
    "1,2,3": None,
    "12,34,567": 1234567.0,
    "1,23": 1.23,
    "1.2.3": None,
    "1..2": None,
    "1e": None,
    "e5": None,
    "--5": None,
    "+-5": None,
    "1 2": None,
    "12:30": None,
    "1/2": 0.5,
    "5 %%": None,
    "½": 0.5,
    "5²": None,
    "1d5": None,
    "1j": None,
    "True": None,
    "nan(5)": None,
    "$": None,
    "%": None,
    f"{MINUS}5": -5.0,
    "²": None,
    "1'2": None,
}
"""A cell and the only number it may be read as; None where it is none."""


@pytest.mark.parametrize("cell", NEVER_A_WRONG_NUMBER)
def test_what_only_looks_like_a_number_is_never_a_wrong_one(cell: str, tmp_path: Path) -> None:
    """Among numbers: right, or missing and told with its line. Alone: right, or text as it stands."""
    only = NEVER_A_WRONG_NUMBER[cell]
    among = read_table(write(tmp_path, column_file(*["7.5"] * 30, f'"{cell}"', *["8.5"] * 30)))
    value = cells_of(among, "x")[30]
    if value is None:
        assert [repair for repair in among.repairs if 32 in repair.lines and repr(cell) in repair.what], among.report
    else:
        assert value in (only, cell)
    alone = read_table(write(tmp_path, column_file(*[f'"{cell}"'] * 30)))
    assert set(cells_of(alone, "x")) == {cell} or (set(cells_of(alone, "x")) == {only} and only is not None)


def test_every_float_is_read_back_to_the_last_bit(tmp_path: Path) -> None:
    numbers = np.frombuffer(np.random.default_rng(0).bytes(8 * 5000), dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    for spec in (None, ImportSpec(delimiter=";", decimal=",")):
        mark, delimiter = (".", ",") if spec is None else (",", ";")
        rows = (f"{number!r}{delimiter}{number:.17e}".replace(".", mark) for number in numbers.tolist())
        table = read_table(write(tmp_path, file_of(f"a{delimiter}b", *rows)), spec)
        for cells in table.columns:
            assert isinstance(cells, np.ndarray)
            np.testing.assert_array_equal(cells, numbers)
        assert table.repairs == ()


def test_a_comma_that_may_be_either_mark_is_explained(tmp_path: Path) -> None:
    """Nothing in the file says what "1,234" is: the guess can be seen, and changed."""
    from engine.data.recognition import dialect

    path = write(tmp_path, column_file('"1,234"', '"2,345"', '"3,456"'))
    recognition = dialect.recognise(path)
    assert recognition.reasons["thousands"].strip()
    assert recognition.reasons["decimal"].strip()
    guessed = cells_of(read_table(path), "x")
    assert guessed == ([1234, 2345, 3456] if recognition.spec.thousands == "," else [1.234, 2.345, 3.456])
    assert cells_of(read_table(path, ImportSpec(thousands=",")), "x") == [1234, 2345, 3456]
    assert cells_of(read_table(path, ImportSpec(decimal=",")), "x") == [1.234, 2.345, 3.456]


LATE = 400
"""A row beyond those from which a file is recognised."""

LATE_SURPRISES = [
    ("a fraction with a comma", "1", '"3,5"', None),
    ("thousands", "1", '"1,234"', None),
    ("a word", "1", "many", None),
    ("an infinite number", "1", "inf", None),
    ("percent", "1", "5%", 5.0),
    ("currency", "1", "$5", 5.0),
]


@pytest.mark.parametrize(("cell", "late", "value"), [row[1:] for row in LATE_SURPRISES], ids=[row[0] for row in LATE_SURPRISES])
def test_a_late_surprise_is_told(cell: str, late: str, value: float | None, tmp_path: Path) -> None:
    cells = [cell] * LATE + [late] + [cell] * 5
    table = read_table(write(tmp_path, column_file(*cells)))
    got = cells_of(table, "x")[LATE]
    assert got in (value, None, late.strip('"')) or (late == '"1,234"' and got == 1234)
    told_here = [repair for repair in table.repairs if LATE + 2 in repair.lines or "signs" in repair.what]
    assert told_here or got == late.strip('"') or table.spec.thousands == ",", table.report


def test_numbers_are_never_infinite_or_text_by_the_way(tmp_path: Path) -> None:
    """What the table calls numbers is finite or missing, whatever stood in the file."""
    table = read_table(write(tmp_path, column_file(*["1e308", "1e309", "-1e309", "1e-400", "nan", "-nan"], *["1"] * 40)))
    values = cells_of(table, "x")
    assert all(value is None or (isinstance(value, float) and math.isfinite(value)) for value in values)
    assert values[0] == 1e308
    assert values[3] == 0.0
