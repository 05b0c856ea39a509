"""What was mended while a file was read, each kind of repair told once with the lines where it happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

MAX_LINES_SHOWN = 5
MAX_LINES_KEPT = 1000


@dataclass(frozen=True)
class Repair:
    """One kind of repair.

    Attributes
    ----------
    line : int or None
        1-based line where it happened first; None where it concerns the whole file.
    what : str
        A sentence with the number of rows and the lines.
    lines : tuple of int
        The lines where it happened, the first thousand at most.
    """

    line: int | None
    what: str
    lines: tuple[int, ...] = ()


def repair_in(what: str, lines: Sequence[int], count: int | None = None) -> Repair:
    """Return the repair of these lines (the first ones of `count`); the phrase `what` gets their numbers and a full stop."""
    return Repair(lines[0], f"{what} ({lines_shown(lines, count)}).", tuple(lines[:MAX_LINES_KEPT]))


def lines_shown(lines: Sequence[int], count: int | None = None) -> str:
    """Return line numbers as people write them: "line 7", "lines 7, 8 and 9 more"."""
    count = len(lines) if count is None else count
    shown = ", ".join(f"{line:,}" for line in lines[:MAX_LINES_SHOWN])
    more = f" and {count - MAX_LINES_SHOWN:,} more" if count > MAX_LINES_SHOWN else ""
    return f"line {shown}" if count == 1 else f"lines {shown}{more}"


class RepairLog:
    """Counts repairs by kind and keeps the first lines of each."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lines: dict[str, list[int]] = {}

    def add(self, what: str, *lines: int) -> None:
        """Count repairs in these lines; `what` is a phrase about rows, with "{rows}" where their number goes."""
        self.add_all(what, lines, len(lines))

    def add_all(self, what: str, lines: Iterable[int], count: int) -> None:
        """Count `count` repairs."""
        if count:
            self._counts[what] = self._counts.get(what, 0) + count
            kept = self._lines.setdefault(what, [])
            kept.extend(islice((int(line) for line in lines), MAX_LINES_KEPT - len(kept)))

    def __getitem__(self, what: str) -> int:
        """Return how often `what` was added."""
        return self._counts.get(what, 0)

    def first_line(self, what: str) -> int | None:
        """Return the line where `what` was added first."""
        return self._lines[what][0] if what in self._lines else None

    def repairs(self) -> tuple[Repair, ...]:
        """Return one repair per kind, in the order of their first lines."""
        found = [self._repair(what) for what in self._counts]
        return tuple(sorted(found, key=lambda repair: repair.line or 0))

    def _repair(self, what: str) -> Repair:
        count = self._counts[what]
        return repair_in(what.format(rows="1 row" if count == 1 else f"{count:,} rows"), self._lines[what], count)
