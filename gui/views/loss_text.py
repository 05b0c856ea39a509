"""How losses are written: four significant figures, huge ones short, what is missing as a dash."""

from __future__ import annotations

import math

from gui.views.number_text import short_number

_HUGE = 1e6


def loss_text(loss: float | None) -> str:
    """Return a loss for people.

    Examples
    --------
    >>> [loss_text(loss) for loss in (0.0391234, 12.345, 54321.0, 1.23e45, None)]
    ['0.03912', '12.35', '54,321', '1.2e+45', '–']
    """
    if loss is None:
        return "–"
    if loss == 0.0:
        return "0"
    if math.isfinite(loss) and abs(loss) >= _HUGE:
        return f"{loss:.1e}"
    return short_number(loss, digits=4)
