"""The metrics the window shows, and how their figures are written in six characters at most."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from engine.data.prepared import Target

_SUFFIXES = ((1e12, "T", 3), (1e9, "G", 3), (1e6, "M", 3), (1e3, "k", 4))
"""Thousands and more: from where, the sign, and how many digits fit beside it."""


class Metric(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    field : str
        Its name in `Metrics`.
    label, explanation : str
    text : callable (float) -> str
    better : callable
        `max` where larger figures are better, else `min`.
    """

    field: str
    label: str
    explanation: str
    text: Callable[[float], str]
    better: Callable[[list[float]], float] = max


def metrics_of(target: Target) -> tuple[Metric, ...]:
    """Return the rows that suit a target."""
    if target.task == "regression":
        unit = f"in the unit of {target.name}"
        return (
            Metric("r2", "R²", "Share of the spread that is explained: 1 is perfect, 0 no better than the mean.", r2_text),
            Metric("rmse", "RMSE", f"Root mean squared error, {unit}; large errors weigh most.", error_text, min),
            Metric("mae", "MAE", f"Mean absolute error, {unit}.", error_text, min),
        )
    f1, area = "averaged over the classes", "each class against the rest, averaged"
    if len(target.classes) == 2:
        f1 = area = f"of class {target.classes[1]}"
    ranking = "how often a row of the class scores higher than another row; 0.5 is chance"
    return (
        Metric("accuracy", "Accuracy", "Share of the rows whose class is predicted.", share_text),
        Metric("balanced_accuracy", "Balanced", "Balanced accuracy: the mean of the shares found of each class.", share_text),
        Metric("f1", "F1", f"Harmonic mean of precision and recall, {f1}.", share_text),
        Metric("roc_auc", "ROC AUC", f"Area under the ROC curve, {area}:\n{ranking}.", share_text),
    )


def share_text(value: float) -> str:
    """Return a share from 0 to 1."""
    return f"{value:.3f}"


def r2_text(value: float) -> str:
    """Return an R², which is 1 at most and without limit below, in six characters at most."""
    if not math.isfinite(value):
        return _not_finite_text(value)
    if value <= -999.95:
        return "<−999"
    size = abs(value)
    text = f"{size:.{3 if size < 9.9995 else 2 if size < 99.995 else 1}f}"
    return f"−{text}" if value < 0 and text.strip("0.") else text


def error_text(value: float) -> str:
    """Return an error, zero or larger, in six characters at most: about four digits, then thousands as 123.4k, 1.23M."""
    if not math.isfinite(value):
        return _not_finite_text(value)
    if value >= 99_999.5:
        return _large_text(value)
    if 1e-99 <= value < 0.00095:
        return f"{value:.{1 if value >= 9.5e-10 else 0}e}".replace("e-0", "e-").replace("-", "−")
    digits = 4 if value < 0.99995 else max(0, 3 - math.floor(math.log10(value * (1 + 5e-5))))
    return f"{value:,.{digits}f}"


def _large_text(value: float) -> str:
    for size, suffix, n_digits in _SUFFIXES:
        rounded = float(f"{value / size:.{n_digits - 1}e}")
        if 1.0 <= rounded < 1000.0:
            return f"{rounded:.{n_digits - 1 - math.floor(math.log10(rounded))}f}{suffix}"
    return f"{value:.{1 if value < 9.5e99 else 0}e}".replace("e+", "e")


def _not_finite_text(value: float) -> str:
    return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
