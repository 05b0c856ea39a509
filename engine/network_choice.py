"""Which network the settings ask for on given data: loss and output that go together, sizes, class weights.

Everything that can be asked for and makes no sense is refused here, in one sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData, Target
from engine.losses import LOSSES, LossOptions
from engine.network import NetworkSpec
from engine.settings import Settings, SettingsError


def spec_for(settings: Settings, data: PreparedData) -> NetworkSpec:
    """Return the network that `settings` ask for on `data`."""
    counts: Sequence[int] | NDArray[np.int64] = ()
    if settings.class_weights and data.target.task == "classification":
        counts = np.bincount(data.y_train.astype(np.int64), minlength=len(data.target.classes))
    return network_spec(settings, data.n_features, data.target, counts)


def network_spec(
    settings: Settings, n_inputs: int, target: Target, class_counts: Sequence[int] | NDArray[np.int64] = ()
) -> NetworkSpec:
    """Return the network that `settings` ask for on data with `n_inputs` inputs and this target.

    Parameters
    ----------
    class_counts : sequence of int, optional
        Training rows of each class, for class weights.

    Raises
    ------
    SettingsError
        When loss, output activation and task do not go together.
    """
    loss = _resolve_loss(settings.loss, target)
    output_activation = _resolve_output(settings.output_activation, loss)
    _check_loss_options(settings, loss, target)
    one_output = target.task == "regression" or (len(target.classes) == 2 and loss != "cross_entropy")
    n_outputs = 1 if one_output else len(target.classes)
    hidden = tuple(settings.activation_of(layer) for layer in range(len(settings.hidden)))
    weights = _balanced_weights(class_counts) if settings.class_weights else ()
    return NetworkSpec(
        sizes=(n_inputs, *settings.hidden, n_outputs),
        activations=(*hidden, output_activation),
        loss=loss,
        loss_options=LossOptions(settings.huber_delta, settings.label_smoothing, weights),
        normalization=settings.normalization,
        skip=settings.skip,
        switched_off=_switched_off(settings, n_inputs),
    )


def _resolve_loss(name: str, target: Target) -> str:
    n_classes = len(target.classes)
    if name == "auto":
        return "mse" if target.task == "regression" else "bce" if n_classes == 2 else "cross_entropy"
    task = LOSSES[name].task
    if target.task == "regression" and task == "classification":
        raise SettingsError(f"loss: {name} needs classes, but the target {target.name!r} is a number; use mse, mae or huber.")
    if target.task == "classification" and task == "regression":
        raise SettingsError(
            f"loss: {name} needs a number, but {target.name!r} has classes; use bce, cross_entropy, hinge or mse."
        )
    if name == "bce" and n_classes != 2:
        raise SettingsError(f"loss: bce needs 2 classes, but {target.name!r} has {n_classes}; use cross_entropy.")
    return name


OUTPUTS_FOR = {"bce": ("sigmoid", "identity"), "cross_entropy": ("softmax", "identity"), "hinge": ("identity",)}
"""The output activations that may be named with a loss; all others take these."""

OUTPUTS_FOR_VALUES = ("identity", "sigmoid", "tanh")


def _resolve_output(name: str, loss: str) -> str:
    """Return the output layer's activation as the loss sees it."""
    allowed = OUTPUTS_FOR.get(loss, OUTPUTS_FOR_VALUES)
    if name != "auto" and name not in allowed:
        raise SettingsError(
            f"output_activation: {name} does not go with the loss {loss}; it allows auto, {', '.join(allowed)}."
        )
    return name if loss not in OUTPUTS_FOR and name != "auto" else "identity"


def _check_loss_options(settings: Settings, loss: str, target: Target) -> None:
    if settings.label_smoothing and loss not in ("bce", "cross_entropy"):
        raise SettingsError(f"label_smoothing: it goes with bce and cross_entropy, but the loss is {loss}; take 0.")
    if settings.stop_accuracy is not None and target.task == "regression":
        raise SettingsError(f"stop_accuracy: the target {target.name!r} is a number and has no accuracy; leave it out.")
    if settings.class_weights and target.task == "regression":
        raise SettingsError(f"class_weights: the target {target.name!r} is a number and has no classes; leave them out.")


def _balanced_weights(class_counts: Sequence[int] | NDArray[np.int64]) -> tuple[float, ...]:
    """Return n / (K n_k) for each class, whose mean over the rows is 1; 1 for a class without rows.

    References
    ----------
    King and Zeng (2001), "Logistic regression in rare events data"; scikit-learn's class_weight="balanced".
    """
    counts = [int(count) for count in class_counts]
    present = sum(count > 0 for count in counts)
    return tuple(sum(counts) / (present * count) if count else 1.0 for count in counts)


def _switched_off(settings: Settings, n_inputs: int) -> tuple[tuple[int, int], ...]:
    for layer, unit in settings.switched_off:
        if layer == 0 and unit > n_inputs:
            raise SettingsError(f"switched_off: there is no input {unit}; the network has {n_inputs}.")
    return tuple(sorted({(layer, unit - 1) for layer, unit in settings.switched_off}))
