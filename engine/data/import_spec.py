"""How a CSV file is to be read: every field a guess that a person can change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.data.errors import DataError
from engine.data.numerals import Numerals

Kind = Literal["numeric", "category", "boolean", "text", "identifier", "date", "constant", "empty"]
Role = Literal["feature", "target", "ignore"]
Compression = Literal["none", "gzip", "zip", "bz2", "xz"]
DateOrder = Literal["year", "day", "month"]

MISSING_TOKENS: tuple[str, ...] = (
    "",
    "?",
    ".",
    "-",
    "--",
    "~",
    "NA",
    "N/A",
    "n/a",
    "N.A.",
    "n.a.",
    "#N/A",
    "NaN",
    "nan",
    "NAN",
    "null",
    "NULL",
    "None",
)


@dataclass(frozen=True)
class ColumnSpec:
    """What a person says of one column.

    Attributes
    ----------
    name : str
        The column's name in the table.
    kind : str or None
        What it holds; None leaves it to be recognised.
    role : {"feature", "target", "ignore"} or None
        What it is for; None leaves it to the suggestion.
    """

    name: str
    kind: Kind | None = None
    role: Role | None = None


@dataclass(frozen=True)
class ImportSpec:
    """How to read a CSV file.

    Attributes
    ----------
    encoding : str
        Name of a Python codec.
    compression : {"none", "gzip", "zip", "bz2", "xz"}
        A zip archive holds one member.
    delimiter : str
        The character between cells; a space stands for any run of spaces and tabs.
    quote : str or None
        The quotation mark; None where quotation marks have no meaning.
    escape : str or None
        What stands before a quotation mark that is part of a quoted cell; None where such marks are doubled.
    decimal : str
        The mark before a fraction.
    thousands : str or None
        The mark between groups of three digits.
    header : bool
        Whether the first row names the columns.
    skip_lines : int
        Lines before the table: a "sep=;" line, comments, a title.
    comment : str or None
        What starts a line that is no row; None where no line is a comment.
    footer_lines : int
        Lines after the table: totals, sources, remarks.
    missing : tuple of str
        What stands for a missing value.
    date_order : {"year", "day", "month"}
        What comes first in a date such as 03/04/2021.
    columns : tuple of ColumnSpec
        What a person says of single columns; those not named are recognised.
    """

    encoding: str = "utf-8"
    compression: Compression = "none"
    delimiter: str = ","
    quote: str | None = '"'
    decimal: str = "."
    thousands: str | None = None
    header: bool = True
    skip_lines: int = 0
    comment: str | None = None
    footer_lines: int = 0
    missing: tuple[str, ...] = MISSING_TOKENS
    date_order: DateOrder = "year"
    columns: tuple[ColumnSpec, ...] = ()
    escape: str | None = None

    @property
    def numerals(self) -> Numerals:
        """How numbers are written."""
        return Numerals(self.decimal, self.thousands)

    def check(self, path: Path | str | None = None) -> None:
        """Refuse fields that make no sense, alone or together.

        Raises
        ------
        DataError
            The sentence names the field.
        """
        for field, (holds, allowed) in _RULES.items():
            value = getattr(self, field)
            if not holds(value):
                raise _wrong(path, field, f"is {value!r}", allowed)
        marks = {"quote": self.quote, "comment": self.comment, "escape": self.escape}
        for field, mark in marks.items():
            if mark is not None and mark[0] in (self.delimiter, *("" if field == "quote" else self.quote or "")):
                raise _wrong(path, field, f"is {mark!r}, which is the delimiter or the quotation mark", "choose another")
        if self.thousands is not None and self.thousands == self.decimal:
            raise _wrong(path, "thousands", f"is {self.thousands!r}, which is the decimal mark", "choose another")
        names = [column.name for column in self.columns]
        twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
        if twice is not None:
            raise _wrong(path, "columns", f"name the column {twice!r} twice", "name it once")

    def as_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        fields = dataclasses.asdict(self)
        return {**fields, "missing": list(self.missing), "columns": [dict(column) for column in fields["columns"]]}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> ImportSpec:
        """Return the spec that :meth:`as_dict` wrote; a field that is not there has its default.

        Raises
        ------
        DataError
            When a field is unknown, or has a wrong type or value; the sentence names it.
        """
        return validated_spec(fields)


def validated_spec(fields: Any, path: Path | str | None = None) -> ImportSpec:
    """Return the spec with these fields, read from the file `path`; see :meth:`ImportSpec.from_dict`."""
    import json

    from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

    strict = with_config(ConfigDict(extra="forbid", strict=True))
    strict(ColumnSpec)
    try:
        spec = TypeAdapter(strict(ImportSpec)).validate_json(json.dumps(fields))
    except ValidationError as error:
        raise _invalid(error.errors()[0], path) from error
    except (TypeError, ValueError) as error:
        raise _wrong(path, "the import specification", "is no object of fields", "give one as JSON") from error
    spec.check(path)
    return spec


def _invalid(error: Any, path: Path | str | None) -> DataError:
    """Return pydantic's report as one sentence: the field, what was given, what is allowed."""
    places = [str(place + 1) if isinstance(place, int) else place for place in error["loc"]]
    field = " ".join(places)
    if error["type"] == "unexpected_keyword_argument":
        return _wrong(path, field, "is no field of an import specification", _known_fields(places))
    if error["type"] in ("missing", "missing_argument"):
        return _wrong(path, field, "is not given", "give it")
    if not field:
        return _wrong(path, "the import specification", "is no object of fields", "give one as JSON")
    message = error["msg"][:1].lower() + error["msg"][1:]
    return _wrong(path, field, f"is {error['input']!r}"[:80], message)


def _known_fields(places: list[str]) -> str:
    known = dataclasses.fields(ColumnSpec if len(places) > 1 else ImportSpec)
    return "the fields are " + ", ".join(field.name for field in known)


def _wrong(path: Path | str | None, field: str, what: str, remedy: str) -> DataError:
    return DataError(f"{field} {what}", path=path, remedy=remedy)


def is_delimiter(value: str) -> bool:
    """Say whether a character can stand between cells: a letter, a digit or a quotation mark can't."""
    return value == "\t" or (len(value) == 1 and value.isprintable() and not value.isalnum() and value not in "\"'")


def _is_quote(value: str | None) -> bool:
    return value is None or (
        len(value) == 1 and value.isascii() and value.isprintable() and not value.isalnum() and value != " "
    )


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "delimiter": (is_delimiter, "give one character such as a comma, a semicolon, a tab, a bar or a space"),
    "quote": (_is_quote, "give one character such as a double quotation mark, or null"),
    "escape": (lambda value: value is None or value == "\\", "give a backslash or null"),
    "decimal": (lambda value: value in (".", ","), "give a point or a comma"),
    "thousands": (
        lambda value: value is None or (len(value) == 1 and value in ",.' \u00a0\u202f\u2019_"),
        "give one mark or null",
    ),
    "skip_lines": (lambda value: value >= 0, "give a number from 0 on"),
    "footer_lines": (lambda value: value >= 0, "give a number from 0 on"),
    "comment": (
        lambda value: value is None or (0 < len(value) <= 8 and value.isascii() and value.strip() == value),
        "give a mark or null",
    ),
    "encoding": (lambda value: bool(value) and value.isprintable(), "give the name of an encoding"),
}
