"""A text that does not fit is replaced by a shorter one, and no number ever loses its first digits."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.panels.fitting_label import FittingLabel

TEXTS = ("20,640 · 16,512 train · 4,128 val", "16,512 train · 4,128 val", "20,640")


@pytest.mark.parametrize(("place", "room"), [(0, 0), (1, 0), (1, 1), (2, 0)])
def test_the_longest_text_that_fits_is_shown(qtbot: QtBot, place: int, room: int) -> None:
    label = FittingLabel()
    qtbot.addWidget(label)
    label.set_texts(TEXTS)
    label.show()
    label.resize(label.fontMetrics().horizontalAdvance(TEXTS[place]) + 1 + room, 24)
    assert label.text() == TEXTS[place]


def test_the_last_text_ends_with_an_ellipsis_where_it_is_too_long(qtbot: QtBot) -> None:
    label = FittingLabel()
    qtbot.addWidget(label)
    label.set_texts(TEXTS)
    label.show()
    label.resize(32, 24)
    assert label.text().endswith("…")
