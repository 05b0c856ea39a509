import json
from pathlib import Path

import pytest

from engine.data.errors import DataError
from engine.data.import_spec import ColumnSpec, ImportSpec
from engine.data.spec_file import read_spec, write_spec


def test_a_specification_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    first, second = ImportSpec(delimiter=";"), ImportSpec(delimiter="\t", columns=(ColumnSpec("a", "text", "ignore"),))
    write_spec(first, path)
    write_spec(second, path)
    assert read_spec(path) == second
    assert [entry.name for entry in tmp_path.iterdir()] == ["s.json"]
    with pytest.raises(DataError, match="can't be written"):
        write_spec(first, tmp_path / "absent" / "s.json")


def test_fields_that_are_not_given_have_their_defaults(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('{"delimiter": ";", "columns": [{"name": "a"}]}', encoding="utf-8")
    assert read_spec(path) == ImportSpec(delimiter=";", columns=(ColumnSpec("a"),))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"delimeter": ";"},
            "delimeter is no field of an import specification; the fields are encoding, compression, delimiter",
        ),
        ({"columns": [{"name": "a", "sort": 1}]}, "columns 1 sort is no field .*; the fields are name, kind, role"),
        ({"columns": [{"kind": "text"}]}, "columns 1 name is not given; give it"),
        ({"columns": [{"name": "a"}, {"name": "a"}]}, "columns name the column 'a' twice"),
        ({"header": 1}, "header is 1; input should be a valid boolean"),
        ({"compression": "rar"}, "compression is 'rar'; input should be 'none', 'gzip'"),
        ({"quote": ","}, "quote is ','"),
        ({"escape": "!"}, "escape is '!'; give a backslash or null"),
        ({"comment": ","}, "comment is ',', which is the delimiter or the quotation mark"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(fields: dict[str, object], words: str, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    with pytest.raises(DataError, match=rf"^s\.json: {words}"):
        read_spec(path)
    with pytest.raises(DataError):
        ImportSpec.from_dict(fields)
