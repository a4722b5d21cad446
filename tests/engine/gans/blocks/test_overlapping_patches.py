"""Overlapping patches: their windows add up to 1, and no patch border shows."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from engine.gans.blocks.overlapping_patches import (
    blended,
    covering_patches,
    inner_patches,
    window,
)
from engine.training.randomness import generator


def smooth(size: int = 32, channels: int = 1) -> torch.Tensor:
    coarse = torch.randn(2, channels, 5, 5, generator=generator(8, "smooth"))
    return F.interpolate(coarse, size=size, mode="bicubic", align_corners=True)


def step_ratio(images: torch.Tensor, every: int) -> float:
    """Mean step between neighbouring columns at multiples of ``every``, over that elsewhere."""
    steps = (images[..., 1:] - images[..., :-1]).abs().mean(dim=(0, 1, 2))
    at_border = torch.arange(1, images.shape[-1]) % every == 0
    return float(steps[at_border].mean() / steps[~at_border].mean().clamp_min(1e-9))


def flat_answers(patches: torch.Tensor) -> torch.Tensor:
    """One grey value for all of a patch, far from linear in what the patch shows."""
    return torch.sin(5 * patches.mean(dim=-1, keepdim=True)).expand_as(patches)


@pytest.mark.parametrize("patch", [4, 8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_patches_put_back_are_the_image(patch: int, channels: int) -> None:
    image = smooth(channels=channels)
    back = blended(covering_patches(image, patch), 32, patch)
    torch.testing.assert_close(back, image, rtol=0, atol=1e-5)


def test_shifted_windows_add_up_to_one() -> None:
    weights = window(8)
    total = sum(weights.roll((y, x), (0, 1)) for y in (0, 4) for x in (0, 4))
    torch.testing.assert_close(total, torch.ones(8, 8))
    assert weights[0].max() < 0.05


@pytest.mark.parametrize("patch", [8, 16])
def test_no_seam_where_each_patch_gets_another_grey_value(patch: int) -> None:
    image = smooth(64)
    tiles = F.unfold(image, patch, stride=patch).transpose(1, 2)
    tiled = F.fold(flat_answers(tiles).transpose(1, 2), 64, patch, stride=patch)
    assert step_ratio(tiled, patch) > 1e6
    whole = blended(flat_answers(covering_patches(image, patch)), 64, patch)
    assert step_ratio(whole, patch // 2) < 1
    assert step_ratio(whole.transpose(2, 3), patch // 2) < 1


def test_inner_patches_are_half_a_patch_apart() -> None:
    image = torch.arange(256.0).view(1, 1, 16, 16)
    patches = inner_patches(image, 8)
    assert patches.shape == (1, 3, 3, 64)
    torch.testing.assert_close(patches[0, 1, 2].view(8, 8), image[0, 0, 4:12, 8:16])
