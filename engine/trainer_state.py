"""The complete state of a trainer at one step, as two read-only arrays: small to keep, exact to put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.records import frozen
from engine.schedules import PlateauState

Words = NDArray[np.uint64]
_MASK = 2**64 - 1

IN_FILE_ORDER = 2**63
"""Added to the epoch's number in the words of a state where its rows come as they stand."""


class StateWords(NamedTuple):
    """What a trainer is, apart from its vector.

    Attributes
    ----------
    counters : tuple of int
        step, epoch, position in the epoch (rows used), updates of the optimizer.
    shuffled : bool
        Whether the rows of the epoch come in an order drawn for it.
    epoch_generator : ndarray of uint64, shape (6,)
        The random generator at the epoch's start, from which the order of its rows is drawn.
    noise_generator : ndarray of uint64, shape (6,), or None
        The generator of dropout and input noise; None where nothing draws from it.
    plateau : PlateauState or None
        Where the learning rate follows the loss.
    """

    counters: tuple[int, int, int, int]
    shuffled: bool
    epoch_generator: Words
    noise_generator: Words | None = None
    plateau: PlateauState | None = None


@dataclass(frozen=True, slots=True)
class TrainerState:
    """Everything a trainer needs to go on exactly as if it had never stopped (its settings and data apart).

    Attributes
    ----------
    vector : ndarray of shape ((1 + slots) * n_parameters + scalars,)
        Parameters, then the optimizer's state. Read-only.
    words : ndarray of uint64, shape (10,) or more
        The parts of `StateWords`, one after the other, those that are None left out. Read-only.
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

    def unpacked(self, *, random: bool, plateau: bool) -> StateWords:
        """Return the parts of `words`, given which of the optional ones the settings in force call for."""
        step, epoch, position, n_updates = (int(word) for word in self.words[:4])
        in_file_order, epoch = divmod(epoch, IN_FILE_ORDER)
        noise = self.words[10:16] if random else None
        plateau_state = None
        if plateau:
            factor, best, bad_epochs = self.words[-3:].view(np.float64).tolist()
            plateau_state = PlateauState(factor, best, int(bad_epochs))
        return StateWords((step, epoch, position, n_updates), not in_file_order, self.words[4:10], noise, plateau_state)


def take_state(vector: NDArray[np.floating[Any]], words: StateWords) -> TrainerState:
    """Return a state as read-only copies."""
    n_words = 10 + (6 if words.noise_generator is not None else 0) + (3 if words.plateau is not None else 0)
    packed = np.empty(n_words, dtype=np.uint64)
    packed[:4] = words.counters
    packed[1] += np.uint64(0 if words.shuffled else IN_FILE_ORDER)
    packed[4:10] = words.epoch_generator
    if words.noise_generator is not None:
        packed[10:16] = words.noise_generator
    if words.plateau is not None:
        packed[-3:].view(np.float64)[:] = words.plateau
    packed.flags.writeable = False
    return TrainerState(frozen(vector), packed)


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
