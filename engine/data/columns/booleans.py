"""Yes and no in the spellings that files use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText

__all__ = ["one_spelling", "truth_of"]

_WORDS = {"yes": True, "no": False, "true": True, "false": False, "on": True, "off": False, "1": True, "0": False}
_LETTERS = ({"y": True, "n": False, "yes": True, "no": False}, {"t": True, "f": False, "true": True, "false": False})
MAX_SPELLINGS = 24


def truth_of(levels: Sequence[str]) -> NDArray[np.bool_] | None:
    """Return which levels say yes; None where they are other words, or where none says yes or none says no.

    Whole words may be mixed, in any case ("True" beside "no" and "YES"). A single letter stands beside its own pair only:
    t and n, or y and f, are likelier to be codes.
    """
    words = {level.casefold() for level in levels[: MAX_SPELLINGS + 1]}
    if len(levels) > MAX_SPELLINGS:
        return None
    known = next((family for family in (_WORDS, *_LETTERS) if words <= family.keys()), None)
    if known is None or len({known[word] for word in words}) < 2:
        return None
    return np.array([known[level.casefold()] for level in levels])


def one_spelling(cells: CodedText, truth: NDArray[np.bool_]) -> CodedText:
    """Return the cells with the most frequent spelling of yes and of no in place of all others."""
    counts = np.bincount(cells.codes[cells.codes >= 0], minlength=len(truth))
    kept = [int(np.argmax(np.where(truth == answer, counts, -1))) for answer in (bool(truth[0]), not truth[0])]
    codes = np.append(np.where(truth == truth[0], 0, 1), -1).astype(np.int32)[cells.codes]
    codes.flags.writeable = False
    return CodedText(codes, tuple(cells.levels[index] for index in kept))
