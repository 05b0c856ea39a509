"""What the window asks of the training thread: frozen values, carried down by signals."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.prepared import PreparedData
from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class NewRun:
    """Start a run from step 0 on `data`; the old one is kept."""

    run_id: int
    settings: Settings
    data: PreparedData


@dataclass(frozen=True, slots=True)
class PathWanted:
    """Ask for the parameters along the current line, for the landscape."""

    run_id: int
    max_points: int
    max_bytes: int
