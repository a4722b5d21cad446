"""Patches: known values, and the same pixels however an image is cut."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from engine.gans.blocks.patches import (
    coordinates,
    extended,
    reduced,
    stitched,
    upscaled,
    without_margin,
)


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def test_reduction_averages_by_area() -> None:
    image = torch.arange(16.0).view(1, 4, 4)
    torch.testing.assert_close(reduced(image, 2), torch.tensor([[[2.5, 4.5], [10.5, 12.5]]]))
    assert torch.equal(reduced(image, 4), image)


@given(
    st.sampled_from([8, 16]), st.integers(0, 8), st.integers(0, 8), st.sampled_from([0, 2, 6, 14])
)
def test_a_patch_is_up_scaled_as_if_with_the_whole_image(
    patch: int, row: int, column: int, margin: int
) -> None:
    low = noise(2, 3, 16, 16)
    y, x = (2 * min(at, (32 - patch) // 2) for at in (row, column))
    found = upscaled(extended(low, margin), y, x, patch, margin)
    assert found.shape == (2, 3, patch + 2 * margin, patch + 2 * margin)
    # Linear interpolation at the border repeats it, as `extended` does for the margin.
    whole = F.interpolate(low, scale_factor=2, mode="bilinear", align_corners=False)
    inside = without_margin(found, margin)
    torch.testing.assert_close(inside, whole[..., y : y + patch, x : x + patch])
    around = F.pad(whole, (margin, margin, margin, margin), mode="replicate")
    extent = patch + 2 * margin
    cut = around[..., y : y + extent, x : x + extent]
    torch.testing.assert_close(found, cut)


def test_coordinates_are_those_of_pixel_centres() -> None:
    whole = coordinates(0, 0, 4, 0, 4, "cpu")
    torch.testing.assert_close(whole[0, :, 0], torch.tensor([-0.75, -0.25, 0.25, 0.75]))
    torch.testing.assert_close(whole[1, 0], torch.tensor([-0.75, -0.25, 0.25, 0.75]))
    part = coordinates(2, 0, 2, 1, 4, "cpu")
    torch.testing.assert_close(part[0, :, 0], torch.tensor([-0.25, 0.25, 0.75, 1.25]))
    torch.testing.assert_close(part[1, 0], torch.tensor([-1.25, -0.75, -0.25, 0.25]))


@pytest.mark.parametrize("patch", [2, 4, 8])
def test_patches_are_put_where_they_came_from(patch: int) -> None:
    whole, asked = noise(2, 1, 8, 8), []

    def part(y: int, x: int) -> torch.Tensor:
        asked.append((y, x))
        return whole[..., y : y + patch, x : x + patch]

    assert torch.equal(stitched(part, 8, patch), whole)
    assert len(asked) == len(set(asked)) == (8 // patch) ** 2
