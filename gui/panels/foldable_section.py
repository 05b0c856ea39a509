"""A section whose less usual rows are folded away until they are wanted or in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QToolButton

from engine.settings import Settings, default
from gui.icons import quiet_icon
from gui.panels.form import Section
from gui.panels.setting_rows import SettingRow
from gui.theme import LIGHT, Theme

_ARROW_PX = 12
_AROUND_TEXT_PX = 2
"""What the arrow, its gap and the style sheet's margin add to the width of the text."""


class FoldableSection(Section):
    """Show the essential rows, and the others behind a quiet button in the section's head.

    A row that has no effect with the present choices is hidden. A folded row that differs from its default shows itself: the
    section opens when that happens, and when it is folded again by hand, the row stays. So nothing in force is ever hidden.

    Parameters
    ----------
    title : str
    essential, others : sequence of SettingRow
    folded_text : str
        What the button says while every row of the section is folded away: what the defaults come to, such as "none".
    """

    def __init__(
        self, title: str, essential: Sequence[SettingRow], others: Sequence[SettingRow], *, folded_text: str = "More"
    ) -> None:
        super().__init__(title)
        self.rows: tuple[SettingRow, ...] = (*essential, *others)
        self._others = tuple(others)
        self._defaults = {row.name: default(row.name) for row in others}
        self._folded_text = folded_text
        self._theme = LIGHT
        self._opened = False
        self._in_force: frozenset[str] = frozenset()
        self._without_effect: frozenset[str] = frozenset()
        self.toggle = QToolButton(self)
        self.toggle.setProperty("disclosure", True)
        self.toggle.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.clicked.connect(self._fold)
        self._head.addWidget(self.toggle)
        for row in self.rows:
            self.add(row)

    @property
    def is_open(self) -> bool:
        """Whether all rows that have an effect are shown."""
        return self._opened

    def show_settings(self, settings: Settings, has_effect: Callable[[str], bool]) -> None:
        """Show the values in force in the rows that have an effect."""
        for row in self.rows:
            row.show_settings(settings)
        self._without_effect = frozenset(row.name for row in self.rows if not has_effect(row.name))
        differing = frozenset(name for name, value in self._defaults.items() if getattr(settings, name) != value)
        in_force = differing - self._without_effect
        if in_force - self._in_force:
            self._opened = True
        self._in_force = in_force
        self._place()

    def reveal(self, name: str) -> bool:
        """Unfold the section if the row `name` is folded away; return False where it stays hidden, for it has no effect."""
        if name in self._without_effect:
            return False
        if any(row.name == name and row.isHidden() for row in self._others):
            self._opened = True
            self._place()
        return True

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        for row in self.rows:
            row.set_theme(theme)
        self._tint()

    @Slot()
    def _fold(self) -> None:
        self._opened = not self._opened
        self._place()

    def _place(self) -> None:
        for row in self.rows:
            wanted = self._opened or row not in self._others or row.name in self._in_force or bool(row.error)
            row.setHidden(row.name in self._without_effect or not wanted)
        foldable = self._defaults.keys() - self._without_effect - self._in_force
        self.toggle.setHidden(not foldable)
        self._write()

    def _write(self) -> None:
        """Say on the button what it does, and whether anything is folded away."""
        empty = all(row.isHidden() for row in self.rows)
        text = "Less" if self._opened else self._folded_text if empty else "More"
        if text == self.toggle.text():
            return
        self.toggle.ensurePolished()
        self.toggle.setFixedWidth(_ARROW_PX + self.toggle.fontMetrics().horizontalAdvance(text) + _AROUND_TEXT_PX)
        self.toggle.setText(text)
        what = f"{'Fewer' if self._opened else 'More'} settings: {self.title.text().lower()}"
        self.toggle.setToolTip(what)
        self.toggle.setAccessibleName(what)
        self._tint()

    def _tint(self) -> None:
        name = "chevron-down" if self._opened else "chevron-right"
        self.toggle.setIcon(quiet_icon(name, self._theme, size=_ARROW_PX))
