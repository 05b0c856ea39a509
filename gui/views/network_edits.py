"""What can be changed at a link or a unit of the network diagram: its numbers, and the settings that concern it."""

from __future__ import annotations

from typing import NamedTuple

from engine.network import NetworkSpec
from engine.settings import Settings
from gui.views.network_geometry import LinkId, UnitId

Target = LinkId | UnitId
"""What the diagram can be asked about."""


class NumberPlace(NamedTuple):
    """A number of the network: what it is called, and its place in the flat vector of parameters."""

    name: str
    index: int


def numbers_of(spec: NetworkSpec, target: Target) -> tuple[NumberPlace, ...]:
    """Return the weight of a link, or bias, scale and shift of a unit; an input has none."""
    if isinstance(target, LinkId):
        block = spec.block(target.layer, "weights")
        return (NumberPlace("weight", block.start + target.source * block.shape[1] + target.unit),)
    if target.layer == 0:
        return ()
    is_normalised = spec.normalization != "none" and target.layer < spec.n_layers
    kinds = ("bias", "scale", "shift") if is_normalised else ("bias",)
    return tuple(NumberPlace(kind, spec.block(target.layer, kind).start + target.unit) for kind in kinds)


def can_be_switched_off(spec: NetworkSpec, target: Target) -> bool:
    """Return whether a link or unit is an input or a hidden unit."""
    return isinstance(target, UnitId) and target.layer < spec.n_layers


def is_off(spec: NetworkSpec, unit: UnitId) -> bool:
    """Return whether a unit is switched off."""
    return tuple(unit) in spec.switched_off


def switching(settings: Settings, unit: UnitId) -> dict[str, object]:
    """Return the change of settings that switches a unit off, or on again where it is off."""
    own = (unit.layer, unit.unit + 1)  # settings count units from 1
    others = tuple(place for place in settings.switched_off if place != own)
    is_on = len(others) == len(settings.switched_off)
    return {"switched_off": tuple(sorted((*others, own))) if is_on else others}


def freezing(settings: Settings, layer: int) -> dict[str, object]:
    """Return the change of settings that freezes a layer, counted from 1, or thaws it where it is frozen."""
    others = tuple(frozen for frozen in settings.freeze if frozen != layer)
    is_thawed = len(others) == len(settings.freeze)
    return {"freeze": tuple(sorted((*others, layer))) if is_thawed else others}
