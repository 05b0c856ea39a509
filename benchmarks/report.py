"""The form every benchmark shares: repeats, medians, a table, and a JSON file."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

REPEATS = 3


def parser(description: str, repeats: int = REPEATS) -> argparse.ArgumentParser:
    """Return a parser with the options every benchmark has."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--json", metavar="FILE", type=Path, help="also write the figures to FILE")
    made.add_argument("--repeats", metavar="N", type=int, default=repeats, help=f"runs of each case [default: {repeats}]")
    return made


def median_of(measure: Callable[[], float], repeats: int) -> float:
    """Return the median of `repeats` measurements."""
    return statistics.median(measure() for _ in range(repeats))


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a head, columns aligned to the right but the first."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    print(title)
    for row in (head, *rows):
        print(
            "  "
            + "  ".join(
                cell.ljust(width) if not i else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
    print()


def write_json(path: Path | None, cases: Sequence[dict[str, Any]]) -> None:
    """Write the figures, where a file was asked for."""
    if path is not None:
        path.write_text(json.dumps({"cases": list(cases)}, indent=2) + "\n", encoding="utf-8")
