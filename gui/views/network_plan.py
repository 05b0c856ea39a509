"""What the columns of the network diagram hold: which units of a run are drawn, and the words at them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.network import NetworkSpec
from engine.observe import Watch
from gui.session.messages import RunInfo
from gui.views.network_geometry import ColumnPlan
from gui.views.network_links import MAX_LINKS
from gui.views.network_tiles import function_in

LOCK_ROOM = "\u2002" * 3
"""Blanks before the caption of a frozen layer, as wide as a lock and its distance."""

Units = tuple[tuple[int, ...], ...]


def first_units(spec: NetworkSpec) -> Units:
    """Return the units of every layer that are drawn until the first observation says which."""
    most = Watch().max_units
    return tuple(tuple(range(min(size, most))) for size in spec.sizes)


def column_plans(run: RunInfo, units: Units, activations: Sequence[str], frozen: Sequence[int]) -> list[ColumnPlan]:
    """Return what every column holds, inputs first.

    Parameters
    ----------
    run : RunInfo
    units : tuple of tuple of int
        The units drawn of every layer.
    activations : sequence of str
        The function of every layer's shown activations, inputs first.
    frozen : sequence of int
        Layers that keep their parameters, counted from 1.
    """
    sizes, target = run.spec.sizes, run.data.target
    inputs = tuple(run.data.features[unit].name for unit in units[0])
    outputs = (target.name,) if sizes[-1] == 1 else tuple(target.classes[unit] for unit in units[-1])
    names = (inputs, *((),) * (len(sizes) - 2), outputs)
    captions = column_captions(sizes, activations, frozen)
    return [ColumnPlan(*column) for column in zip(units, sizes, captions, names, strict=True)]


def column_captions(sizes: Sequence[int], activations: Sequence[str], frozen: Sequence[int]) -> list[tuple[str, ...]]:
    """Return what may stand below each column, longest wording first, with room for a lock at frozen ones."""
    hidden = [
        (f"{size:,} · {words}", f"{size:,} · {_abbreviated(words)}", f"{size:,} · {function_in(words)}", f"{size:,}", "")
        for size, words in zip(sizes, activations, strict=True)
    ]
    captions = [("inputs", "inputs", "inputs", "in", ""), *hidden[1:-1], ("output", "output", "output", "out", "")]
    return [_with_lock(column) if layer in frozen else column for layer, column in enumerate(captions)]


def link_notes(plans: Sequence[ColumnPlan]) -> tuple[str, ...]:
    """Return what to say of the links that are not drawn; nothing where all are."""
    n_links = sum(len(a.units) * len(b.units) for a, b in pairwise(plans))
    n_weights = sum(a.n_units * b.n_units for a, b in pairwise(plans))
    return (f"{MAX_LINKS} of {n_weights:,} weights",) if n_links > MAX_LINKS else ()


def _abbreviated(words: str) -> str:
    """Return what a layer's activations come from with its normalisation as its usual letters."""
    return words.replace("batch norm", "BN").replace("layer norm", "LN")


def _with_lock(captions: Sequence[str]) -> tuple[str, ...]:
    longest, *others = captions
    return (f"{LOCK_ROOM}{longest} · frozen", *(f"{LOCK_ROOM}{caption}" for caption in others))
