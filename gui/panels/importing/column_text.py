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
_LARGEST_WHOLE = 1e9


def number_text(value: float) -> str:
    """Return a number with four significant digits; whole ones in full where they are not huge."""
    if not math.isfinite(value):
        return "not finite"
    if value == int(value) and abs(value) < _LARGEST_WHOLE:
        return f"{int(value):,}".replace("-", "−")
    text = f"{value:,.4g}" if abs(value) < 10_000 or abs(value) >= _LARGEST_WHOLE else f"{value:,.0f}"
    return text.replace("-", "−")


def value_text(column: Column, value: float) -> str:
    """Return a value of a column of numbers or dates."""
    return date_text(value, column.unit) if column.unit else number_text(value)


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
        texts = [f"{level} {share_text(count, column.present)}" for level, count in shown]
        more = f", {column.distinct - len(shown):,} more" if column.distinct > len(shown) else ""
        return ", ".join(texts) + more
    if profile.smallest is not None and profile.largest is not None and profile.smallest < profile.largest:
        return f"{value_text(column, profile.smallest)} – {value_text(column, profile.largest)}"
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
        lines.append(f"smallest {value_text(column, profile.smallest)}")
        if profile.mean is not None:
            lines.append(f"mean {value_text(column, profile.mean)}")
        lines.append(f"largest {value_text(column, profile.largest)}")
    elif profile is not None:
        lines += [f"{level}: {count:,}" for level, count in profile.levels]
        if column.distinct > len(profile.levels):
            lines.append(f"and {column.distinct - len(profile.levels):,} more")
    return "\n".join(lines)
