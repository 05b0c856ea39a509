"""What a person should know of a column before it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from engine.data.cells import CodedText, number_text
from engine.data.columns.column import Column
from engine.data.columns.leaks import LeakSearch
from engine.data.columns.suggestion import task_of

__all__ = ["cautions"]

MAX_MISSING_SHARE = 0.5
MAX_DISTINCT_SHARE = 0.5


def cautions(columns: Sequence[Column], target: str | None) -> dict[str, tuple[str, ...]]:
    """Return sentences on each column, none where nothing is wrong.

    Parameters
    ----------
    columns : sequence of Column
    target : str or None
        The column to predict: the others are looked at for what gives it away.
    """
    wanted = next((column for column in columns if column.name == target), None)
    search = None
    if wanted is not None:
        search = LeakSearch(wanted, classification=task_of(wanted) == "classification", n_columns=len(columns))
    found = {}
    for column in columns:
        if search is None:
            about = ""
        elif column is wanted:
            about = _of_lone_classes(column)
        else:
            about = _of_giving_away(column, search)
        found[column.name] = tuple(filter(None, [*_sentences(column), about]))
    return found


def _of_giving_away(column: Column, search: LeakSearch) -> str:
    copied = search.copied(column)
    return f"A copy of the target: {copied}." if copied else search.sentence(column)


def _of_lone_classes(target: Column) -> str:
    """Return the sentence on classes of one row, which can't be both learned and checked."""
    if task_of(target) != "classification" or target.kind == "identifier":
        return ""
    values = target.values
    present = values.codes[values.codes >= 0] if isinstance(values, CodedText) else values[~np.isnan(values)]
    classes, counts = np.unique(present, return_counts=True)
    lone = classes[counts == 1]
    if not len(lone):
        return ""
    name = values.levels[int(lone[0])] if isinstance(values, CodedText) else number_text(float(lone[0]))
    if len(lone) == 1:
        return f"The class {name!r} has one row only: it is either learned from or checked, never both."
    return f"{len(lone):,} classes such as {name!r} have one row only: they are either learned from or checked, never both."


def _sentences(column: Column) -> Iterator[str]:
    if column.distinct == 0:
        yield "It has no value."
        return
    if column.distinct == 1:
        yield "It has one value only: nothing can be learned from it."
    yield _of_kind(column)
    if column.missing > MAX_MISSING_SHARE * column.n_rows:
        yield f"{column.missing:,} of {column.n_rows:,} values are missing."
    yield column.note
    yield _of_case(column)


def _of_kind(column: Column) -> str:
    texts, distinct, present = isinstance(column.values, CodedText), column.distinct, column.present
    if column.kind == "identifier":
        return "It numbers or names the rows: it says nothing of other rows."
    if column.kind == "date":
        return "Dates are left out unless chosen: rows to come lie beyond those learned from."
    if texts and distinct == present > 2:
        return f"Every one of the {present:,} rows with a value has another one."
    if texts and distinct > MAX_DISTINCT_SHARE * present and present > 2:
        return f"It has {distinct:,} different values in {present:,} rows: few of them come again."
    return ""


def _of_case(column: Column) -> str:
    """Return the sentence on categories that differ in upper and lower case only."""
    if column.kind != "category" or not isinstance(column.values, CodedText):
        return ""
    folded = Counter(level.casefold() for level in column.values.levels)
    alike = [level for level in column.values.levels if folded[level.casefold()] > 1]
    if not alike:
        return ""
    pair = [level for level in alike if level.casefold() == alike[0].casefold()][:2]
    return f"{pair[0]!r} and {pair[1]!r} are taken as two values: they differ in upper and lower case only."
