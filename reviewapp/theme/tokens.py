"""The themes' colours and distances, named by what they are for.

Neutral greys without tint, so that the surroundings shift neither the brightness nor the colour
that a reader sees in an image. Text on ``background`` has a contrast of at least 7 : 1 (WCAG 2.2,
AAA), secondary text and the colours that words are written in at least 4.5 : 1 (AA).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#rrggbb``."""

    background: str = "#1a1a1a"
    surface: str = "#242424"
    surface_raised: str = "#2e2e2e"
    border: str = "#3d3d3d"
    text: str = "#ececec"
    text_secondary: str = "#ababab"
    accent: str = "#4f9ddb"
    accent_strong: str = "#2b76b4"
    on_accent: str = "#ffffff"
    selection: str = "#2b4a63"
    danger: str = "#f0716a"
    danger_surface: str = "#3b2524"
    warning: str = "#e5b454"
    success: str = "#6cc08b"
    #: text of what cannot be used now
    disabled: str = "#7a7a7a"
    #: outline of what is typed or ticked in, 3 : 1 against its surroundings (WCAG 2.2, 1.4.11)
    outline: str = "#8f8f8f"
    scroll_handle: str = "#6b6b6b"
    #: what is done of work that has stopped
    inactive: str = "#565656"
    #: behind an image under review: mid-dark neutral, as the display standards ask for reading
    image_background: str = "#101010"


DARK = Palette()
LIGHT = Palette(
    background="#f3f3f3",
    surface="#ffffff",
    surface_raised="#e8e8e8",
    border="#c4c4c4",
    text="#1a1a1a",
    text_secondary="#565656",
    accent="#1b69a8",
    accent_strong="#1b69a8",
    selection="#cde2f4",
    danger="#b3261e",
    danger_surface="#fbe6e4",
    warning="#8a5600",
    success="#1c7040",
    disabled="#8a8a8a",
    outline="#767676",
    scroll_handle="#8c8c8c",
    inactive="#b4b4b4",
)

#: distances in device-independent pixels
SPACE_XS = 4
SPACE_S = 8
SPACE_M = 12
SPACE_L = 20
SPACE_XL = 32
RADIUS = 6
NAVIGATION_WIDTH = 168
NAVIGATION_NARROW = 56
CONTROL_HEIGHT = 32
