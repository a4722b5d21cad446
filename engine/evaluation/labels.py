"""How distances are called: FID and KID are names for Inception-v3 features alone."""

from __future__ import annotations

from typing import Literal

#: the name of the extractor whose distances are the published FID and KID
INCEPTION = "Inception-v3"
_SHORT = {"Fréchet": ("FID", "FD"), "kernel": ("KID", "KD")}


def distance_label(kind: Literal["Fréchet", "kernel"], extractor: str) -> str:
    """``FID`` with the published Inception-v3 weights, else for instance ``FD (acdc-encoder)``."""
    published, general = _SHORT[kind]
    return published if extractor == INCEPTION else f"{general} ({extractor})"
