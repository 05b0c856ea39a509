"""Recognising the rest of how a file is written, where a person has said some of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.data.recognition import dialect
from engine.data.recognition.dialect import Recognition
from engine.data.recognition.sample import first_lines, read_sample


def recognise_rest(
    path: Path | str,
    given: Mapping[str, Any],
    known: Recognition | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Recognition:
    """Recognise how a CSV file is written apart from the fields that are given.

    Parameters
    ----------
    path : path or str
    given : mapping of str to object
        Field of the import specification -> its value.
    known : Recognition, optional
        What was recognised before: its encoding saves reading the whole file again.
    cancelled : callable, optional
        Asked now and then.

    Returns
    -------
    Recognition
        The given fields are in its spec, and have no reason.

    Raises
    ------
    DataError
        When the file is no table so.
    ReadingCancelled
        When `cancelled` returned True.
    """
    path = Path(path)
    before = None if known is None else known.spec.encoding
    found = _held(dialect._characters(path, given.get("encoding", before), cancelled), given)
    if known is not None and "encoding" not in given:
        found = found.with_guess({"encoding": known.reasons.get("encoding", "")})
    lines = first_lines(path, found.spec)
    found = _held(dialect._marks(found, path, lines), given)
    found = _held(dialect._titles(found, path), given)
    found = _held(dialect._numbers_and_header(found, path, lines), given)
    found = _held(dialect._footer(found, path), given)
    return _held(dialect._missing_and_dates(found, read_sample(path, found.spec)), given)


def _held(found: Recognition, given: Mapping[str, Any]) -> Recognition:
    """Return the recognition with the given fields, whatever was guessed in their place."""
    spec = dataclasses.replace(found.spec, **given)
    if spec.escape is not None and spec.quote is None:
        spec = dataclasses.replace(spec, escape=None)
    return Recognition(spec, {name: why for name, why in found.reasons.items() if name not in given})
