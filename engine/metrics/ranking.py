"""The area under the ROC curve over any number of rows, exact, in pieces short enough for a thread that others wait for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Members = NDArray[np.bool_]

N_BUCKETS = 32
"""Stretches between pivots into which the scores are sorted; each is dealt with in one piece."""


class RankedRight:
    """Counts the pairs, one member of a class and one other row, in which the member has the higher score; a tie is one half.

    Scores come a slice of the rows at a time and are put into buckets by pivots, quantiles of the first slice. Only rows of one
    bucket have to be compared with each other. A score that equals a pivot goes into a bucket where all are equal, so that
    scores that are often the same cost nothing. The share is exact, however the slices are cut.

    Notes
    -----
    The pairs are those of Mann and Whitney; their share is the area under the ROC curve.

    References
    ----------
    Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic curve, section III.
    """

    def __init__(self) -> None:
        self._pivots: Array | None = None
        self._buckets: list[list[tuple[Array, Array]]] = []
        self._place = 0
        self._twice_right = 0
        self._n_members = self._n_others = 0
        self._finite = True

    def add(self, scores: Array, is_member: Members) -> None:
        """Add rows.

        Parameters
        ----------
        scores, is_member : ndarray of shape (n,)
        """
        self._finite = self._finite and bool(np.isfinite(scores).all())
        if not self._finite or not len(scores):
            return
        if self._pivots is None:
            places = np.linspace(0, len(scores) - 1, N_BUCKETS + 1).astype(np.int64)[1:-1]
            self._pivots = np.unique(np.sort(scores)[places])
            self._buckets = [[] for _ in range(2 * len(self._pivots) + 1)]
        # Between two pivots both sides agree and the sum is even; a score that is a pivot gets an odd number of its own.
        buckets = np.searchsorted(self._pivots, scores, "left") + np.searchsorted(self._pivots, scores, "right")
        keys = (2 * buckets + is_member).astype(np.int16)  # short numbers are sorted by radix
        order = np.argsort(keys, kind="stable")
        bounds = np.searchsorted(keys[order], np.arange(2 * len(self._buckets) + 1, dtype=np.int16)).tolist()
        ordered = scores[order]
        for bucket, found in enumerate(self._buckets):
            start, middle, stop = bounds[2 * bucket : 2 * bucket + 3]
            if start < stop:
                found.append((ordered[middle:stop], ordered[start:middle]))

    def count_bucket(self) -> bool:
        """Compare the rows of the next bucket, and return whether all are done; to be called once all rows are there."""
        if not self._finite or self._place >= len(self._buckets):
            return True
        found = self._buckets[self._place]
        self._place += 1
        if found:
            members, others = (np.concatenate(parts) for parts in zip(*found, strict=True))
            self._twice_right += 2 * len(members) * self._n_others  # all others so far have lower scores
            self._twice_right += self._twice_right_within(members, others, is_tie=self._place % 2 == 0)
            self._n_members += len(members)
            self._n_others += len(others)
            found.clear()
        return self._place == len(self._buckets)

    def share(self) -> float | None:
        """Return the share of pairs, once all is counted; None where there are none, or a score is not finite."""
        n_pairs = self._n_members * self._n_others
        return 0.5 * self._twice_right / n_pairs if self._finite and n_pairs else None

    @staticmethod
    def _twice_right_within(members: Array, others: Array, *, is_tie: bool) -> int:
        if is_tie:
            return len(members) * len(others)
        others = np.sort(others)
        members = np.sort(members)  # looked up in order, which is several times faster
        return int(np.searchsorted(others, members, "left").sum()) + int(np.searchsorted(others, members, "right").sum())
