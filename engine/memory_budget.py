"""Keeps the keyframes of several histories under one limit by thinning the largest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.branch import Branch

BranchSource = Callable[[], Iterable["Branch"]]


class MemoryBudget:
    """A limit that several histories share.

    Parameters
    ----------
    limit_bytes : int
        Records are kept whatever happens and count too; keyframes take what is left.
    """

    def __init__(self, limit_bytes: int = 256 * 2**20) -> None:
        self.limit_bytes = limit_bytes
        self._sources: dict[object, BranchSource] = {}

    @property
    def used_bytes(self) -> int:
        """Memory of all records and keyframes, in bytes."""
        return sum(branch.record_bytes + branch.keyframe_bytes for branch in self._branches())

    def join(self, history: object, branches: BranchSource) -> None:
        """Put a history's branches under this budget."""
        self._sources[history] = branches

    def leave(self, history: object) -> None:
        """Forget a history that is given up."""
        del self._sources[history]

    def enforce(self) -> None:
        """Thin while the limit is passed and thinning gives something back."""
        while self.used_bytes > self.limit_bytes:
            largest = max(self._branches(), key=lambda branch: branch.keyframe_bytes)
            if largest.stride > largest.last_step or largest.thin() == 0:
                return

    def _branches(self) -> list[Branch]:
        return [branch for branches in self._sources.values() for branch in branches()]
