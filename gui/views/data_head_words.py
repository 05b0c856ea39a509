"""What the head of the data panel says: the row chosen, the step of the losses, and what made the order of the rows."""

from __future__ import annotations

from typing import NamedTuple


class HeadWords(NamedTuple):
    """The words in several lengths, longest first, and sentences for the tool tip; none where nothing is to be said."""

    texts: tuple[str, ...]
    tip: str


def head_words(row: int | None, step: int | None, order: str) -> HeadWords:
    """Return the words for the head.

    Parameters
    ----------
    row : int or None
        The 0-based data row chosen.
    step : int or None
        The step of the losses.
    order : str
        What made the order of the rows; empty where it is not worth a word.
    """
    of_row, of_step = _of_row(row), _of_losses(step, order)
    tips = []
    if row is not None:
        name = f"row {row + 1:,}"
        tips.append(f"R{name[1:]} is chosen: Escape, a second click on it or a click on empty ground lets it go.")
    if step is not None:
        tips.append(f"The losses of the rows are those at step {step:,}.")
    if order:
        tips.append(f"The rows are {order}." if order.startswith("sorted") else "The rows are being sorted.")
    both = tuple(f"{of_row[0]} · {words}" for words in of_step[:2]) if of_row else ()
    return HeadWords((*both, *of_row) if of_row else of_step, "\n".join(tips))


def _of_row(row: int | None) -> tuple[str, ...]:
    return () if row is None else (f"row {row + 1:,} · Esc lets it go", f"row {row + 1:,} · Esc", f"row {row + 1:,}")


def _of_losses(step: int | None, order: str) -> tuple[str, ...]:
    shorter = () if step is None else (f"step {step:,}", f"{step:,}")
    if order:
        return (order, order.replace("the losses at ", ""), *shorter)
    return (f"losses at step {step:,}", *shorter) if step is not None else ()
