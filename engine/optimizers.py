"""Optimizers: a frozen record of hyper-parameters, and an update bound once to the vectors it works on.

The state of an optimizer is `slots` vectors as long as the parameters; they follow the parameters in one contiguous vector, so
that a snapshot of a trainer is one copy. Updates have the semantics of torch.optim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.settings import Settings

Array = NDArray[np.floating[Any]]
Update = Callable[[int, float], None]
"""update(n_updates, learning_rate): n_updates counts this optimizer's own updates, this one included."""


class Optimizer(Protocol):
    """What every optimizer offers."""

    @property
    def slots(self) -> int:
        """Number of state vectors."""
        ...

    def bind(self, parameters: Array, gradient: Array, state: Array) -> Update:
        """Return the update that changes `parameters` and `state` in place from `gradient`.

        Parameters
        ----------
        parameters, gradient : ndarray of shape (n_parameters,)
        state : ndarray of shape (slots * n_parameters,)
        """
        ...


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, with momentum when asked for.

    b <- momentum b + g;  p <- p - learning_rate b   (torch.optim.SGD, no dampening).

    References
    ----------
    Polyak (1964), "Some methods of speeding up the convergence of iteration methods".
    """

    momentum: float = 0.0

    @property
    def slots(self) -> int:
        """One velocity vector with momentum, none without."""
        return 1 if self.momentum else 0

    def bind(self, parameters: Array, gradient: Array, state: Array) -> Update:
        """Return the update bound to these vectors."""
        scratch = np.empty_like(parameters)
        if not self.momentum:

            def descend(n_updates: int, learning_rate: float) -> None:
                np.multiply(gradient, learning_rate, scratch)
                np.subtract(parameters, scratch, parameters)

            return descend

        momentum = np.array(self.momentum, dtype=parameters.dtype)

        def descend_with_momentum(n_updates: int, learning_rate: float) -> None:
            np.multiply(state, momentum, state)
            np.add(state, gradient, state)
            np.multiply(state, learning_rate, scratch)
            np.subtract(parameters, scratch, parameters)

        return descend_with_momentum


@dataclass(frozen=True)
class Adam:
    """Adaptive moment estimation.

    m <- m + (1 - beta_1) (g - m);  v <- v + (1 - beta_2) (g^2 - v)
    p <- p - learning_rate (m / (1 - beta_1^t)) / (sqrt(v / (1 - beta_2^t)) + epsilon)

    References
    ----------
    Kingma and Ba (2015), "Adam: a method for stochastic optimization", algorithm 1.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    @property
    def slots(self) -> int:
        """The first and the second moment."""
        return 2

    def bind(self, parameters: Array, gradient: Array, state: Array) -> Update:
        """Return the update bound to these vectors.

        Both moments are averages of the same form, so they move together as one vector of length 2 n_parameters: half the
        calls.
        """
        size = len(parameters)
        first_moment, second_moment = state[:size], state[size:]
        change = np.empty_like(state)
        change_first, change_second = change[:size], change[size:]
        rates = np.empty_like(state)
        rates[:size], rates[size:] = 1.0 - self.beta_1, 1.0 - self.beta_2
        scratch = np.empty_like(parameters)
        beta_1, beta_2, epsilon = self.beta_1, self.beta_2, self.epsilon

        def adapt(n_updates: int, learning_rate: float) -> None:
            np.copyto(change_first, gradient)
            np.multiply(gradient, gradient, change_second)
            np.subtract(change, state, change)
            np.multiply(change, rates, change)
            np.add(state, change, state)
            # The corrections for the zero start are moved out of the vectors into two numbers.
            root = sqrt(1.0 - beta_2**n_updates)
            np.sqrt(second_moment, scratch)
            np.add(scratch, epsilon * root, scratch)
            np.divide(first_moment, scratch, scratch)
            np.multiply(scratch, learning_rate * root / (1.0 - beta_1**n_updates), scratch)
            np.subtract(parameters, scratch, parameters)

        return adapt


OPTIMIZERS: dict[str, Callable[[Settings], Optimizer]] = {
    "sgd": lambda settings: SGD(settings.momentum),
    "adam": lambda settings: Adam(),
}


def optimizer_for(settings: Settings) -> Optimizer:
    """Return the optimizer that `settings` ask for."""
    return OPTIMIZERS[settings.optimizer](settings)
