"""Import specifications on disk: they outlive the program, and wrong ones are refused by the name of their field."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from engine.data import spec_file
from engine.data.cells import CodedText
from engine.data.errors import DataError
from engine.data.import_spec import ColumnSpec, ImportSpec
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import file_of, write
from tests.engine.data.whole_files.corpus_checks import check_sentence

FULL = ImportSpec(
    encoding="cp1252",
    compression="xz",
    delimiter="\t",
    quote="'",
    escape="\\",
    decimal=",",
    thousands="\u00a0",
    header=False,
    skip_lines=3,
    comment="//",
    footer_lines=2,
    missing=("", "k. A.", "\u2014", "?"),
    date_order="month",
    columns=(ColumnSpec("a", "identifier", "ignore"), ColumnSpec('Größe, "m"\n', None, "target"), ColumnSpec("", "date", None)),
)


@pytest.mark.parametrize("spec", [FULL, ImportSpec()], ids=["every field changed", "defaults"])
def test_a_specification_outlives_the_program(spec: ImportSpec, tmp_path: Path) -> None:
    assert all(getattr(FULL, field.name) != field.default for field in dataclasses.fields(ImportSpec))
    path = tmp_path / "spec.json"
    spec_file.write_spec(spec, path)
    assert spec_file.read_spec(path) == spec
    assert isinstance(json.loads(path.read_text(encoding="utf-8")), dict)
    assert ImportSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) == spec


def test_what_was_recognised_reads_the_same_when_it_is_given(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + file_of("sep=;", "a;b;c", "1,5;x;?", "2,5;y;03.04.2021", "", "3,5;z;05.04.2021", end="\r\n")
    path = write(tmp_path, content)
    guessed = read_table(path)
    spec_file.write_spec(guessed.spec, tmp_path / "spec.json")
    again = read_table(path, spec_file.read_spec(tmp_path / "spec.json"))
    assert (again.names, again.report, again.spec) == (guessed.names, guessed.report, guessed.spec)
    assert again.preview() == guessed.preview()
    assert [type(cells) for cells in again.columns] == [np.ndarray, CodedText, CodedText]


GOOD = ImportSpec().as_dict()

WRONG = {
    "an unknown field": ({**GOOD, "delimeter": ";"}, "delimeter"),
    "a number for a word": ({**GOOD, "encoding": 5}, "encoding"),
    "an unknown compression": ({**GOOD, "compression": "rar"}, "compression"),
    "a delimiter of two characters": ({**GOOD, "delimiter": ";;"}, "delimiter"),
    "an empty delimiter": ({**GOOD, "delimiter": ""}, "delimiter"),
    "a line feed as delimiter": ({**GOOD, "delimiter": "\n"}, "delimiter"),
    "a quotation mark of two characters": ({**GOOD, "quote": "''"}, "quote"),
    "a quotation mark that is the delimiter": ({**GOOD, "quote": ","}, "quote|delimiter"),
    "a word for yes": ({**GOOD, "header": "yes"}, "header"),
    "a number for yes": ({**GOOD, "header": 1}, "header"),
    "lines below zero": ({**GOOD, "skip_lines": -1}, "skip_lines"),
    "a fraction of a line": ({**GOOD, "skip_lines": 1.5}, "skip_lines"),
    "a word for a number of lines": ({**GOOD, "footer_lines": "2"}, "footer_lines"),
    "the same mark for decimals and thousands": ({**GOOD, "decimal": ",", "thousands": ","}, "decimal|thousands"),
    "a digit as decimal mark": ({**GOOD, "decimal": "5"}, "decimal"),
    "an empty comment mark": ({**GOOD, "comment": ""}, "comment"),
    "missing that is no list": ({**GOOD, "missing": "NA"}, "missing"),
    "missing that is a list of numbers": ({**GOOD, "missing": [999]}, "missing"),
    "an unknown order of dates": ({**GOOD, "date_order": "dmy"}, "date_order"),
    "columns that are no list": ({**GOOD, "columns": {"a": "numeric"}}, "columns"),
    "an unknown kind": ({**GOOD, "columns": [{"name": "a", "kind": "float", "role": None}]}, "kind"),
    "an unknown role": ({**GOOD, "columns": [{"name": "a", "kind": None, "role": "label"}]}, "role"),
    "a column without a name": ({**GOOD, "columns": [{"kind": "numeric"}]}, "name|columns"),
    "an unknown field of a column": ({**GOOD, "columns": [{"name": "a", "type": "numeric"}]}, "type"),
    "a list": ([GOOD], "spec.json|object|list"),
    "nothing": (None, "spec.json|object"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_specification_is_refused_by_the_name_of_its_field(what: str, tmp_path: Path) -> None:
    content, field = WRONG[what]
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match=field) as refused:
        spec_file.read_spec(path)
    check_sentence(str(refused.value).replace("None", ""))
    assert "spec.json" in str(refused.value)


BROKEN = {
    "empty": b"",
    "cut": b'{"encoding": "utf-8", "delim',
    "no JSON": b"delimiter = ;\n",
    "no text": b"\x89PNG\r\n\x1a\n\0\0",
    "two objects": b"{} {}",
    "a field twice": b'{"delimiter": ",", "delimiter": ";"}',
    "deeply nested": b"[" * 100_000,
    "NaN": b'{"skip_lines": NaN}',
    "an endless number": b'{"skip_lines": 1e999}',
    "very many digits": b'{"skip_lines": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_specification_is_refused_in_words(what: str, tmp_path: Path) -> None:
    path = write(tmp_path, BROKEN[what], "spec.json")
    with pytest.raises(DataError) as refused:
        spec_file.read_spec(path)
    check_sentence(str(refused.value))
    assert "spec.json" in str(refused.value)


def test_a_specification_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(DataError, match=path.name) as refused:
            spec_file.read_spec(path)
        check_sentence(str(refused.value))
