"""Which ratings judge a round instead of training it: a hash of their group, stable over rounds."""

from __future__ import annotations

import hashlib

#: share of the groups whose ratings never train
HELD_OUT_FRACTION = 0.25


def is_held_out(group: str, fraction: float = HELD_OUT_FRACTION, salt: str = "") -> bool:
    """Whether the ratings of ``group`` (a patient, or a single image) are held out.

    About ``fraction`` (0 to 1) of all groups are. The same group, fraction and salt always give
    the same answer, so that what has judged one round does not train a later one.
    """
    digest = hashlib.sha256(f"{salt}/{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < fraction * 2**64
