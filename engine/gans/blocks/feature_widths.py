"""How many channels a pyramid of convolutions has at each size."""

from __future__ import annotations

import math


def widths(narrowest: int, size: int) -> list[int]:
    """Channels from next to the image down to the 4 x 4 features: doubled at each halving."""
    return [narrowest * 2**level for level in range(int(math.log2(size)) - 2)]
