"""Seeded generators: each step's own, so that nothing depends on what was drawn before."""

from __future__ import annotations

import hashlib

import torch


def derived_seed(*parts: int | str) -> int:
    """A 63-bit seed that depends on every part; close parts give unrelated seeds."""
    digest = hashlib.sha256("/".join(str(part) for part in parts).encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def generator(*parts: int | str, device: torch.device | str = "cpu") -> torch.Generator:
    """A new generator on ``device`` seeded from ``parts``, for instance (seed, "step", 17)."""
    return torch.Generator(device).manual_seed(derived_seed(*parts))
