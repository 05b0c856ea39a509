import time
from pathlib import Path

import pytest

from engine.data.import_spec import ImportSpec
from engine.data.reading import text_blocks
from engine.data.reading.raw_lines import raw_lines
from engine.data.table import read_table


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("block_bytes", [1, 7, 4_000_000])
def test_lines_are_those_of_the_text(
    line_end: str, codec: str, block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"é{n},'x" for n in range(20)]
    path = tmp_path / "t.csv"
    path.write_bytes(line_end.join(lines).encode(codec))
    read = text_blocks.TextBlocks.read
    monkeypatch.setattr(text_blocks.TextBlocks, "read", lambda self: read(self, block_bytes))
    spec = ImportSpec(encoding=codec)
    numbered = list(enumerate(lines, start=1))
    assert raw_lines(path, spec, 1, 100) == numbered
    assert raw_lines(path, spec, 7, 3) == numbered[6:9]
    assert raw_lines(path, spec, 20, 5) == numbered[19:]
    assert raw_lines(path, spec, 21, 5) == []
    assert raw_lines(path, spec, 0, 1) == numbered[:1]
    assert raw_lines(path, spec, 1, 0) == []


def test_long_lines_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("é" * 10_000 + "\nshort\n", encoding="utf-8")
    assert raw_lines(path, ImportSpec(), 1, 2) == [(1, "é" * 500), (2, "short")]


def test_the_lines_of_a_repair_are_found_far_down_at_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a,b\n"1\n",2\n' + "1,2\n" * 899_996 + "only one\n" + "1,2\n" * 100_000, encoding="utf-8")
    table = read_table(path)
    line = next(repair.line for repair in table.repairs if "too few" in repair.what)
    assert line is not None
    start = time.perf_counter()
    assert raw_lines(path, table.spec, line, 1) == [(900_000, "only one")]
    assert time.perf_counter() - start < 1.0
