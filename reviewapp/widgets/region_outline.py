"""The outline of a region of pixels, along the pixels' own edges. Knows no Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def region_outline(region: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Straight pieces (x1, y1, x2, y2) in pixels, (0, 0) the outer corner of the first: (N, 4).

    ``region`` is (H, W). Every piece lies between a pixel of the region and one that is none (or
    the border), so the outline encloses exactly what was marked; pieces in a line are joined.
    """
    padded = np.pad(region, 1)
    below = padded[:-1, 1:-1] != padded[1:, 1:-1]
    beside = padded[1:-1, :-1] != padded[1:-1, 1:]
    rows, starts, ends = _runs(below)
    columns, tops, bottoms = _runs(beside.T)
    return np.concatenate(
        [
            np.stack([starts, rows, ends, rows], axis=1),
            np.stack([columns, tops, columns, bottoms], axis=1),
        ]
    ).astype(np.float64)


def _runs(
    edges: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Line, first position and position after the last of every run of edges."""
    changes = np.diff(np.pad(edges, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    lines, starts = np.nonzero(changes == 1)
    ends = np.nonzero(changes == -1)[1]
    return lines, starts, ends
