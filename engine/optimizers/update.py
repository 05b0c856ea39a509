"""What an optimizer is: a frozen record of hyper-parameters that is bound once to the vectors it works on.

The state of an optimizer is a few vectors as long as the parameters, and rarely some numbers more, in one contiguous vector: a
snapshot of it is one copy. For small networks the cost of an update is its number of NumPy calls, so an update is a list of
bound calls in place, whose numbers (a learning rate, an epsilon) stand in 0-d arrays, which make a call cheaper than Python's.

Large vectors are not taken slice by slice: measured with 20,000 to 1,000,000 parameters in both precisions, slices that fit the
cache gain nothing, since division and square root set the pace and not memory, and each costs its calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Call = Callable[[], Any]
"""Bound, without arguments."""

Evaluate = Callable[[], float]
"""Computes the loss (penalty included) at the present parameters and writes its gradient into the gradient vector."""


class Update(NamedTuple):
    """An update bound to its vectors.

    Attributes
    ----------
    prepare : callable (n_updates, learning_rate)
        To be called right before the calls of every update; `n_updates` counts this optimizer's own updates, this one included.
    calls : list of callable
        To be made in their order: they change parameters and state in place from the gradient, which they leave as it is.
    """

    prepare: Callable[[int, float], None]
    calls: list[Call]


class Optimizer(Protocol):
    """What every optimizer offers."""

    @property
    def slots(self) -> int:
        """Number of state vectors as long as the parameters."""
        ...

    @property
    def scalars(self) -> int:
        """Number of further numbers of state, behind the vectors."""
        ...

    @property
    def looks_ahead(self) -> bool:
        """Whether its calls evaluate the loss at other parameters, and so overwrite what the gradient was computed from."""
        ...

    @property
    def work_slots(self) -> int:
        """Number of work vectors as long as the parameters; the first is the gradient."""
        ...

    def bind(self, parameters: Array, work: Array, state: Array, evaluate: Evaluate) -> Update:
        """Return the update that works on these vectors.

        Parameters
        ----------
        parameters : ndarray of shape (n_parameters,)
        work : ndarray of shape (work_slots * n_parameters,)
            Its first n_parameters numbers are the gradient, there before the calls are made.
        state : ndarray of shape (slots * n_parameters + scalars,)
            Zero at the start of a run.
        evaluate : callable () -> float
            The loss at the present parameters, its gradient written into `work`. Used by L-BFGS alone.
        """
        ...


class StateVector(NamedTuple):
    """A vector of an optimizer's state: its name, and the unit it is kept in.

    A decaying mean, m <- beta m + (1 - beta) g, is kept as the sum m / (1 - beta), one call less for each update; the unit is
    what the stored numbers are multiplied with to get m.
    """

    name: str
    unit: float = 1.0


class ElementwiseOptimizer:
    """Base of the optimizers that treat every parameter by itself."""

    scalars: ClassVar[int] = 0
    looks_ahead: ClassVar[bool] = False
    work_slots: ClassVar[int] = 2

    @property
    def state_vectors(self) -> tuple[StateVector, ...]:
        """The vectors of the state, in their order."""
        raise NotImplementedError

    @property
    def slots(self) -> int:
        """Number of state vectors."""
        return len(self.state_vectors)


def set_learning_rate(cell: Array) -> Callable[[int, float], None]:
    """Return the `prepare` of an update that needs nothing but the learning rate, in `cell`."""

    def prepare(n_updates: int, learning_rate: float) -> None:
        cell[()] = learning_rate

    return prepare
