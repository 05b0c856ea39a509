"""The NumPy script of a run beside the engine: the same inputs and predictions from the same file, however it is written."""

from __future__ import annotations

import bz2
import csv
import datetime as dt
import gzip
import io
import lzma
import re
import runpy
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.columns.dates import read_dates
from engine.data.import_spec import ColumnSpec, ImportSpec
from engine.data.loading import load_file
from engine.data.numerals import Numerals
from engine.export.numpy_dates import DATES
from engine.export.numpy_numbers import NUMBERS
from engine.metrics import predict
from engine.run import run_headless
from engine.settings import make_settings

N_ROWS = 120
FEATURES = ("length", "colour", "member", "day")


def cells(n_rows: int = N_ROWS) -> dict[str, list[str]]:
    """Return the cells of a table with numbers, a category, yes or no and dates, some of them missing."""
    generator = np.random.default_rng(3)
    length = generator.normal(5000.0, 2000.0, n_rows)
    return {
        "length": ["NA" if row % 17 == 3 else f"{value:.3f}" for row, value in enumerate(length)],
        "colour": [("red", "green", "dark blue", "NA")[row % 4] for row in range(n_rows)],
        "member": [("yes", "no")[row % 3 == 0] for row in range(n_rows)],
        "day": [str(np.datetime64("2020-02-28") + int(generator.integers(900))) for _ in range(n_rows)],
        "price": [f"{value / 50.0 + generator.normal():.4f}" for value in length],
    }


def written(columns: dict[str, list[str]], delimiter: str = ",", **options: Any) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n", **options)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def changed(change: Callable[[str, int], str], *names: str) -> dict[str, list[str]]:
    return {
        name: [change(cell, row) if name in names and cell != "NA" else cell for row, cell in enumerate(values)]
        for name, values in cells().items()
    }


def grouped(cell: str, decimal: str, mark: str) -> str:
    whole, _, part = cell.partition(".")
    return f"{int(whole):,}".replace(",", mark) + decimal + part


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", text)
    return file.getvalue()


def day_first(cell: str, row: int) -> str:
    year, month, day = cell.split("-")
    return f"{day}.{month}.{year}" if row % 2 else f"{int(day)}.{int(month)}.{year}"


def ragged(text: str) -> str:
    lines = text.splitlines()
    lines[5] = ",".join(lines[5].split(",")[:3])
    lines[9] += ",surplus"
    lines.insert(20, "")
    return "\n".join(lines) + "\n"


PLAIN = written(cells())
COMMAS = {name: [cell.replace(".", ",") for cell in values] for name, values in cells().items()}
FILES: dict[str, bytes] = {
    "plain": PLAIN.encode(),
    "mark at the start": PLAIN.encode("utf-8-sig"),
    "utf-16": PLAIN.replace("red", "rötlich").encode("utf-16"),
    "cp1252": PLAIN.replace("red", "rötlich – ja").encode("cp1252"),
    "carriage returns": PLAIN.replace("\n", "\r\n").encode(),
    "old carriage returns": PLAIN.replace("\n", "\r").encode(),
    "gzip": gzip.compress(PLAIN.encode()),
    "bz2": bz2.compress(PLAIN.encode()),
    "xz": lzma.compress(PLAIN.encode()),
    "zip": zipped(PLAIN),
    "decimal comma": written(COMMAS, ";").encode(),
    "German thousands": written(changed(lambda cell, _: grouped(cell, ",", "."), "length", "price"), ";").encode(),
    "English thousands": written(changed(lambda cell, _: grouped(cell, ".", ","), "length", "price")).encode(),
    "tab": written(cells(), "\t").encode(),
    "bar": written(cells(), "|").encode(),
    "spaces": "\n".join("  ".join(row) for row in csv.reader(PLAIN.replace("dark blue", "dark").splitlines())).encode(),
    "all quoted": written(cells(), quoting=csv.QUOTE_ALL).encode(),
    "single quotes": written(cells(), quotechar="'", quoting=csv.QUOTE_ALL).encode(),
    "doubled quotes and line breaks": written(changed(lambda cell, _: f'{cell[:1]}"\n# ,{cell[1:]}', "colour")).encode(),
    "backslashes": written(
        changed(lambda cell, _: f'a "{cell}", b', "colour"), doublequote=False, escapechar="\\", quoting=csv.QUOTE_ALL
    ).encode(),
    "sep line": ("sep=;\n" + written(cells(), ";")).encode(),
    "preamble": ("# made by a machine\n# on a Monday\n" + PLAIN).encode(),
    "names in a comment": ("# made by a machine\n#" + PLAIN).encode(),
    "comments amid": "\n".join(
        line + ("\n# checked, and found right" if row % 40 == 39 else "") for row, line in enumerate(PLAIN.splitlines())
    ).encode(),
    "footer": (PLAIN + "\nTotal,,,,600000\nSource: a friend,,,,\n").encode(),
    "ragged": ragged(PLAIN).encode(),
    "trailing delimiters": PLAIN.replace("\n", ",\n").encode(),
    "delimiters behind the rows only": (PLAIN[: PLAIN.index("\n")] + PLAIN[PLAIN.index("\n") :].replace("\n", ",\n")).encode(),
    "row names": (
        PLAIN.splitlines()[0] + "\n" + "".join(f"r{row},{line}\n" for row, line in enumerate(PLAIN.splitlines()[1:]))
    ).encode(),
    "names twice": ("colour,length," + PLAIN.partition("\n")[0] + "\n").encode()
    + "".join(f"x,7,{line}\n" for line in PLAIN.splitlines()[1:]).encode(),
    "cells that are no numbers": written(changed(lambda cell, row: "about 7" if row == 7 else cell, "length")).encode(),
    "an infinite number": written(changed(lambda cell, row: "inf" if row == 7 else cell, "length")).encode(),
    "money and percent": written(
        changed(lambda cell, row: f"$ {cell}" if row % 2 else f"({cell})", "length")
        | {"price": [f"{cell} %" for cell in cells()["price"]]}
    ).encode(),
    "spellings of yes": written(
        changed(lambda cell, row: (cell.upper(), cell, "TRUE" if cell == "yes" else "false")[row % 3], "member")
    ).encode(),
    "0 and 1": written(changed(lambda cell, row: ("1", "1.0")[row % 2] if cell == "yes" else "0", "member")).encode(),
    "day first": written(changed(day_first, "day")).encode(),
    "month first": written(changed(lambda cell, _: f"{cell[5:7]}/{cell[8:]}/{cell[:4]}", "day")).encode(),
    "times with an offset": written(changed(lambda cell, row: f"{cell}T{row % 24:02}:15:30+02:00", "day")).encode(),
    "times of day": written(changed(lambda _, row: f"{row % 24}:{row % 60:02}", "day")).encode(),
    "names of months": written(
        changed(lambda cell, _: np.datetime64(cell).astype(object).strftime("%d %b %Y"), "day")
    ).encode(),
    "compact dates": written(changed(lambda cell, _: cell.replace("-", ""), "day")).encode(),
    "years": written(changed(lambda _, row: str(1990 + row % 20), "day")).encode(),
    "a date that is none": written(changed(lambda cell, row: "soon" if row == 4 else cell, "day")).encode(),
    "two-digit years": written(changed(lambda cell, _: f"{cell[8:]}.{cell[5:7]}.{cell[2:4]}", "day")).encode(),
}


def engine_inputs(data: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows of the file that have a target, ascending, and the engine's own inputs for them."""
    rows = np.concatenate([data.rows_train, data.rows_validation, data.rows_test])
    X = np.concatenate([data.X_train, data.X_validation, data.X_test])
    return np.sort(rows), X[np.argsort(rows)]


def compare(folder: Path, path: Path, spec: ImportSpec | None = None, **changes: Any) -> str:
    """Compare inputs and predictions of the script with the engine's; return the script."""
    settings = make_settings(**{"target": "price", "features": FEATURES, "steps": 2, "hidden": (3,), "test": 0.2, **changes})
    data = load_file(path, settings, spec=spec)
    result = run_headless(settings, data, folder)
    script = runpy.run_path(str(folder / "predict.py"), run_name="predict")
    X = script["prepared"](script["read_columns"](str(path)))
    assert X.shape == (N_ROWS, data.n_features)
    rows, expected = engine_inputs(data)
    assert len(rows) >= N_ROWS - 1
    np.testing.assert_allclose(X[rows], expected, rtol=1e-12, atol=1e-12)
    outputs = predict(result.spec, result.parameters, expected).T
    answers = [number for (number,) in script["answers"](script["predict"](X[rows]))]
    np.testing.assert_allclose(answers, outputs[:, 0] * data.target.scale + data.target.mean, rtol=1e-12)
    return (folder / "predict.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_any_file_is_read_as_the_engine_reads_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(FILES[name])
    script = compare(tmp_path / "run", path)
    assert max(len(line) for line in script.splitlines()) <= 125


@pytest.mark.parametrize("scaling", ["standardise", "min_max", "none"])
@pytest.mark.parametrize("indicator", [False, True])
def test_any_preparation_is_repeated(tmp_path: Path, scaling: str, indicator: bool) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(FILES["plain"])
    script = compare(
        tmp_path / "run", path, scaling=scaling, target_scaling=scaling, missing_indicator=indicator, validation=0.3
    )
    assert ("indicator" in script) == indicator


def test_what_a_person_says_of_the_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    text = written(changed(lambda cell, row: "?!" if row % 3 == 0 else cell, "length", "colour"))
    path.write_text(f"a title\n\n{text}", encoding="latin-1")
    spec = ImportSpec(
        encoding="latin-1",
        skip_lines=2,
        missing=("", "NA", "?!", "not known"),
        columns=(ColumnSpec("length", "numeric"), ColumnSpec("member", "category"), ColumnSpec("day", "date")),
    )
    script = compare(tmp_path / "run", path, spec)
    assert 'ENCODING = "latin-1"' in script
    assert '"not known"' in script or "'not known'" in script


def test_many_levels_share_an_input(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(written(changed(lambda _, row: f"tone {min(row, 119 - row)}", "colour")), encoding="utf-8")
    compare(tmp_path / "run", path)


def test_rows_that_were_mended_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(FILES["ragged"].replace(b"2020-03", b"soon"))
    compare(tmp_path / "run", path, features=("length", "colour", "member"))
    assert capsys.readouterr().err == (
        "1 row(s) with too few cells: the others count as missing.\n1 row(s) with too many cells: the surplus is left out.\n"
    )
    path.write_bytes(FILES["cells that are no numbers"])
    compare(tmp_path / "run", path)
    assert capsys.readouterr().err == "In 1 row(s) the value is missing, column 'length': 'about 7' is no number and no date.\n"


def script_names(text: str, **names: Any) -> dict[str, Any]:
    """Return what a piece of the script defines."""
    defined = {"re": re, "np": np, "datetime": dt, "sys": sys, **names}
    exec(text, defined)
    return defined


WRITTEN_NUMBER = re.compile(
    r"\(?[+\u2212-]?(\$|EUR|kr)? ?[0-9]{1,3}([., '\u202f][0-9]{1,3}){0,3}([eE]-?[0-9]{1,3})? ?(%|€|zł)?\)?"
)
MARKS = [(".", None), (".", ","), (",", None), (",", "."), (",", " "), (".", "'"), (",", "\u202f")]
NUMBER_READERS = {
    marks: (Numerals(*marks), script_names(NUMBERS, DECIMAL=marks[0], THOUSANDS=marks[1])["number"]) for marks in MARKS
}


@given(
    cell=st.one_of(
        st.from_regex(WRITTEN_NUMBER, fullmatch=True),
        st.text("0123456789.,-+()$€% e'\u2212", min_size=1, max_size=9),
    ),
    marks=st.sampled_from(MARKS),
)
def test_numbers_are_those_of_the_engine(cell: str, marks: tuple[str, str | None]) -> None:
    cell = cell.strip()
    numerals, number = NUMBER_READERS[marks]
    expected = numerals.parse(cell) if cell else None
    assert number(cell) == (expected if expected is not None and np.isfinite(expected) else None)


MOMENTS = st.dates(dt.date(1970, 1, 1), dt.date(2028, 12, 31)).flatmap(
    lambda date: st.times().map(lambda time: dt.datetime.combine(date, time))
)
FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S+02:00", "%Y-%m-%dT%H:%M:%S.%f-0530", "%d %b %Y", "%b %d, %Y", "%A, %d %B %Y", "%Y %b %d",
    "%Y%m%dT%H%M%S", "%Y%m%d", "%Y-%m", "%d.%m.%y", "%m/%d/%y", "%d-%b-%y", "%d %B %Y %I:%M %p", "%H:%M", "%I:%M:%S %p",
    "%y-%m-%d", "%d. %b. %Y", "%dth %B %Y",
)  # fmt: skip
NO_DATES = ("2021-02-30", "2021-13-01", "x", "25:00", "2021-02-28 24:00", "12 foo 2021", "99:99", "2021-01-01T10:00+15:00")


@given(
    moments=st.lists(MOMENTS, min_size=3, max_size=12),
    form=st.sampled_from(FORMS),
    order=st.sampled_from(["year", "day", "month"]),
)
def test_dates_are_those_of_the_engine(moments: list[Any], form: str, order: Any) -> None:
    texts = list(dict.fromkeys([*(moment.strftime(form) for moment in moments), *NO_DATES]))
    expected = read_dates(texts, order, said=True)
    assert expected is not None
    constants = {"unit": expected.unit, "date_order": expected.order}
    found = [DAYS(text, constants) for text in texts]
    np.testing.assert_allclose([np.nan if value is None else value for value in found], expected.values, rtol=0, atol=1e-9)


DAYS = script_names(DATES)["days"]
