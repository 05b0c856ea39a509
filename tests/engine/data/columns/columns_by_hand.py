"""Columns from plain lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.cells import CodedText
from engine.data.columns.kinds import describe
from engine.data.columns.suggestion import Column


def numbers(name: str, values: Sequence[float | None]) -> Column:
    """Return a column of numbers, None where one is missing."""
    return describe(name, np.array([np.nan if value is None else value for value in values], dtype=np.float64))


def text(name: str, values: Sequence[str | None]) -> Column:
    """Return a column of text, None where one is missing."""
    levels = tuple(dict.fromkeys(value for value in values if value is not None))
    codes = [-1 if value is None else levels.index(value) for value in values]
    return describe(name, CodedText(np.array(codes, dtype=np.int32), levels))
