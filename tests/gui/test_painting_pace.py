"""What may lag while training runs, and what may not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QPainter, QPixmap

from gui.session.messages import RunState
from gui.views.frame_pace import FramePace
from gui.views.network_backdrop import Backdrop
from gui.views.network_links import LinkLook
from gui.views.network_strokes import NOT_FINITE


class Moment:
    def __init__(self, step: int, state: RunState) -> None:
        self.step, self.state = step, state


def test_figures_rest_while_training_runs_and_never_while_it_stands():
    pace = FramePace(60.0)
    assert pace.takes(Moment(1, RunState.RUNNING))
    assert not pace.takes(Moment(2, RunState.RUNNING))
    assert pace.takes(Moment(2, RunState.PAUSED))
    assert pace.takes(Moment(3, RunState.PAUSED))
    pace.restart()
    assert pace.takes(Moment(4, RunState.RUNNING))


def drawn(backdrop, look, *, exactly):
    times = []
    backdrop.show_links(look, exactly=exactly)
    target = QPixmap(20, 20)
    painter = QPainter(target)
    backdrop.paint(painter, (20, 20), lambda _: times.append(1))
    painter.end()
    return len(times)


def test_links_are_drawn_anew_where_a_difference_could_be_seen(qapp):
    levels, order = np.array([50, 60, 70]), np.array([0, 1, 2])
    look, backdrop = LinkLook(2.0, levels, order), Backdrop()
    assert drawn(backdrop, look, exactly=False) == 1
    near = replace(look, levels=levels + np.array([1, 0, -1]))
    assert drawn(backdrop, near, exactly=False) == 0
    assert drawn(backdrop, near, exactly=True) == 1
    assert drawn(backdrop, replace(look, levels=levels + np.array([3, 0, 0])), exactly=False) == 1
    assert drawn(backdrop, replace(look, levels=np.array([NOT_FINITE, 60, 70])), exactly=False) == 1
