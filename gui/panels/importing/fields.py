"""The fields of an import specification as a person chooses them: their names, their usual values, how these are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EMPTY_CELL = "(empty)"
"""How the missing value without any character is written in a list."""

DELIMITERS: dict[Any, str] = {",": "comma  ,", ";": "semicolon  ;", "\t": "tab", "|": "bar  |", " ": "spaces"}
QUOTES: dict[Any, str] = {'"': 'double  "', "'": "single  '", None: "none"}
ESCAPES: dict[Any, str] = {None: 'doubled  ""', "\\": 'backslash  \\"'}
DECIMALS: dict[Any, str] = {".": "point  1.5", ",": "comma  1,5"}
THOUSANDS: dict[Any, str] = {
    None: "none",
    ",": "comma  1,000",
    ".": "point  1.000",
    " ": "space  1 000",
    "'": "apostrophe  1'000",
    "_": "underscore  1_000",
}
COMMENTS: dict[Any, str] = {
    None: "none",
    "#": "number sign  #",
    "%": "percent  %",
    "//": "slashes  //",
    "!": "exclamation mark",
}
DATE_ORDERS: dict[Any, str] = {"year": "year first", "day": "day first", "month": "month first"}
COMPRESSIONS: dict[Any, str] = {"none": "none", "gzip": "gzip", "zip": "zip", "bz2": "bzip2", "xz": "xz"}
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "cp1252",
    "latin-1",
    "iso8859-15",
    "cp1250",
    "cp1251",
    "koi8-r",
    "mac-roman",
    "shift_jis",
    "euc-jp",
    "gb18030",
    "big5",
    "euc-kr",
)


@dataclass(frozen=True)
class Field:
    """A field of the import specification.

    Attributes
    ----------
    name : str
        Its name in the specification.
    label, tip : str
    texts : dict
        Usual value -> how it is written for people; empty where values are typed or counted.
    essential : bool
        Whether it is shown before the others are unfolded.
    """

    name: str
    label: str
    tip: str
    texts: dict[Any, str]
    essential: bool = True


FIELDS: tuple[Field, ...] = (
    Field("delimiter", "Columns separated by", "The character between two cells.", DELIMITERS),
    Field("decimal", "Decimal mark", "The mark before a fraction.", DECIMALS),
    Field("header", "First row has names", "Whether the first row names the columns.", {True: "yes", False: "no"}),
    Field("skip_lines", "Skip first lines", "Lines before the table: a title, remarks.", {}),
    Field(
        "missing", "Missing values", f"What stands for a missing value, separated by commas; {EMPTY_CELL}: no character.", {}
    ),
    Field("encoding", "Encoding", "How characters are written as bytes; any name that Python knows can be typed.", {}),
    Field("thousands", "Thousands mark", "The mark between groups of three digits.", THOUSANDS, essential=False),
    Field("quote", "Quotation mark", "What encloses a cell that holds a separator.", QUOTES, essential=False),
    Field("escape", "Marks inside cells", "How a quotation mark inside a quoted cell is written.", ESCAPES, essential=False),
    Field("comment", "Comment mark", "What starts a line that is no row.", COMMENTS, essential=False),
    Field("footer_lines", "Skip last lines", "Lines after the table: totals, sources.", {}, essential=False),
    Field("date_order", "Dates with", "What comes first in a date such as 03/04/2021.", DATE_ORDERS, essential=False),
    Field("compression", "Compression", "How the file is packed; it is told from its content.", COMPRESSIONS, essential=False),
)


def in_words(field: Field, value: Any) -> str:
    """Return how the value of a field is written for people."""
    if field.name == "missing":
        return tokens_text(value)
    return field.texts.get(value, repr(value) if isinstance(value, str) and field.texts else str(value))


def as_a_word(field: Field, value: Any) -> str:
    """Return the value of a field for the middle of a sentence: without the sign shown after its name."""
    return in_words(field, value).partition("  ")[0]


def tokens_text(tokens: tuple[str, ...]) -> str:
    """Return tokens as a list to edit."""
    return ", ".join(token or EMPTY_CELL for token in tokens)


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the tokens of an edited list, each once; nothing between two commas is nothing."""
    parts = (part.strip() for part in text.split(","))
    return tuple(dict.fromkeys("" if part == EMPTY_CELL else part for part in parts if part))
