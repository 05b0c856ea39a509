"""Colours, type and spacing, each written down once; the one colour language of all pictures.

A leaf: it imports no other module of the window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPACE = 8
"""The grid of the layout, in pixels: gaps and margins are multiples of it."""

PANEL_HEAD = 32
TOOLBAR_HEIGHT = 52
TIMELINE_HEIGHT = 70
CORNER = 8

TEXT_PX = 13
SMALL_PX = 11
TITLE_PX = 13


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, as #RRGGBB.

    `negative`, `zero` and `positive` are the signs of data, weights, biases, activations and gradients everywhere;
    `train` and `validation` are the parts of the data and never a sign. `classes` are for three and more classes, each with the
    marker of the same place in `CLASS_MARKERS`.
    """

    name: str
    window: str
    panel: str
    field: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    train: str
    validation: str
    negative: str
    zero: str
    positive: str
    danger: str
    not_finite: str
    classes: tuple[str, ...]


LIGHT = Theme(
    name="light",
    window="#EEF0F3",
    panel="#FFFFFF",
    field="#F4F6F8",
    line="#DDE1E7",
    text="#1D2530",
    muted="#59646F",
    accent="#2F6FDE",
    on_accent="#FFFFFF",
    train="#0A776D",
    validation="#A83E97",
    negative="#E07B2A",
    zero="#E6E8EB",
    positive="#2878B8",
    danger="#B3261E",
    not_finite="#C2185B",
    classes=("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442", "#7F7F7F"),
)

DARK = Theme(
    name="dark",
    window="#121519",
    panel="#1B2027",
    field="#232A33",
    line="#2C333C",
    text="#E4E9EF",
    muted="#95A1AF",
    accent="#6CA0F6",
    on_accent="#0E1420",
    train="#38C6B6",
    validation="#D981CB",
    negative="#F0974E",
    zero="#39414B",
    positive="#55A7E8",
    danger="#F2726A",
    not_finite="#FF5C8D",
    classes=("#F0B73A", "#7CC7F2", "#2FBF94", "#E09CC2", "#4A9BD6", "#F08A4B", "#F5EC7A", "#A9A9A9"),
)

THEMES: dict[str, Theme] = {theme.name: theme for theme in (LIGHT, DARK)}

CLASS_MARKERS: tuple[str, ...] = ("o", "s", "t1", "d", "p", "star", "h", "x")
"""pyqtgraph symbols, one per class, so that colour alone never tells a class."""

BINARY_MARKERS: tuple[str, ...] = ("o", "s")


def rgb(colour: str) -> tuple[int, int, int]:
    """Return #RRGGBB as three integers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(colour: str, other: str, share: float) -> str:
    """Return `colour` with `share` (0 to 1) of `other` mixed in: an opaque stand-in for transparency, which paints faster."""
    mixed = (round(a + (b - a) * share) for a, b in zip(rgb(colour), rgb(other), strict=True))
    return "#" + "".join(f"{value:02X}" for value in mixed)


def diverging_table(theme: Theme, n: int = 256) -> NDArray[np.uint8]:
    """Return the sign scale negative - zero - positive as a table of shape (n, 4) in RGBA."""
    stops = np.array([rgb(theme.negative), rgb(theme.zero), rgb(theme.positive)], dtype=np.float64)
    places = np.linspace(0.0, 2.0, n)
    channels = [np.interp(places, [0.0, 1.0, 2.0], stops[:, channel]) for channel in range(3)]
    return np.column_stack([*channels, np.full(n, 255.0)]).round().astype(np.uint8)
