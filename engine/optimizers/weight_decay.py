"""Decoupled weight decay: every parameter shrinks a little in each update, whatever its gradient."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.number_cell import cell
from engine.optimizers.update import Array, Update
from engine.settings import Settings

ADAMW_WEIGHT_DECAY = 0.01
"""What torch.optim.AdamW takes when nothing is given."""


def weight_decay_rate(settings: Settings) -> float:
    """Return the rate of decay that `settings` ask for; not given, it is 0.01 with adamw and 0 otherwise."""
    if settings.weight_decay is not None:
        return settings.weight_decay
    return ADAMW_WEIGHT_DECAY if settings.optimizer == "adamw" else 0.0


def weight_decay(parameters: Array, rate: float, trained: Array | None) -> Update:
    """Return the update p <- p (1 - learning_rate * rate), to be made before the optimizer's calls as in torch.optim.AdamW.

    Parameters
    ----------
    parameters : ndarray of shape (n_parameters,)
        Biases decay too.
    rate : float
    trained : ndarray of shape (n_parameters,) or None
        1 for parameters that decay and 0 for those left alone (running statistics); None: all decay.

    References
    ----------
    Loshchilov and Hutter (2019), "Decoupled weight decay regularization", algorithm 2, line 12.
    """
    if trained is None:
        kept = cell(1.0, parameters)

        def prepare(n_updates: int, learning_rate: float) -> None:
            kept[()] = 1.0 - learning_rate * rate

    else:
        kept, masked = np.empty_like(parameters), trained.astype(parameters.dtype)

        def prepare(n_updates: int, learning_rate: float) -> None:
            np.multiply(masked, -learning_rate * rate, kept)
            np.add(kept, 1.0, kept)

    return Update(prepare, [partial(np.multiply, parameters, kept, parameters)])
