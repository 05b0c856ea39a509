"""What there is to say of a column in a few words: its values, its kind, its role."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.data.columns.column import Column
from engine.data.columns.dates import date_text

if TYPE_CHECKING:
    from engine.data.columns.profile import ColumnProfile

KIND_TIPS = {
    "numeric": "Quantities: the network takes the number.",
    "category": "Few different values: one input for each of them.",
    "boolean": "Two values such as yes and no, or 0 and 1.",
    "date": "Dates, times or years, counted as numbers.",
    "text": "Words and sentences: nothing is learned from them.",
    "identifier": "Numbers or names the rows: nothing is learned from it.",
    "constant": "One value only.",
    "empty": "No value.",
}
CHOSEN_KINDS = ("numeric", "category", "boolean", "date", "text", "identifier")
"""Kinds that can be chosen; constant and empty are facts."""

ROLE_TIPS = {
    "target": "What is predicted; one column at most.",
    "feature": "What it is predicted from.",
    "ignore": "Left out.",
}
SHOWN_LEVELS = 3
_DIGITS, _LEAST_GROUPED, _LARGEST_WHOLE = 6, 10_000, 1e9
MIDNIGHT = "00:00"


def number_text(value: float) -> str:
    """Return a number with six significant digits; whole ones in full where they are not huge, years without a mark."""
    if not math.isfinite(value):
        return "not finite"
    size = abs(value)
    if size < _LEAST_GROUPED or size >= _LARGEST_WHOLE:
        text = str(int(value)) if value == int(value) and size < _LEAST_GROUPED else f"{value:.{_DIGITS}g}"
    else:
        n_decimals = 0 if value == int(value) else max(0, _DIGITS - len(str(int(size))))
        text = f"{value:,.{n_decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def exact_text(column: Column, value: float) -> str:
    """Return a value of a column of numbers or dates with every digit it has."""
    if column.unit or (value == int(value) and abs(value) < _LARGEST_WHOLE):
        return value_text(column, value)
    return repr(value).replace("-", "−")


def value_text(column: Column, value: float) -> str:
    """Return a value of a column of numbers or dates."""
    return date_text(value, column.unit) if column.unit else number_text(value)


def on_one_scale(texts: list[str]) -> list[str]:
    """Return dates with the time of day everywhere where one of them has it: midnight is no whole day then."""
    if not any(" " in text and ":" in text for text in texts):
        return texts
    return [f"{text} {MIDNIGHT}" if text and ":" not in text else text for text in texts]


def has_time(column: Column, n_rows: int) -> bool:
    """Return whether one of the first dates of a column has a time of day."""
    return column.unit == "days" and any(":" in column.cell_text(row) for row in range(min(n_rows, column.n_rows)))


def range_of(column: Column, smallest: float, largest: float) -> str:
    """Return the range of a column of numbers or dates."""
    texts = [value_text(column, value) for value in (smallest, largest)]
    return " to ".join(on_one_scale(texts) if column.unit == "days" else texts)


def share_text(count: int, total: int) -> str:
    """Return a share in whole percent; never 0 or 100 where it is not."""
    if not 0 < count < total:
        return "100 %" if count else "0 %"
    percent = 100.0 * count / total
    if percent < 1.0:
        return "< 1 %"
    return "> 99 %" if percent > 99.0 else f"{percent:.0f} %"


def range_text(column: Column, profile: ColumnProfile) -> str:
    """Return what stands beside the little picture: the range of numbers, or the most frequent levels."""
    if shows_levels(profile):
        shown = profile.levels[:SHOWN_LEVELS]
        texts = [f"{level}: {share_text(count, column.present)}" for level, count in shown]
        more = f", {column.distinct - len(shown):,} more" if column.distinct > len(shown) else ""
        return ", ".join(texts) + more
    if profile.smallest is not None and profile.largest is not None and profile.smallest < profile.largest:
        return range_of(column, profile.smallest, profile.largest)
    if profile.kind == "constant" and profile.levels:
        return profile.levels[0][0]
    return f"{column.distinct:,} different values" if column.distinct else ""


def shows_levels(profile: ColumnProfile) -> bool:
    """Return whether the most frequent levels say something about a column: not where almost each row has its own."""
    return bool(profile.levels) and profile.kind not in ("text", "identifier", "constant")


def bar_heights(profile: ColumnProfile) -> tuple[int, ...]:
    """Return the rows of each bar of the little picture: levels or bins; none where there is one value only."""
    if profile.kind == "constant":
        return ()
    return tuple(count for _, count in profile.levels) if shows_levels(profile) else profile.counts


def details(column: Column, profile: ColumnProfile | None) -> str:
    """Return everything there is to say of a column's values, one thing per line."""
    lines = [f"{column.name}: {column.kind}, {column.distinct:,} different values, {column.missing:,} missing"]
    if column.note:
        lines.append(column.note)
    if profile is not None and not profile.levels and profile.smallest is not None and profile.largest is not None:
        lines.append(f"smallest {exact_text(column, profile.smallest)}")
        if profile.mean is not None:
            lines.append(f"mean {value_text(column, profile.mean)}")
        lines.append(f"largest {exact_text(column, profile.largest)}")
    elif profile is not None:
        lines += [f"{level}: {count:,}" for level, count in profile.levels]
        if column.distinct > len(profile.levels):
            lines.append(f"and {column.distinct - len(profile.levels):,} more")
    return "\n".join(lines)
