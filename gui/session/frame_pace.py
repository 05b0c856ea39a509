"""When the next frame is due, and whether the last one is on screen: the credit that keeps training and painting apart."""

from __future__ import annotations

FRAME_SECONDS = 1 / 30.7
"""Time between two frames at full speed: a little more than 30 a second."""

LEAST_TRAINING_SECONDS = 0.008
"""Training time a frame leaves however long its paint took."""

SEEK_FRAME_SECONDS = 0.1
"""Time between two frames of a long way back or forth."""


class FramePace:
    """The beat of the frames; times are those of `time.perf_counter`.

    Attributes
    ----------
    has_credit : bool
        Whether the last frame is on screen, or nobody is looking.
    """

    def __init__(self) -> None:
        self.has_credit = True
        self._sent_at = self._beat = self._rest_until = 0.0

    @property
    def due(self) -> float:
        """When the next frame is due at full speed."""
        return max(self._beat, self._rest_until)

    @property
    def seek_frame_due(self) -> float:
        """When the next frame is due on a long way."""
        return self._sent_at + SEEK_FRAME_SECONDS

    def restart(self) -> None:
        """Begin to play."""
        self._rest_until = 0.0

    def let_train(self, now: float) -> None:
        """Leave training its least time before the next frame."""
        self._rest_until = now + LEAST_TRAINING_SECONDS

    def take_beat(self, now: float) -> None:
        """Take the beat that is due. Beats are fixed, so that small delays do not add up; a missed one is not made up for."""
        self._beat = max(self._beat + FRAME_SECONDS, now)

    def sent(self, now: float) -> None:
        """Note that a frame is on its way: its credit is gone until it comes back."""
        self.has_credit = False
        self._sent_at = now
