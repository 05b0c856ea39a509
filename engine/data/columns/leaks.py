"""Columns that give the target away: what they hold may be known only once the target is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import CodedText
from engine.data.columns.column import Column

__all__ = ["LeakSearch", "best_cuts_agreement", "correlation_ratio", "ranks"]

MAX_ROWS, SAMPLE_CELLS = 20_000, 1_000_000
"""Larger tables are measured on rows drawn at random, and the sentence says so."""
MIN_ROWS = 30
MIN_MINORITY = 5
"""Rows that are not of the largest class; fewer can be told apart by chance."""
MAX_CLASSES = 20
MAX_LEVELS, ROWS_PER_LEVEL = 50, 10
MIN_AGREEMENT = 0.99
MIN_GAIN = 0.95
"""Of the rows that guessing the largest class gets wrong, the share that the column must get right."""
MIN_CORRELATION = 0.999
MIN_COPIED = 0.999
MAX_DIFFERENCE = 1e-6
"""Numbers of a copy differ by no more than this share of the target's standard deviation."""

_Floats = NDArray[np.float64]
_Integers = NDArray[np.int64]


class LeakSearch:
    """Looks for columns that give one target away.

    Parameters
    ----------
    target : Column
    classification : bool
        Whether the target's values are classes.
    n_columns : int
        How many columns will be looked at.
    """

    def __init__(self, target: Column, *, classification: bool, n_columns: int = 1) -> None:
        known = np.flatnonzero(_is_present(target))
        self._n_known, self._rows = len(known), known
        n_sampled = min(MAX_ROWS, max(SAMPLE_CELLS // n_columns, 1_000))
        if len(known) > n_sampled:
            self._rows = np.sort(np.random.default_rng(0).choice(known, n_sampled, replace=False))
        self._target = target
        self._classes = _positions(target, self._rows) if classification else None

    def sentence(self, column: Column) -> str:
        """Return by which measure a column gives the target away; empty where it does not."""
        if column.distinct == 0 or len(self._rows) < MIN_ROWS:
            return ""
        measure = self._of_quantities if self._classes is None else self._of_classes
        found = measure(column)
        return f"It may leak the target: {found}{self._sampled()}." if found else ""

    def copied(self, column: Column) -> str:
        """Return in how many rows a column has the very value of the target; empty where it is no copy."""
        if column.distinct < 2 or len(self._rows) < MIN_ROWS:
            return ""
        same = self._same(column)
        return f"it equals the target in {_percent(same)} of the rows{self._sampled()}" if same >= MIN_COPIED else ""

    def _same(self, column: Column) -> float:
        """Return the share of the rows in which a column has the target's value."""
        given, wanted = column.values, self._target.values
        if isinstance(given, CodedText) and isinstance(wanted, CodedText):
            names = np.array([*given.levels, ""])[given.codes[self._rows]]
            return float(np.mean(names == np.array([*wanted.levels, ""])[wanted.codes[self._rows]]))
        if isinstance(given, CodedText) or isinstance(wanted, CodedText):
            return 0.0
        both = self._rows[_is_present(column)[self._rows]]
        if not len(both):
            return 0.0
        scale = float(np.abs([given[both], wanted[both]]).max()) or 1.0
        differences = np.abs(given[both] / scale - wanted[both] / scale)
        near = differences <= MAX_DIFFERENCE * float((wanted[both] / scale).std())
        return float(np.count_nonzero(near)) / len(self._rows)

    def _sampled(self) -> str:
        n_rows = len(self._rows)
        return f" (measured on {n_rows:,} of {self._n_known:,} rows)" if n_rows < self._n_known else ""

    def _of_classes(self, column: Column) -> str:
        assert self._classes is not None
        levels = _positions(column, self._rows) if column.distinct <= MAX_LEVELS else None
        if levels is not None and ROWS_PER_LEVEL * len(np.unique(levels)) <= len(levels):
            agreement = _table_agreement(levels, self._classes)
            if _is_suspicious(agreement, self._classes):
                return self._level_words(column, agreement)
        present = _is_present(column)[self._rows]
        agreement = _table_agreement(present.astype(np.int64), self._classes)
        if _is_suspicious(agreement, self._classes):
            return f"whether it is missing tells the class in {_percent(agreement)} of the rows"
        classes = self._classes[present]
        n_cuts = len(np.unique(classes)) - 1
        if isinstance(column.values, CodedText) or not 0 < n_cuts < MAX_CLASSES or len(classes) < MIN_ROWS:
            return ""
        agreement = best_cuts_agreement(column.values[self._rows][present], classes)
        cuts = "one threshold on it tells" if n_cuts == 1 else f"{n_cuts} thresholds on it tell"
        return f"{cuts} the class in {_percent(agreement)} of the rows" if _is_suspicious(agreement, classes) else ""

    def _level_words(self, column: Column, agreement: float) -> str:
        texts = isinstance(column.values, CodedText) and isinstance(self._target.values, CodedText)
        same = self._same(column) if texts else 0.0
        if same >= MIN_AGREEMENT:
            return f"it agrees with the target in {_percent(same)} of the rows"
        return f"its value alone tells the class in {_percent(agreement)} of the rows"

    def _of_quantities(self, column: Column) -> str:
        target = self._target.values
        both = self._rows[_is_present(column)[self._rows]]
        if isinstance(target, CodedText) or len(both) < MIN_ROWS:
            return ""
        wanted = target[both]
        if isinstance(column.values, CodedText):
            levels = column.values.codes[both]
            few = ROWS_PER_LEVEL * len(np.unique(levels)) <= len(levels)
            share = correlation_ratio(levels, wanted) if few else 0.0
            return f"its value alone explains {_percent(share)} of the target's variance" if share >= MIN_CORRELATION else ""
        straight = _correlation(column.values[both], wanted)
        if abs(straight) >= MIN_CORRELATION:
            return f"its correlation with the target is {_cut(straight)}"
        monotone = _correlation(ranks(column.values[both]), ranks(wanted))
        return f"its rank correlation with the target is {_cut(monotone)}" if abs(monotone) >= MIN_CORRELATION else ""


def best_cuts_agreement(values: _Floats, classes: _Integers) -> float:
    """Return the share of rows right when the axis of `values` is cut into one interval for each class, as well as can be.

    Two classes are tried in both orders; more stand in the order of their mean rank. For each order the best cuts are found by
    dynamic programming over all places between two different values.
    """
    order = np.argsort(values, kind="stable")
    ordered, names = values[order], classes[order]
    edges = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, [len(ordered)]])
    places = sorted((np.flatnonzero(names == name) for name in np.unique(names)), key=lambda rows: float(rows.mean()))
    before = [np.searchsorted(rows, edges) for rows in places]  # for each class: its rows before each edge
    orders = [before, before[::-1]] if len(before) == 2 else [before]
    return max(_most_right(counts) for counts in orders) / len(values)


def _most_right(before: Sequence[NDArray[np.intp]]) -> int:
    """Return how many rows can be right where the classes take one interval each, in this order."""
    right = np.zeros(len(before[0]), dtype=np.intp)  # rows right before each edge, with the classes placed so far
    for counts in before:
        right = counts + np.maximum.accumulate(right - counts)
    return int(right[-1])


def correlation_ratio(levels: NDArray[np.int32], values: _Floats) -> float:
    """Return the share of the variance that lies between the levels (eta squared); 0 where there is none."""
    scaled = _standardised(values)
    counts = np.bincount(levels)
    means = np.bincount(levels, scaled) / np.maximum(counts, 1)
    return float(np.sum(counts * means**2)) / len(values)


def ranks(values: _Floats) -> _Floats:
    """Return the rank of each value, the mean rank where values are equal."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2.0)[inverse]


def _is_present(column: Column) -> NDArray[np.bool_]:
    return column.values.codes >= 0 if isinstance(column.values, CodedText) else np.isfinite(column.values)


def _positions(column: Column, rows: _Integers) -> _Integers:
    """Return each row's level as a number from 0; missing is a level of its own."""
    values = column.values.codes[rows] if isinstance(column.values, CodedText) else column.values[rows]
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _table_agreement(levels: _Integers, classes: _Integers) -> float:
    """Return the share of rows right when each level stands for its most frequent class."""
    n_classes = int(classes.max()) + 1
    table = np.bincount(levels * n_classes + classes, minlength=(int(levels.max()) + 1) * n_classes)
    return float(table.reshape(-1, n_classes).max(axis=1).sum()) / len(classes)


def _is_suspicious(agreement: float, classes: _Integers) -> bool:
    largest = int(np.bincount(classes).max())
    if len(classes) - largest < MIN_MINORITY or agreement < MIN_AGREEMENT:
        return False
    guessed = largest / len(classes)
    return agreement - guessed >= MIN_GAIN * (1.0 - guessed)


def _standardised(values: _Floats) -> _Floats:
    """Return values of mean 0 and deviation 1, all 0 where they are equal; first scaled, so that no square overflows."""
    scaled = values / (float(np.abs(values).max()) or 1.0)
    centred = scaled - scaled.mean()
    deviation = float(centred.std())
    return centred / deviation if deviation > 0.0 else np.zeros_like(values)


def _correlation(first: _Floats, second: _Floats) -> float:
    return float(np.mean(_standardised(first) * _standardised(second)))


def _percent(share: float) -> str:
    """Return a share in percent, cut so that only all is 100 %."""
    return f"{math.floor(share * 1000.0) / 10.0:g} %"


def _cut(correlation: float) -> str:
    """Return a correlation, cut so that only a perfect one is 1."""
    return f"{math.trunc(correlation * 10_000.0 + math.copysign(1e-6, correlation)) / 10_000.0:g}"
