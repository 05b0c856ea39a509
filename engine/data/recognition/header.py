"""Whether the first row names the columns, how many columns there are, and what they are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.data.numerals import Numerals

MAX_COLUMNS = 8192
NAME_OVER_NUMBERS = 3
NUMBER_OVER_NUMBERS = -1
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DATE_OR_TIME = re.compile(r"[0-9]{1,4}[-/.:][0-9]{1,2}[-/.:][0-9]{1,4}.*")


@dataclass(frozen=True)
class Layout:
    """The columns of a file.

    Attributes
    ----------
    names : tuple of str
        One for each column, all different, none empty.
    renamed : tuple of str
        What was done to the names, a phrase each.
    """

    names: tuple[str, ...]
    renamed: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.names)


def has_header(rows: Sequence[Sequence[str]], numerals: Numerals, missing: Sequence[str]) -> bool:
    """Say whether the first of `rows` names the columns; see :func:`explain_header`."""
    return explain_header(rows, numerals, missing)[0]


def explain_header(rows: Sequence[Sequence[str]], numerals: Numerals, missing: Sequence[str]) -> tuple[bool, str]:
    """Say whether the first of `rows` names the columns, and why.

    Each column of numbers (or dates) votes: a word above it speaks for a header with weight 3, a number above it against one
    with weight 1. A lone year above numbers that are no years ("2015") does not vote, nor do numbers that count the columns
    beside a word ("label, 1, 2, 3"). Where no column votes, the first row is a header when its cells are all different and none
    of them occurs again below.
    """
    if not rows:
        return False, "There is no row."
    first, body = rows[0], rows[1:]
    absent = frozenset(missing)
    votes = [_vote(cell, _column(body, index, absent), numerals, absent) for index, cell in enumerate(first)]
    words, numbers = votes.count(NAME_OVER_NUMBERS), votes.count(NUMBER_OVER_NUMBERS)
    if words and _counts_up(first, numerals):
        return True, "The first row has a word, and numbers that count the columns."
    if _counts_up(first, numerals, all_of_them=True) and _has_words(body, numerals, absent):
        return True, "The first row counts the columns, and some of them hold words."
    if sum(votes) > 0:
        return True, f"The first row has words above {words:,} {'column' if words == 1 else 'columns'} of numbers or dates."
    if any(votes):
        return False, f"The first row has numbers above {numbers:,} {'column' if numbers == 1 else 'columns'} of numbers."
    if _looks_like_names(first, body, numerals, absent):
        return True, "The cells of the first row are all different, and none of them occurs again below."
    return False, "The first row looks like the rows below."


def modal_width(widths: Sequence[int]) -> int:
    """Return the most frequent width; the larger where two are equally frequent."""
    counts = Counter(widths)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def layout_of(rows: Sequence[Sequence[str]], *, header: bool) -> Layout:
    """Return the columns of a file that starts with `rows`.

    Delimiters at the end of the rows make no columns. Where the rows are one cell wider than the header, the first column is
    the one without a name (as written by R).
    """
    body = rows[1:] if header else rows
    body_width = width_without_empty_end(body)
    if not header:
        return Layout(tuple(f"column {index}" for index in range(1, body_width + 1)))
    names = [name.replace("\n", " ").strip() for name in rows[0]]
    while len(names) > max(body_width, 1) and not names[-1]:
        names.pop()
    if body and body_width == len(names) + 1:
        names.insert(0, "")
    names += [""] * (body_width - len(names))
    layout = _tidy(names)
    broken = [repr(name.replace("\n", " ").strip()) for name in rows[0] if "\n" in name]
    return Layout(
        layout.names, (*layout.renamed, *(f"the line break in the name {name} was replaced by a space" for name in broken))
    )


def _vote(cell: str, below: list[str], numerals: Numerals, missing: frozenset[str]) -> int:
    if not below or cell in missing or not _mostly(below, lambda text: _is_typed(text, numerals)):
        return 0
    if not _is_typed(cell, numerals):
        return NAME_OVER_NUMBERS
    if _YEAR.fullmatch(cell) and not _mostly(below, lambda text: _YEAR.fullmatch(text) is not None):
        return 0
    return NUMBER_OVER_NUMBERS


def _has_words(body: Sequence[Sequence[str]], numerals: Numerals, missing: frozenset[str]) -> bool:
    columns = (_column(body, index, missing) for index in range(modal_width([len(row) for row in body])))
    return any(cells and not any(_is_typed(cell, numerals) for cell in cells) for cells in columns)


def _counts_up(cells: Sequence[str], numerals: Numerals, *, all_of_them: bool = False) -> bool:
    numbers = [number for cell in cells if (number := numerals.parse(cell)) is not None]
    if all_of_them and len(numbers) < len(cells):
        return False
    return len(numbers) > 1 and numbers[0] in (0.0, 1.0) and numbers == [numbers[0] + step for step in range(len(numbers))]


def _looks_like_names(first: Sequence[str], body: Sequence[Sequence[str]], numerals: Numerals, missing: frozenset[str]) -> bool:
    filled = [cell for cell in first if cell not in missing]
    if not filled or len(set(filled)) < len(filled):
        return False
    words = [cell for cell in filled if not _is_typed(cell, numerals)]
    if len(words) < len(filled) and not all(_YEAR.fullmatch(cell) for cell in filled if cell not in words):
        return False
    return not any(cell in _column(body, index, missing) for index, cell in enumerate(first) if cell not in missing)


def _column(rows: Sequence[Sequence[str]], index: int, missing: frozenset[str]) -> list[str]:
    return [row[index] for row in rows if index < len(row) and row[index] not in missing]


def _mostly(cells: list[str], rule: Callable[[str], bool]) -> bool:
    return sum(rule(cell) for cell in cells) >= 0.8 * len(cells)


def _is_typed(cell: str, numerals: Numerals) -> bool:
    return numerals.parse(cell) is not None or _DATE_OR_TIME.fullmatch(cell) is not None


def width_without_empty_end(rows: Sequence[Sequence[str]]) -> int:
    """Return the most frequent width; cells at the end that are empty in every row do not count."""
    width = modal_width([len(row) for row in rows])
    while width > 1 and not any(row[width - 1] for row in rows if len(row) >= width):
        width -= 1
    return width


def _tidy(names: list[str]) -> Layout:
    """Give every column a name of its own."""
    tidy: dict[str, None] = {}
    renamed: list[str] = []
    for index, given in enumerate(names, start=1):
        name = given or f"column {index}"
        base, copy = name, 2
        while name in tidy:
            name, copy = f"{base} ({copy})", copy + 1
        if name != given:
            reason = f"the name {given!r} of column {index} was taken" if base == given else f"column {index} had no name"
            renamed.append(f"{reason}: it is called {name!r}")
        tidy[name] = None
    return Layout(tuple(tidy), tuple(renamed))
