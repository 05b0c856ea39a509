"""Why a run ends before anybody stops it: the rules, looked at only at the ends of epochs, so that watching changes nothing.

References
----------
Prechelt (1998), "Early stopping - but when?", section 2: the class UP of criteria, here without its strips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from engine.settings import Settings

if TYPE_CHECKING:
    from engine.history import History

StopReason = Literal["epochs", "steps", "seconds", "loss", "accuracy", "patience", "converged", "interrupted", "non-finite"]


STILL_STEPS = 10
"""Updates of L-BFGS without any change of the loss, after which none will come: all it looks at stays the same."""


class Stop(NamedTuple):
    """Why a run ended; the sentence is empty where the reason says it all.

    `step` is where the run's result stands: after patience ran out that is an earlier, better step; None for the last.
    """

    reason: StopReason
    sentence: str = ""
    step: int | None = None

    def __str__(self) -> str:
        """Return the reason, and after a colon the sentence."""
        return f"{self.reason}: {self.sentence}" if self.sentence else self.reason


def time_is_up(settings: Settings, seconds: float) -> Stop | None:
    """Return that the time of the settings has passed, None where it has not: asked at any step, for it decides no number."""
    if settings.seconds is None or seconds < settings.seconds:
        return None
    return Stop("seconds", f"{settings.seconds:g} s of training have passed")


class StopRules:
    """The rules of the settings in force, applied to one history; remembers the best epoch of the line it last looked at."""

    def __init__(self) -> None:
        self._forget()

    def after_epoch(self, history: History, seconds: float) -> Stop | None:
        """Return why the run should end at this end of an epoch, None where it should go on.

        Parameters
        ----------
        history : History
            Stands at the end of its line, where an epoch has just been measured.
        seconds : float
            Time spent training so far.
        """
        settings = history.trainer.settings
        out_of_time = time_is_up(settings, seconds)
        if out_of_time is not None:
            return out_of_time
        part = "validation" if len(history.trainer.data.y_validation) else "training"
        loss = history.measurement().decisive_loss
        if settings.stop_loss is not None and loss <= settings.stop_loss:
            return Stop("loss", f"the {part} loss {loss:.6g} is at most {settings.stop_loss:g}")
        if settings.stop_accuracy is not None:
            reached = history.trainer.decisive_accuracy()
            if reached >= settings.stop_accuracy:
                return Stop("accuracy", f"the {part} accuracy {reached:.4g} is at least {settings.stop_accuracy:g}")
        if settings.optimizer == "lbfgs" and _stands_still(history):
            return Stop("converged", f"L-BFGS has converged: the loss has been the same for {STILL_STEPS} updates")
        return None if settings.patience is None else self._patience(history, settings.patience, part)

    def _patience(self, history: History, patience: int, part: str) -> Stop | None:
        self._look(history)
        if self._epochs_since < patience:
            return None
        epochs = "epoch" if self._epochs_since == 1 else f"{self._epochs_since:,} epochs"
        sentence = (
            f"the {part} loss has not fallen for {epochs}; its lowest, {self._best_loss:.6g}, is at step {self._best_step:,}"
        )
        return Stop("patience", sentence, self._best_step)

    def _forget(self) -> None:
        self._line: tuple[int, int] = (-1, -1)
        self._best_step, self._best_loss, self._epochs_since = 0, float("inf"), 0

    def _look(self, history: History) -> None:
        """Take in the epochs measured since the last look; all of the line where it is another one.

        Epochs before a change of the network by hand do not count: going back to them would not bring their losses back.
        """
        branch, last_step, first = history.branch.branch_id, history.last_step, history.last_reshaping() + 1
        since = self._line[1] + 1
        if self._line[0] != branch or since > last_step or since <= first:
            self._forget()
            since = first
        for measurement in history.records(since, last_step).measurements:
            if measurement.step == 0:
                continue
            loss = measurement.decisive_loss
            self._epochs_since += 1
            if loss < self._best_loss:
                self._best_step, self._best_loss, self._epochs_since = measurement.step, loss, 0
        self._line = (branch, last_step)


def _stands_still(history: History) -> bool:
    if history.last_step < STILL_STEPS:
        return False
    losses = history.records(history.last_step - STILL_STEPS + 1, history.last_step).batch_losses
    return bool((losses == losses[0]).all())
