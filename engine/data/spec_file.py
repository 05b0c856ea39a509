"""An import specification in a file of its own, as JSON."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec, validated_spec
from engine.data.recognition.dialect import recognise

MAX_BYTES = 4 * 1024 * 1024


def read_spec(path: Path | str) -> ImportSpec:
    """Read an import specification.

    Raises
    ------
    DataError
        When the file can't be read, is no JSON, or a field is unknown or has a wrong type or value; the sentence names it.
    """
    path = Path(path)
    return validated_spec(_fields(path), path)


def spec_for(path: Path | str, spec_file: Path | str) -> ImportSpec:
    """Return how to read the file `path`: as `spec_file` says; what it leaves open is recognised.

    Raises
    ------
    DataError
        As :func:`read_spec`, and when the file itself is no table of text.
    """
    fields = _fields(Path(spec_file))
    given = validated_spec(fields, Path(spec_file))
    names = {field.name for field in dataclasses.fields(ImportSpec)}
    if names <= fields.keys():
        return given
    recognised = recognise(path, encoding=given.encoding if "encoding" in fields else None).spec
    return dataclasses.replace(recognised, **{name: getattr(given, name) for name in names & fields.keys()})


def _fields(path: Path) -> dict[str, Any]:
    """Return what a file of JSON holds."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        what = f"the import specification can't be read ({error.strerror})"
        raise DataError(what, path=path, remedy="check its name and your rights") from error
    if len(content) > MAX_BYTES:
        raise DataError("the file is too large for an import specification", path=path, remedy="choose another file")
    try:
        fields = json.loads(content, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        what = "this is no import specification, which is JSON"
        raise DataError(what, path=path, line=line, remedy="choose a file that was saved as one") from error
    if not isinstance(fields, dict):
        raise DataError("an import specification is an object of JSON", path=path, remedy="choose a file that was saved as one")
    return fields


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of JSON, in which a field may be given only once."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field is given twice")
    return fields


def write_spec(spec: ImportSpec, path: Path | str) -> None:
    """Write an import specification; a file that is there is replaced by a complete new one.

    Raises
    ------
    DataError
        When the file can't be written.
    """
    path = Path(path)
    content = json.dumps(spec.as_dict(), indent=2, ensure_ascii=False) + "\n"
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        what = f"the import specification can't be written ({error.strerror})"
        raise DataError(what, path=path, remedy="choose another folder") from error
