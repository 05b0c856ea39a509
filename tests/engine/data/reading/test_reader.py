"""The quick and the careful way of counting rows, blocks of any size, the first rows only, kinds that a person chose."""

import csv
import io
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.cells import CodedText
from engine.data.errors import DataError, ReadingCancelled
from engine.data.import_spec import ColumnSpec, ImportSpec
from engine.data.reading import blocks
from engine.data.reading.rows import rows_of
from engine.data.reading.tally import tally, tally_of_rows
from engine.data.recognition.dialect import recognise
from engine.data.table import Table, read_table


def table_of(tmp_path: Path, text: str | bytes, spec: ImportSpec | None = None, max_rows: int | None = None) -> Table:
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path, spec, max_rows=max_rows)


CELLS = st.text(st.sampled_from('ab," \n;é'), max_size=5)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=8),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_rows_are_counted_quickly_as_they_are_carefully(rows: list[list[str]], quoting: int) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    block = text.getvalue().encode()
    quick = tally(block, ",", '"')
    assert quick is not None
    lines = [line + "\n" for line in text.getvalue().split("\n")[:-1]]
    one_by_one = list(rows_of(iter(enumerate(lines)), Path("t.csv"), ImportSpec(), []))
    careful = tally_of_rows([row.text.encode() for row in one_by_one], [row.width for row in one_by_one])
    assert quick.ends.tolist() == careful.ends.tolist()
    assert quick.lines.tolist() == careful.lines.tolist() == [row.line for row in one_by_one]
    filled = [(counted, width) for counted, width in zip(careful.widths, quick.widths, strict=True) if counted]
    assert all(counted == width for counted, width in filled)
    assert max(map(len, rows)) in {*quick.widths.tolist(), 1}


@pytest.mark.parametrize("block", ['a,5" b\n', 'a,"b"c\n', 'a b"c"\n', 'a,"b" "c"\n'])
def test_marks_inside_of_cells_are_left_to_the_careful_way(block: str) -> None:
    assert tally(block.encode(), ",", '"') is None
    assert tally(block.encode(), ",", None) is not None


LATE = {
    "leading zeros": ["10", "007"],
    "too many digits": ["10", "9007199254740993"],
    "quoted leading zeros": ["10", '"007"'],
}


@pytest.mark.parametrize("what", LATE)
def test_a_code_of_digits_far_down_makes_the_column_text(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", 100)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    usual, late = LATE[what]
    table = table_of(tmp_path, "a,b\n" + f"{usual},1\n" * 100 + f"{late},1\n")
    assert isinstance(table.columns[0], CodedText)
    assert table.columns[0].levels == (usual, late.strip('"'))
    assert isinstance(table.columns[1], np.ndarray)


def test_the_first_cells_do_not_outvote_all_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", 20)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    table = table_of(tmp_path, "a,b\n" + "none yet,1\n" * 5 + "2.5,1\n" * 200, ImportSpec())
    numbers = table.columns[0]
    assert isinstance(numbers, np.ndarray)
    assert np.isnan(numbers).sum() == 5
    assert [repair.lines for repair in table.repairs] == [(2, 3, 4, 5, 6)]


def test_a_column_empty_at_first_keeps_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", 20)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 40)
    table = table_of(tmp_path, "a,b,c\n" + ",,1\n" * 30 + "x,5,1\n" * 30, ImportSpec())
    words, numbers = table.columns[:2]
    assert isinstance(words, CodedText)
    assert words.codes.tolist() == [-1] * 30 + [0] * 30
    assert np.array_equal(numbers, [np.nan] * 30 + [5.0] * 30, equal_nan=True)


def test_escaped_quotation_marks_are_recognised(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'a,b\n"say \\"hi\\", ok",1\n"no, \\"never\\"",2\n"C:\\\\dir\\\\",3\n')
    assert table.spec.escape == "\\"
    assert [row[0] for row in table.preview()] == ['say "hi", ok', 'no, "never"', "C:\\dir\\"]
    assert table_of(tmp_path, 'a,b\n"C:\\dir\\",1\n"D:\\",2\n').spec.escape is None


def test_a_quoted_cell_of_very_many_lines_is_told(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'a,b\n1,x\n2,"' + "line\n" * 60 + '"\n3,y\n')
    assert table.n_rows == 3
    assert [(repair.line, "quoted cell of many lines" in repair.what) for repair in table.repairs] == [(3, True)]


def test_text_behind_a_closed_quotation_mark_is_told(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'a,b\n"5" pipe",1\nx,2\n')
    assert table.preview() == [['5 pipe"', "1"], ["x", "2"]]
    assert [repair.lines for repair in table.repairs] == [(2,)]


def test_an_open_quotation_mark_is_refused_without_reading_on_forever(tmp_path: Path) -> None:
    start = time.perf_counter()
    with pytest.raises(DataError, match=r"line 3: .*never closed within"):
        table_of(tmp_path, 'a,b\n1,2\n1,"2\n' + "1,2\n" * 5_000_000)
    assert time.perf_counter() - start < 2.0


def test_reading_stops_at_the_rows_wanted_and_at_once(tmp_path: Path) -> None:
    row = ",".join(["1.25"] * 20) + "\n"
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{n}" for n in range(20)) + "\n" + row * 200_000, encoding="utf-8")
    spec = recognise(path).spec
    read_table(path, spec, max_rows=200)  # the first call imports the parser
    start = time.perf_counter()
    table = read_table(path, spec, max_rows=200)
    assert time.perf_counter() - start < 0.25
    assert (table.n_rows, table.complete, len(table.columns[0])) == (200, False, 200)


def test_reading_is_cancelled_while_the_characters_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ReadingCancelled):
        read_table(path, cancelled=lambda: True)


def test_chosen_kinds_decide_what_is_collected(tmp_path: Path) -> None:
    kinds = ImportSpec(columns=(ColumnSpec("a", "text"), ColumnSpec("b", "numeric"), ColumnSpec("c", "identifier")))
    table = table_of(tmp_path, "a,b,c\n1.50,007,1e5\n2,x,3\n3,y,4\n", kinds)
    assert table.preview() == [["1.50", "7", "1e5"], ["2", "", "3"], ["3", "", "4"]]
    assert [(repair.line, repair.lines) for repair in table.repairs] == [(3, (3, 4))]
    with pytest.raises(DataError, match="there is no column 'z'; the columns are 'a', 'b', 'c'"):
        table_of(tmp_path, "a,b,c\n1,2,3\n", ImportSpec(columns=(ColumnSpec("z", "text"),)))


def test_a_column_chosen_to_be_numeric_without_any_number_is_refused(tmp_path: Path) -> None:
    spec = ImportSpec(columns=(ColumnSpec("a", "numeric"),))
    text = "b,a\n1,\n2,red\n3,inf\n4,red\n"
    words = r"line 3, column 'a': .*none of its cells is a finite number \('red', 'inf'\); choose category or text for it\."
    with pytest.raises(DataError, match=words) as refused:
        table_of(tmp_path, text, spec)
    assert (refused.value.line, refused.value.column) == (3, "a")
    first_rows = table_of(tmp_path, text, spec, max_rows=200)
    assert [(repair.line, repair.lines) for repair in first_rows.repairs] == [(3, (3, 4, 5))]
    assert table_of(tmp_path, "b,a\n1,\n2,?\n", spec).repairs == ()


@pytest.mark.parametrize("text", ["  0  0.5\t 'w'\n  `1  ", "1 2 'x y'\n  3\n4 5 'z'", "1 2 3\n4\n5 6 7\n"])
def test_a_short_row_of_cells_lined_up_with_spaces_is_filled(text: str, tmp_path: Path) -> None:
    spec = ImportSpec(delimiter=" ", quote="'", header=False)
    table = table_of(tmp_path, text, spec)
    assert table.preview()[1][1:] == ["", ""]
    assert [repair.what for repair in table.repairs] == ["1 row had too few cells: the rest is filled as missing (line 2)."]


@pytest.mark.parametrize("quote", ['"', "'", None])
@pytest.mark.parametrize("delimiter", [" ", "§", ";"])
def test_rows_kept_back_for_the_footer_are_read_as_all_others(
    delimiter: str, quote: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "FIRST_BLOCK_BYTES", 40)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 24)
    mark = quote or ""
    rows = [[f"{mark}x{n}{mark}", f"{mark}{n}.5{mark}", str(n)] for n in range(30)]
    text = "".join(delimiter.join(row) + "\n" for row in [["a", "b", "c"], *rows, ["Total", "9", "9"]])
    table = table_of(tmp_path, text, ImportSpec(delimiter=delimiter, quote=quote, footer_lines=1))
    assert table.preview() == [[f"x{n}", f"{n}.5", str(n)] for n in range(30)]
    assert [repair.what for repair in table.repairs] == ["1 row after the table: skipped (line 32)."]


def test_what_parts_the_cells_for_the_parser_may_stand_in_them(tmp_path: Path) -> None:
    for quote in ('"', None):
        table = table_of(tmp_path, 'a b\nx\x1fy" 1\nz 2\n', ImportSpec(delimiter=" ", quote=quote))
        assert table.preview() == [['x\x1fy"', "1"], ["z", "2"]]


def test_a_file_of_utf8_read_as_chosen_in_another_encoding_is_told_with_the_line(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b\nx,1\nZürich,2\n", ImportSpec(encoding="latin-1"))
    assert [(repair.line, "is valid UTF-8" in repair.what) for repair in table.repairs] == [(3, True)]


@pytest.mark.parametrize(
    ("chosen", "content", "words"),
    [
        ("utf-16", b"a,b\n1,2\n", "they are UTF-8"),
        ("utf-8", "a,b\n1,2\n".encode("utf-16-le"), "they are UTF-16-LE"),
        ("latin-1", "a,b\n1,2\n".encode("utf-32-be"), "they are UTF-32-BE"),
    ],
)
def test_an_encoding_of_another_width_is_refused(chosen: str, content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words) as refused:
        table_of(tmp_path, content, ImportSpec(encoding=chosen))
    assert refused.value.line == 1


def test_bytes_that_count_up_are_no_utf_16(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a binary file"):
        table_of(tmp_path, bytes([0, 1, 2, 3]) * 1000)


def test_one_bad_byte_does_not_make_the_whole_file_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 52: a byte here is not UTF-8, while 50 other characters are"):
        table_of(tmp_path, b"a,b\n" + "ü,1\n".encode() * 50 + b"\xfc,2\n")
