"""Random columns: what a cell is worth, and how a file writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import numpy as np

from engine.data.import_spec import MISSING_TOKENS, ImportSpec, Kind
from tests.engine.data.whole_files.corpus import Cell

Random = np.random.Generator
Choice = TypeVar("Choice")

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNS = "0123456789 .,;:|!?'\"#%&/()[]{}=*+-_<>@$\\`~^"
BEYOND_ASCII = {
    "cp1252": "äöüßéèñçÅØÆ€“”…",
    "koi8-r": "абвгдежзиклмнопрст",
    "gb18030": "北京上海é😀",
    "shift_jis": "東京表示ソ",
}
ANY_SCRIPT = "äöüßéñ€ЖΩא你好한😀\u2028\u0085\x0b\x0c"
WORDS = ("red", "green", "light blue", "dark-blue", "yes please", "grey (2)", "a/b", "O'Neill", "Ms. X", "no. 5")


@dataclass(frozen=True)
class Style:
    """How a file is written: what an import specification says, and what it leaves open."""

    spec: ImportSpec
    line_end: str
    quote_all: bool
    sep_line: bool
    preamble: int
    trailing: str  # "none", "all rows", "data rows"
    comments_amid: bool
    blank_lines: bool
    recognisable: bool

    @property
    def letters(self) -> str:
        """Characters for text beside the Latin ones."""
        return BEYOND_ASCII.get(self.spec.encoding, ANY_SCRIPT)


@dataclass
class RandomColumn:
    """A column's kind, its cells as they are written and as they have to be read."""

    kind: Kind
    written: list[str]
    cells: list[Cell]
    signs: bool = False
    days: list[float | None] | None = None


def chance(random: Random, share: float) -> bool:
    return bool(random.random() < share)


def one_of(random: Random, choices: Sequence[Choice]) -> Choice:
    return choices[int(random.integers(len(choices)))]


def marked(style: Style, plain: str) -> str:
    """Return a number as the file writes it; `plain` has "," for thousands and "." for fractions, as Python writes them."""
    spec = style.spec
    return "".join({",": spec.thousands or "", ".": spec.decimal}.get(character, character) for character in plain)


def whole(random: Random, style: Style, n_rows: int) -> RandomColumn:
    numbers = random.integers(-(10**7), 10**7, n_rows).tolist()
    return RandomColumn("numeric", [marked(style, f"{number:,}") for number in numbers], [float(n) for n in numbers])


def fraction(random: Random, style: Style, n_rows: int) -> RandomColumn:
    digits = int(random.integers(1, 3) if style.recognisable else random.integers(1, 8))
    plain = [f"{number:,.{digits}f}" for number in random.uniform(1000, 9_999_999, n_rows)]
    return RandomColumn("numeric", [marked(style, text) for text in plain], [float(text.replace(",", "")) for text in plain])


def scientific(random: Random, style: Style, n_rows: int) -> RandomColumn:
    plain = [
        f"{mantissa:.{random.integers(1, 9)}e}" for mantissa in random.normal(size=n_rows) * 10.0 ** random.integers(-200, 200)
    ]
    return RandomColumn("numeric", [marked(style, text) for text in plain], [float(text) for text in plain])


def exact(random: Random, style: Style, n_rows: int) -> RandomColumn:
    numbers = (random.normal(size=n_rows) * 10.0 ** random.integers(-5, 5)).tolist()
    return RandomColumn("numeric", [marked(style, repr(number)) for number in numbers], numbers)


def percent(random: Random, style: Style, n_rows: int) -> RandomColumn:
    sign = one_of(random, ["%", " %"])
    plain = [f"{number:.1f}" for number in random.uniform(-10, 110, n_rows)]
    return RandomColumn("numeric", [marked(style, text) + sign for text in plain], [float(text) for text in plain], signs=True)


def currency(random: Random, style: Style, n_rows: int) -> RandomColumn:
    sign = one_of(random, ["$"] if style.spec.encoding in BEYOND_ASCII else ["$", "€", "£", "¥"])
    plain = [f"{number:,.2f}" for number in random.uniform(0, 99_999, n_rows)]
    written = [marked(style, text) for text in plain]
    written = [f"{sign}{text}" for text in written] if chance(random, 0.5) else [f"{text} {sign}" for text in written]
    return RandomColumn("numeric", written, [float(text.replace(",", "")) for text in plain], signs=True)


def category(random: Random, style: Style, n_rows: int) -> RandomColumn:
    words = [word for word in WORDS if can_stand(word, style)][: int(random.integers(2, 6))]
    cells = [one_of(random, words) for _ in range(n_rows)]
    return RandomColumn("category", cells, list(cells))


def beyond_ascii(random: Random, style: Style, n_rows: int) -> RandomColumn:
    cells = [f"{one_of(random, 'ABCD')}{one_of(random, 'äöüé')}n" for _ in range(n_rows)]
    return RandomColumn("category", cells, list(cells))


def boolean(random: Random, style: Style, n_rows: int) -> RandomColumn:
    pair = one_of(random, [("true", "false"), ("True", "False"), ("TRUE", "FALSE"), ("yes", "no"), ("Y", "N"), ("t", "f")])
    cells = [pair[n % 2] if n < 2 else one_of(random, pair) for n in range(n_rows)]
    return RandomColumn("boolean", cells, list(cells))


def dates(random: Random, style: Style, n_rows: int) -> RandomColumn:
    forms = {"year": ["%Y-%m-%d", "%Y/%m/%d"], "day": ["%d.%m.%Y", "%d/%m/%Y"], "month": ["%m/%d/%Y"]}
    form = one_of(random, ["%Y-%m-%d"] if style.recognisable else forms[style.spec.date_order])
    days = random.integers(-20_000, 40_000, n_rows).tolist()
    cells = [(date(1970, 1, 1) + timedelta(days=day)).strftime(form) for day in days]
    return RandomColumn("date", cells, list(cells), days=[float(day) for day in days])


def codes(random: Random, style: Style, n_rows: int) -> RandomColumn:
    if chance(random, 0.5):
        cells = [f"{number:06d}" for number in random.integers(0, 99_999, n_rows).tolist()]
    else:
        cells = [str(10**19 + number) for number in random.integers(0, 10**18, n_rows).tolist()]
    return RandomColumn("identifier", cells, list(cells))


LOOKS_LIKE = (
    "1e5",
    "007",
    "+5",
    "5 %",
    "$2",
    "inf",
    "1.50",
    "TRUE",
    "2021-02-30",
    "0x1F",
    "=1+1",
    "'x'",
    '"',
    '""',
    "\\",
    "a\\",
    "#x",
)


def texts(random: Random, style: Style, n_rows: int) -> RandomColumn:
    cells = [text_cell(random, style) for _ in range(n_rows)]
    return RandomColumn("text", cells, list(cells))


def text_cell(random: Random, style: Style) -> str:
    while True:
        if not style.recognisable and chance(random, 0.2):
            text = one_of(random, LOOKS_LIKE)
        else:
            pools = [LATIN, LATIN, SIGNS, style.letters, "\n"]
            characters = [one_of(random, one_of(random, pools)) for _ in range(int(random.integers(1, 15)))]
            text = one_of(random, LATIN) + one_of(random, LATIN) + "".join(characters)
        if text == text.strip() and can_stand(text, style):
            return text


def can_stand(text: str, style: Style) -> bool:
    """Say whether a cell of this text means one thing only; the rules stand at the head of the file."""
    spec = style.spec
    forbidden = {"\t"} if spec.delimiter == " " else set()
    if spec.quote is None:
        forbidden |= {spec.delimiter, "\n"}
    if style.recognisable and spec.quote == "'":
        forbidden |= {'"'}
    marked_as_comment = (style.comments_amid or style.recognisable) and text.startswith("#")
    return not forbidden & set(text) and not marked_as_comment and text not in {*spec.missing, *MISSING_TOKENS}
