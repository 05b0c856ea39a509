"""What a person should know of a column before it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from engine.data.cells import CodedText
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
        leak = search.sentence(column) if search is not None and column is not wanted else ""
        found[column.name] = tuple(filter(None, [*_sentences(column), leak]))
    return found


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
