"""What training does at random inside a step: dropout and noise on the inputs, drawn in place.

Dropout is inverted: kept units are scaled by 1 / (1 - p), so that evaluation needs no correction (Srivastava et al. 2014).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.activations import Calls
from engine.number_cell import cell
from engine.settings import Settings

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Noise:
    """The random parts of a step.

    Attributes
    ----------
    generator : Generator
        Where the numbers come from; every step moves it on.
    dropout : tuple of float
        Share of units set to 0, one per hidden layer.
    input_noise : float
        Standard deviation of what is added to the inputs.
    """

    generator: Generator
    dropout: tuple[float, ...]
    input_noise: float

    def mask_calls(self, mask: Array, hidden_layer: int) -> Calls:
        """Return bound calls that draw a mask: 0 for a dropped unit, 1 / (1 - p) for a kept one.

        Parameters
        ----------
        mask : ndarray of shape (n_units, n_samples)
        """
        share = self.dropout[hidden_layer]
        kept = np.empty(mask.shape, dtype=bool)
        return [
            partial(self.generator.random, None, mask.dtype.type, mask),
            partial(np.greater_equal, mask, cell(share, mask), kept),
            partial(np.multiply, kept, cell(1.0 / (1.0 - share), mask), mask),
        ]

    def input_calls(self, inputs: Array, noisy: Array) -> Calls:
        """Return bound calls that write the inputs with noise added, both of shape (n_inputs, n_samples)."""
        return [
            partial(self.generator.standard_normal, None, noisy.dtype.type, noise := np.empty(noisy.shape, noisy.dtype)),
            partial(np.multiply, noise, cell(self.input_noise, noisy), noise),
            partial(np.add, inputs, noise, noisy),
        ]


def is_random(settings: Settings) -> bool:
    """Return whether a step of training draws random numbers of its own."""
    return settings.input_noise > 0.0 or any(share > 0.0 for share in settings.dropout)


def noise_for(settings: Settings, generator: Generator) -> Noise | None:
    """Return the noise that `settings` ask for, None where they ask for none."""
    if not is_random(settings):
        return None
    return Noise(generator, tuple(settings.dropout_of(layer) for layer in range(len(settings.hidden))), settings.input_noise)
