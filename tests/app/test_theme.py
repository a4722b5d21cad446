from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from reviewapp.preferences import Preferences, PreferencesFile
from reviewapp.theme.icons import icon
from reviewapp.theme.palette import colours
from reviewapp.theme.stylesheet import apply_theme
from reviewapp.theme.switching import ThemeSwitch
from reviewapp.theme.tokens import DARK, LIGHT, Palette
from reviewapp.widgets.empty_state import EmptyState


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication) -> Iterator[None]:
    yield
    apply_theme(qapp, DARK)


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    parts = QColor(colour)
    red, green, blue = (linear(part) for part in (parts.redF(), parts.greenF(), parts.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG 2.2, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_of_black_and_white_is_that_of_the_guideline() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_words_can_be_read(palette: Palette) -> None:
    for ground in (palette.background, palette.surface, palette.surface_raised):
        assert contrast(palette.text, ground) >= 7
        assert contrast(palette.text_secondary, ground) >= 4.5
    for colour in (palette.accent, palette.danger, palette.warning, palette.success):
        assert contrast(colour, palette.background) >= 4.5
    assert contrast(palette.danger, palette.danger_surface) >= 4.5
    assert contrast(palette.text, palette.selection) >= 4.5
    assert contrast(palette.outline, palette.surface) >= 3


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_controls_can_be_seen(palette: Palette) -> None:
    """Words on buttons by 4.5 : 1, what shows a control or the focus by 3 : 1 (WCAG 2.2, AA)."""
    assert contrast(palette.on_accent, palette.accent_strong) >= 4.5
    assert contrast(palette.danger, palette.surface_raised) >= 4.5
    grounds = (palette.background, palette.surface, palette.surface_raised)
    for ground in (*grounds, palette.selection):
        assert contrast(palette.accent, ground) >= 3, "the ring around what has the focus"
    for ground in grounds:
        assert contrast(palette.outline, ground) >= 3, "the outline of fields and boxes"
    assert contrast(palette.text, palette.accent_strong) >= 3, "the ring of the main button"
    assert contrast(palette.scroll_handle, palette.background) >= 3


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_grounds_are_without_a_tint(palette: Palette) -> None:
    for ground in (palette.background, palette.surface, palette.image_background):
        assert QColor(ground).saturation() == 0


def test_a_change_of_theme_reaches_icons_and_widgets_on_the_screen(
    qtbot: QtBot, qapp: QApplication
) -> None:
    apply_theme(qapp, DARK)
    made = icon("images")
    widget = EmptyState("images", "Nothing", "Nothing at all", "Do something")
    qtbot.addWidget(widget)
    widget.show()

    def brightest() -> int:
        picture = made.pixmap(QSize(48, 48)).toImage()
        return max(
            picture.pixelColor(x, y).lightness()
            for x in range(48)
            for y in range(48)
            if picture.pixelColor(x, y).alpha() > 200
        )

    dark_icon, dark_ground = brightest(), widget.grab().toImage().pixelColor(2, 2).lightness()
    apply_theme(qapp, LIGHT)
    assert colours() is LIGHT
    assert brightest() < 60 < 200 < dark_icon
    assert dark_ground < 60 < 200 < widget.grab().toImage().pixelColor(2, 2).lightness()


def test_images_are_read_in_the_dark_whatever_was_chosen(qapp: QApplication) -> None:
    switch = ThemeSwitch("light", qapp)
    assert colours() is LIGHT
    switch.set_reading(True)
    assert colours() is DARK
    switch.choose("light")
    assert colours() is DARK
    switch.set_reading(False)
    assert colours() is LIGHT
    switch.choose("dark")
    assert colours() is DARK


def test_preferences_are_kept(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "folder" / "preferences.json")
    assert file.read() == Preferences()
    file.change(theme="light")
    file.change(guide_seen=True)
    again = PreferencesFile(tmp_path / "folder" / "preferences.json").read()
    assert again == Preferences(theme="light", guide_seen=True)


@pytest.mark.parametrize(
    "content", ["", "[1]", "{", '{"theme": ["dark"], "language": 3, "guide_seen": "yes"}']
)
def test_damaged_preferences_are_the_defaults(tmp_path: Path, content: str) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(content, encoding="utf-8")
    assert PreferencesFile(path).read() == Preferences()


def test_preferences_that_cannot_be_written_last_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    file = PreferencesFile(tmp_path / "file" / "preferences.json")
    assert file.change(theme="light").theme == "light"
    assert file.read().theme == "light"
