"""The complete state of a trainer at one step, as two read-only arrays: small to keep, exact to put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.records import frozen

Words = NDArray[np.uint64]
_MASK = 2**64 - 1


@dataclass(frozen=True, slots=True)
class TrainerState:
    """Everything a trainer needs to go on exactly as if it had never stopped (its settings and data apart).

    Attributes
    ----------
    vector : ndarray of shape ((1 + slots) * n_parameters,)
        Parameters, then the optimizer's state. Read-only.
    words : ndarray of uint64, shape (10,)
        step, epoch, position in the epoch (rows used), updates of the optimizer, and the random generator at the epoch's
        start (6). Read-only.
    """

    vector: NDArray[np.floating[Any]]
    words: Words

    @property
    def step(self) -> int:
        """Number of updates done."""
        return int(self.words[0])

    @property
    def nbytes(self) -> int:
        """Memory it takes, in bytes; the two array objects themselves included."""
        return self.vector.nbytes + self.words.nbytes + 2 * 112 + 48


def take_state(
    vector: NDArray[np.floating[Any]], step: int, epoch: int, position: int, n_updates: int, generator_words: Words
) -> TrainerState:
    """Return a state as read-only copies."""
    words = np.empty(10, dtype=np.uint64)
    words[:4] = step, epoch, position, n_updates
    words[4:] = generator_words
    words.flags.writeable = False
    return TrainerState(frozen(vector), words)


def generator_words(generator: np.random.Generator) -> Words:
    """Return the state of a PCG64 generator as six words."""
    state: dict[str, Any] = dict(generator.bit_generator.state)
    value, increment = state["state"]["state"], state["state"]["inc"]
    halves = (value >> 64, value & _MASK, increment >> 64, increment & _MASK, state["has_uint32"], state["uinteger"])
    return np.array(halves, dtype=np.uint64)


def set_generator(generator: np.random.Generator, words: Words) -> None:
    """Put a PCG64 generator into the state that `words` tell."""
    high, low, inc_high, inc_low, has_uint32, uinteger = (int(word) for word in words)
    generator.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": (high << 64) | low, "inc": (inc_high << 64) | inc_low},
        "has_uint32": has_uint32,
        "uinteger": uinteger,
    }
