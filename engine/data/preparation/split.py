"""Which rows are trained on, and which are kept aside to measure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MIN_TRAINING_ROWS = 2
_SPLIT_STREAM = 2
"""Put beside the seed, so that the split shares no random numbers with the first weights. (0 would be no other stream than the
seed alone; 1 is that of dropout and input noise.)"""


class Split(NamedTuple):
    """Positions of the rows of each part, ascending; each an ndarray of int64."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def split_rows(
    n_rows: int, validation: float, seed: int, classes: NDArray[np.int64] | None = None, *, test: float = 0.0
) -> Split:
    """Draw the rows of each part.

    Parameters
    ----------
    n_rows : int
        At least 2.
    validation, test : float
        Shares of the rows to keep aside, 0 to below 1, and below 1 together.
    seed : int
    classes : ndarray of int64, shape (n_rows,), optional
        Class of each row. Every class then has the same share in all parts, as nearly as whole rows allow, and at least one
        training row.

    Notes
    -----
    Each class is shuffled once; validation rows are taken from the front, test rows from the end. So the test rows stay what
    they are when the validation share changes: no choice made by looking at validation rows has ever seen them. And the
    validation rows stay what they are when test rows are taken.
    """
    generator = np.random.default_rng([seed, _SPLIT_STREAM])
    groups = [np.arange(n_rows)] if classes is None else [np.flatnonzero(classes == code) for code in np.unique(classes)]
    sizes = [len(group) for group in groups]
    most = [size - (classes is not None) for size in sizes]
    n_test = max(min(round(test * n_rows), n_rows - MIN_TRAINING_ROWS), 0)
    of_test = _share_out(n_test, sizes, most)
    n_validation = max(min(round(validation * n_rows), n_rows - MIN_TRAINING_ROWS - sum(of_test)), 0)
    of_validation = _share_out(n_validation, sizes, [limit - count for limit, count in zip(most, of_test, strict=True)])
    part = np.zeros(n_rows, dtype=np.int8)
    for group, front, end in zip(groups, of_validation, of_test, strict=True):
        shuffled = generator.permutation(group)
        part[shuffled[:front]] = 1
        part[shuffled[len(group) - end :]] = 2
    return Split(*(np.flatnonzero(part == number).astype(np.int64, copy=False) for number in range(3)))


def _share_out(wanted: int, sizes: list[int], most: list[int]) -> list[int]:
    """Share `wanted` rows out in proportion to `sizes`, at most `most` each: whole parts first, then the largest remainders."""
    exact = [wanted * size / sum(sizes) for size in sizes]
    counts = [min(int(part), limit) for part, limit in zip(exact, most, strict=True)]
    order = sorted(range(len(sizes)), key=lambda index: (counts[index] - exact[index], index))
    for index in order:
        if sum(counts) < wanted and counts[index] < most[index]:
            counts[index] += 1
    return counts
