"""A whole update for batches of one size as one list of bound calls: gradient, penalties, clipping, optimizer.

What is switched off leaves no call behind: with the plain settings the list is forward, loss, backward and the optimizer's own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import Calls
from engine.computation import Computation
from engine.gradient_clipping import clip_calls
from engine.network import NetworkSpec
from engine.noise import Noise
from engine.optimizers import Update, optimizer_for, weight_decay, weight_decay_rate
from engine.settings import Settings

Array = NDArray[np.floating[Any]]


class StepCompiler:
    """Compiles the steps of one run for the settings in force, on fixed vectors.

    Parameters
    ----------
    settings : Settings
    spec : NetworkSpec
    parameters : ndarray of shape (n_parameters,)
    state : ndarray of shape (slots * n_parameters + scalars,)
        The optimizer's.
    noise : Noise or None

    Attributes
    ----------
    gradient : ndarray of shape (n_parameters,)
        Of the last step, penalties included.
    """

    def __init__(self, settings: Settings, spec: NetworkSpec, parameters: Array, state: Array, noise: Noise | None) -> None:
        optimizer = optimizer_for(settings)
        size = spec.n_parameters
        work = np.zeros(optimizer.work_slots * size, dtype=parameters.dtype)
        self.gradient = work[:size]
        self._spec, self._parameters, self._noise = spec, parameters, noise
        self._evaluate: Callable[[], float] = float
        self._after_gradient: Calls = [
            *_penalty_calls(settings, spec, parameters, self.gradient),
            *(partial(self.gradient[spec.layer_slices()[layer - 1]].fill, 0.0) for layer in settings.freeze),
        ]
        self._penalty = _penalty(settings, spec, parameters)
        self._clipping = clip_calls(self.gradient, settings)
        self._updates = [optimizer.bind(parameters, work, state, lambda: self._evaluate())]
        rate, self._trained = weight_decay_rate(settings), spec.trained_mask()
        if rate:
            trained = None if self._trained is None else self._trained.astype(parameters.dtype)
            self._updates.insert(0, weight_decay(parameters, rate, trained))
        self._looks_ahead = optimizer.looks_ahead
        self._frozen = _FrozenLayers(settings, spec, parameters, state, optimizer.slots) if settings.freeze else None

    def compiled(self, batch_size: int) -> CompiledStep:
        """Return the step for batches of this size; the last one compiled is what an optimizer evaluates that looks twice."""
        computation = Computation(self._spec, self._parameters, self.gradient, batch_size, self._noise)
        gradient_calls: Calls = [*computation.calls, *self._after_gradient]

        value = None
        calls: Calls = [*gradient_calls]
        if self._looks_ahead:
            value = _KeptValue(computation.value, self._parameters)
            calls.append(value.keep)
            self._evaluate = partial(self._look_ahead, gradient_calls, value)
        calls += self._clipping
        calls += [call for update in self._updates for call in update.calls]
        if self._frozen is not None:
            calls = [self._frozen.keep, *calls, self._frozen.put_back]
        return CompiledStep(computation, tuple(calls), self._updates, value or computation.value)

    def _look_ahead(self, gradient_calls: Calls, value: _KeptValue) -> float:
        """Return the loss at the present parameters, penalties included, and write its gradient; no running average moves.

        What the step itself has just computed is not computed again while the parameters stand where it was computed.
        """
        if value.place is not None and np.array_equal(value.place, self._parameters):
            return value() + self._penalty()
        value.place = None
        averages = None if self._trained is None else self._parameters[~self._trained]
        for call in gradient_calls:
            call()
        if self._trained is not None and averages is not None:
            self._parameters[~self._trained] = averages
        return value.now() + self._penalty()


class CompiledStep:
    """One update, ready to be made.

    Attributes
    ----------
    computation : Computation
        Its `batch` is to be filled first.
    calls : tuple of callables
        The whole update.
    value : callable () -> float
        After the calls, the batch's mean loss before the update, penalties excluded.
    """

    def __init__(
        self,
        computation: Computation,
        calls: tuple[Callable[[], Any], ...],
        updates: list[Update],
        value: Callable[[], float],
    ) -> None:
        self.computation = computation
        self.batch = computation.batch
        self.calls = calls
        self.value = value
        self.prepare = (
            updates[0].prepare if len(updates) == 1 else partial(_prepare_all, [update.prepare for update in updates])
        )


class _KeptValue:
    """The loss of the step's batch as it was when it was kept, for an optimizer that evaluates it at other parameters too.

    Attributes
    ----------
    now : callable () -> float
        The loss last computed.
    place : ndarray of shape (n_parameters,) or None
        The parameters at which it was kept; None once something was computed since.
    """

    def __init__(self, now: Callable[[], float], parameters: Array) -> None:
        self.now = now
        self.place: Array | None = None
        self._parameters = parameters
        self._kept = 0.0

    def keep(self) -> None:
        """Take the loss as it is now."""
        self._kept, self.place = self.now(), self._parameters.copy()

    def __call__(self) -> float:
        """Return what was kept."""
        return self._kept


def _prepare_all(prepares: list[Callable[[int, float], None]], n_updates: int, learning_rate: float) -> None:
    for prepare in prepares:
        prepare(n_updates, learning_rate)


def _weights_mask(spec: NetworkSpec, value: float, like: Array) -> Array:
    """Return `value` at the weights and 0 elsewhere, shape (n_parameters,)."""
    mask = np.zeros_like(like)
    for layer in spec.views(mask):
        layer.weights[...] = value
    return mask


def _penalty_calls(settings: Settings, spec: NetworkSpec, parameters: Array, gradient: Array) -> Calls:
    """Return the calls that add the gradient of (l2 / 2) sum w^2 + l1 sum |w|; at w = 0 the slope of |w| is 0."""
    calls: Calls = []
    scratch = np.empty_like(parameters)
    if settings.l2:
        calls.append(partial(np.multiply, parameters, _weights_mask(spec, settings.l2, parameters), scratch))
        calls.append(partial(np.add, gradient, scratch, gradient))
    if settings.l1:
        calls.append(partial(np.sign, parameters, scratch))
        calls.append(partial(np.multiply, scratch, _weights_mask(spec, settings.l1, parameters), scratch))
        calls.append(partial(np.add, gradient, scratch, gradient))
    return calls


def _penalty(settings: Settings, spec: NetworkSpec, parameters: Array) -> Callable[[], float]:
    """Return the function that computes (l2 / 2) sum w^2 + l1 sum |w| over the weights."""
    if not (settings.l1 or settings.l2):
        return float
    weights = _weights_mask(spec, 1.0, parameters)

    def penalty() -> float:
        of_weights = parameters * weights
        return 0.5 * settings.l2 * float(of_weights.dot(of_weights)) + settings.l1 * float(np.abs(of_weights).sum())

    return penalty


class _FrozenLayers:
    """Keeps the parameters of some layers, and what the optimizer remembers of them, as they are."""

    def __init__(self, settings: Settings, spec: NetworkSpec, parameters: Array, state: Array, slots: int) -> None:
        size = spec.n_parameters
        sections = [parameters, *(state[start : start + size] for start in range(0, slots * size, size))]
        parts = [spec.layer_slices()[layer - 1] for layer in settings.freeze]
        self._views = [section[part] for section in sections for part in parts]
        self._kept: list[Array] = []

    def keep(self) -> None:
        """Copy them, before the step."""
        self._kept = [view.copy() for view in self._views]

    def put_back(self) -> None:
        """Put the copies back, after the step."""
        for view, kept in zip(self._views, self._kept, strict=True):
            np.copyto(view, kept)
