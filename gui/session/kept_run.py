"""A run as the training thread keeps it: its history, and what is counted about how it was trained."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.history import History
from engine.run_result import RunResult, result_where_it_stands
from engine.stopping import Stop, StopRules, time_is_up
from gui.session.messages import RunInfo


@dataclass
class KeptRun:
    """One run.

    Attributes
    ----------
    history : History
    info : RunInfo
    seconds : float
        Time spent on its updates.
    steps_taken : int
        Updates made, replayed ones included.
    """

    history: History
    info: RunInfo
    seconds: float = 0.0
    steps_taken: int = 0
    _rules: StopRules = field(default_factory=StopRules)

    @property
    def info_with_steps(self) -> RunInfo:
        """The run with how far it got in its title."""
        return replace(self.info, title=f"{self.info.title} · {self.history.last_step:,} steps")

    def after_epoch(self) -> Stop | None:
        """Apply the rules of the settings at the end of an epoch."""
        return self._rules.after_epoch(self.history, self.seconds)

    def time_is_up(self) -> Stop | None:
        """Return that the time of the settings has passed, at the end of the line."""
        history = self.history
        return time_is_up(history.trainer.settings, self.seconds) if history.step == history.last_step else None

    def result(self, ended: Stop | None) -> RunResult:
        """Return the run where it stands; the time it took where each of its updates was made once and no other."""
        result = result_where_it_stands(self.history, ended)
        return replace(result, seconds=self.seconds) if self.steps_taken == result.last_step else result
