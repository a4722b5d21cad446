"""The palette in use: every paint asks for it, so that a change of theme shows at once."""

from __future__ import annotations

from reviewapp.theme.tokens import DARK, Palette

_in_use = DARK


def colours() -> Palette:
    """The palette that the window has now; ask when painting, do not keep the answer."""
    return _in_use


def use_colours(palette: Palette) -> None:
    """Make ``palette`` the one in use; `reviewapp.theme.stylesheet.apply_theme` calls this."""
    global _in_use
    _in_use = palette
