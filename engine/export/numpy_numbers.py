"""How the script of a run reads numbers: as the file it learned from writes them."""

from __future__ import annotations

from textwrap import wrap

from engine.data.numerals import CURRENCY_CODES, CURRENCY_SIGNS

_NUMBERS = r'''POINT, GROUP = re.escape(DECIMAL), re.escape(THOUSANDS or "")
WHOLE = rf"([0-9]{{1,3}}({GROUP}[0-9]{{3}})+|[0-9]+)" if GROUP else "[0-9]+"
NUMBER = re.compile(rf"[+-]?({WHOLE}({POINT}[0-9]*)?|{POINT}[0-9]+)([eE][+-]?[0-9]+)?")
SIGNS = (
<signs>
).split()
SIGN, SPACE = "|".join(map(re.escape, SIGNS)), "[ \u00a0\u202f]*"
SIGNED = re.compile(rf"(\()?([+\-\u2212]?)({SIGN})?{SPACE}([+\-\u2212]?[0-9.,].*?){SPACE}(%|{SIGN})?(\))?")


def number(cell):
    """Return the number that a cell writes, signs of money and percent left out, less than 0 in brackets; None for none."""
    signed = None if NUMBER.fullmatch(cell) else SIGNED.fullmatch(cell)
    if signed:
        opened, minus, _, digits, _, closed = signed.groups()
        if bool(opened) != bool(closed) or (opened and (minus or digits[0] in "+-\u2212")):
            return None
        cell = (("-" if opened else minus) + digits).replace("\u2212", "-")
    if not NUMBER.fullmatch(cell):
        return None
    value = float(cell.replace(THOUSANDS or "", "").replace(DECIMAL, "."))
    return value if np.isfinite(value) else None'''

_SIGNS = "\n".join(f'    "{line} "' for line in wrap(" ".join((*CURRENCY_SIGNS, *CURRENCY_CODES)), 108))

NUMBERS = _NUMBERS.replace("<signs>", _SIGNS)
"""The function `number`; it needs re and the constants at the top of the script."""
