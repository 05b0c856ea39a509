"""Damaged files: whatever the bytes are, the answer is a table or one sentence; nothing is ever executed.

BACKPROP_STUDIO_CASES sets how many files there are: half as many as it says.
"""

import bz2
import gzip
import io
import lzma
import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import cities, file_of, write
from tests.engine.data.whole_files.corpus_checks import answer

CASES = int(os.environ.get("BACKPROP_STUDIO_CASES", "1000")) // 2
BLOCK = 25
HANG_S = 10.0
"""No file may keep the processor busy for so long; what is usual is measured elsewhere."""

ROWS = [f"{n},{n * 7 % 11}.25,{('red', 'green')[n % 2]},{20 + n % 8}.01.2021,00{n}" for n in range(20)]


def zipped(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("table.csv", content)
    return archive.getvalue()


PLAIN = file_of("id,x,colour,when,code", *ROWS)
VALID = {
    "plain": PLAIN,
    "quoted": file_of('"a","b"', *(f'"{n}, ""so""\n.",{n}.5' for n in range(20))),
    "semicolons and decimal commas": file_of("sep=;", "a;b;c", *(f"{n},5;1.{n + 100},25;{n} %" for n in range(20)), end="\r\n"),
    "comments and footer": file_of(
        "# by hand", "a\tb", *(f"{n}\t$ {n}.5" for n in range(20)), "# so", "1\t2", "", "Source: us"
    ),
    "aligned": file_of(*(f" {n:4d}  {n * 1.5:8.3f} \t 'w {n % 3}'" for n in range(20))),
    "CR": cities(end="\r").encode("cp1252"),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + cities("|").encode(),
    "UTF-16": b"\xff\xfe" + cities().encode("utf-16-le"),
    "UTF-16 without a mark": cities(";").encode("utf-16-be"),
    "no header": file_of(*ROWS),
    "gz": gzip.compress(PLAIN),
    "bz2": bz2.compress(PLAIN),
    "xz": lzma.compress(PLAIN),
    "zip": zipped(PLAIN),
    "wide": file_of(",".join(f"c{n}" for n in range(40)), *(",".join(str(n * k % 7) for n in range(40)) for k in range(1, 5))),
}

TELLING = b"\"',;\t| \n\r\0#.-$%\xef\xbb\xbf\xff\xfe\x1f\x8bPK\x03\x04BZh\xfd7z"


def flip(random: np.random.Generator, content: bytearray) -> None:
    content[int(random.integers(len(content)))] ^= 1 << int(random.integers(8))


def put(random: np.random.Generator, content: bytearray) -> None:
    content[int(random.integers(len(content)))] = TELLING[int(random.integers(len(TELLING)))]


def insert(random: np.random.Generator, content: bytearray) -> None:
    position = int(random.integers(len(content) + 1))
    content[position:position] = bytes([TELLING[int(random.integers(len(TELLING)))]]) * int(random.integers(1, 4))


def delete(random: np.random.Generator, content: bytearray) -> None:
    start = int(random.integers(len(content)))
    del content[start : start + int(random.integers(1, 20))]


def duplicate(random: np.random.Generator, content: bytearray) -> None:
    start = int(random.integers(len(content)))
    content[start:start] = content[start : start + int(random.integers(1, 200))] * int(random.integers(1, 5))


def truncate(random: np.random.Generator, content: bytearray) -> None:
    del content[int(random.integers(len(content))) :]


def splice(random: np.random.Generator, content: bytearray) -> None:
    other = list(VALID.values())[int(random.integers(len(VALID)))]
    content[int(random.integers(len(content))) :] = other[int(random.integers(len(other))) :]


def scatter(random: np.random.Generator, content: bytearray) -> None:
    for _ in range(max(1, len(content) // 50)):
        content[int(random.integers(len(content)))] = int(random.integers(256))


MUTATIONS = (flip, put, put, insert, insert, delete, duplicate, truncate, splice, scatter)


def mutated(case: int) -> bytes:
    """Return one of the valid files with one to six mutations, always the same for the same number."""
    random = np.random.default_rng([case, 7])
    content = bytearray(list(VALID.values())[case % len(VALID)])
    for _ in range(int(random.integers(1, 7))):
        if content:
            MUTATIONS[int(random.integers(len(MUTATIONS)))](random, content)
    return bytes(content)


@pytest.mark.parametrize("kind", VALID)
def test_the_files_are_valid_before_they_are_damaged(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path, VALID[kind])
    assert read_table(path).n_rows > 3
    answer(path)


@pytest.mark.parametrize("start", range(0, CASES, BLOCK))
def test_damaged_files_end_in_a_table_or_a_sentence(start: int, tmp_path: Path) -> None:
    failed = {}
    for case in range(start, min(start + BLOCK, CASES)):
        path = write(tmp_path, mutated(case))
        began = time.process_time()
        try:
            answer(path)
        except Exception as error:  # noqa: BLE001 every case is shown, not only the first
            failed[case] = f"{type(error).__name__}: {str(error)[:300]}"
        if time.process_time() - began > HANG_S:
            failed[case] = "took too long"
    shown = "\n".join(f"case {case}: {what}\n  {mutated(case)[:200]!r}" for case, what in failed.items())
    assert not failed, f"{len(failed)} of {BLOCK} cases fail\n{shown}"


EXTREME = {
    "quotation marks only": b'"' * 20_000,
    "quotation marks in lines": b'"\n' * 5000,
    "pairs of quotation marks": b'""\n' * 5000,
    "delimiters only": b",,,,\n" * 5000,
    "every delimiter": b",;\t|: \n" * 5000,
    "line ends only": b"\r\n" * 10_000,
    "one quoted cell of 300 KiB": b'a,b\n1,"' + b"x y, " * 60_000 + b'"\n2,z\n',
    "one cell of 200 KiB": b"a,b\n1," + b"x" * 200_000 + b"\n2,z\n",
    "a number of 100,000 digits": b"a,b\n" + b"1" * 100_000 + b",2\n3,4\n",
    "a number with a long fraction": b"a,b\n0." + b"3" * 100_000 + b",2\n3,4\n",
    "a huge exponent": b"a,b\n1e" + b"9" * 5000 + b",2\n3,4\n",
    "2,000 columns and one row": b",".join(b"c%d" % n for n in range(2000)) + b"\n" + b"1," * 1999 + b"1\n",
    "rows that grow": b"".join(b"1," * n + b"1\n" for n in range(400)),
    "a hundred thousand short lines": b"1\n" * 100_000,
    "signs for missing only": b"a,b\n" + b"NA,?\n" * 5000,
    "thousands marks only": b"a;b\n" + b"1,1,1,1;1.1.1.1\n" * 500,
    "every byte": bytes(range(256)) * 50,
    "every printable byte": bytes(range(32, 127)) * 50,
    "combining characters": ("a,b\n" + "e\u0301" * 2000 + ",1\n\u202ex,2\n").encode(),
    "lone surrogates in UTF-16": b"\xff\xfe" + "a,b\n1,".encode("utf-16-le") + b"\x00\xd8" + "\n2,3\n".encode("utf-16-le"),
    "overlong UTF-8": b"a,b\n\xc0\xaf,1\n\xed\xa0\x80,2\n",
    "backtracking bait": b"a,b\n" + (b"1" * 50 + b"," + b"1 " * 200 + b"!\n") * 50,
}


@pytest.mark.parametrize("what", EXTREME)
def test_extreme_files_end_in_a_table_or_a_sentence(what: str, tmp_path: Path) -> None:
    began = time.process_time()
    answer(write(tmp_path, EXTREME[what]))
    assert time.process_time() - began < HANG_S
