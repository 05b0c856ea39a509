"""Which settings have an effect with the present choices and data, and what a change asks for besides itself."""

from __future__ import annotations

from typing import Any

from engine.dependent_settings import choices_that_use
from engine.network_choice import network_spec
from engine.settings import Settings, SettingsError, default
from gui.session.messages import RunInfo

NEED_HIDDEN_LAYERS = ("activation", "normalization", "skip", "dropout")
NEED_CLASSES = ("class_weights", "stop_accuracy")
SMOOTHED_LOSSES = ("bce", "cross_entropy")


def has_effect(name: str, settings: Settings, run: RunInfo | None) -> bool:
    """Return whether the setting `name` makes a difference with the other settings and the data of a run, if there is one."""
    found = choices_that_use(name)
    if found is not None and getattr(settings, found[0]) not in found[1]:
        return False
    if name in NEED_HIDDEN_LAYERS:
        return bool(settings.hidden)
    if name == "nesterov":
        return settings.momentum > 0.0
    if run is None:
        return True
    if name == "label_smoothing":
        return loss_in_force(settings, run) in SMOOTHED_LOSSES
    return name not in NEED_CLASSES or run.data.target.task == "classification"


def loss_in_force(settings: Settings, run: RunInfo) -> str:
    """Return the loss that settings come to with the data of a run; that of the run where they can't be used."""
    try:
        return network_spec(settings, run.data.n_features, run.data.target).loss
    except SettingsError:
        return run.spec.loss


def consequences(settings: Settings, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what has to change along with `changes`, so that the settings still go together."""
    found: dict[str, Any] = {}
    if changes.get("optimizer") == "lbfgs" and "batch_size" not in changes and settings.batch_size != "full":
        found["batch_size"] = "full"
    if settings.nesterov and changes.get("momentum") == 0.0 and "nesterov" not in changes:
        found["nesterov"] = False
    if "hidden" in changes:
        found |= _other_layers(settings, changes["hidden"])
    if "target" in changes or "features" in changes:
        found |= _other_columns(settings, changes)
    return {name: value for name, value in found.items() if name not in changes}


def _other_layers(settings: Settings, hidden: tuple[int, ...]) -> dict[str, Any]:
    """Return what follows from other hidden layers: new ones are like the last, the output layer stays the last."""
    found: dict[str, Any] = {}
    for name in ("activation", "dropout"):
        values = getattr(settings, name)
        if len(values) not in (1, len(hidden)):
            found[name] = (values + values[-1:] * len(hidden))[: max(1, len(hidden))]
    old_output, output = len(settings.hidden) + 1, len(hidden) + 1
    frozen = {output if layer == old_output else layer for layer in settings.freeze if layer == old_output or layer < output}
    if tuple(sorted(frozen)) != tuple(sorted(settings.freeze)):
        found["freeze"] = tuple(sorted(frozen))
    units = dict(enumerate(hidden, start=1))
    off = tuple((layer, unit) for layer, unit in settings.switched_off if layer == 0 or unit <= units.get(layer, 0))
    if off != settings.switched_off:
        found["switched_off"] = off
    return found


def _other_columns(settings: Settings, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what follows from other inputs, and from a target that may be of another kind."""
    found: dict[str, Any] = {}
    off = tuple((layer, unit) for layer, unit in settings.switched_off if layer > 0)
    if off != settings.switched_off:
        found["switched_off"] = off
    if "target" in changes:
        found |= {name: default(name) for name in ("label_smoothing", "class_weights") if getattr(settings, name)}
    return found
