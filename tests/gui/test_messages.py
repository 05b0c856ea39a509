"""What two branches of a run have in common."""

from __future__ import annotations

import pytest

from gui.session.messages import BranchInfo, common_step

#   0 ---- 20 ------------- 50
#           \-- 1 -- 30 --- 45
#           |         \-- 2 -- 40
#           \-- 3 -- 25
BRANCHES = (BranchInfo(0, None, 0, 50), BranchInfo(1, 0, 20, 45), BranchInfo(2, 1, 30, 40), BranchInfo(3, 0, 20, 25))


@pytest.mark.parametrize(
    ("first", "second", "step"), [(0, 0, 50), (0, 1, 20), (1, 2, 30), (2, 0, 20), (2, 3, 20), (1, 3, 20), (2, 2, 40)]
)
def test_common_step_is_where_the_lines_part(first: int, second: int, step: int) -> None:
    assert common_step(BRANCHES, first, second) == step
    assert common_step(BRANCHES, second, first) == step
