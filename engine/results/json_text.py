"""JSON that any reader takes: numbers that are not finite become the strings "NaN", "Infinity" and "-Infinity".

JSON has no such numbers, and null would hide which it was; float() in Python and Number() in JavaScript read the strings back.
"""

from __future__ import annotations

import json
from math import isfinite, isnan
from typing import Any

import numpy as np


def json_text(value: Any) -> str:
    """Return `value` as indented JSON, NumPy's numbers and arrays included."""
    return json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Return `value` in JSON's own types."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
