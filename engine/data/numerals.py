"""How numbers are written: decimal mark, marks between thousands, percent and currency signs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_SPACES = " \u00a0\u202f"
_SIGNED = re.compile(r"([+\-\u2212]?)[$€£¥₹]?\s*([+-]?[0-9.,].*?)\s*[%$€£¥₹]?")
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

    def parse(self, cell: str) -> float | None:
        """Return the number that `cell` writes (an infinite one where it is too large for a float); None where it writes none.

        A currency sign before or after the number and a percent sign after it are left out: "12 %" is 12.
        """
        if self.decimal == "." and self.thousands is None and "_" not in cell:
            try:
                number = float(cell)
            except ValueError:
                pass
            else:
                return None if math.isnan(number) else number
        if self._pattern.fullmatch(cell) is None:
            bare = _without_signs(cell)
            if bare == cell or self._pattern.fullmatch(bare) is None:
                return None
            cell = bare
        if self.thousands is not None:
            cell = cell.replace(self.thousands, "")
        return float(cell.replace(self.decimal, "."))


def is_code(cell: str) -> bool:
    """Say whether digits are a code rather than a quantity: leading zeros, or more digits than a float keeps."""
    zeros = cell.startswith(("0", "+0", "-0")) and _LEADING_ZEROS.fullmatch(cell) is not None
    return zeros or (len(cell) > 15 and _LONG_INTEGER.fullmatch(cell) is not None)


def recognise_numerals(cells: Iterable[str], delimiter: str) -> Numerals:
    """Return how the numbers among `cells` are written.

    A number such as "3,5" or "0,125" can only have a decimal comma, "1,234.5" and "1,234,567" only thousands; "1,234" alone is
    either. Where nothing decides, a semicolon between the cells speaks for a decimal comma, anything else for thousands.
    """
    seen = _evidence(cells)
    comma = seen["decimal ,"] > seen["decimal ."] and seen["decimal ,"] >= seen["thousands ,"]
    if not comma and delimiter == ";" and seen["either ,"] and not seen["decimal ."] and not seen["thousands ,"]:
        comma = True
    if comma:
        return Numerals(",", _thousands(seen, "."))
    return Numerals(".", _thousands(seen, ","))


def _thousands(seen: dict[str, int], usual: str) -> str | None:
    if seen[f"thousands {usual}"] or seen[f"either {usual}"]:
        return usual
    others = [mark for mark in "'\u2019" + _SPACES if seen[f"thousands {mark}"]]
    return max(others, key=lambda mark: seen[f"thousands {mark}"], default=None)


def _evidence(cells: Iterable[str]) -> dict[str, int]:
    """Count the cells that can be read in one way only, and those that can be read in two."""
    marks = ".,'\u2019" + _SPACES
    seen = {f"{what} {mark}": 0 for what in ("decimal", "thousands", "either") for mark in marks}
    for cell in cells:
        bare = _without_signs(cell)
        groups = _GROUPS.fullmatch(bare)
        if groups is not None and (groups[2] is None or groups[1] != groups[2]):
            mark, decimal = groups[1], groups[2]
            sure = decimal is not None or bare.count(mark) > 1 or mark not in ".,"
            seen[f"{'thousands' if sure else 'either'} {mark}"] += 1
            if decimal is not None:
                seen[f"decimal {decimal}"] += 1
            continue
        single = _ONE_MARK.fullmatch(bare)
        if single is not None:
            seen[f"decimal {single[2]}"] += 1
    return seen


def _without_signs(cell: str) -> str:
    """Return `cell` without a currency or percent sign, with an ASCII minus."""
    signed = _SIGNED.fullmatch(cell)
    return cell if signed is None else signed[1].replace("\u2212", "-") + signed[2]


def has_sign(text: str) -> bool:
    """Say whether `text` holds a currency or percent sign."""
    return any(sign in text for sign in "%$€£¥₹")
