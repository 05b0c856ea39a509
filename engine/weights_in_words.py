"""The weights of classes that are not equally frequent, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMED = 8
"""Most classes whose weights are listed one by one."""


def class_weights_in_words(classes: Sequence[str], weights: Sequence[float]) -> str:
    """Return what the rows of each class count for in the loss.

    Parameters
    ----------
    classes : sequence of str
    weights : sequence of float
        One for each class.
    """
    pairs = list(zip(classes, weights, strict=True))
    if len(pairs) > MOST_NAMED:
        (rare, most), (frequent, least) = max(pairs, key=lambda pair: pair[1]), min(pairs, key=lambda pair: pair[1])
        listed = f"from {least:.4g} ({frequent}) to {most:.4g} ({rare})"
    else:
        listed = ", ".join(f"{name} {weight:.4g}" for name, weight in pairs)
    return f"Class weights in the loss, so that every class counts alike: {listed}."
