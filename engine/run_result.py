"""What a run reached, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.batch_log import BatchLog
from engine.data.prepared import PreparedData
from engine.history import History
from engine.losses import LOSSES
from engine.network import NetworkSpec
from engine.settings import Settings, make_settings
from engine.stopping import Stop


@dataclass(frozen=True)
class RunResult:
    """What a run reached.

    Attributes
    ----------
    settings : Settings
        As used: every `auto` replaced by what it came to.
    data : PreparedData
    history : History
        Stands at the step whose weights are the result: the last one, or after patience ran out the best. Every other can be
        gone to.
    initial_parameters : ndarray of shape (n_parameters,)
        Read-only.
    batches : BatchLog
        One per step, in order.
    seconds : float
        Time spent training.
    stop : Stop
    """

    settings: Settings
    data: PreparedData
    history: History
    initial_parameters: NDArray[np.floating[Any]]
    batches: BatchLog
    seconds: float
    stop: Stop

    @property
    def spec(self) -> NetworkSpec:
        """The network."""
        return self.history.trainer.spec

    @property
    def parameters(self) -> NDArray[np.floating[Any]]:
        """The parameters the run ends with; read-only."""
        return self.history.trainer.parameters


def settings_as_used(settings: Settings, data: PreparedData, spec: NetworkSpec) -> Settings:
    """Return the settings with every `auto` replaced by what it came to; with them the same run comes out."""
    output_activation: str = settings.output_activation
    if output_activation == "auto":
        output_activation = LOSSES[spec.loss].display_activation or spec.activations[-1]
    return make_settings(
        settings,
        target=data.target.name,
        features=tuple(dict.fromkeys(feature.column for feature in data.features)),
        task=data.target.task,
        loss=spec.loss,
        output_activation=output_activation,
    )
