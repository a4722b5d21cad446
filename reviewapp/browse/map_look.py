"""How an uncertainty map is shown with its image. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.content_store import UncertaintyMap

MapMode = Literal["overlay", "beside", "outline"]
MODES: tuple[MapMode, ...] = ("overlay", "beside", "outline")
#: the few largest values do not stretch the colours over everything else
_SCALE_PERCENTILE = 99.5
_LEVELS = 65535


@dataclass(frozen=True, slots=True)
class MapLook:
    """``opacity`` (0–1) of an overlay; an outline is drawn around the ``top`` share (0–1)."""

    mode: MapMode = "overlay"
    opacity: float = 0.6
    top: float = 0.1


def scale_top(found: UncertaintyMap) -> float:
    """The value that gets the last colour, for itself and everything above."""
    return float(np.percentile(found.values, _SCALE_PERCENTILE))


def outline_threshold(found: UncertaintyMap, top: float) -> float:
    """The value that the highest ``top`` share of the map's pixels reaches."""
    return float(np.quantile(found.values, 1 - top))


def outlined(found: UncertaintyMap, top: float) -> NDArray[np.bool_]:
    """The pixels (H, W) that the outline encloses; none of a map without differences."""
    threshold = outline_threshold(found, top)
    if threshold <= float(found.values.min()):
        return np.zeros(found.values.shape, dtype=bool)
    return found.values >= threshold


def map_pixels(found: UncertaintyMap, high: float) -> NDArray[np.uint16]:
    """The map as an image (H, W) to be coloured, 0 black and ``high`` the last level."""
    span = max(high, float(np.finfo(np.float32).tiny))
    levels: NDArray[np.uint16] = np.rint(np.clip(found.values / span, 0, 1) * _LEVELS).astype(
        np.uint16
    )
    return levels
