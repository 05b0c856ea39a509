"""Icons: the outline drawings of the Lucide set in `resources/icons`, tinted with a theme's colours.

A drawing is rendered with QtSvg at every pixel density in use, so that it stays sharp on any screen.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.theme import Theme, mix

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
"""Where icons, typeface and style sheet are kept."""

ICON_PX = 16
STROKE_PX = 1.5
"""Width of an icon's lines on screen, whatever the size it is drawn at."""

DISABLED_SHARE = 0.5
"""How much of the panel's colour is mixed into a disabled icon."""

_DRAWING_PX = 24
"""Side of the square all drawings of the set are made in."""


def icon(
    name: str, theme: Theme, *, colour: str | None = None, size: int = ICON_PX, filled: bool = False, gap: int = 0
) -> QIcon:
    """Return an icon of the set, tinted, with a faded look for disabled widgets.

    Parameters
    ----------
    name : str
        Name of a file in `resources/icons`, without its ending.
    theme : Theme
    colour : str, optional
        #RRGGBB of the lines; the theme's text colour by default.
    size : int
        Side in pixels.
    filled : bool
        Whether closed shapes are filled with the colour.
    gap : int
        Pixels left free at the right, towards the text of a button.

    Raises
    ------
    FileNotFoundError
        When the set has no drawing of that name.
    """
    tint = colour or theme.text
    return _icon(name, tint, mix(tint, theme.panel, DISABLED_SHARE), tint, size, filled, gap, _densities())


def quiet_icon(name: str, theme: Theme, *, size: int = ICON_PX) -> QIcon:
    """Return an icon that is muted until the pointer is on its button."""
    disabled = mix(theme.muted, theme.panel, DISABLED_SHARE)
    return _icon(name, theme.muted, disabled, theme.text, size, False, 0, _densities())


def pixmap(name: str, colour: str, size: int = ICON_PX, density: float = 1.0, *, filled: bool = False, gap: int = 0) -> QPixmap:
    """Return one drawing in one colour at one pixel density."""
    drawing = QSvgRenderer(QByteArray(svg(name, colour, size, filled=filled).encode()))
    side = max(1, round(size * density))
    image = QPixmap(max(1, round((size + gap) * density)), side)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing.render(painter, QRectF(0, 0, side, side))
    painter.end()
    image.setDevicePixelRatio(density)
    return image


def svg(name: str, colour: str, size: int = ICON_PX, *, filled: bool = False) -> str:
    """Return the source of a drawing with its colour and the width of its lines filled in."""
    source = _source(name).replace('stroke-width="2"', f'stroke-width="{STROKE_PX * _DRAWING_PX / size:.3f}"')
    if filled:
        source = source.replace('fill="none"', 'fill="currentColor"')
    return source.replace("currentColor", colour)


def app_icon() -> QIcon:
    """Return the icon of the program."""
    renderer = QSvgRenderer(str(RESOURCES / "app-icon.svg"))
    result = QIcon()
    for side in (16, 32, 48, 128, 256):
        image = QPixmap(side, side)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        result.addPixmap(image)
    return result


@lru_cache(maxsize=512)
def _icon(
    name: str, normal: str, disabled: str, active: str, size: int, filled: bool, gap: int, densities: tuple[float, ...]
) -> QIcon:
    result = QIcon()
    looks = {QIcon.Mode.Normal: normal, QIcon.Mode.Disabled: disabled, QIcon.Mode.Active: active}
    for mode, colour in looks.items():
        for density in densities:
            result.addPixmap(pixmap(name, colour, size, density, filled=filled, gap=gap), mode)
    return result


@lru_cache
def _source(name: str) -> str:
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _densities() -> tuple[float, ...]:
    """Return the pixel densities of the screens in use, and 1."""
    return tuple(sorted({1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}))
