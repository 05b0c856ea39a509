"""Folded settings: out of the way at their defaults, in sight as soon as one is in force."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.settings import Settings, make_settings
from gui.appearance import Appearance
from gui.panels.foldable_section import FoldableSection
from gui.panels.setting_rows import ChoiceRow, NumberRow


def always(name: str) -> bool:
    return True


@pytest.fixture
def section(qapp: QApplication, qtbot) -> FoldableSection:
    Appearance(qapp, "light")
    section = FoldableSection("Section", (ChoiceRow("loss"),), (NumberRow("l1"), NumberRow("l2"), NumberRow("clip_norm")))
    qtbot.addWidget(section)
    section.resize(216, 300)
    section.show_settings(Settings(), always)
    section.show()
    return section


def shown_names(section: FoldableSection) -> list[str]:
    return [row.name for row in section.rows if row.isVisible()]


def click(qtbot, section: FoldableSection) -> None:
    qtbot.mouseClick(section.toggle, Qt.MouseButton.LeftButton)


def test_only_essential_rows_at_first(section: FoldableSection):
    assert shown_names(section) == ["loss"]
    assert section.toggle.text() == "More"
    assert section.toggle.accessibleName() == "More settings: section"


def test_a_click_unfolds_and_folds(section: FoldableSection, qtbot):
    click(qtbot, section)
    assert shown_names(section) == ["loss", "l1", "l2", "clip_norm"]
    assert section.toggle.text() == "Less"
    click(qtbot, section)
    assert shown_names(section) == ["loss"]


def test_it_opens_by_itself_when_a_folded_setting_comes_into_force(section: FoldableSection):
    section.show_settings(make_settings(l2=0.1), always)
    assert section.is_open
    section.show_settings(Settings(), always)
    assert section.is_open  # what was seen stays where it was


def test_folding_by_hand_never_hides_what_is_in_force(section: FoldableSection, qtbot):
    section.show_settings(make_settings(l2=0.1), always)
    click(qtbot, section)
    assert shown_names(section) == ["loss", "l2"]
    section.show_settings(make_settings(l2=0.2), always)
    assert not section.is_open
    section.show_settings(make_settings(l2=0.2, clip_norm=1.0), always)
    assert section.is_open


def test_rows_without_effect_stay_hidden(section: FoldableSection, qtbot):
    section.show_settings(make_settings(l1=0.1), lambda name: name not in ("l1", "loss"))
    assert not section.is_open
    assert shown_names(section) == []
    click(qtbot, section)
    assert shown_names(section) == ["l2", "clip_norm"]
    assert not section.reveal("l1")


def test_the_button_goes_where_nothing_can_be_folded(section: FoldableSection):
    section.show_settings(Settings(), lambda name: name == "loss")
    assert not section.toggle.isVisible()


def test_a_row_with_a_mistake_is_not_folded_away(section: FoldableSection, qtbot):
    section.reveal("l1")
    section.rows[1].show_error("l1: wrong.")
    click(qtbot, section)
    assert shown_names(section) == ["loss", "l1"]


def test_the_button_tells_what_the_defaults_come_to_while_all_is_folded(qapp: QApplication, qtbot):
    section = FoldableSection("Section", (), (NumberRow("l1"), NumberRow("l2")), folded_text="none")
    qtbot.addWidget(section)
    section.show_settings(Settings(), always)
    assert section.toggle.text() == "none"
    section.show_settings(make_settings(l1=0.5), always)
    assert section.toggle.text() == "Less"
    section.toggle.click()
    assert section.toggle.text() == "More"  # one row is still shown
