"""L-BFGS: steps along an approximation of Newton's direction, made of the last few changes of the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import ClassVar

import numpy as np

from engine.optimizers.line_search import Trial, strong_wolfe
from engine.optimizers.update import Array, Evaluate, Update

HISTORY_SIZE = 10
LEAST_CURVATURE = 1e-10
"""A step is remembered where the change of the gradient along it is larger than this."""

FLATTEST_SLOPE = 1e-9
"""No step is made along a direction whose slope is smaller than this: the loss is at its lowest."""


@dataclass(frozen=True)
class LBFGS:
    """Limited-memory BFGS, as torch.optim.LBFGS(max_iter=1, max_eval=26, history_size=10, tolerance_grad=0) with strong Wolfe.

    H ≈ inverse Hessian, from the last 10 pairs s = Δp, y = Δg
    p ← p − λ H g, λ by a line search that starts at η

    One update is one iteration: a direction, and a line search along it. No update is made where the gradient is 0 or its slope
    along the direction less than 1e-9.

    References
    ----------
    Nocedal (1980), "Updating quasi-Newton matrices with limited storage".
    Nocedal and Wright (2006), "Numerical optimization", algorithms 7.4 and 7.5.
    """

    slots: ClassVar[int] = 2 * HISTORY_SIZE
    scalars: ClassVar[int] = 4 + HISTORY_SIZE
    looks_ahead: ClassVar[bool] = True
    work_slots: ClassVar[int] = 1

    def bind(self, parameters: Array, work: Array, state: Array, evaluate: Evaluate) -> Update:
        """Return the update that works on these vectors."""
        iteration = _Iteration(parameters, work[: len(parameters)], state, evaluate)
        return Update(iteration.prepare, [iteration.make])


class _Iteration:
    """An iteration bound to its vectors.

    All that goes from one iteration to the next stands in the state vector and is read from there, rounded to its type, so that
    an iteration with a restored state is the same to the last bit: the pairs, as a ring; the scale of the first guess of the
    inverse Hessian.
    """

    def __init__(self, parameters: Array, gradient: Array, state: Array, evaluate: Evaluate) -> None:
        size = len(parameters)
        self._parameters, self._gradient, self._evaluate = parameters, gradient, evaluate
        vectors = state[: LBFGS.slots * size].reshape(LBFGS.slots, size)
        self._steps, self._changes = vectors[:HISTORY_SIZE], vectors[HISTORY_SIZE:]
        numbers = state[LBFGS.slots * size :]
        self._started, self._scale, self._length, self._oldest = (numbers[i : i + 1] for i in range(4))
        self._inverse_curvatures = numbers[4:]
        self._learning_rate = 0.0

    def prepare(self, n_updates: int, learning_rate: float) -> None:
        """Take the learning rate: the first step that the line search tries."""
        self._learning_rate = learning_rate

    def make(self) -> None:
        """Make the iteration; the gradient vector is left with the gradient it started from."""
        loss = self._evaluate()
        gradient = self._gradient.copy()
        if not gradient.any():
            return
        direction = self._direction(gradient)
        start = Trial(0.0, loss, float(gradient.dot(direction)), gradient)
        first_step = self._learning_rate
        if not self._started[0]:
            first_step *= min(1.0, 1.0 / float(np.abs(gradient).sum()))
            self._started[0] = 1.0
        descends = isfinite(loss) and start.slope <= -FLATTEST_SLOPE  # False also for a slope that is no number
        end = self._search(start, direction, first_step) if descends else start
        self._gradient[:] = gradient
        if end is not start:
            self._remember_pair(end.step * direction, end.gradient - gradient)

    def _direction(self, gradient: Array) -> Array:
        """Return -H g by the two loops over the pairs, from the newest to the oldest and back."""
        length, oldest = int(self._length[0]), int(self._oldest[0])
        order = [(oldest + i) % HISTORY_SIZE for i in range(length)]
        shares = {}
        direction = -gradient
        for pair in reversed(order):
            shares[pair] = self._steps[pair].dot(direction) * self._inverse_curvatures[pair]
            direction -= shares[pair] * self._changes[pair]
        if length:
            direction *= self._scale[0]
        for pair in order:
            share = self._changes[pair].dot(direction) * self._inverse_curvatures[pair]
            direction += (shares[pair] - share) * self._steps[pair]
        return direction

    def _search(self, start: Trial, direction: Array, first_step: float) -> Trial:
        """Move the parameters to the end of a line search, and return it."""
        origin = self._parameters.copy()

        def try_step(step: float) -> Trial:
            np.add(origin, step * direction, self._parameters)
            loss = self._evaluate()
            slope = float(self._gradient.dot(direction))
            if not (isfinite(loss) and isfinite(slope) and np.isfinite(self._parameters).all()):
                loss = slope = inf
            return Trial(step, loss, slope, self._gradient.copy())

        end = strong_wolfe(try_step, start, first_step, float(np.abs(direction).max()))
        if end is start:
            self._parameters[:] = origin
        else:
            np.add(origin, end.step * direction, self._parameters)
        return end

    def _remember_pair(self, step: Array, change: Array) -> None:
        """Put a pair into the ring in place of the oldest; a pair without curvature says nothing about the Hessian."""
        curvature = float(change.dot(step))
        if not curvature > LEAST_CURVATURE:
            return
        length, oldest = int(self._length[0]), int(self._oldest[0])
        place = (oldest + length) % HISTORY_SIZE
        self._steps[place], self._changes[place] = step, change
        self._inverse_curvatures[place] = 1.0 / curvature
        self._scale[0] = curvature / float(change.dot(change))
        if length == HISTORY_SIZE:
            self._oldest[0] = (oldest + 1) % HISTORY_SIZE
        else:
            self._length[0] = length + 1
