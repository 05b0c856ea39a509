"""The menu bar and every shortcut, from the one table of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from gui.actions import COMMANDS, MENUS
from gui.appearance import CHOICES

THEME_NAMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


class Menus(QObject):
    """The window's menus.

    Lives in the GUI thread.

    Parameters
    ----------
    window : QMainWindow
    run : mapping of str to callable
        What each command of the table does, by its name.
    examples : mapping of str to str
        Key and title of every example.
    panels : iterable of QAction
        What shows and hides each panel.
    recent_files : callable
        Asked for the files opened last when their menu opens.
    theme : str
        The choice in force.

    Signals
    -------
    example_chosen(str), recent_chosen(object), theme_chosen(str)
        An example's key, a file's path, a theme's name.
    """

    example_chosen = Signal(str)
    recent_chosen = Signal(object)
    theme_chosen = Signal(str)

    def __init__(
        self,
        window: QMainWindow,
        run: Mapping[str, Callable[[], object]],
        *,
        examples: Mapping[str, str],
        panels: Iterable[QAction],
        recent_files: Callable[[], list[Path]],
        theme: str,
    ) -> None:
        super().__init__(window)
        self._recent_files = recent_files
        menus = {title: window.menuBar().addMenu(f"&{title}") for title in MENUS}
        self._actions: dict[str, QAction] = {}
        for command in COMMANDS:
            action = QAction(command.text, window)
            action.setToolTip(command.help)
            if command.key:
                action.setShortcut(QKeySequence(command.key))
            action.triggered.connect(run[command.name])
            menus[command.menu].addAction(action)
            self._actions[command.name] = action
        self._fill_file_menu(menus["File"], examples)
        self._fill_view_menu(menus["View"], panels, theme)

    def _fill_file_menu(self, menu: QMenu, examples: Mapping[str, str]) -> None:
        self._recent = QMenu("Open recent", menu)
        self._recent.setToolTipsVisible(True)
        self._recent.aboutToShow.connect(self._list_recent)
        self._recent.triggered.connect(self._choose_recent)
        listed = QMenu("Examples", menu)
        for key, title in examples.items():
            listed.addAction(title).setData(key)
        listed.triggered.connect(self._choose_example)
        export = self._actions["export"]
        after_recent = self._actions["example_file"]
        menu.insertMenu(self._actions["paste"], self._recent)
        menu.insertMenu(after_recent, listed)
        menu.insertSeparator(export)
        menu.insertSeparator(self._actions["quit"])

    def _fill_view_menu(self, menu: QMenu, panels: Iterable[QAction], theme: str) -> None:
        before = self._actions["rows"]
        for action in panels:
            menu.insertAction(before, action)
        menu.insertSeparator(before)
        themes = QMenu("Theme", menu)
        group = QActionGroup(self)
        for choice in CHOICES:
            action = themes.addAction(THEME_NAMES[choice])
            action.setData(choice)
            action.setCheckable(True)
            action.setChecked(choice == theme)
            group.addAction(action)
        group.triggered.connect(self._choose_theme)
        menu.addMenu(themes)

    @Slot()
    def _list_recent(self) -> None:
        self._recent.clear()
        for path in self._recent_files():
            action = self._recent.addAction(path.name)
            action.setToolTip(str(path))
            action.setData(str(path))
        if self._recent.isEmpty():
            self._recent.addAction("No files yet").setEnabled(False)

    @Slot(QAction)
    def _choose_recent(self, action: QAction) -> None:
        self.recent_chosen.emit(Path(str(action.data())))

    @Slot(QAction)
    def _choose_example(self, action: QAction) -> None:
        self.example_chosen.emit(str(action.data()))

    @Slot(QAction)
    def _choose_theme(self, action: QAction) -> None:
        self.theme_chosen.emit(str(action.data()))
