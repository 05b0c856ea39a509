"""What happened along the line of history on screen: where branches begin and leave, and where settings changed."""

from __future__ import annotations

from typing import NamedTuple

from gui.session.loss_curve import LossCurve
from gui.session.messages import BranchInfo


class LineMark(NamedTuple):
    """Something to mark at a step.

    Attributes
    ----------
    step : int
    text : str
    fork : bool
        Whether a branch begins or leaves here; otherwise settings were changed.
    """

    step: int
    text: str
    fork: bool


def branch_numbers(branches: tuple[BranchInfo, ...]) -> dict[int, int]:
    """Return the number people see, from 1, of every branch by its id."""
    return {branch.branch_id: number for number, branch in enumerate(sorted(branches, key=lambda b: b.branch_id), start=1)}


def branch_label(branch: BranchInfo, number: int) -> str:
    """Return a branch in words, for the list of branches."""
    start = f"from step {branch.fork_step:,}" if branch.parent_id is not None else "from the start"
    change = f" · {branch.change}" if branch.change else ""
    return f"branch {number} · {start} to {branch.last_step:,}{change}"


def fork_marks(branches: tuple[BranchInfo, ...], current_id: int) -> list[LineMark]:
    """Return where the line of branch `current_id` left its parents, and where other branches leave it."""
    by_id = {branch.branch_id: branch for branch in branches}
    numbers = branch_numbers(branches)
    ends = _ends_on_line(by_id, current_id)
    marks = []
    for branch in branches:
        if branch.parent_id not in ends or branch.fork_step > ends[branch.parent_id]:
            continue
        own = branch.branch_id in ends
        text = f"branch {numbers[branch.branch_id]} {'begins' if own else 'leaves'} here"
        marks.append(LineMark(branch.fork_step, f"{text}: {branch.change}" if branch.change else text, fork=True))
    return sorted(marks)


def _ends_on_line(by_id: dict[int, BranchInfo], current_id: int) -> dict[int | None, int]:
    """Return the branches the line consists of, each with the last of its steps on the line."""
    ends: dict[int | None, int] = {}
    branch = by_id.get(current_id)
    end = branch.last_step if branch is not None else 0
    while branch is not None and branch.branch_id not in ends:
        ends[branch.branch_id] = end
        end = branch.fork_step
        branch = None if branch.parent_id is None else by_id.get(branch.parent_id)
    return ends


def change_marks(curve: LossCurve) -> list[LineMark]:
    """Return where settings were changed."""
    return [LineMark(step, text, fork=False) for step, text in curve.changes]
