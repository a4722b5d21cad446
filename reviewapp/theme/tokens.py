"""The theme's colours and distances, named by what they are for.

A dark neutral grey without tint, so that the surroundings shift neither the brightness nor the
colour that a reader sees in an image. Text on ``background`` has a contrast of at least 7 : 1
(WCAG 2.2, AAA), secondary text at least 4.5 : 1 (AA).
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
    accent_strong: str = "#2f7fc1"
    on_accent: str = "#ffffff"
    selection: str = "#2b4a63"
    danger: str = "#f0716a"
    danger_surface: str = "#3b2524"
    warning: str = "#e5b454"
    success: str = "#6cc08b"
    #: behind an image under review: mid-dark neutral, as the display standards ask for reading
    image_background: str = "#101010"


DARK = Palette()

#: distances in device-independent pixels
SPACE_XS = 4
SPACE_S = 8
SPACE_M = 12
SPACE_L = 20
SPACE_XL = 32
RADIUS = 6
NAVIGATION_WIDTH = 168
CONTROL_HEIGHT = 32
