"""What was mended while a file was read, each kind of repair told once with the lines where it happened."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LINES_SHOWN = 5


@dataclass(frozen=True)
class Repair:
    """One kind of repair.

    Attributes
    ----------
    line : int or None
        1-based line where it happened first; None where it concerns the whole file.
    what : str
        A sentence with the number of rows and the lines.
    """

    line: int | None
    what: str


class RepairLog:
    """Counts repairs by kind and keeps the first lines of each."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lines: dict[str, list[int]] = {}

    def add(self, what: str, line: int) -> None:
        """Count one repair; `what` is a sentence about rows, with "{rows}" where their number goes."""
        self._counts[what] = self._counts.get(what, 0) + 1
        lines = self._lines.setdefault(what, [])
        if len(lines) < MAX_LINES_SHOWN:
            lines.append(line)

    def __getitem__(self, what: str) -> int:
        """Return how often `what` was added."""
        return self._counts.get(what, 0)

    def first_line(self, what: str) -> int | None:
        """Return the line where `what` was added first."""
        return self._lines[what][0] if what in self._lines else None

    def repairs(self) -> tuple[Repair, ...]:
        """Return one repair per kind, in the order of their first lines."""
        found = [Repair(self._lines[what][0], self._sentence(what)) for what in self._counts]
        return tuple(sorted(found, key=lambda repair: repair.line or 0))

    def _sentence(self, what: str) -> str:
        count, lines = self._counts[what], self._lines[what]
        shown = ", ".join(f"{line:,}" for line in lines)
        more = f" and {count - len(lines):,} more" if count > len(lines) else ""
        where = f"line {shown}" if count == 1 else f"lines {shown}{more}"
        return f"{what.format(rows='1 row' if count == 1 else f'{count:,} rows')} ({where})."
