"""Which column to predict, as what, and from which others: a suggestion with its reasons."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.cells import CodedText
from engine.data.columns.conversion import column_as
from engine.data.columns.kinds import Column, Kind, describe
from engine.data.columns.leaks import LeakSearch
from engine.data.errors import DataError
from engine.data.import_spec import ImportSpec, Role
from engine.data.prepared import Task
from engine.data.table import Table

__all__ = [
    "Column",
    "Suggestion",
    "columns_of",
    "describe_columns",
    "resolve_column",
    "suggest",
    "task_of",
]

MAX_MISSING_SHARE = 0.5
MAX_CODED_CLASSES = 20
MAX_NAMED = 8
_TARGET_NAME = re.compile(r"target|label|labels|class|classes|y|outcome|response|output|result", re.IGNORECASE)
_CLASS_NAME = re.compile(r"target|label|labels|class|classes|y|species|type|category|digit", re.IGNORECASE)
_OUTCOME_WORDS = re.compile(
    r"surviv|species|quality|diagnos|churn|price|value|default|income|salary|cost|score|grade|rating|variety|mpg|fraud|spam"
    r"|digit|disease|target|label|class\b|outcome",
    re.IGNORECASE,
)
_UNNAMED = re.compile(r"column [0-9]+")
_USABLE: tuple[Kind, ...] = ("numeric", "category", "boolean")


@dataclass(frozen=True)
class Suggestion:
    """What to make of a table before anybody has said anything.

    Attributes
    ----------
    target : str or None
        The column to predict; None where no column can be predicted.
    task : {"classification", "regression"} or None
    features : tuple of str
        The columns to predict from.
    reason : str
        Why, in one or two sentences.
    ignored : dict
        Column -> why it is left out.
    """

    target: str | None
    task: Task | None
    features: tuple[str, ...]
    reason: str
    ignored: dict[str, str]


def describe_columns(table: Table) -> tuple[Column, ...]:
    """Return what each column of the table holds: as the table's spec says, recognised where it says nothing.

    Raises
    ------
    DataError
        When a column can't be what the spec says; the sentence names it and what to do.
    """
    several = len(table.names) > 2
    said = {column.name: column.kind for column in table.spec.columns}
    columns = []
    for index, (name, cells) in enumerate(zip(table.names, table.columns, strict=True)):
        kind = said.get(name)
        if kind is None:
            columns.append(describe(name, cells, first=several and index == 0, spec=table.spec))
        else:
            columns.append(column_as(kind, name, cells, table.spec))
    return tuple(columns)


def columns_of(data: Table | Sequence[Column]) -> tuple[Column, ...]:
    """Return the described columns of a table, or the columns themselves."""
    return describe_columns(data) if isinstance(data, Table) else tuple(data)


def suggest(data: Table | Sequence[Column], target: str | None = None, spec: ImportSpec | None = None) -> Suggestion:
    """Suggest a target (unless it is given), its task and the features.

    Every usable column (numbers, categories, yes and no) gets points: 8 when it is called target, label, class, y or alike,
    5 when its name holds the word of a usual outcome (price, quality, species, ...), 3 when it is the last column, 2 when it
    is the first usable one, 1 when it has few classes. The highest sum wins; of equal ones the later column.
    Features are all other usable columns but copies of the target, unless there is nothing else.

    Parameters
    ----------
    data : Table or sequence of Column
    target : str, optional
        The column to predict.
    spec : ImportSpec, optional
        The roles in it win over the points, but not over `target`; the table's own where not given.

    Raises
    ------
    DataError
        When the spec gives two columns the role of the target.
    """
    columns = columns_of(data)
    roles = _roles(data.spec if spec is None and isinstance(data, Table) else spec, columns)
    best, why = _best_target(columns, target, roles)
    if best is None:
        return Suggestion(None, None, (), why, _reasons(columns, None, roles))
    ignored = _reasons(columns, best.name, roles)
    usable = [column for column in columns if column is not best and column.name not in ignored]
    copies = _copies([column for column in usable if column.name not in roles], best, len(columns))
    if len(copies) < len(usable):  # a table of nothing but copies is learned from all the same
        ignored |= copies
    features = tuple(column.name for column in usable if column.name not in ignored)
    reason = f"{best.name}: {why}." if features else _no_features(columns, best, roles)
    return Suggestion(best.name, task_of(best), features, reason, ignored)


def _copies(columns: Sequence[Column], target: Column, n_columns: int) -> dict[str, str]:
    """Return the columns that are the target once more, and how far they are."""
    search = LeakSearch(target, classification=task_of(target) == "classification", n_columns=n_columns)
    found = {column.name: search.copied(column) for column in columns}
    return {name: reason for name, reason in found.items() if reason}


def _no_features(columns: Sequence[Column], target: Column, roles: dict[str, Role]) -> str:
    if len(columns) == 1:
        return f"There is nothing to predict {target.name!r} from: the table has one column only."
    return f"There are no usable features to predict {target.name!r} from: {_kinds(columns, target, roles)}."


def _roles(spec: ImportSpec | None, columns: Sequence[Column]) -> dict[str, Role]:
    names = {column.name for column in columns}
    said = () if spec is None else spec.columns
    roles = {column.name: column.role for column in said if column.role is not None and column.name in names}
    targets = [name for name, role in roles.items() if role == "target"]
    if len(targets) > 1:
        what = f"{targets[0]!r} and {targets[1]!r} are both given the role of the target"
        raise DataError(what, remedy="choose one column to predict")
    return roles


def _best_target(columns: Sequence[Column], target: str | None, roles: dict[str, Role]) -> tuple[Column | None, str]:
    """Return the column to predict and why, or None and why there is none."""
    chosen = next((name for name, role in roles.items() if role == "target"), None) if target is None else target
    if chosen is not None:
        return next(column for column in columns if column.name == chosen), "it was chosen"
    if columns and not columns[0].n_rows:
        return None, "No column can be predicted: the table has no rows, only the names of its columns."
    free = [column for column in columns if column.name not in roles]
    usable = [column for column in free if column.kind in _USABLE and column.present > 0]
    if not usable:
        others = "all others have another role or " if roles else "all "
        return None, f"No column can be predicted: {others}are text, identifiers, dates, constant or empty."
    first = next((column for column in columns if column.kind not in ("identifier", "empty", "constant")), None)
    scores = [(_points(column, first=column is first, last=column is columns[-1]), column) for column in usable]
    points, best = max(reversed(scores), key=lambda scored: sum(scored[0].values()))  # of equal ones the later column
    return best, ", ".join(points) or "no other column is more likely"


def task_of(column: Column) -> Task:
    """Return the task that a target column suggests.

    Categories and yes-or-no columns are classes. Numbers are classes when there are only two different whole ones, or when
    they count 0, 1, 2, ... or 1, 2, 3, ..., come twice or more on average, and the column is called a class or is a nameless
    one; else quantities.
    """
    if isinstance(column.values, CodedText) or column.kind == "boolean":
        return "classification"
    codes = np.unique(column.values[~np.isnan(column.values)])
    whole = bool(np.all(codes == np.floor(codes)))
    if whole and len(codes) == 2 < column.present:
        return "classification"
    few = 2 < len(codes) <= min(MAX_CODED_CLASSES, column.present // 2)
    counting = few and whole and codes[0] in (0.0, 1.0) and bool(np.all(codes[1:] == codes[:-1] + 1.0))
    named = _CLASS_NAME.fullmatch(column.name) is not None or (_UNNAMED.fullmatch(column.name) is not None and len(codes) <= 10)
    return "classification" if counting and named else "regression"


def resolve_column(table: Table, text: str) -> str:
    """Return the name of the column that `text` means: a name, or a 1-based number where the file has no header.

    Raises
    ------
    DataError
        When there is no such column; the sentence lists near names.
    """
    if text in table.names:
        return text
    alike = [name for name in table.names if name.casefold() == text.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    number = text.strip()
    if not table.spec.header and number.isdecimal() and 1 <= int(number) <= len(table.names):
        return table.names[int(number) - 1]
    raise DataError(f"there is no column {text!r}", path=table.name, remedy=_nearest(table, text))


def _nearest(table: Table, text: str) -> str:
    near = difflib.get_close_matches(text, table.names, n=3, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(repr(name) for name in near)
    if not table.spec.header:
        return f"give a number from 1 to {len(table.names)}: the file has no header"
    shown = ", ".join(repr(name) for name in table.names[:8])
    return f"the columns are {shown}{' and more' if len(table.names) > 8 else ''}"


def _points(column: Column, *, first: bool, last: bool) -> dict[str, int]:
    """Return the reasons to predict this column, which is the first usable one or the last of all, and their points."""
    classes = column.kind in ("category", "boolean") and column.distinct <= MAX_CODED_CLASSES
    rules = (
        ("it is called as targets are", 8, _TARGET_NAME.fullmatch(column.name) is not None),
        ("its name is that of an outcome", 5, _OUTCOME_WORDS.search(column.name) is not None),
        ("it is the last column", 3, last),
        ("it is the first usable column", 2, first),
        (f"it has {column.distinct} classes", 1, classes),
    )
    return {reason: points for reason, points, holds in rules if holds}


def _reasons(columns: Sequence[Column], target: str | None, roles: dict[str, Role]) -> dict[str, str]:
    """Return why each column that is no good feature is left out; what a person says of it decides."""
    found = {column.name: _why_not(column) for column in columns}
    said = {"ignore": "it was chosen to be left out", "feature": ""}
    found |= {name: said[role] for name, role in roles.items() if role in said}
    return {name: reason for name, reason in found.items() if reason and name != target}


def _why_not(column: Column) -> str:
    reasons: dict[Kind, str] = {
        "text": f"text with {column.distinct:,} different values",
        "identifier": "it numbers or names the rows",
        "date": "dates or years, of use only where chosen",
    }
    if column.distinct == 0:
        return "it has no value"
    reason = "it has one value only" if column.distinct == 1 else reasons.get(column.kind, "")
    mostly_missing = column.missing > MAX_MISSING_SHARE * column.n_rows
    missing = f"{column.missing:,} of {column.n_rows:,} values are missing" if mostly_missing else ""
    return ", ".join(part for part in (reason, missing) if part)


def _kinds(columns: Sequence[Column], target: Column, roles: dict[str, Role]) -> str:
    nouns = {name: "left out" for name, role in roles.items() if role == "ignore"}
    others = [column for column in columns if column is not target]
    words = [f"{column.name!r} is {nouns.get(column.name, _NOUNS[column.kind])}" for column in others[:MAX_NAMED]]
    return ", ".join(words) + (f" and so on for {len(others) - MAX_NAMED:,} more" if len(others) > MAX_NAMED else "")


_NOUNS: dict[Kind, str] = {
    "numeric": "mostly missing",
    "category": "mostly missing",
    "boolean": "mostly missing",
    "text": "text",
    "identifier": "an identifier",
    "date": "dates or years",
    "constant": "constant",
    "empty": "empty",
}
