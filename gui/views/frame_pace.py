"""How often a part of the window is brought up to date while training runs; standing, it is at once."""

from __future__ import annotations

import time

from gui.session.messages import RunState, Snapshot

FIGURES_SECONDS = 0.09
"""Figures change ten times a second at most: nobody reads faster."""

MAPS_SECONDS = 0.045
"""Small maps change about fifteen times a second: with every second frame at full speed."""


class FramePace:
    """Tells which snapshots a part of the window takes.

    Parameters
    ----------
    least_seconds : float
        Time between two while training runs.
    """

    def __init__(self, least_seconds: float) -> None:
        self._least_seconds = least_seconds
        self.restart()

    def takes(self, snapshot: Snapshot) -> bool:
        """Return whether to show a snapshot: always where training stands, else when the last one was long enough ago."""
        now = time.monotonic()
        has_moved_on = snapshot.state is RunState.RUNNING and snapshot.step != self._taken_step
        if has_moved_on and now - self._taken_at < self._least_seconds:
            return False
        self._taken_at, self._taken_step = now, snapshot.step
        return True

    def restart(self) -> None:
        """Take the next snapshot in any case."""
        self._taken_at = float("-inf")
        self._taken_step = -1
