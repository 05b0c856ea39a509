"""What goes down to the threads that read data, and what comes up from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.data.columns.suggestion import Column, Suggestion
from engine.data.examples.catalogue import EXAMPLES
from engine.data.import_spec import ImportSpec
from engine.data.prepared import PreparedData
from engine.data.table import Table
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.data.columns.profile import ColumnProfile
    from engine.data.examples.drawn import DrawnPoints
    from engine.data.recognition.dialect import Recognition

PREVIEW_ROWS = 200
"""Rows that are read anew, at once, whenever a choice changes how a file is read."""


@dataclass(frozen=True, slots=True)
class ReadTable:
    """Ask for a file to be read and understood; `spec` overrides what would be recognised."""

    request_id: int
    path: Path
    spec: ImportSpec | None = None


@dataclass(frozen=True, slots=True)
class PreviewTable:
    """Ask for the first rows of a file.

    Attributes
    ----------
    request_id : int
    path : Path
    spec : ImportSpec or None
        How it is written; recognised where that is None.
    encoding : str or None
        Its encoding, where recognition need not look for it.
    given : mapping of str to object
        Fields that a person has chosen: the others are recognised with these.
    known : Recognition or None
        What was recognised without them.
    """

    request_id: int
    path: Path
    spec: ImportSpec | None = None
    encoding: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    known: Recognition | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SuggestRoles:
    """Ask what to predict from what, as far as the roles in `spec` leave it open."""

    request_id: int
    columns: tuple[Column, ...]
    spec: ImportSpec


@dataclass(frozen=True, slots=True, eq=False)
class DescribeColumns:
    """Ask for the profile of every column and what to beware of when `target` is predicted from it."""

    request_id: int
    columns: tuple[Column, ...]
    target: str | None


@dataclass(frozen=True, slots=True)
class ShowLines:
    """Ask for lines of a file as they stand there, from line `first` on."""

    request_id: int
    path: Path
    spec: ImportSpec
    first: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class TableRead:
    """A file as it was understood: all of it, or its first rows; `recognition` where it was asked for."""

    request_id: int
    path: Path
    table: Table
    columns: tuple[Column, ...]
    suggestion: Suggestion
    recognition: Recognition | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RolesSuggested:
    """What to predict from what."""

    request_id: int
    suggestion: Suggestion


@dataclass(frozen=True, slots=True, eq=False)
class ColumnsDescribed:
    """The profile of every column, the sentences about some, and the rows of each class of the target."""

    request_id: int
    profiles: tuple[ColumnProfile, ...]
    cautions: dict[str, tuple[str, ...]]
    balance: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LinesRead:
    """Numbered lines of a file; none where it is no text, `encoding` where they are shown in another one than asked for."""

    request_id: int
    lines: tuple[tuple[int, str], ...]
    encoding: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where data come from: an example's key, a file as it was read, or points drawn by hand."""

    example: str | None = None
    table: TableRead | None = None
    drawn: DrawnPoints | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        if self.table is not None:
            return self.table.path.name
        if self.drawn is not None:
            return "Drawn points"
        return EXAMPLES[self.example].title if self.example is not None else ""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Ask for a source to be made ready for training under these settings."""

    request_id: int
    source: Source
    settings: Settings


@dataclass(frozen=True, slots=True)
class DataReady:
    """Data made ready; `settings` name the target and features that were taken."""

    request_id: int
    source: Source
    settings: Settings
    data: PreparedData


@dataclass(frozen=True, slots=True)
class DataFailure:
    """The file or the choice can't be used: one sentence says what, where, and what to do.

    Attributes
    ----------
    line : int or None
        1-based line of the file where it happened.
    recognition : Recognition or None
        How the file is written, where that was found out before it failed.
    is_undecodable : bool
        Whether the bytes of the file are no text in the encoding it was read with.
    """

    request_id: int
    sentence: str
    line: int | None = None
    recognition: Recognition | None = None
    is_undecodable: bool = False
