from pathlib import Path

import numpy as np
import pytest

from engine.data.cells import CodedText
from engine.data.errors import DataError, ReadingCancelled
from engine.data.import_spec import ImportSpec
from engine.data.reading import blocks
from engine.data.table import Table, read_table


def table_of(tmp_path: Path, text: str, spec: ImportSpec | None = None) -> Table:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_table(path, spec)


def repairs(table: Table) -> list[tuple[int | None, str]]:
    return [(repair.line, repair.what) for repair in table.repairs]


def test_a_clean_file_needs_no_repair(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b\n1,x\n2,y\n")
    assert repairs(table) == []
    assert table.report == "2 rows, 2 columns."
    numbers, text = table.columns
    assert isinstance(numbers, np.ndarray)
    assert isinstance(text, CodedText)
    assert not numbers.flags.writeable
    assert not text.codes.flags.writeable


def test_quoted_line_breaks_and_doubled_quotes(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'a,b\n1,"two\nlines, and a comma"\n2,"say ""yes"""\n3,5" pipe\n4\n')
    assert [row[1] for row in table.preview()] == ["two\nlines, and a comma", 'say "yes"', '5" pipe', ""]
    assert repairs(table) == [(6, "1 row had too few cells: the rest is filled as missing (line 6).")]


def test_short_and_long_rows_are_mended_and_told_with_their_lines(tmp_path: Path) -> None:
    good = "1,2,3\n" * 10
    table = table_of(tmp_path, "a,b,c\n" + good + '4,5\n6,7,8,"surplus, long"\n' + "9\n" * 6 + good)
    assert table.n_rows == 28
    assert table.preview()[10:13] == [["4", "5", ""], ["6", "7", "8"], ["9", "", ""]]
    assert repairs(table) == [
        (12, "7 rows had too few cells: the rest is filled as missing (lines 12, 14, 15, 16, 17 and 2 more)."),
        (13, "1 row had too many cells: the surplus is cut off (line 13)."),
    ]


def test_delimiters_at_the_end_of_data_rows_only_shift_nothing(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b\n1,2,\n3,4,\n5,6,\n")
    assert table.names == ("a", "b")
    assert table.preview() == [["1", "2"], ["3", "4"], ["5", "6"]]
    assert repairs(table) == [(2, "3 rows ended with surplus delimiters: they are ignored (lines 2, 3, 4).")]


def test_delimiters_at_the_end_of_every_row_make_no_column(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a;b;\n1;2;\n3;4;\n")
    assert (table.names, table.preview()) == (("a", "b"), [["1", "2"], ["3", "4"]])


def test_a_first_column_without_a_name_as_r_writes_it(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b\nr1,1,2\nr2,3,4\nr3,5,6\n")
    assert table.names == ("column 1", "a", "b")
    assert table.preview()[0] == ["r1", "1", "2"]


def test_blank_lines_and_remarks_below_the_table(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b,c\n1,2,3\n\n,,\n4,5,6\n\nSource: the office of numbers\n\n")
    assert table.preview() == [["1", "2", "3"], ["4", "5", "6"]]
    assert repairs(table) == [
        (3, "2 rows without any value: skipped (lines 3, 4)."),
        (6, "2 rows after the table: skipped (lines 6, 7)."),
    ]


def test_names_are_made_different_and_none_is_empty(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,a,, b \n1,2,3,4\n5,6,7,8\n")
    assert table.names == ("a", "a (2)", "column 3", "b")
    assert repairs(table) == [
        (1, "The name 'a' of column 2 was taken: it is called 'a (2)'."),
        (1, "Column 3 had no name: it is called 'column 3'."),
    ]


def test_missing_values_in_many_spellings(tmp_path: Path) -> None:
    tokens = ["?", "NA", "N/A", "N.A.", "nan", "NULL", "", " ", "-", '"NA"', " NA "]
    table = table_of(tmp_path, "a,b\n" + "".join(f"{token},{token}\n1.5,x\n" for token in tokens))
    numbers, text = table.columns
    assert isinstance(numbers, np.ndarray)
    assert isinstance(text, CodedText)
    expected = [False, True] * 6 + [False, True] * 5
    present = ~np.isnan(numbers)
    assert text.levels == ("x",)
    assert present.sum() == 11
    assert np.array_equal(present, text.codes >= 0)
    assert len(expected) == 22


def test_a_few_cells_that_are_no_numbers_are_missing_and_told(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a\n" + "1\n" * 60 + "oops\n" + "1e400\n" + "2\n", ImportSpec())
    column = table.columns[0]
    assert isinstance(column, np.ndarray)
    assert np.isnan(column).sum() == 2
    assert repairs(table) == [
        (62, "Column 'a': 2 cells are no finite numbers ('oops', '1e400'): read as missing (lines 62, 63).")
    ]


def test_infinite_numbers_are_missing_but_the_column_stays_one_of_numbers(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b\n" + "1.5,1\ninf,2\nnan,3\n1e400,4\nNA,5\n-inf,6\n2.5,7\n")
    assert [row[0] for row in table.preview()] == ["1.5", "", "", "", "", "", "2.5"]
    assert repairs(table) == [
        (3, "Column 'a': 3 cells are no finite numbers ('inf', '1e400', '-inf'): read as missing (lines 3, 5, 7).")
    ]


def test_too_many_cells_that_are_no_numbers_make_a_column_of_text(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b\n" + "1,2\n" * 9 + "x,3\n")
    assert isinstance(table.columns[0], CodedText)
    assert isinstance(table.columns[1], np.ndarray)


def test_codes_with_leading_zeros_or_too_many_digits_stay_text(tmp_path: Path) -> None:
    table = table_of(tmp_path, "zip,account\n01234,123456789012345678901\n99999,123456789012345678902\n")
    assert table.preview() == [["01234", "123456789012345678901"], ["99999", "123456789012345678902"]]


def test_percent_and_currency_signs_are_left_out_and_told(tmp_path: Path) -> None:
    table = table_of(tmp_path, "share,price\n12%,$1.50\n13.5%,$20\n")
    assert table.preview() == [["12", "1.5"], ["13.5", "20"]]
    assert repairs(table)[0] == (2, "Column 'share': percent and currency signs (%) are left out of the numbers.")


def test_nul_bytes_are_removed_and_told(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b\n" + "1,two\n" * 40 + "3,fo\0ur\n")
    assert table.preview()[-1] == ["3", "four"]
    assert repairs(table) == [(42, "NUL bytes were removed from 1 row (line 42).")]


def test_spaces_around_cells_are_no_part_of_them(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'a, b\n1, "x, y"\n 2 ,z \n')
    assert table.names == ("a", "b")
    assert table.preview() == [["1", "x, y"], ["2", "z"]]


def test_text_that_is_no_table_is_refused(tmp_path: Path) -> None:
    text = "a,b,c\n" + "1,2\n1\n1,2,3,4\n3\n4,5,6\n" * 4
    with pytest.raises(
        DataError,
        match=r"t\.csv, line 2: 16 of 20 rows do not have 3 cells, as the header has, so this is no table; choose another",
    ):
        table_of(tmp_path, text, ImportSpec())


def test_a_single_short_row_is_mended(tmp_path: Path) -> None:
    assert table_of(tmp_path, "a,b,c\n1,2\n").preview() == [["1", "2", ""]]


@pytest.mark.parametrize("character", ["\x1f", "\u2003"])
def test_a_single_character_that_is_no_name_makes_a_column(tmp_path: Path, character: str) -> None:
    table = table_of(tmp_path, character)
    assert (table.names, table.n_rows) == (("column 1",), 0)
    assert repairs(table) == [(1, "Column 1 had no name: it is called 'column 1'.")]


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b\n")
    assert (table.names, table.n_rows, table.preview()) == (("a", "b"), 0, [])


def rough_text(n_rows: int) -> str:
    """Return rows with everything at once: quotes over two lines, short, long and blank rows, codes, bad numbers late."""
    lines = []
    for row in range(n_rows):
        lines.append(f'{row},{row / 8},"town {row % 3},\nnorth",{"x" if row % 50 == 49 else row}')
        if row % 20 == 0:
            lines += ["", "1,2", "1,2,3,4,5"]
    return "n,q,town,late\n" + "\n".join(lines) + "\n"


def test_the_size_of_the_blocks_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = rough_text(300)
    whole = table_of(tmp_path, text)
    for first, following in ((1, 7), (40, 30), (900, 1000)):
        monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", first)
        monkeypatch.setattr(blocks, "BLOCK_BYTES", following)
        parts = table_of(tmp_path, text)
        assert parts.preview(400) == whole.preview(400)
        assert parts.repairs == whole.repairs


def test_numbers_at_first_and_text_later_are_read_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", 60)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 60)
    table = table_of(tmp_path, "a,b\n" + "1,1\n" * 30 + "red,2\n" * 30)
    assert isinstance(table.columns[0], CodedText)
    assert table.columns[0].levels == ("1", "red")
    assert isinstance(table.columns[1], np.ndarray)


def test_thousands_marks_are_read_exactly_in_every_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", 60)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 120)
    rows = ["1.234,5;7"] * 30 + ["1,2,3;7"] + ["12;7"] * 30 + ["1.2;7"]
    table = table_of(tmp_path, "a;b\n" + "\n".join(rows) + "\n")
    assert (table.spec.decimal, table.spec.thousands) == (",", ".")
    assert [row[0] for row in table.preview()] == ["1234.5"] * 30 + [""] + ["12"] * 30 + [""]
    assert repairs(table) == [
        (32, "Column 'a': 2 cells are no finite numbers ('1,2,3', '1.2'): read as missing (lines 32, 63).")
    ]


def test_numbers_keep_every_digit_in_every_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", 60)
    values = np.random.default_rng(1).normal(size=200) * 10.0 ** np.arange(-100, 100)
    table = table_of(tmp_path, "a,b\n" + "".join(f"{value!r},1\n" for value in values.tolist()))
    assert np.array_equal(table.columns[0], values)


def test_progress_is_told_and_reading_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", 4000)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 4000)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 20_000, encoding="utf-8")
    shares: list[float] = []
    read_table(path, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert 20 <= len(shares) <= 22
    with pytest.raises(ReadingCancelled):
        read_table(path, progress=shares.append, cancelled=lambda: len(shares) > 24)
