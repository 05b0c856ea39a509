"""The look: contrast, style sheet, typeface, icons, and following the system."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QIcon
from PySide6.QtWidgets import QApplication

import gui.appearance as appearance_module
from gui.appearance import Appearance, application_font, palette, restyle, style_sheet, style_tokens, write_drawings
from gui.icons import RESOURCES, app_icon, icon, pixmap, quiet_icon
from gui.theme import DARK, LIGHT, THEMES, Theme, rgb

READABLE = 4.5
FAINT = 3.0
"""Least contrast of text, and of disabled text, as the Web Content Accessibility Guidelines ask for."""

TEXT_PAIRS = [
    *[("text", ground) for ground in ("window", "panel", "field", "hover", "pressed", "accent_soft")],
    *[("muted", ground) for ground in ("window", "panel", "field", "hover")],
    *[("on_accent", ground) for ground in ("accent", "accent_hover", "accent_pressed")],
    *[(colour, "panel") for colour in ("accent", "train", "validation", "danger")],
    ("danger", "danger_soft"),
    ("text", "danger_soft"),
]


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.1)."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in (c / 255 for c in rgb(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize(("front", "ground"), TEXT_PAIRS)
def test_text_is_readable(theme: Theme, front: str, ground: str):
    tokens = style_tokens(theme)
    assert contrast(tokens[front], tokens[ground]) >= READABLE


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("ground", ["panel", "field"])
def test_disabled_text_can_be_read(theme: Theme, ground: str):
    tokens = style_tokens(theme)
    assert contrast(tokens["disabled"], tokens[ground]) >= FAINT


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_focus_ring_stands_out(theme: Theme):
    tokens = style_tokens(theme)
    assert min(contrast(tokens["accent"], tokens[ground]) for ground in ("panel", "field", "window")) >= FAINT


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_style_sheet_has_every_token_filled(theme: Theme):
    sheet = style_sheet(theme)
    assert "$" not in sheet
    assert theme.panel in sheet
    assert sheet.count("{") == sheet.count("}")


def test_colours_of_controls_come_from_tokens():
    template = (RESOURCES / "style.qss").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9A-Fa-f]{6}\b", template) == []


def test_every_drawing_the_style_sheet_names_is_written(qapp: QApplication, tmp_path: Path):
    write_drawings(DARK, tmp_path)
    named = set(re.findall(r"url\(themed:([^)]+)\)", style_sheet(DARK)))
    assert named
    assert all((tmp_path / name).is_file() for name in named)


def test_figures_have_one_width(qapp: QApplication):
    metrics = QFontMetricsF(application_font())
    assert metrics.horizontalAdvance("1111.1") == pytest.approx(metrics.horizontalAdvance("8888.8"))


def test_style_sheet_keeps_figures_of_one_width(qapp: QApplication, qtbot):
    from PySide6.QtWidgets import QLabel

    Appearance(qapp, "light")
    label = QLabel("1111")
    label.setProperty("role", "small")
    qtbot.addWidget(label)
    label.ensurePolished()
    metrics = QFontMetricsF(label.font())
    assert metrics.horizontalAdvance("1111") == pytest.approx(metrics.horizontalAdvance("8888"))


def test_the_systems_typeface_stands_in(qapp: QApplication, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(appearance_module, "FAMILY", "No Such Family")
    font = application_font()
    assert font.family() == QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def test_weights_of_the_typeface_are_shipped(qapp: QApplication):
    application_font()
    assert {"Regular", "Medium", "SemiBold"} <= set(QFontDatabase.styles("Inter"))
    assert QFontDatabase.weight("Inter", "SemiBold") == QFont.Weight.DemiBold.value


def test_choice_decides_the_theme(qapp: QApplication, qtbot):
    appearance = Appearance(qapp, "dark")
    assert appearance.theme is DARK
    assert qapp.palette().window().color() == palette(DARK).window().color()
    with qtbot.waitSignal(appearance.theme_changed) as changed:
        appearance.set_choice("light")
    assert changed.args == [LIGHT]


def test_unknown_choice_follows_the_system(qapp: QApplication):
    appearance = Appearance(qapp, "dark")
    appearance.set_choice("sepia")
    assert appearance.choice == "system"


def test_choosing_the_same_theme_again_changes_nothing(qapp: QApplication, qtbot):
    appearance = Appearance(qapp, "light")
    with qtbot.assertNotEmitted(appearance.theme_changed):
        appearance.set_choice("light")


def test_icon_has_the_colour_asked_for(qapp: QApplication):
    image = pixmap("play", LIGHT.danger, 16, 2.0, filled=True).toImage()
    assert image.width() == 32
    assert image.pixelColor(14, 16).name().upper() == LIGHT.danger


def test_disabled_icon_is_paler(qapp: QApplication):
    drawn = icon("x", LIGHT)
    assert drawn.pixmap(16, QIcon.Mode.Disabled).toImage() != drawn.pixmap(16).toImage()


def test_quiet_icon_darkens_under_the_pointer(qapp: QApplication):
    drawn = quiet_icon("x", LIGHT)
    assert drawn.pixmap(16, QIcon.Mode.Active).toImage() != drawn.pixmap(16).toImage()


def test_missing_icon_is_an_error(qapp: QApplication):
    with pytest.raises(FileNotFoundError):
        icon("no-such-drawing", LIGHT)


@pytest.mark.parametrize("path", sorted((RESOURCES / "icons").glob("*.svg")), ids=lambda path: path.stem)
def test_every_drawing_can_be_drawn(qapp: QApplication, path: Path):
    image = pixmap(path.stem, "#000000", 24).toImage()
    assert any(image.pixelColor(x, y).alpha() > 128 for x in range(24) for y in range(24))


def test_program_has_an_icon(qapp: QApplication):
    assert not app_icon().isNull()


@pytest.mark.parametrize("licence", ["fonts/OFL.txt", "icons/LICENSE"])
def test_licences_are_shipped(licence: str):
    assert (RESOURCES / licence).stat().st_size > 500


def test_fonts_stay_small():
    assert sum(path.stat().st_size for path in (RESOURCES / "fonts").glob("*.ttf")) < 1.2e6


def test_restyle_sets_properties(qapp: QApplication, qtbot):
    from PySide6.QtWidgets import QLineEdit

    field = QLineEdit()
    qtbot.addWidget(field)
    restyle(field, invalid=True)
    assert field.property("invalid") is True
