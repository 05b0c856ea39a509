"""How a CSV file is to be read: every field a guess that a person can change."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from engine.data.numerals import Numerals

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
class ImportSpec:
    """How to read a CSV file.

    Attributes
    ----------
    encoding : str
        Name of a Python codec.
    delimiter : str
        The character between cells; a space stands for any run of spaces and tabs.
    quote : str or None
        The quotation mark; None where quotation marks have no meaning.
    decimal : str
        The mark before a fraction.
    thousands : str or None
        The mark between groups of three digits.
    header : bool
        Whether the first row names the columns.
    skip_lines : int
        Lines before the table: a "sep=;" line, comments, a title.
    missing : tuple of str
        What stands for a missing value.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    decimal: str = "."
    thousands: str | None = None
    header: bool = True
    skip_lines: int = 0
    missing: tuple[str, ...] = MISSING_TOKENS

    @property
    def numerals(self) -> Numerals:
        """How numbers are written."""
        return Numerals(self.decimal, self.thousands)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return {**dataclasses.asdict(self), "missing": list(self.missing)}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> ImportSpec:
        """Return the spec that :meth:`as_dict` wrote."""
        return cls(**{**fields, "missing": tuple(fields["missing"])})
