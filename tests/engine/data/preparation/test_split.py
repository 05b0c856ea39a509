"""Which rows are kept aside: shares, classes, and that one part does not move when another changes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedShuffleSplit

from engine.data.preparation.split import MIN_TRAINING_ROWS, split_rows

CLASSES = np.array([0] * 60 + [1] * 36 + [2] * 3 + [3])


def counts(rows: NDArray[np.int64]) -> list[int]:
    return np.bincount(CLASSES[rows], minlength=4).tolist()


def test_every_class_has_its_share_in_all_parts_and_a_training_row() -> None:
    split = split_rows(100, 0.25, 7, CLASSES)
    assert (counts(split.validation), len(split.train), len(split.test)) == ([15, 9, 1, 0], 75, 0)
    split = split_rows(100, 0.25, 7, CLASSES, test=0.25)
    assert (counts(split.validation), counts(split.test)) == ([15, 9, 1, 0], [15, 9, 1, 0])
    assert min(counts(split_rows(100, 0.5, 7, CLASSES, test=0.4).train)) >= 1


def test_class_shares_are_those_of_scikit_learn() -> None:
    for share in (0.1, 0.25, 0.4):
        theirs = next(StratifiedShuffleSplit(1, test_size=share, random_state=0).split(CLASSES[:99], CLASSES[:99]))[1]
        ours = split_rows(99, share, 0, CLASSES[:99]).validation
        assert np.abs(np.array(counts(ours)) - counts(theirs)).max() <= 1
        assert len(ours) == round(99 * share)


def test_known_rows_stay_where_they_were() -> None:
    """Runs of earlier versions are repeated from their seed."""
    assert split_rows(12, 0.25, 3).validation.tolist() == [2, 7, 9]
    assert split_rows(12, 0.25, 3, np.arange(12) % 3).validation.tolist() == [0, 5, 7]


@given(
    n_rows=st.integers(2, 200),
    validation=st.floats(0.0, 0.9),
    test=st.floats(0.0, 0.9),
    seed=st.integers(0, 99),
    n_classes=st.integers(0, 5),
)
def test_parts_are_disjoint_complete_and_ascending(
    n_rows: int, validation: float, test: float, seed: int, n_classes: int
) -> None:
    test = min(test, 0.9 - validation)
    classes = np.random.default_rng(seed).integers(0, n_classes, n_rows) if n_classes else None
    split = split_rows(n_rows, validation, seed, classes, test=max(test, 0.0))
    assert sorted(np.concatenate(split).tolist()) == list(range(n_rows))
    for rows in split:
        assert rows.dtype == np.int64
        assert all(one < next_one for one, next_one in pairwise(rows.tolist()))
    assert len(split.train) >= MIN_TRAINING_ROWS
    if classes is not None:
        assert set(classes[split.train]) == set(classes)


@pytest.mark.parametrize("classes", [None, CLASSES])
def test_one_share_does_not_move_the_rows_of_the_other_part(classes: NDArray[np.int64] | None) -> None:
    base = split_rows(100, 0.2, 5, classes, test=0.2)
    assert np.array_equal(split_rows(100, 0.2, 5, classes).validation, base.validation)
    more = split_rows(100, 0.4, 5, classes, test=0.2)
    assert np.array_equal(more.test, base.test)
    assert set(base.validation) < set(more.validation)
