"""The value of a pixel with what it measures, in words."""

from __future__ import annotations

from collections.abc import Sequence

from engine.data.content_store import UncertaintyMap
from engine.data.records import intensity_span
from reviewapp.study.model import ImageRow


def pixel_words(value: int | Sequence[int], row: ImageRow) -> str:
    """A stored pixel: RGB of a colour image; of MR the share of the grey range, which has no unit.

    The value in the original file is told where it is known. It is approximate, because planes are
    resampled, and a bound where the import has cut the range.
    """
    if not isinstance(value, int):
        red, green, blue = value
        return f"R {red}  G {green}  B {blue} (0–255)"
    if row.bit_depth == 8:
        return f"grey {value} (0–255)"
    top = 2**row.bit_depth - 1
    words = f"grey {value / top:.3f} (0–1)"
    span = intensity_span(row.attributes) if row.source == "real" else None
    if span is None:
        return words
    sign = "≤" if value == 0 else "≥" if value == top else "≈"
    original = span[0] + (span[1] - span[0]) * value / top
    return f"{words}, in the file {sign} {original:.4g}"


def map_words(found: UncertaintyMap, x: int, y: int, size: tuple[int, int]) -> str:
    """The map's value at a pixel of an image of ``size`` (width, height)."""
    height, width = found.values.shape
    value = found.values[y * height // size[1], x * width // size[0]]
    return f"{found.kind} {value:.3g} {found.unit}"
