"""How numbers are written: decimal mark, marks between thousands, percent and currency signs, brackets for a minus."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

__all__ = [
    "OUTER_SPACES",
    "Guess",
    "Numerals",
    "doubt_about",
    "guess_numerals",
    "is_code",
    "may_have_signs",
    "recognise_numerals",
    "signs_in",
]

OUTER_SPACES = " \t\n\r\f\v\u00a0"
"""Spaces around a cell that are no part of it."""
MAX_INTEGER_DIGITS = 300
CURRENCY_CODES = (
    "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "ISK", "PLN", "CZK",
    "HUF", "RON", "BGN", "TRY", "RUB", "UAH", "BRL", "MXN", "ARS", "CLP", "COP", "ZAR", "EGP", "NGN", "KES", "KRW",
    "TWD", "HKD", "SGD", "MYR", "THB", "IDR", "PHP", "VND", "ILS", "AED", "SAR",
)  # fmt: skip
CURRENCY_SIGNS = ("US$", "R$", "A$", "C$", "$", "€", "£", "¥", "₹", "₩", "₽", "₺", "₪", "zł", "Kč", "kr")

_CURRENCY = "|".join(re.escape(sign) for sign in (*CURRENCY_SIGNS, *CURRENCY_CODES))
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_SPACE = "[ \u00a0\u202f]*"
_MARKS = ".,'\u2019 \u00a0\u202f"
_SIGNED = re.compile(
    rf"(?P<open>\()?(?P<minus>[+\-\u2212]?)(?P<before>{_CURRENCY})?{_SPACE}(?P<number>[+\-\u2212]?[0-9.,].*?)"
    rf"{_SPACE}(?P<after>%|{_CURRENCY})?(?P<close>\))?"
)
_UNSIGNED = re.compile(r"[0-9.,eE+\-\n]*")
_LEADING_ZEROS = re.compile(r"[+-]?0[0-9]+")
_LONG_INTEGER = re.compile(r"[+-]?[0-9]{16,}")
_ONE_MARK = re.compile(r"[+-]?([0-9]+)([.,])([0-9]+)" + _EXPONENT)
_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:([.,'\u2019 \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:([.,])[0-9]+)?")


@dataclass(frozen=True)
class Numerals:
    """The way numbers are written in a file.

    Attributes
    ----------
    decimal : str
        The mark before the fraction, a point or a comma.
    thousands : str or None
        The mark between groups of three digits.
    """

    decimal: str = "."
    thousands: str | None = None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        point = re.escape(self.decimal)
        whole = "[0-9]+"
        if self.thousands is not None:
            whole = f"[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+|[0-9]+"
        return re.compile(rf"[+-]?(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+){_EXPONENT}")

    @cached_property
    def _many(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{self._pattern.pattern}\n)*")

    def parse(self, cell: str) -> float | None:
        """Return the number that `cell` writes (an infinite one where it is too large for a float); None where it writes none.

        A currency sign before or after the number and a percent sign after it are left out: "12 %" is 12. A number in brackets
        is negative, as accountants write it.
        """
        plain = _plain(cell)
        if plain is not None and (self.decimal == "." or plain in (math.inf, -math.inf)):
            return None if math.isnan(plain) else plain
        if self._pattern.fullmatch(cell) is None:
            bare = _without_signs(cell)
            if bare == cell or self._pattern.fullmatch(bare) is None:
                return None
            cell = bare
        return self._float(cell)

    def parse_all(self, cells: Sequence[str]) -> list[float | None]:
        """Return the number of each cell as :meth:`parse` does, quickly where all of them are plain numbers."""
        if cells and self._many.fullmatch("\n".join(cells) + "\n"):
            return [self._float(cell) for cell in cells]
        return [self.parse(cell) for cell in cells]

    def _float(self, cell: str) -> float:
        if self.thousands is not None:
            cell = cell.replace(self.thousands, "")
        return float(cell if self.decimal == "." else cell.replace(self.decimal, "."))


class Guess(NamedTuple):
    """How the numbers of a file are written, and why.

    Attributes
    ----------
    numerals : Numerals
    decimal_reason, thousands_reason : str
        A sentence each.
    """

    numerals: Numerals
    decimal_reason: str
    thousands_reason: str


def is_code(cell: str) -> bool:
    """Say whether digits are a code rather than a quantity: leading zeros, or more digits than a float keeps."""
    if cell.startswith(("0", "+0", "-0")) and _LEADING_ZEROS.fullmatch(cell) is not None:
        return True
    if len(cell) <= 15 or _LONG_INTEGER.fullmatch(cell) is None:
        return False
    return len(cell) > MAX_INTEGER_DIGITS or int(float(cell)) != int(cell)


def signs_in(cell: str) -> tuple[str, ...]:
    """Return the currency and percent signs of a number, and "()" for brackets."""
    signed = _SIGNED.fullmatch(cell)
    if signed is None:
        return ()
    brackets = "()" if signed["open"] and signed["close"] else None
    return tuple(sign for sign in (signed["before"], signed["after"], brackets) if sign)


def may_have_signs(cells: Sequence[str]) -> bool:
    """Say, quickly, whether any of `cells` holds more than digits, marks and exponents."""
    return _UNSIGNED.fullmatch("\n".join(cells)) is None


def recognise_numerals(cells: Iterable[str], delimiter: str) -> Numerals:
    """Return how the numbers among `cells` are written; see :func:`guess_numerals`."""
    return guess_numerals(cells, delimiter).numerals


def guess_numerals(cells: Iterable[str], delimiter: str) -> Guess:
    """Return how the numbers among `cells` are written, and why.

    A number such as "3,5" or "0,125" can only have a decimal comma, "1,234.5" and "1,234,567" only thousands; "1,234" alone is
    either. Where nothing decides, a semicolon between the cells speaks for a decimal comma, anything else for thousands; alone,
    "1.234" has a decimal point.
    """
    seen = _Evidence()
    for cell in cells:
        seen.add(cell)
    points, commas = seen.count("decimal", "."), seen.count("decimal", ",")
    comma = commas >= max(seen.count("thousands", ","), points + (delimiter != ";"), 1)
    undecided = not points and not commas and not seen.count("thousands", ",") and not seen.count("thousands", ".")
    if undecided and delimiter == ";" and seen.count("either", ","):
        comma = True
    decimal, usual = (",", ".") if comma else (".", ",")
    thousands = _thousands(seen, usual, either=not (comma and undecided) and not seen.count("decimal", usual))
    return Guess(
        Numerals(decimal, thousands),
        _decimal_reason(seen, decimal, delimiter, undecided=undecided),
        _thousands_reason(seen, thousands, undecided=undecided),
    )


def doubt_about(cells: Iterable[str], numerals: Numerals) -> str:
    """Return a phrase about numbers that `numerals` reads in one way though another is possible; empty without any."""
    seen = _Evidence()
    for cell in cells:
        seen.add(cell)
    for mark, other in ((",", "."), (".", ",")):
        decided = any(seen.count(what, sign) for what in ("decimal", "thousands") for sign in (mark, other))
        example = seen.example("either", mark)
        read = numerals.parse(example) if example and not decided else None
        if read is not None:
            whole, fraction = example.replace(mark, ""), example.replace(mark, ".")
            return f"{example!r} is read as {whole if read == float(whole) else fraction}, and could also be " + (
                fraction if read == float(whole) else whole
            )
    return ""


class _Evidence:
    """Counts the cells that can be read in one way only, and those that can be read in two; keeps an example of each."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._examples: dict[tuple[str, str], str] = {}

    def add(self, cell: str) -> None:
        bare = _without_signs(cell)
        groups = _GROUPS.fullmatch(bare)
        if groups is not None and (groups[2] is None or groups[1] != groups[2]):
            mark, decimal = groups[1], groups[2]
            sure = decimal is not None or bare.count(mark) > 1 or mark not in ".,"
            self._note("thousands" if sure else "either", mark, bare)
            if decimal is not None:
                self._note("decimal", decimal, bare)
            return
        single = _ONE_MARK.fullmatch(bare)
        if single is not None:
            self._note("decimal", single[2], bare)

    def count(self, what: str, mark: str) -> int:
        return self._counts.get((what, mark), 0)

    def example(self, what: str, mark: str) -> str:
        return self._examples.get((what, mark), "")

    def _note(self, what: str, mark: str, cell: str) -> None:
        self._counts[what, mark] = self.count(what, mark) + 1
        self._examples.setdefault((what, mark), cell)


def _thousands(seen: _Evidence, usual: str, *, either: bool) -> str | None:
    if seen.count("thousands", usual) or (either and seen.count("either", usual)):
        return usual
    others = [mark for mark in "'\u2019 \u00a0\u202f" if seen.count("thousands", mark)]
    return max(others, key=lambda mark: seen.count("thousands", mark), default=None)


def _decimal_reason(seen: _Evidence, decimal: str, delimiter: str, *, undecided: bool) -> str:
    name = {".": "point", ",": "comma"}[decimal]
    example = seen.example("decimal", decimal)
    if example:
        return f"{example!r} and alike have a decimal {name} ({seen.count('decimal', decimal):,} cells of the first rows)."
    if decimal == ",":
        example = seen.example("either", ",")
        return f"{example!r} may have a decimal comma or thousands; {delimiter!r} as delimiter speaks for the comma."
    if undecided and seen.count("either", ","):
        return (
            f"{seen.example('either', ',')!r} may have a decimal comma or thousands: thousands are taken, and a decimal point."
        )
    return "No number of the first rows has a fraction with a comma."


def _thousands_reason(seen: _Evidence, thousands: str | None, *, undecided: bool) -> str:
    if thousands is None:
        return "No number of the first rows has marks between thousands."
    example = seen.example("thousands", thousands) or seen.example("either", thousands)
    names = {",": "commas", ".": "points", " ": "spaces", "'": "apostrophes", "\u2019": "apostrophes"}
    what = names.get(thousands, "no-break spaces")
    if undecided and thousands in ".,":
        return f"{example!r} may have thousands or a fraction: nothing decides, thousands are taken."
    return f"{example!r} and alike have {what} between groups of three digits."


def _plain(cell: str) -> float | None:
    """Return what Python reads as a float, unless it is an underscore's or another alphabet's number."""
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def _without_signs(cell: str) -> str:
    """Return `cell` without a currency or percent sign or brackets, with an ASCII minus."""
    signed = _SIGNED.fullmatch(cell)
    if signed is None or bool(signed["open"]) != bool(signed["close"]):
        return cell
    number = signed["number"].replace("\u2212", "-")
    sign = signed["minus"].replace("\u2212", "-")
    if signed["open"]:
        sign = "-" if not sign and number[:1] not in "+-" else "?"  # a sign inside of brackets makes no sense
    return sign + number
