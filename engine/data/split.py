"""Which rows are trained on, and which are kept aside to measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MIN_TRAINING_ROWS = 2
_SPLIT_STREAM = 2
"""Put beside the seed, so that the split shares no random numbers with the first weights. (0 would be no other stream than the
seed alone; 1 is that of dropout and input noise.)"""


def split_rows(
    n_rows: int, validation: float, seed: int, classes: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw the training and the validation rows.

    Parameters
    ----------
    n_rows : int
        At least 2.
    validation : float
        Share of the rows to keep aside, 0 to below 1.
    seed : int
    classes : ndarray of int64, shape (n_rows,), optional
        Class of each row. Every class then has the same share in both parts, as nearly as whole rows allow, and at least one
        training row.

    Returns
    -------
    rows_train, rows_validation : ndarray of int64
        Positions, ascending.
    """
    generator = np.random.default_rng([seed, _SPLIT_STREAM])
    wanted = min(round(validation * n_rows), n_rows - MIN_TRAINING_ROWS)
    groups = [np.arange(n_rows)] if classes is None else [np.flatnonzero(classes == code) for code in np.unique(classes)]
    sizes = [len(group) for group in groups]
    counts = _share_out(max(wanted, 0), sizes, [size - (classes is not None) for size in sizes])
    drawn = [generator.permutation(group)[:count] for group, count in zip(groups, counts, strict=True)]
    rows_validation = np.sort(np.concatenate(drawn)).astype(np.int64)
    is_training = np.ones(n_rows, dtype=bool)
    is_training[rows_validation] = False
    return np.flatnonzero(is_training).astype(np.int64), rows_validation


def _share_out(wanted: int, sizes: list[int], most: list[int]) -> list[int]:
    """Share `wanted` rows out in proportion to `sizes`, at most `most` each: whole parts first, then the largest remainders."""
    exact = [wanted * size / sum(sizes) for size in sizes]
    counts = [min(int(part), limit) for part, limit in zip(exact, most, strict=True)]
    order = sorted(range(len(sizes)), key=lambda index: (counts[index] - exact[index], index))
    for index in order:
        if sum(counts) < wanted and counts[index] < most[index]:
            counts[index] += 1
    return counts
