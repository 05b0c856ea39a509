"""What the window asks of the training thread: frozen values, carried down by signals."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.data.prepared import PreparedData
from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class NewRun:
    """Start a run from step 0 on `data`; the old one is kept, unless it is to be replaced."""

    run_id: int
    settings: Settings
    data: PreparedData
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class PathWanted:
    """Ask for the parameters along the current line, for the landscape."""

    run_id: int
    max_points: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class ExportWanted:
    """Ask for the files of the run, as it stands on its current line, in a folder that is made if missing."""

    run_id: int
    folder: Path
