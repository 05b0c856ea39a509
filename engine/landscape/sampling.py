"""The rows a surface is computed from: all of them, or a fixed sample with the classes in proportion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import Task


def choose_rows(y: NDArray[np.float64], task: Task, n_rows: int, seed: int = 0) -> NDArray[np.int64]:
    """Return the positions of `n_rows` rows, ascending: all when there are no more; the same ones at every call.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Class codes are sampled class by class, in proportion (largest remainders decide the odd rows).
    """
    if n_rows >= len(y):
        return np.arange(len(y), dtype=np.int64)
    generator = np.random.Generator(np.random.PCG64(seed))
    groups = _groups(y, task)
    shares = np.array([len(group) for group in groups]) * (n_rows / len(y))
    counts = np.floor(shares).astype(np.int64)
    largest_remainders = np.argsort(counts - shares, kind="stable")[: n_rows - int(counts.sum())]
    counts[largest_remainders] += 1
    chosen = [generator.choice(group, count, replace=False) for group, count in zip(groups, counts, strict=True)]
    return np.sort(np.concatenate(chosen))


def _groups(y: NDArray[np.float64], task: Task) -> list[NDArray[np.int64]]:
    if task == "regression":
        return [np.arange(len(y), dtype=np.int64)]
    return [np.flatnonzero(y == code) for code in np.unique(y)]
