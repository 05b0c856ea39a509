"""Counts the frames that reached the screen."""

from __future__ import annotations

import time
from collections import deque

WINDOW_SECONDS = 1.0


class FrameClock:
    """Frames per second over the last second."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def tick(self) -> None:
        """Count a frame."""
        now = time.perf_counter()
        self._times.append(now)
        while now - self._times[0] > WINDOW_SECONDS:
            self._times.popleft()

    @property
    def frames_per_second(self) -> float:
        """Frames counted over the last second, 0 before there are two."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(self._times[-1] - self._times[0], 1e-9)
