"""The look of the whole program: a theme's colours and the typeface given to Qt and to the plots."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Literal, get_args

import pyqtgraph as pg
from PySide6.QtCore import QDir, QObject, Qt, QTemporaryDir, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from gui.icons import RESOURCES, svg
from gui.theme import CORNER, DARK, LIGHT, PANEL_HEAD, SMALL_PX, SPACE, TEXT_PX, THEMES, TITLE_PX, TOOLBAR_HEIGHT, Theme, mix

Choice = Literal["system", "light", "dark"]
CHOICES: tuple[Choice, ...] = get_args(Choice)

FAMILY = "Inter"
_DRAWN_BY_STYLE_SHEET = ("chevron-down", "chevron-right", "chevron-up", "check", "x")
_CONTROL_CORNER = 6
_SEARCH_PREFIX = "themed"


class Appearance(QObject):
    """Gives the application its look, and keeps it in step with the system's colour scheme.

    Lives in the GUI thread for as long as the application; one is enough.

    Signals
    -------
    theme_changed(object)
        The new Theme; views and panels with colours of their own take it in `set_theme`.
    """

    theme_changed = Signal(object)

    def __init__(self, application: QApplication, choice: Choice = "system") -> None:
        super().__init__(application)
        self._application = application
        self._drawings = QTemporaryDir()
        QDir.setSearchPaths(_SEARCH_PREFIX, [self._drawings.path()])
        application.setStyle("Fusion")
        application.setFont(application_font())
        self._choice: Choice = choice
        self._theme: Theme | None = None
        application.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.set_choice(choice)

    @property
    def theme(self) -> Theme:
        """The theme in use."""
        return self._theme or LIGHT

    @property
    def choice(self) -> Choice:
        """What the user asked for: follow the system, or one theme always."""
        return self._choice

    def set_choice(self, choice: str) -> None:
        """Follow the system ("system"), or keep to "light" or "dark"; anything else counts as "system"."""
        self._choice = next((known for known in CHOICES if known == choice), "system")
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}
        self._application.styleHints().setColorScheme(schemes[self._choice])
        self._show(self._wanted())

    @Slot()
    def _follow_system(self) -> None:
        self._show(self._wanted())

    def _wanted(self) -> Theme:
        if self._choice != "system":
            return THEMES[self._choice]
        dark = self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return DARK if dark else LIGHT

    def _show(self, theme: Theme) -> None:
        if theme == self._theme:
            return
        self._theme = theme
        write_drawings(theme, Path(self._drawings.path()))
        self._application.setPalette(palette(theme))
        self._application.setStyleSheet(style_sheet(theme))
        configure_plots(theme)
        self.theme_changed.emit(theme)


def application_font() -> QFont:
    """Return the typeface of the program, with figures of equal width; the system's own where ours can't be loaded."""
    for path in sorted((RESOURCES / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))
    known = FAMILY in QFontDatabase.families()
    font = QFont(FAMILY) if known else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(TEXT_PX)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font


def palette(theme: Theme) -> QPalette:
    """Return the theme as Qt's palette, for whatever the style sheet does not draw."""
    tokens = style_tokens(theme)
    result = QPalette()
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window, role.WindowText: theme.text, role.Base: theme.panel, role.AlternateBase: theme.field,
        role.Text: theme.text, role.PlaceholderText: theme.muted, role.Button: theme.field, role.ButtonText: theme.text,
        role.BrightText: theme.danger, role.ToolTipBase: theme.panel, role.ToolTipText: theme.text,
        role.Highlight: theme.accent, role.HighlightedText: theme.on_accent, role.Accent: theme.accent,
        role.Link: theme.accent, role.LinkVisited: theme.accent, role.Light: theme.panel, role.Midlight: theme.field,
        role.Mid: theme.line, role.Dark: tokens["edge"], role.Shadow: tokens["edge"],
    }  # fmt: skip
    for name, colour in colours.items():
        result.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, name, QColor(tokens["disabled"]))
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.line))
    return result


def style_tokens(theme: Theme) -> dict[str, str]:
    """Return what the style sheet may name: the theme's colours, shades made from them, and the sizes."""
    colours = {
        name: getattr(theme, name)
        for name in (
            "window",
            "panel",
            "field",
            "line",
            "text",
            "muted",
            "accent",
            "on_accent",
            "train",
            "validation",
            "danger",
        )
    }
    shades = {
        "hover": mix(theme.field, theme.text, 0.05),
        "pressed": mix(theme.field, theme.text, 0.11),
        "edge": mix(theme.line, theme.text, 0.16),
        "disabled": mix(theme.muted, theme.panel, 0.28),
        "accent_hover": mix(theme.accent, theme.text, 0.12),
        "accent_pressed": mix(theme.accent, theme.text, 0.22),
        "accent_soft": mix(theme.panel, theme.accent, 0.16),
        "danger_soft": mix(theme.panel, theme.danger, 0.08),
        "scroll": mix(theme.line, theme.text, 0.2),
        "scroll_hover": mix(theme.line, theme.text, 0.4),
    }
    sizes = {
        "space": SPACE, "corner": CORNER, "control_corner": _CONTROL_CORNER, "text_px": TEXT_PX, "small_px": SMALL_PX,
        "title_px": TITLE_PX, "panel_head": PANEL_HEAD, "toolbar_height": TOOLBAR_HEIGHT,
    }  # fmt: skip
    return {**colours, **shades, **{name: str(size) for name, size in sizes.items()}, "theme": theme.name}


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of the application for a theme.

    Raises
    ------
    KeyError
        When the template names a token that does not exist.
    """
    template = (RESOURCES / "style.qss").read_text(encoding="utf-8")
    return Template(template).substitute(style_tokens(theme))


def write_drawings(theme: Theme, folder: Path) -> None:
    """Write the tinted drawings the style sheet refers to (style sheets can't tint) into `folder`/<theme>."""
    own = folder / theme.name
    own.mkdir(exist_ok=True)
    tints = {
        "": theme.muted,
        "-disabled": style_tokens(theme)["disabled"],
        "-accent": theme.accent,
        "-on-accent": theme.on_accent,
    }
    for name in _DRAWN_BY_STYLE_SHEET:
        for suffix, colour in tints.items():
            (own / f"{name}{suffix}.svg").write_text(svg(name, colour), encoding="utf-8")


def configure_plots(theme: Theme) -> None:
    """Give pyqtgraph the theme's colours, for plots made from now on."""
    pg.setConfigOptions(background=theme.panel, foreground=theme.muted, imageAxisOrder="row-major", useOpenGL=False)


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties the style sheet looks at, and have the widget drawn anew where one of them changed."""
    changed = [name for name, value in properties.items() if widget.property(name) != value]
    for name in changed:
        widget.setProperty(name, properties[name])
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
