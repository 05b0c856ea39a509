"""What a run reached, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.batch_log import BatchLog
from engine.branch import Change
from engine.data.prepared import PreparedData
from engine.history import History
from engine.losses import LOSSES
from engine.network import NetworkSpec
from engine.records import Measurement, frozen
from engine.settings import Settings, make_settings
from engine.stopping import Stop


@dataclass(frozen=True)
class RunResult:
    """What a run reached.

    Attributes
    ----------
    history : History
        Stands at the step whose weights are the result: the last one, or after patience ran out the best.
    last_step : int
        The last update the result tells of. The current line may go on behind it.
    stop : Stop
    seconds : float or None
        Time spent on these updates; None where it is not known.
    """

    history: History
    last_step: int
    stop: Stop
    seconds: float | None

    @property
    def data(self) -> PreparedData:
        """What was learned from."""
        return self.history.trainer.data

    @property
    def spec(self) -> NetworkSpec:
        """The network the run ends with."""
        return self.history.trainer.spec

    @property
    def parameters(self) -> NDArray[np.floating[Any]]:
        """The parameters the run ends with; read-only."""
        return self.history.trainer.parameters

    @property
    def measurement(self) -> Measurement:
        """The losses over all rows with these parameters; nothing is written into the history, where rules would see it."""
        return self.history.trainer.measure()

    @property
    def settings(self) -> Settings:
        """The settings of the first update as used: every `auto` replaced by what it came to."""
        return settings_as_used(self.history.changes_until(self.last_step)[0].settings, self.data, self.spec)

    @property
    def initial_parameters(self) -> NDArray[np.floating[Any]]:
        """The parameters before the first update, numbers put in by hand included; read-only."""
        start = self.history.branches[0].keyframe_at(0)
        assert start is not None, "the start of a run is always kept"
        parameters = start.vector[: self.spec.n_parameters].copy()
        for index, value in self.history.changes_until(self.last_step)[0].edits:
            parameters[index] = value
        return frozen(parameters)

    @property
    def batches(self) -> BatchLog:
        """The rows of every update."""
        return BatchLog.from_history(self.history, self.last_step)

    @property
    def changes(self) -> list[Change]:
        """What was changed inside the run, in order.

        Settings changed before the first update are the run's settings; numbers put in by hand there are listed, for no setting
        tells them.
        """
        return [
            change
            for change in self.history.changes_until(self.last_step)
            if change.words and (change.step > 0 or change.edits)
        ]


def settings_as_used(settings: Settings, data: PreparedData, spec: NetworkSpec) -> Settings:
    """Return the settings with every `auto` replaced by what it came to; with them the same run comes out."""
    output_activation: str = settings.output_activation
    if output_activation == "auto":
        output_activation = spec.shown_activation if LOSSES[spec.loss].gives_probabilities else spec.activations[-1]
    return make_settings(
        settings,
        target=data.target.name,
        features=tuple(dict.fromkeys(feature.column for feature in data.features)),
        task=data.target.task,
        loss=spec.loss,
        output_activation=output_activation,
    )


def result_where_it_stands(history: History, ended: Stop | None = None) -> RunResult:
    """Return a run as one that was trained to the step where it stands, how long that took left open.

    Parameters
    ----------
    history : History
    ended : Stop, optional
        What ended the run where it stands. Where patience ran out, the updates after the best step are part of the run.
    """
    stop = ended or _reason_to_stand(history)
    last_step = history.step if stop.step is None else history.last_step
    return RunResult(history, last_step, stop, None)


def _reason_to_stand(history: History) -> Stop:
    """Return why a run that no rule ended stands where it does: at its length, or because somebody stopped it there."""
    trainer = history.trainer
    if history.step == trainer.settings.steps:
        return Stop("steps")
    if trainer.epoch == trainer.settings.epochs and not trainer.epoch_is_open:
        return Stop("epochs")
    of_how_many = f" of {history.last_step:,}" if history.step < history.last_step else ""
    return Stop("interrupted", f"the run stood at step {history.step:,}{of_how_many}")
