"""Which rows a prediction picture draws, where they stand in original units, and how each kind of point looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import Feature, PreparedData
from gui.theme import BINARY_MARKERS, CLASS_MARKERS, Theme, mix
from gui.views.point_stamps import PointStyle

Array = NDArray[np.floating[Any]]
Rows = NDArray[np.int64]

MAX_POINTS = 1000
"""Most points drawn; more would hide one another and cost the frame its time."""

_FEW_VALUES = 12
_SPREAD_SHARE = 0.16
_SPREAD_OF_SPAN = 0.03
"""How far rows of an input with few values are moved apart: shares of the distance between two values, and of all of them."""

_SIZE = 8.0
_SIZE_CROWDED = 6.5
_CROWD = 300
"""From so many points on they are drawn smaller."""


@dataclass(frozen=True)
class DrawnRows:
    """The rows drawn, spread evenly over each part.

    Attributes
    ----------
    train, validation : ndarray of int64
        Positions among the rows offered.
    total : int
        Rows there are.
    """

    train: Rows
    validation: Rows
    total: int

    @property
    def n_drawn(self) -> int:
        """Number of points."""
        return len(self.train) + len(self.validation)

    @property
    def words(self) -> str:
        """Say how many of how many, such as "1,000 of 20,640 rows"."""
        return f"{self.n_drawn:,} of {self.total:,} rows"


def drawn_rows(data: PreparedData, offered: tuple[int, int] | None = None) -> DrawnRows:
    """Choose at most `MAX_POINTS` rows, both parts in proportion.

    Parameters
    ----------
    data : PreparedData
    offered : tuple of int, optional
        How many train and validation rows there are to choose from, where that is only a sample.
    """
    n_train, n_validation = len(data.X_train), len(data.X_validation)
    share = min(1.0, MAX_POINTS / max(n_train + n_validation, 1))
    from_train, from_validation = offered or (n_train, n_validation)
    for_validation = min(from_validation, round(n_validation * share))
    for_train = min(from_train, MAX_POINTS - for_validation)
    return DrawnRows(_spread(from_train, for_train), _spread(from_validation, for_validation), n_train + n_validation)


def _spread(n_rows: int, n_wanted: int) -> Rows:
    if n_wanted >= n_rows:
        return np.arange(n_rows, dtype=np.int64)
    return np.linspace(0, n_rows - 1, n_wanted).round().astype(np.int64)


def original(values: Array, feature: Feature) -> Array:
    """Return standardised values of an input in original units."""
    return values * feature.scale + feature.mean


def input_values(data: PreparedData, rows: DrawnRows, column: int) -> tuple[Array, Array]:
    """Return the values of an input in original units for the train and validation rows drawn."""
    feature = data.features[column]
    parts = ((data.X_train, rows.train), (data.X_validation, rows.validation))
    train, validation = (original(X[chosen, column], feature) for X, chosen in parts)
    return train, validation


def row_numbers(data: PreparedData, rows: DrawnRows) -> Rows:
    """Return the 0-based data rows of the points drawn, train rows first."""
    return np.concatenate([data.rows_train[rows.train], data.rows_validation[rows.validation]])


def spread_apart(values: tuple[Array, Array], seed: int) -> tuple[tuple[Array, Array], bool]:
    """Move values of an input that takes only a few a little apart, so that equal rows don't hide one another.

    Returns
    -------
    values : pair of ndarray
    moved : bool
        Whether they were moved, which the picture has to say.
    """
    distinct = np.unique(np.concatenate(values))
    if len(distinct) > _FEW_VALUES or len(distinct) == sum(len(part) for part in values):
        return values, False
    span = float(distinct[-1] - distinct[0])
    reach = min(_SPREAD_SHARE * float(np.diff(distinct).min()), _SPREAD_OF_SPAN * span) if span else 0.1
    generator = np.random.default_rng(seed)
    first, second = (part + generator.uniform(-reach, reach, len(part)) for part in values)
    return (first, second), True


def axis_names(feature: Feature) -> tuple[str, ...]:
    """Return an axis' name in several lengths; where the input is scaled for training it says that the axis is not."""
    scaled = (feature.mean, feature.scale) != (0.0, 1.0)
    return (in_original_units(feature.name), feature.name) if scaled else (feature.name,)


def in_original_units(name: str) -> str:
    """Say that an axis is in original units; a name that ends in brackets gets no second pair.

    Examples
    --------
    >>> in_original_units("width"), in_original_units("price (EUR)")
    ('width (original units)', 'price (EUR), original units')
    """
    return f"{name}, original units" if name.endswith((")", "]")) else f"{name} (original units)"


def all_targets(data: PreparedData) -> Array:
    """Return the numbers to predict of the rows of every part, in original units, so that an axis can span them all."""
    values = np.concatenate([data.y_train, data.y_validation, data.y_test])
    return values * data.target.scale + data.target.mean


def scaling_note(feature: Feature) -> str:
    """Say in a sentence how an input was scaled for training."""
    if (feature.mean, feature.scale) == (0.0, 1.0):
        return f"{feature.name}: not scaled for training"
    return f"{feature.name}: scaled for training, (value − {feature.mean:.6g}) / {feature.scale:.6g}; shown in original units"


def class_colour(theme: Theme, code: int, n_classes: int) -> str:
    """Return the colour of a class: a sign's colour for two classes, else one of the categorical set."""
    if n_classes == 2:
        return (theme.negative, theme.positive)[code]
    return theme.classes[code % len(theme.classes)]


def class_marker(code: int, n_classes: int) -> str:
    """Return the marker of a class; where the colours start again, they go with other markers."""
    if n_classes == 2:
        return BINARY_MARKERS[code]
    return CLASS_MARKERS[(code + code // len(CLASS_MARKERS)) % len(CLASS_MARKERS)]


def train_style(theme: Theme, colour: str, marker: str, n_points: int = 0) -> PointStyle:
    """Return the look of a train row: filled, with an outline of the panel's colour."""
    outline = theme.panel if theme.name == "light" else mix(theme.panel, "#000000", 0.4)
    return PointStyle(marker, colour, outline, _size(n_points, marker), 1.0)


def validation_style(theme: Theme, colour: str, marker: str, n_points: int = 0) -> PointStyle:
    """Return the look of a validation row: a thick outline around the panel's colour."""
    outline = mix(colour, theme.text, 0.25) if theme.name == "light" else colour  # on a map of the same colour, paler
    return PointStyle(marker, theme.panel, outline, _size(n_points, marker) - 0.5, 2.0)


def style_of_test_row(theme: Theme, colour: str, marker: str, n_points: int = 0) -> PointStyle:
    """Return the look of a test row: its colour within a thick outline of the text's colour."""
    return PointStyle(marker, colour, theme.text, _size(n_points, marker), 2.0)


def _size(n_points: int, marker: str) -> float:
    size = _SIZE_CROWDED if n_points > _CROWD else _SIZE
    factors = {"o": 1.0, "s": 0.88, "star": 1.35, "t1": 1.1, "d": 1.25, "p": 1.1, "h": 1.1, "x": 1.15}
    return size * factors.get(marker, 1.0)
