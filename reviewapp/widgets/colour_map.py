"""Colour maps for grey images and for maps of values, as tables of 256 colours."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

GREY = "grey"
#: all even in brightness from dark to light, so that order is kept also in print or colour-blind
COLOUR_MAPS = (GREY, "viridis", "magma", "inferno", "cividis")


@lru_cache(maxsize=8)
def colour_table(name: str) -> NDArray[np.uint8]:
    """The colours of a map from its lowest to its highest value: uint8 (256, 3), read-only.

    Raises `ValueError` for a name that is not one of `COLOUR_MAPS`.
    """
    if name not in COLOUR_MAPS:
        raise ValueError(f"'{name}' is no colour map; choose one of {', '.join(COLOUR_MAPS)}.")
    if name == GREY:
        ramp = np.arange(256, dtype=np.uint8)
        table = np.stack([ramp, ramp, ramp], axis=1)
    else:
        # Only users of colour pay for loading the plotting library.
        from pyqtgraph import colormap

        table = colormap.get(name).getLookupTable(nPts=256, alpha=False).astype(np.uint8)
    table.setflags(write=False)
    return table
